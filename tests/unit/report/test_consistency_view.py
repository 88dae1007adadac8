"""How replies kept their form, on every surface."""

import io
from dataclasses import replace

from rich.console import Console

from passmuster.records.comparison import Comparison
from passmuster.records.consistency import ConsistencyReport
from passmuster.records.score import Estimate
from passmuster.report.consistency_view import consistency, consistency_columns, consistency_note
from passmuster.report.html import render_html
from passmuster.report.markdown import render_markdown
from passmuster.report.terminal import render_terminal


def share(value: float) -> Estimate:
    return Estimate(value=value, low=value - 0.05, high=value + 0.02, n=100, method="t")


def with_forms(base: Comparison, form: str = "JSON {label}") -> Comparison:
    reports = tuple(
        ConsistencyReport(
            candidate=row.name,
            replies=200,
            forms={form: 150, "a line": 40, "(others)": 10},
            repeats=share(0.9),
            prompts=share(0.8) if index == 0 else None,
        )
        for index, row in enumerate(base.candidates)
        if row.kind != "manual"
    )
    return replace(base, consistency=reports)


def test_a_row_names_the_shares_and_the_commonest_form(decided: Comparison) -> None:
    grid = consistency(with_forms(decided))
    assert grid is not None
    assert [head for head, _ in grid.heads] == [
        "candidate",
        "same form over repeats",
        "same form over prompts",
        "forms",
        "commonest form",
        "of replies",
    ]
    cells = [cell.text for cell in grid.lines[0].cells]
    assert cells[2:] == ["3+", "JSON {label}", "75 %"]
    assert {line.cells[1].text for line in grid.lines} == {"0.800", "-"}


def test_without_pairs_no_surface_says_anything(decided: Comparison) -> None:
    assert consistency(decided) is None
    assert consistency_columns(decided) == ()
    assert consistency_note(decided) is None
    assert 'id="consistency"' not in render_html(decided, ())


def test_all_three_surfaces_say_it(decided: Comparison) -> None:
    made = with_forms(decided)
    console = Console(file=io.StringIO(), width=200)
    render_terminal(made, console)
    assert isinstance(console.file, io.StringIO)
    assert "Form: pairs of replies in the same form: " in console.file.getvalue()
    assert "0.900 [0.850, 0.920] over repeats" in console.file.getvalue()
    assert "## Form of the replies" in render_markdown(made)
    assert 'id="consistency"' in render_html(made, ())


def test_the_name_of_a_field_cannot_break_the_page(decided: Comparison) -> None:
    made = with_forms(decided, form="JSON {<script>alert(1)</script>, \x1b[2J}")
    assert "<script>alert" not in render_html(made, ())
    assert "\x1b" not in "".join(cell for column in consistency_columns(made) for cell in column.cells)
