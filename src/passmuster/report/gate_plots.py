"""The pictures of the gate: changes with their intervals and the margins as lines, by figure and by slice; blocks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from passmuster.records.gate import GateLine, GatePolicy, GateReport, Level
from passmuster.records.record import Json
from passmuster.report.escape import label
from passmuster.report.gate_words import (
    changed,
    gravest,
    level_words,
    lower_is_better,
    part,
    slice_name,
    title,
)
from passmuster.report.plots import Spec, chart, draw


@dataclass(frozen=True, slots=True)
class _Margin:
    """A line of a picture: where, its word, and on which side of the line the word stands."""

    at: float
    text: str
    side: Literal["left", "center", "right"]


SLICES_DRAWN = 40
BLOCKS_DRAWN = 8

_NAME = 32

_LEVELS: list[Level] = ["pass", "investigate", "block", "undecided", "refused"]
_SHAPES = ["circle", "triangle-up", "cross", "square", "diamond"]
_COLOURS = ["var(--pass)", "var(--undecided)", "var(--fail)", "var(--muted)", "var(--muted)"]


def changes_svg(report: GateReport) -> str | None:
    """Return how every quality changed, with 95% intervals beside the two margins; None where none is known.

    Figures on a scale of their own stand in the table alone. What is worse lies to the left, also of figures of which lower is better.
    """
    rows = [row for row in report.lines if row.kind in ("quality", "failures") and is_share(row)]
    return _qualities(
        rows, [title(row) for row in rows], report.policy, "Change of quality", "gate-quality-plot"
    )


def slices_svg(report: GateReport) -> str | None:
    """Return the same by slice, the gravest first; a small ring is the change drawn towards that of all slices."""
    rows = [row for row in gravest(report.slices) if row.kind in ("quality", "failures") and is_share(row)]
    rows = rows[:SLICES_DRAWN]
    figures = {row.name for row in rows}
    names = [slice_name(row) + (f" · {title(row)}" if len(figures) > 1 else "") for row in rows]
    return _qualities(rows, names, report.policy, "Change of quality by slice", "gate-slices-plot")


def rises_svg(report: GateReport) -> str | None:
    """Return by which part latencies and costs rose, with 95% intervals beside the margins; None where none is known."""
    rows = [row for row in report.lines if row.kind in ("latency", "cost")]
    x = _axis("part by which it rose, 95% interval (worse to the right)", percent=True)
    kinds = {row.kind for row in rows}
    margins = dict.fromkeys(
        margin
        for kind, margin in (("latency", report.policy.latency), ("cost", report.policy.cost))
        if kind in kinds
    )
    lines = [
        _Margin(0.0, "as before", "right"),
        *(_Margin(margin, part(margin), "left") for margin in sorted(margins)),
    ]
    data = [
        _point(row, name, 1.0)
        for row, name in zip(rows, _apart([title(row) for row in rows]), strict=True)
        if _known(row)
    ]
    return _draw(
        data,
        x,
        lines,
        "Rise of latency and cost",
        "gate-rises-plot",
        "Latency and cost beside the old version",
    )


def blocks_svg(report: GateReport) -> str | None:
    """Return the ratios of new to old latency block by block: what is sustained lies past the line in several blocks."""
    rows = [row for row in report.lines if any(_is_number(ratio) for ratio in row.blocks)][:BLOCKS_DRAWN]
    if not rows:
        return None
    limit = report.policy.latency
    data: list[dict[str, Json]] = []
    names = _apart([title(row) for row in rows])
    for row, name in zip(rows, names, strict=True):
        data += [
            _block(name, number, ratio - 1, limit)
            for number, ratio in enumerate(row.blocks, 1)
            if ratio is not None and math.isfinite(ratio)
        ]
    x = _axis("part by which a block rose; its number stands above it", percent=True)
    point: Spec = {
        "mark": {"type": "point", "filled": True, "size": 70, "opacity": 0.9},
        "encoding": {
            "x": {"field": "value", **x},
            "color": _scaled(_COLOURS),
            "shape": _scaled(_SHAPES),
            "description": {"field": "tip"},
        },
    }
    number: Spec = {
        "mark": {"type": "text", "dy": -10, "fontSize": 10, "color": "var(--muted)"},
        "encoding": {"x": {"field": "value", **x}, "text": {"field": "number"}},
    }
    spec = chart(
        [*_margins([_Margin(0.0, "", "right"), _Margin(limit, part(limit), "left")], x), point, number],
        data,
        list(names),
    )
    told = "; ".join(str(each["tip"]) for each in data)
    return draw(spec, title="Latency, block by block", description=told, name="gate-blocks-plot")


def _qualities(
    rows: Sequence[GateLine], names: Sequence[str], policy: GatePolicy, heading: str, name: str
) -> str | None:
    data = [
        _point(row, shown, -1.0 if lower_is_better(row) else 1.0)
        for row, shown in zip(rows, _apart(names), strict=True)
        if _known(row)
    ]
    x = _axis("change with its 95% interval (worse to the left)")
    lines = [
        _Margin(0.0, "as before", "left"),
        _Margin(-policy.investigate, "investigate", "center"),
        _Margin(-policy.block, "block", "right"),
    ]
    return _draw(data, x, lines, heading, name, heading)


def _draw(
    data: Sequence[dict[str, Json]],
    x: Spec,
    margins: Sequence[_Margin],
    heading: str,
    name: str,
    about: str,
) -> str | None:
    if not data:
        return None
    interval: Spec = {
        "mark": {"type": "rule", "strokeWidth": 2.5, "opacity": 0.75, "strokeCap": "round"},
        "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
        "encoding": {"x": {"field": "low", **x}, "x2": {"field": "high"}, "color": _scaled(_COLOURS)},
    }
    point: Spec = {
        "mark": {"type": "point", "filled": True, "size": 85, "opacity": 1},
        "encoding": {
            "x": {"field": "value", **x},
            "color": _scaled(_COLOURS),
            "shape": _scaled(_SHAPES),
            "description": {"field": "tip"},
        },
    }
    pooled: Spec = {
        "mark": {"type": "point", "filled": False, "shape": "circle", "size": 40, "strokeWidth": 1.5},
        "transform": [{"filter": "isValid(datum.pooled)"}],
        "encoding": {"x": {"field": "pooled", **x}, "color": {"value": "var(--ink)"}},
    }
    layers = [*_margins(margins, x), interval, pooled, point]
    told = f"{about}. " + "; ".join(str(each["tip"]) for each in data)
    return draw(
        chart(layers, data, [each["name"] for each in data]), title=heading, description=told, name=name
    )


def _point(row: GateLine, name: str, sign: float) -> dict[str, Json]:
    change = row.change
    low, value, high, pooled = (
        _turned(each, sign) for each in (change.low, change.value, change.high, row.pooled)
    )
    return {
        "name": name,
        "level": row.level,
        "value": value,
        "low": low if sign > 0 else high,
        "high": high if sign > 0 else low,
        "pooled": pooled,
        "tip": f"{name}: {changed(row)}, {level_words(row)}",
    }


def _turned(value: float | None, sign: float) -> float | None:
    """Return a value as the picture needs it; what is no number cannot be drawn."""
    return value * sign if value is not None and math.isfinite(value) else None


def _block(name: str, number: int, rise: float, limit: float) -> dict[str, Json]:
    past = rise >= limit
    return {
        "name": name,
        "level": "block" if past else "pass",
        "value": rise,
        "number": str(number),
        "tip": f"{name}, block {number}: {part(rise)}",
    }


def _known(row: GateLine) -> bool:
    return _is_number(row.change.value)


def is_share(row: GateLine) -> bool:
    """Return whether a quality is a share, so that it can be drawn beside the margins: these are parts of its scale."""
    ends = (row.old.value, row.new.value)
    return row.kind == "failures" or all(value is None or 0 <= value <= 1 for value in ends)


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _apart(names: Sequence[str]) -> list[str]:
    """Return names that fit beside a picture, of which no two are equal although they were cut."""
    seen: dict[str, int] = {}
    made = []
    for name in names:
        each = label(name, _NAME)
        seen[each] = seen.get(each, 0) + 1
        made.append(each if seen[each] == 1 else f"{each} ({seen[each]})")
    return made


def _axis(text: str, *, percent: bool = False) -> Spec:
    axis: dict[str, Json] = {"tickCount": 6}
    axis |= {"format": "+.0%"} if percent else {"format": "+.2~f"}
    return {"type": "quantitative", "scale": {"zero": True, "nice": True}, "axis": axis, "title": text}


def _scaled(values: Sequence[str]) -> Spec:
    return {
        "field": "level",
        "type": "nominal",
        "scale": {"domain": list(_LEVELS), "range": list(values)},
        "legend": None,
    }


def _margins(found: Sequence[_Margin], x: Spec) -> list[Spec]:
    """Return a line for each margin, with its word above; what the change may not pass is dashed.

    Words lie to the left of the first line and to the right of the last, and a row higher between them, so that they do
    not run into one another where the lines are close.
    """
    made: list[Spec] = []
    for each in found:
        values: Spec = {"values": [{"limit": each.at, "text": each.text}]}
        line: Spec = {
            "mark": {
                "type": "rule",
                "color": "var(--ink)",
                "strokeDash": [5, 4] if each.at else [1, 0],
                "strokeWidth": 1.2,
            },
            "encoding": {"x": {"field": "limit", **x}},
        }
        mark: Spec = {
            "type": "text",
            "align": each.side,
            "baseline": "bottom",
            "color": "var(--ink)",
            "fontSize": 11,
            "dy": -18 if each.side == "center" else -4,
        }
        word: Spec = {
            "mark": mark,
            "encoding": {
                "x": {"field": "limit", **x},
                "y": {"value": 0},
                "text": {"field": "text"},
            },
        }
        made.append({"data": values, "layer": [line, word]})
    return made
