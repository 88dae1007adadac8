"""The pictures of the report: Vega-Lite specifications and their SVG."""

import json
from collections.abc import Mapping, Sequence
from threading import Thread
from typing import TypeAlias

import vl_convert

from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.record import Json
from passmuster.report import figures, scatter, scatter_spec
from passmuster.report.axes import log_domain, log_ticks, mathematical
from passmuster.report.rows import bar_of, name, ordered, short
from passmuster.report.svg import clean

Spec: TypeAlias = dict[str, Json]

WIDTH = 560
ROW = 26
_ROLES = ["chosen", "pass", "undecided", "fail"]
_COLOURS = ["var(--chosen)", "var(--pass)", "var(--undecided)", "var(--fail)"]
_SHAPES = ["diamond", "circle", "square", "cross"]

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_EMPTY = json.dumps({"$schema": _SCHEMA, "data": {"values": []}, "mark": "point"})


def cost_quality_svg(comparison: Comparison) -> str | None:
    """Return the picture of cost against quality, or None where fewer than one candidate can be placed."""
    scene = scatter.scene(comparison)
    if scene is None:
        return None
    text = f"Cost per 1,000 successes against {scene.metric}, with 95% intervals. {scene.summary}"
    return draw(
        scatter_spec.spec(scene), title=f"Cost against {scene.metric}", description=text, name="cost-quality"
    )


def latency_svg(comparison: Comparison) -> str | None:
    """Return p50, p95 and p99 of every candidate on a logarithmic axis, or None where no time is known."""
    rows = [row for row in ordered(comparison) if row.kind != "manual" and (row.latency.p50.value or 0) > 0]
    if not rows:
        return None
    data = [_latency_row(comparison, row) for row in rows]
    times = [(row.latency.p50, row.latency.p95, row.latency.p99) for row in rows]
    values = [each.value for row in times for each in row if each.value is not None and each.value > 0]
    bars = {key: bar for key in ("p50", "p95", "p99") if (bar := bar_of(comparison, f"latency_{key}"))}
    low, high = log_domain([*values, *(bar.limit for bar in bars.values())])
    x: Spec = {
        "type": "quantitative",
        "scale": {"type": "log", "domain": [low, high], "nice": False},
        "axis": {"values": log_ticks(low, high), "labelExpr": "format(datum.value, ',~r') + ' s'"},
        "title": "seconds (logarithmic): thick p50 to p95, thin to p99",
    }
    layers = [
        _rule("p50", "p99", x, width=1.5, opacity=0.7),
        _rule("p50", "p95", x, width=5, opacity=0.55),
        *(
            _latency_point(key, shape, x)
            for key, shape in (("p50", "circle"), ("p95", "diamond"), ("p99", "stroke"))
        ),
        *(_limit(bar.limit, mathematical(bar.bar), x) for bar in bars.values()),
    ]
    spec = chart(layers, data, [row["name"] for row in data])
    return draw(
        spec,
        title="Latency",
        description="Times p50, p95 and p99 of each candidate in seconds.",
        name="latency-plot",
    )


def forest_svg(comparison: Comparison, metric: str) -> str | None:
    """Return the intervals of one metric, a line for each candidate, against its bar."""
    rows = [
        row for row in ordered(comparison) if metric in row.metrics and row.metrics[metric].value is not None
    ]
    if not rows:
        return None
    data = [_forest_row(comparison, row, metric) for row in rows]
    bar = bar_of(comparison, metric)
    x: Spec = {
        "type": "quantitative",
        "scale": {"zero": False, "nice": True},
        "axis": {"tickCount": 6},
        "title": f"{short(metric)}, 95% interval",
    }
    point: Spec = {
        "mark": {"type": "point", "filled": True, "size": 75, "opacity": 1},
        "encoding": {
            "x": {"field": "value", **x},
            "shape": _scaled("role", _SHAPES),
            "color": _scaled("role", _COLOURS),
        },
    }
    layers = [_rule("low", "high", x, width=2.5, opacity=0.75), point]
    if bar is not None:
        layers.append(_limit(bar.limit, mathematical(bar.bar), x))
    spec = chart(layers, data, [row["name"] for row in data])
    text = f"{metric} of each candidate with its 95% interval" + (f"; {bar.bar}" if bar else "")
    position = [each.name for each in comparison.metrics].index(metric)
    return draw(spec, title=f"Intervals of {metric}", description=text, name=f"forest-{position}")


def chart(layers: Sequence[Spec], data: Sequence[Mapping[str, Json]], names: Sequence[Json]) -> Spec:
    """Return a chart with one line for each candidate, in the given order."""
    y: Spec = {"field": "name", "type": "nominal", "sort": list(names), "axis": name_axis(names)}
    drawn = [
        layer if "data" in layer else {**layer, "encoding": {"y": y, **_mapping(layer["encoding"])}}
        for layer in layers
    ]
    return {"width": WIDTH, "height": {"step": ROW}, "data": {"values": list(data)}, "layer": drawn}


def name_axis(names: Sequence[Json]) -> Spec:
    """Return an axis with room for these names: a browser's letters are wider than those the picture is laid out by."""
    return {
        "title": None,
        "labelLimit": 220,
        "ticks": False,
        "domain": False,
        "labelPadding": 10,
        "minExtent": 20 + max((7.2 * len(str(each)) for each in names), default=0),
    }


def warm_up() -> Thread:
    """Start what draws the pictures in a thread; it takes a third of a second, and holds up nothing meanwhile.

    The pictures are the same without it, and come later.
    """
    thread = Thread(target=vl_convert.vegalite_to_svg, args=(_EMPTY,), name="warm-up of the pictures")
    thread.start()
    return thread


def draw(spec: Spec, *, title: str, description: str, name: str) -> str:
    """Return the picture of a Vega-Lite specification as harmless SVG."""
    axis = {
        "labelColor": "var(--muted)",
        "titleColor": "var(--muted)",
        "gridColor": "var(--grid)",
        "tickColor": "var(--grid)",
        "domainColor": "var(--grid)",
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titlePadding": 12,
    }
    config = {
        "axis": axis,
        "view": {"stroke": None},
        "font": "system-ui, sans-serif",
        "legend": {"disable": True},
    }
    full = {
        "$schema": _SCHEMA,
        "background": None,
        "padding": 8,
        "config": config,
        **spec,
    }
    made: str = vl_convert.vegalite_to_svg(json.dumps(full))
    return clean(made, title=title, description=description, name=name)


def role(comparison: Comparison, row: CandidateReport) -> str:
    """Return what decides shape and colour: chosen, or the verdict."""
    return "chosen" if row.name == comparison.decision.chosen else row.verdict.status


def _latency_row(comparison: Comparison, row: CandidateReport) -> dict[str, Json]:
    times = row.latency
    p50, p95, p99 = (each.value for each in (times.p50, times.p95, times.p99))
    return {
        "name": name(row),
        "role": role(comparison, row),
        "p50": p50,
        "p95": p95,
        "p99": p99,
        "tip": f"{name(row)}: p50 {figures.seconds(p50)}, p95 {figures.seconds(p95)}, p99 {figures.seconds(p99)}",
    }


def _forest_row(comparison: Comparison, row: CandidateReport, metric: str) -> dict[str, Json]:
    value = row.metrics[metric]
    return {
        "name": name(row),
        "role": role(comparison, row),
        "value": value.value,
        "low": value.low,
        "high": value.high,
        "tip": f"{name(row)}: {figures.interval(value)}",
    }


def _scaled(field: str, values: Sequence[str]) -> Spec:
    return {
        "field": field,
        "type": "nominal",
        "scale": {"domain": _ROLES, "range": list(values)},
        "legend": None,
    }


def _rule(start: str, end: str, x: Spec, *, width: float, opacity: float) -> Spec:
    return {
        "mark": {"type": "rule", "strokeWidth": width, "opacity": opacity, "strokeCap": "round"},
        "transform": [{"filter": f"isValid(datum.{start}) && isValid(datum.{end})"}],
        "encoding": {"x": {"field": start, **x}, "x2": {"field": end}, "color": _scaled("role", _COLOURS)},
    }


def _latency_point(key: str, shape: str, x: Spec) -> Spec:
    mark: Spec = {"type": "point", "filled": shape != "stroke", "shape": shape, "size": 60, "opacity": 1}
    if shape == "stroke":
        mark |= {"angle": 90, "strokeWidth": 2}
    return {
        "mark": mark,
        "transform": [{"filter": f"isValid(datum.{key})"}],
        "encoding": {
            "x": {"field": key, **x},
            "color": _scaled("role", _COLOURS),
            "description": {"field": "tip"},
        },
    }


def _limit(limit: float, text: str, x: Spec) -> Spec:
    values: Spec = {"values": [{"limit": limit, "text": text}]}
    line: Spec = {"mark": {"type": "rule", "color": "var(--ink)", "strokeDash": [5, 4], "strokeWidth": 1.5}}
    mark: Spec = {"type": "text", "align": "center", "baseline": "bottom", "color": "var(--ink)"}
    place: Spec = {"x": {"field": "limit", **x}}
    label: Spec = {
        "mark": mark | {"fontSize": 12, "fontWeight": 600, "dy": -4},
        "encoding": {**place, "y": {"value": 0}, "text": {"field": "text"}},
    }
    return {"data": values, "layer": [line | {"encoding": place}, label]}


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
