"""Which texts hold the text of another case: few texts, each told by its number, and as many cases as there are."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from passmuster.corpus.contamination.passages import EMBEDDED, MANY_CASES, MANY_SHARE, pieces
from passmuster.corpus.ngrams import GRAM_WORDS, words
from passmuster.records.case import Case

Run: TypeAlias = tuple[str, ...]


def held(texts: Sequence[str], cases: Iterable[Case], more: Iterable[Case] = ()) -> dict[int, str]:
    """Return by its number each text that holds one of the cases, with the id of that one.

    A case is held by a run of thirteen of its words, a text of eight to twelve whole; a run of many cases is
    boilerplate and tells nothing. `cases` and `more` must give the same when gone through again.

    Args:
        texts: What is looked through.
        cases: What is looked for.
        more: Cases of the same kind; what stands in many of both is boilerplate.

    Example:
        >>> case = Case(id="7", input="the card that I ordered has still not come")
        >>> held(["He wrote: The card that I ordered has still not come!", "Other"], [case])
        {0: '7'}
    """
    holders, known = _runs_of(texts)
    first: dict[Run, str] = {}
    for case in cases:
        for run in _shared(case, known, holders):
            first.setdefault(run, case.id)
    if not first:
        return {}
    common = _boilerplate(first, known, cases, more)
    holding: dict[int, str] = {}
    for run, name in first.items():
        for number in () if run in common else sorted(holders[run]):
            holding.setdefault(number, name)
    return holding


def _runs_of(texts: Sequence[str]) -> tuple[Mapping[Run, set[int]], set[str]]:
    """Return which texts have a run of words, and all words that there are."""
    holders: defaultdict[Run, set[int]] = defaultdict(set)
    known: set[str] = set()
    for number, text in enumerate(texts):
        found = words(text)
        known.update(found)
        for n in range(EMBEDDED, GRAM_WORDS + 1):
            for run in runs(found, n):
                holders[run].add(number)
    return holders, known


def runs(found: Sequence[str], n: int) -> Iterator[Run]:
    """Yield the runs of `n` words in order; of fewer words there is none."""
    return (tuple(found[start : start + n]) for start in range(len(found) - n + 1))


def may_hold(known: set[str], found: Sequence[str], n: int) -> bool:
    """Return whether so many words in a row are all known: nearly every case is passed over by this."""
    row = 0
    for word in found:
        row = row + 1 if word in known else 0
        if row == n:
            return True
    return False


def _shared(case: Case, known: set[str], wanted: Mapping[Run, object]) -> Iterator[Run]:
    for text in pieces(case.input):
        found = words(text)
        n = min(len(found), GRAM_WORDS)
        if n >= EMBEDDED and may_hold(known, found, n):
            yield from (run for run in runs(found, n) if run in wanted)


def _boilerplate(
    wanted: Mapping[Run, object], known: set[str], cases: Iterable[Case], more: Iterable[Case]
) -> set[Run]:
    """Return the runs that many cases have, wherever in them."""
    owners: defaultdict[Run, set[object]] = defaultdict(set)
    every = 0
    for part in (cases, more):
        for case in part:
            every += 1
            for text in pieces(case.input):
                found = words(text)
                if len(found) >= EMBEDDED and may_hold(known, found, EMBEDDED):
                    owner = tuple(found) if case.group is None else case.group
                    for n in range(EMBEDDED, GRAM_WORDS + 1):
                        for run in runs(found, n):
                            if run in wanted:
                                owners[run].add(owner)
    limit = max(MANY_CASES, MANY_SHARE * every)
    return {run for run, own in owners.items() if len(own) > limit}
