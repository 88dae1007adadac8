"""Candidates by what is expected of them: shares that their bars turn into, and counts drawn from these.

Cases are hard or easy for all candidates alike, so their counts of right answers rise and fall together: a Gaussian
copula with one factor (Li 2000, "On default correlation", has the form). Times and failures are drawn independently.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy

from passmuster.decide.bar_tests import limit_of
from passmuster.decide.measured import FloatArray
from passmuster.decide.planning.drawn import Drawn
from passmuster.records.task import Bar
from passmuster.stats.intervals import binomial_p_greater, binomial_p_less

AGREEMENT = 0.7
"""The correlation of two candidates' right answers over the cases, where nothing is known of it: on 1,000 complaints it is
0.69 over all pairs of 14 models, on grade-school mathematics 0.36 of 33. The more alike, the lower the chance that any passes."""

SPREAD = 0.4
"""The standard deviation of the logarithm of seconds where one quantile alone is stated: p95 is then 1.9 times p50."""

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
RATES = ("failure_rate", "silent_failure_rate", "loud_failure_rate", "refusal_rate")
_FAR = 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a bar is for one candidate: the share of good cases and what it must be, or a figure that simply holds.

    `share` is None where nothing is expected that the bar is about: it is taken to be met.
    """

    share: float | None
    limit: float
    quality: bool = False
    known: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A candidate with what its bars are by what is expected of it, and US dollars a success (None: unknown)."""

    name: str
    readings: tuple[Reading, ...]
    price: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedForecast:
    """Candidates of which figures are stated; they are taken at their word.

    `worth` is as how many equally weighted cases one counts.

    Example:
        >>> bar = Bar(metric="accuracy", at_least=0.70)
        >>> reading = reading_of(bar, {"accuracy": 0.9}, frozenset({"accuracy"}))
        >>> forecast = StatedForecast(candidates=(Stated(name="a", readings=(reading,)),))
        >>> bool((forecast.draw(100, 10, np.random.default_rng(1)).p < 0.05).all())
        True
    """

    candidates: tuple[Stated, ...]
    agreement: float = AGREEMENT
    worth: float = 1.0

    @property
    def names(self) -> tuple[str, ...]:
        """Whose figures."""
        return tuple(candidate.name for candidate in self.candidates)

    def draw(self, cases: int, repetitions: int, rng: np.random.Generator) -> Drawn:
        """Simulate so many runs over so many cases."""
        shape = (repetitions, len(self.candidates))
        p, misses = np.zeros(shape), np.ones(shape)
        common = rng.standard_normal(repetitions)
        for column, candidate in enumerate(self.candidates):
            for reading in candidate.readings:
                own = rng.standard_normal(repetitions)
                if reading.quality:
                    own = np.sqrt(self.agreement) * common + np.sqrt(1 - self.agreement) * own
                found, opposite = _p_values(reading, max(1, round(cases * self.worth)), own)
                p[:, column] = np.maximum(p[:, column], found)
                misses[:, column] = np.minimum(misses[:, column], opposite)
        prices = [np.inf if candidate.price is None else candidate.price for candidate in self.candidates]
        return Drawn(
            names=self.names,
            p=p,
            misses=misses,
            prices=np.broadcast_to(np.array(prices, dtype=np.float64), shape),
            in_family=np.array([bool(candidate.readings) for candidate in self.candidates], dtype=np.bool_),
            cases=cases,
        )


def _p_values(reading: Reading, cases: int, normal: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return both p-values of the exact test in every run, whose counts are the quantiles of these normal draws."""
    nothing = np.zeros_like(normal)
    if reading.known is not None:
        return nothing + (0.0 if reading.known else 1.0), nothing + (1.0 if reading.known else 0.0)
    if reading.share is None:
        return nothing, nothing + 1.0
    rate = min(max(reading.share, 0.0), 1.0)
    middle, reach = rate * cases, _FAR * np.sqrt(max(rate * (1 - rate), 1 / cases) * cases) + _FAR
    counts = np.arange(max(0, int(middle - reach)), min(cases, int(middle + reach)) + 1, dtype=np.float64)
    below = np.asarray(binomial_p_less(counts, cases, rate))
    places = np.minimum(np.searchsorted(below, scipy.special.ndtr(normal)), len(counts) - 1)
    found = np.asarray(binomial_p_greater(counts, cases, reading.limit))
    opposite = np.asarray(binomial_p_less(counts, cases, reading.limit))
    return found[places], opposite[places]


def reading_of(
    bar: Bar, expected: Mapping[str, float], shares: frozenset[str], volume: int | None = None
) -> Reading:
    """Return what a bar is for a candidate of which these figures are expected.

    Args:
        bar: The bar. One on a slice, or held against the incumbent, is taken to be met.
        expected: Figures by the names that bars have.
        shares: The metrics whose values lie between 0 and 1; others simply hold.
        volume: Tasks a month, for what a month costs.

    Example:
        >>> reading_of(Bar(metric="latency_p95", at_most=1.5), {"latency_p95": 1.5}, frozenset()).share
        0.95
        >>> reading_of(Bar(metric="failure_rate", at_most=0.02), {"failure_rate": 0.01}, frozenset()).share
        0.99
    """
    limit = limit_of(bar)
    if bar.slice is not None or bar.versus is not None or bar.each is not None:
        return Reading(share=None, limit=limit)
    if bar.metric.startswith(("latency_", "first_token_")):
        return Reading(share=_within(bar, expected), limit=QUANTILES[bar.metric.rpartition("_")[2]])
    value = expected.get(bar.metric)
    if bar.metric.startswith("cost_"):
        value = expected_cost(bar.metric, expected, volume)
    if value is None:
        return Reading(share=None, limit=limit)
    if bar.metric not in shares and bar.metric not in RATES:
        return Reading(
            share=None, limit=limit, known=value >= limit if bar.at_least is not None else value <= limit
        )
    at_least = bar.at_least is not None
    return Reading(
        share=value if at_least else 1 - value,
        limit=limit if at_least else 1 - limit,
        quality=bar.metric in shares,
    )


def expected_cost(metric: str, expected: Mapping[str, float], volume: int | None) -> float | None:
    """Return what is expected of a cost bar: as it is stated, or from the cost of a task.

    Example:
        >>> expected_cost("cost_per_month", {"cost_per_task": 0.01}, 200_000)
        2000.0
    """
    task = expected.get("cost_per_task")
    if metric in expected or task is None:
        return expected.get(metric)
    if metric == "cost_per_month":
        return None if volume is None else task * volume
    return None  # per success takes the share of successes, which the caller knows


def _within(bar: Bar, expected: Mapping[str, float]) -> float | None:
    """Return the share of trials within the bar's seconds: between stated quantiles log seconds are taken as normal."""
    kind = bar.metric.rpartition("_")[0]
    points = sorted(
        (float(scipy.special.ndtri(q)), float(np.log(expected[f"{kind}_{name}"])))
        for name, q in QUANTILES.items()
        if expected.get(f"{kind}_{name}", 0.0) > 0
    )
    if not points:
        return None
    replied = 1 - expected.get("failure_rate", 0.0)
    return replied * float(scipy.special.ndtr(_normal(points, float(np.log(limit_of(bar))))))


def _normal(points: Sequence[tuple[float, float]], log_limit: float) -> float:
    """Return the normal quantile at which log seconds reach a limit: on lines between the points, and beyond them."""
    if len(points) == 1:
        return points[0][0] + (log_limit - points[0][1]) / SPREAD
    pairs = list(pairwise(points))
    inside = [pair for pair in pairs if log_limit <= pair[1][1]]
    (z, low), (other, high) = inside[0] if inside else pairs[-1]
    slope = (high - low) / (other - z)
    return z + (log_limit - low) / slope if slope > 0 else (_FAR if log_limit >= low else -_FAR)
