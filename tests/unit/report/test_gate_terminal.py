"""The gate in a terminal: word for word, narrow and wide, and harmless also to a CI system that reads along."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console
from tests.unit.report.gate_sample import BLOCKED, FLIPS, HOSTILE, LINES, MODES, SLICES, at, hostile, huge
from tests.unit.report.test_golden import agrees

from passmuster.records.gate import GateReport, Level
from passmuster.report.gate_terminal import render_gate


def printed(report: GateReport, width: int = 110) -> str:
    console = Console(file=io.StringIO(), width=width, no_color=True, force_terminal=False)
    render_gate(report, console, report_path="reports/gate.html")
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()) + "\n"


@pytest.mark.parametrize("level", ["block", "investigate", "undecided", "refused", "pass"])
def test_the_terminal_says_what_was_agreed(level: Level) -> None:
    agrees(printed(at(level)), f"gate-{level}.txt")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = printed(BLOCKED, width).splitlines()
    assert max(len(line) for line in lines if not line.startswith("    passmuster show")) <= width


def test_a_command_stands_in_one_line_however_narrow_the_terminal() -> None:
    assert "\n    passmuster show --of small-next --cases wrong\n" in printed(BLOCKED, 40)


@pytest.mark.parametrize("width", [72, 80, 100, 140])
def test_however_long_the_names_are_each_table_stays_one(width: int) -> None:
    slices = tuple(
        replace(
            each, slice=f"language == 'de' and {each.slice} {'x' * 60}", name=f"metric {place} {'y' * 60}"
        )
        for place, each in enumerate(SLICES)
    )
    lines = (replace(LINES[0], name="z" * 90), *LINES[1:])
    modes = tuple(replace(each, mode=each.mode + " m" * 40, failed=("r" * 90,) * 9) for each in MODES)
    text = printed(replace(BLOCKED, slices=slices, lines=lines, modes=modes), width)
    for head in ("figure ", "slice ", "failure mode ", "case "):
        assert sum(row.startswith(head) for row in text.splitlines()) == 1, head
    assert "… · found" in text


def test_intervals_stay_longer_than_p_values() -> None:
    assert "-0.071 [-0.081, -0.061]  block" in printed(BLOCKED, 76)
    assert " p " not in printed(BLOCKED, 76)
    assert "-0.220 [-0.300, -0.140]  block" in printed(BLOCKED, 90)
    row = next(each for each in printed(BLOCKED, 60).splitlines() if each.startswith("exact_match "))
    assert row.split() == ["exact_match", "0.742", "0.671", "-0.071", "block"]


def test_what_nobody_was_asked_again_has_no_empty_columns() -> None:
    bare = tuple(replace(each, asked=0, old_right=None, new_right=None, regressed=None) for each in FLIPS)
    text = printed(replace(BLOCKED, flips=bare))
    assert "old right" not in text
    assert re.search(r"^r-1 +silent +regression +invents a clause$", text, re.MULTILINE)


def test_the_level_and_the_sentence_stand_below_all_tables() -> None:
    text = printed(BLOCKED)
    verdict = text.index("Blocked: small-next is worse")
    assert verdict > max(
        text.index(word) for word in ("latency p99", "Regression cases", "Slices:", "Changed:")
    )


def test_hostile_texts_write_neither_controls_nor_commands() -> None:
    for width in (20, 40, 97, 300):
        text = printed(hostile(), width)
        assert not any(char in text for char in "\x1b\r\u202e\ud800")
        assert "##[" not in text
        assert not any(re.match(r"\s*::(error|warning)", line) for line in text.splitlines())


def test_a_command_of_ci_in_the_middle_of_a_sentence_is_none_once_it_is_wrapped() -> None:
    text = printed(replace(BLOCKED, sentence="word " * 30 + "::error file=x::gone"), 40)
    assert not any(line.lstrip().startswith("::error") for line in text.splitlines())


def test_names_that_hold_two_colons_stay_as_they_are() -> None:
    assert "test_it.py::test_one" in printed(replace(BLOCKED, notes=("see test_it.py::test_one",)))


def test_what_the_reasons_do_not_say_stands_under_the_table() -> None:
    text = printed(BLOCKED)
    assert "latency p99: the load differs: 4.0 in flight beside 9.5" in text
    told = replace(BLOCKED, reasons=(f"latency_p99: {LINES[5].reason}",))
    assert printed(told).count(LINES[5].reason) == 1


def test_a_missing_value_is_no_zero() -> None:
    row = next(line for line in printed(BLOCKED).splitlines() if line.startswith("cost per task "))
    assert row.split() == ["cost", "per", "task", "$0.00041", "-", "-", "-", "undecided"]


def test_a_row_for_sanity_has_no_level() -> None:
    shown = replace(at("pass"), lines=(replace(LINES[1], sanity=True),), slices=())
    row = next(line for line in printed(shown).splitlines() if line.startswith("rouge_l"))
    assert row.endswith("shown only")


def test_commands_can_be_typed_and_name_no_hostile_text() -> None:
    assert "passmuster show --of small-next --cases wrong" in printed(BLOCKED)
    spaced = replace(BLOCKED, new=replace(BLOCKED.new, name="a b; rm"))
    assert "passmuster show --of 'a b; rm' --cases wrong" in printed(spaced)
    for name in (HOSTILE, "-x", "a\nb", ""):
        text = printed(replace(BLOCKED, new=replace(BLOCKED.new, name=name), flips=()))
        assert "passmuster show" not in text


def test_thousands_of_rows_make_a_page_of_lines_and_say_what_is_left_out() -> None:
    text = printed(huge())
    assert len(text.splitlines()) < 250
    assert re.search(r"[\d,]+ more do not", text)
    assert "19,991 more" in text


def test_a_gate_of_nothing_is_told_too() -> None:
    empty = replace(
        BLOCKED, lines=(), slices=(), modes=(), flips=(), changes={}, floor=None, left_out={}, notes=()
    )
    assert "Blocked: small-next" in printed(empty)
