"""Intervals of one figure: shares, scores, groups, weights, costs, and a limit on latencies."""

from collections.abc import Sequence

import numpy as np

from passmuster.decide.promises.drawing import in_clusters, share, total
from passmuster.decide.promises.promise import Count, Promise
from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import RatioSums
from passmuster.stats.intervals import (
    clopper_pearson,
    cluster_mean_interval,
    korn_graubard,
    mean_interval,
    mean_p_greater,
    wilson,
)
from passmuster.stats.quantiles import quantile_p_below
from passmuster.stats.ratio import ratio_p_above, ratio_p_below
from passmuster.stats.weighted import weighted_rate_interval

SHARES, RATES, SIZES = (0.70, 0.20, 0.08, 0.02), (0.85, 0.70, 0.60, 0.55), (190, 50, 30, 30)
WEIGHTED_TRUTH = float(np.dot(SHARES, RATES))


def shares_near_one(rng: np.random.Generator, runs: int) -> Count:
    """Draw 50 to 200 pass/fail cases at true rates of 85 to 99%; the shortcut adds two standard errors."""
    n = rng.integers(50, 201, runs).astype(float)
    rates = rng.uniform(0.85, 0.99, runs)
    right = rng.binomial(n.astype(int), rates).astype(float)
    low, high = wilson(right, n)
    half = 1.96 * np.sqrt(right / n * (1 - right / n) / n)
    return Count(
        runs=runs,
        errors=total((low > rates) | (high < rates)),
        naive=total(np.abs(right / n - rates) > half),
    )


def scores_near_one(rng: np.random.Generator, runs: int, n: int = 30) -> Count:
    """Draw scores near the ceiling, 95% ones, the rest uniform, mean .975; the shortcut is plain t.

    In `figures`: how often the bar of just the mean is passed, by either way.
    """
    scores = np.where(rng.uniform(size=(runs, n)) < 0.95, 1.0, rng.uniform(size=(runs, n)))
    sums, squares = scores.sum(axis=1), (scores**2).sum(axis=1)
    (low, high), (plain_low, plain_high) = (
        mean_interval(sums, squares, n, bounded=bounded) for bounded in (True, False)
    )
    passes, plain = (mean_p_greater(sums, squares, n, 0.975, bounded=each) <= 0.05 for each in (True, False))
    return Count(
        runs=runs,
        errors=total((low > 0.975) | (high < 0.975)),
        naive=total((plain_low > 0.975) | (plain_high < 0.975)),
        figures={"passes": share(passes), "passes by t": share(plain)},
    )


UNEQUAL = tuple(max(1, round(20 / (place + 1))) for place in range(50))
"""Sizes of groups of which some are large and most hold one case."""


def grouped_shares(rng: np.random.Generator, runs: int, sizes: Sequence[int] = UNEQUAL) -> Count:
    """Draw groups with a correlation of .3 at a rate of 85%; the shortcut takes cases for independent."""
    clusters = np.repeat(np.arange(len(sizes)), sizes).tolist()
    errors = naive = 0
    for _ in range(runs):
        values = in_clusters(rng, sizes, 0.85, 0.3)
        low, high = korn_graubard(values, clusters)
        plain_low, plain_high = clopper_pearson(float(values.sum()), float(values.size))
        errors += not low <= 0.85 <= high
        naive += not plain_low <= 0.85 <= plain_high
    return Count(runs=runs, errors=errors, naive=naive)


def grouped_scores(rng: np.random.Generator, runs: int) -> Count:
    """Draw 50 groups of 5 graded scores with a correlation of .3; in `figures`: errors without pseudo-groups."""
    clusters = np.repeat(np.arange(50), 5)
    errors = naive = plain = 0
    for _ in range(runs):
        values = np.clip(0.6 + rng.normal(0, 0.11, 50)[clusters] + rng.normal(0, 0.168, 250), 0, 1)
        intervals = (
            cluster_mean_interval(values, clusters),
            mean_interval(float(values.sum()), float((values**2).sum()), 250),
            cluster_mean_interval(values, clusters, bounded=False),
        )
        missed = [not low <= 0.5985 <= high for low, high in intervals]
        errors, naive, plain = errors + missed[0], naive + missed[1], plain + missed[2]
    return Count(runs=runs, errors=errors, naive=naive, figures={"unbounded": plain / runs})


def weighted_shares(rng: np.random.Generator, runs: int) -> Count:
    """Draw 300 cases of four strata, at least 30 each, weighted back to traffic; the shortcut ignores the weights."""
    weights = np.concatenate([np.full(n, part / n) for n, part in zip(SIZES, SHARES, strict=True)])
    errors = naive = 0
    for _ in range(runs):
        drawn = [rng.random(n) < rate for n, rate in zip(SIZES, RATES, strict=True)]
        values = np.concatenate(drawn).astype(np.float64)
        low, high = weighted_rate_interval(values, weights)
        plain_low, plain_high = wilson(float(values.sum()), float(values.size))
        errors += not low <= WEIGHTED_TRUTH <= high
        naive += not plain_low <= WEIGHTED_TRUTH <= plain_high
    return Count(runs=runs, errors=errors, naive=naive)


def many_sums(costs: FloatArray, wins: FloatArray) -> RatioSums:
    """Return the sums of each row's cost per success."""
    return RatioSums(
        units=np.full(costs.shape[0], float(costs.shape[1])),
        top=costs.sum(axis=1),
        bottom=wins.sum(axis=1),
        top_top=(costs**2).sum(axis=1),
        top_bottom=(costs * wins).sum(axis=1),
        bottom_bottom=wins.sum(axis=1),
    )


def drawn_costs(rng: np.random.Generator, runs: int, n: int, rate: float) -> tuple[FloatArray, FloatArray]:
    """Draw log-normal costs of mean 1 with a spread of 50%, and successes at this rate."""
    sigma = np.sqrt(np.log(1.25))
    costs = rng.lognormal(-(sigma**2) / 2, sigma, (runs, n))
    return costs, (rng.uniform(size=costs.shape) < rate).astype(np.float64)


def costs_per_success(rng: np.random.Generator, runs: int, n: int = 100, rate: float = 0.3) -> Count:
    """Draw costs and successes; the shortcut takes the number of successes as given."""
    costs, wins = drawn_costs(rng, runs, n, rate)
    sums = many_sums(costs, wins)
    held = (ratio_p_below(1 / rate, sums) >= 0.025) & (ratio_p_above(1 / rate, sums) >= 0.025)
    held &= sums.bottom > 0
    half = 1.96 * costs.std(axis=1, ddof=1) / np.sqrt(n) / np.maximum(wins.mean(axis=1), 1 / n)
    return Count(runs=runs, errors=total(~held), naive=total(np.abs(sums.value() - 1 / rate) > half))


def late_enough(rng: np.random.Generator, runs: int) -> Count:
    """Draw 300 latencies whose p95 is just the limit: an error is a pass; the shortcut compares the p95 of the sample."""
    over = rng.binomial(300, 0.05, runs).astype(float)
    return Count(
        runs=runs,
        errors=total(quantile_p_below(over, 300.0, 0.95) <= 0.05),
        naive=total(over <= 15),
    )


_MISSES = "intervals that miss the true figure"

PROMISES = (
    Promise(
        name="interval-share",
        says="The 95% interval of an accuracy holds the true one, near 100% too.",
        counts=_MISSES,
        naive="the share plus and minus two standard errors",
        used=("compare", "corpus describe"),
        limit=0.06,
        repetitions=10_000,
        fewest=4000,
        simulate=shares_near_one,
    ),
    Promise(
        name="interval-score",
        says="The 95% interval of a mean score holds the true one where nearly all scores are perfect.",
        counts=_MISSES,
        naive="plain t, which sees no spread there",
        used=("compare",),
        limit=0.05,
        repetitions=5000,
        simulate=scores_near_one,
    ),
    Promise(
        name="interval-groups",
        says="The 95% interval of an accuracy holds the true one where cases come in groups that turn out alike.",
        counts=_MISSES,
        naive="every case counts as independent",
        used=("compare",),
        limit=0.06,
        repetitions=4000,
        simulate=grouped_shares,
    ),
    Promise(
        name="interval-group-scores",
        says="The 95% interval of a mean score holds the true one where cases come in groups.",
        counts=_MISSES,
        naive="every case counts as independent",
        used=("compare",),
        limit=0.06,
        repetitions=4000,
        simulate=grouped_scores,
    ),
    Promise(
        name="interval-weights",
        says="Cases drawn more often than they occur, weighted back, estimate the traffic.",
        counts=_MISSES,
        naive="all cases count alike",
        used=("corpus sample", "compare"),
        limit=0.06,
        repetitions=6000,
        simulate=weighted_shares,
    ),
    Promise(
        name="cost-per-success",
        says="The 95% interval of the cost per success holds the true one.",
        counts=_MISSES,
        naive="the number of successes counts as known",
        used=("compare",),
        limit=0.065,
        repetitions=8000,
        simulate=costs_per_success,
    ),
    Promise(
        name="latency-limit",
        says="A candidate whose p95 is no better than the limit hardly ever passes it.",
        counts="runs in which a candidate passes whose p95 is just the limit",
        naive="the p95 of the sample is compared with the limit",
        used=("compare", "decide"),
        limit=0.05,
        repetitions=10_000,
        simulate=late_enough,
    ),
)
