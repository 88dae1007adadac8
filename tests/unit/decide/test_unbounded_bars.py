"""Bars on means without bounds, such as a number of steps."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
import scipy.stats

from passmuster.decide.measured import Measured
from passmuster.decide.rates import metric_estimate
from passmuster.decide.unbounded_bars import unbounded_test
from passmuster.records.task import Bar

Make = Callable[..., Measured]
BAR = Bar(metric="accuracy", at_most=5.0)


def steps(
    make_measured: Make, scores: Sequence[float | None], groups: Sequence[int] | None = None
) -> Measured:
    measured = make_measured(scores=scores, binary=False, groups=groups)
    return replace(measured, layout=replace(measured.layout, bounds={"accuracy": (0.0, float("inf"))}))


def test_it_is_the_t_test_where_values_differ(make_measured: Make) -> None:
    scores = [3.0, 4.0, 6.0, 5.0, 4.0, 3.0, 5.0, 4.0] * 3
    p, misses = unbounded_test(BAR, steps(make_measured, scores)).observed()
    expected = scipy.stats.ttest_1samp(scores, 5.0, alternative="less").pvalue
    assert (p, misses) == pytest.approx((expected, 1 - expected))


@pytest.mark.parametrize("scores", [[3.0] * 2, [3.0, 3.000001]])
def test_two_cases_that_are_alike_prove_nothing(make_measured: Make, scores: list[float]) -> None:
    p, misses = unbounded_test(BAR, steps(make_measured, scores)).observed()
    assert p == 0.25
    assert misses == pytest.approx(1.0)


def test_many_cases_that_are_alike_prove_as_much_as_the_sign_test(make_measured: Make) -> None:
    found = {n: unbounded_test(BAR, steps(make_measured, [3.0] * n)).observed()[0] for n in (4, 5, 100)}
    assert found == {4: 0.5**4, 5: 0.5**5, 100: 0.5**100}
    over = unbounded_test(BAR, steps(make_measured, [7.0] * 10)).observed()
    assert over == (1.0, 0.5**10)


def test_a_group_of_cases_that_are_alike_is_one(make_measured: Make) -> None:
    measured = steps(make_measured, [3.0] * 30, groups=[place // 10 for place in range(30)])
    assert unbounded_test(BAR, measured).observed()[0] == 0.5**3


def test_each_resample_is_tested_with_as_many_cases_as_it_has(make_measured: Make) -> None:
    test = unbounded_test(BAR, steps(make_measured, [3.0, 3.0, 3.0, None]))
    weights = np.array([[1.0, 1.0, 1.0, 1.0], [1.0, 0.0, 0.0, 3.0], [2.0, 2.0, 0.0, 0.0]])
    assert test.p_values(weights @ test.columns)[0].tolist() == [0.5**3, 1.0, 0.5**4]


def test_a_mean_of_values_that_are_all_alike_has_no_interval(make_measured: Make) -> None:
    found = metric_estimate(steps(make_measured, [3.0] * 4), "accuracy")
    assert (found.value, found.low, found.high, found.n) == (3.0, None, None, 4)
    assert metric_estimate(steps(make_measured, [3.0, 4.0]), "accuracy").low is not None
