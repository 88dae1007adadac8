"""What people would have said of all judged replies, from what a judge said of all and people of some.

Pass/fail and other judges with at most three values are post-stratified on them; finer scores are
prediction-powered (Angelopoulos, Duchi and Zrnic 2023, PPI++, arXiv 2311.01453; strata: Fisch et al. 2024, arXiv
2406.04291); where the rated replies are no random draw, a pass/fail judge's error rates are inverted (Rogan and
Gladen 1978, interval of Lang and Reiczigel 2014).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from passmuster.records.record import Record
from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import Clusters
from passmuster.stats.intervals import LEVEL
from passmuster.stats.judged.estimator import estimate_of_sums, influence_of
from passmuster.stats.judged.form import Bounds, Form, Prepared, Strata, columns_of, grouped, prepare
from passmuster.stats.student import student_quantile

_WORDS = {
    "post-stratified": "post-stratified on the judge's verdict",
    "PPI++": "prediction-powered (PPI++)",
    "Rogan-Gladen": "Rogan-Gladen: the rated replies are no random draw",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected(Record):
    """A judge's mean value as people would have given it, in the metric's unit.

    `low` and `high` are its interval, `error` the standard error, `degrees` those of Student's t. `centre` is the
    middle of the interval before it is cut to the bounds: it differs from the value by pseudo-ratings. `raw` is the
    judge's own mean, `n` how many of the `total` judged replies are rated, `method` says how in words.
    """

    value: float
    low: float
    high: float
    error: float
    degrees: float
    n: int
    total: int
    method: str
    centre: float
    raw: float


def form_of(  # noqa: PLR0913 - each is an independent fact of the ratings, by keyword
    judged: ArrayLike,
    human: ArrayLike,
    *,
    bounds: Bounds,
    drawn: bool = True,
    stands: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    groups: Clusters | None = None,
    strata: Strata | None = None,
) -> Prepared | None:
    """Return how the estimate of these replies is computed, ready for `judged_columns`; None where there is none.

    The arguments are those of `corrected`; why there is none says `why_not`.
    """
    found = prepare(judged, human, bounds=bounds, drawn=drawn, stands=stands, weights=weights, strata=strata)
    if found is None or groups is None:
        return found
    return found._replace(form=grouped(found, influence_of(found.rows, found.form), groups))


def judged_columns(prepared: Prepared) -> FloatArray:
    """Return one row a case, whose sums over cases (or over a resample of them) are for `corrected_of_sums`.

    Example:
        >>> found = form_of([1, 1, 0, 0] * 5, [1, 0, 0, float("nan")] * 5, bounds=(0, 1))
        >>> judged_columns(found).shape
        (20, 16)
    """
    return columns_of(prepared.rows, prepared.form)


def corrected_of_sums(sums: FloatArray, form: Form) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return centre, standard error and degrees of freedom of each set of sums, in the metric's unit.

    The same t that `corrected` has its interval from. Groups of cases count by the design effect of the cases as
    they are.

    Args:
        sums: Of `judged_columns`, shape (..., columns).
        form: The `form` of what `form_of` returned.

    Example:
        >>> judged, human = [1, 1, 0, 0] * 25, [1, 0, 0, float("nan")] * 25
        >>> found = form_of(judged, human, bounds=(0, 1))
        >>> value, error, degrees = corrected_of_sums(judged_columns(found).sum(axis=0), found.form)
        >>> same = corrected(judged, human, bounds=(0, 1))
        >>> float(value) == same.centre, float(error) == same.error
        (True, True)
    """
    low, high = form.bounds
    point = estimate_of_sums(np.asarray(sums, dtype=np.float64), form)
    return low + (high - low) * point.centre, (high - low) * point.error, point.degrees


def corrected(  # noqa: PLR0913 - each is an independent fact of the ratings, by keyword
    judged: ArrayLike,
    human: ArrayLike,
    *,
    bounds: Bounds,
    drawn: bool = True,
    stands: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    groups: Clusters | None = None,
    strata: Strata | None = None,
    level: float = LEVEL,
) -> Corrected | None:
    """Return the mean that people would have given, with its interval; None where it cannot be told (`why_not`).

    Args:
        judged: The judge's value of each reply; NaN where it gave none, which leaves the reply out.
        human: The mean rating of the same reply by people, in the same unit; NaN where nobody rated it.
        bounds: The least and the greatest value.
        drawn: Whether the replies that were rated are a random draw (at random from all, or by strata of what the judge said).
        stands: How many replies each rated one stands for, as far as the draw gave some more chances than others of the
            same stratum: another version of the judge made its strata, or strata are merged here. Only ratios count.
        weights: How many cases of traffic each stands for.
        groups: One key a case; cases of one group are not independent.
        strata: The stratum of each reply where ratings were drawn by strata of a score with many values.
        level: Of confidence.

    Example:
        >>> human = ([1] * 40 + [0] * 10 + [float("nan")] * 450) + ([1] * 10 + [0] * 40 + [float("nan")] * 450)
        >>> found = corrected([1] * 500 + [0] * 500, human, bounds=(0, 1))
        >>> print(f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}] {found.n} of {found.total}, raw {found.raw:.2f}")
        0.50 [0.42, 0.58] 100 of 1000, raw 0.50
    """
    found = form_of(
        judged,
        human,
        bounds=bounds,
        drawn=drawn,
        stands=stands,
        weights=weights,
        groups=groups,
        strata=strata,
    )
    if found is None:
        return None
    return _estimated(found, bounds, level)


def _estimated(found: Prepared, bounds: Bounds, level: float) -> Corrected:
    form, rows = found.form, found.rows
    point = estimate_of_sums(judged_columns(found).sum(axis=0), form)
    centre, error, degrees = float(point.centre), float(point.error), float(point.degrees)
    half = student_quantile((1 + level) / 2, max(1, math.floor(degrees + 1e-6))) * error
    value = float(point.value)
    low, high = bounds
    wide = high - low
    return Corrected(
        value=low + wide * value,
        low=low + wide * min(value, max(0.0, centre - half)),
        high=low + wide * max(value, min(1.0, centre + half)),
        error=wide * error,
        degrees=degrees,
        n=int(rows.rated.sum()),
        total=int(rows.used.sum()),
        method=words(found),
        centre=low + wide * centre,
        raw=low + wide * float(rows.weight @ rows.judged / rows.weight.sum()),
    )


def words(prepared: Prepared) -> str:
    """Return the method in words, for a reader of the report."""
    form = prepared.form
    said = _WORDS[form.kind]
    if form.kind == "PPI++" and form.strata > 1:
        said = f"{said} within {form.strata} strata of the score"
    if form.kind == "post-stratified" and form.strata == 1:
        said = "mean of the rated replies: the judge gives all the same value, or only one of its values is rated"
    elif prepared.merged:
        strata = "1 stratum" if prepared.merged == 1 else f"{prepared.merged} strata"
        said = f"{said}; {strata} with too few ratings merged with the nearest"
    return said if form.most_degrees == float("inf") else f"{said}, over groups"
