"""A calibrated judge in terminal, Markdown and page: what was found first, and nothing of it can do harm."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from passmuster.records.calibration import (
    CalibratedCandidate,
    CalibratedDifference,
    Calibration,
    JudgeFinding,
    Leaning,
    PaddingShift,
    PeopleAgreement,
    PositionBias,
    Steadiness,
    Worth,
)
from passmuster.records.score import Difference, Estimate
from passmuster.report.judge_page import render_calibration_page
from passmuster.report.judge_terminal import calibration_markdown, render_calibration
from passmuster.report.judge_view import grids, headline, next_step, notes, worth_text

SHARE = Estimate(value=0.8, low=0.7, high=0.9, n=60)
HOSTILE = "<script>alert(1)</script>\x1b[31m|`x`"

FOUND = Calibration(
    task="orders",
    metric="quality",
    judge="4f00ab12",
    models=("gpt-4o",),
    question="correctness",
    bounds=(0.0, 1.0),
    binary=True,
    status="calibrated",
    judged=300,
    failures={"judge_refused": 3},
    labels=120,
    raters=2,
    planned=60,
    date="2026-03-01T10:00:00Z",
    candidates=(
        CalibratedCandidate(
            candidate="alpha",
            raw=Estimate(value=0.95, low=0.91, high=0.98),
            corrected=Estimate(
                value=0.81, low=0.7, high=0.91, method="post-stratified on the judge's verdict"
            ),
            judged=150,
            labels=60,
            drawn=60,
            correlation=0.6,
            worth=16.2,
        ),
        CalibratedCandidate(candidate="beta", raw=SHARE, judged=150, labels=60, drawn=60),
    ),
    differences=(
        CalibratedDifference(
            candidate="alpha",
            versus="beta",
            raw=Difference(value=0.38, low=0.29, high=0.47),
            corrected=Difference(value=0.27, low=0.12, high=0.43, p=0.0004),
        ),
    ),
    agreement=PeopleAgreement(
        n=120,
        raters=2,
        same=SHARE,
        correlation=SHARE,
        gap=Estimate(value=0.09, low=0.02, high=0.16),
        apart=SHARE,
        kappa=SHARE,
    ),
    position=PositionBias(n=60, consistent=SHARE, first=10, second=2, lean=SHARE, p=0.02),
    length=Leaning(effect=Estimate(value=0.1, low=-0.3, high=0.5), p=0.6, n=120),
    self_preference=Leaning(effect=Estimate(value=9.0), p=0.0001, n=120, separated=True),
    favours={
        "alpha": Leaning(effect=Estimate(value=2.0), p=0.001, n=120),
        "beta": Leaning(effect=Estimate(value=-2.0), p=0.001, n=120),
    },
    steadiness=Steadiness(n=40, same=SHARE, deviation=0.2),
    padding=PaddingShift(n=30, shift=Estimate(value=0.1, low=0.0, high=0.2), p=0.05, longer=2.4),
    worths=(Worth(correlation=0.6, ratio=0.85, labels=23.0),),
    findings=(
        JudgeFinding(
            kind="self_preference", severity="fault", sentence="self-preference: it favours its own"
        ),
    ),
    akin={"alpha": "of the same family as grader (OpenAI GPT)"},
)


def terminal(found: Calibration, width: int = 120) -> str:
    stream = io.StringIO()
    render_calibration(found, Console(file=stream, width=width, no_color=True))
    return stream.getvalue()


def test_every_figure_stands_beside_labels_raters_date_and_version() -> None:
    shown = terminal(FOUND)
    assert "gpt-4o (version 4f00ab12)" in shown
    assert "120 rated by 2 people, the last on 2026-03-01" in shown
    assert shown.index("FAULT self-preference") < shown.index("0.810 [0.700, 0.910]")
    assert "judge_refused" in shown


def test_a_corrected_figure_stands_before_that_of_the_judge_alone() -> None:
    table = grids(FOUND)[0]
    heads = [head for head, _ in table.heads]
    assert heads.index("corrected (95%)") < heads.index("judge alone (95%)")
    assert table.rows[1][heads.index("corrected (95%)")] == "-"


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_narrow_terminal_shows_every_figure_whole(width: int) -> None:
    shown = terminal(FOUND, width)
    for figure in ("0.810 [0.700, 0.910]", "0.950 [0.910, 0.980]", "+0.270 [+0.120, +0.430]", "1.11 times"):
        assert figure in shown


def test_of_two_candidates_favour_is_said_once_and_an_effect_without_bound_in_words() -> None:
    (rows,) = [grid.rows for grid in grids(FOUND) if grid.key == "biases"]
    said = {row[0]: row[1] for row in rows}
    assert "favours alpha" in said
    assert "favours beta" not in said
    assert said["self-preference"] == "settles it"


def test_the_headline_says_what_matters_most() -> None:
    assert headline(FOUND) == "quality: 1 fault found"
    assert headline(replace(FOUND, findings=())) == "quality: calibrated, no fault found"
    caution = JudgeFinding(kind="weak", severity="caution", sentence="it is weak")
    assert headline(replace(FOUND, findings=(caution,))) == "quality: calibrated, 1 caution"


def test_while_ratings_are_missing_the_next_step_is_the_form() -> None:
    waits = replace(FOUND, status="ratings_missing", waiting=5)
    assert "passmuster rate form" in next_step(waits)
    assert "judge calibrate" in next_step(replace(waits, waiting=0))


def test_notes_say_what_the_figures_cannot() -> None:
    undrawn = replace(FOUND, candidates=(replace(FOUND.candidates[1], drawn=0),), unscored=4)
    said = " ".join(notes(undrawn))
    assert "nobody drew at random" in said
    assert "4 replies are not judged yet" in said
    assert "of the same family as grader" in said


def test_hostile_names_do_nothing_anywhere() -> None:
    bad = replace(
        FOUND,
        metric=HOSTILE,
        task=HOSTILE,
        models=(HOSTILE,),
        question=HOSTILE,
        candidates=(replace(FOUND.candidates[0], candidate=HOSTILE),),
        differences=(replace(FOUND.differences[0], versus=HOSTILE),),
        favours={HOSTILE: FOUND.favours["alpha"]},
        akin={HOSTILE: HOSTILE},
        failures={HOSTILE: 2},
        findings=(JudgeFinding(kind="weak", severity="caution", sentence=HOSTILE),),
    )
    assert "\x1b[31m" not in terminal(bad)
    page = render_calibration_page(bad, "2026-03-01T10:00:00Z")
    assert "<script" not in page
    assert "\x1b" not in page
    written = calibration_markdown(bad)
    assert re.search(r"(?<!\\)<script", written) is None
    assert "\x1b" not in written


def test_the_page_has_a_picture_of_figures_differences_and_agreement_and_nothing_from_elsewhere() -> None:
    page = render_calibration_page(FOUND, "2026-03-01T10:00:00Z")
    for name in ("judge-candidates", "judge-differences", "judge-agreement"):
        assert f'class="chart forest-{name}"' in page
    assert "default-src 'none'" in page or "default-src &#39;none&#39;" in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")


def test_nothing_rated_yet_is_a_page_too() -> None:
    empty = Calibration(
        task="t",
        metric="quality",
        judge="4f",
        models=("m",),
        question="q",
        bounds=(1.0, 5.0),
        binary=False,
        status="ratings_missing",
        waiting=20,
    )
    assert "Nothing yet: ratings by people are missing." in render_calibration_page(empty, "now")
    assert grids(empty) == ()


def test_an_endless_worth_is_said_in_words() -> None:
    assert worth_text(float("inf")) == "no end"
