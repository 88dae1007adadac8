"""Which of many cases are nearly the same as a few."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from passmuster.corpus.duplicates import shingles
from passmuster.records.addition import Alike
from passmuster.records.case import Case
from passmuster.records.text import input_text

THRESHOLD = 0.8
"""The least Jaccard index of near-duplicates."""


def alike(
    cases: Sequence[Case], held: Mapping[str, Iterable[Case]], threshold: float = THRESHOLD
) -> list[tuple[Alike, ...]]:
    """Return for each of a few cases what a corpus has that is nearly the same, the most alike first.

    The index is exact, by the shingles of `corpus.duplicates`; the corpus is gone through once.

    Args:
        cases: The few.
        held: The cases of each part of the corpus.
        threshold: The least Jaccard index, in (0, 1].

    Example:
        >>> new, old = Case(id="1", input="Where is my card?"), Case(id="a", input="where is my card")
        >>> alike([new], {"eval": [old]})
        [(Alike(case='a', part='eval', similarity=1.0),)]
    """
    sets = [shingles(input_text(case.input)) for case in cases]
    having: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, own in enumerate(sets):
        for shingle in own:
            having[shingle].append(number)
    found: list[list[Alike]] = [[] for _ in cases]
    for part, others in held.items():
        for other in others:
            theirs = shingles(input_text(other.input))
            shared = Counter(number for shingle in theirs for number in having.get(shingle, ()))
            for number, count in shared.items():
                similarity = count / (len(sets[number]) + len(theirs) - count)
                if similarity >= threshold:
                    found[number].append(Alike(case=other.id, part=part, similarity=similarity))
    return [tuple(sorted(each, key=lambda one: (-one.similarity, one.case))) for each in found]
