"""A self-check as one self-contained HTML file: each promise with its limit, what was seen, and the shortcut beside it."""

from collections.abc import Collection, Sequence

from markupsafe import Markup

from passmuster.records.promises import OwnResult, PromiseResult, SelfcheckReport
from passmuster.records.record import Json
from passmuster.records.score import Estimate
from passmuster.report.escape import label, visible
from passmuster.report.page import page_environment, page_resource, policy
from passmuster.report.plots import chart, draw
from passmuster.report.selfcheck_terminal import percent, rate
from passmuster.report.selfcheck_words import STATES, headline, own_headline, sizes_of, way_of

_MARKS = ["pass", "undecided", "fail", "naive"]
_COLOURS = ["var(--pass)", "var(--undecided)", "var(--fail)", "var(--muted)"]
_SHAPES = ["circle", "square", "cross", "triangle-right"]
_TICKS = [0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1]


def render_selfcheck_page(report: SelfcheckReport) -> str:
    """Return the page; all that comes from a project is escaped, and there is no script."""
    css = page_resource("report.css")
    context: dict[str, Json] = {
        "css": Markup(css),  # noqa: S704  # our own file, no content in it
        "policy": policy(css, ""),
        "version": report.version,
        "generated": visible(report.generated),
        "seed": report.seed,
        "headline": headline(report) if report.promises or own_headline(report) is None else None,
        "state": _state({each.state for each in report.promises}),
        "own_state": _own_state(report),
        "picture": _picture(
            [_row(each) for each in report.promises],
            "Errors of each promise",
            "promises",
        )
        if report.promises
        else None,
        "promises": _promises(report.promises) if report.promises else None,
        "loud": [f"{each.name}: {each.sentence}" for each in report.promises if each.state != "holds"],
        "task": None if report.task is None else visible(report.task),
        "own_headline": None if (said := own_headline(report)) is None else visible(said),
        "own": [_own(report, way) for way in dict.fromkeys(way_of(each) for each in report.own)],
    }
    return page_environment().get_template("selfcheck.jinja").render(context)


def _state(states: Collection[str]) -> str:
    if "broken" in states:
        return "fail"
    return "undecided" if "blunt" in states or not states else "pass"


def _own_state(report: SelfcheckReport) -> str:
    """Return how the tests that could tell behave; undecided where none could."""
    return _state({each.state for each in report.own} - {"too_few"})


def _own(report: SelfcheckReport, way: str) -> dict[str, Json]:
    rows = [each for each in report.own if way_of(each) == way]
    number = list(dict.fromkeys(way_of(each) for each in report.own)).index(way)
    return {
        "title": visible(f"{way} ({sizes_of(rows[0])} cases)"),
        "picture": _picture([_own_row(each) for each in rows], "False alarms of each test", f"own-{number}"),
        "table": _own_table(rows),
    }


def _row(each: PromiseResult) -> dict[str, Json]:
    tip = f"{each.name}: {each.sentence}"
    return _drawn(each.name, (each.observed, each.shortcut), each.limit, (STATES[each.state][1], tip))


def _own_row(each: OwnResult) -> dict[str, Json]:
    name = label(f"{each.test}: {each.metric}", 30)
    tip = f"{name}: {each.sentence}"
    return _drawn(name, (each.alarms, each.shortcut), each.limit, (STATES[each.state][1], tip))


def _drawn(
    name: str, figures: tuple[Estimate, Estimate | None], limit: float, words: tuple[str, str]
) -> dict[str, Json]:
    seen, shortcut = figures
    return {
        "name": name,
        "value": seen.value,
        "low": seen.low,
        "high": seen.high,
        "limit": limit,
        "naive": None if shortcut is None else shortcut.value,
        "mark": words[0],
        "other": "naive",
        "tip": visible(words[1]),
    }


def _picture(rows: Sequence[dict[str, Json]], title: str, name: str) -> Markup:
    """Return a line for each row: the limit as a stroke, what was seen with its interval, and the shortcut."""
    x: dict[str, Json] = {
        "type": "quantitative",
        "title": "share of runs with an error (stretched near 0)",
        "scale": {"type": "sqrt", "domain": [0, 1]},
        "axis": {"values": _TICKS, "format": ".0%"},
    }
    colour: Json = {"type": "nominal", "scale": {"domain": _MARKS, "range": _COLOURS}, "legend": None}
    shape: Json = {"type": "nominal", "scale": {"domain": _MARKS, "range": _SHAPES}, "legend": None}
    limit: dict[str, Json] = {
        "mark": {"type": "tick", "color": "var(--ink)", "thickness": 2.5, "height": 18, "orient": "vertical"},
        "encoding": {"x": {"field": "limit", **x}},
    }
    interval: dict[str, Json] = {
        "mark": {"type": "rule", "strokeWidth": 2.5, "strokeCap": "round"},
        "encoding": {
            "x": {"field": "low", **x},
            "x2": {"field": "high"},
            "color": {"field": "mark", **_plain(colour)},
        },
    }
    layers = [limit, interval, *(_points(field, by, (x, colour, shape)) for field, by in _POINTS)]
    spec = chart(layers, list(rows), [row["name"] for row in rows])
    words = "; ".join(str(row["tip"]) for row in rows)
    return Markup(draw(spec, title=title, description=words, name=name))  # noqa: S704  # cleaned by report.svg


_POINTS = (("naive", "other"), ("value", "mark"))


def _points(field: str, by: str, parts: tuple[dict[str, Json], Json, Json]) -> dict[str, Json]:
    x, colour, shape = parts
    return {
        "mark": {"type": "point", "filled": True, "size": 65, "opacity": 1},
        "transform": [{"filter": f"isValid(datum.{field})"}],
        "encoding": {
            "x": {"field": field, **x},
            "color": {"field": by, **_plain(colour)},
            "shape": {"field": by, **_plain(shape)},
            "description": {"field": "tip"},
        },
    }


def _plain(value: Json) -> dict[str, Json]:
    return dict(value) if isinstance(value, dict) else {}


def _cell(text: str, *, number: bool = False, status: str = "", why: str = "") -> dict[str, Json]:
    return {
        "text": text,
        "value": text,
        "number": number,
        "href": "",
        "status": status,
        "range": "",
        "why": why,
    }


def _line(name: str, cells: Sequence[dict[str, Json]]) -> dict[str, Json]:
    return {"name": name, "tags": (), "cells": list(cells), "chosen": False}


def _promises(rows: Sequence[PromiseResult]) -> dict[str, Json]:
    heads = [
        ("promise", False),
        ("", False),
        ("errors", True),
        ("at most", True),
        ("shortcut", True),
        ("runs", True),
        ("what is promised", False),
        ("an error is", False),
        ("the shortcut", False),
        ("used by", False),
    ]
    lines = [
        _line(
            each.name,
            [
                _cell(STATES[each.state][0], status=STATES[each.state][1]),
                _cell(rate(each.observed), number=True),
                _cell(percent(each.limit), number=True),
                _cell(rate(each.shortcut), number=True),
                _cell(f"{each.repetitions:,}", number=True),
                _cell(each.says),
                _cell(each.counts),
                _cell(each.naive),
                _cell(", ".join(each.used)),
            ],
        )
        for each in rows
    ]
    return {"heads": heads, "lines": lines}


def _own_table(rows: Sequence[OwnResult]) -> dict[str, Json]:
    heads = [
        ("metric", False),
        ("test", False),
        ("", False),
        ("false alarms", True),
        ("at most", True),
        ("rule of thumb", True),
        ("draws", True),
    ]
    lines = [
        _line(
            label(each.metric),
            [
                _cell(each.test),
                _cell(STATES[each.state][0], status=STATES[each.state][1]),
                _cell(rate(each.alarms), number=True),
                _cell(percent(each.limit), number=True),
                _cell(
                    "-" if each.shortcut is None else rate(each.shortcut),
                    number=True,
                    why="not asked of this",
                ),
                _cell(f"{each.draws:,}", number=True),
            ],
        )
        for each in rows
    ]
    return {"heads": heads, "lines": lines}
