"""Repeats of a case: how much of the spread they explain, how many are worth their price, and what they agree on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import Clusters, cluster_numbers

MOST_REPEATS = 10_000
"""More are not looked at for the best plan."""

_ROUNDING = 1e-9
_NO_SPREAD = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """Variance of a score between cases and between the repeats of one case, in squares of the score's unit.

    Where all values are equal both are 0.
    """

    between: float
    within: float

    @property
    def share_between(self) -> float | None:
        """The share of the variance that lies between cases; None where there is no variance."""
        total = self.between + self.within
        return self.between / total if total > 0 else None

    def standard_error(self, cases: float, repeats: float) -> float:
        """Return the standard error of the mean over so many cases, each asked so many times.

        sqrt(between / cases + within / (cases x repeats)); `repeats` may be infinite.

        Example:
            >>> found = Components(between=0.2, within=0.8)
            >>> [round(found.standard_error(200, k), 4) for k in (1, 3, 10)]
            [0.0707, 0.0483, 0.0374]
        """
        return math.sqrt((self.between + self.within / repeats) / cases)


def variance_components(values: ArrayLike, cases: Clusters) -> Components | None:
    """Return the variance between cases and within them: one-way analysis of variance, repeats may differ in number.

    Searle, Casella and McCulloch 1992, Variance Components, 3.6: within is MSW, between (MSB - MSW) / n0 and never
    below 0. None where no case has a repeat, or there is only one case.

    Args:
        values: The score of each trial.
        cases: The case of each trial.

    Example:
        >>> found = variance_components([1, 1, 0, 0, 1, 0], ["a", "a", "b", "b", "c", "c"])
        >>> round(found.between, 4), round(found.within, 4)
        (0.1667, 0.1667)
    """
    scores = np.asarray(values, dtype=np.float64)
    numbers = cluster_numbers(cases)
    sizes = np.bincount(numbers).astype(np.float64)
    n, groups = scores.size, sizes.size
    if groups < 2 or n <= groups:
        return None
    if float(np.ptp(scores)) <= _NO_SPREAD * float(np.abs(scores).max()):
        return Components(between=0.0, within=0.0)  # else shares would be those of rounding
    means = np.bincount(numbers, weights=scores) / sizes
    within = float(np.sum((scores - means[numbers]) ** 2)) / (n - groups)
    between = float(np.sum(sizes * (means - scores.mean()) ** 2)) / (groups - 1)
    size = (n - float(np.sum(sizes**2)) / n) / (groups - 1)
    return Components(between=max(0.0, (between - within) / size), within=within)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """So many cases, each asked so many times, and the standard error of the mean that this gives."""

    cases: int
    repeats: int
    standard_error: float


def best_plan(
    components: Components,
    budget: float,
    *,
    call: float = 1.0,
    case: float = 0.0,
    most_cases: int | None = None,
) -> Plan | None:
    """Return the cases and repeats with the least standard error that a budget pays for.

    A plan of n cases asked K times costs n x (case + K x call). As long as there are further cases, one repeat is
    best where a case costs nothing itself (a label, a person's look at it); then the best K is near
    sqrt(case / call x within / between). None where the budget does not pay for one case.

    Args:
        components: The variance between cases and within them.
        budget: What may be spent, in any unit.
        call: The price of one trial in that unit.
        case: The price of having a case at all, in that unit.
        most_cases: How many cases there are; None: as many as wanted.

    Example:
        >>> found = Components(between=0.05, within=0.2)
        >>> best_plan(found, 600)
        Plan(cases=600, repeats=1, standard_error=0.020412414523193152)
        >>> best_plan(found, 600, most_cases=200).repeats, best_plan(found, 6000, case=9).repeats
        (3, 6)
    """
    if budget < case + call:
        return None
    repeats = np.arange(1, min(MOST_REPEATS, math.floor((budget - case) / call + _ROUNDING)) + 1)
    paid = np.floor(budget / (case + repeats * call) + _ROUNDING)
    cases = paid if most_cases is None else np.minimum(paid, most_cases)
    errors = np.sqrt((components.between + components.within / repeats) / cases)
    best = int(np.argmin(errors))
    return Plan(cases=int(cases[best]), repeats=int(repeats[best]), standard_error=float(errors[best]))


def pass_at_k(n: int, c: int, k: int) -> float:
    """Return the chance that at least one of k repeats succeeds, from c successes in n: 1 - C(n-c, k) / C(n, k).

    Unbiased (Chen et al. 2021, arXiv 2107.03374).

    Raises:
        ValueError: for c outside 0 to n, or k outside 1 to n.

    Example:
        >>> pass_at_k(10, 3, 1), round(pass_at_k(10, 3, 5), 4)
        (0.3, 0.9167)
    """
    _checked(n, c, k)
    # From the complement, whose counts are whole numbers: no rounding but that of one division.
    total = math.comb(n, k)
    return (total - math.comb(n - c, k)) / total


def pass_all_k(n: int, c: int, k: int) -> float:
    """Return the chance that all of k repeats succeed, from c successes in n: pass^k = C(c, k) / C(n, k).

    Unbiased (tau-bench, arXiv 2406.12045).

    Raises:
        ValueError: for c outside 0 to n, or k outside 1 to n.

    Example:
        >>> pass_all_k(4, 4, 4), pass_all_k(4, 3, 2), pass_all_k(4, 1, 2)
        (1.0, 0.5, 0.0)
    """
    _checked(n, c, k)
    return math.comb(c, k) / math.comb(n, k)


def flip_rate(n: int, c: int) -> float:
    """Return the chance that two different repeats of a case end differently, from c successes in n.

    2 c (n - c) / (n (n - 1)); between 0 (all alike) and n / (2 (n - 1)).

    Raises:
        ValueError: for fewer than two repeats, or c outside 0 to n.

    Example:
        >>> flip_rate(4, 4), flip_rate(4, 2), flip_rate(2, 1)
        (0.0, 0.6666666666666666, 1.0)
    """
    _checked(n, c, 2)
    return 2 * c * (n - c) / (n * (n - 1))


def _checked(n: int, c: int, k: int) -> None:
    if not 0 <= c <= n:
        raise ValueError(f"successes must lie between 0 and the number of repeats; got {c} of {n}")
    if not 1 <= k <= n:
        raise ValueError(f"k must lie between 1 and the number of repeats; got {k} of {n}")


def case_values(
    successes: Sequence[int], repeats: Sequence[int], k: int, *, every: bool = False
) -> FloatArray:
    """Return pass@k of each case (pass^k where `every`); NaN for one with fewer than k repeats.

    Example:
        >>> case_values([1, 0, 1], [2, 2, 1], 2).tolist()
        [1.0, 0.0, nan]
    """
    figure = pass_all_k if every else pass_at_k
    known: dict[tuple[int, int], float] = {}
    for key in set(zip(successes, repeats, strict=True)):
        known[key] = figure(key[1], key[0], k) if key[1] >= k else math.nan
    return np.array([known[key] for key in zip(successes, repeats, strict=True)], dtype=np.float64)
