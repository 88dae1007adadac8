"""What candidates meet every time, on every surface."""

import io
from dataclasses import replace

from rich.console import Console

from passmuster.records.comparison import Comparison
from passmuster.records.reliability import ReliabilityReport
from passmuster.records.score import Estimate
from passmuster.report.html import render_html
from passmuster.report.markdown import render_markdown
from passmuster.report.reliability_view import reliability, reliability_columns, reliability_note
from passmuster.report.terminal import render_terminal


def share(value: float) -> Estimate:
    return Estimate(value=value, low=value - 0.05, high=value + 0.02, n=100, method="Wilson")


def with_reliability(base: Comparison, metric: str = "follows") -> Comparison:
    reports = tuple(
        ReliabilityReport(
            candidate=row.name,
            metric=name,
            single=0.95,
            repeats=share(0.9),
            variants=share(0.6) if index == 0 else None,
        )
        for index, row in enumerate(base.candidates)
        for name in (metric, "accuracy")
    )
    return replace(base, reliability=reports)


def test_there_is_a_line_for_each_candidate_and_metric(decided: Comparison) -> None:
    grid = reliability(with_reliability(decided))
    assert grid is not None
    assert [head for head, _ in grid.heads] == [
        "candidate",
        "metric",
        "single trials",
        "every repeat",
        "every variant of a case",
    ]
    assert len(grid.lines) == 2 * len(decided.candidates)
    assert [cell.text for cell in grid.lines[0].cells][:3] == ["follows", "95 %", "0.900"]
    assert {line.cells[3].text for line in grid.lines} == {"0.600", "-"}


def test_where_nothing_is_asked_twice_no_surface_says_anything(decided: Comparison) -> None:
    assert reliability(decided) is None
    assert reliability_columns(decided) == ()
    assert reliability_note(decided) is None
    assert 'id="reliability"' not in render_html(decided, ())


def test_all_three_surfaces_say_it(decided: Comparison) -> None:
    made = with_reliability(decided)
    console = Console(file=io.StringIO(), width=300)
    render_terminal(made, console)
    assert isinstance(console.file, io.StringIO)
    assert "Every time: follows met " in console.file.getvalue()
    assert "0.900 [0.850, 0.920] in every repeat" in console.file.getvalue()
    assert "(95 % of single trials)" in console.file.getvalue()
    assert "## Every time" in render_markdown(made)
    assert 'id="reliability"' in render_html(made, ())


def test_the_name_of_a_metric_cannot_break_the_page(decided: Comparison) -> None:
    made = with_reliability(decided, metric="<script>alert(1)</script>\x1b[2J")
    assert "<script>alert" not in render_html(made, ())
    assert "\x1b" not in "".join(cell for column in reliability_columns(made) for cell in column.cells)
