"""Which cell of a comparison a stored trial belongs to."""

from array import array
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from passmuster.records.case import Case
from passmuster.records.digest import DIGEST_BYTES
from passmuster.records.trial import TrialKey
from passmuster.runner.plan import pools

_PREFIX = 8
"""Bytes of a digest by which it is found; at most 8."""


class Cells:
    """The cells of cases and repeats: cases with equal input share the trials of one digest (see `pools`).

    Digests are found by their first 64 bits in a sorted array, at some forty bytes a case.

    Args:
        cases: The cases.
        repeats: How many repeats each has.
    """

    def __init__(self, cases: Sequence[Case], repeats: int) -> None:
        self._repeats = repeats
        self._digests = bytearray()
        prefixes, self._firsts, self._strides = array("Q"), array("I"), array("I")
        for digest, first, stride in pools(cases).turns():
            raw = bytes.fromhex(digest)
            self._digests += raw
            prefixes.append(int.from_bytes(raw[:_PREFIX]))
            self._firsts.append(first)
            self._strides.append(stride)
        # Cases of one digest lie side by side, in the order of their first repeats.
        keys = np.frombuffer(prefixes, dtype=np.uint64)
        order = np.lexsort((np.frombuffer(self._firsts, dtype=np.uint32), keys))
        self._order = array("I", order.astype(np.uint32).tobytes())
        self._prefixes = array("Q", keys[order].tobytes())

    def place(self, key: TrialKey) -> int | None:
        """Return the cell of a trial: case times repeats, plus the repeat; None where it was not planned."""
        try:
            digest = bytes.fromhex(key.case)
        except ValueError:
            return None
        prefix = int.from_bytes(digest[:_PREFIX])
        begin = bisect_left(self._prefixes, prefix)
        if begin == len(self._prefixes) or self._prefixes[begin] != prefix:
            return None
        case = self._case(digest, key.repeat, begin)
        if case is None:
            return None
        round_ = key.repeat // self._strides[case]
        return case * self._repeats + round_ if round_ < self._repeats else None

    def _case(self, digest: bytes, repeat: int, begin: int) -> int | None:
        guess = begin + repeat % self._strides[self._order[begin]]
        if guess < len(self._order) and self._is(self._order[guess], digest, repeat):
            return self._order[guess]
        # Different digests with the same 64 bits: next to impossible, and looked through one by one.
        prefix = self._prefixes[begin]
        for place in range(begin, len(self._prefixes)):
            if self._prefixes[place] != prefix:
                break
            if self._is(self._order[place], digest, repeat):
                return self._order[place]
        return None

    def _is(self, case: int, digest: bytes, repeat: int) -> bool:
        return self._digest(case) == digest and self._firsts[case] == repeat % self._strides[case]

    def _digest(self, case: int) -> bytearray:
        return self._digests[case * DIGEST_BYTES : (case + 1) * DIGEST_BYTES]

    def key(self, candidate: str, case: int, repeat: int) -> TrialKey:
        """Return the key of a candidate's (digest) trial on a case in a repeat."""
        turn = self._firsts[case] + repeat * self._strides[case]
        return TrialKey(self._digest(case).hex(), candidate, turn)


class Places:
    """In which part of the cases each one is, and where there; one part that holds them all takes no memory.

    Args:
        parts: The positions of each part's cases; together every case once.
        cases: How many cases there are.

    Example:
        >>> places = Places([[0, 2], [1]], 3)
        >>> places.of(2), places.of(1)
        ((0, 1), (1, 0))
    """

    def __init__(self, parts: Sequence[Sequence[int]], cases: int) -> None:
        self._part, self._local = array("b"), array("I")
        if len(parts) > 1:
            self._part, self._local = array("b", bytes(cases)), array("I", bytes(4 * cases))
            for number, positions in enumerate(parts):
                for local, position in enumerate(positions):
                    self._part[position], self._local[position] = number, local

    def of(self, case: int) -> tuple[int, int]:
        """Return the number of a case's part, and its own number there."""
        return (self._part[case], self._local[case]) if self._part else (0, case)
