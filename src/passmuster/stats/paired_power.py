"""How many cases a question about two candidates needs, and what a number of cases can show.

Numbers are of independent cases of equal weight: where cases belong together multiply them by the design effect, where they
have weights compare them with the effective size (`weighted.effective_cases`).
"""

import math

import numpy as np
import scipy

from passmuster.stats.arrays import FloatArray
from passmuster.stats.intervals import LEVEL, binomial_p_less, wilson
from passmuster.stats.paired import mcnemar_mid_p
from passmuster.stats.power import MOST_CASES

_ROUNDING = 1e-9
_SURE = 1e-12  # of the counts of discordant cases so little probability is left out


def _z(probability: float) -> float:
    return float(scipy.special.ndtri(probability))


def _whole(cases: float) -> int | None:
    """Return the cases as a number, or None beyond what anybody asks."""
    return max(1, math.ceil(cases - _ROUNDING)) if cases <= MOST_CASES else None


def paired_cases(gap: float, discordance: float, alpha: float = 0.05, power: float = 0.8) -> int | None:
    """Return how many paired cases show a difference of two rates (two-sided).

    n = (z_a sqrt(D) + z_b sqrt(D - d^2))^2 / d^2 (Connor 1987; Miettinen 1968). None where the gap is 0 or not below the
    discordance, or more than ten million cases would be needed.

    Args:
        gap: The difference of the rates.
        discordance: The share of cases that exactly one of the two gets right.
        alpha: Two-sided level.
        power: Chance to show it.

    >>> paired_cases(0.02, 0.10)
    1960
    """
    d = abs(gap)
    if d == 0 or discordance <= d:
        return None
    root = _z(1 - alpha / 2) * math.sqrt(discordance) + _z(power) * math.sqrt(discordance - d * d)
    return _whole((root / d) ** 2)


def paired_mean_cases(gap: float, sd: float, alpha: float = 0.05, power: float = 0.8) -> int | None:
    """Return about how many paired cases show a difference of two mean scores (two-sided).

    n = ((z_a + z_b) sd / gap)^2, the normal approximation of the paired t test; `sd` is that of the
    differences. None where the gap or the spread is 0, or more than ten million would be needed.

    >>> paired_mean_cases(0.05, 0.30)
    283
    """
    if gap == 0 or sd <= 0:
        return None
    return _whole(((_z(1 - alpha / 2) + _z(power)) * sd / gap) ** 2)


def unpaired_cases(first: float, second: float, alpha: float = 0.05, power: float = 0.8) -> int | None:
    """Return how many cases each of two candidates needs where they answer different ones (two-sided).

    n = (z_a sqrt(2 m (1 - m)) + z_b sqrt(p (1 - p) + q (1 - q)))^2 / (p - q)^2, m the mean of both rates (Fleiss 1981). None
    where the rates are equal.

    >>> unpaired_cases(0.85, 0.80), paired_cases(0.05, 0.20)
    (906, 626)
    """
    d, mean = abs(first - second), (first + second) / 2
    if d == 0:
        return None
    own = math.sqrt(first * (1 - first) + second * (1 - second))
    root = _z(1 - alpha / 2) * math.sqrt(2 * mean * (1 - mean)) + _z(power) * own
    return _whole((root / d) ** 2)


def noninferiority_cases(
    margin: float, discordance: float, alpha: float = 0.05, power: float = 0.8, difference: float = 0.0
) -> int | None:
    """Return how many paired cases show "not worse by `margin`" (one-sided) at a true `difference`.

    n = (z_a + z_b)^2 D / (margin + difference)^2. None where the true difference is not above -margin, or more than
    ten million cases would be needed. The power of Tango's score test is then .77 to .80, and less where only a handful of
    cases differ (.71 at 124 cases, 5% of them discordant).

    >>> noninferiority_cases(0.02, 0.10)
    1546
    """
    room = margin + difference
    if room <= 0:
        return None
    return _whole((_z(1 - alpha) + _z(power)) ** 2 * discordance / room**2)


def smallest_gap(n: int, discordance: float, alpha: float = 0.05, power: float = 0.8) -> float | None:
    """Return the smallest difference of two rates that n paired cases show: the inverse of `paired_cases`.

    None where even a difference as large as the discordance would not be shown.

    >>> round(smallest_gap(1960, 0.10), 4)
    0.02
    """
    alpha_part = _z(1 - alpha / 2) * math.sqrt(discordance)

    def missing(d: float) -> float:
        return alpha_part + _z(power) * math.sqrt(max(discordance - d * d, 0.0)) - d * math.sqrt(n)

    if n <= 0 or missing(discordance) >= 0:
        return None
    low, high = 0.0, discordance
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if missing(middle) > 0 else (low, middle)
    return high


def smallest_margin(n: int, discordance: float, alpha: float = 0.05, power: float = 0.8) -> float | None:
    """Return the smallest margin by which n paired cases show an equally good candidate not to be worse.

    The inverse of `noninferiority_cases` at no difference: (z_a + z_b) sqrt(D / n). None for no cases.

    >>> round(smallest_margin(1546, 0.10), 4)
    0.02
    """
    return (_z(1 - alpha) + _z(power)) * math.sqrt(discordance / n) if n > 0 else None


def discordance_interval(discordant: int, n: int, level: float = LEVEL) -> tuple[float, float, float]:
    """Return the discordance that a pilot showed, and the ends of its Wilson interval: (value, low, high).

    The value is (discordant + 1) / (n + 2): a pilot without a discordant case does not show that there are none.

    >>> [round(each, 3) for each in discordance_interval(7, 50)]
    [0.154, 0.07, 0.262]
    """
    low, high = wilson(float(discordant), n, level)
    return (discordant + 1) / (n + 2), low, high


def cases_from_pilot(
    gap: float, discordant: int, n: int, alpha: float = 0.05, power: float = 0.8
) -> tuple[int | None, int | None, int | None]:
    """Return how many paired cases show a difference, by what a pilot says of the discordance: (value, low, high).

    The ends are those of `discordance_interval`. None where the gap is not below that discordance: two candidates that
    seldom differ cannot differ by so much.

    >>> cases_from_pilot(0.05, 7, 50)
    (481, 216, 820)
    """
    value, low, high = (paired_cases(gap, each, alpha, power) for each in discordance_interval(discordant, n))
    return value, low, high


def mcnemar_power(n: int, gap: float, discordance: float, alpha: float = 0.05) -> float:
    """Return the chance that the mid-p McNemar test shows a difference (two-sided), by enumeration of all counts.

    >>> round(mcnemar_power(1960, 0.02, 0.10), 3)
    0.802
    """
    if not 0 < discordance <= 1 or abs(gap) > discordance:
        raise ValueError(f"need |gap| <= discordance in (0, 1]; got {gap} and {discordance}")
    discordant = np.arange(n + 1.0)
    chances = _binomial(discordant, float(n), discordance)
    keep = chances > _SURE / (n + 1)
    discordant, chances = discordant[keep], chances[keep]
    most = _largest_minority(discordant, alpha)
    better = (1 + gap / discordance) / 2
    some = most >= 0
    fewest = np.where(some, most, 0.0)
    tails = binomial_p_less(fewest, discordant, better) + binomial_p_less(fewest, discordant, 1 - better)
    return float(chances @ np.where(some, tails, 0.0))


def _largest_minority(discordant: FloatArray, alpha: float) -> FloatArray:
    """Return for each number of discordant cases how few of them may favour one side for the test to reject; -1: none."""
    low, high = np.full_like(discordant, -1.0), np.floor(discordant / 2) + 1
    while np.any(high - low > 1):
        middle = np.floor((low + high) / 2)
        inside = np.maximum(middle, 0.0)
        rejects = (mcnemar_mid_p(inside, discordant - inside) <= alpha) & (middle >= 0)
        low, high = np.where(rejects, middle, low), np.where(rejects, high, middle)
    return low


def _binomial(k: FloatArray, n: float, rate: float) -> FloatArray:
    """Return P(X = k) for X ~ Binomial(n, rate)."""
    special = scipy.special
    ways = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return np.asarray(np.exp(ways + special.xlogy(k, rate) + special.xlog1py(n - k, -rate)))
