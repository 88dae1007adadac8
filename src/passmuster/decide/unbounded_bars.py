"""The test of a bar on a metric whose values have no bounds, such as a number of steps."""

import numpy as np

from passmuster.decide.bar_tests import BarTest, limit_of, not_testable
from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.phrases import counted
from passmuster.records.task import Bar
from passmuster.stats.clusters import ratio_columns, student_tail, sums_of, with_effective_units
from passmuster.stats.power import cases_for_gap


def unbounded_test(bar: Bar, measured: Measured) -> BarTest:
    """Test a mean without bounds by t, which claims no more than the sign test can of so many cases.

    Few values that are all alike, as numbers of steps often are, show no spread and prove little: the p-value is at least
    that of so many cases (or groups) which all lie on one side of the limit, 1/2 to the power of their number.

    A trial without a reply or a score has no value, and none can be put in for it: it is left out, and the note says how many.
    """
    values = measured.scores(bar.metric)
    known = ~np.isnan(values)
    if not known.any():
        return not_testable(bar, None, "no scores", len(values))
    weights = np.ones(len(values)) if measured.weights is None else measured.weights
    sizes = known * weights
    columns = ratio_columns(np.nan_to_num(values) * sizes, sizes, measured.groups, known)
    limit, sign = limit_of(bar), 1.0 if bar.at_least is not None else -1.0

    def p_values(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        found = sums_of(sums)
        found = found if measured.weights is None else with_effective_units(found)
        distance, error = sign * (found.value() - limit), found.standard_error()
        degrees, least = found.units - 1, 0.5**found.units
        return tuple(np.maximum(student_tail(way * distance, error, degrees), least) for way in (1, -1))  # type: ignore[return-value]  # two of them

    n, mean = float(known.sum()), float(np.average(values[known], weights=sizes[known]))
    error = float(sums_of(columns.sum(axis=0)).standard_error())
    deviation = error * n**0.5 if np.isfinite(error) else 0.0

    def more(level: float) -> int | None:
        needed = cases_for_gap(mean - limit, deviation, level)
        return None if needed is None else max(1, int(np.ceil(needed - n)))

    left_out = int(measured.failed_on(bar.metric).sum()) + measured.unscored(bar.metric)
    return BarTest(
        bar=bar,
        columns=columns,
        p_values=p_values,
        value=mean,
        method="t test, at least the sign test's p",
        more=more,
        note=f"{counted(left_out, 'trial')} without a value {'is' if left_out == 1 else 'are'} left out"
        if left_out
        else None,
    )
