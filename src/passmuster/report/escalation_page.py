"""The report on escalation as one self-contained HTML file."""

from collections.abc import Sequence

from markupsafe import Markup

from passmuster.records.escalation import EscalationReport, SignalCalibration, SignalReport
from passmuster.records.record import Json
from passmuster.report import figures
from passmuster.report.escalation_plots import OTHERS, area_svg, reliability_svg, risk_svg
from passmuster.report.escalation_terminal import (
    chosen_signal,
    commands,
    head,
    notes,
    point_columns,
    signal_columns,
)
from passmuster.report.escape import label, visible
from passmuster.report.page import page_environment, page_resource, policy
from passmuster.report.rows import Column
from passmuster.report.views import Cell, Grid, Line


def render_escalation_page(report: EscalationReport) -> str:
    """Return the page; all that comes from models and files is escaped, and there is no script."""
    css = page_resource("report.css") + page_resource("escalation.css")
    shown = chosen_signal(report)
    drawn = shown if shown is not None and shown.points else None
    stated = [(place, each) for place, each in enumerate(report.signals) if each.calibration is not None]
    context: dict[str, Json] = {
        "css": Markup(css),  # noqa: S704  # our own file, no content in it
        "policy": policy(css, ""),
        "task": visible(report.task),
        "head": head(report),
        "candidate": label(report.candidate, 60),
        "sentence": visible(report.sentence),
        "state": "pass" if report.best is not None else "undecided",
        "verdict": "a threshold is certified" if report.best is not None else "no threshold is certified",
        "shown": None if drawn is None else label(drawn.name, 60),
        "risk": None if drawn is None else Markup(risk_svg(report, drawn)),  # noqa: S704  # cleaned by report.svg
        "others": [label(each.name, 60) for each in report.signals if each.usable and each is not shown][
            :OTHERS
        ],
        "points": None if drawn is None else _grid(point_columns(drawn), _place(drawn)),
        "areas": _markup(area_svg(report)),
        "signals": _grid(signal_columns(report)) if report.signals else None,
        "differences": _differences(report),
        "calibrations": [_calibration(place, each, each.calibration) for place, each in stated],
        "notes": notes(report),
        "commands": [{"what": what, "command": command} for what, command in commands(report)],
        "family": report.family,
        "level": figures.percent(report.delta / report.family),
    }
    return page_environment().get_template("escalation.jinja").render(context)


def _markup(svg: str | None) -> Markup | None:
    return None if svg is None else Markup(svg)  # noqa: S704  # cleaned by report.svg


def _calibration(place: int, signal: SignalReport, found: SignalCalibration | None) -> dict[str, Json] | None:
    if found is None:
        return None
    moved = (
        "shows that the chances are not true"
        if found.p < 0.05
        else "does not show that the chances are not true"
    )
    return {
        "name": label(signal.name, 60),
        "picture": Markup(reliability_svg(signal, found, place)),  # noqa: S704  # cleaned by report.svg
        "words": (
            f"Brier score {figures.interval(found.brier)}. Debiased squared calibration error "
            f"{found.squared_error:.4f} (0 on average where the chances are true), p {figures.p_value(found.p)}: it {moved}. "
            f"Expected calibration error {found.ece:.3f}; true chances show {found.ece_null:.3f} on as many cases, "
            f"and {found.ece_null_high:.3f} or less in 95 of 100."
        ),
    }


def _differences(report: EscalationReport) -> Grid | None:
    if not report.differences:
        return None
    lines = [
        _line(
            f"{label(each.first, 40)} less {label(each.second, 40)}",
            [
                figures.number(each.difference.value, signed=True),
                interval_of(each.difference.low, each.difference.high),
                figures.p_value(each.difference.p),
                f"{each.difference.n:,}",
            ],
            [True] * 4,
        )
        for each in report.differences
    ]
    heads = (("signals", False), ("AUROC", True), ("95%", True), ("p", True), ("replies", True))
    return Grid(heads=heads, lines=tuple(lines))


def interval_of(low: float | None, high: float | None) -> str:
    """Return the ends of an interval of a difference."""
    if low is None or high is None:
        return figures.MISSING
    return f"[{figures.number(low, signed=True)}, {figures.number(high, signed=True)}]"


def _place(signal: SignalReport) -> int | None:
    """Return which of the thresholds is the certified one."""
    return None if signal.certified is None else signal.points.index(signal.certified)


def _grid(columns: Sequence[Column], chosen: int | None = None) -> Grid:
    """Return a table, of whose rows one may be the chosen one."""
    numbers = [column.right for column in columns[1:]]
    rows = zip(*(column.cells for column in columns), strict=True)
    return Grid(
        heads=tuple((column.title, column.right) for column in columns),
        lines=tuple(
            _line(first, rest, numbers, chosen=place == chosen) for place, (first, *rest) in enumerate(rows)
        ),
    )


def _line(name: str, texts: Sequence[str], numbers: Sequence[bool], *, chosen: bool = False) -> Line:
    cells = (Cell(text=text, value=text, number=right) for text, right in zip(texts, numbers, strict=True))
    return Line(name=name, tags=(), chosen=chosen, cells=tuple(cells))
