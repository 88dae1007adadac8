"""The test of a share over cases that stand for different numbers of cases of traffic."""

import numpy as np

from passmuster.decide.bar_tests import BarTest
from passmuster.decide.measured import FloatArray, Measured
from passmuster.records.task import Bar
from passmuster.stats.clusters import cluster_numbers, ratio_columns, sums_of
from passmuster.stats.intervals import binomial_p_greater, binomial_p_less
from passmuster.stats.power import cases_to_fail, cases_to_pass
from passmuster.stats.weighted import degrees_factor, effective_cases, effective_size


def weighted_share_test(
    bar: Bar, measured: Measured, shares: tuple[FloatArray, FloatArray], limit: float, value: float | None
) -> BarTest:
    """Test that the weighted share of good cases is at least `limit`: exact binomial on the effective size.

    Args:
        bar: The bar.
        measured: Whose cases; they have weights.
        shares: The worst and the best reading of each case, NaN where it says nothing.
        limit: In [0, 1].
        value: What is shown as observed.
    """
    known = ~np.isnan(shares[0])
    weights = known * (np.ones(len(known)) if measured.weights is None else measured.weights)
    columns = np.hstack(
        [ratio_columns(np.nan_to_num(each) * weights, weights, measured.groups, known) for each in shares]
    )
    most, factor = effective_cases(weights), _factor(measured, known)

    def reading(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        found = sums_of(sums)
        rate = np.clip(np.where(found.bottom > 0, found.value(), 0.0), 0.0, 1.0)
        return rate, effective_size(found, most) * factor

    def p_values(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        (low, some), (high, others) = (reading(part) for part in np.split(sums, 2, axis=-1))
        return binomial_p_greater(low * some, some, limit), binomial_p_less(high * others, others, limit)

    (rate, size), (best_rate, _) = (reading(part) for part in np.split(columns.sum(axis=0), 2))
    n = float(known.sum())

    def more(level: float) -> int | None:
        if rate > limit:
            total = cases_to_pass(float(rate), limit, level)
        elif best_rate < limit:
            total = cases_to_fail(float(best_rate), limit, level)
        else:
            return None
        share = float(size) / n if n else 0.0
        return None if total is None or not share else max(1, int(np.ceil(total / share - n)))

    return BarTest(
        bar=bar,
        columns=columns,
        p_values=p_values,
        value=value,
        method="exact binomial test on the effective sample, weighted",
        more=more,
    )


def _factor(measured: Measured, known: np.ndarray) -> float:
    if measured.groups is None:
        return 1.0
    numbers = cluster_numbers(measured.groups[known])
    return degrees_factor(numbers.size, len(np.unique(numbers)))
