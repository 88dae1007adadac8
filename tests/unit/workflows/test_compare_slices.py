"""Bars on slices of edge cases, from stored trials to the decision and the reports."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from passmuster.corpus.versions.content import corpus_version
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate, Price
from passmuster.records.case import Case, Category
from passmuster.records.comparison import Comparison
from passmuster.records.task import Bar, MetricSpec, Task
from passmuster.records.trial import Attempt, Reply, Trial, Usage
from passmuster.report.html import render_html
from passmuster.report.markdown import render_markdown
from passmuster.report.rows import verdict
from passmuster.report.terminal import render_terminal
from passmuster.runner.plan import plan
from passmuster.workflows.compare import Question, compare

SPEC = MetricSpec(name="accuracy", kind="exact_match")
SIZES: dict[Category, int] = {"typical": 200, "edge": 60, "adversarial": 40}
CASES = tuple(
    Case(id=f"{category} {place}", input=f"{category} text {place}", reference="yes", category=category)
    for category, size in SIZES.items()
    for place in range(size)
)
STEADY, BRITTLE = (
    Candidate(name=name, provider="openai", model=name, price=Price(input=price, output=1.0))
    for name, price in (("steady", 2.0), ("brittle", 1.0))
)
EDGE = Bar(metric="accuracy", at_least=0.6, slice="edge")
AVERAGE = Bar(metric="accuracy", at_least=0.8)


def _compared(*bars: Bar, incumbent: str | None = None, cases: tuple[Case, ...] = CASES) -> Comparison:
    """Compare one that is right everywhere with a cheaper one that is wrong on every second edge case."""
    task = Task(
        name="t", metrics=(SPEC,), bars=bars, slices={"edge": "category == 'edge'"}, incumbent=incumbent
    )
    corpus = corpus_version(cases, "cases.jsonl")
    question = Question(task=task, metrics=(build_metric(SPEC),), corpus=corpus, candidates=(STEADY, BRITTLE))
    trials = [
        Trial(
            key=ask.key,
            case_id=ask.case.id,
            outcome=Reply(text="no" if ask.candidate == BRITTLE and ask.case.id.startswith("edge") and int(ask.case.id[5:]) % 2 else "yes"),
            attempts=(Attempt(started=1.0, seconds=0.25, usage=Usage(input=1000, output=500)),),
        )
        for ask in plan(corpus.cases, question.candidates, 1)
    ]  # fmt: skip
    found, _ = compare(question, iter(trials), lambda _: trials, generated="2026-01-01T00:00:00Z")
    return found


def test_a_cheaper_candidate_that_breaks_on_edge_cases_is_not_chosen() -> None:
    """The average, of typical cases only, knows nothing of it."""
    assert _compared(AVERAGE).decision.chosen == "brittle"
    found = _compared(AVERAGE, EDGE)
    assert found.decision.chosen == "steady"
    check = found.candidates[1].checks[1]
    assert (check.value, check.slice, check.note) == (0.5, "edge", "60 cases of it, measured apart")
    assert found.decision.leading[0].name == "steady"
    assert found.decision.leading[0].share > 0.9


@pytest.mark.parametrize("bars", [(EDGE,), (EDGE, Bar(metric="cost_per_success", at_most=1.0, slice="edge"))])
def test_bars_on_edge_cases_alone_decide_too(bars: tuple[Bar, ...]) -> None:
    assert _compared(*bars).decision.chosen == "steady"


def test_several_categories_that_are_measured_apart_can_be_one_slice() -> None:
    hard = Bar(metric="accuracy", at_least=0.6, slice="category != 'typical'")
    assert _compared(hard).candidates[1].checks[0].note == "100 cases of it, measured apart"


def test_a_floor_under_each_category_speaks_of_those_apart() -> None:
    found = _compared(Bar(metric="accuracy", at_least=0.6, each="category"))
    told = {check.slice: (check.value, check.status) for check in found.candidates[1].checks}
    assert set(told) == {"category typical", "category edge", "category adversarial"}
    assert told["category edge"][0] == 0.5


def test_the_incumbent_is_looked_at_on_the_same_edge_cases() -> None:
    found = _compared(
        Bar(metric="accuracy", at_least=-0.05, versus="incumbent", slice="edge"), incumbent="steady"
    )
    check = found.candidates[1].checks[0]
    assert (check.value, check.status, check.bar) == (-0.5, "misses", "accuracy >= incumbent - 0.05 on edge")


def test_every_surface_names_the_slice_and_the_incumbent() -> None:
    bar = Bar(metric="accuracy", at_least=-0.05, versus="incumbent", slice="edge")
    found = _compared(AVERAGE, bar, incumbent="steady")
    screen = StringIO()
    render_terminal(found, Console(file=screen, width=200))
    for text in (screen.getvalue(), render_markdown(found), render_html(found, ())):
        assert "on edge" in text
        assert "incumbent" in text
    assert "-0.500" in render_markdown(found)
    assert verdict(found.candidates[1]) == "fail: accuracy vs incumbent on edge"


def test_the_name_of_a_stratum_cannot_break_a_report() -> None:
    evil = "\x1b[31m<script>alert(1)</script>|`[x](http://e)\u202e\n# h"
    cases = tuple(replace(case, stratum=evil if case.category == "edge" else "fine") for case in CASES)
    found = _compared(AVERAGE, Bar(metric="accuracy", at_least=0.6, each="stratum"), cases=cases)
    assert evil in found.candidates[1].verdict.reason
    screen = StringIO()
    render_terminal(found, Console(file=screen, width=200))
    for text in (screen.getvalue(), render_markdown(found), render_html(found, ())):
        assert not any(broken in text for broken in ("\x1b", "\u202e", "\n# h"))
    assert "<script>alert" not in render_markdown(found) + render_html(found, ())
