"""What `screen` found, as one self-contained HTML file: the picture first, then the tables."""

from markupsafe import Markup

from passmuster.records.record import Json
from passmuster.records.screening import ColumnReport, ScreenReport
from passmuster.report.escape import label, visible
from passmuster.report.judge_view import Grid as TextGrid
from passmuster.report.page import page_environment, page_resource, policy
from passmuster.report.screen_plots import scatter_svg, slope_svg
from passmuster.report.screen_tables import best_column, grids
from passmuster.report.screen_terminal import SANITY, headlines, remarks, what_was_read
from passmuster.report.views import Cell, Grid, Line

MOST_ROWS = 300
"""Lines of a table on the page; the JSON has all."""


def render_screen_page(report: ScreenReport) -> str:
    """Return the page; all that comes from tables and projects is escaped, and there is no script."""
    css = page_resource("report.css")
    said = list(headlines(report))
    best = None if report.agreement is None else best_column(report.agreement)
    context: dict[str, Json] = {
        "css": Markup(css),  # noqa: S704  # our own file, no content in it
        "policy": policy(css, ""),
        "kicker": what_was_read(report),
        "generated": visible(report.generated),
        "title": _title(report, said),
        "more": said,
        "pictures": None
        if best is None or report.agreement is None
        else _pictures(best, report.agreement.metric),
        "tables": [_table(grid) for grid in grids(report, MOST_ROWS)],
        "remarks": [text for text in remarks(report) if text != SANITY],
        "yaml": None
        if report.filter is None or not report.filter.kept
        else visible(report.filter.yaml, block=True),
        "sanity": SANITY,
        "seed": report.seed,
    }
    return page_environment().get_template("screen.jinja").render(context)


def _title(report: ScreenReport, said: list[str]) -> str:
    """Return what was found in few words: the sentences stand beneath it."""
    if report.agreement is not None:
        best = report.agreement.best
        return (
            f"{visible(best)} predicted your task best"
            if best
            else "No leaderboard is shown to predict your task"
        )
    found = report.filter
    if found is None or not found.kept:
        return said[0]
    return f"{found.kept} of {found.kept + found.dropped} models are worth asking"


def _pictures(column: ColumnReport, metric: str) -> dict[str, Json]:
    return {
        "name": f"{label(column.table)}: {label(column.column)}",
        "scatter": _safe(scatter_svg(column, metric, "screen-scatter")),
        "slope": _safe(slope_svg(column, "screen-slope")),
    }


def _safe(svg: str | None) -> Markup | None:
    return None if svg is None else Markup(svg)  # noqa: S704  # rebuilt from an allow-list by report.svg


def _table(grid: TextGrid) -> dict[str, Json]:
    lines = tuple(
        Line(
            name=row[0],
            tags=(),
            chosen=False,
            cells=tuple(
                Cell(text=text, value=text, number=number)
                for text, (_, number) in zip(row[1:], grid.heads[1:], strict=True)
            ),
        )
        for row in grid.rows
    )
    return {
        "id": grid.key,
        "title": grid.title,
        "hint": grid.hint,
        "grid": Grid(heads=grid.heads, lines=lines),
    }
