"""What is said of a gate: the gravest first, ages and changes in their units, nothing twice."""

from dataclasses import replace

import pytest
from tests.unit.report.gate_sample import BLOCKED, FLIPS, LINES, MODES, OLD, SLICES, at, figure

from passmuster.decide.gate.words import moved
from passmuster.records import gate
from passmuster.records.gate import GatePolicy
from passmuster.report import gate_words as words


def test_the_gravest_slices_come_first_core_before_edge_and_the_larger_drop_before_the_smaller() -> None:
    order = [row.slice for row in words.gravest(SLICES)]
    assert order == [
        "stratum refunds",
        "stratum rare",
        "input longer than 400 words",
        "category edge",
        "category typical",
    ]


def test_a_rise_of_what_is_better_low_is_for_the_worse() -> None:
    assert words.worse(LINES[0]) > 0
    assert words.worse(replace(LINES[0], direction="lower")) < 0
    assert words.worse(LINES[4]) > 0
    assert words.worse(LINES[6]) == 0


def test_who_is_compared_with_whom_is_said_with_the_age_of_the_baseline() -> None:
    assert words.side(OLD) == "small (reports/baseline_2026-03-01.json, 12 days old)"
    assert words.side(replace(OLD, path=None, age_days=None)) == "small"


@pytest.mark.parametrize(
    ("fail_on", "level", "row", "fails"),
    [
        ("block", "block", None, True),
        ("block", "investigate", None, False),
        ("investigate", "investigate", None, True),
        ("block", "undecided", "block", True),
        ("investigate", "undecided", "investigate", True),
        ("block", "undecided", "investigate", False),
    ],
)
def test_a_gate_fails_from_the_level_of_the_policy_on(
    fail_on: str, level: str, row: str | None, *, fails: bool
) -> None:
    rows = () if row is None else (replace(LINES[1], level=row),)  # type: ignore[arg-type]  # a level
    report = replace(
        BLOCKED,
        level=level,  # type: ignore[arg-type]  # a level
        policy=GatePolicy(fail_on=fail_on),  # type: ignore[arg-type]  # one of the two
        lines=rows,
        slices=(),
        modes=MODES[1:2],
    )
    assert gate.fails(report) is fails


def test_cases_that_fail_for_good_come_first_then_the_silent_ones() -> None:
    assert [flip.case for flip in words.flips_by_interest(FLIPS)] == ["c-2", "r-1", "c-4", "c-9"]


def test_what_changed_is_counted_and_what_fails_for_good_is_named() -> None:
    assert words.changes_said(BLOCKED) == (
        "Changed: 84 silent, 12 loud, 40 format, 25 fixed. Of 3 that were asked again, 2 fail for good. "
        "They are c-2, r-1."
    )
    assert words.changes_said(replace(BLOCKED, flips=(), changes={})) is None
    assert (
        words.changes_said(replace(BLOCKED, flips=(), changes={"silent": 0})) == "No case has another result."
    )


def test_a_floor_that_is_not_known_is_no_zero() -> None:
    assert BLOCKED.floor is not None
    unknown = replace(
        BLOCKED.floor, flip_rate=figure(None, note="it was asked once"), churn=figure(-0.004, 0.01)
    )
    said = words.floor_said(replace(BLOCKED, floor=unknown))
    assert said is not None
    assert "an unknown share (it was asked once)" in said
    assert "-0.4 % [-1.4 %, 0.6 %]" in said


def test_reasons_do_not_say_again_what_the_sentence_says() -> None:
    told = replace(BLOCKED, sentence=f"small-next must not go out as it is: {BLOCKED.reasons[0]}")
    assert words.reasons(told) == BLOCKED.reasons[1:]


def test_a_command_is_offered_for_what_is_grave_alone() -> None:
    assert [command for _, command in words.commands(at("pass"))] == []
    assert len(words.commands(replace(BLOCKED, flips=()))) == 3


def test_changes_have_the_unit_of_their_kind() -> None:
    assert words.changed(LINES[0]) == "-0.071 [-0.081, -0.061]"
    assert words.changed(LINES[2]) == "+1.2 points [+0.2, +2.2]"
    assert words.changed(LINES[4]) == "+27 % [+22 %, +32 %]"
    assert words.changed(LINES[6]) == "-"


@pytest.mark.parametrize("place", [0, 2, 3, 4])
def test_the_figures_that_stand_beside_a_reason_are_not_said_again(place: int) -> None:
    row = LINES[place]
    told = f"{moved(row, share=row.kind in ('quality', 'failures'))}: a drop is shown; see (95% of it): here"
    assert words.why(replace(row, reason=told)) == "a drop is shown; see (95% of it): here"
    assert words.why(replace(row, reason="found by a tree: -3 points")) == "found by a tree: -3 points"
