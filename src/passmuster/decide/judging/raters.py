"""How far raters agree, with one another and with themselves: instruments are checked before they are used."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from passmuster.decide.judging.looks import Item, Look, Looks
from passmuster.metrics.metric import Bounds
from passmuster.records.label import Annotator
from passmuster.records.raters import Answered, RaterAgreement, RaterFigures, RaterPair, ScaleLevel
from passmuster.records.record import Record
from passmuster.records.score import Estimate
from passmuster.stats.agreement import (
    MISSING,
    Coefficient,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    raw_agreement,
    votes_of_codes,
    with_interval,
)
from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.intervals import LEVEL, cluster_mean_interval

MOST_PAIRS = 45
"""Pairs of people, at most, of which each is looked at."""

MOST_CRITERIA = 20
ONE = 1 + 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterScale(Record):
    """The scale that raters used: its bounds, and its values where these are few and whole (`values`; else none).

    Example:
        >>> RaterScale(bounds=(0.0, 1.0), values=(0.0, 1.0)).level, RaterScale(bounds=(1.0, 5.0)).level
        ('nominal', 'interval')
    """

    bounds: Bounds
    values: tuple[float, ...] = ()
    answered: Answered = "ratings"

    @property
    def level(self) -> ScaleLevel:
        """What alpha takes as far apart."""
        if self.answered == "choices" or len(self.values) == 2:
            return "nominal"
        return "ordinal" if self.values else "interval"


CHOICES = RaterScale(bounds=(0.0, 1.0), values=(0.0, 0.5, 1.0), answered="choices")
"""The scale of choices: the one, a tie, the other."""


class _Table:
    """The values that raters gave: one row an item, one column a person; NaN where somebody gave none."""

    def __init__(self, looks: Sequence[Look], groups: Mapping[str, str], seed: int, *, graded: bool) -> None:
        self.graded = graded
        given = [look for look in looks if look.value is not None]
        # People's items only: what a machine alone has rated says nothing of people.
        self.items: list[Item] = list(dict.fromkeys(look.item for look in given if look.kind == "human"))
        self.people = sorted({look.rater for look in looks if look.kind == "human"})
        self.rows = {item: row for row, item in enumerate(self.items)}
        self.groups = [groups.get(item.case, item.case) for item in self.items]
        self.rng = np.random.default_rng(seed)
        self.values = self.columns(given, [("human", name) for name in self.people])

    def columns(self, given: Iterable[Look], who: Sequence[tuple[Annotator, str]]) -> FloatArray:
        """Return the last value that each of these raters gave each item."""
        places = {rater: place for place, rater in enumerate(who)}
        found = np.full((len(self.items), len(who)), np.nan)
        for look in given:
            row, column = self.rows.get(look.item), places.get((look.kind, look.rater))
            if row is not None and column is not None and look.value is not None:
                found[row, column] = look.value
        return found

    @property
    def clusters(self) -> list[str] | None:
        """The group of each item where items share one; None where all are alone."""
        return self.groups if len(set(self.groups)) < len(self.groups) else None


def rater_agreement(found: Looks, metric: str, scale: RaterScale, *, seed: int = 0) -> RaterAgreement:
    """Return how far raters agree on the question of a metric.

    Intervals of coefficients are percentile bootstraps over cases (over groups where cases have them); those of
    means are t intervals clustered the same way. The gap of a rater to the others is named where it holds against all
    raters at once (Bonferroni).

    Args:
        found: What was said, in the order in which it came: of the same reply, a rater's last word counts.
        metric: The metric.
        scale: The scale that was used.
        seed: Of the resamples.

    Example:
        >>> from passmuster.decide.judging.looks import looks_of
        >>> from passmuster.records.case import Case
        >>> from passmuster.records.rating import Rating
        >>> cases = [Case(id=str(n), input="?") for n in range(8)]
        >>> said = [(case.id, float(n < 5), "ana") for n, case in enumerate(cases)]
        >>> said += [(case.id, float(n < 4), "ben") for n, case in enumerate(cases)]
        >>> ratings = [Rating(case=c, reply="r", metric="m", value=v, rater=r, kind="human") for c, v, r in said]
        >>> came = rater_agreement(looks_of(ratings, "m", cases), "m", RaterScale(bounds=(0, 1), values=(0, 1)))
        >>> came.people["raw"].value, came.people["cohen_kappa"].value, came.raters[0].severity.value
        (0.875, 0.75, 0.125)
    """
    table = _Table(found.looks, found.groups, seed, graded=scale.answered == "ratings")
    again = _again(found.looks, found.groups)
    people = [one for one in again if one.kind == "human"]
    pairs = list(combinations(range(len(table.people)), 2))[:MOST_PAIRS]
    raters = tuple(_figures(table, found.looks, again, who) for who in _who(found.looks))
    shared = int((_given(table.values).sum(axis=1) > 1).sum())
    return RaterAgreement(
        metric=metric,
        answered=scale.answered,
        level=scale.level,
        items=len(table.items),
        shared=shared,
        cases=len({item.case for item in table.items}),
        people=_coefficients(table, scale) if len(table.people) > 1 and shared else {},
        repeated=_share(np.array([one.same for one in people]), [one.group for one in people]),
        repeated_gap=_mean(np.array([one.gap for one in people]), [one.group for one in people]),
        pairs=tuple(each for one, two in pairs if (each := _pair(table, scale, one, two)) is not None),
        raters=raters,
        criteria=_criteria(found, scale, seed),
        left_out=found.left_out,
        notes=tuple(_notes(table, shared, raters, people)),
    )


def _given(values: FloatArray) -> FloatArray:
    return (~np.isnan(values)).astype(np.float64)


def _codes(values: FloatArray, scale: RaterScale) -> tuple[IntArray, FloatArray]:
    """Return the values as categories from 0, and the number of each: those of the scale, used or not, and any others."""
    used = np.unique(values[~np.isnan(values)])
    numbers = np.union1d(np.asarray(scale.values, dtype=np.float64), used)
    codes = np.searchsorted(numbers, np.nan_to_num(values, nan=numbers[0] if len(numbers) else 0.0))
    return np.where(np.isnan(values), MISSING, codes).astype(np.int64), numbers


def _coefficients(table: _Table, scale: RaterScale) -> dict[str, Estimate]:
    codes, numbers = _codes(table.values, scale)
    votes = votes_of_codes(codes, numbers)
    found: dict[str, Coefficient] = {}
    if scale.values:
        found["raw"] = raw_agreement(votes)
        found |= {"within_one": _pairwise(table.values, _near)} if scale.level == "ordinal" else {}
        if codes.shape[1] == 2:
            found["cohen_kappa"] = cohen_kappa(codes)
        else:
            found["fleiss_kappa"] = fleiss_kappa(votes)
        found["gwet_ac1"] = gwet_ac1(votes)
    if scale.level != "nominal":
        found["mean_gap"] = _pairwise(table.values, np.abs)
    found["krippendorff_alpha"] = krippendorff_alpha(votes, scale.level)
    return {name: with_interval(each, votes, table.rng, table.clusters) for name, each in found.items()}


def _near(apart: FloatArray) -> FloatArray:
    return (np.abs(apart) <= ONE).astype(np.float64)


def _pairwise(values: FloatArray, measure: Callable[[FloatArray], FloatArray]) -> Coefficient:
    """Return the mean over items of a measure of the differences between each two people who rated it."""
    total, count = np.zeros(len(values)), np.zeros(len(values))
    for one, two in combinations(range(values.shape[1]), 2):
        apart = values[:, one] - values[:, two]
        known = ~np.isnan(apart)
        total[known] += measure(apart[known])
        count += known
    paired = count > 0
    means = np.divide(total, count, where=paired, out=np.zeros_like(total))

    def value(weights: FloatArray) -> FloatArray:
        below = weights @ paired.astype(np.float64)
        return _ratio(weights @ means, below)

    return value


def _pair(table: _Table, scale: RaterScale, one: int, two: int) -> RaterPair | None:
    own = table.values[:, [one, two]]
    both = ~np.isnan(own).any(axis=1)
    if not both.any():
        return None
    codes, numbers = _codes(own, scale)
    votes = votes_of_codes(codes, numbers)
    return RaterPair(
        first=table.people[one],
        second=table.people[two],
        raw=with_interval(raw_agreement(votes), votes, table.rng, table.clusters),
        kappa=with_interval(cohen_kappa(codes), votes, table.rng, table.clusters),
        gap=_mean(_apart(table, own[:, 0], own[:, 1:]), table.groups),
    )


def _who(looks: Sequence[Look]) -> list[tuple[Annotator, str]]:
    """Return the raters, people first."""
    return sorted({(look.kind, look.rater) for look in looks})


def _figures(
    table: _Table, looks: Sequence[Look], again: Sequence["_Again"], who: tuple[Annotator, str]
) -> RaterFigures:
    kind, name = who
    own = [look for look in looks if (look.kind, look.rater) == who]
    answered = {look.item for look in own if look.value is not None}
    mine = table.columns(own, [who])[:, 0]
    theirs = table.values[:, [place for place, other in enumerate(table.people) if who != ("human", other)]]
    given = _given(theirs).sum(axis=1)
    same = _ratio((theirs == mine[:, None]).sum(axis=1).astype(np.float64), given)
    same[np.isnan(mine)] = np.nan
    repeats = [one for one in again if (one.kind, one.rater) == who]
    return RaterFigures(
        name=name,
        kind=kind,
        ratings=len(answered),
        unanswered=len({look.item for look in own} - answered),
        with_others=_share(same, table.groups),
        severity=_mean(_apart(table, mine, theirs), table.groups),
        again=_share(np.array([one.same for one in repeats]), [one.group for one in repeats]),
        again_gap=_mean(np.array([one.gap for one in repeats]), [one.group for one in repeats]),
    )


def _apart(table: _Table, mine: FloatArray, theirs: FloatArray) -> FloatArray:
    """Return how much more a rater gave than the others did on average; NaN for choices, which have no more and less."""
    if not table.graded:
        return np.full(len(mine), np.nan)
    return mine - _ratio(np.nansum(theirs, axis=1), _given(theirs).sum(axis=1))


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    found: FloatArray = np.divide(above, below, where=below > 0, out=np.full(len(above), np.nan))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Again(Record):
    """One rater on one item that came more than once: the share of equal looks one after the other, and how far apart they are."""

    rater: str
    kind: Annotator
    group: str
    same: float
    gap: float


def _again(looks: Sequence[Look], groups: Mapping[str, str]) -> list[_Again]:
    given: dict[tuple[str, Annotator, Item], list[float]] = defaultdict(list)
    for look in looks:
        if look.value is not None:
            given[look.rater, look.kind, look.item].append(look.value)
    found = []
    for (rater, kind, item), values in given.items():
        if len(values) > 1:
            gaps = np.abs(np.diff(np.array(values)))
            found.append(
                _Again(
                    rater=rater,
                    kind=kind,
                    group=groups.get(item.case, item.case),
                    same=float((gaps == 0).mean()),
                    gap=float(gaps.mean()),
                )
            )
    return found


def _criteria(found: Looks, scale: RaterScale, seed: int) -> dict[str, dict[str, Estimate]]:
    """Return the coefficients of each criterion, where the question has several."""
    names = list(dict.fromkeys(name for look in found.looks for name in look.parts))[:MOST_CRITERIA]
    if len(names) < 2:
        return {}
    low, high = scale.bounds
    steps = tuple(float(value) for value in range(int(low), int(high) + 1))
    own = RaterScale(bounds=scale.bounds, values=scale.values or steps)
    made = {}
    for name in names:
        looks = [look._replace(value=look.parts.get(name), parts={}) for look in found.looks]
        table = _Table(looks, found.groups, seed, graded=True)
        if (_given(table.values).sum(axis=1) > 1).any():
            made[name] = _coefficients(table, own)
    return made


def _share(values: FloatArray, groups: Sequence[str]) -> Estimate:
    """Return the mean of shares, one an item; NaN is missing."""
    known = ~np.isnan(values)
    n = int(known.sum())
    if n == 0:
        return Estimate(value=None, n=0, n_missing=len(values), method="no data")
    own = [group for group, kept in zip(groups, known.tolist(), strict=True) if kept]
    low, high = cluster_mean_interval(values[known], own)
    return Estimate(
        value=float(values[known].mean()),
        low=low,
        high=high,
        n=n,
        n_missing=len(values) - n,
        method="t with two pseudo-scores, by case",
    )


def _mean(values: FloatArray, groups: Sequence[str], level: float = LEVEL) -> Estimate:
    """Return the mean of differences, one an item; NaN is missing."""
    known = ~np.isnan(values)
    n = int(known.sum())
    if n == 0:
        return Estimate(value=None, n=0, n_missing=len(values), method="no data")
    own = [group for group, kept in zip(groups, known.tolist(), strict=True) if kept]
    mean = float(values[known].mean())
    low, high = cluster_mean_interval(values[known], own, level, bounded=False)
    if not np.isfinite(low) or high - low == 0:
        note = "too few, or all alike: no interval"
        return Estimate(value=mean, n=n, n_missing=len(values) - n, method="none", note=note)
    return Estimate(value=mean, low=low, high=high, n=n, n_missing=len(values) - n, method="t, by case")


def _notes(table: _Table, shared: int, raters: Sequence[RaterFigures], again: Sequence[_Again]) -> list[str]:
    notes = []
    pairs = len(table.people) * (len(table.people) - 1) // 2
    if pairs > MOST_PAIRS:
        notes.append(
            f"{MOST_PAIRS} of {pairs:,} pairs of people are shown one by one; other figures are of all"
        )
    if len(table.people) < 2:
        notes.append("fewer than two people have rated replies: nothing can be said of their agreement")
    elif not shared:
        notes.append("no reply was rated by two people: export some with an overlap")
    if table.people and not again:
        notes.append(
            "no reply came to a person twice: nothing can be said of how far they agree with themselves"
        )
    named = [each for each in raters if each.kind == "human" and each.severity.low is not None]
    for each in sorted(named, key=lambda each: -abs(each.severity.value or 0.0)):
        wide = _severity_of(table, each.name, 1 - (1 - LEVEL) / len(named))
        value = each.severity.value or 0.0
        if wide.low is not None and wide.high is not None and not wide.low <= 0 <= wide.high:
            how = "lower" if value < 0 else "higher"
            notes.append(f"on the same replies {each.name} rates {abs(value):.2g} {how} than the others")
    return notes


def _severity_of(table: _Table, name: str, level: float) -> Estimate:
    place = table.people.index(name)
    theirs = np.delete(table.values, place, axis=1)
    return _mean(_apart(table, table.values[:, place], theirs), table.groups, level)
