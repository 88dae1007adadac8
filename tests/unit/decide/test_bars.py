from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from passmuster.decide.bar_tests import share_columns
from passmuster.decide.bars import bar_test
from passmuster.decide.measured import Measured
from passmuster.records.task import CORPUS_BARS, OPERATIONAL, Bar, CostModel, MetricSpec, Task

MakeMeasured = Callable[..., Measured]
TASK = Task(name="t", metrics=(MetricSpec(name="accuracy", kind="exact_match"),))


def test_a_pass_fail_bar_is_tested_exactly(make_measured: MakeMeasured) -> None:
    measured = make_measured(scores=[1.0] * 90 + [0.0] * 10)
    test = bar_test(Bar(metric="accuracy", at_least=0.8), measured, TASK)
    p, p_misses = test.observed()
    assert p == pytest.approx(stats.binom.sf(89, 100, 0.8), abs=1e-12)
    assert p_misses == pytest.approx(stats.binom.cdf(90, 100, 0.8), abs=1e-12)
    assert test.value == pytest.approx(0.9)


def test_a_failed_trial_is_no_success(make_measured: MakeMeasured) -> None:
    test = bar_test(
        Bar(metric="accuracy", at_least=0.8), make_measured(scores=[1.0] * 90 + [None] * 10), TASK
    )
    assert test.value == pytest.approx(0.9)
    assert test.note == "10 failed trials count as not met"


def test_a_score_that_is_unknown_helps_neither_side(make_measured: MakeMeasured) -> None:
    bar = Bar(metric="accuracy", at_least=0.8)
    p, p_misses = bar_test(bar, make_measured(scores=[1.0] * 85 + ["error"] * 15), TASK).observed()
    as_wrong, _ = bar_test(bar, make_measured(scores=[1.0] * 85 + [0.0] * 15), TASK).observed()
    _, as_right = bar_test(bar, make_measured(scores=[1.0] * 100), TASK).observed()
    assert (p, p_misses) == (as_wrong, as_right)


def test_a_case_without_a_reference_is_left_out(make_measured: MakeMeasured) -> None:
    bar = Bar(metric="accuracy", at_least=0.8)
    with_gaps = bar_test(bar, make_measured(scores=[1.0] * 85 + [0.0] * 5 + ["no_reference"] * 60), TASK)
    without = bar_test(bar, make_measured(scores=[1.0] * 85 + [0.0] * 5), TASK)
    assert with_gaps.observed() == without.observed()
    assert with_gaps.note is None


def test_a_latency_bar_is_the_share_of_trials_within_it(make_measured: MakeMeasured) -> None:
    measured = make_measured(scores=[1.0] * 200, seconds=[0.5] * 196 + [3.0] * 4)
    p, _ = bar_test(Bar(metric="latency_p95", at_most=1.5), measured, TASK).observed()
    assert p == pytest.approx(stats.binom.cdf(4, 200, 0.05), abs=1e-12)


def test_a_failed_trial_met_no_deadline(make_measured: MakeMeasured) -> None:
    good = make_measured(scores=[1.0] * 200)
    poor = make_measured(scores=[1.0] * 180 + [None] * 20)
    bar = Bar(metric="latency_p95", at_most=1.5)
    assert bar_test(bar, good, TASK).observed()[0] < 0.001
    assert bar_test(bar, poor, TASK).observed()[0] > 0.99


def test_with_58_cases_no_p95_bar_can_be_met_and_with_59_it_can(make_measured: MakeMeasured) -> None:
    bar = Bar(metric="latency_p95", at_most=1.5)
    assert bar_test(bar, make_measured(scores=[1.0] * 58), TASK).observed()[0] > 0.05
    assert bar_test(bar, make_measured(scores=[1.0] * 59), TASK).observed()[0] < 0.05


def test_graded_scores_are_tested_by_t_with_two_pseudo_scores(make_measured: MakeMeasured) -> None:
    scores = [0.9, 0.8, 1.0, 0.7] * 10
    test = bar_test(Bar(metric="accuracy", at_least=0.8), make_measured(scores=scores, binary=False), TASK)
    oracle = stats.ttest_1samp([*scores, 0.0, 1.0], 0.8, alternative="greater").pvalue
    assert test.observed()[0] == pytest.approx(oracle, abs=1e-12)


def test_a_bar_from_above_is_the_mirror_of_one_from_below(make_measured: MakeMeasured) -> None:
    scores = [0.9, 0.8, 1.0, 0.7] * 10
    below = bar_test(Bar(metric="accuracy", at_least=0.8), make_measured(scores=scores, binary=False), TASK)
    flipped = make_measured(scores=[1 - score for score in scores], binary=False)
    above = bar_test(Bar(metric="accuracy", at_most=0.2), flipped, TASK)
    assert above.observed() == pytest.approx(below.observed(), abs=1e-9)


def test_grouped_cases_count_for_less(make_measured: MakeMeasured) -> None:
    scores = ([1.0] * 5) * 36 + ([0.0] * 5) * 4
    groups = np.repeat(np.arange(40), 5).tolist()
    bar = Bar(metric="accuracy", at_least=0.8)
    alone, _ = bar_test(bar, make_measured(scores=scores), TASK).observed()
    grouped, _ = bar_test(bar, make_measured(scores=scores, groups=groups), TASK).observed()
    assert alone < 0.001
    assert grouped > 0.05


def test_an_unknown_cost_meets_no_bar_and_misses_none(make_measured: MakeMeasured) -> None:
    measured = make_measured(scores=[1.0] * 100, dollars=None, basis="unknown")
    test = bar_test(Bar(metric="cost_per_success", at_most=1.0), measured, TASK)
    assert not test.testable
    assert test.note == "the cost is unknown"


def test_a_lower_bound_of_the_cost_can_miss_a_bar_but_never_meet_one(make_measured: MakeMeasured) -> None:
    scores = [1.0, 1.0, 0.0, 1.0] * 25
    dollars = [0.001, 0.002] * 50
    measured = make_measured(scores=scores, dollars=dollars, basis="lower_bound")
    cheap, _ = bar_test(Bar(metric="cost_per_success", at_most=1.0), measured, TASK).observed()
    _, dear = bar_test(Bar(metric="cost_per_success", at_most=0.0001), measured, TASK).observed()
    assert cheap == 1.0
    assert dear < 0.001


def test_cost_per_month_is_cost_per_task_times_the_volume(make_measured: MakeMeasured) -> None:
    task = Task(name="t", metrics=TASK.metrics, cost=CostModel(monthly_volume=200_000))
    measured = make_measured(scores=[1.0] * 100, dollars=[0.001, 0.003] * 50)
    test = bar_test(Bar(metric="cost_per_month", at_most=500.0), measured, task)
    assert test.value == pytest.approx(400.0)
    assert test.observed()[0] < 0.05


def test_more_cases_settle_what_they_promise_with_80_percent_power(make_measured: MakeMeasured) -> None:
    measured = make_measured(scores=[1.0] * 152 + [0.0] * 48)
    test = bar_test(Bar(metric="accuracy", at_least=0.72), measured, TASK)
    more = test.more(0.05)
    assert more is not None
    total = 200 + more
    critical = stats.binom.isf(0.05, total, 0.72) + 1
    assert stats.binom.sf(critical - 1, total, 0.76) >= 0.8
    assert stats.binom.sf(stats.binom.isf(0.05, total - 20, 0.72), total - 20, 0.76) < 0.81


def test_no_number_of_cases_settles_a_value_on_the_bar(make_measured: MakeMeasured) -> None:
    test = bar_test(Bar(metric="accuracy", at_least=0.8), make_measured(scores=[1.0] * 80 + [0.0] * 20), TASK)
    assert test.more(0.05) is None


def test_p_values_of_many_resamples_equal_those_of_each_alone(make_measured: MakeMeasured) -> None:
    rng = np.random.default_rng(7)
    measured = make_measured(scores=rng.random(50).round(2).tolist(), binary=False)
    test = bar_test(Bar(metric="accuracy", at_least=0.5), measured, TASK)
    weights = rng.multinomial(50, [1 / 50] * 50, size=20).astype(float)
    together = test.p_values(weights @ test.columns)[0]
    alone = [float(test.p_values(row @ test.columns)[0]) for row in weights]
    assert together == pytest.approx(alone, abs=1e-12)


def test_tests_that_share_their_columns_say_what_each_says_alone(make_measured: MakeMeasured) -> None:
    measured = make_measured(
        scores=[1.0] * 80 + [0.0, None, "error"] * 5, dollars=[0.001, 0.0, 0.002] * 31 + [0.1, 0.2]
    )
    bars = (
        Bar(metric="accuracy", at_least=0.8),
        Bar(metric="failure_rate", at_most=0.1),
        Bar(metric="cost_per_success", at_most=0.02),
    )
    alone = tuple(bar_test(bar, measured, TASK) for bar in bars)
    together, _ = share_columns(alone, alone[0].columns)
    assert [test.observed() for test in together] == [test.observed() for test in alone]
    width = sum(test.columns.shape[1] for test in alone)
    assert {test.columns.shape[1] for test in together} == {width - 4}
    assert len({id(test.columns) for test in together}) == 1


@pytest.mark.parametrize("name", [name for name in OPERATIONAL if name not in CORPUS_BARS])
def test_every_operational_bar_has_a_test(make_measured: MakeMeasured, name: str) -> None:
    task = Task(name="t", metrics=TASK.metrics, cost=CostModel(monthly_volume=1))
    test = bar_test(Bar(metric=name, at_most=1.0), make_measured(scores=[1.0] * 100), task)
    assert test.testable is not name.startswith("first_token")
