"""Answering only where one is sure: the risk at each coverage, and a threshold whose risk is certified.

Learn-then-Test (Angelopoulos and others 2021, arXiv 2110.01052): each threshold of a grid is a hypothesis "the risk is
above the target" with an exact binomial p-value; they are tested from the strictest on, each at the whole level, until
one is not rejected (fixed sequence). The chance that the last one rejected does not keep the target is then at most that level.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import Clusters, cluster_numbers
from passmuster.stats.intervals import LEVEL, binomial_p_less, clopper_pearson, effective_sample
from passmuster.stats.power import cases_to_pass
from passmuster.stats.weighted import degrees_factor, effective_cases, effective_size, weighted_sums

COVERAGES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""The grid: a stricter start, or a finer grid, certifies less on as many labels (docs/statistics.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """The share of errors among cases, and how many independent cases that is worth."""

    rate: float
    size: float
    n: int
    errors: int

    def p_above(self, target: float) -> float:
        """Return the one-sided p-value of "the risk is at least the target"; 1 for no cases."""
        return binomial_p_less(self.rate * self.size, self.size, target) if self.size > 0 else 1.0

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the exact interval of the risk on that many cases; (0, 1) for no cases."""
        return clopper_pearson(self.rate * self.size, self.size, level)


def risk_of(
    errors: ArrayLike,
    weights: ArrayLike | None = None,
    clusters: Clusters | None = None,
    correlation: float = 0.0,
) -> Risk:
    """Return the risk of cases: each a case of its own, or on the effective sample for weights and clusters.

    Args:
        errors: 1 for each case that is wrong, else 0.
        weights: How many cases of traffic each stands for.
        clusters: The cluster of each case, where cases are not independent.
        correlation: Within clusters, that is reckoned with at least. A few clusters with one error among them look as
            if there were none; where these are some of more cases, it is that of all (`correlation_within`).

    Example:
        >>> found = risk_of([0] * 45)
        >>> found.rate, round(found.p_above(0.05), 3)
        (0.0, 0.099)
    """
    wrong = np.asarray(errors, dtype=np.float64)
    count = int(wrong.sum())
    if not wrong.size:
        return Risk(rate=0.0, size=0.0, n=0, errors=0)
    most = float(wrong.size) if weights is None else effective_cases(weights)
    if weights is None:
        rate = float(wrong.mean())
        size = most if clusters is None else effective_sample(wrong, clusters).size
    else:
        sums = weighted_sums(wrong, weights, clusters)
        rate, size = min(1.0, max(0.0, float(sums.value()))), float(effective_size(sums, most))
    if clusters is not None:
        sizes = np.unique(cluster_numbers(clusters), return_counts=True)[1].astype(np.float64)
        factor = degrees_factor(wrong.size, sizes.size)
        deff = 1 + (float(np.sum(sizes**2)) / wrong.size - 1) * correlation
        size = min(size if weights is None else size * factor, most / deff * factor)
    return Risk(rate=rate, size=size, n=wrong.size, errors=count)


def correlation_within(errors: ArrayLike, clusters: Clusters | None) -> float:
    """Return how alike the cases of a cluster are, 0 to 1: the intraclass correlation; 0 without clusters.

    Example:
        >>> correlation_within([1, 1, 0, 0, 1, 1], "aabbcc"), correlation_within([1, 0], None)
        (1.0, 0.0)
    """
    if clusters is None or not np.size(errors):
        return 0.0
    return effective_sample(errors, clusters).icc


def coverage_thresholds(
    values: ArrayLike, weights: ArrayLike | None = None, coverages: Sequence[float] = COVERAGES
) -> tuple[float, ...]:
    """Return the thresholds that accept at least these shares of the cases, the strictest first.

    Cases of equal value are accepted together, so that a signal of few values has few thresholds.

    Example:
        >>> coverage_thresholds([0.9, 0.8, 0.7, 0.6, 0.5], coverages=[0.4, 0.5, 1.0])
        (0.8, 0.7, 0.5)
    """
    own = np.asarray(values, dtype=np.float64)
    if not own.size:
        return ()
    each = np.ones(own.size) if weights is None else np.asarray(weights, dtype=np.float64)
    order = np.argsort(-own, kind="stable")
    share = np.cumsum(each[order]) / each.sum()
    found = [float(own[order][np.searchsorted(share, each_share - 1e-9)]) for each_share in coverages]
    return tuple(dict.fromkeys(found))


def fixed_sequence(p_values: Sequence[float], level: float) -> int:
    """Return how many hypotheses are rejected one after another, the first that is not ends it.

    Example:
        >>> fixed_sequence([0.01, 0.04, 0.2, 0.001], 0.1)
        2
    """
    for place, p in enumerate(p_values):
        if p > level:
            return place
    return len(p_values)


def labels_to_certify(
    risk: Risk, labelled: int, target: float, level: float, power: float = 0.8
) -> int | None:
    """Return how many labelled cases in all would certify a threshold with this power, were its risk the one seen.

    Args:
        risk: Of the cases that it accepts.
        labelled: How many labelled cases there are, accepted or not.
        target: The most risk.
        level: Of the test.
        power: The chance of success.

    Returns:
        None where the risk seen is not below the target.

    Example:
        >>> labels_to_certify(Risk(rate=0.0, size=20.0, n=20, errors=0), 100, 0.1, 0.1)
        110
    """
    needed = cases_to_pass(1 - risk.rate, 1 - target, level, power)
    if needed is None or risk.size <= 0:
        return None
    return int(np.ceil(needed * labelled / risk.size))


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskAreas:
    """Risks averaged over all coverages, and what a signal would have that ranks every right case first."""

    aurc: float
    aurc_best: float
    augrc: float
    augrc_best: float


def risk_areas(values: ArrayLike, errors: ArrayLike, weights: ArrayLike | None = None) -> RiskAreas | None:
    """Return the areas under the risk-coverage curves; None for no cases.

    `aurc` averages the share of errors among those accepted (Geifman and El-Yaniv 2017, arXiv 1705.08500), `augrc` the share
    of all that is accepted and wrong (Traub and others 2024, arXiv 2407.01032). Cases of equal value are taken
    in any order: each stands for the mean of them.

    Example:
        >>> found = risk_areas([4, 3, 2, 1], [0, 0, 1, 1])
        >>> round(found.aurc, 4), found.aurc == found.aurc_best, found.augrc
        (0.2083, True, 0.125)
    """
    own, wrong = np.asarray(values, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    if not own.size:
        return None
    each = np.ones(own.size) if weights is None else np.asarray(weights, dtype=np.float64)
    aurc, augrc = _areas(own, wrong, each)
    best, least = _areas(-wrong, wrong, each)
    return RiskAreas(aurc=aurc, aurc_best=best, augrc=augrc, augrc_best=least)


def _areas(values: FloatArray, wrong: FloatArray, weights: FloatArray) -> tuple[float, float]:
    _, tied = np.unique(-values, return_inverse=True)
    total = np.bincount(tied, weights=weights)
    mean = np.bincount(tied, weights=weights * wrong) / total
    order = np.argsort(tied, kind="stable")
    each = weights[order] / weights.sum()
    expected = mean[tied[order]]
    accepted, failed = np.cumsum(each), np.cumsum(each * expected)
    # The last of a step is accepted whole for the risk; the joint one is a line from step to step.
    joint = failed - each * expected / 2
    return float(np.sum(each * failed / accepted)), float(np.sum(each * joint))
