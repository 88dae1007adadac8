"""Quantiles of times: order statistics, their exact intervals, and when they cannot be measured."""

import math
from collections.abc import Iterable
from itertools import accumulate, takewhile
from operator import mul

import numpy as np
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray, Numbers
from passmuster.stats.intervals import LEVEL, binomial_p_greater, binomial_p_less

_ROUNDING = 1e-9  # .29 x 100 is 28.999999999999996
_NOTHING = 1e-20


def smallest_n(q: float, level: float = LEVEL) -> int:
    """Return the fewest values with which the q-quantile is measurable.

    It is the smallest n for which the largest value (the smallest, for q < 1/2) is an upper (lower)
    one-sided bound at this level: max(q, 1 - q)^n <= 1 - level. Fewer could not pass a limit on the
    quantile even if every value met it.

    Raises:
        ValueError: where q is not between 0 and 1.

    >>> smallest_n(0.5), smallest_n(0.95), smallest_n(0.99)
    (5, 59, 299)
    """
    if not 0 < q < 1:
        raise ValueError(f"a quantile must lie between 0 and 1; got {q}")
    return math.ceil(math.log(1 - level) / math.log(max(q, 1 - q)) - _ROUNDING)


def measurable(n: int, q: float, level: float = LEVEL) -> bool:
    """Return whether n values are enough for the q-quantile (see `smallest_n`)."""
    return n >= smallest_n(q, level)


def quantile(values: ArrayLike, q: float) -> float | None:
    """Return the order statistic of rank floor(q n) + 1, or None where it is not measurable.

    >>> quantile(range(100), 0.95), quantile(range(50), 0.95)
    (95.0, None)
    """
    times = np.asarray(values, dtype=np.float64)
    if not measurable(times.size, q):
        return None
    rank = min(math.floor(q * times.size + _ROUNDING), times.size - 1)
    return float(np.partition(times, rank)[rank])


def quantile_interval(values: ArrayLike, q: float, level: float = LEVEL) -> tuple[float | None, float | None]:
    """Return the distribution-free interval of the q-quantile: two order statistics.

    Their ranks are the (1 - level) / 2 and (1 + level) / 2 quantiles of Binomial(n, q), the upper one
    plus 1; so the coverage is at least `level` for any distribution. A side is None where n is too small
    for it (the upper side of p95 needs 72 values at 95%), both where the quantile is not measurable.

    >>> quantile_interval(range(1, 101), 0.5)
    (40.0, 61.0)
    """
    times = np.sort(np.asarray(values, dtype=np.float64))
    n = times.size
    if not measurable(n, q):
        return None, None
    low, high = quantile_ranks(n, q, level)
    return (
        float(times[low - 1]) if low >= 1 else None,
        float(times[high - 1]) if high <= n else None,
    )


def quantile_ranks(n: int, q: float, level: float = LEVEL) -> tuple[int, int]:
    """Return the ranks, from 1, of the two values that bound the q-quantile of n; 0 and n + 1 are none of them.

    Example:
        >>> quantile_ranks(100, 0.5)
        (40, 61)
    """
    return _binomial_quantile((1 - level) / 2, n, q), _binomial_quantile((1 + level) / 2, n, q) + 1


def _binomial_quantile(probability: float, n: int, q: float) -> int:
    """Return the smallest k with P(X <= k) >= probability for X ~ Binomial(n, q)."""
    likeliest = math.floor((n + 1) * q)
    odds = q / (1 - q)
    # How likely each count is against the likeliest one, as far as that can be told from 0.
    above = _chances((n - k) / (k + 1) * odds for k in range(likeliest, n))
    below = _chances(k / (n - k + 1) / odds for k in range(likeliest, 0, -1))
    chances = [*reversed(below), 1.0, *above]
    wanted = probability * math.fsum(chances)
    found = sum(total < wanted for total in accumulate(chances))
    return likeliest - len(below) + found


def _chances(ratios: Iterable[float]) -> list[float]:
    """Return the products of the first ratios, of the first two and so on, until they count for nothing."""
    return list(takewhile(_NOTHING.__lt__, accumulate(ratios, mul)))


def quantile_p_below(over: Numbers, n: float | FloatArray, q: float) -> Numbers:
    """Return the exact p-value of "the q-quantile is above the limit", of n values `over` above it.

    >>> round(quantile_p_below(0, 59, 0.95), 4)
    0.0485
    """
    return binomial_p_less(over, n, 1 - q)


def quantile_p_above(over: Numbers, n: float | FloatArray, q: float) -> Numbers:
    """Return the exact p-value of "the q-quantile is at or below the limit", of n values `over` above it."""
    return binomial_p_greater(over, n, 1 - q)
