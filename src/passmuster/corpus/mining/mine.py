"""Which inputs of production make hard cases: reasons, the strongest of each, and no two that are alike."""

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from passmuster.corpus.duplicates import Shingles, jaccard, shingles
from passmuster.corpus.ngrams import words
from passmuster.records.case import Category
from passmuster.records.proposal import Reason
from passmuster.records.record import Record
from passmuster.records.text import input_text
from passmuster.records.traffic import TrafficRecord

ALIKE = 0.5
"""The Jaccard index of two texts' five-word runs, or of their words, from which they are too alike for both."""
_ALIKE_WORDS = 0.8
_SPARE = 4
"""So many times as many are held of each reason as may be proposed: some will be alike."""
CLOSE = 0.2
"""The distance of the two likeliest labels' probabilities below which an input is near their border."""
DISPUTED = 0.5
"""The shared part of the words with a disputed case, from which an input is like it."""

CATEGORY: Mapping[str, Category] = {"injection": "adversarial"}
"""The category of what is proposed for a reason; edge for all others."""


class Margin(NamedTuple):
    """The two labels that a baseline finds likeliest, with their probabilities."""

    first: str
    second: str
    likeliest: float
    next: float


Margins: TypeAlias = Callable[[Sequence[str]], Sequence[Margin]]
"""Returns the margin of each text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute(Record):
    """A case that some stored candidates got right and some did not: how many of how many."""

    case: str
    text: str
    right: int
    candidates: int


def near_border(margin: Margin) -> Reason | None:
    """Return the reason of a small margin, None where it is not small; the number is 1 less the margin.

    Example:
        >>> near_border(Margin("loan", "card", 0.41, 0.38)).words
        "a fitted baseline wavers between 'loan' (41%) and 'card' (38%)"
    """
    distance = margin.likeliest - margin.next
    if distance >= CLOSE:
        return None
    said = (
        f"a fitted baseline wavers between {margin.first!r} ({margin.likeliest:.0%}) "
        f"and {margin.second!r} ({margin.next:.0%})"
    )
    return Reason(kind="margin", words=said, value=1 - distance)


class Disputes:
    """Finds inputs that are like cases on which stored candidates disagree."""

    def __init__(self, disputes: Iterable[Dispute]) -> None:
        self._disputes = list(disputes)
        self._words = [frozenset(words(each.text)) for each in self._disputes]
        self._holding: dict[str, list[int]] = {}
        for number, own in enumerate(self._words):
            for word in own:
                self._holding.setdefault(word, []).append(number)

    def like(self, text: str) -> Reason | None:
        """Return the reason of being like a disputed case, the likest; the number is the shared part of the words.

        Example:
            >>> found = Disputes([Dispute(case="7", text="my card was stolen", right=5, candidates=9)])
            >>> found.like("My new card was stolen").words
            'like case 7 (80% of the words are the same), which 5 of 9 stored candidates get right'
        """
        if not self._disputes:
            return None
        own = set(words(text))
        shared = Counter(number for word in own for number in self._holding.get(word, ()))
        best = max(shared, key=lambda number: self._share(own, number, shared[number]), default=None)
        if best is None or (share := self._share(own, best, shared[best])) < DISPUTED:
            return None
        found = self._disputes[best]
        said = f"like case {found.case} ({share:.0%} of the words are the same)"
        if share == 1:
            said = f"the words of case {found.case}"
        return Reason(
            kind="disagreement",
            words=f"{said}, which {found.right} of {found.candidates} stored candidates get right",
            value=share,
        )

    def _share(self, own: set[str], number: int, both: int) -> float:
        return both / (len(own) + len(self._words[number]) - both)


class Finding(NamedTuple):
    """A record of traffic with the reasons to look at it."""

    record: TrafficRecord
    reasons: tuple[Reason, ...]

    @property
    def category(self) -> Category:
        """The pool that it would belong to."""
        found = {CATEGORY.get(reason.kind, "edge") for reason in self.reasons}
        return "adversarial" if "adversarial" in found else "edge"


class Strongest:
    """Holds the strongest records of each reason, so many of each and no more, however many go by.

    Of equally strong ones those are held that come first in an order drawn by the seed.
    """

    def __init__(self, each: int, seed: int = 0) -> None:
        self._most = each * _SPARE
        self._seed = seed
        self._heaps: dict[str, list[tuple[float, int, str, TrafficRecord]]] = {}
        self._reasons: dict[str, dict[str, Reason]] = {}
        self.counts: Counter[str] = Counter()
        """How many records had each reason."""

    def add(self, record: TrafficRecord, reasons: Iterable[Reason]) -> None:
        """Take in a record with its reasons."""
        found = list(reasons)
        if not found:
            return
        lot = hashlib.sha256(f"{self._seed}\0{record.id}".encode("utf-8", "surrogatepass")).hexdigest()
        key = f"{lot[:32]}"
        for reason in found:
            self.counts[reason.kind] += 1
            heap = self._heaps.setdefault(reason.kind, [])
            entry = (reason.value or 0.0, int(lot[:12], 16), key, record)
            if any(held[2] == key for held in heap):
                continue
            if len(heap) < self._most:
                heapq.heappush(heap, entry)
            elif entry[:2] > heap[0][:2]:
                self._forget(heapq.heapreplace(heap, entry)[2])
            else:
                continue
            self._reasons.setdefault(key, {})[reason.kind] = reason

    def _forget(self, key: str) -> None:
        if not any(held[2] == key for heap in self._heaps.values() for held in heap):
            self._reasons.pop(key, None)

    def by_reason(self) -> dict[str, list[Finding]]:
        """Return the records of each reason, the strongest first, each with all reasons that it is held for."""
        return {
            kind: [
                Finding(record, tuple(self._reasons[key].values()))
                for _, _, key, record in sorted(heap, key=lambda entry: entry[:2], reverse=True)
            ]
            for kind, heap in sorted(self._heaps.items())
        }


def diverse(
    found: Mapping[str, Sequence[Finding]], each: int, most: int, seen: Iterable[str] = ()
) -> Iterator[Finding]:
    """Yield findings in turn from each reason, strongest first, leaving out what is like one before.

    Args:
        found: Findings by reason.
        each: Of each reason, at most.
        most: In all, at most.
        seen: Texts that were proposed before.
    """
    taken = [_Marks.of(text) for text in seen]
    counts: Counter[str] = Counter()
    ids: set[str] = set()
    queues = {kind: iter(list(findings)) for kind, findings in found.items()}
    while queues and len(ids) < most:
        for kind in list(queues):
            finding = next(
                (one for one in queues[kind] if one.record.id not in ids and _new(one, taken)), None
            )
            if finding is None or counts[kind] >= each:
                del queues[kind]
                continue
            counts[kind] += 1
            ids.add(finding.record.id)
            taken.append(_Marks.of(input_text(finding.record.input)))
            yield finding
            if len(ids) >= most:
                return


class _Marks(NamedTuple):
    text: str
    words: frozenset[str]
    runs: Shingles

    @classmethod
    def of(cls, text: str) -> "_Marks":
        """Return what texts are compared by."""
        return cls(" ".join(text.casefold().split()), frozenset(words(text)), shingles(text))


def _new(finding: Finding, taken: Sequence[_Marks]) -> bool:
    own = _Marks.of(input_text(finding.record.input))
    return not any(_alike(own, other) for other in taken)


def _alike(one: _Marks, other: _Marks) -> bool:
    if one.text == other.text:
        return True
    both = len(one.words & other.words)
    if both >= _ALIKE_WORDS * max(len(one.words) + len(other.words) - both, 1):
        return True
    return jaccard(one.runs, other.runs) >= ALIKE
