"""The comparison in a terminal."""

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from passmuster.records.comparison import Comparison, PromptReport
from passmuster.records.score import Difference
from passmuster.report.terminal import render_terminal

HOSTILE = "evil\x1b]0;owned\x07\x1b[2J\x9b31m\u202eexe.\u2028[red]x[/red]"


def rendered(comparison: Comparison, width: int, *, colour: bool = False) -> str:
    file = io.StringIO()
    if colour:
        console = Console(file=file, width=width, force_terminal=True, color_system="standard")
    else:
        console = Console(file=file, width=width, force_terminal=False, no_color=True)
    render_terminal(comparison, console)
    return file.getvalue()


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160, 200])
def test_no_line_is_wider_than_the_terminal(width: int, decided: Comparison) -> None:
    lines = rendered(decided, width).splitlines()
    assert max(cell_len(line) for line in lines) <= width


@pytest.mark.parametrize("width", [80, 100, 120, 160, 200])
def test_every_candidate_and_every_figure_is_there_at_any_width(width: int, decided: Comparison) -> None:
    text = rendered(decided, width)
    for row in decided.candidates:
        assert row.name in text
    for figure in ("~0.024", ">=0.41", "unknown", "1,750 stated", "4.2 %", "0.31 / 0.72"):
        assert figure in text


def test_a_wide_terminal_has_the_whole_matrix_in_one_table(decided: Comparison) -> None:
    lines = rendered(decided, 280).splitlines()
    assert sum(line.lstrip().startswith("candidate ") for line in lines) == 1
    assert any("gpt-4o " in line and "undecided (accuracy: 370 more cases)" in line for line in lines)


def test_without_colour_there_is_no_escape_sequence(decided: Comparison) -> None:
    assert "\x1b" not in rendered(decided, 100)


def test_colour_only_repeats_the_words(decided: Comparison) -> None:
    coloured = rendered(decided, 100, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == rendered(decided, 100)


def test_hostile_names_cannot_steer_the_terminal(decided: Comparison) -> None:
    first = replace(decided.candidates[0], name=HOSTILE)
    decision = replace(decided.decision, reason=HOSTILE, warnings=(HOSTILE,))
    hostile = replace(decided, task=HOSTILE, candidates=(first, *decided.candidates[1:]), decision=decision)
    text = rendered(hostile, 100)
    assert not set("\x1b\x07\x9b\u202e\u2028") & set(text)
    assert r"evil\x1b]0;owned\x07" in text
    assert "[red]x[/red]" in text


def test_the_missing_are_explained_and_never_zero(state: Callable[[str], Comparison]) -> None:
    text = rendered(state("undecided"), 100)
    assert "Missing (-): p99: not measurable: needs 299 cases (9 candidates)" in text
    assert "0.67 / 0.83 / -" in re.sub(r" +", " ", text)


def test_the_warnings_of_the_decision_are_shown(decided: Comparison) -> None:
    text = rendered(decided, 200)
    assert decided.decision.warnings
    for warning in decided.decision.warnings:
        assert f"Warning: {warning}" in text


def test_what_the_reason_says_already_is_not_repeated(decided: Comparison) -> None:
    manual = decided.decision.versus_manual
    assert manual is not None
    merged = replace(decided, decision=replace(decided.decision, reason=f"{manual} So be it."))
    assert rendered(merged, 200).count(manual) == 1


def test_a_comparison_without_bars_or_incumbent_is_rendered(decided: Comparison) -> None:
    rows = tuple(replace(row, checks=(), versus_incumbent={}) for row in decided.candidates)
    text = rendered(replace(decided, incumbent=None, candidates=rows), 160)
    assert "no bars" in text
    assert "vs incumbent" not in text


def test_prompt_variants_are_shown_with_their_paired_difference(decided: Comparison) -> None:
    gap = Difference(value=0.012, low=-0.004, high=0.028, p=0.14, n=1000, method="Tango")
    variants = (PromptReport(candidate="gpt/short", prompt="short", versus="gpt/long", difference=gap),)
    text = rendered(replace(decided, prompts=variants), 200)
    assert "Prompts: gpt/short against gpt/long: +0.012 [-0.004, +0.028], p 0.14" in text


def test_a_row_says_p_of_its_difference_its_tokens_and_the_cases_it_rests_on(decided: Comparison) -> None:
    lines = rendered(decided, 280).splitlines()
    head = next(line for line in lines if line.lstrip().startswith("candidate "))
    for title in ("vs incumbent", "p vs inc.", "$ / 1k tasks", "tokens in / out", "n (missing)"):
        assert title in head
    row = next(line for line in lines if "gpt-4o " in line and "0.736" in line)
    assert re.search(r"\[\+0.018, \+0.072\] +<0.001", row)
    assert "~212 / 4" in row
    simulated = next(line for line in lines if "local-8b (sim)" in line)
    assert "1,000 (42)" in simulated


def test_cases_of_judges_are_not_looked_for_among_those_of_candidates(decided: Comparison) -> None:
    shown = {
        of_judges: Console(file=io.StringIO(), width=100, color_system=None) for of_judges in (False, True)
    }
    for of_judges, console in shown.items():
        render_terminal(decided, console, of_judges=of_judges)
    texts = {
        each: console.file.getvalue()
        for each, console in shown.items()
        if isinstance(console.file, io.StringIO)
    }
    assert "passmuster show --disagreements" in texts[False]
    assert "passmuster show" not in texts[True]
    assert "every number: --json" in texts[True]


def test_the_decision_is_the_last_that_is_said_before_where_to_look_further(decided: Comparison) -> None:
    """Where the eye rests when the output has run through."""
    text = rendered(decided, 100)
    later = text[text.index("Decision: ") :]
    assert "Warning: " not in later
    assert "Cases: " not in later
    assert "Dominated: " not in later
    assert len(later.splitlines()) <= 14


def test_of_many_reasons_the_first_are_told_and_the_others_counted(decided: Comparison) -> None:
    failing = next(row for row in decided.candidates if row.verdict.status == "fail")
    many = tuple(
        replace(
            failing, name=f"failing-{number:02}", verdict=replace(failing.verdict, reason=f"misses {number}")
        )
        for number in range(33)
    )
    text = rendered(replace(decided, candidates=(*decided.candidates, *many)), 100)
    said = text[text.index("Why the others do not pass") :]
    assert said.count("  failing-") < 20
    assert "and 20 more in the report" in said
