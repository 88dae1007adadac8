"""A calibrated judge as one self-contained HTML file: what was found, then pictures, then the tables."""

from collections.abc import Sequence

from markupsafe import Markup

from passmuster.records.calibration import Calibration
from passmuster.records.record import Json
from passmuster.records.score import Difference, Estimate
from passmuster.report import figures
from passmuster.report.escape import label, visible
from passmuster.report.judge_view import Grid, findings, grids, headline, next_step, notes, provenance
from passmuster.report.page import page_environment, page_resource, policy
from passmuster.report.plots import ROW, draw, name_axis

SHOWN = 20
"""Candidates, or differences, of a picture."""

_WIDE = 560
_STATES = {"fault": "fail", "caution": "undecided", "note": "pass"}
_ROLES: dict[str, Json] = {"domain": ["corrected", "judge"], "range": ["circle", "diamond"]}
_COLOURS: dict[str, Json] = {"domain": ["corrected", "judge"], "range": ["var(--chosen)", "var(--muted)"]}
_MIDDLE = 9.5
_BESIDE: dict[str, Json] = {"domain": ["corrected", "judge"], "range": [_MIDDLE - 5, _MIDDLE + 5]}
_ALONE: dict[str, Json] = {"domain": ["corrected", "judge"], "range": [_MIDDLE, _MIDDLE]}
"""How far below the upper edge of its row each stands."""


def render_calibration_page(found: Calibration, generated: str) -> str:
    """Return the page; all that comes from judges, people and files is escaped, and there is no script.

    Args:
        found: The calibration.
        generated: When, in words (ISO 8601).
    """
    css = page_resource("report.css")
    context: dict[str, Json] = {
        "css": Markup(css),  # noqa: S704  # our own file, no content in it
        "policy": policy(css, ""),
        "title": headline(found),
        "kicker": f"{label(found.task)} · {visible(generated)}",
        "provenance": provenance(found),
        "findings": [{"state": _STATES[severity], "text": text} for severity, text in findings(found)],
        "nothing": "Nothing that speaks against the judge."
        if found.status == "calibrated"
        else "Nothing yet: ratings by people are missing.",
        "notes": list(notes(found)),
        "following": next_step(found),
        "sections": [_section(found, grid) for grid in grids(found)],
    }
    return page_environment().get_template("judge_calibration.jinja").render(context)


def _section(found: Calibration, grid: Grid) -> dict[str, Json]:
    picture = _picture_of(found, grid.key)
    lines = [
        {
            "name": row[0],
            "tags": [],
            "chosen": False,
            "cells": [
                _cell(text, numeric) for text, (_, numeric) in zip(row[1:], grid.heads[1:], strict=True)
            ],
        }
        for row in grid.rows
    ]
    return {
        "id": grid.key,
        "title": grid.title,
        "hint": grid.hint,
        "picture": None if picture is None else Markup(picture),  # noqa: S704  # cleaned by report.svg
        "table": {"heads": [list(head) for head in grid.heads], "lines": lines},
    }


def _cell(text: str, numeric: bool) -> dict[str, Json]:  # noqa: FBT001 - it comes from the table's head
    return {
        "text": text,
        "number": numeric,
        "href": None,
        "status": None,
        "why": None,
        "range": None,
        "value": text,
    }


def _picture_of(found: Calibration, key: str) -> str | None:
    if key == "candidates":
        return _pairs(
            [(each.candidate, each.corrected, each.raw) for each in found.candidates[:SHOWN]],
            "Corrected figure and the judge alone",
            "forest-judge-candidates",
        )
    if key == "differences":
        return _pairs(
            [
                (f"{each.candidate} - {each.versus}", each.corrected, each.raw)
                for each in found.differences[:SHOWN]
            ],
            "Corrected differences and those of the judge alone",
            "forest-judge-differences",
            zero=True,
        )
    return _shares(found) if key == "agreement" else None


def _shares(found: Calibration) -> str | None:
    """Return the picture of the figures of agreement that are shares or coefficients."""
    told = found.agreement
    if told is None:
        return None
    named = (
        ("same value", told.same),
        ("Gwet's AC1", told.ac1),
        ("Cohen's kappa", told.kappa),
        ("sensitivity", told.sensitivity),
        ("specificity", told.specificity),
        ("correlation", told.correlation),
    )
    rows = [(name, value, None) for name, value in named if value is not None and value.value is not None]
    return _pairs(rows, "Agreement of the judge with people", "forest-judge-agreement")


def _pairs(
    rows: Sequence[tuple[str, Estimate | Difference | None, Estimate | Difference | None]],
    title: str,
    name: str,
    *,
    zero: bool = False,
) -> str | None:
    """Return intervals, a line each: what is corrected as a circle, what the judge says alone as a diamond below it."""
    data = [
        _point(label(who), role, figure)
        for who, corrected, raw in rows
        for role, figure in (("corrected", corrected), ("judge", raw))
        if figure is not None and figure.value is not None
    ]
    if not data:
        return None
    names: list[Json] = [label(who) for who, _, _ in rows]
    spec: dict[str, Json] = {
        "width": _WIDE,
        "height": {"step": ROW, "for": "position"},
        "data": {"values": data},
        "layer": _layers(names, title, zero=zero, alone=all(raw is None for _, _, raw in rows)),
    }
    return draw(spec, title=title, description=f"{title}, with 95% intervals.", name=name)


def _layers(names: list[Json], title: str, *, zero: bool, alone: bool) -> list[Json]:
    """Return the lines and the points upon them."""
    x: dict[str, Json] = {
        "type": "quantitative",
        "scale": {"zero": zero, "nice": True},
        "axis": {"tickCount": 6},
        "title": f"{title}, 95% intervals",
    }
    both: dict[str, Json] = {
        "y": {"field": "name", "type": "nominal", "sort": names, "axis": name_axis(names)},
        "yOffset": {"field": "role", "type": "nominal", "scale": _ALONE if alone else _BESIDE},
        "color": {"field": "role", "type": "nominal", "scale": _COLOURS, "legend": None},
    }
    rule: dict[str, Json] = {
        "mark": {"type": "rule", "strokeWidth": 2.5, "opacity": 0.75, "strokeCap": "round"},
        "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
        "encoding": {**both, "x": {"field": "low", **x}, "x2": {"field": "high"}},
    }
    point: dict[str, Json] = {
        "mark": {"type": "point", "filled": True, "size": 75, "opacity": 1},
        "encoding": {
            **both,
            "x": {"field": "value", **x},
            "shape": {"field": "role", "type": "nominal", "scale": _ROLES, "legend": None},
            "description": {"field": "tip"},
        },
    }
    return [rule, point]


def _point(name: str, role: str, figure: Estimate | Difference) -> dict[str, Json]:
    return {
        "name": name,
        "role": role,
        "value": figure.value,
        "low": figure.low,
        "high": figure.high,
        "tip": f"{name}, {role}: {figures.interval(figure)}",
    }
