"""The pictures of routes: what each costs and how good it is, with the curve of a cascade, and its gain."""

import math
from collections.abc import Mapping, Sequence

from passmuster.records.record import Json
from passmuster.records.routing import RouteCurve, RouteReport, RoutingReport
from passmuster.report import figures
from passmuster.report.axes import log_domain, log_ticks
from passmuster.report.escape import label
from passmuster.report.labels import Placed, Point, place, text_width
from passmuster.report.plots import Spec, chart, draw
from passmuster.report.route_view import difference

WIDTH, HEIGHT = 620, 330
LABELS = 14
"""Candidates that the picture names, the best ones; the others are points."""

_KINDS = ["route", "candidate", "cascade"]
_COLOURS = ["var(--chosen)", "var(--muted)", "var(--undecided)"]
_SHAPES = ["diamond", "circle", "square"]


def cost_quality_svg(report: RoutingReport) -> str | None:
    """Return cost against quality of candidates and routes, with the curve of each cascade; None without costs."""
    dots = _dots(report)
    if len(dots) < 2:
        return None
    curves = [point for curve in report.curves for point in _curve(curve)]
    costs = [_number(each["cost"]) for each in (*dots, *curves)]
    scores = [_number(each["score"]) for each in (*dots, *curves)]
    x, y = _axes(costs, scores)
    layers = [*_marks(curves, (x, y)), *_names(dots, (x, y))]
    spec: Spec = {
        "width": WIDTH,
        "height": HEIGHT,
        "data": {"values": dots},
        "layer": layers,
        "resolve": {"axis": {"x": "shared", "y": "shared"}},
    }
    return draw(
        spec,
        title="Cost and quality",
        description="Dollars per 1,000 tasks against quality; diamonds are routes, circles candidates, the line a cascade "
        "at every threshold.",
        name="routes-plot",
    )


def _marks(curves: Sequence[Mapping[str, Json]], axes: tuple[Spec, Spec]) -> list[Spec]:
    """Return the line of each cascade, and a sign for each candidate and route."""
    x, y = axes
    line: Spec = {
        "data": {"values": list(curves)},
        "mark": {"type": "line", "strokeWidth": 2, "color": "var(--undecided)", "point": False},
        "encoding": {
            "x": {"field": "cost", **x},
            "y": {"field": "score", **y},
            "detail": {"field": "curve"},
            "order": {"field": "place", "type": "quantitative"},
        },
    }
    points: Spec = {
        "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
        "encoding": {
            "x": {"field": "cost", **x},
            "y": {"field": "score", **y},
            "color": _scale(_COLOURS),
            "shape": _scale(_SHAPES),
            "description": {"field": "tip"},
        },
    }
    return [*([line] if curves else []), points]


def _names(dots: Sequence[Mapping[str, Json]], axes: tuple[Spec, Spec]) -> list[Spec]:
    """Return the names beside their points, each where it hides least, with a line where it stands far off."""
    (left, right), (bottom, top) = (_domain(axis) for axis in axes)
    points = [
        Point(
            x=WIDTH * math.log(_number(each["cost"]) / left) / math.log(right / left),
            y=HEIGHT * (top - _number(each["score"])) / (top - bottom),
            text=str(each["name"]),
        )
        for each in sorted(dots, key=lambda each: each["kind"] != "route")
        if each["named"]
    ]
    placed = place(points, WIDTH, HEIGHT)
    values: list[Json] = [{"px": each.x, "py": each.y, "text": each.text} for each in placed]
    leaders: list[Json] = [
        {"px": each.point.x, "py": each.point.y, "px2": _near(each), "py2": each.y}
        for each in placed
        if each.led
    ]
    text: Spec = {"type": "text", "align": "left", "baseline": "middle", "fontSize": 12}
    halo: Spec = {**text, "stroke": "var(--paper)", "strokeWidth": 4, "color": "var(--paper)"}
    at: Spec = {"x": _pixel("px"), "y": _pixel("py"), "text": {"field": "text"}}
    ends: Spec = {**at, "x2": {"field": "px2"}, "y2": {"field": "py2"}}
    ends.pop("text")
    line: Spec = {"type": "rule", "strokeWidth": 0.75, "color": "var(--muted)", "opacity": 0.7}
    return [
        *([{"data": {"values": leaders}, "mark": line, "encoding": ends}] if leaders else []),
        {"data": {"values": values}, "mark": halo, "encoding": at},
        {"data": {"values": values}, "mark": {**text, "color": "var(--ink)"}, "encoding": at},
    ]


def _near(name: Placed) -> float:
    return min(max(name.point.x, name.x), name.x + text_width(name.text))


def _pixel(field: str) -> Spec:
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}


def _domain(axis: Spec) -> tuple[float, float]:
    scale = axis["scale"]
    low, high = scale["domain"] if isinstance(scale, dict) else (0.0, 1.0)
    return float(low), float(high)


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _dots(report: RoutingReport) -> list[dict[str, Json]]:
    known = [row for row in report.candidates if _is_known(row.cost_per_task.value, row.quality.value)]
    best = sorted(known, key=lambda row: -(row.quality.value or 0.0))[:LABELS]
    dots = [
        _dot(row.name, "candidate", row.cost_per_task.value, row.quality.value, named=row in best)
        for row in known
    ]
    routes = [
        row for row in report.routes if _is_known(row.cost_per_task.value, row.quality.value) and row.changed
    ]
    dots += [
        _dot(row.name, "route", row.cost_per_task.value, row.quality.value, named=True) for row in routes
    ]
    return dots


def _is_known(cost: float | None, score: float | None) -> bool:
    return cost is not None and score is not None and cost > 0


def _dot(name: str, kind: str, cost: float | None, score: float | None, *, named: bool) -> dict[str, Json]:
    thousand = 1000 * (cost or 0.0)
    tip = f"{label(name, 60)}: {figures.number(score)} at {figures.money(thousand)} per 1,000 tasks"
    return {
        "name": label(name, 40),
        "kind": kind,
        "cost": thousand,
        "score": score,
        "tip": tip,
        "named": named,
    }


def _curve(curve: RouteCurve) -> list[dict[str, Json]]:
    name = " -> ".join(label(each, 60) for each in curve.stages)
    return [
        {"curve": name, "place": place, "cost": 1000 * point.cost, "score": point.quality.value}
        for place, point in enumerate(curve.points)
        if point.cost is not None and point.cost > 0 and point.quality.value is not None
    ]


def _axes(costs: Sequence[float], scores: Sequence[float]) -> tuple[Spec, Spec]:
    low, high = log_domain(costs)
    x: Spec = {
        "type": "quantitative",
        "scale": {"type": "log", "domain": [low, high], "nice": False},
        "axis": {"values": log_ticks(low, high), "format": "$,~r"},
        "title": "dollars per 1,000 tasks (logarithmic)",
    }
    room = max(0.02, 0.1 * (max(scores) - min(scores)))
    domain = [max(0.0, min(scores) - room), min(1.0, max(scores) + room)]
    y: Spec = {
        "type": "quantitative",
        "scale": {"domain": domain, "nice": False, "zero": False},
        "axis": {"tickCount": 6},
        "title": "quality",
    }
    return x, y


def share_svg(report: RoutingReport) -> str | None:
    """Return the quality of each cascade by the share of cases that it sends on, with 95% intervals; None without one."""
    data = [
        {
            "curve": " -> ".join(label(name, 30) for name in curve.stages),
            "share": 100 * point.share,
            "value": point.quality.value,
            "low": point.quality.low,
            "high": point.quality.high,
        }
        for curve in report.curves[:1]
        for point in curve.points
    ]
    if not data:
        return None
    ends = [data[0], data[-1]]
    x: Spec = {"type": "quantitative", "title": "% of cases that go on to the strong candidate"}
    y: Spec = {"type": "quantitative", "scale": {"zero": False}, "axis": {"tickCount": 6}, "title": "quality"}
    both: Spec = {"x": {"field": "share", **x}}
    layers: list[Spec] = [
        {
            "mark": {"type": "area", "opacity": 0.18, "color": "var(--chosen)"},
            "encoding": {**both, "y": {"field": "low", **y}, "y2": {"field": "high"}},
        },
        {
            "mark": {"type": "line", "strokeWidth": 2, "color": "var(--chosen)"},
            "encoding": {**both, "y": {"field": "value", **y}},
        },
        {
            "data": {"values": ends},
            "mark": {"type": "line", "strokeDash": [5, 4], "strokeWidth": 1.5, "color": "var(--muted)"},
            "encoding": {**both, "y": {"field": "value", **y}},
        },
    ]
    return draw(
        {"width": WIDTH, "height": 260, "data": {"values": data}, "layer": layers},
        title=f"Quality of {data[0]['curve']} by the share that goes on",
        description="The line is the cascade with its 95% band, the dashes the same share sent on at random.",
        name="share-plot",
    )


def gains_svg(report: RoutingReport) -> str | None:
    """Return the gain of each route with its interval, and what it seemed to gain; None where there is no route."""
    rows = [row for row in report.routes if row.gain.value is not None]
    if not rows:
        return None
    data = [_gain(row) for row in rows]
    x: Spec = {
        "type": "quantitative",
        "axis": {"tickCount": 6},
        "title": "points beside the best candidate for all; + is what it seemed to gain where it was chosen",
    }
    colour: Spec = {"value": "var(--chosen)"}
    zero: Spec = {
        "data": {"values": [{"zero": 0}]},
        "mark": {"type": "rule", "color": "var(--ink)", "strokeDash": [5, 4]},
        "encoding": {"x": {"field": "zero", **x}},
    }
    interval: Spec = {
        "mark": {"type": "rule", "strokeWidth": 2.5, "opacity": 0.75},
        "encoding": {"x": {"field": "low", **x}, "x2": {"field": "high"}, "color": colour},
    }
    point: Spec = {
        "mark": {"type": "point", "filled": True, "size": 75, "opacity": 1},
        "encoding": {"x": {"field": "value", **x}, "color": colour, "description": {"field": "tip"}},
    }
    seen: Spec = {
        "mark": {"type": "point", "shape": "cross", "size": 70, "opacity": 1},
        "encoding": {"x": {"field": "seen", **x}, "color": {"value": "var(--muted)"}},
    }
    return draw(
        chart([zero, interval, point, seen], data, [row["name"] for row in data]),
        title="Gains",
        description="The gain of each route over the best single candidate in points, with its 95% interval.",
        name="gains-plot",
    )


def _gain(row: RouteReport) -> dict[str, Json]:
    ends = (row.gain.value, row.gain.low, row.gain.high, row.seen_gain)
    value, low, high, seen = (None if end is None else 100 * end for end in ends)
    return {
        "name": label(row.name, 40),
        "value": value,
        "low": low,
        "high": high,
        "seen": seen,
        "tip": f"{label(row.name, 60)}: {difference(row.gain)} points",
    }


def _scale(values: list[str]) -> Spec:
    return {"field": "kind", "type": "nominal", "scale": {"domain": _KINDS, "range": values}, "legend": None}
