"""A plan in a terminal: hostile names, what is missing, and lines for people."""

import io
from dataclasses import replace

from rich.console import Console

from passmuster.records.decision import Leading
from passmuster.records.plan import (
    BarPlan,
    CandidatePlan,
    CasesNeeded,
    Chance,
    Discordance,
    MarginPlan,
    Plan,
)
from passmuster.report.plan_terminal import render_plan

HOSTILE = "evil\x1b]0;owned\x07[red]x[/red]"
CHANCE = Chance(
    cases=200, family=4, finalists=(), decided=0.40, none=0.03, total=0.43, error=0.022,
    chosen=(Leading(name=HOSTILE, share=0.3),), passing=(), repetitions=2000,
)  # fmt: skip
PLAN = Plan(
    schema_version=1,
    task="t",
    corpus="0123456789",
    split="eval",
    corpus_cases=1000,
    cases=200,
    effective=150.4,
    alpha=0.05,
    family=4,
    candidates=(
        CandidatePlan(
            name=HOSTILE,
            trials=1200,
            stored=40,
            expected=None,
            worst=None,
            basis="unknown",
            input_tokens=12_000.0,
            output_tokens=None,
            seconds=7200.0,
            known="pilot",
        ),
    ),
    trials=1200,
    expected=None,
    worst=None,
    seconds=7200.0,
    chance=CHANCE,
    with_finalists=replace(CHANCE, finalists=("a", "b", HOSTILE), total=0.6),
    headroom=(),
    headroom_bar=None,
    unknown=(),
    assumed=("latency_p95 <= 2 s",),
    bars=(
        BarPlan(
            bar="accuracy >= 0.70",
            metric="accuracy",
            limit=0.7,
            within=False,
            cases=200,
            among_all=None,
            among_finalists=0.8,
            alone=0.78,
            least_cases=20,
        ),
    ),
    discordance=Discordance(value=0.2, low=0.1, high=0.3, known="pilot", difference=None, margin=None),
    needs=(
        CasesNeeded(
            candidate=HOSTILE,
            bar="accuracy >= 0.70",
            within=False,
            value=0.7001,
            known="pilot",
            shows="meets",
            cases=785_898,
            low=300,
            high=None,
        ),
        CasesNeeded(
            candidate="b",
            bar="latency_p95 <= 2 s",
            within=True,
            value=0.8,
            known="pilot",
            shows="misses",
            cases=40,
            low=20,
            high=90,
        ),
    ),
    margins=(MarginPlan(what="the margin", margin=0.05, cases=626, low=None, high=None),),
    advice=("Do this first.",),
)


def rendered(plan: Plan) -> str:
    file = io.StringIO()
    render_plan(plan, Console(file=file, width=140, force_terminal=False, no_color=True))
    return file.getvalue()


def test_hostile_names_cannot_steer_the_terminal() -> None:
    told = rendered(PLAN)
    assert "\x1b" not in told
    assert "\x07" not in told
    assert "[red]x[/red]" in told


def test_what_is_known_is_said_and_what_is_not_is_a_dash() -> None:
    told = rendered(PLAN)
    assert "t · corpus 01234567 (eval, 1,000 cases, worth 150 of equal weight) · as if there were 200" in told
    assert "1,200 trials to ask: an unknown amount, about 2.0 h" in told
    assert "Chance of a decision with these 200 cases: 43% (+-2)" in told
    assert "all shown to fail 3%" in told
    assert "named as finalists beforehand: 60%" in told
    assert "Taken to be met where nothing is stated: latency_p95 <= 2 s." in told
    assert "Do this first." in told
    row = next(line for line in told.splitlines() if line.startswith("accuracy >= 0.70"))
    assert row.split()[3:] == ["-", "0.800", "0.780"]


def test_a_hopeless_need_is_no_number() -> None:
    told = rendered(PLAN)
    assert "785" not in told
    assert "too close to tell" in told
    assert "300 or more" in told
    assert "20 to 90" in told
    assert "80.0% within" in told


def test_a_difference_that_cannot_be_shown_is_said() -> None:
    assert "No difference between two candidates can be shown with so few cases" in rendered(PLAN)


def test_a_plan_of_nothing_is_rendered() -> None:
    bare = replace(
        PLAN,
        candidates=(),
        trials=0,
        chance=None,
        with_finalists=None,
        bars=(),
        needs=(),
        margins=(),
        advice=(),
    )
    assert "0 trials to ask" in rendered(bare)


def test_with_nothing_left_to_ask_no_time_is_told() -> None:
    assert ", about 2.0 h" in rendered(PLAN)
    assert "about 1 s" not in rendered(replace(PLAN, trials=0, seconds=0.0))
