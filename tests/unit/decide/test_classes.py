import numpy as np
import pytest

from passmuster.decide.class_report import classification
from passmuster.decide.classes import (
    average_estimates,
    class_columns,
    columns_averages,
    columns_macro_f1,
    macro_f1_difference,
    macro_f1_estimate,
    macro_f1_test,
    resampled_averages,
    resampled_macro_f1,
)
from passmuster.decide.labels import Classes, classes_of
from passmuster.decide.measured import FloatArray, Layout, Measured
from passmuster.decide.pricing.trial import TrialCost
from passmuster.decide.sheet import Sheet
from passmuster.metrics.metric import LabelMetric
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.classes import Classification
from passmuster.records.task import Bar, MetricSpec
from passmuster.records.trial import Reply, Trial, TrialKey


def columns(truth: list[int], answers: list[int], k: int) -> FloatArray:
    """Lay out labels 0 to k - 1 (an answer of k is none of them) as `class_columns` does."""
    table = np.zeros((len(truth), 1 + 3 * k))
    table[:, 0] = 1
    for row, (actual, answered) in enumerate(zip(truth, answers, strict=True)):
        table[row, 1 + 2 * k + actual] = 1
        if answered < k:
            table[row, 1 + k + answered] = 1
            table[row, 1 + answered] = actual == answered
    return table


def drawn(n: int, right: float, seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    answers = np.where(rng.random(n) < right, truth, rng.integers(0, 4, n))
    return columns(truth.tolist(), answers.tolist(), 3)


def test_the_interval_holds_the_estimate_and_narrows_with_n() -> None:
    few = macro_f1_estimate(drawn(100, 0.7, 1), None)
    many = macro_f1_estimate(drawn(1600, 0.7, 1), None)
    widths = []
    for estimate in (few, many):
        assert estimate.value is not None
        assert estimate.low is not None
        assert estimate.high is not None
        assert estimate.low <= estimate.value <= estimate.high
        widths.append(estimate.high - estimate.low)
    assert widths[1] == pytest.approx(widths[0] / 4, rel=0.25)


def test_a_perfect_candidate_scores_one() -> None:
    assert macro_f1_estimate(columns([0, 1, 2] * 20, [0, 1, 2] * 20, 3), None).value == 1.0


def test_swapping_the_two_flips_the_sign_of_their_difference() -> None:
    good, poor = drawn(300, 0.9, 2), drawn(300, 0.6, 2)
    first, second = macro_f1_difference(good, poor, None), macro_f1_difference(poor, good, None)
    assert first.value is not None
    assert second.value == pytest.approx(-first.value)
    assert first.low is not None
    assert second.high == pytest.approx(-first.low)
    assert first.p == second.p


def test_draws_of_all_cases_are_used_where_both_have_the_same_and_only_there() -> None:
    first, second = drawn(300, 0.9, 2), drawn(300, 0.6, 2)
    draws = resampled_macro_f1([first, second], None)
    assert macro_f1_estimate(first, None, draws[0]) == macro_f1_estimate(first, None)
    assert macro_f1_difference(first, second, None, (draws[0], draws[1])) == macro_f1_difference(
        first, second, None
    )
    fewer = second.copy()
    fewer[:150] = 0
    draws = resampled_macro_f1([first, fewer], None)
    assert macro_f1_difference(first, fewer, None, (draws[0], draws[1])) == macro_f1_difference(
        first, fewer, None
    )


def test_many_classes_are_summed_up_like_few() -> None:
    """With 40 classes nearly all of the table is 0, and is passed over; joined to 3 it is not."""
    rng = np.random.default_rng(9)
    truth = rng.integers(0, 3, 400)
    said = np.where(rng.random(400) < 0.7, truth, rng.integers(0, 3, 400))
    few = columns(truth.tolist(), said.tolist(), 3)
    many = columns(truth.tolist(), said.tolist(), 40)
    first, second = resampled_averages([few, many], None)
    for name, values in first.items():
        np.testing.assert_allclose(second[name], values, atol=1e-12)


def test_a_bar_on_macro_f1_is_met_missed_or_open() -> None:
    table = drawn(600, 0.8, 3)
    for limit, small in ((0.6, 0), (0.97, 1)):
        assert macro_f1_test(Bar(metric="f1", at_least=limit), table, None).observed()[small] < 0.001
    near = macro_f1_test(Bar(metric="f1", at_least=0.87), table, None)
    assert min(near.observed()) > 0.01
    assert near.more(0.05) is not None


@pytest.mark.slow
def test_every_average_is_covered_by_the_bootstrap() -> None:
    """200 repetitions; at a true 94%, fewer than 176 hits have a chance below 0.001 each."""
    truth = columns_averages(drawn(200_000, 0.7, 0).sum(axis=0))
    hits = dict.fromkeys(truth, 0)
    for seed in range(1, 201):
        table = drawn(150, 0.7, seed)
        for name, estimate in average_estimates(table, None, resampled_averages([table], None)[0]).items():
            assert estimate.low is not None
            assert estimate.high is not None
            hits[name] += bool(estimate.low <= truth[name] <= estimate.high)
    assert min(hits.values()) >= 176, hits


def test_labels_are_matched_as_the_metric_normalises_them() -> None:
    metric = build_metric(MetricSpec(name="f1", kind="f1_per_class", options={"normalise": ["case"]}))
    assert isinstance(metric, LabelMetric)
    cases = [
        Case(id=str(i), input=str(i), reference=label) for i, label in enumerate(["Spam", "Ham", "spam"])
    ]
    measured, classes = _labelled(metric, cases, ["SPAM", "ham", "ham"])
    assert classes.labels == ("ham", "spam")
    found = classified(measured, classes)
    assert found is not None
    assert found.matrix == ((1, 0), (1, 1))
    assert columns_macro_f1(class_columns(measured, classes).sum(axis=0)) == pytest.approx(2 / 3)


def test_of_several_right_labels_the_one_that_was_answered_counts() -> None:
    metric = build_metric(MetricSpec(name="f1", kind="f1_per_class"))
    assert isinstance(metric, LabelMetric)
    cases = [
        Case(id="1", input="1", reference=["a", "b"]),
        Case(id="2", input="2", reference="b"),
        Case(id="3", input="3", reference="a"),
        Case(id="4", input="4"),
    ]
    measured, classes = _labelled(metric, cases, ["b", "b", "none of them", "a"])
    found = classified(measured, classes)
    assert found is not None
    assert (found.matrix, found.outside) == (((0, 0), (0, 2)), (1, 0))
    assert class_columns(measured, classes).sum(axis=0).tolist() == [3, 0, 2, 0, 2, 1, 2]


def classified(measured: Measured, classes: Classes) -> Classification | None:
    table = class_columns(measured, classes)
    return classification(measured, classes, table, resampled_averages([table], measured.groups)[0])


def _labelled(metric: LabelMetric, cases: list[Case], replies: list[str]) -> tuple[Measured, Classes]:
    classes = classes_of(metric, cases)
    layout = Layout(cases=len(cases), repeats=1, binary={"f1": True}, classes={"f1": classes})
    sheet = Sheet(Candidate(name="a", provider="replay"), layout)
    free = TrialCost(0.0, 0.0, 0.0, 0.0, reviewed=False, basis="reported")
    for index, (case, text) in enumerate(zip(cases, replies, strict=True)):
        trial = Trial(key=TrialKey(case.id, "c", 0), case_id=case.id, outcome=Reply(text=text), attempts=())
        sheet.enter(index, trial, {"f1": metric.score(case, Reply(text=text))}, free)
    return sheet.measured(), classes


def test_a_perfect_candidate_on_few_cases_is_not_certain() -> None:
    few = columns([0, 1, 2] * 4, [0, 1, 2] * 4, 3)
    found, bar = macro_f1_estimate(few, None), Bar(metric="f1", at_least=0.9)
    assert found.low is not None
    assert 0.6 < found.low < 0.9
    assert found.high == 1.0
    assert macro_f1_test(bar, few, None).observed()[0] > 0.2
    many = columns([0, 1, 2] * 100, [0, 1, 2] * 100, 3)
    assert macro_f1_test(bar, many, None).observed()[0] < 0.001
    # Twelve cases that stand for very different numbers, or in three groups, say less still.
    heavy = few * np.array([[9.0]] * 3 + [[0.3]] * 9)
    assert macro_f1_test(bar, heavy, None).observed()[0] > macro_f1_test(bar, few, None).observed()[0]
    grouped = macro_f1_estimate(few, np.arange(12) // 4)
    assert grouped.low is not None
    assert grouped.low < found.low


def test_two_perfect_candidates_may_differ_by_what_was_not_seen() -> None:
    few = columns([0, 1, 2] * 4, [0, 1, 2] * 4, 3)
    found = macro_f1_difference(few, few, None)
    assert (found.value, found.p) == (0.0, 1.0)
    assert found.low is not None
    assert found.high is not None
    assert found.low < -0.05
    assert found.high > 0.05


def test_a_candidate_at_the_bar_near_the_ceiling_passes_in_one_of_twenty_at_most() -> None:
    """200 draws; at a true 5% more than 10% come with chance 0.1%. A normal test without pseudo-scores passes 30%."""
    rng = np.random.default_rng(6)
    passed = 0
    for _ in range(200):
        truth = rng.integers(0, 2, 40)
        answers = np.where(rng.random(40) < 0.97, truth, 1 - truth)
        test = macro_f1_test(
            Bar(metric="f1", at_least=0.97), columns(truth.tolist(), answers.tolist(), 2), None
        )
        passed += test.observed()[0] <= 0.05
    assert passed / 200 <= 0.1


def test_a_test_of_sums_over_more_cases_is_as_sure_as_that_of_so_many() -> None:
    """A plan draws runs of more cases than its pilot has: their error is not that of the pilot."""
    bar, pilot = Bar(metric="f1_per_class", at_least=0.6), drawn(60, 0.7, 5)
    small, large = macro_f1_test(bar, pilot, None), macro_f1_test(bar, np.tile(pilot, (8, 1)), None)
    expected = large.observed()[0]
    assert float(small.p_values(8 * pilot.sum(axis=0))[0]) == pytest.approx(expected, rel=0.5)
    assert small.observed()[0] > 10 * expected
