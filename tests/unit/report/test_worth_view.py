"""Worth and requirements as tables: complete, and harmless whatever stands in them."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from passmuster.records.comparison import Comparison
from passmuster.records.decision import Worth
from passmuster.records.requirement import RequirementCheck
from passmuster.records.score import Difference, Estimate
from passmuster.records.worth import Burden, WorthRival, WorthStratum
from passmuster.report import notes
from passmuster.report.html import render_html
from passmuster.report.markdown import render_markdown
from passmuster.report.requirements_view import requirement_columns
from passmuster.report.rows import header, purpose, verdict
from passmuster.report.worth_view import burden_columns, rival_columns, stratum_columns, worth

State = Callable[[str], Comparison]
GAP = Difference(value=0.03, low=0.021, high=0.039, p=0.001, n=900, method="Tango interval, mid-p McNemar")
HOSTILE = "\x1b[31m<script>alert(1)</script>"


def burden(name: str, outages: float | None) -> Burden:
    return Burden(
        name=name,
        latency_p50=Estimate(value=0.4),
        latency_p95=Estimate(value=0.8),
        cost_per_task=Estimate(value=0.0012),
        cost_per_month=Estimate(value=60.0),
        flips=Estimate(value=0.04),
        trials=1000,
        outages=outages,
        rate_limited=outages,
        upkeep=250.0,
    )


WORTH = Worth(
    status="no",
    llm="gemini-2.0-flash",
    baseline="naive_bayes",
    difference=GAP,
    margin=0.05,
    sentence="gemini-2.0-flash adds +3.0 points over naive_bayes.",
    shown="gain",
    rivals=(
        WorthRival(
            name="naive_bayes",
            kind="baseline",
            difference=GAP,
            status="no",
            shown="gain",
            times_the_cost=41.2,
        ),
        WorthRival(
            name="manual",
            kind="manual",
            difference=replace(GAP, value=-0.02, low=-0.04, high=0.0),
            status="yes",
            shown="neither",
            times_the_cost=None,
            stated=True,
        ),
    ),
    strata=(WorthStratum(stratum=HOSTILE, difference=GAP, status="yes", shown="gain"),),
    burdens=(burden("gemini-2.0-flash", 0.021), burden("naive_bayes", None)),
    brings="It brings: p95 0.8 s (against 1 ms).",
)


@pytest.fixture
def comparison(state: State) -> Comparison:
    found = state("decided")
    return replace(found, decision=replace(found.decision, worth=WORTH))


def cells(columns: object) -> dict[str, tuple[str, ...]]:
    return {each.title: each.cells for each in columns}  # type: ignore[attr-defined]  # columns of any table


def test_every_rival_has_its_row(comparison: Comparison) -> None:
    found = cells(rival_columns(comparison))
    assert found["candidate"] == ("naive_bayes", "manual")
    assert found["LLM adds, points (95%)"] == ("+3.0 [+2.1, +3.9]", "-2.0 [-4.0, +0.0]")
    assert found["shown"] == ("a gain", "neither")
    assert found["answer"] == ("poor candidate", "worth an LLM")
    assert found["times the cost"][0] == "41.2"
    assert found["method"][1] == "stated"


def test_what_is_not_known_is_no_nought(comparison: Comparison) -> None:
    found = cells(burden_columns(comparison))
    assert found["outages"][0] == "2.1 %"
    assert found["outages"][1] == found["rate limits"][1] != "0 %"


def test_the_strata_are_named_and_harmless(comparison: Comparison) -> None:
    found = cells(stratum_columns(comparison))
    assert found["answer"] == ("worth an LLM",)
    assert "\x1b" not in found["stratum"][0]


def test_the_page_has_a_section_with_three_tables_and_a_word_on_many_looks(comparison: Comparison) -> None:
    page = render_html(comparison, [])
    section = page[
        page.index('<section id="worth"') : page.index("</section>", page.index('<section id="worth"'))
    ]
    assert section.count("<table") == 3
    assert "one in twenty misses its true figure by chance" in section
    assert "<script>alert" not in page
    assert '<a href="#worth">' in page


def test_a_page_without_an_answer_has_no_such_section(state: State) -> None:
    found = state("decided")
    page = render_html(replace(found, decision=replace(found.decision, worth=None)), [])
    assert 'id="worth"' not in page
    assert worth(replace(found, decision=replace(found.decision, worth=None))) is None


def test_markdown_and_the_notes_say_the_same(comparison: Comparison) -> None:
    text = render_markdown(comparison)
    assert "## Worth an LLM?\n" in text
    assert "## Worth an LLM? By stratum" in text
    note = next(each for each in notes.notes(comparison) if each.title == "Worth an LLM?")
    assert note.text.endswith("over naive_bayes.")


def required(comparison: Comparison, *checks: RequirementCheck) -> Comparison:
    first, *others = comparison.candidates
    told = tuple(check.attribute for check in checks if check.status == "undeclared")
    status = "fail" if any(check.status == "misses" for check in checks) else "undecided"
    changed = replace(
        first,
        requirements=checks,
        checks=(),
        verdict=replace(first.verdict, status=status, undeclared=told),  # type: ignore[arg-type]  # one of its words
    )
    return replace(comparison, candidates=(changed, *others), purpose="Sorts.", owner=HOSTILE)


MISSED = RequirementCheck(
    attribute="region",
    requirement="region is eu",
    status="misses",
    value="us",
    source=HOSTILE,
    date="2026-09-14",
    note="us is declared",
)
OPEN = RequirementCheck(
    attribute="licence", requirement="licence is MIT", status="undeclared", note="not declared: add licence"
)


def test_requirements_are_shown_with_where_they_were_read(comparison: Comparison) -> None:
    found = cells(requirement_columns(required(comparison, MISSED, OPEN)))
    assert found["requirement"] == ("region is eu", "licence is MIT")
    assert found["status"] == ("misses", "undeclared")
    assert found["read"][1] == "source not stated"
    assert "\x1b" not in found["read"][0]
    assert requirement_columns(comparison) == ()


def test_the_verdict_names_what_is_missed_or_not_declared(comparison: Comparison) -> None:
    assert verdict(required(comparison, MISSED).candidates[0]) == "fail: region"
    assert verdict(required(comparison, OPEN).candidates[0]).startswith("undecided (licence not declared")


def test_the_head_says_what_is_required_what_it_is_for_and_who_answers(comparison: Comparison) -> None:
    found = required(comparison, MISSED)
    assert "requires: region is eu" in header(found)
    said = purpose(found)
    assert said is not None
    assert said.startswith("Sorts. · Owner: ")
    assert "\x1b" not in said
    page = render_html(found, [])
    assert "Sorts. · Owner:" in page
    assert "<script>alert" not in page
    assert purpose(comparison) is None
