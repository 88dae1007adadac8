"""Stored runs and single cases in a terminal, and text made harmless."""

import io
import unicodedata
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from passmuster.records.candidate import Candidate, Prompt
from passmuster.records.comparison import CaseEvidence
from passmuster.records.run import Run, RunEnd
from passmuster.report.escape import HIDDEN_CATEGORIES, cut, label, visible
from passmuster.report.markdown import cell, table
from passmuster.report.show import render_case, render_disagreements, render_run, render_runs

RUN = Run(
    id="r1",
    started=1_700_000_000.0,
    task="complaints",
    corpus="3f9a1c02",
    cases=(("c-1", "d1", 0), ("c-2", "d2", 0)),
    candidates=(Candidate(name="a", provider="openai", model="m", prompt=Prompt(name="p"), simulated=True),),
)
END = RunEnd(run="r1", ended=1_700_000_075.0, status="complete", asked=2, reused=1, failed=0, spend=None)


def said(render: Callable[[Console], None], width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width, no_color=True, force_terminal=False)
    render(console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_runs_are_listed_with_their_account_and_a_killed_one_says_so() -> None:
    text = said(lambda console: render_runs([(RUN, END), (replace(RUN, id="r0"), None)], console), 160)
    assert [line.strip() for line in text.splitlines()] == [
        "r1  complete",
        "started 2023-11-14 22:13:20 UTC · 1 candidate x 2 cases · 2 asked, 1 reused, 0 failed, spend unknown",
        "r0  no end recorded",
        "started 2023-11-14 22:13:20 UTC · 1 candidate x 2 cases",
    ]


def test_no_runs_says_what_to_type() -> None:
    assert "passmuster run" in said(lambda console: render_runs([], console))


def test_a_run_shows_its_plan_its_end_and_its_candidates() -> None:
    text = said(lambda console: render_run(RUN, END, console))
    assert "2 cases x 1 candidate x 1 repeat = 2 trials" in text
    assert "complete: 2 asked, 1 reused, 0 failed, spend unknown, took 1.2 min" in text
    assert "a (simulated)" in text
    assert "run again to resume" in said(lambda console: render_run(RUN, None, console))


def test_a_case_shows_every_answer_and_who_was_right(evidence: tuple[CaseEvidence, ...]) -> None:
    case = next(each for each in evidence if any(answer.failure for answer in each.answers))
    text = said(lambda console: render_case(case, console))
    for answer in case.answers:
        assert f"{answer.candidate}: " in text
    assert "local-8b: failed" in text
    assert "timeout: no answer within 60 s" in text
    assert case.input in text


def test_a_hostile_case_is_harmless_and_cut(evidence: tuple[CaseEvidence, ...]) -> None:
    bad = "\x1b]52;c;ZXZpbA==\x07\u202e[link=http://x]" + "y" * 1_000_000
    answers = (replace(evidence[0].answers[0], text=bad, candidate=bad),)
    case = replace(evidence[0], id=bad, input=bad, reference=[bad], answers=answers, right=())
    text = said(lambda console: render_case(case, console))
    assert not set("\x1b\x07\u202e") & set(text)
    assert len(text) < 30_000
    assert "[link=http://x]" in text
    assert "more characters)" in text


def test_disagreements_are_listed_with_who_was_right(evidence: tuple[CaseEvidence, ...]) -> None:
    disputed = [each for each in evidence if each.disputed]
    counts = (len(disputed), len(evidence))
    text = said(lambda console: render_disagreements(disputed[:3], console, counts=counts), 140)
    assert f"3 of {len(disputed)} cases with disagreement shown" in text
    assert disputed[2].id in text
    assert disputed[3].id not in text
    nothing = said(lambda console: render_disagreements([], console, counts=(0, 60)))
    assert "No disagreement in 60 cases." in nothing


def test_an_answer_that_cannot_be_judged_is_not_called_wrong(evidence: tuple[CaseEvidence, ...]) -> None:
    first, second = evidence[0].answers[:2]
    answers = (replace(first, failure=None, turn="unknown"), replace(second, failure=None, turn="refusal"))
    case = replace(evidence[0], answers=answers, right=(), disputed=True)
    text = said(lambda console: render_case(case, console))
    assert f"{first.candidate}: not known" in text
    assert f"{second.candidate}: not right, refusal" in text
    listed = said(lambda console: render_disagreements([case], console, counts=(1, 1)), 140)
    assert f"not right: {second.candidate} · not known: {first.candidate}" in listed


@given(st.text(alphabet=st.characters(codec=None), max_size=60))
def test_visible_text_has_no_hidden_character(text: str) -> None:
    shown = visible(text)
    kept = {char for char in shown if unicodedata.category(char) in HIDDEN_CATEGORIES}
    assert kept <= set("\u200c\u200d")


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), max_size=60))
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert visible(text) == text
    assert visible(text + "\n\t", block=True) == text + "\n\t"


def test_long_text_is_cut_with_a_note() -> None:
    assert cut("a" * 10, 10) == "a" * 10
    assert cut("a" * 1_048_576, 4) == "aaaa... (1,048,572 more characters)"
    assert len(label("x" * 100, 12)) == 12


@pytest.mark.parametrize(
    "text", ["a|b", "`x`", "<b>", "[x](javascript:y)", "![i](j)", "# h", "a\n\n| b |", "https://x.y"]
)
def test_markdown_cells_hold_no_markup(text: str) -> None:
    rows = table(["h"], [[text]]).splitlines()
    assert len(rows) == 3
    for special in "|`<[!#":
        bare = cell(text).replace("\\" + special, "").replace("&#8203;", "")
        assert special not in bare
    assert "https://" not in cell(text)
