"""Whether the replies of a candidate keep their form over repeats, prompt variants and paraphrases."""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.factors.grid import model_key
from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.rates import mean_estimate
from passmuster.metrics.structure.form import form
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.consistency import ConsistencyReport
from passmuster.records.score import Estimate
from passmuster.records.trial import Reply, Trial
from passmuster.stats.intervals import cluster_mean_interval, mean_interval

NO_FORM = -1
SHOWN = 6
"""Forms that are counted by name."""

MOST_FORMS = 10_000
"""Forms that are told apart; a model that makes a new one for each reply has no form to keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Families:
    """Cases that were made from the same one: `family` numbers that of each of the `positions`.

    `groups` numbers the group of each family, where families share one.
    """

    positions: NDArray[np.int64]
    family: NDArray[np.int64]
    groups: NDArray[np.int64] | None = None

    @property
    def count(self) -> int:
        """How many families there are."""
        return int(self.family.max(initial=-1)) + 1


def families_of(cases: Iterable[Case], again: Iterable[Case]) -> Families:
    """Return the families of cases; a case that expects another ending than an answer belongs to none.

    Args:
        cases: The cases, in order.
        again: The same once more: which of them are parents is known at the end only.

    Example:
        >>> cases = [Case(id="1", input="a"), Case(id="2", input="b", parent="1"), Case(id="3", input="c")]
        >>> families_of(cases, cases).positions.tolist()
        [0, 1]
    """
    children = Counter(case.parent for case in cases if case.parent is not None and _answers(case))
    numbers: dict[str, int] = {}
    positions, family, groups = array("q"), array("q"), dict[int, str]()
    for position, case in enumerate(again if children else ()):
        head = case.id if case.parent is None else case.parent
        if head not in children or not _answers(case):
            continue
        number = numbers.setdefault(head, len(numbers))
        positions.append(position)
        family.append(number)
        groups.setdefault(number, case.group or f"\0{number}")
    names = {name: number for number, name in enumerate(dict.fromkeys(groups.values()))}
    shared = len(names) < len(groups)
    return Families(
        positions=np.array(positions, dtype=np.int64),
        family=np.array(family, dtype=np.int64),
        groups=np.array([names[groups[n]] for n in range(len(groups))]) if shared else None,
    )


def _answers(case: Case) -> bool:
    return case.expect in (None, "answer")


class Forms:
    """The form of each reply of each candidate as a number; nothing is kept where nothing could be compared.

    Args:
        candidates: Whose replies.
        cases: How many cases.
        repeats: How many repeats each case has.
        families: The cases that were made from the same one.
    """

    def __init__(self, candidates: Sequence[Candidate], cases: int, repeats: int, families: Families) -> None:
        self._shape = (cases, repeats)
        self._families = families
        self._siblings = siblings_of(candidates)
        self.wanted = repeats > 1 or families.count > 0 or any(self._siblings)
        cells = cases * repeats if self.wanted else 0
        self._by_digest: dict[str, list[int]] = {}
        for number, candidate in enumerate(candidates):
            self._by_digest.setdefault(candidate_digest(candidate), []).append(number)
        self._codes = [array("i", [NO_FORM]) * cells for _ in candidates]
        self._numbers: dict[str, int] = {}

    def enter(self, cell: int, trial: Trial) -> None:
        """Enter a trial into a cell (case times repeats, plus the repeat); the first of a cell stays."""
        own = self._by_digest.get(trial.key.candidate, ()) if self.wanted else ()
        if not own or not isinstance(trial.outcome, Reply) or self._codes[own[0]][cell] != NO_FORM:
            return
        name = form(trial.outcome)
        if name not in self._numbers and len(self._numbers) >= MOST_FORMS:
            name = "(others)"
        number = self._numbers.setdefault(name, len(self._numbers))
        for candidate in own:
            self._codes[candidate][cell] = number

    def reports(
        self, parts: Sequence[tuple[Sequence[int], Sequence[Measured]]]
    ) -> tuple[ConsistencyReport, ...]:
        """Return how each candidate kept its form.

        Args:
            parts: The cases that are measured together, by their positions in the corpus, with the candidates
                on them; the figures are of the first part, but families may lie in several.
        """
        if not self.wanted:
            return ()
        every = [np.frombuffer(codes, dtype=np.int32).reshape(self._shape) for codes in self._codes]
        for positions, items in parts:
            for codes, item in zip(every, items, strict=True):
                if item.withheld is not None:
                    codes[np.asarray(positions)[item.withheld]] = NO_FORM
        positions, measured = parts[0]
        main = [codes[np.asarray(positions)] for codes in every]
        found = []
        for number, item in enumerate(measured):
            siblings = [main[other] for other in self._siblings[number]]
            found.append(
                ConsistencyReport(
                    candidate=item.candidate.name,
                    replies=int((main[number] != NO_FORM).sum()),
                    forms=self._counted(main[number]),
                    repeats=_estimate(over_repeats(main[number]), item),
                    prompts=_estimate(over_prompts(main[number], siblings), item),
                    paraphrases=_over_families(every[number], self._families),
                )
            )
        return tuple(found)

    def _counted(self, codes: NDArray[np.int32]) -> dict[str, int]:
        numbers, counts = np.unique(codes[codes != NO_FORM], return_counts=True)
        names = list(self._numbers)
        ranked = sorted(
            ((names[number], int(count)) for number, count in zip(numbers, counts, strict=True)),
            key=lambda item: (-item[1], item[0]),
        )
        shown = dict(ranked[:SHOWN])
        rest = sum(count for _, count in ranked[SHOWN:])
        return {**shown, "(others)": shown.get("(others)", 0) + rest} if rest else shown


def siblings_of(candidates: Sequence[Candidate]) -> list[list[int]]:
    """Return for each candidate the other prompt variants of its model."""
    models = [model_key(each) for each in candidates]
    return [
        [other for other, theirs in enumerate(models) if theirs == model and other != number]
        if model is not None
        else []
        for number, model in enumerate(models)
    ]


def over_repeats(codes: NDArray[np.int32]) -> FloatArray:
    """Return for each case (rows) the share of pairs of its repeats with the same form; NaN without a pair.

    Example:
        >>> over_repeats(np.array([[1, 1, 2], [3, 3, 3], [1, -1, -1]], dtype=np.int32)).tolist()
        [0.3333333333333333, 1.0, nan]
    """
    if codes.shape[1] < 2:
        return np.full(len(codes), np.nan)
    return _share((codes[:, [first]], codes[:, first + 1 :]) for first in range(codes.shape[1] - 1))


def over_prompts(codes: NDArray[np.int32], others: Sequence[NDArray[np.int32]]) -> FloatArray:
    """Return for each case the share of replies to other prompts, repeat by repeat, with the same form."""
    if not others:
        return np.full(len(codes), np.nan)
    return _share((codes, other) for other in others)


def _share(pairs: Iterable[tuple[NDArray[np.int32], NDArray[np.int32]]]) -> FloatArray:
    same, known = np.zeros(0), np.zeros(0)
    for one, other in pairs:
        both = (one != NO_FORM) & (other != NO_FORM)
        alike = (both & (one == other)).sum(axis=1)
        same = alike.astype(np.float64) if not same.size else same + alike
        known = both.sum(axis=1).astype(np.float64) if not known.size else known + both.sum(axis=1)
    return _divided(same, known)


def over_family(codes: NDArray[np.int32], families: Families) -> FloatArray:
    """Return for each family the share of pairs of its cases, repeat by repeat, with the same form."""
    same, known = np.zeros(families.count), np.zeros(families.count)
    for column in codes[families.positions].T:
        there = column != NO_FORM
        sizes = np.bincount(families.family[there], minlength=families.count)
        # one number for each form of each family: pairs of one form are counted without going through pairs
        keys = families.family[there] * (int(column.max(initial=0)) + 1) + column[there]
        numbers, counts = np.unique(keys, return_counts=True)
        own = numbers // (int(column.max(initial=0)) + 1)
        same += np.bincount(own, weights=counts * (counts - 1) / 2, minlength=families.count)
        known += sizes * (sizes - 1) / 2
    return _divided(same, known)


def _divided(same: FloatArray, known: FloatArray) -> FloatArray:
    return np.where(known > 0, same / np.maximum(known, 1.0), np.nan)


def _estimate(values: FloatArray, measured: Measured) -> Estimate | None:
    known = int((~np.isnan(values)).sum())
    return mean_estimate(values, measured, measured.receivable - known) if known else None


def _over_families(codes: NDArray[np.int32], families: Families) -> Estimate | None:
    if not families.count:
        return None
    values = over_family(codes, families)
    known = ~np.isnan(values)
    n = int(known.sum())
    if not n:
        return None
    found = values[known]
    if families.groups is not None:
        low, high = cluster_mean_interval(found, families.groups[known])
        method = "t, clustered by group"
    else:
        low, high = mean_interval(float(found.sum()), float((found**2).sum()), n)
        method = "t with two pseudo-scores"
    return Estimate(
        value=float(found.mean()),
        low=max(0.0, float(low)),
        high=min(1.0, float(high)),
        n=n,
        n_missing=families.count - n,
        method=method,
    )
