"""Macro F1 against the incumbent's: the paired bootstrap, with two pseudo-differences."""

from collections.abc import Callable

import numpy as np

from passmuster.decide.bar_tests import BarTest, limit_of, not_testable
from passmuster.decide.classes import columns_macro_f1, resampled_macro_f1
from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.relative.pairs import Pair, more_cases
from passmuster.decide.relative.shares import NO_PAIRS
from passmuster.records.task import Bar
from passmuster.stats.clusters import cluster_numbers
from passmuster.stats.margins import difference_p
from passmuster.stats.weighted import effective_cases


def macro_f1_difference_test(bar: Bar, pair: Pair, columns_of: Callable[[Measured], FloatArray]) -> BarTest:
    """Test the difference of two macro F1 on their common cases, by t with the standard error of the paired bootstrap.

    Args:
        bar: On macro F1.
        pair: The candidate and the incumbent.
        columns_of: Returns the `class_columns` of each.
    """
    mine, theirs = columns_of(pair.candidate), columns_of(pair.incumbent)
    common = (mine[:, 0] > 0) & (theirs[:, 0] > 0)
    n = int(common.sum())
    if n == 0:
        return not_testable(bar, None, NO_PAIRS, pair.candidate.cases)
    mine, theirs = mine * common[:, None], theirs * common[:, None]
    drawn, others = resampled_macro_f1([mine, theirs], pair.groups)
    error = float(np.nanstd(drawn - others, ddof=1))
    units, total = _units(mine[:, 0], pair.groups), float(mine[:, 0].sum())
    limit, sign, width = limit_of(bar), 1.0 if bar.at_least is not None else -1.0, mine.shape[1]
    columns = np.hstack([mine, theirs])

    def p_values(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        value = columns_macro_f1(sums[..., :width]) - columns_macro_f1(sums[..., width:])
        growth = np.maximum(
            sums[..., 0] / max(total, 1e-300), 1e-300
        )  # a run to come has more cases than these
        spread, size = error / np.sqrt(growth), units * growth
        good, bad = (difference_p(way * value, spread, size, way * limit) for way in (sign, -sign))
        return good, bad

    totals = columns.sum(axis=0)
    observed = p_values(totals)
    found = float(observed[0]), float(observed[1])
    return BarTest(
        bar=bar,
        columns=columns,
        p_values=p_values,
        value=float(columns_macro_f1(totals[:width]) - columns_macro_f1(totals[width:])),
        method="t test of the difference of two macro F1, paired bootstrap standard error, two pseudo-differences",
        more=lambda level: more_cases(float(n), found, level),
    )


def _units(sizes: FloatArray, groups: np.ndarray | None) -> float:
    used = sizes > 0
    totals = (
        sizes[used] if groups is None else np.bincount(cluster_numbers(groups[used]), weights=sizes[used])
    )
    return effective_cases(totals)
