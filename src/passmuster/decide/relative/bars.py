"""The test of a bar relative to the incumbent, by what the bar is on."""

from dataclasses import replace

from passmuster.decide.bar_tests import BarTest, known_test, not_testable, pending_test
from passmuster.decide.bars import FIRST_TOKEN_QUANTILES, QUANTILES
from passmuster.decide.classes import class_columns
from passmuster.decide.costs.bars import COSTS
from passmuster.decide.measured import Measured
from passmuster.decide.phrases import is_ratio
from passmuster.decide.relative.averages import macro_f1_difference_test
from passmuster.decide.relative.judged import judged_difference_test
from passmuster.decide.relative.pairs import Pair
from passmuster.decide.relative.quantiles import quantile_ratio_test
from passmuster.decide.relative.ratios import cost_ratio_test, counted_difference_test
from passmuster.decide.relative.shares import difference_test
from passmuster.records.judged import JudgeReport
from passmuster.records.task import Bar, Task

ITSELF = "it is the incumbent"


def relative_test(
    bar: Bar, measured: Measured, incumbent: Measured | None, task: Task, judge: JudgeReport | None = None
) -> BarTest:
    """Make the test of a bar against the incumbent.

    Args:
        bar: With `versus`.
        measured: The candidate, on the cases of the bar.
        incumbent: The same of the incumbent; None where it is not among the candidates.
        task: Whose bar it is.
        judge: What is known of the judge, where a judge says the metric.
    """
    if incumbent is None:
        return not_testable(bar, None, "the incumbent is not among those compared", measured.cases)
    if incumbent.candidate.name == measured.candidate.name:
        same = 1.0 if is_ratio(bar.metric) else 0.0
        return replace(known_test(bar, same, measured.cases, "none"), note=ITSELF)
    if not incumbent.asked.any():
        return pending_test(bar, "the incumbent was not asked", measured.cases)
    pair = Pair(candidate=measured, incumbent=incumbent)
    return _operational_test(bar, pair, task) or _metric_test(bar, pair, judge)


def _metric_test(bar: Bar, pair: Pair, judge: JudgeReport | None) -> BarTest:
    layout = pair.candidate.layout
    classes = layout.classes.get(bar.metric)
    if classes is not None:
        return macro_f1_difference_test(bar, pair, lambda item: class_columns(item, classes))
    if bar.metric in layout.count_metrics:
        return counted_difference_test(bar, pair)
    judged = None if judge is None else judged_difference_test(bar, pair, judge)
    return judged or difference_test(bar, pair)


def _operational_test(bar: Bar, pair: Pair, task: Task) -> BarTest | None:
    for quantiles, first_token in ((QUANTILES, False), (FIRST_TOKEN_QUANTILES, True)):
        if bar.metric in quantiles:
            return quantile_ratio_test(bar, pair, quantiles[bar.metric], first_token=first_token)
    return cost_ratio_test(bar, pair, task) if bar.metric in COSTS else None
