"""What is said beside the decision, on every surface: weights, the front, turning points and break-even."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from passmuster.records.break_even import BreakEven, BreakEvenReport, TariffReport
from passmuster.records.choice import (
    ChoiceReport,
    DimensionReport,
    FrontPlace,
    TurningPoint,
    Weighed,
    Weighing,
)
from passmuster.records.comparison import Comparison
from passmuster.report.break_even_view import break_even_svg, months, points, tariffs, undrawn
from passmuster.report.choice_view import front, turning_note, weighing
from passmuster.report.html import render_html
from passmuster.report.markdown import render_markdown
from passmuster.report.terminal import render_terminal

HOSTILE = "x\x1b[2J<script>alert(1)</script>|`"


def _turning(name: str) -> tuple[TurningPoint, ...]:
    return tuple(
        TurningPoint(
            what="price", of=name, now=1.0, at=0.62, chosen=name, sentence=f"If it cost {n}{n}% less."
        )
        for n in range(1, 6)
    )


def _choice(comparison: Comparison) -> ChoiceReport:
    names = [row.name for row in comparison.candidates]
    dimensions = (
        DimensionReport(metric="accuracy", direction="higher", weight=0.75, best=1, worst=0.5, stated=True),
        DimensionReport(
            metric="latency_p95", direction="lower", weight=0.25, best=0.5, worst=5, stated=False
        ),
    )
    first = Weighed(
        name=names[0],
        place=1,
        value=0.7123,
        low=0.65,
        high=0.77,
        parts={"accuracy": 0.5432, "latency_p95": 0.9},
        first=0.81,
        share=0.62,
        clear=0.33,
    )
    rest = [
        Weighed(name=each, place=None, value=None, unknown=("latency_p95",), parts={"accuracy": 0.2})
        for each in names[1:]
    ]
    found = Weighing(
        dimensions=dimensions,
        ranking=(first, *rest),
        best=names[0],
        ties=(),
        draws=2000,
        resamples=1000,
        decides=False,
        sentence=f"{HOSTILE} wins in 62% of all ways.",
    )
    places = (
        FrontPlace(name=names[0], on=True, share=0.83),
        FrontPlace(name=names[1], on=False, share=0.12, beaten_by=(names[0],)),
    )
    return ChoiceReport(weighing=found, front=places, turning=_turning(names[1]))


def _break_even(comparison: Comparison) -> BreakEvenReport:
    own, api = (row.name for row in comparison.candidates[:2])
    volumes = tuple(float(10**power) for power in range(2, 8))
    return BreakEvenReport(
        tariffs=(
            TariffReport(
                name=own,
                per_task=0.0001,
                low=None,
                high=None,
                fixed=50.0,
                machine=1533.0,
                tasks=73e4,
                least=1,
            ),
            TariffReport(name=api, per_task=0.004, low=0.0035, high=0.0045, fixed=0.0),
        ),
        volume=300_000.0,
        volumes=volumes,
        costs={own: tuple(1583 + 0.0001 * v for v in volumes), api: tuple(0.004 * v for v in volumes)},
        cheapest={own: (0.0, 0.0, 0.0, 0.04, 0.98, 1.0), api: (1.0, 1.0, 1.0, 0.96, 0.02, 0.0)},
        points=(
            BreakEven(
                name=own,
                than=api,
                volume=405_897.4,
                low=360_000.0,
                high=466_000.0,
                share=1.0,
                settled=830_000.0,
                jump=False,
                sentence="own pays.",
            ),
        ),
        draws=1000,
        left_out={HOSTILE: "it fails a bar"},
        sentence=f"{HOSTILE} costs least.",
    )


@pytest.fixture
def rich(decided: Comparison) -> Comparison:
    return replace(decided, choice=_choice(decided), break_even=_break_even(decided))


def _terminal(comparison: Comparison, width: int = 160) -> str:
    stream = io.StringIO()
    render_terminal(comparison, Console(file=stream, width=width, color_system=None))
    return stream.getvalue()


def test_the_ranking_has_a_place_only_for_who_passes(rich: Comparison) -> None:
    grid = weighing(rich)
    assert grid is not None
    cells = [[cell.text for cell in line.cells] for line in grid.lines]
    assert cells[0] == ["1", "0.712", "81 %", "62 %", "33 %", "0.543", "0.900"]
    assert cells[1] == ["-", "-", "-", "-", "-", "0.200", "-"]
    assert [head for head, _ in grid.heads][-2:] == ["accuracy (75 %)", "p95 (25 %)"]


def test_the_front_says_who_beats_whom(rich: Comparison) -> None:
    grid = front(rich)
    assert grid is not None
    assert [[cell.text for cell in line.cells] for line in grid.lines] == [
        ["yes", "83 %", "-"],
        ["no", "12 %", rich.candidates[0].name],
    ]


def test_a_sentence_names_two_turning_points_and_counts_the_rest(rich: Comparison) -> None:
    assert turning_note(rich) == (
        "If it cost 11% less. If it cost 22% less. (3 more turning points in the report)"
    )


def test_break_even_has_the_volume_with_its_interval_and_the_months(rich: Comparison) -> None:
    found, month, paid = points(rich), months(rich), tariffs(rich)
    assert found is not None
    assert month is not None
    assert paid is not None
    own, api = (row.name for row in rich.candidates[:2])
    (line,) = found.lines
    assert [cell.text for cell in line.cells] == [api, "406,000", "830,000", "100 %"]
    assert line.cells[1].range == "[360,000, 466,000]"
    assert {head for head, _ in month.heads[1:]} == {own, api}
    assert month.lines[0].cells[0].range.startswith("cheapest ")
    assert [cell.text for cell in paid.lines[1].cells][1:] == ["$0", "-", "-", "-"]


def test_the_picture_names_its_curves_and_says_what_it_shows(rich: Comparison) -> None:
    svg = break_even_svg(rich)
    assert svg is not None
    for row in rich.candidates[:2]:
        assert f">{row.name}<" in svg
    assert "<script" not in svg
    assert "The probability of each candidate to cost least a month" in svg


def test_where_one_is_the_cheapest_at_every_volume_no_flat_line_is_drawn(rich: Comparison) -> None:
    assert rich.break_even is not None
    own, api = (row.name for row in rich.candidates[:2])
    flat = {own: (0.0,) * 6, api: (1.0,) * 6}
    made = replace(rich, break_even=replace(rich.break_even, cheapest=flat))
    page = render_html(made, ())
    assert break_even_svg(made) is None
    assert 'id="break_even"' in page
    assert "the probability to be the cheapest" not in page


def test_every_surface_says_it_and_nothing_hostile_comes_through(rich: Comparison) -> None:
    page, markdown, text = render_html(rich, ()), render_markdown(rich), _terminal(rich)
    for section in ('id="choice"', 'id="break_even"', "#choice", "#break_even"):
        assert section in page
    for shown in (page, text):
        assert "If it cost 11% less." in shown
        assert "0.712" in shown
    assert "55% less" in page
    assert "## By weight" in markdown
    assert "## The Pareto front" in markdown
    assert "## Break-even" in markdown
    assert "\x1b[2J" not in page + markdown + text
    assert "<script>alert" not in page
    assert "<script>alert" not in markdown


def test_who_has_no_curve_is_named_with_why(rich: Comparison) -> None:
    (told,) = undrawn(rich)
    assert told.endswith("(it fails a bar)")
    assert "\x1b" not in told


def test_without_anything_to_say_there_is_no_section(decided: Comparison) -> None:
    bare = replace(decided, choice=None, break_even=None)
    page, text = render_html(bare, ()), _terminal(bare)
    for absent in ('id="choice"', 'id="break_even"', "#choice", "#break_even"):
        assert absent not in page
    for absent in ("Weights:", "What would change it", "Break-even"):
        assert absent not in text
