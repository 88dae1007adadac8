"""F1 of sums: the value, what failed and unscored trials do to it, kinds, differences and bars."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.decide.counting import METRIC, Cell, counted

from passmuster.decide.bars import bar_test
from passmuster.decide.counted import count_reports, counted_difference, counted_estimate, counted_test
from passmuster.decide.rates import metric_difference, metric_estimate
from passmuster.decide.tally import MOST_KINDS, OTHERS, Tally
from passmuster.records.task import Bar, MetricSpec, Task

TRIPLES = st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)).map(
    lambda each: (float(min(each)), float(each[1]), float(each[2]))
)
TASK = Task(name="t", metrics=(MetricSpec(name=METRIC, kind="entity_f1"),))


def f1(triples: list[tuple[float, float, float]]) -> float:
    right, answered, actual = (sum(each[place] for each in triples) for place in range(3))
    return 2 * right / (answered + actual)


@settings(deadline=None)
@given(st.lists(TRIPLES, min_size=1, max_size=30))
def test_the_figure_is_f1_of_the_sums_and_lies_in_its_interval(
    triples: list[tuple[float, float, float]],
) -> None:
    found = counted_estimate(counted([{"a": each} for each in triples]), METRIC)
    if sum(each[1] + each[2] for each in triples) == 0:
        assert found.value is None
        return
    assert found.value is not None
    assert found.value == pytest.approx(f1(triples))
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_one_case_with_many_entities_counts_for_many() -> None:
    cells: Sequence[Cell] = [{"a": (9.0, 9.0, 9.0)}, {"a": (0.0, 1.0, 1.0)}]
    assert counted_estimate(counted(cells), METRIC).value == pytest.approx(0.9)  # the mean per case is 0.5


def test_a_failed_trial_is_missing_in_the_figure_and_an_empty_answer_in_the_bar() -> None:
    cells: Sequence[Cell] = [{"a": (1.0, 1.0, 1.0)}] * 30 + [{"a": (0.0, 0.0, 1.0)}] * 10
    measured = counted(cells, failed=range(30, 40))
    found = counted_estimate(measured, METRIC)
    assert (found.value, found.n, found.n_missing) == (1.0, 30, 10)
    test = counted_test(Bar(metric=METRIC, at_least=0.95), measured)
    assert test.value == pytest.approx(60 / 70)
    assert test.note == "10 failed trials count as empty answers"
    p, p_misses = test.observed()
    assert p > 0.5
    assert p_misses < 0.05


def test_an_unscored_reply_counts_against_either_side() -> None:
    sure: Sequence[Cell] = [{"a": (1.0, 1.0, 1.0)}] * 200
    unsure: Sequence[Cell] = [*sure[:150], *["error"] * 50]
    bar = Bar(metric=METRIC, at_least=0.9)
    assert counted_test(bar, counted(sure)).observed()[0] < 1e-6
    p, p_misses = counted_test(bar, counted(unsure)).observed()
    assert p > 0.05
    assert p_misses > 0.05


def test_an_upper_bar_is_the_mirror_of_a_lower_one() -> None:
    cells: Sequence[Cell] = [{"a": (1.0, 1.0, 1.0)}] * 5 + [{"a": (0.0, 1.0, 1.0)}] * 40
    measured = counted(cells)
    below, above = (
        counted_test(bar, measured).observed()
        for bar in (Bar(metric=METRIC, at_most=0.4), Bar(metric=METRIC, at_least=0.4))
    )
    assert below == pytest.approx(above[::-1])
    assert below[0] < 0.01


def test_each_kind_has_its_precision_and_recall() -> None:
    cells: Sequence[Cell] = [
        {"person": (1.0, 1.0, 2.0), "place": (0.0, 1.0, 0.0)},
        {"person": (1.0, 1.0, 1.0)},
    ]
    person, place = count_reports(counted(cells), METRIC)
    assert (person.kind, person.right, person.answered, person.reference) == ("person", 2.0, 2.0, 3.0)
    assert person.precision.value == 1.0
    assert person.recall.value == pytest.approx(2 / 3)
    assert person.f1.value == pytest.approx(0.8)
    assert (place.precision.value, place.recall.value) == (0.0, None)


def test_kinds_that_an_answer_makes_up_do_not_grow_without_end() -> None:
    tally = Tally(1)
    tally.enter(0, {f"kind {number}": (0.0, 1.0, 0.0) for number in range(MOST_KINDS + 50)})
    found = tally.counted(1)
    assert len(found.kinds) == MOST_KINDS + 1
    assert found.kinds[OTHERS][1][:, 1].sum() == 50
    assert found.sums[0, 0].tolist() == [0.0, MOST_KINDS + 50, 0.0]


def test_what_differs_is_added_up_by_kind_where_the_metric_tells_it() -> None:
    tally = Tally(2)
    for cell in range(2):
        tally.enter(cell, {"a": (0.0, 1.0, 1.0)})
    assert tally.counted(1).differing is None
    tally.tell_apart({"a": 1.0})
    tally.tell_apart({})
    tally.tell_apart({"a": 1.0, "never counted": 2.0})
    assert tally.counted(1).differing == {"a": 2.0, OTHERS: 2.0}


def test_cases_of_one_group_widen_the_interval() -> None:
    cells: Sequence[Cell] = [{"a": (float(number % 40 < 20), 1.0, 1.0)} for number in range(80)]
    alone = counted_estimate(counted(cells), METRIC)
    grouped = counted_estimate(counted(cells, groups=[number // 4 for number in range(80)]), METRIC)
    assert alone.value == grouped.value
    assert alone.low is not None
    assert grouped.low is not None
    assert grouped.low < alone.low - 0.05


def test_weights_bring_the_figure_back_to_traffic() -> None:
    cells: Sequence[Cell] = [{"a": (1.0, 1.0, 1.0)}] * 20 + [{"a": (0.0, 1.0, 1.0)}] * 20
    weights = [1.5] * 20 + [0.5] * 20
    assert counted_estimate(counted(cells, weights=weights), METRIC).value == pytest.approx(0.75)


def test_two_candidates_are_compared_on_the_cases_that_both_answered() -> None:
    good: Sequence[Cell] = [{"a": (1.0, 1.0, 1.0)}] * 60
    half: Sequence[Cell] = [{"a": (float(place % 2), 1.0, 1.0)} for place in range(60)]
    found = counted_difference(counted(good, failed=[0, 1]), counted(half), METRIC)
    assert (found.n, found.n_missing) == (58, 2)
    assert found.value == pytest.approx(0.5)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.5 < found.high
    assert found.low > 0.3
    same = counted_difference(counted(half), counted(half), METRIC)
    assert same.value == 0.0
    assert same.p == 1.0


def test_a_metric_without_bounds_has_a_plain_mean_that_may_leave_the_unit_interval() -> None:
    measured = counted([3.0, 4.0, 5.0] * 20, bounds=(0.0, float("inf")))
    found = metric_estimate(measured, METRIC)
    assert found.value == pytest.approx(4.0)
    assert found.low is not None
    assert found.high is not None
    assert 3.5 < found.low < 4.0 < found.high < 4.5
    p, p_misses = bar_test(Bar(metric=METRIC, at_most=5), measured, TASK).observed()
    assert p < 0.001
    assert p_misses > 0.99


def test_a_failed_trial_has_no_number_of_steps() -> None:
    measured = counted([3.0] * 10 + [0.0] * 5, failed=range(10, 15), bounds=(0.0, float("inf")))
    test = bar_test(Bar(metric=METRIC, at_most=5), measured, TASK)
    assert (test.value, test.note) == (3.0, "5 trials without a value are left out")


def test_a_score_from_1_to_5_has_the_interval_of_the_same_scores_from_0_to_1() -> None:
    stars = np.random.default_rng(5).integers(1, 6, 50).astype(float)
    wide = metric_estimate(counted(stars.tolist(), bounds=(1.0, 5.0)), METRIC)
    unit = metric_estimate(counted(((stars - 1) / 4).tolist(), bounds=(0.0, 1.0)), METRIC)
    for one, other in ((wide.value, unit.value), (wide.low, unit.low), (wide.high, unit.high)):
        assert other is not None
        assert one == pytest.approx(1 + 4 * other)
    bars = [
        bar_test(Bar(metric=METRIC, at_least=limit), counted(values, bounds=bounds), TASK).observed()
        for limit, values, bounds in (
            (2.6, stars.tolist(), (1.0, 5.0)),
            (0.4, ((stars - 1) / 4).tolist(), (0.0, 1.0)),
        )
    ]
    assert bars[0] == pytest.approx(bars[1])


def test_a_failed_trial_gets_the_worst_of_the_bounds() -> None:
    measured = counted([5.0] * 10 + [0.0] * 10, failed=range(10, 20), bounds=(1.0, 5.0))
    assert bar_test(Bar(metric=METRIC, at_least=4), measured, TASK).value == pytest.approx(3.0)


def test_a_difference_of_scores_beyond_1_is_not_cut_at_1() -> None:
    first = counted([9.0, 10.0, 11.0] * 10, bounds=(0.0, float("inf")))
    second = counted([4.0, 5.0, 4.0] * 10, bounds=(0.0, float("inf")))
    found = metric_difference(first, second, METRIC)
    assert found.value == pytest.approx(17 / 3)
    assert found.low is not None
    assert found.low > 4


def test_cases_that_a_metric_does_not_concern_are_not_missing() -> None:
    measured = counted([1.0, "not_applicable", "error", "no_reference"], bounds=(0.0, 1.0))
    found = metric_estimate(measured, METRIC)
    assert (found.n, found.n_missing) == (1, 2)
    assert measured.score_failures(METRIC) == 2


def test_an_undecided_bar_without_bounds_says_how_many_cases_would_settle_it() -> None:
    measured = counted([3.0, 9.0, 4.0, 8.0] * 5, bounds=(0.0, float("inf")))
    test = bar_test(Bar(metric=METRIC, at_most=6.5), measured, TASK)
    needed = test.more(0.05)
    assert needed is not None
    assert (
        needed == 150
    )  # deviation 2.6, gap 0.5: (1.645 + 0.842)^2 x 2.6^2 / 0.5^2 = 170, of which 20 are there
    assert bar_test(Bar(metric=METRIC, at_most=6.0), measured, TASK).more(0.05) is None


def test_a_fault_of_the_case_counts_against_nobody() -> None:
    cells: Sequence[Cell] = [1.0] * 20 + ["wrong_reference"] * 5 + ["wrong_check"] * 5
    measured = counted(cells, bounds=(0.0, 1.0))
    test = bar_test(Bar(metric=METRIC, at_least=0.5), measured, TASK)
    assert (test.value, test.note) == (1.0, None)
    assert measured.without_reference(METRIC) == 10
