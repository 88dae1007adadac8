"""The report on escalation in every form: nothing that came from outside does anything, and every figure is there."""

import html
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from passmuster.records.escalation import (
    EscalationReport,
    ReliabilityBin,
    RiskPoint,
    SignalCalibration,
    SignalDifference,
    SignalReport,
)
from passmuster.records.score import Difference, Estimate
from passmuster.report.escalation_markdown import render_escalation_markdown
from passmuster.report.escalation_page import render_escalation_page
from passmuster.report.escalation_terminal import render_escalation

HOSTILE = '<script>alert(1)</script>\x1b[31m|\n::error::]]>"&\ud800\u202e'


def point(threshold: float, coverage: float, risk: float, *, certified: bool) -> RiskPoint:
    return RiskPoint(
        threshold=threshold,
        coverage=coverage,
        accepted=round(coverage * 500),
        errors=round(coverage * 500 * risk),
        risk=risk,
        low=risk / 2,
        high=min(1.0, risk * 2 + 0.01),
        p=0.01 if certified else 0.4,
        certified=certified,
        rule=f"sure >= {threshold:g}",
        cost_per_task=0.01,
        wrong_per_thousand=1000 * coverage * risk,
    )


def signal(name: str = "sure", **others: Any) -> SignalReport:
    points = (
        point(0.95, 0.2, 0.01, certified=True),
        point(0.9, 0.6, 0.04, certified=True),
        point(0.1, 1.0, 0.2, certified=False),
    )
    brier = Estimate(value=0.12, low=0.1, high=0.14, n=500)
    calibration = SignalCalibration(
        brier=brier,
        squared_error=0.001,
        p=0.3,
        ece=0.03,
        ece_null=0.028,
        ece_null_high=0.05,
        bins=(
            ReliabilityBin(confidence=0.3, right=0.35, low=0.2, high=0.5, n=250),
            ReliabilityBin(confidence=0.9, right=0.91, low=0.85, high=0.95, n=250),
        ),
    )
    made = SignalReport(
        name=name,
        kind="confidence",
        n=500,
        n_missing=0,
        auroc=Estimate(value=0.81, low=0.77, high=0.85, n=500),
        aurc=0.08,
        aurc_best=0.02,
        augrc=0.05,
        augrc_best=0.02,
        calibration=calibration,
        points=points,
        threshold=0.9,
        certified=points[1],
        more_labels=None,
        usable=True,
        sentence=f"{name}: AUROC 0.81.",
    )
    return replace(made, **others)


def report(*signals: SignalReport, **others: Any) -> EscalationReport:
    made = EscalationReport(
        schema_version=1,
        task="routing",
        generated="2026-11-22T07:00:00Z",
        corpus="c",
        candidate="small",
        success="exact_match",
        target=0.05,
        delta=0.1,
        family=max(1, len(signals)),
        to=None,
        to_kind="person",
        price=2.0,
        cases=510,
        failed=7,
        unlabelled=3,
        unscored=0,
        error_rate=Estimate(value=0.2, low=0.17, high=0.24, n=500),
        cost_per_task=0.001,
        signals=signals,
        differences=(),
        leading=signals[0].name if signals else None,
        best=signals[0].name if signals else None,
        sentence="Replies of small can go out unseen where sure >= 0.9.",
        remarks=("the guarantee is for tasks like these cases",),
        absent={"mean_logprob": "no reply has it", "answer_logprob": "no reply has it"},
    )
    return replace(made, **others)


def terminal(found: EscalationReport, width: int = 100) -> str:
    out = io.StringIO()
    render_escalation(found, Console(file=out, width=width))
    return out.getvalue()


GAP = SignalDifference(
    first="sure", second="noise", difference=Difference(value=0.3, low=0.2, high=0.4, p=0.0001, n=500)
)
POOR: dict[str, Any] = {
    "usable": False,
    "certified": None,
    "threshold": None,
    "more_labels": 340,
    "calibration": None,
}


def test_the_page_shows_the_answer_the_risks_the_signals_and_the_chances() -> None:
    page = render_escalation_page(report(signal(), signal("noise", **POOR), differences=(GAP,)))
    for text in (
        "Which replies of small can go out unseen?",
        "Replies of small can go out unseen where sure",
        "a threshold is certified",
        "risk-plot",
        "area-plot",
        "reliability-0",
        "sure less noise",
        "+0.300",
        "340",
        "it does not show that the chances are not true",
        "true chances show 0.028 on as many cases",
        "7 tasks without a reply are escalated.",
        "Not there: mean_logprob, answer_logprob (no reply has it).",
    ):
        assert text in page
    assert "<script" not in page
    assert "Content-Security-Policy" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")


def test_without_a_threshold_or_a_signal_it_says_so() -> None:
    undecided = report(signal(**POOR), best=None, sentence="No threshold can be certified.")
    assert "no threshold is certified" in render_escalation_page(undecided)
    bare = report(sentence="The replies have no signal.")
    page = render_escalation_page(bare)
    assert "The replies have no signal." in page
    assert 'class="chart risk-plot' not in page
    assert "The replies have no signal." in terminal(bare)
    assert "The replies have no signal" in render_escalation_markdown(bare)


@pytest.mark.parametrize("render", [render_escalation_page, terminal, render_escalation_markdown])
def test_hostile_names_do_nothing(render: Callable[[EscalationReport], str]) -> None:
    bad = signal(HOSTILE, sentence=HOSTILE, note=HOSTILE)
    points = tuple(replace(each, rule=HOSTILE) for each in bad.points)
    bad = replace(bad, points=points, certified=points[1])
    gap = replace(GAP, first=HOSTILE, second=HOSTILE)
    text = render(
        report(
            bad,
            differences=(gap,),
            task=HOSTILE,
            candidate=HOSTILE,
            success=HOSTILE,
            sentence=HOSTILE,
            remarks=(HOSTILE,),
            absent={HOSTILE: HOSTILE},
        )
    )
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\n::error" not in text
    text.encode("utf-8")
    if render is not terminal:
        assert "<script>alert" not in text


def test_no_line_of_the_terminal_tells_a_table_wider_than_it_is() -> None:
    text = terminal(report(signal(), signal("agreement with logistic-regression", **POOR)), 80)
    tables = [line for line in text.splitlines() if "  " in line.strip()]
    assert max(len(line.rstrip()) for line in tables) <= 80
    assert ">= 0.95" in text
    assert "$10" in text


def test_the_terminal_says_each_thing_once_and_marks_the_threshold_to_take() -> None:
    """A usable signal stands in the table, one that is no use in a sentence, and what is not there in one line."""
    useless = signal("noise", **POOR, sentence="noise is unusable: it tells nothing.")
    text = terminal(
        report(signal(), useless, absent={"a": "no reply has it", "b": "nobody was asked twice"}), 80
    )
    assert text.count("AUROC") == 1
    assert "sure: AUROC" not in text
    assert "noise is unusable: it tells nothing." in text
    assert "Not there: a (no reply has it); b (nobody was asked twice)." in " ".join(text.split())
    (taken,) = [line for line in text.splitlines() if "this one" in line]
    assert taken.startswith(">= 0.9 ")
    assert "AURC" not in text
    assert "AURC" in render_escalation_markdown(report(signal()))


@pytest.mark.parametrize("render", [render_escalation_page, terminal, render_escalation_markdown])
def test_figures_come_with_commands_that_can_be_typed(render: Callable[[EscalationReport], str]) -> None:
    found = report(signal(), candidate="gpt 4", to="large")
    text = " ".join(html.unescape(render(found)).split())
    assert "passmuster show --of 'gpt 4' --cases wrong" in text
    assert "passmuster show --of large --cases wrong" in text
    assert "passmuster show" not in render(report(signal(), candidate="-rf"))
    assert "passmuster show" not in render(report(signal(), candidate=HOSTILE))


def test_the_page_marks_the_threshold_to_take() -> None:
    page = render_escalation_page(report(signal()))
    assert page.count('<tr class="chosen"') == 1
    assert ">sure &gt;= 0.9<" in page.split('<tr class="chosen"')[1][:200]


def test_markdown_has_a_row_for_every_threshold() -> None:
    text = render_escalation_markdown(report(signal()))
    assert text.count("| sure \\>= ") == 3
    assert "| yes |" in text
