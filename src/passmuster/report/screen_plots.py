"""The pictures of `screen`: public against own score, and the two orders side by side."""

from collections.abc import Sequence

from passmuster.records.record import Json
from passmuster.records.screening import ColumnReport, ModelPoint
from passmuster.report import figures
from passmuster.report.escape import label
from passmuster.report.plots import Spec, draw

MOST = 40
"""Models that a picture shows, those that are first on either side."""

_WIDE, _HIGH = 620, 380
_LINE = 17


def scatter_svg(column: ColumnReport, metric: str, name: str) -> str | None:
    """Return the picture of public against own score, with the own 95% intervals; None without models."""
    points = _shown(column.points)
    if not points:
        return None
    middle = (min(point.public for point in points) + max(point.public for point in points)) / 2
    rows = [_dot(point, column, middle) for point in points]
    x, y = _axes(column, metric)
    colour: Spec = _kinds(["var(--chosen)", "var(--fail)", "var(--pass)"])
    interval: Spec = {
        "mark": {"type": "rule", "strokeWidth": 1.5, "opacity": 0.6},
        "encoding": {"x": x, "y": {"field": "low", **y}, "y2": {"field": "high"}, "color": colour},
    }
    point: Spec = {
        "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
        "encoding": {
            "x": x,
            "y": {"field": "own", **y},
            "color": colour,
            "shape": _kinds(["diamond", "cross", "circle"]),
            "description": {"field": "tip"},
        },
    }
    names = [_names(side, x, y) for side in ("left", "right")]
    spec: Spec = {
        "width": _WIDE,
        "height": _HIGH,
        "data": {"values": rows},
        "layer": [interval, point, *names],
    }
    words = "; ".join(str(row["tip"]) for row in rows)
    return draw(spec, title="Public against own score", description=words, name=name)


def _axes(column: ColumnReport, metric: str) -> tuple[Spec, Spec]:
    x: Spec = {
        "field": "public",
        "type": "quantitative",
        "scale": {"zero": False, "nice": True},
        "title": f"{label(column.table)}: {label(column.column)}",
    }
    y: Spec = {
        "type": "quantitative",
        "scale": {"zero": False, "nice": True},
        "title": f"own {label(metric)}",
    }
    return x, y


def _names(side: str, x: Spec, y: Spec) -> Spec:
    """Return the names of those that matter, written towards the middle of the picture."""
    return {
        "mark": {
            "type": "text",
            "align": side,
            "dx": 10 if side == "left" else -10,
            "dy": -14,
            "fontSize": 11,
            "color": "var(--ink)",
        },
        "transform": [{"filter": f"datum.kind != 'other' && datum.side == '{side}'"}],
        "encoding": {"x": x, "y": {"field": "own", **y}, "text": {"field": "name"}},
    }


def slope_svg(column: ColumnReport, name: str) -> str | None:
    """Return the picture of both orders, a line from each model's public rank to its own; None without models."""
    points = _shown(column.points)
    if not points:
        return None
    rows = _slopes(points, column)
    rank: Spec = {
        "field": "rank",
        "type": "quantitative",
        "scale": {"reverse": True, "zero": False},
        "axis": None,
    }
    side: Spec = {
        "field": "side",
        "type": "ordinal",
        "sort": ["public", "own"],
        "title": None,
        "axis": {"labelAngle": 0, "orient": "top", "domain": False, "ticks": False},
        "scale": {"padding": 0.1},
    }
    line: Spec = {
        "mark": {"type": "line", "strokeWidth": 2, "opacity": 0.8},
        "encoding": {
            "x": side,
            "y": rank,
            "detail": {"field": "name"},
            "color": _kinds(["var(--chosen)", "var(--fail)", "var(--muted)"]),
        },
    }
    spec: Spec = {
        "width": 300,
        "height": max(120, _LINE * len(points)),
        "data": {"values": rows},
        "layer": [line, _ends("public", "right", -8, (side, rank)), _ends("own", "left", 8, (side, rank))],
        "padding": {"left": 190, "right": 190, "top": 8, "bottom": 8},
    }
    words = "; ".join(str(row["tip"]) for row in rows[::2])
    return draw(spec, title="Public and own rank", description=words, name=name)


def _slopes(points: Sequence[ModelPoint], column: ColumnReport) -> list[dict[str, Json]]:
    """Return both ends of each model's line."""
    rows: list[dict[str, Json]] = []
    there = _lines(points, [(point.public_rank, point.own_rank) for point in points])
    here = _lines(points, [(point.own_rank, point.public_rank) for point in points])
    for point in points:
        kind = _kind(point, column)
        shown = label(point.candidate, 26)
        tip = f"{shown}: {point.public_rank:g} there, {point.own_rank:g} here"
        for where, place in (("public", there[point.candidate]), ("own", here[point.candidate])):
            rows.append({"name": shown, "side": where, "rank": place, "kind": kind, "tip": tip})
    return rows


def _lines(points: Sequence[ModelPoint], keys: Sequence[tuple[float, float]]) -> dict[str, int]:
    """Return the line on which each name stands: of those that share a rank one below the other."""
    order = sorted(zip(keys, points, strict=True), key=lambda pair: (pair[0], pair[1].candidate))
    return {point.candidate: place for place, (_, point) in enumerate(order, 1)}


def _ends(which: str, align: str, offset: int, axes: tuple[Spec, Spec]) -> Spec:
    """Return the names at one end of the lines."""
    return {
        "mark": {"type": "text", "align": align, "dx": offset, "fontSize": 11, "color": "var(--ink)"},
        "transform": [{"filter": f"datum.side == '{which}'"}],
        "encoding": {"x": axes[0], "y": axes[1], "text": {"field": "name"}},
    }


def _shown(points: Sequence[ModelPoint]) -> list[ModelPoint]:
    return sorted(points, key=lambda point: min(point.public_rank, point.own_rank))[:MOST]


def _kind(point: ModelPoint, column: ColumnReport) -> str:
    if point.own_rank == min(each.own_rank for each in column.points):
        return "own best"
    first = column.regret is not None and point.candidate == column.regret.first
    return "public first" if first else "other"


def _kinds(values: list[str]) -> Spec:
    domain: list[Json] = ["own best", "public first", "other"]
    return {
        "field": "kind",
        "type": "nominal",
        "scale": {"domain": domain, "range": list(values)},
        "legend": None,
    }


def _dot(point: ModelPoint, column: ColumnReport, middle: float) -> dict[str, Json]:
    shown = label(point.candidate, 26)
    return {
        "name": shown,
        "kind": _kind(point, column),
        "side": "left" if point.public < middle else "right",
        "public": point.public,
        "own": point.own.value,
        "low": point.own.low,
        "high": point.own.high,
        "tip": f"{shown}: public {point.public:g}, own {figures.interval(point.own)}",
    }
