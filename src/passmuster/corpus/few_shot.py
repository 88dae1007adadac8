"""Which solved cases a prompt shows: drawn by seed and content, and none that gives a scored case away."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from passmuster.corpus.contamination.passages import EMBEDDED, pieces
from passmuster.corpus.duplicates import SHINGLE_WORDS, Shingles, jaccard, shingles
from passmuster.records.case import Case, case_digest
from passmuster.records.digest import canonical, digest
from passmuster.records.text import input_text, written

NEAR = 0.8
"""The Jaccard index from which two cases are near-duplicates, as where a corpus is split; and the share of a scored
case's runs of words from which another text holds it (its containment, Broder 1997)."""

_HELD_RUNS = EMBEDDED - SHINGLE_WORDS + 1
"""Runs that a case needs for that: a shorter text stands within another by chance."""

By: TypeAlias = Literal["stratum", "category", "reference"] | None


def drawn(train: Sequence[Case], scored: Iterable[Case], k: int, seed: int = 0, by: By = None) -> list[Case]:
    """Return up to `k` train cases to be shown as examples, the same whatever the order of the rows.

    A case draws its lot from the seed and its own content. With `by` each stratum, category or reference gives as
    many as the others while it has any. None of the cases is like one that is scored (`given_away`), and no two of
    them are alike.

    Args:
        train: Cases that may be shown; those without a reference, or that expect no answer, are passed over.
        scored: Cases of eval and holdout; gone through a few times.
        k: How many, at least 1.
        seed: Another seed draws others.
        by: What they are evened out over.

    Example:
        >>> train = [Case(id=str(n), input=f"question {n}", reference="yes") for n in range(9)]
        >>> [case.id for case in drawn(train, [Case(id="x", input="question 3")], 3, seed=1)]
        ['0', '5', '7']
    """
    lots = _lots((case for case in train if is_solved(case)), seed)
    waiting: defaultdict[str, list[Case]] = defaultdict(list)
    for _, case in sorted(lots.items(), reverse=True):
        waiting[_part(case, by)].append(case)
    order = {name: digest({"seed": seed, "part": name}) for name in waiting}
    leaks = _Leaks(scored, k)
    chosen: list[Case] = []
    sets: list[Shingles] = []
    given: Counter[str] = Counter()
    while len(chosen) < k and waiting:
        part = min(waiting, key=lambda name: (given[name], order[name]))
        case = waiting[part].pop()
        own = shingles(input_text(case.input))
        alike = any(jaccard(own, other) >= NEAR for other in sets)
        if not alike and not leaks.has(case, waiting):
            chosen.append(case)
            sets.append(own)
            given[part] += 1
        if not waiting[part]:
            del waiting[part]
    return sorted(chosen, key=lambda case: _lot(case, seed))


class _Leaks:
    """Which cases give a scored one away, asked for one and found out for more and more of the coming ones.

    So the scored cases are gone through a few times only, however many leak.
    """

    def __init__(self, scored: Iterable[Case], ahead: int) -> None:
        self._scored = scored
        self._ahead = ahead
        self._known: dict[str, bool] = {}

    def has(self, case: Case, waiting: Mapping[str, Sequence[Case]]) -> bool:
        """Return whether a case gives one away; those that wait are taken from the ends of their lists."""
        if case.id not in self._known:
            each = -(-self._ahead // len(waiting))
            coming = [case, *(other for rest in waiting.values() for other in rest[-each:])]
            found = given_away(coming, self._scored)
            self._known |= {other.id: other.id in found for other in coming}
            self._ahead *= 2
        return self._known[case.id]


def is_solved(case: Case) -> bool:
    """Return whether a case has an answer that can be shown."""
    return case.reference is not None and case.expect in (None, "answer")


def given_away(shown: Sequence[Case], scored: Iterable[Case]) -> dict[str, str]:
    """Return by its id each shown case that gives a scored one away, with the id of that one.

    That is a case with the same input, of the same group, a near-duplicate, one that was made from the other, one
    whose question and answer hold the text of the other, and the scored case itself.

    Example:
        >>> given_away([Case(id="1", input="Where is it?", group="ann")], [Case(id="2", input="x", group="ann")])
        {'1': '2'}
    """
    keys: defaultdict[tuple[str, object], set[int]] = defaultdict(set)
    sets = [shingles(input_text(case.input)) for case in shown]
    by_run: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, case in enumerate(shown):
        for key in _keys(case):
            keys[key].add(number)
        for run in sets[number] | shingles(answer_text(case)):
            by_run[run].append(number)
    found: dict[str, str] = {}
    for case in scored:
        alike = set().union(*(keys[key] for key in _keys(case) if key in keys))
        for number in alike | _near(case, sets, by_run):
            found.setdefault(shown[number].id, case.id)
    return found


def answer_text(case: Case) -> str:
    """Return the reference as a prompt says it."""
    return str(written(case.reference))


def _keys(case: Case) -> Iterable[tuple[str, object]]:
    yield "id", case.id
    yield "input", case_digest(case)
    if case.parent is not None:
        yield "id", case.parent
    if case.group is not None:
        yield "group", case.group


def _near(case: Case, sets: Sequence[Shingles], by_run: Mapping[tuple[str, ...], Sequence[int]]) -> set[int]:
    """Return which texts are a case's near-duplicates or hold it, but for what it was retrieved with."""
    own = shingles(input_text(case.input))
    near = {number for number in _holding(own, by_run) if jaccard(own, sets[number]) >= NEAR}
    said = own if isinstance(case.input, str) else shingles("\n".join(pieces(case.input)))
    return near | set(_holding(said, by_run) if len(said) >= _HELD_RUNS else ())


def _holding(own: Shingles, by_run: Mapping[tuple[str, ...], Sequence[int]]) -> Iterator[int]:
    """Yield the texts that have most of these runs; every near-duplicate is one of them."""
    shared = Counter(number for run in own if run in by_run for number in by_run[run])
    return (number for number, count in shared.items() if count >= NEAR * len(own))


def _lots(cases: Iterable[Case], seed: int) -> dict[str, Case]:
    """Return the cases by their lots; of those with equal input and reference the first by id stays."""
    found: dict[str, Case] = {}
    for case in cases:
        lot = _lot(case, seed)
        if lot not in found or case.id < found[lot].id:
            found[lot] = case
    return found


def _lot(case: Case, seed: int) -> str:
    return digest({"seed": seed, "input": case_digest(case), "reference": digest(case.reference)})


def _part(case: Case, by: By) -> str:
    if by is None:
        return ""
    value = getattr(case, by)
    return value if isinstance(value, str) else canonical(value).decode("utf-8", "surrogatepass")
