"""The form of a corrected estimate: which replies are in which stratum, and the sums over cases that it needs.

Every figure is a function of sums over cases, so that it is computed for thousands of resamples of them at once.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.clusters import Clusters, cluster_numbers

Kind: TypeAlias = Literal["post-stratified", "PPI++", "Rogan-Gladen"]
Bounds: TypeAlias = tuple[float, float]
Strata: TypeAlias = Sequence[Hashable] | NDArray[np.generic]

MOST_VERDICTS = 3
"""A judge with at most so many different values is post-stratified on them."""

FEWEST_RATINGS = 10
"""With fewer ratings there is no corrected estimate."""

LEAST_SKILL = 0.1
"""The least of sensitivity + specificity - 1 by which Rogan and Gladen divide."""

_FEWEST_IN_BIN = 3
_WIDTH = {"post-stratified": 8, "Rogan-Gladen": 8, "PPI++": 19}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How an estimate is computed from sums: what `corrected_of_sums` needs beside them.

    `bounds` are those of the metric, `strata` how many there are. `design` is what groups of cases multiply the variance by,
    `most_degrees` the most degrees of freedom that they leave; both are constants of the cases as they are.
    """

    kind: Kind
    bounds: Bounds
    strata: int
    design: float = 1.0
    most_degrees: float = float("inf")


class Rows(NamedTuple):
    """One row a case: what judge and people said on the scale from 0 to 1, weight, stratum, and what is known.

    `chosen` is the weight of a rating: that of the case times how many of its stratum it stands for, beside the others.
    """

    judged: FloatArray
    human: FloatArray
    weight: FloatArray
    chosen: FloatArray
    stratum: IntArray
    rated: NDArray[np.bool_]
    used: NDArray[np.bool_]


class Prepared(NamedTuple):
    """A form, the rows that it was made of, and how many strata were merged for want of ratings."""

    form: Form
    rows: Rows
    merged: int


def whole(values: ArrayLike) -> FloatArray:
    """Return the values as an array of floats."""
    return np.asarray(values, dtype=np.float64)


def why_not(
    judged: ArrayLike, human: ArrayLike, *, bounds: Bounds, drawn: bool = True, fewest: int = FEWEST_RATINGS
) -> str | None:
    """Return in words why there is no corrected estimate; None where there is one.

    Args:
        judged: The judge's value of each reply, NaN where it gave none.
        human: The mean rating of each reply, NaN where nobody rated it.
        bounds: The least and the greatest value.
        drawn: Whether the replies that were rated are a random draw.
        fewest: How many ratings are needed.

    Example:
        >>> why_not([1, 0, 1], [1, float("nan"), 1], bounds=(0, 1))
        '2 of the replies that were judged are rated; 10 are needed'
    """
    values = whole(judged)
    both = ~np.isnan(values) & ~np.isnan(whole(human))
    ratings = int(both.sum())
    if ratings < fewest:
        return f"{ratings} of the replies that were judged are rated; {fewest} are needed"
    if drawn:
        return None
    if not _binary(values[~np.isnan(values)], bounds):
        return (
            "the rated replies were not drawn at random, and a judge that gives more than pass or fail "
            "cannot be corrected by them"
        )
    people = (whole(human)[both] - bounds[0]) / (bounds[1] - bounds[0])
    said = (values[both] - bounds[0]) / (bounds[1] - bounds[0])
    return _no_skill(said, people)


def _binary(values: FloatArray, bounds: Bounds) -> bool:
    return bool(np.isin(values, bounds).all())


def _no_skill(said: FloatArray, people: FloatArray) -> str | None:
    passed, failed = float(people.sum()), float((1 - people).sum())
    if passed < 1 or failed < 1:
        missing = "passed" if passed < 1 else "failed"
        return f"the rated replies were not drawn at random, and people {missing} none of them"
    skill = float(said @ people) / passed + float((1 - said) @ (1 - people)) / failed - 1
    if skill < LEAST_SKILL:
        return (
            "the rated replies were not drawn at random, and the judge tells pass from fail hardly better than "
            f"chance (sensitivity + specificity - 1 = {skill:.2f})"
        )
    return None


def prepare(  # noqa: PLR0913 - the facts of `corrected`, by keyword
    judged: ArrayLike,
    human: ArrayLike,
    *,
    bounds: Bounds,
    drawn: bool = True,
    stands: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    strata: Strata | None = None,
) -> Prepared | None:
    """Return the rows and the form of an estimate before groups are looked at; None where there is none."""
    if why_not(judged, human, bounds=bounds, drawn=drawn) is not None:
        return None
    low, high = bounds
    values, people = (whole(judged) - low) / (high - low), (whole(human) - low) / (high - low)
    used = ~np.isnan(values)
    rated = used & ~np.isnan(people)
    kinds = np.unique(values[used])
    few = len(kinds) <= MOST_VERDICTS
    kind: Kind = "post-stratified" if few else "PPI++"
    if not drawn:
        kind = "Rogan-Gladen"
    values, people = np.where(used, values, 0.0), np.where(rated, people, 0.0)
    number = _numbered(values, kind, kinds, strata)
    count = 2 if kind == "Rogan-Gladen" else int(number[used].max()) + 1
    if kind != "Rogan-Gladen":
        fewest = 1 if few else _FEWEST_IN_BIN
        before = len(np.unique(number[used]))
        number, count = _merged(values, number, used, rated, fewest)
        merged = before - count
    else:
        merged = 0
    weight = np.where(used, 1.0 if weights is None else whole(weights), 0.0)
    form = Form(kind=kind, bounds=bounds, strata=count)
    chosen = weight * _beside_others(stands, number, rated)
    return Prepared(form, Rows(values, people, weight, chosen, number, rated, used), merged)


def _numbered(values: FloatArray, kind: Kind, kinds: FloatArray, strata: Strata | None) -> IntArray:
    """Return the stratum of each reply: its verdict, or that of its draw."""
    if kind == "Rogan-Gladen":
        return values.astype(np.int64)
    if kind == "post-stratified":
        return np.searchsorted(kinds, values).astype(np.int64)
    return np.zeros(len(values), dtype=np.int64) if strata is None else cluster_numbers(strata)


def _beside_others(stands: ArrayLike | None, number: IntArray, rated: NDArray[np.bool_]) -> FloatArray:
    """Return how many replies each rating stands for, on average 1 over those of its stratum."""
    if stands is None:
        return np.ones(len(number))
    given = np.where(rated, whole(stands), 0.0)
    total = np.bincount(number, weights=given)
    counts = np.bincount(number, weights=rated)
    average = np.where(total > 0, total / np.maximum(counts, 1), 1.0)
    return np.where(rated, given / average[number], 1.0)


def _merged(
    values: FloatArray, number: IntArray, used: NDArray[np.bool_], rated: NDArray[np.bool_], fewest: int
) -> tuple[IntArray, int]:
    """Number strata by the judge's mean; one with too few ratings joins the one whose mean is nearest."""
    number = np.where(used, number, 0)
    while True:
        sizes = np.bincount(number[used])
        totals = np.bincount(number[used], weights=values[used], minlength=len(sizes))
        means = np.where(sizes > 0, totals / np.maximum(sizes, 1), np.inf)
        order = np.argsort(means, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        number, count = np.where(used, place[number], 0), int((sizes > 0).sum())
        means = means[order][:count]
        ratings = np.bincount(number[rated], minlength=count)
        poor = np.flatnonzero(ratings < fewest)
        if count == 1 or not poor.size:
            return number, count
        one = int(poor[0])
        distance = np.abs(means - means[one])
        distance[one] = np.inf
        number = np.where(number == one, int(np.argmin(distance)), number)


def columns_of(rows: Rows, form: Form) -> FloatArray:
    """Return one row a case whose sums `moments` reads."""
    width = _WIDTH[form.kind]
    table = np.zeros((len(rows.judged), form.strata * width))
    weight, squared = rows.weight, rows.weight**2
    own_weight, own_squared = rows.chosen, rows.chosen**2
    f, y = rows.judged, rows.human
    rated = np.stack(
        [np.ones_like(f), own_weight, own_weight * y, own_squared, own_squared * y, own_squared * y * y],
        axis=1,
    )
    given = np.stack([weight, squared], axis=1)
    for stratum in range(form.strata):
        start = stratum * width
        own = rows.used & (rows.stratum == stratum)
        labelled, rest = own & rows.rated, own & ~rows.rated
        table[labelled, start : start + 6] = rated[labelled]
        table[own, start + 6 : start + 8] = given[own]
        if form.kind == "PPI++":
            more = [own_weight * f, *(own_squared * each for each in (f, y * f, f * f, y * f * f))]
            table[labelled, start + 8 : start + 13] = np.stack(more, axis=1)[labelled]
            other = [np.ones_like(f), weight, weight * f, squared, squared * f, squared * f * f]
            table[rest, start + 13 : start + 19] = np.stack(other, axis=1)[rest]
    return table


class Moments(NamedTuple):
    """The sums by name, each of shape (..., strata); `..w` is weighed, `..v` weighed twice.

    r: rated, a: all, u: not rated; y: of what people said, f: of what the judge said.
    """

    n: FloatArray
    rw: FloatArray
    rwy: FloatArray
    rv: FloatArray
    rvy: FloatArray
    rvyy: FloatArray
    aw: FloatArray
    av: FloatArray
    rwf: FloatArray
    rvf: FloatArray
    rvyf: FloatArray
    rvff: FloatArray
    rvyff: FloatArray
    un: FloatArray
    uw: FloatArray
    uwf: FloatArray
    uv: FloatArray
    uvf: FloatArray
    uvff: FloatArray


def moments(sums: FloatArray, form: Form) -> Moments:
    """Return the sums of `columns_of`, whose last axis they are, by name; what a form does not need is 0."""
    width = _WIDTH[form.kind]
    table = np.moveaxis(sums.reshape(*sums.shape[:-1], form.strata, width), -1, 0)
    nothing = np.zeros_like(table[0])
    return Moments(*table, *[nothing] * (19 - width))


def grouped(prepared: Prepared, influence: FloatArray, groups: Clusters | None) -> Form:
    """Return the form with what groups of cases do to the variance: that of sums over groups by that over cases.

    Args:
        prepared: The form and its rows.
        influence: What each case contributes to the error of the estimate.
        groups: The group of each case.
    """
    form, rows = prepared.form, prepared.rows
    if groups is None:
        return form
    numbers = cluster_numbers(groups)
    count = len(np.unique(numbers[rows.used]))
    rated = np.bincount(numbers[rows.rated])
    rated = rated[rated > 0]
    design = design_effect(influence[rows.used], numbers[rows.used])
    if design is None:
        design = float((rated**2).sum() / rated.sum())
    few = float(max(1, min(count, len(rated)) - 1))
    return replace(form, design=max(1.0, design), most_degrees=few)


def design_effect(influence: FloatArray, numbers: IntArray) -> float | None:
    """Return the variance of sums over groups by that over cases (CR1); None where nothing varies, 1 at least.

    Example:
        >>> round(design_effect(np.array([1.0, 1.0, -1.0, -1.0] * 50), np.arange(200) // 2), 3)
        2.01
    """
    own = np.unique(numbers, return_inverse=True)[1]
    n, count = len(influence), int(own.max(initial=-1)) + 1
    alone = float(influence @ influence)
    if n < 2 or count < 2 or alone <= 1e-24:
        return None
    sums = np.bincount(own, weights=influence)
    together = float(sums @ sums) * count / (count - 1)
    return max(1.0, round(together / (alone * n / (n - 1)), 12))
