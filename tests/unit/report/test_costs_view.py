"""Costs as the report shows them: tables, picture, columns; missing is no zero, and nothing hangs on colour."""

import re
from dataclasses import replace

import pytest

from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.costs import InfrastructureReport
from passmuster.records.score import Estimate
from passmuster.report.costs_view import (
    cost_columns,
    cost_key,
    cost_parts,
    costs,
    costs_svg,
    money,
    notes_of,
    unpictured,
)
from passmuster.report.html import render_html
from passmuster.report.markdown import render_markdown


def about(value: float | None) -> Estimate:
    if value is None:
        return Estimate(value=None, note="unknown")
    return Estimate(value=value, low=value * 0.9, high=value * 1.1)


def dear(row: CandidateReport) -> CandidateReport:
    """Return a candidate that has every part."""
    cost = replace(
        row.cost,
        per_task=about(0.2705),
        per_month=about(270_740.0),
        components={
            "tokens": about(0.0275),
            "infrastructure": about(0.002),
            "calls": about(0.001),
            "review": about(0.2),
            "labour": Estimate(value=0.0, low=0.0, high=0.0),
            "silent_failure": about(0.04),
            "upkeep": about(0.00005),
        },
        token_parts={"input": about(0.02), "cached": about(0.0), "output": about(0.0075)},
        calls={"guard <b>": about(0.001)},
        retries=about(0.0025),
        upkeep=50.0,
        machines=3,
        infrastructure=InfrastructureReport(
            hourly=1.0, tasks_per_hour=about(1000.0), measured=True, utilisation=0.5, in_flight=7.4
        ),
        price_source="contract\x1b[31m",
        price_date="2026-11-01",
    )
    return replace(row, cost=cost)


@pytest.fixture
def comparison(decided: Comparison) -> Comparison:
    """Return one in which a candidate has every part, and another one an unknown part."""
    rows = [dear(row) if row.name == "gpt-4o" else row for row in decided.candidates]
    unknown = {"calls": about(None), "tokens": about(0.001)}
    rows = [
        replace(row, cost=replace(row.cost, components=unknown, per_task=about(None)))
        if row.name == "local-8b"
        else row
        for row in rows
    ]
    return replace(decided, candidates=tuple(rows))


def cells(comparison: Comparison, who: str, *, parts: bool = False) -> dict[str, str]:
    grid = cost_parts(comparison) if parts else costs(comparison)
    assert grid is not None
    line = next(each for each in grid.lines if each.name == who)
    heads = [head for head, _ in grid.heads[1:]]
    return {head: f"{cell.text} {cell.range}".strip() for head, cell in zip(heads, line.cells, strict=True)}


def test_every_part_stands_in_the_table_with_its_interval(comparison: Comparison) -> None:
    found = cells(comparison, "gpt-4o", parts=True)
    assert found["review"] == "$0.20 [$0.18, $0.22]"
    assert found["silent failures"] == "$0.040 [$0.036, $0.044]"
    assert found["tokens: input"] == "$0.020 [$0.018, $0.022]"
    assert found["of the tokens retries"] == "$0.0025 [$0.0023, $0.0028]"
    assert found["labour"] == "$0"


def test_what_is_unknown_is_missing_and_no_zero(comparison: Comparison) -> None:
    assert cells(comparison, "local-8b", parts=True)["calls"] == "-"
    assert cells(comparison, "local-8b")["per task"] == "-"
    assert cells(comparison, "local-8b", parts=True)["review"] == "-"


def test_the_month_says_its_volume_its_machines_and_its_upkeep(comparison: Comparison) -> None:
    found = cells(comparison, "gpt-4o")
    assert found["of it upkeep"] == "$50.00 ($0.000050 a task)"
    assert (
        found["machines"]
        == "3 x $1.00 an hour, 1,000 tasks an hour each (measured at 7.4 in flight, 50 % used)"
    )
    assert notes_of(comparison.candidates) == ("A month is 200,000 tasks and 730 hours of machines.",)


def test_the_price_is_named_with_its_day_and_nothing_in_it_reaches_the_terminal(
    comparison: Comparison,
) -> None:
    said = cells(comparison, "gpt-4o")["price"]
    assert said.startswith("contract")
    assert said.endswith(", 2026-11-01")
    assert "\x1b" not in "".join(cell for column in cost_columns(comparison) for cell in column.cells)


def test_columns_that_nobody_needs_are_left_out(decided: Comparison) -> None:
    heads = [head for head, _ in costs(decided).heads]
    assert not {"of it upkeep", "machines", "price"} & set(heads)
    grid = cost_parts(decided)
    assert grid is not None
    assert [head for head, _ in grid.heads] == ["candidate", "tokens", "labour"]


def test_the_picture_tells_parts_apart_without_colour(comparison: Comparison) -> None:
    machines = tuple(row for row in comparison.candidates if row.kind != "manual")
    svg = costs_svg(replace(comparison, candidates=machines))
    assert svg is not None
    letters = re.findall(r">([TMCRLSU])<", svg)
    assert {"R", "S", "T"} <= set(letters)
    assert "gpt-4o: review $0.20" in svg
    assert cost_key(comparison) == (
        "T tokens",
        "M machines",
        "C calls",
        "R review",
        "L labour",
        "S silent failures",
        "U upkeep",
    )
    assert "local-8b (cost unknown)" in unpictured(comparison)


def test_people_whose_work_costs_far_more_squeeze_nobody(decided: Comparison) -> None:
    assert any(each.startswith("manual ($1.6") for each in unpictured(decided))


def test_the_page_and_the_markdown_have_the_costs_and_escape_names(comparison: Comparison) -> None:
    page = render_html(comparison, ())
    assert page.index('id="checks"') < page.index('id="costs"') < page.index('id="latency"')
    assert "call: guard &lt;b&gt;" in page
    assert "guard <b>" not in page
    text = render_markdown(comparison)
    assert "## Costs" in text
    assert "<b>" not in text.replace("\\<b\\>", "")


def test_without_any_cost_there_is_no_picture(decided: Comparison) -> None:
    rows = tuple(
        replace(row, cost=replace(row.cost, per_task=about(None), components={}))
        for row in decided.candidates
    )
    bare = replace(decided, candidates=rows)
    assert costs_svg(bare) is None
    assert cost_parts(bare) is None


def test_a_spread_that_is_a_rounding_is_no_interval() -> None:
    assert money(Estimate(value=0.00525, low=0.00525 - 1e-12, high=0.00525 + 1e-12)).range == ""
    assert money(Estimate(value=0.00525, low=0.0052, high=0.0053)).range == "[$0.0052, $0.0053]"
