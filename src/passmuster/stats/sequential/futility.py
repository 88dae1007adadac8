"""A bar tested once, at the end: when it is settled before all cases were seen.

A candidate is stopped to fail where even a kind view of it would hardly pass the test at the end; it is called passed
early only where the final test is passed already, whatever the rest brings. A stop to fail can make no false pass, so the
looks cost no level: the chance of a false pass is that of the exact test at the end, or less.
"""

from functools import lru_cache

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import RatioSums, with_pseudo_scores
from passmuster.stats.intervals import binomial_p_greater

CHANCE = 0.02
"""A candidate with less chance than this to pass at the end is stopped."""

ERRORS = 2.0
"""How many standard errors above what was seen the kind view lies."""

LEAST = 60
"""Before so many cases nobody is stopped who could still pass."""

LEAST_UNITS = 30
"""The same, in units (cases or groups), where the test goes by a standard error."""

BoolArray = NDArray[np.bool_]


def critical_count(total: ArrayLike, bar: ArrayLike, level: float) -> FloatArray:
    """Return the fewest successes of `total` with which the exact test shows "rate above bar".

    It is total + 1 where not even all would show it. It never falls with `total`, so that the largest number of cases
    that the test may come to is the safe one to ask for.

    Args:
        total: Number of cases at the end, 0 or more.
        bar: The rate to be shown exceeded, in [0, 1].
        level: One-sided level of the test, already divided by the family.

    >>> critical_count([100, 1000, 10], 0.85, 0.05).tolist()
    [92.0, 869.0, 11.0]
    """
    size, limit = np.broadcast_arrays(np.asarray(total, dtype=np.float64), np.asarray(bar, dtype=np.float64))
    pairs = zip(size.ravel().tolist(), limit.ravel().tolist(), strict=True)
    return np.array([_critical(*pair, level) for pair in pairs]).reshape(size.shape)


@lru_cache(maxsize=4096)  # every look asks for the same ones
def _critical(total: float, bar: float, level: float) -> float:
    low, high = -1.0, total + 1
    while high - low > 1:
        middle = (low + high) // 2
        rejects = binomial_p_greater(middle, total, bar) <= level
        low, high = (low, middle) if rejects else (middle, high)
    return high


def chance_to_pass(
    k: ArrayLike, n: ArrayLike, total: ArrayLike, bar: ArrayLike, level: float, *, errors: float = ERRORS
) -> FloatArray:
    """Return the chance that the exact test passes at the end if the true rate were a kind view of what was seen.

    The kind view is p + errors * sqrt(p (1 - p) / (n + 2)), p = (k + 1) / (n + 2), and at most 1. It is 0 where the
    test cannot be passed any more, and 1 where it is already.

    Args:
        k: Successes so far.
        n: Cases so far, at most `total`.
        total: Cases at the end.
        bar: The rate to be shown exceeded.
        level: One-sided level of the test, already divided by the family.
        errors: Standard errors of kindness; 0 is the chance at the smoothed rate.

    >>> chance_to_pass([48, 42], 60, 300, 0.80, 0.01).round(3).tolist()
    [0.893, 0.0]
    """
    seen, hits = np.asarray(n, dtype=np.float64), np.asarray(k, dtype=np.float64)
    size = np.asarray(total, dtype=np.float64)
    if np.any(hits < 0) or np.any(hits > seen) or np.any(seen > size):
        raise ValueError(f"need 0 <= k <= n <= total; got {k!r} of {n!r}, {total!r} in all")
    smooth = (hits + 1) / (seen + 2)
    kind = np.minimum(smooth + errors * np.sqrt(smooth * (1 - smooth) / (seen + 2)), 1.0)
    missing, left = np.broadcast_arrays(critical_count(size, bar, level) - hits, size - seen)
    possible = missing <= left
    needed = np.where(possible, np.maximum(missing, 0.0), 0.0)
    return np.where(possible, binomial_p_greater(needed, left, np.broadcast_to(kind, needed.shape)), 0.0)


def hopeless(  # noqa: PLR0913 - the test's own five, and three limits by name
    k: ArrayLike,
    n: ArrayLike,
    total: ArrayLike,
    bar: ArrayLike,
    level: float,
    *,
    chance: float = CHANCE,
    errors: float = ERRORS,
    least: int = LEAST,
) -> BoolArray:
    """Tell who can be stopped to fail: k successes of n seen, `total` in all, to show "rate above bar" at the end.

    From `least` cases on: whose `chance_to_pass` is below `chance`. Before: who cannot pass any more, however the rest
    turns out. A bar that is a ceiling (failures, replies over a time limit) is asked with the other cases as
    successes: `hopeless(n - late, n, total, 1 - share, level)`.

    Source: futility with the exact test at the end; Lan, Simon and Halperin 1982 (stochastic curtailment) with a kind
    view in place of the hypothesis.

    >>> hopeless([48, 42, 30], [60, 60, 40], 300, 0.80, 0.01).tolist()
    [False, True, False]
    """
    found = chance_to_pass(k, n, total, bar, level, errors=errors)
    return (found < chance) & ((np.asarray(n) >= least) | (found <= 0))


def assured(k: ArrayLike, n: ArrayLike, total: ArrayLike, bar: ArrayLike, level: float) -> BoolArray:
    """Tell whose test at the end is passed already: the critical count is reached, whatever the rest brings.

    >>> assured([868, 869], 900, 1000, 0.85, 0.05).tolist()
    [False, True]
    """
    if np.any(np.asarray(k) > np.asarray(n)) or np.any(np.asarray(n) > np.asarray(total)):
        raise ValueError(f"need k <= n <= total; got {k!r} of {n!r}, {total!r} in all")
    return np.asarray(np.asarray(k, dtype=np.float64) >= critical_count(total, bar, level))


def hopeless_by_error(  # noqa: PLR0913 - the test's own five, and three limits by name
    distance: ArrayLike,
    error: ArrayLike,
    seen: ArrayLike,
    total: ArrayLike,
    level: float,
    *,
    chance: float = CHANCE,
    errors: float = ERRORS,
    least: int = LEAST_UNITS,
) -> BoolArray:
    """Tell who can be stopped to fail where the final test is an estimate over its standard error.

    So for graded scores, cases in groups or with weights, differences, and costs on the log scale. If the true distance
    were `distance + errors * error`, the final one is about normal around what was seen and that, mixed by their
    shares of units; it passes when it is as far above 0 as Student's t asks for. An approximation, with the same guarantee: it
    stops to fail only, so that a false pass stays as rare as the final test makes it.

    Args:
        distance: How far the estimate lies on the passing side of the bar, in the units of the test (below: negative).
        error: Its standard error now. 0 or infinite tells nothing: nobody is stopped.
        seen: Units (cases, groups, or what weights are worth) so far.
        total: Units at the end, at least `seen`.
        level: One-sided level of the test, already divided by the family.
        chance: Who has less chance than this to pass is stopped.
        errors: Standard errors of kindness.
        least: From how many units on.

    >>> hopeless_by_error([0.01, -0.05], 0.02, 100, 500, 0.01).tolist()
    [False, True]
    """
    units, size, gap, now = np.broadcast_arrays(
        *(np.asarray(each, dtype=np.float64) for each in (seen, np.maximum(total, seen), distance, error))
    )
    known = np.isfinite(now) & (now > 0) & np.isfinite(gap) & (units >= max(least, 2))
    spread = np.where(known, now, 1.0) * np.sqrt(np.where(known, units, 1.0))  # of one unit
    whole = np.where(known, size, 2.0)
    left = np.maximum(whole - units, 0.0)
    needed = scipy.special.stdtrit(np.maximum(whole - 1, 1.0), 1 - level) * spread / np.sqrt(whole)
    expected = np.where(known, gap, 0.0) + errors * np.where(known, now, 0.0) * left / whole
    noise = spread * np.sqrt(left) / whole
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(
            noise > 0, (expected - needed) / noise, np.where(expected >= needed, np.inf, -np.inf)
        )
    return np.asarray(known & (scipy.special.ndtr(score) < chance))


def hopeless_mean(
    sums: RatioSums,
    total: ArrayLike,
    bar: float,
    level: float,
    *,
    bounded: bool = True,
    least: int = LEAST_UNITS,
) -> BoolArray:
    """Tell whose mean can be stopped to fail, from sums over units (`ratio_sums`, `weighted_sums`) and units in all.

    For scores in [0, 1] with the two pseudo-scores of the final test. A bar that is a ceiling is asked with
    the values turned: of 1 - value, or of -value at -bar where `bounded` is false.

    >>> from passmuster.stats.clusters import ratio_sums
    >>> poor, good = [0.5, 0.6, 0.7] * 20, [0.7, 0.8, 0.9] * 20
    >>> [bool(hopeless_mean(ratio_sums(each, [1.0] * 60), 500, 0.75, 0.05)) for each in (poor, good)]
    [True, False]
    """
    own = with_pseudo_scores(sums) if bounded else sums
    extra = 2 if bounded else 0
    whole = np.asarray(total, dtype=np.float64) + extra
    return hopeless_by_error(
        own.value() - bar, own.standard_error(), own.units, whole, level, least=least + extra
    )
