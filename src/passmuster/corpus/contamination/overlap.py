"""Runs of words of the cases, to be found again in millions of other texts.

Thirteen words as in Brown et al. 2020, "Language models are few-shot learners", appendix C. Shorter texts are
looked for whole: among the words of a text from `EMBEDDED` words on, as a line or value of their own from `SHORTEST`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from passmuster.corpus.contamination.passages import EMBEDDED, SHORTEST, Passage, pieces
from passmuster.corpus.ngrams import GRAM_WORDS, words
from passmuster.records.case import Case
from passmuster.records.contamination import Copied
from passmuster.records.text import input_text

MANY_CASES = 3
MANY_SHARE = 0.01
"""A run is boilerplate when more cases than both of these have it; those of one group or of equal text count once."""

_BASE = np.uint64(0x9E3779B97F4A7C15)
_EXCERPT_WORDS = 20

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The runs of one length, sorted: whether each is boilerplate, and where it was met first (-1: nowhere)."""

    runs: Hashes
    common: NDArray[np.bool_]
    met: NDArray[np.int64]


@dataclass(slots=True)
class Found:
    """What one source holds: how many texts it has, and what it has of the cases."""

    texts: int = 0
    copied: list[Copied] = field(default_factory=list)
    boilerplate: set[str] = field(default_factory=set)


class Wanted:
    """The runs of words of some cases; sources are looked through one after the other.

    Args:
        cases: What is looked for.
        background: More cases of the same kind; what stands in many of them is boilerplate as well.
    """

    def __init__(self, cases: Sequence[Case], background: Iterable[Case] = ()) -> None:
        self._cases = cases
        self._shelves = _shelves(cases, background)
        self._long = [n for n in self._shelves if n >= EMBEDDED]
        self._lines = [n for n in self._shelves if n < EMBEDDED]

    @property
    def looked_for(self) -> int:
        """How many of the cases say enough to be looked for."""
        return sum(any(True for _ in _texts(case)) for case in self._cases)

    def found(self, name: str, passages: Iterable[Passage]) -> Found:
        """Look through a source once and return what it holds of the cases."""
        for shelf in self._shelves.values():
            shelf.met.fill(-1)
        places: list[str] = []
        result = Found()
        for passage in passages:
            result.texts += 1
            if self._look(passage.text, len(places)):
                places.append(passage.place)
        if places:
            for case in self._cases:
                self._judge(case, name, places, result)
        return result

    def _look(self, text: str, number: int) -> bool:
        """Mark the runs that a text holds as met in it, and return whether there is any."""
        seen = False
        if self._long:
            hashes = _hashed(words(text))
            for n in self._long:
                seen |= _mark(self._shelves[n], _runs(hashes, n), number)
        if self._lines:
            for line in _short_lines(text):
                if line.size in self._shelves:
                    seen |= _mark(self._shelves[line.size], _runs(line, line.size), number)
        return seen

    def _judge(self, case: Case, name: str, places: Sequence[str], result: Found) -> None:
        covered, total, first, excerpt = 0, 0, len(places), ""
        common = False
        for found in _texts(case):
            hashes = _hashed(found)
            n = min(len(found), GRAM_WORDS)
            shelf = self._shelves[n]
            at = np.searchsorted(shelf.runs, _runs(hashes, n))
            met, usual = shelf.met[at], shelf.common[at]
            common |= bool(((met >= 0) & usual).any())
            hit = (met >= 0) & ~usual
            total += len(found)
            if hit.any():
                inside = _inside(hit, n, len(found))
                covered += int(inside.sum())
                first = min(first, int(met[hit].min()))
                excerpt = max(excerpt, _excerpt(found, inside), key=len)
        if covered:
            place, share = places[first], covered / total
            result.copied.append(Copied(case=case.id, source=name, place=place, share=share, excerpt=excerpt))
        elif common:
            result.boilerplate.add(case.id)


def _texts(case: Case) -> Iterator[list[str]]:
    """Yield the words of each text of a case that is long enough; of all together where none is."""
    found = [each for text in pieces(case.input) if len(each := words(text)) >= SHORTEST]
    if not found:
        whole = words(input_text(case.input))
        found = [whole] if len(whole) >= SHORTEST else []
    return iter(found)


def _shelves(cases: Sequence[Case], background: Iterable[Case]) -> dict[int, _Shelf]:
    lots: dict[int, list[Hashes]] = {}
    for case in cases:
        for found in _texts(case):
            n = min(len(found), GRAM_WORDS)
            lots.setdefault(n, []).append(_runs(_hashed(found), n))
    shelves: dict[int, _Shelf] = {}
    for n, held in sorted(lots.items()):
        runs = np.unique(np.concatenate(held))
        shelves[n] = _Shelf(runs, np.zeros(runs.size, dtype=np.bool_), np.full(runs.size, -1, dtype=np.int64))
    _mark_boilerplate(shelves, chain(cases, background))
    return shelves


def _mark_boilerplate(shelves: Mapping[int, _Shelf], cases: Iterable[Case]) -> None:
    counts = {n: np.zeros(shelf.runs.size, dtype=np.int64) for n, shelf in shelves.items()}
    owners: dict[object, dict[int, set[int]] | None] = {}
    for case in cases:
        texts = list(_texts(case))
        owner: object = ("group", case.group) if case.group else tuple(map(tuple, texts))
        mark = hash(owner)
        if case.group is None and mark in owners:
            continue
        earlier = owners.setdefault(mark, {} if case.group else None)
        for n, shelf in shelves.items():
            held = [_runs(_hashed(text), n) for text in texts if len(text) >= n]
            if held:
                new = _positions(shelf, np.unique(np.concatenate(held)))
                if earlier is not None:
                    seen = earlier.setdefault(n, set())
                    new = np.array([place for place in new.tolist() if place not in seen], dtype=np.int64)
                    seen.update(new.tolist())
                counts[n][new] += 1
    limit = max(MANY_CASES, MANY_SHARE * len(owners))
    for n, shelf in shelves.items():
        np.greater(counts[n], limit, out=shelf.common)


def _hashed(found: Sequence[str]) -> Hashes:
    """Return a number a word; which one differs from process to process, and nothing depends on it."""
    return np.fromiter(map(hash, found), dtype=np.int64, count=len(found)).astype(np.uint64)


def _runs(hashes: Hashes, n: int) -> Hashes:
    """Return a number for each run of `n` words: a polynomial of theirs, modulo 2^64."""
    places = hashes.size - n + 1
    if places <= 0:
        return np.empty(0, dtype=np.uint64)
    value = np.zeros(places, dtype=np.uint64)
    for offset in range(n):
        value = value * _BASE + hashes[offset : offset + places]
    return value


def _positions(shelf: _Shelf, runs: Hashes) -> NDArray[np.int64]:
    at = np.searchsorted(shelf.runs, runs)
    at[at == shelf.runs.size] = 0
    return np.asarray(at[shelf.runs[at] == runs], dtype=np.int64)


def _mark(shelf: _Shelf, runs: Hashes, number: int) -> bool:
    at = _positions(shelf, runs)
    if not at.size:
        return False
    new = at[shelf.met[at] < 0]
    shelf.met[new] = number
    return True


def _short_lines(text: str) -> Iterator[Hashes]:
    """Yield the words of each short line of a text, and of what follows a label such as `Input:` in it."""
    for line in text.splitlines():
        for part in (line, line.partition(":")[2]):
            if part and len(part) < EMBEDDED * 40:
                found = words(part)
                if SHORTEST <= len(found) < EMBEDDED:
                    yield _hashed(found)


def _inside(hit: NDArray[np.bool_], n: int, size: int) -> NDArray[np.bool_]:
    """Return which words stand in a run that was met."""
    steps = np.zeros(size + 1, dtype=np.int64)
    starts = np.flatnonzero(hit)
    np.add.at(steps, starts, 1)
    np.add.at(steps, starts + n, -1)
    return np.asarray(steps.cumsum()[:size] > 0)


def _excerpt(found: Sequence[str], inside: NDArray[np.bool_]) -> str:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], inside.astype(np.int8), [0]))))
    starts, ends = edges[::2], edges[1::2]
    longest = int((ends - starts).argmax())
    run = found[int(starts[longest]) : int(ends[longest])]
    more = " ..." if len(run) > _EXCERPT_WORDS else ""
    return " ".join(run[:_EXCERPT_WORDS]) + more
