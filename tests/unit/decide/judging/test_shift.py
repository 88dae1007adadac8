"""Two scorings of the same replies: what is a move, and what is the noise of a judge that varies."""

import numpy as np
import pytest

from passmuster.decide.judging.anchors import chosen_anchors
from passmuster.decide.judging.drift import changes, judge_drift, values_of
from passmuster.decide.judging.fresh import BothSaid, gap_of
from passmuster.decide.judging.shift import readable_shift, value_shift
from passmuster.records.judge_drift import AnchorCheck, JudgeDrift
from passmuster.stats.arrays import FloatArray

NAMES = [str(n) for n in range(60)]


def check(
    values: FloatArray | None = None,
    *,
    time: float = 0.0,
    judge: str = "v1",
    model: str = "m",
    high: float = 1.0,
    first: bool = False,
    fingerprints: tuple[str, ...] = (),
) -> AnchorCheck:
    found = np.ones(60) if values is None else values
    return AnchorCheck(
        metric="quality",
        set="s",
        judge=judge,
        time=time,
        low=0.0,
        high=high,
        values={name: None if np.isnan(v) else float(v) for name, v in zip(NAMES, found, strict=True)},
        models=(model,),
        answered=(model,),
        fingerprints=fingerprints,
        first=first,
    )


def fails(number: int) -> FloatArray:
    """Return verdicts of which the first ones fail."""
    return np.array([float(n >= number) for n in range(60)])


def drift(*checks: AnchorCheck) -> JudgeDrift:
    return judge_drift("quality", NAMES, checks, binary=True)


def test_pairs_without_both_values_are_left_out() -> None:
    before, after = np.array([1.0, np.nan, 3.0, 5.0]), np.array([2.0, 2.0, np.nan, 5.0])
    found = value_shift(before, after, (1.0, 5.0), binary=False)
    assert found is not None
    assert (found.n, found.value, found.up, found.down) == (2, 0.5, 1, 0)
    assert value_shift(before[:2], after[:2], (1.0, 5.0), binary=False) is None


def test_a_shift_on_a_scale_is_in_its_unit_and_its_interval_holds_it() -> None:
    before = np.tile([2.0, 4.0, 6.0, 8.0], 20)
    after = before - np.tile([0.0, 1.0, 1.0, 2.0], 20)
    found = value_shift(before, after, (1.0, 10.0), binary=False)
    assert found is not None
    assert found.value == -1.0
    assert found.low is not None
    assert found.high is not None
    assert -1.2 < found.low < -1.0 < found.high < -0.8
    assert (found.method, found.alarm) == ("paired t", True)


def test_where_hardly_any_value_changed_only_up_and_down_are_counted() -> None:
    before, after = np.full(60, 9.0), np.full(60, 9.0)
    after[0] = 1.0
    found = value_shift(before, after, (1.0, 10.0), binary=False)
    assert found is not None
    assert (found.method, found.p, found.alarm) == ("mid-p sign test", 0.5, False)


def test_the_first_check_has_nothing_to_be_compared_with() -> None:
    assert drift().status == "unknown"
    found = drift(check(first=True))
    assert (found.status, found.checks, found.since_first) == ("unknown", 0, None)


def test_a_judge_that_creeps_is_found_beside_the_first_check_though_no_step_is_large() -> None:
    found = drift(*(check(fails(4 * place), time=float(place), first=place == 0) for place in range(5)))
    assert found.since_last is not None
    assert found.since_first is not None
    assert (found.since_last.alarm, found.since_first.alarm, found.status) == (False, True, "moved")
    assert found.since_first.limit == pytest.approx(0.01 / 3)


def test_a_judge_that_jumped_is_found_beside_the_last_check_though_it_is_back_where_it_was() -> None:
    found = drift(check(first=True), check(fails(20), time=1.0), check(time=2.0))
    assert found.since_first is not None
    assert not found.since_first.alarm
    assert found.status == "moved"


def test_a_judge_whose_answers_cannot_be_read_any_more_has_moved() -> None:
    silent = np.ones(60)
    silent[:15] = np.nan
    found = drift(check(first=True), check(silent, time=1.0))
    assert found.since_first is not None
    assert not found.since_first.alarm
    assert (found.status, found.unreadable) == ("moved", 15)
    assert "15 anchors that it answered about" in found.remarks[0]


def test_an_anchor_whose_call_failed_says_nothing() -> None:
    cut = AnchorCheck(
        metric="quality",
        set="s",
        judge="v1",
        time=1.0,
        low=0.0,
        high=1.0,
        values=dict.fromkeys(NAMES[:30], 1.0),
    )
    found = drift(check(first=True), cut)
    assert found.readable is not None
    assert (found.readable.n, found.readable.alarm, found.status) == (30, False, "steady")
    assert np.isnan(values_of(cut, NAMES)).sum() == 30


def test_another_scale_cannot_be_compared() -> None:
    found = drift(check(first=True), check(time=1.0, high=5.0))
    assert found.status == "unknown"
    assert "its scale was 0 to 1 and is 0 to 5" in found.remarks[0]


def test_what_changed_is_named() -> None:
    first = check(first=True, fingerprints=("fp1",))
    assert changes(first, check(model="n", judge="v2", fingerprints=("fp1",))) == (
        "the model was m, and is n",
        "the endpoint answered as m, and answers as n",
    )
    assert changes(first, check(judge="v2", fingerprints=("fp2",))) == (
        "the question or the parameters changed (version v1 to v2)",
        "the fingerprint was fp1, and is fp2",
    )


def test_the_chance_of_a_false_alarm_grows_with_the_calls() -> None:
    found = drift(*(check(time=float(place), first=place == 0) for place in range(53)))
    assert found.status == "steady"
    assert found.chance == pytest.approx(1 - 0.99**52)


def test_anchors_are_of_every_verdict_alike_and_rated_ones_come_first() -> None:
    values = [1.0] * 90 + [0.0] * 10
    rated = [n in {3, 95} for n in range(100)]
    found = chosen_anchors(values, rated, 16, seed=1)
    assert sum(values[place] == 0 for place in found) == 8
    assert {3, 95} <= set(found)
    assert found == chosen_anchors(values, rated, 16, seed=1) != chosen_anchors(values, rated, 16, seed=2)
    assert len(chosen_anchors(values, rated, 60)) == 60
    assert chosen_anchors(values, rated, 1_000) == list(range(100))


def test_a_test_of_the_readable_share_is_one_of_pairs() -> None:
    found = readable_shift(np.ones(10), np.array([1.0] * 9 + [0.0]))
    assert (found.n, found.down, found.p) == (10, 1, 0.5)


def test_the_gap_to_people_is_wider_where_replies_share_a_case() -> None:
    said = [BothSaid(str(n), float(3 + n % 2), 3.0) for n in range(20)]
    paired = [BothSaid(str(n % 10 // 2 * 2 + n % 2), each.people, each.judge) for n, each in enumerate(said)]
    alone, together = gap_of(said, (1.0, 5.0)), gap_of(paired, (1.0, 5.0))
    assert alone.value == together.value == 0.5
    assert alone.low is not None
    assert together.low is not None
    assert together.low < alone.low
    assert gap_of([BothSaid("1", None, 2.0)], (1.0, 5.0)).value is None
