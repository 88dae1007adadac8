"""How many cases a question about one candidate needs, before money is spent; about two: `paired_power`."""

import math

import numpy as np
import scipy

from passmuster.stats.arrays import FloatArray
from passmuster.stats.intervals import binomial_p_greater, binomial_p_less, mean_p_greater

MOST_CASES = 10_000_000
"""Beyond this no number of cases is named: the functions return None."""


def _z(probability: float) -> float:
    return float(scipy.special.ndtri(probability))


def cases_to_pass(rate: float, bar: float, alpha: float = 0.05, power: float = 0.8) -> int | None:
    """Return the smallest n for which the exact test shows "rate above bar" with this power.

    `alpha` is one-sided (divide it by the family before). None where `rate` is not above `bar`, or more
    than ten million cases would be needed. The power of an exact test is saw-toothed in n: a few more
    cases than this can have slightly less.

    >>> cases_to_pass(0.90, 0.85), cases_to_pass(0.85, 0.85)
    (281, None)
    """
    if not 0 <= bar < rate <= 1:
        return None
    if bar == 0:
        return 1 if rate == 1 else math.ceil(math.log(1 - power) / math.log(1 - rate))
    spread = _z(1 - alpha) * math.sqrt(bar * (1 - bar)) + _z(power) * math.sqrt(rate * (1 - rate))
    start = (max(spread, 0.0) / (rate - bar)) ** 2
    if start > MOST_CASES:
        return None
    return _search(rate, bar, alpha, power, start * (1 - bar))


def _search(rate: float, bar: float, alpha: float, power: float, start: float) -> int | None:
    """Return the smallest n, searched over the failures that the test allows, around `start` of them."""
    reach = 15 + 2 * math.sqrt(start)
    first, last = max(0, math.floor(start - reach)), math.ceil(start + reach)
    while True:
        allowed = np.arange(first, last + 1, dtype=np.float64)
        needed = _smallest_sizes(allowed, bar, alpha)
        hits = np.flatnonzero(binomial_p_less(allowed, needed, 1 - rate) >= power)
        if hits.size and (hits[0] > 0 or first == 0):
            n = int(needed[hits[0]])
            return n if n <= MOST_CASES else None
        if hits.size:
            first = max(0, first - math.ceil(reach))
        else:
            last += math.ceil(2 * reach)


def _smallest_sizes(allowed: FloatArray, bar: float, alpha: float) -> FloatArray:
    """Return for each number of failures the smallest n whose test at the bar still rejects with them."""
    chance = 1 - bar
    weight = math.log(1 / alpha)
    farthest = allowed + weight + np.sqrt(weight * weight + 2 * allowed * weight)  # Chernoff: it rejects here
    low, high = np.floor(allowed / chance), np.ceil(farthest / chance)  # at the median it does not
    while np.any(high - low > 1):
        middle = np.floor((low + high) / 2)
        rejects = binomial_p_less(allowed, np.maximum(middle, allowed), chance) <= alpha
        low, high = np.where(rejects, low, middle), np.where(rejects, middle, high)
    return high


def rate_to_pass(n: int, bar: float, alpha: float = 0.05, power: float = 0.8) -> float | None:
    """Return the lowest true rate whose exact test of "rate above bar" over just n cases has this power.

    None where not even n successes would show it.

    >>> round(rate_to_pass(100, 0.85), 3), rate_to_pass(10, 0.85)
    (0.935, None)
    """
    counts = np.arange(n + 1, dtype=np.float64)
    enough = counts[binomial_p_greater(counts, n, bar) <= alpha]
    if n < 1 or not enough.size:
        return None
    # The chance of so many successes or more, as a function of the rate, is this beta distribution.
    return float(scipy.special.betaincinv(enough[0], n - enough[0] + 1, power))


def cases_to_fail(rate: float, bar: float, alpha: float = 0.05, power: float = 0.8) -> int | None:
    """Return the smallest n for which the exact test shows "rate below bar" with this power.

    None where `rate` is not below `bar`, or more than ten million cases would be needed.

    >>> cases_to_fail(0.80, 0.85)
    360
    """
    return cases_to_pass(1 - rate, 1 - bar, alpha, power)


def cases_to_pass_mean(
    mean: float, sd: float, bar: float, alpha: float = 0.05, power: float = 0.8
) -> int | None:
    """Return about how many scores in [0, 1] show "mean above bar" with this power.

    By the t test with the pseudo-scores 0 and 1, at the expected sums and with a normal distance. None
    where `mean` is not above `bar`, or more than ten million would be needed.

    >>> cases_to_pass_mean(0.80, 0.25, 0.75)
    188
    """
    if not mean > bar:
        return None

    def reaches(n: int) -> bool:
        p = mean_p_greater(n * mean, n * (sd * sd + mean * mean), n, bar)
        return bool(_z(1 - p) - _z(1 - alpha) >= _z(power))

    if not reaches(MOST_CASES):
        return None
    low, high = 0, MOST_CASES
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high


def cases_for_gap(gap: float, sd: float, alpha: float = 0.05, power: float = 0.8) -> int | None:
    """Return about how many scores without bounds show that their mean lies on this side of a limit.

    n = ((z_a + z_b) sd / gap)^2, the normal approximation of the one-sided t test. `gap` is the mean minus the limit.
    None where the gap or the spread is 0, or more than ten million would be needed.

    >>> cases_for_gap(0.5, 2.6)
    168
    """
    if gap == 0 or sd == 0:
        return None
    needed = ((_z(1 - alpha) + _z(power)) * sd / gap) ** 2
    return math.ceil(needed) if needed <= MOST_CASES else None


def cases_to_fail_mean(
    mean: float, sd: float, bar: float, alpha: float = 0.05, power: float = 0.8
) -> int | None:
    """Return about how many scores in [0, 1] show "mean below bar" with this power."""
    return cases_to_pass_mean(1 - mean, sd, 1 - bar, alpha, power)
