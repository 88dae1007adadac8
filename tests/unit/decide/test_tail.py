from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from passmuster.decide.measured import Measured
from passmuster.decide.tail import FEWEST_CASES, MOST_SLICES, slices_of, tail_report
from passmuster.records.case import Case
from passmuster.records.spread import TailReport
from passmuster.records.task import Success
from passmuster.stats.intervals import clopper_pearson

RULE = Success(metric="accuracy")
SLICES = {"stratum a": np.arange(50), "stratum b": np.arange(50, 80), "tag c": np.arange(40, 60)}
SCORES = [1.0] * 45 + [0.0] * 5 + [1.0] * 15 + [0.0] * 15


def found(measured: Measured, slices: dict[str, NDArray[np.int64]] | None = None) -> TailReport:
    report = tail_report(measured, "accuracy", "higher", RULE, SLICES if slices is None else slices)
    assert report is not None
    return report


def test_slices_are_strata_and_tags() -> None:
    cases = [
        Case(id="1", input="", stratum="a", tags=("x", "y", "x")),
        Case(id="2", input="", tags=("y",)),
        Case(id="3", input=""),
    ]
    found_in = {name: places.tolist() for name, places in slices_of(cases).items()}
    assert found_in == {"stratum a": [0], "tag x": [0], "tag y": [0, 1]}


def test_the_worst_slice_comes_first_with_bounds_that_hold_for_all(
    make_measured: Callable[..., Measured],
) -> None:
    report = found(make_measured(scores=SCORES))
    assert [each.name for each in report.slices] == ["stratum b", "tag c", "stratum a"]
    worst = report.slices[0].success
    assert worst.value == 0.5
    assert (worst.low, worst.high) == pytest.approx(clopper_pearson(15, 30, 1 - 0.05 / 3))
    assert report.worst_tenth is None


def test_a_trial_without_a_reply_is_no_success(make_measured: Callable[..., Measured]) -> None:
    scores = [None if index < 20 else value for index, value in enumerate(SCORES)]
    report = found(make_measured(scores=scores))
    first = next(each for each in report.slices if each.name == "stratum a")
    assert first.success.value == 0.5
    assert first.success.n == 50


def test_groups_widen_the_bounds_and_weights_move_the_share(
    make_measured: Callable[..., Measured],
) -> None:
    plain = found(make_measured(scores=SCORES)).slices[0].success
    grouped = found(make_measured(scores=SCORES, groups=[i // 5 for i in range(80)])).slices[0].success
    assert grouped.low is not None
    assert plain.low is not None
    assert grouped.low < plain.low
    weights = [1.0] * 65 + [2.0] * 15
    heavy = found(make_measured(scores=SCORES, weights=weights)).slices[0].success
    assert heavy.value == pytest.approx(1 / 3)


def test_slices_of_few_cases_and_beyond_a_hundred_are_left_out(
    make_measured: Callable[..., Measured],
) -> None:
    few = {**SLICES, "tag few": np.arange(FEWEST_CASES - 1)}
    report = found(make_measured(scores=SCORES), few)
    assert (len(report.slices), report.left_out) == (3, 1)
    many = {f"tag {n}": np.arange(20) for n in range(MOST_SLICES + 7)}
    report = found(make_measured(scores=SCORES), many)
    assert (len(report.slices), report.left_out) == (MOST_SLICES, 7)


def test_one_slice_is_no_choice_and_a_share_has_no_tail(make_measured: Callable[..., Measured]) -> None:
    measured = make_measured(scores=SCORES)
    assert tail_report(measured, "accuracy", "higher", RULE, {"stratum a": np.arange(50)}) is None
    assert tail_report(measured, "accuracy", "higher", Success(metric="another"), SLICES) is None
    alone = make_measured(scores=[0.5], binary=False)
    assert tail_report(alone, "accuracy", "higher", RULE, {}) is None


def test_the_worst_tenth_is_the_mean_of_the_lowest_scores(make_measured: Callable[..., Measured]) -> None:
    scores = np.linspace(0.2, 0.9, 100).tolist()
    report = found(make_measured(scores=scores, binary=False), {})
    tenth = report.worst_tenth
    assert tenth is not None
    assert tenth.value == pytest.approx(np.mean(scores[:10]))
    assert tenth.low is not None
    assert tenth.high is not None
    assert tenth.low < (tenth.value or 0) < tenth.high
    failed = found(make_measured(scores=[*scores[:-10], *[None] * 10], binary=False), {})
    assert failed.worst_tenth is not None
    assert failed.worst_tenth.value == 0.0


def test_where_less_is_better_the_worst_are_the_highest(make_measured: Callable[..., Measured]) -> None:
    measured = make_measured(scores=np.linspace(0.2, 0.9, 100).tolist(), binary=False)
    report = tail_report(measured, "accuracy", "lower", RULE, {})
    failed = make_measured(scores=[*np.linspace(0.2, 0.9, 90).tolist(), *[None] * 10], binary=False)
    worst = tail_report(failed, "accuracy", "lower", RULE, {})
    assert worst is not None
    assert worst.worst_tenth is not None
    assert worst.worst_tenth.value == 1.0
    assert report is not None
    assert report.worst_tenth is not None
    assert report.worst_tenth.value == pytest.approx(np.mean(np.linspace(0.2, 0.9, 100)[-10:]))


def test_cases_that_the_metric_does_not_concern_are_not_missing_from_the_worst_tenth(
    make_measured: Callable[..., Measured],
) -> None:
    scores = [*np.linspace(0.2, 0.9, 30).tolist(), *["not_applicable"] * 10, "error"]
    tenth = found(make_measured(scores=scores, binary=False), {}).worst_tenth
    assert tenth is not None
    assert (tenth.n, tenth.n_missing) == (30, 1)
