from collections.abc import Callable

import numpy as np
import pytest

from passmuster.decide.costs.report import cost_report
from passmuster.decide.estimates import failure_report
from passmuster.decide.measured import Measured
from passmuster.decide.rates import metric_difference, metric_estimate, quantile_estimate
from passmuster.records.task import CostModel, Success

MakeMeasured = Callable[..., Measured]


def test_missing_scores_are_counted_and_never_zero(make_measured: MakeMeasured) -> None:
    estimate = metric_estimate(make_measured(scores=[1.0] * 8 + [None, "error"]), "accuracy")
    assert (estimate.value, estimate.n, estimate.n_missing) == (1.0, 8, 2)


def test_a_difference_is_taken_where_both_have_a_score(make_measured: MakeMeasured) -> None:
    first = make_measured("a", [1.0, 1.0, None, 1.0])
    second = make_measured("b", [0.0, 1.0, 1.0, None])
    gap = metric_difference(first, second, "accuracy")
    assert (gap.value, gap.n, gap.n_missing, gap.better, gap.worse) == (0.5, 2, 2, 1, 0)


def test_groups_widen_a_difference(make_measured: MakeMeasured) -> None:
    groups = np.repeat(np.arange(40), 5).tolist()
    a, b = ([1.0] * 5) * 30 + ([0.0] * 5) * 10, ([1.0] * 5) * 20 + ([0.0] * 5) * 20
    widths = []
    for each in (None, groups):
        gap = metric_difference(
            make_measured("a", a, groups=each), make_measured("b", b, groups=each), "accuracy"
        )
        assert gap.low is not None
        assert gap.high is not None
        widths.append(gap.high - gap.low)
    assert widths[1] > 1.7 * widths[0]


def test_failures_are_told_apart_from_scores_that_could_not_be_computed(make_measured: MakeMeasured) -> None:
    report = failure_report(make_measured(scores=[1.0] * 7 + [None, None, "error"]), ("accuracy",))
    assert report.rate.value == pytest.approx(0.2)
    assert report.kinds == {"timeout": 2}
    assert report.score_failures == {"accuracy": 1}


def test_a_candidate_that_never_succeeds_has_no_cost_per_success(make_measured: MakeMeasured) -> None:
    report = cost_report(
        make_measured(scores=[0.0] * 10), Success(metric="accuracy"), CostModel(monthly_volume=1000)
    )
    assert report.per_success.value is None
    assert report.per_success.note == "no success"
    assert report.per_task.value == pytest.approx(0.001)
    assert report.per_month is not None
    assert report.per_month.value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("n", "q", "measurable"), [(58, 0.95, False), (59, 0.95, True), (298, 0.99, False), (299, 0.99, True)]
)
def test_a_quantile_is_measurable_from_its_smallest_n(
    make_measured: MakeMeasured, n: int, q: float, *, measurable: bool
) -> None:
    estimate = quantile_estimate(np.arange(float(n)), q, make_measured(scores=[1.0] * n))
    assert (estimate.value is not None) is measurable
    assert (estimate.note == "not measurable") is not measurable
