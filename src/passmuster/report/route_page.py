"""The report on routes as one self-contained HTML file."""

from collections.abc import Sequence

from markupsafe import Markup

from passmuster.records.record import Json
from passmuster.records.routing import RoutingReport
from passmuster.report import figures
from passmuster.report.escape import label, visible
from passmuster.report.page import page_environment, page_resource, policy
from passmuster.report.route_plots import cost_quality_svg, gains_svg, share_svg
from passmuster.report.route_terminal import curve_words
from passmuster.report.route_view import (
    asked,
    beside,
    candidate_columns,
    columns,
    header,
    rows,
    rule_lines,
    title,
)
from passmuster.report.rows import Column, name
from passmuster.report.views import Cell, Grid, Line, estimate, words

SLICES_LIMIT, CANDIDATES_LIMIT = 40, 8
"""Slices and candidates of the table of slices; the JSON has all."""


def render_route_page(report: RoutingReport) -> str:
    """Return the page of the routes.

    All that comes from files is escaped, and the page's Content-Security-Policy allows only the one style whose digest
    it names; there is no script.
    """
    css = page_resource("report.css")
    context: dict[str, Json] = {
        "css": Markup(css),  # noqa: S704  # our own file, no content in it
        "policy": policy(css, ""),
        "task": visible(report.task),
        "kicker": header(report),
        "title": _title(report),
        "sentence": report.sentence,
        "notes": list(report.notes),
        "picture": _safe(cost_quality_svg(report)),
        "gains": _safe(gains_svg(report)),
        "shares": _safe(share_svg(report)),
        "curves": [curve_words(report, curve.stages) for curve in report.curves],
        "table": grid(_shown_first(columns(report)), chosen=_starred(report)),
        "routes": [
            (label(row.name, 60), row.sentence, rule_lines(row), _more(row.kind, asked(row), beside(row)))
            for row in rows(report)
        ],
        "candidates": grid(candidate_columns(report), chosen=None),
        "slices": _slices(report),
        "slices_beyond": max(0, len(report.slices) - SLICES_LIMIT),
        "provenance": _provenance(report),
    }
    return page_environment().get_template("route.jinja").render(context)


def _title(report: RoutingReport) -> str:
    if report.recommended is None:
        return "No route is recommended" if report.routes else "Nothing to route by"
    return f"Route: {label(report.recommended, 60)}"


def _starred(report: RoutingReport) -> str | None:
    return next((title(row, report) for row in report.routes if row.name == report.recommended), None)


def _more(kind: str, shares: str, sentences: Sequence[str]) -> list[str]:
    return [] if kind == "single" else [f"asked: {shares}", *sentences]


def _safe(svg: str | None) -> Markup | None:
    return None if svg is None else Markup(svg)  # noqa: S704  # rebuilt from an allow-list by report.svg


def grid(made: Sequence[Column], *, chosen: str | None) -> Grid:
    """Return columns of text as a table of the page."""
    first, *rest = made
    lines = tuple(
        Line(
            name=title,
            tags=(),
            chosen=title == chosen,
            cells=tuple(
                Cell(text=column.cells[place], number=column.right)
                if column.right
                else words(column.cells[place])
                for column in rest
            ),
        )
        for place, title in enumerate(first.cells)
    )
    heads = ((first.title, False), *((column.title, column.right) for column in rest))
    return Grid(heads=heads, lines=lines)


def _shown_first(made: tuple[Column, ...]) -> tuple[Column, ...]:
    """Return the columns with what is shown beside the name: the page is wide, and the eye begins at the left."""
    return (made[0], made[-1], *made[1:-1])


def _slices(report: RoutingReport) -> Grid | None:
    """Return the quality of the best candidates in each slice; None without slices."""
    if len(report.slices) < 2:
        return None
    best = sorted(report.candidates, key=lambda row: -(row.quality.value or 0.0))[:CANDIDATES_LIMIT]
    lines = tuple(
        Line(
            name=label(each.name, 60),
            tags=(),
            chosen=False,
            cells=(
                Cell(text=f"{each.cases:,}"),
                *(estimate(each.quality.get(row.name)) for row in best),
            ),
        )
        for each in report.slices[:SLICES_LIMIT]
    )
    heads = (("slice", False), ("cases", True), *((name(row.name), True) for row in best))
    return Grid(heads=heads, lines=lines)


def _provenance(report: RoutingReport) -> list[tuple[str, str]]:
    judged = (
        f"{report.folds} folds in a circle, whole groups; in {report.orders} orders each fold is judged with what was chosen on "
        f"the folds before it; seed {report.seed}"
    )
    shown = (
        f"at {figures.percent(report.alpha)} over two claims of every route (Holm): better, or cheaper and not worse by "
        f"{figures.points(report.margin, signed=False)}"
    )
    return [
        ("Corpus", f"version {visible(report.corpus)}"),
        ("Cases", f"{report.cases:,} known of all candidates, {report.left_out:,} left out"),
        ("Quality", visible(report.quality)),
        ("Judged", judged),
        ("Intervals", "95%: " + (report.best.gain.method or "t")),
        ("Shown", shown),
        ("Generated", visible(report.generated)),
        ("Schema version", str(report.schema_version)),
    ]
