"""The drift of judges as one self-contained HTML file: checks of the anchors, and people's fresh ratings apart."""

from collections.abc import Sequence

from markupsafe import Markup

from passmuster.records.judge_drift import DriftReport, JudgeDrift
from passmuster.records.record import Json
from passmuster.records.score import Estimate
from passmuster.report import figures
from passmuster.report.escape import label, visible
from passmuster.report.judge_drift import headline, moment, sentences
from passmuster.report.page import page_environment, page_resource, policy
from passmuster.report.plots import ROW, draw

SHOWN = 60
"""Checks and draws of a judge that are drawn, the newest; the JSON has all."""

_WIDE = 460
_STATES = {"steady": "pass", "moved": "fail", "unknown": "undecided"}
_SHAPES: dict[str, Json] = {"domain": ["first", "steady", "apart"], "range": ["diamond", "circle", "cross"]}
_COLOURS: dict[str, Json] = {
    "domain": ["first", "steady", "apart"],
    "range": ["var(--chosen)", "var(--pass)", "var(--fail)"],
}


def render_drift_page(report: DriftReport) -> str:
    """Return the page; all that comes from judges and files is escaped, and there is no script."""
    css = page_resource("report.css")
    context: dict[str, Json] = {
        "css": Markup(css),  # noqa: S704  # our own file, no content in it
        "policy": policy(css, ""),
        "task": visible(report.task),
        "generated": visible(report.generated),
        "judges": [_judge(place, found) for place, found in enumerate(report.judges)],
    }
    return page_environment().get_template("judge_drift.jinja").render(context)


def _judge(place: int, found: JudgeDrift) -> dict[str, Json]:
    return {
        "id": f"judge-{place}",
        "name": label(found.metric),
        "headline": headline(found),
        "state": _STATES[found.status],
        "sentences": sentences(found),
        "checks": _checks(place, found),
        "fresh": _fresh(place, found),
        "waiting": sum(each.waiting for each in found.fresh),
    }


def _checks(place: int, found: JudgeDrift) -> dict[str, Json] | None:
    shown = found.history[-SHOWN:]
    if len(found.history) < 2:
        return None
    rows = [
        _row(_numbered(number, each.time), each.shift, "first" if each.first else _kind(each.shift))
        for number, each in enumerate(shown, 1)
    ]
    lines = [
        _line(
            _numbered(number, each.time),
            [
                figures.interval(each.shift, signed=True),
                f"{each.shift.n:,}",
                f"{each.unreadable:,}",
                visible(", ".join(each.answered)) or "-",
                visible(each.judge),
            ],
        )
        for number, each in enumerate(shown, 1)
    ]
    heads = [("check", False), ("since the first", True), ("anchors", True), ("unreadable", True)]
    return {
        "picture": _picture(rows, "Mean of the anchors less that of the first check", f"checks-{place}"),
        "table": {"heads": [*heads, ("answered as", False), ("version", False)], "lines": lines},
    }


def _fresh(place: int, found: JudgeDrift) -> dict[str, Json] | None:
    if not found.fresh:
        return None
    shown = found.fresh[-SHOWN:]
    rows = [
        _row(_numbered(number, each.time), each.gap, "steady")
        for number, each in enumerate(shown, 1)
        if each.gap.value is not None
    ]
    lines = [
        _line(
            _numbered(number, each.time),
            [
                figures.interval(each.gap, signed=True),
                f"{each.gap.n:,}",
                f"{each.waiting:,}",
                "-" if each.newest is None else moment(each.newest),
                visible(each.judge or "-"),
            ],
        )
        for number, each in enumerate(shown, 1)
    ]
    heads = [("draw", False), ("people less judge", True), ("rated", True), ("waiting", True)]
    return {
        "picture": _picture(rows, "People less judge, by fresh draw", f"fresh-{place}") if rows else None,
        "table": {"heads": [*heads, ("last rated", False), ("version", False)], "lines": lines},
    }


def _numbered(number: int, time: float) -> str:
    """Return the name of a line: two checks of one minute are two lines."""
    return f"{number}. {moment(time)}"


def _kind(shift: Estimate) -> str:
    if shift.low is None or shift.high is None:
        return "steady"
    return "steady" if shift.low <= 0 <= shift.high else "apart"


def _row(name: str, figure: Estimate, kind: str) -> dict[str, Json]:
    return {
        "name": name,
        "value": figure.value,
        "low": figure.low,
        "high": figure.high,
        "kind": kind,
        "tip": f"{name}: {figures.interval(figure, signed=True)}",
    }


def _line(name: str, texts: Sequence[str]) -> dict[str, Json]:
    cells: list[Json] = [
        {
            "text": text,
            "value": text,
            "number": place < 3,
            "href": "",
            "status": "",
            "range": "",
            "why": "",
        }
        for place, text in enumerate(texts)
    ]
    return {"name": name, "tags": (), "cells": cells, "chosen": False}


def _picture(rows: Sequence[dict[str, Json]], title: str, name: str) -> Markup:
    """Return a line for each check: its interval, and a mark whose shape tells the first, those apart from 0 and the rest."""
    x: dict[str, Json] = {"type": "quantitative", "title": title, "axis": {"tickCount": 6}}
    y: dict[str, Json] = {
        "field": "name",
        "type": "nominal",
        "sort": [row["name"] for row in rows],
        "title": None,
        "axis": {"ticks": False, "domain": False, "labelPadding": 10, "minExtent": 130},
    }
    colour: Json = {"field": "kind", "type": "nominal", "scale": _COLOURS, "legend": None}
    rule: Json = {
        "mark": {"type": "rule", "strokeWidth": 2.5, "strokeCap": "round"},
        "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
        "encoding": {"x": {"field": "low", **x}, "x2": {"field": "high"}, "y": y, "color": colour},
    }
    point: Json = {
        "mark": {"type": "point", "filled": True, "size": 75, "opacity": 1},
        "encoding": {
            "x": {"field": "value", **x},
            "y": y,
            "color": colour,
            "shape": {"field": "kind", "type": "nominal", "scale": _SHAPES, "legend": None},
            "description": {"field": "tip"},
        },
    }
    zero: Json = {
        "data": {"values": [{"zero": 0}]},
        "mark": {"type": "rule", "color": "var(--ink)", "strokeDash": [5, 4]},
        "encoding": {"x": {"field": "zero", **x}},
    }
    spec: dict[str, Json] = {
        "width": _WIDE,
        "height": {"step": ROW},
        "data": {"values": list(rows)},
        "layer": [zero, rule, point],
    }
    words = "; ".join(str(row["tip"]) for row in rows)
    return Markup(draw(spec, title=title, description=words, name=name))  # noqa: S704  # cleaned by report.svg
