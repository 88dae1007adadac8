"""The pictures of the report on escalation: risk against coverage, areas beside one another, and stated chances."""

from collections.abc import Sequence

from passmuster.records.escalation import EscalationReport, SignalCalibration, SignalReport
from passmuster.records.record import Json
from passmuster.report import figures
from passmuster.report.escape import label
from passmuster.report.plots import ROW, Spec, draw, name_axis

WIDTH = 560
HEIGHT = 300
OTHERS = 4
"""Other signals in the picture of risks: more lines cannot be told apart. The table has all."""

_DASHES: list[Json] = [[8, 4], [2, 3], [10, 3, 2, 3], [5, 2]]
_X: Spec = {
    "field": "coverage",
    "type": "quantitative",
    "scale": {"domain": [0, 1], "nice": False},
    "axis": {"format": "%", "tickCount": 6},
    "title": "share of all tasks whose reply goes out unseen",
}


def risk_svg(report: EscalationReport, shown: SignalReport) -> str:
    """Return the risk at each coverage: the shown signal with its band, others as thin lines, the target as a line."""
    others = [each for each in report.signals if each.usable and each.name != shown.name and each.points][
        :OTHERS
    ]
    highest = max((point.high for point in shown.points), default=1.0)
    own = [
        {
            "coverage": point.coverage,
            "risk": point.risk,
            "low": point.low,
            "high": point.high,
            "kind": "certified" if point.certified else "not",
            "tip": f"{label(point.rule, 60)}: {figures.percent(point.coverage)} accepted, {figures.percent(point.risk)} of them wrong",
        }
        for point in shown.points
    ]
    y: Spec = {
        "type": "quantitative",
        "scale": {"domain": [0, min(1.0, max(highest, 2 * report.target) * 1.05)], "clamp": True},
        "axis": {"format": "%", "tickCount": 6},
        "title": "share of these that is wrong",
    }
    layers: list[Json] = [_band(y), *(_thin(each, place, y) for place, each in enumerate(others))]
    layers += [_line(y), _points(y), _target(report.target, y)]
    spec: Spec = {"width": WIDTH, "height": HEIGHT, "data": {"values": own}, "layer": layers}
    words = "; ".join(str(each["tip"]) for each in own)
    return draw(
        spec, title="Risk against coverage", description=f"{label(shown.name, 60)}: {words}", name="risk-plot"
    )


def _band(y: Spec) -> Spec:
    return {
        "mark": {"type": "area", "color": "var(--chosen)", "opacity": 0.16},
        "encoding": {"x": _X, "y": {"field": "low", **y}, "y2": {"field": "high"}},
    }


def _line(y: Spec) -> Spec:
    return {
        "mark": {"type": "line", "color": "var(--chosen)", "strokeWidth": 2.2},
        "encoding": {"x": _X, "y": {"field": "risk", **y}},
    }


def _points(y: Spec) -> Spec:
    scale: Json = {"domain": ["certified", "not"], "range": ["diamond", "circle"]}
    colours: Json = {"domain": ["certified", "not"], "range": ["var(--pass)", "var(--muted)"]}
    return {
        "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
        "encoding": {
            "x": _X,
            "y": {"field": "risk", **y},
            "shape": {"field": "kind", "type": "nominal", "scale": scale, "legend": None},
            "color": {"field": "kind", "type": "nominal", "scale": colours, "legend": None},
            "description": {"field": "tip"},
        },
    }


def _thin(signal: SignalReport, place: int, y: Spec) -> Spec:
    rows: list[Json] = [{"coverage": point.coverage, "risk": point.risk} for point in signal.points]
    return {
        "data": {"values": rows},
        "mark": {"type": "line", "color": "var(--muted)", "strokeWidth": 1.4, "strokeDash": _DASHES[place]},
        "encoding": {"x": _X, "y": {"field": "risk", **y}},
    }


def _target(target: float, y: Spec) -> Spec:
    values: list[Json] = [{"target": target, "text": f"target {figures.percent(target)}"}]
    place: Spec = {"y": {"field": "target", **y}}
    rule: Spec = {"mark": {"type": "rule", "color": "var(--ink)", "strokeDash": [5, 4], "strokeWidth": 1.5}}
    mark: Spec = {"type": "text", "align": "left", "baseline": "bottom", "dx": 4, "dy": -3, "fontSize": 12}
    text: Spec = {
        "mark": mark | {"fontWeight": 600, "color": "var(--ink)"},
        "encoding": {**place, "x": {"value": 0}, "text": {"field": "text"}},
    }
    return {"data": {"values": values}, "layer": [rule | {"encoding": place}, text]}


def area_svg(report: EscalationReport) -> str | None:
    """Return the AUROC of each signal with its interval, chance as a line; None where none is known."""
    rows = [each for each in report.signals if each.auroc.value is not None]
    if not rows:
        return None
    data: list[dict[str, Json]] = [
        {
            "name": label(each.name, 40),
            "value": each.auroc.value,
            "low": each.auroc.low,
            "high": each.auroc.high,
            "kind": "usable" if each.usable else "not",
            "tip": f"{label(each.name, 40)}: {figures.interval(each.auroc)}",
        }
        for each in rows
    ]
    values: list[Json] = list(data)
    spec: Spec = {
        "width": WIDTH - 120,
        "height": {"step": ROW},
        "data": {"values": values},
        "layer": _area_layers([row["name"] for row in data]),
    }
    words = "; ".join(str(row["tip"]) for row in data)
    return draw(
        spec, title="How well each signal tells right from wrong", description=words, name="area-plot"
    )


def _area_layers(names: Sequence[Json]) -> list[Json]:
    """Return chance as a line, and an interval with a mark for each signal, whose shape tells whether it is usable."""
    x: Spec = {
        "type": "quantitative",
        "scale": {"zero": False, "nice": True},
        "axis": {"tickCount": 6},
        "title": "AUROC, 95% interval (0.5 is chance)",
    }
    y: Spec = {"field": "name", "type": "nominal", "sort": list(names), "axis": name_axis(names)}
    kinds: Json = {"domain": ["usable", "not"], "range": ["circle", "cross"]}
    colours: Json = {"domain": ["usable", "not"], "range": ["var(--pass)", "var(--fail)"]}
    colour: Json = {"field": "kind", "type": "nominal", "scale": colours, "legend": None}
    chance: Spec = {
        "data": {"values": [{"chance": 0.5}]},
        "mark": {"type": "rule", "color": "var(--ink)", "strokeDash": [5, 4]},
        "encoding": {"x": {"field": "chance", **x}},
    }
    rule: Spec = {
        "mark": {"type": "rule", "strokeWidth": 2.5, "strokeCap": "round"},
        "encoding": {"x": {"field": "low", **x}, "x2": {"field": "high"}, "y": y, "color": colour},
    }
    point: Spec = {
        "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
        "encoding": {
            "x": {"field": "value", **x},
            "y": y,
            "color": colour,
            "shape": {"field": "kind", "type": "nominal", "scale": kinds, "legend": None},
            "description": {"field": "tip"},
        },
    }
    return [chance, rule, point]


def reliability_svg(signal: SignalReport, found: SignalCalibration, place: int) -> str:
    """Return what is right at each stated chance, beside the line on which both are equal."""
    data: list[Json] = [
        {
            "stated": each.confidence,
            "right": each.right,
            "low": each.low,
            "high": each.high,
            "tip": f"stated {figures.percent(each.confidence)}, right {figures.percent(each.right)} of {each.n:,}",
        }
        for each in found.bins
    ]
    spec: Spec = {"width": 360, "height": 300, "data": {"values": data}, "layer": _reliability_layers()}
    words = _reliability_words(data)
    return draw(
        spec, title=f"Is {label(signal.name, 40)} true?", description=words, name=f"reliability-{place}"
    )


def _reliability_layers() -> list[Json]:
    """Return the line on which stated chances are true, and a mark with its interval for each bin."""
    scale: Json = {"domain": [0, 1], "nice": False}
    axis: Json = {"format": "%", "tickCount": 6}
    x: Spec = {"type": "quantitative", "scale": scale, "axis": axis, "title": "stated, mean of the bin"}
    y: Spec = {"type": "quantitative", "scale": scale, "axis": axis, "title": "right, 95% interval"}
    even: Spec = {
        "data": {"values": [{"stated": 0, "right": 0}, {"stated": 1, "right": 1}]},
        "mark": {"type": "line", "color": "var(--ink)", "strokeDash": [5, 4], "strokeWidth": 1.2},
        "encoding": {"x": {"field": "stated", **x}, "y": {"field": "right", **y}},
    }
    rule: Spec = {
        "mark": {"type": "rule", "color": "var(--chosen)", "strokeWidth": 2},
        "encoding": {"x": {"field": "stated", **x}, "y": {"field": "low", **y}, "y2": {"field": "high"}},
    }
    point: Spec = {
        "mark": {"type": "point", "filled": True, "color": "var(--chosen)", "size": 70, "opacity": 1},
        "encoding": {
            "x": {"field": "stated", **x},
            "y": {"field": "right", **y},
            "description": {"field": "tip"},
        },
    }
    return [even, rule, point]


def _reliability_words(data: Sequence[Json]) -> str:
    return "; ".join(str(each["tip"]) for each in data if isinstance(each, dict))
