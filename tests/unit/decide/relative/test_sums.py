"""Figures that are ratios of sums against the incumbent's: F1 of counts, and macro F1."""

import numpy as np
import pytest
from tests.unit.decide.counting import counted

from passmuster.decide.classes import class_columns
from passmuster.decide.labels import classes_of
from passmuster.decide.measured import Layout, Measured
from passmuster.decide.pricing.trial import TrialCost
from passmuster.decide.relative.averages import macro_f1_difference_test
from passmuster.decide.relative.pairs import Pair
from passmuster.decide.relative.ratios import counted_difference_test
from passmuster.decide.sheet import Sheet
from passmuster.metrics.metric import LabelMetric
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.task import Bar, MetricSpec
from passmuster.records.trial import Reply, Trial, TrialKey

NOT_WORSE = Bar(metric="found", at_least=-0.05, versus="incumbent")
FREE = TrialCost(tokens=0.0, infrastructure=0.0, review=0.0, labour=0.0, reviewed=False, basis="reported")


def _found(rng: np.random.Generator, right: float, n: int = 300) -> Measured:
    sizes = np.random.default_rng(1).integers(1, 6, n)  # both are asked for the same
    return counted([{"k": (float(rng.binomial(size, right)), float(size), float(size))} for size in sizes])


def test_f1_of_sums_is_compared_on_the_same_cases() -> None:
    rng = np.random.default_rng(2)
    old = _found(rng, 0.8)
    same, worse = Pair(candidate=old, incumbent=old), Pair(candidate=_found(rng, 0.65), incumbent=old)
    assert counted_difference_test(NOT_WORSE, same).observed()[0] < 0.001
    assert counted_difference_test(NOT_WORSE, same).value == 0.0
    assert counted_difference_test(NOT_WORSE, worse).observed()[1] < 0.001


def test_few_cases_that_are_all_right_prove_little() -> None:
    pair = Pair(
        candidate=counted([{"k": (1.0, 1.0, 1.0)}] * 10), incumbent=counted([{"k": (1.0, 1.0, 1.0)}] * 10)
    )
    assert counted_difference_test(NOT_WORSE, pair).observed()[0] > 0.2


def test_a_failed_trial_is_an_empty_answer() -> None:
    full = counted([{"k": (2.0, 2.0, 2.0)}] * 200)
    fails = counted([{"k": (0.0, 0.0, 2.0)}] * 60 + [{"k": (2.0, 2.0, 2.0)}] * 140, failed=range(60))
    test = counted_difference_test(NOT_WORSE, Pair(candidate=fails, incumbent=full))
    assert test.value == pytest.approx(2 * 280 / (280 + 400) - 1)
    assert test.observed()[1] < 0.001


def _labelled(name: str, replies: list[str], cases: list[Case]) -> Measured:
    metric = build_metric(MetricSpec(name="f1", kind="f1_per_class"))
    assert isinstance(metric, LabelMetric)
    layout = Layout(
        cases=len(cases), repeats=1, binary={"f1": False}, classes={"f1": classes_of(metric, cases)}
    )
    sheet = Sheet(Candidate(name=name, provider="replay"), layout)
    for index, (case, text) in enumerate(zip(cases, replies, strict=True)):
        trial = Trial(key=TrialKey(case.id, "c", 0), case_id=case.id, outcome=Reply(text=text), attempts=())
        sheet.enter(index, trial, {"f1": metric.score(case, Reply(text=text))}, FREE)
    return sheet.measured()


def test_macro_f1_is_compared_by_resamples_that_both_share() -> None:
    """Without the pairs the standard error of the difference is several times as large."""
    rng = np.random.default_rng(5)
    truths = rng.choice(["a", "b", "c"], 300)
    cases = [
        Case(id=str(place), input=str(place), reference=str(truth)) for place, truth in enumerate(truths)
    ]
    wrong = rng.random(300) < 0.3
    replies = ["a" if bad else str(truth) for bad, truth in zip(wrong, truths, strict=True)]
    old, same = _labelled("old", replies, cases), _labelled("new", [*replies[:-1], "b"], cases)
    bar = Bar(metric="f1", at_least=-0.05, versus="incumbent")

    def columns_of(item: Measured) -> np.ndarray:
        return class_columns(item, item.layout.classes["f1"])

    close = macro_f1_difference_test(bar, Pair(candidate=same, incumbent=old), columns_of)
    assert close.observed()[0] < 0.001
    assert abs(close.value or 0.0) < 0.01
    poor = _labelled("new", ["a"] * 300, cases)
    assert macro_f1_difference_test(bar, Pair(candidate=poor, incumbent=old), columns_of).observed()[1] < 1e-6
