"""Who is who among many cases: ids, digests and turns, held in some fifty bytes a case."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, TypeVar, overload

from passmuster.records.case import Case, case_digest
from passmuster.records.digest import DIGEST_BYTES

T_co = TypeVar("T_co", covariant=True)

SHELVES = 256
"""Digests are looked through by their first byte, so that only one part in 256 is in hand at a time."""


class Listed(Sequence[T_co], Generic[T_co]):
    """A sequence whose items are made when they are asked for; a slice of it is a list."""

    def item(self, position: int) -> T_co:
        """Return the item at a position from 0 to the length less one."""
        raise NotImplementedError

    @overload
    def __getitem__(self, position: int) -> T_co: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[T_co]: ...
    def __getitem__(self, position: int | slice) -> T_co | Sequence[T_co]:
        places = range(len(self))[position]
        return self.item(places) if isinstance(places, int) else [self.item(place) for place in places]

    def __iter__(self) -> Iterator[T_co]:
        return map(self.item, range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(mine == its for mine, its in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # it may equal a list, which has none


class Keys(Listed[tuple[str, str]]):
    """The (id, digest) of each case, in 24 bytes a case besides its id.

    Example:
        >>> keys = Keys([Case(id="1", input="a")])
        >>> keys[0]
        ('1', 'ffa9249c5ce3d27c3885c7cc757356bb')
    """

    def __init__(self, cases: Iterable[Case] = ()) -> None:
        self._names = bytearray()
        self._ends = array("Q", [0])
        self._digests = bytearray()
        for case in cases:
            self.add(case)

    def add(self, case: Case) -> None:
        """Take in the next case."""
        self.take(case.id, bytes.fromhex(case_digest(case)))

    def take(self, name: str, digest: bytes) -> None:
        """Take in the next case by its id and the bytes of its digest."""
        self._names += name.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._names))
        self._digests += digest

    def __len__(self) -> int:
        return len(self._digests) // DIGEST_BYTES

    def item(self, position: int) -> tuple[str, str]:
        """Return id and digest of the case at a position."""
        return self.name(position), self.digest(position)

    def name(self, position: int) -> str:
        """Return the id of the case at a position."""
        return self._names[self._ends[position] : self._ends[position + 1]].decode("utf-8", "surrogatepass")

    def digest(self, position: int) -> str:
        """Return the digest of the case at a position."""
        return self._digests[position * DIGEST_BYTES : (position + 1) * DIGEST_BYTES].hex()

    def chosen(self, positions: Iterable[int]) -> "Keys":
        """Return those at these positions, in that order."""
        found = Keys()
        for position in positions:
            found.take(self.name(position), bytes.fromhex(self.digest(position)))
        return found

    def joined(self, other: "Keys") -> "Keys":
        """Return these and then the others."""
        found = self.chosen(range(len(self)))
        for name, digest in other:
            found.take(name, bytes.fromhex(digest))
        return found

    def twins(self) -> Iterator[list[int]]:
        """Yield the positions, in order, of the cases that share a digest, for each that more than one has."""
        shelves = [array("I") for _ in range(SHELVES)]
        for position, first in enumerate(memoryview(self._digests)[::DIGEST_BYTES]):
            shelves[first].append(position)
        digests = bytes(self._digests)
        for shelf in shelves:
            seen: dict[bytes, int] = {}
            several: dict[int, list[int]] = {}
            for position in shelf:
                start = position * DIGEST_BYTES
                first = seen.setdefault(digests[start : start + DIGEST_BYTES], position)
                if first != position:
                    several.setdefault(first, [first]).append(position)
            yield from several.values()


class KeyedCases(Listed[Case]):
    """Cases with their keys, which are worked out once."""

    def __init__(self, cases: Sequence[Case], keys: Keys | None = None) -> None:
        self._cases = cases
        self.keys = Keys(cases) if keys is None else keys

    @classmethod
    def of(cls, cases: Sequence[Case]) -> "KeyedCases":
        """Return the cases with their keys; the very same where they have them already."""
        return cases if isinstance(cases, cls) else cls(cases)

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Case]:
        return iter(self._cases)

    def item(self, position: int) -> Case:
        """Return the case at a position."""
        return self._cases[position]

    def chosen(self, positions: Sequence[int]) -> "KeyedCases":
        """Return the cases at these positions, in that order, and hold none of them."""
        places = array("Q", positions)
        return KeyedCases(_Chosen(self._cases, places), self.keys.chosen(places))


class _Chosen(Listed[Case]):
    def __init__(self, cases: Sequence[Case], positions: Sequence[int]) -> None:
        self._cases = cases
        self._positions = positions

    def __len__(self) -> int:
        return len(self._positions)

    def item(self, position: int) -> Case:
        return self._cases[self._positions[position]]


class Joined(Listed[Case]):
    """The cases of two bodies, one after the other, and holds none of them."""

    def __init__(self, first: Sequence[Case], second: Sequence[Case]) -> None:
        self._first = first
        self._second = second

    def __len__(self) -> int:
        return len(self._first) + len(self._second)

    def __iter__(self) -> Iterator[Case]:
        yield from self._first
        yield from self._second

    def item(self, position: int) -> Case:
        """Return the case at a position."""
        own = len(self._first)
        return self._first[position] if position < own else self._second[position - own]


class Pools(Listed[tuple[str, str, int]]):
    """The (id, digest, first repeat) of each case: cases with equal input share the trials of one digest.

    The k-th of m such cases, by id, uses the repeats k, k + m, k + 2m ... So no trial is lost, and none is
    scored with another's reply.

    Example:
        >>> twins = [Case(id="b", input="x"), Case(id="a", input="x"), Case(id="c", input="y")]
        >>> [(name, first) for name, _, first in Pools(Keys(twins))]
        [('b', 1), ('a', 0), ('c', 0)]
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._firsts = array("I", bytes(4 * len(keys)))
        self._strides = array("I", [1]) * len(keys)
        for twins in keys.twins():
            ordered = sorted(twins, key=lambda position: (keys.name(position), position))
            for turn, position in enumerate(ordered):
                self._firsts[position] = turn
                self._strides[position] = len(ordered)

    def __len__(self) -> int:
        return len(self._keys)

    def item(self, position: int) -> tuple[str, str, int]:
        """Return id, digest and first repeat of the case at a position."""
        return (*self._keys.item(position), self._firsts[position])

    def turns(self) -> Iterator[tuple[str, int, int]]:
        """Yield digest, first repeat and the step to the next one, case by case."""
        for position, (first, stride) in enumerate(zip(self._firsts, self._strides, strict=True)):
            yield self._keys.digest(position), first, stride
