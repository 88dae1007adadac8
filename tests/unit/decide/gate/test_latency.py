"""Latency of a change: what is compared at all, and which rise is blocked."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.decide.gate.changes import Asked, Setting, Text, change, gate, line, replies

from passmuster.decide.gate.report import gate_report
from passmuster.records.gate import GatePolicy, GateReport
from passmuster.stats.families import holm

N = 300
RIGHT: list[Text] = replies(("+", N))


def times(seed: int = 1, n: int = N) -> list[float]:
    rng = np.random.default_rng(seed)
    return [float(each) for each in np.exp(0.3 * rng.normal(size=n))]


def compared(now: Asked, before: Asked | None = None, policy: GatePolicy | None = None) -> GateReport:
    setting = Setting(policy=policy or GatePolicy())
    return gate(RIGHT, RIGHT, setting, before=before or Asked(seconds=times()), now=now)


def slower(factor: float, blocks: tuple[int, ...] = (0, 1, 2, 3, 4), seed: int = 2) -> Asked:
    """Return times that rose by this factor in some of five blocks."""
    return Asked(
        seconds=[own * (factor if place * 5 // N in blocks else 1.0) for place, own in enumerate(times(seed))]
    )


def test_a_rise_of_a_fifth_that_is_there_all_the_time_is_blocked() -> None:
    found = compared(slower(1.2, seed=1))
    row = line(found, "latency_p50")
    assert row.level == "block"
    assert row.blocks == pytest.approx((1.2,) * 5)
    assert row.change.value == pytest.approx(0.2)
    assert "it is there in 5 of 5 blocks" in row.reason
    assert (found.level, found.finding) == ("block", "systematic")


@pytest.mark.parametrize("block", range(5))
def test_a_single_noisy_block_is_not_blocked_however_bad_it_is(block: int) -> None:
    found = compared(slower(5.0, (block,)))
    assert not any(row.level == "block" for row in found.lines)


def test_what_is_needed_is_most_of_the_blocks() -> None:
    three = compared(slower(1.6, (0, 2, 4), seed=1))
    assert line(three, "latency_p50").level in {"block", "investigate"}
    two = line(compared(slower(1.6, (0, 4), seed=1)), "latency_p50")
    assert two.level == "pass"
    assert "in 2 of 5 blocks" in two.reason


def test_a_rise_that_does_not_matter_passes_and_is_told() -> None:
    row = line(compared(slower(1.05, seed=1)), "latency_p50")
    assert row.level == "pass"
    assert "a rise of 20% is excluded, though a rise is shown" in row.reason


def test_the_policy_says_which_rise_matters_and_in_how_many_blocks() -> None:
    calm = GatePolicy(latency=0.5)
    assert line(compared(slower(1.2, seed=1), policy=calm), "latency_p50").level == "pass"
    four = GatePolicy(blocks=4, sustained=4)
    assert len(line(compared(slower(1.2), policy=four), "latency_p50").blocks) == 4


def test_blocks_are_by_the_time_of_asking_and_not_by_the_order_of_the_cases() -> None:
    """The slow quarter of an hour hits every fifth case: it is one block of time, and one of none of the cases."""
    order = [float(place % 5 * N + place // 5) for place in range(N)]
    hit = [own * (4.0 if place % 5 == 0 else 1.0) for place, own in enumerate(times())]
    by_time = line(compared(Asked(seconds=hit, started=order)), "latency_p50")
    assert [round(each or 0) for each in by_time.blocks] == [4, 1, 1, 1, 1]
    by_place = line(compared(Asked(seconds=hit)), "latency_p50")
    assert all(0.9 < (each or 0) < 1.5 for each in by_place.blocks)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (Asked(in_flight=10), "8 calls in flight on average before, 10 now"),
        (Asked(concurrency=16), "up to 8 calls at once before, up to 16 now"),
        (Asked(source="recorded"), "the times are measured before and recorded now"),
        (Asked(source="cached"), "the times are measured before and cached now"),
    ],
)
def test_another_load_is_refused_and_not_compared(now: Asked, told: str) -> None:
    found = compared(replace(now, seconds=times()))
    rows = [row for row in found.lines if row.kind == "latency"]
    assert {row.level for row in rows} == {"refused"}
    assert all(told in row.reason and row.change.value is None and not row.blocks for row in rows)
    assert rows[0].old.value is not None
    assert found.level == "refused"


@pytest.mark.parametrize(
    "now", [Asked(in_flight=9), Asked(tokens=(219, 100)), Asked(tokens=(200, 109)), Asked(tokens=(200, 91))]
)
def test_about_the_same_load_is_compared(now: Asked) -> None:
    before = replace(now, in_flight=8, tokens=(200, 100), seconds=times())
    row = line(compared(replace(now, seconds=times()), before), "latency_p50")
    assert row.level == "pass"


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (Asked(tokens=(200, 112)), "replies of 100 tokens on average before, 112 now"),
        (Asked(tokens=(230, 100)), "prompts of 200 tokens on average before, 230 now"),
    ],
)
def test_lengths_that_the_change_made_are_refused_and_hold_nothing_up(now: Asked, told: str) -> None:
    asked = change(RIGHT, RIGHT, now=replace(now, seconds=times()), before=Asked(seconds=times()))
    found = gate_report(asked)
    rows = [row for row in found.lines if row.kind == "latency"]
    assert {(row.level, row.weight) for row in rows} == {("refused", "investigate")}
    assert all(told in row.reason and "holds nothing up" in row.reason for row in rows)
    assert (found.level, found.finding) == ("investigate", "noise")
    same = gate_report(replace(asked, new_side=replace(asked.new_side, digest=asked.old_side.digest)))
    row = line(same, "latency_p50")
    assert (same.level, row.level, row.weight) == ("refused", "refused", "refused")
    assert "the version is the same" in row.reason


def test_another_load_holds_the_gate_up_whatever_the_lengths() -> None:
    found = compared(Asked(tokens=(200, 150), in_flight=16, seconds=times()))
    row = line(found, "latency_p50")
    assert (row.weight, found.level) == ("refused", "refused")
    assert "calls in flight" in row.reason
    unknown = compared(Asked(tokens=(200, 150), in_flight=None, seconds=times()))
    assert (line(unknown, "latency_p50").level, unknown.level) == ("undecided", "undecided")


def test_output_that_grew_is_told_to_be_of_the_change_and_its_cost_is_compared() -> None:
    found = compared(Asked(tokens=(200, 180), seconds=times()))
    assert "the change itself" in line(found, "latency_p50").reason
    assert line(found, "cost_per_task").level == "block"
    assert line(found, "cost_per_task").change.value == pytest.approx(380 / 300 - 1)


def test_what_one_version_did_not_record_leaves_it_undecided() -> None:
    for now in (Asked(in_flight=None), Asked(tokens=None)):
        found = compared(replace(now, seconds=times()))
        row = line(found, "latency_p50")
        assert row.level == "undecided"
        assert "the new version did not record" in row.reason
    none = line(compared(Asked()), "latency_p50")
    assert (none.level, none.reason) == ("undecided", "the new version has no times")


def test_what_neither_recorded_is_a_note() -> None:
    both = Asked(in_flight=None, tokens=None, price=None, seconds=times())
    found = compared(both, both)
    assert line(found, "latency_p50").level == "pass"
    assert sum("not checked" in note for note in found.notes) == 3
    blind = compared(Asked(), Asked())
    assert not [row for row in blind.lines if row.kind == "latency"]
    assert any("latency is not compared" in note for note in blind.notes)


def test_times_of_no_length_are_no_times() -> None:
    nothing = Asked(seconds=0.0)
    found = compared(nothing, nothing)
    assert found.level == "pass"
    assert any("latency is not compared" in note for note in found.notes)
    row = line(compared(nothing), "latency_p50")
    assert (row.level, row.reason) == ("undecided", "the new version has no times")


def test_estimated_lengths_are_marked() -> None:
    both = Asked(estimated=True, seconds=times())
    assert any("estimated from characters" in note for note in compared(both, both).notes)
    other = compared(replace(both, tokens=(200, 150)), both)
    assert "of about 100 tokens on average before, about 150 now" in line(other, "latency_p50").reason


def test_percentiles_that_cannot_be_measured_are_no_rows() -> None:
    few = replies(("+", 100))
    asked = Asked(seconds=times(n=100))
    found = gate(few, few, before=asked, now=asked)
    assert [row.name for row in found.lines if row.kind == "latency"] == ["latency_p50", "latency_p95"]
    assert any("latency_p99 is not measurable: 100 times" in note for note in found.notes)


def test_too_few_times_for_any_block_are_undecided() -> None:
    few = replies(("+", 20))
    asked = Asked(seconds=times(n=20))
    row = line(gate(few, few, before=asked, now=asked), "latency_p50")
    assert (row.level, row.more_cases) == ("undecided", 5)


def test_first_tokens_have_rows_where_there_are_any() -> None:
    before = Asked(seconds=times(), first_token=[own / 4 for own in times()])
    now = Asked(seconds=times(), first_token=[own / 2 for own in times()])
    found = compared(now, before)
    assert line(found, "first_token_p50").level == "block"
    assert line(found, "first_token_p95").change.value == pytest.approx(1.0)
    assert line(found, "latency_p50").level == "pass"


def test_a_failed_trial_has_no_time_and_its_case_is_left_out_on_both_sides() -> None:
    """Slow cases fail now: of the rest the times are as they were, and the failures have a row of their own."""
    seconds = times()
    slow = sorted(range(N), key=seconds.__getitem__)[-40:]
    now = [None if place in slow else text for place, text in enumerate(RIGHT)]
    found = gate(RIGHT, now, before=Asked(seconds=seconds), now=Asked(seconds=seconds))
    row = line(found, "latency_p95")
    assert row.blocks == pytest.approx((1.0,) * 5)
    assert row.change.n == N - 40
    assert line(found, "failure_rate").level == "block"


def test_times_weigh_what_their_cases_stand_for() -> None:
    heavy = Setting(weights=[50.0 if place % 3 == 0 else 1.0 for place in range(N)])
    hit = [own * (2.0 if place % 3 == 0 else 1.0) for place, own in enumerate(times())]
    found = gate(RIGHT, RIGHT, heavy, before=Asked(seconds=times()), now=Asked(seconds=hit))
    assert line(found, "latency_p50").change.value == pytest.approx(1.0, abs=0.15)
    plain = gate(RIGHT, RIGHT, before=Asked(seconds=times()), now=Asked(seconds=hit))
    assert (line(plain, "latency_p50").change.value or 0) < 0.6


def test_rows_of_latency_are_corrected_with_all_others() -> None:
    """3 of latency, 2 of cost, one metric and the failures."""
    rows = compared(slower(1.1)).lines
    tested = [row.p for row in rows if row.p is not None]
    assert len(tested) == 7
    assert [row.adjusted_p for row in rows] == pytest.approx(holm(tested))


def test_a_rise_is_tested_over_the_halves_of_blocks_where_these_are_large_enough() -> None:
    rows = compared(slower(1.1)).lines
    assert next(row for row in rows if row.kind == "latency").change.method.startswith("t over 10 parts")
    few = replies(("+", 45))
    found = gate(few, few, before=Asked(seconds=times(n=45)), now=Asked(seconds=times(2, 45)))
    assert line(found, "latency_p50").change.method.startswith("t over 5 parts")
