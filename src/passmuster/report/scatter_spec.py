"""Cost against quality: the Vega-Lite specification of the picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

from passmuster.records.record import Json, Record
from passmuster.report.axes import log_ticks
from passmuster.report.labels import Box, Placed, Point, hidden, place, text_width
from passmuster.report.scatter import HEIGHT, LEFT, WIDTH, Dot, Scene, Where

Spec: TypeAlias = dict[str, Json]

_COLOURS = {
    "chosen": "var(--chosen)",
    "pass": "var(--pass)",
    "undecided": "var(--undecided)",
    "fail": "var(--fail)",
}
_SHAPES = {"chosen": "diamond", "pass": "circle", "undecided": "square", "fail": "cross"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(Record):
    """The words of a limit: what they may cover, and the side of it at which they are aligned."""

    text: str
    box: Box
    align: Literal["left", "right"]


def spec(scene: Scene) -> Spec:
    """Return the Vega-Lite specification; all marks stand at pixels, so names can be kept apart."""
    points = [_point(dot) for dot in scene.dots]
    limits = _limits(scene, points)
    layers = [
        _axes(scene),
        _line(scene.front),
        *_limit_lines(scene),
        *_limit_texts(limits),
        _bars([(dot, dot.x, dot.y_bar[0], dot.x, dot.y_bar[1]) for dot in scene.dots if dot.y_bar]),
        _bars([(dot, dot.x_bar[0], dot.y, dot.x_bar[1], dot.y) for dot in scene.dots if dot.x_bar]),
        *_arrows(scene.dots),
        _points(scene.dots),
        *_free(scene.dots),
        *_names(scene.dots, place(points, WIDTH, HEIGHT, _lines(scene), [limit.box for limit in limits])),
    ]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "layer": layers,
        "resolve": {"axis": {"x": "shared", "y": "shared"}},
    }


def _axes(scene: Scene) -> Spec:
    """An invisible point at each end carries the scales, whose ranges are those of the axes in pixels."""
    x, y = scene.x, scene.y
    low, high = 10**x.low, 10**x.high
    ends = [{"cost": low * 1000, "score": y.low}, {"cost": high * 1000, "score": y.high}]
    return {
        "data": {"values": ends},
        "mark": {"type": "point", "opacity": 0, "size": 0},
        "encoding": {
            "x": {
                "field": "cost",
                "type": "quantitative",
                "scale": {
                    "type": "log",
                    "domain": [low * 1000, high * 1000],
                    "range": [x.start, x.end],
                    "nice": False,
                },
                "axis": {"values": log_ticks(low * 1000, high * 1000), "format": "$,~r"},
                "title": "dollars per 1,000 successes (logarithmic)",
            },
            "y": {
                "field": "score",
                "type": "quantitative",
                "scale": {"domain": [y.low, y.high], "nice": False, "zero": False},
                "axis": {"tickCount": 6},
                "title": scene.metric,
            },
        },
    }


def _pixel(field: str) -> Spec:
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}


def _line(front: Sequence[Where]) -> Spec:
    values = [{"px": x, "py": y, "order": index} for index, (x, y) in enumerate(front)]
    mark: Spec = {
        "type": "line",
        "interpolate": "step-after",
        "strokeWidth": 1.5,
        "color": "var(--muted)",
        "opacity": 0.8,
    }
    encoding: Spec = {
        "x": _pixel("px"),
        "y": _pixel("py"),
        "order": {"field": "order", "type": "quantitative"},
    }
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}


def _limits(scene: Scene, points: Sequence[Point]) -> list[Limit]:
    """Return the words of the limits, each at the end or side of its line where it hides least."""
    made = []
    if scene.bar is not None:
        at, text = scene.bar
        made.append([_limit(text, at, right=WIDTH), _limit(text, at, left=6)])
    if scene.cost_bar is not None:
        at, text = scene.cost_bar
        sides = [_limit(text, 20, right=at - 5), _limit(text, 20, left=at + 5)]
        within = [side for side in sides if side.box.left >= 0 and side.box.right <= WIDTH]
        made.append(within or sides)
    return [min(spots, key=lambda spot: hidden(spot.box, points)) for spots in made]


def _limit(text: str, bottom: float, *, left: float | None = None, right: float = 0.0) -> Limit:
    wide = text_width(text, bold=True)
    start = right - wide if left is None else left
    box = Box(left=start, top=bottom - 18, right=start + wide, bottom=bottom - 4)
    return Limit(text=text, box=box, align="right" if left is None else "left")


def _limit_lines(scene: Scene) -> list[Spec]:
    values: list[Json] = []
    if scene.bar is not None:
        values.append({"px": 0, "px2": WIDTH, "py": scene.bar[0], "py2": scene.bar[0]})
    if scene.cost_bar is not None:
        values.append({"px": scene.cost_bar[0], "px2": scene.cost_bar[0], "py": 0, "py2": HEIGHT})
    mark: Spec = {"type": "rule", "strokeDash": [5, 4], "strokeWidth": 1.5, "color": "var(--ink)"}
    return [{"data": {"values": values}, "mark": mark, "encoding": _ends()}] if values else []


def _limit_texts(limits: Sequence[Limit]) -> list[Spec]:
    mark: Spec = {"type": "text", "baseline": "bottom", "fontSize": 12, "fontWeight": 600}
    encoding: Spec = {"x": _pixel("px"), "y": _pixel("py"), "text": {"field": "text"}}
    return [
        {
            "data": {
                "values": [
                    {
                        "px": each.box.left if each.align == "left" else each.box.right,
                        "py": each.box.bottom,
                        "text": each.text,
                    }
                ]
            },
            "mark": mark | {"align": each.align, "color": "var(--ink)"},
            "encoding": encoding,
        }
        for each in limits
    ]


def _ends() -> Spec:
    return {"x": _pixel("px"), "x2": {"field": "px2"}, "y": _pixel("py"), "y2": {"field": "py2"}}


def _colour() -> Spec:
    return {"field": "colour", "type": "nominal", "scale": None}


def _bars(bars: Sequence[tuple[Dot, float, float, float, float]]) -> Spec:
    values = [
        {"px": x, "py": y, "px2": x2, "py2": y2, "colour": _COLOURS[dot.role]} for dot, x, y, x2, y2 in bars
    ]
    mark: Spec = {"type": "rule", "strokeWidth": 1.5, "opacity": 0.5, "strokeCap": "round"}
    return {"data": {"values": values}, "mark": mark, "encoding": _ends() | {"color": _colour()}}


def _arrows(dots: Sequence[Dot]) -> list[Spec]:
    """An arrow to the right says "at least this much", one to the left "nothing"."""
    values = [
        {"px": dot.x + (17 if dot.lower_bound else -15), "py": dot.y, "colour": _COLOURS[dot.role]}
        | {"shape": "triangle-right" if dot.lower_bound else "triangle-left"}
        for dot in dots
        if dot.lower_bound or dot.free
    ]
    mark: Spec = {"type": "point", "filled": True, "size": 55, "opacity": 1}
    shape: Spec = {"field": "shape", "type": "nominal", "scale": None}
    encoding: Spec = {"x": _pixel("px"), "y": _pixel("py"), "color": _colour(), "shape": shape}
    return [{"data": {"values": values}, "mark": mark, "encoding": encoding}] if values else []


def _free(dots: Sequence[Dot]) -> list[Spec]:
    if not any(dot.free for dot in dots):
        return []
    mark: Spec = {"type": "text", "baseline": "top", "fontSize": 12, "color": "var(--muted)", "clip": False}
    encoding: Spec = {"x": _pixel("px"), "y": _pixel("py"), "text": {"field": "text"}}
    value = {"px": LEFT, "py": HEIGHT + 7, "text": "$0"}
    return [{"data": {"values": [value]}, "mark": mark, "encoding": encoding}]


def _points(dots: Sequence[Dot]) -> Spec:
    values = [
        {"px": dot.x, "py": dot.y, "colour": _COLOURS[dot.role], "tip": dot.tip}
        | {"shape": _SHAPES[dot.role], "size": 240 if dot.role == "chosen" else 95}
        for dot in reversed(dots)
    ]
    encoding: Spec = {
        "x": _pixel("px"),
        "y": _pixel("py"),
        "color": _colour(),
        "description": {"field": "tip"},
        "shape": {"field": "shape", "type": "nominal", "scale": None},
        "size": {"field": "size", "type": "quantitative", "scale": None},
    }
    mark: Spec = {"type": "point", "filled": True, "opacity": 1, "stroke": "var(--paper)", "strokeWidth": 1.5}
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}


def _names(dots: Sequence[Dot], placed: Sequence[Placed]) -> list[Spec]:
    values = [
        {"px": each.x, "py": each.y, "text": each.text, "weight": 700 if dot.role == "chosen" else 400}
        for each, dot in zip(placed, dots, strict=True)
    ]
    leaders = [
        {"px": each.point.x, "py": each.point.y, "px2": _near(each), "py2": each.y}
        for each in placed
        if each.led
    ]
    text: Spec = {"type": "text", "align": "left", "baseline": "middle", "fontSize": 12}
    encoding: Spec = {"x": _pixel("px"), "y": _pixel("py"), "text": {"field": "text"}}
    halo = text | {"stroke": "var(--paper)", "strokeWidth": 4, "color": "var(--paper)", "strokeJoin": "round"}
    made: list[Spec] = [{"data": {"values": values}, "mark": halo, "encoding": encoding}]
    if leaders:
        line: Spec = {"type": "rule", "strokeWidth": 0.75, "color": "var(--muted)", "opacity": 0.7}
        made.insert(0, {"data": {"values": leaders}, "mark": line, "encoding": _ends()})
    for weight in (400, 700):
        part = [value for value in values if value["weight"] == weight]
        ink = text | {"color": "var(--ink)", "fontWeight": weight}
        made.append({"data": {"values": part}, "mark": ink, "encoding": encoding})
    return made


def _near(name: Placed) -> float:
    wide = text_width(name.text, bold=name.point.bold)
    return min(max(name.point.x, name.x), name.x + wide)


def _point(dot: Dot) -> Point:
    chosen = dot.role == "chosen"
    larger = 4.0 if chosen else 0.0
    left, right = (14.0 if dot.free else larger), (16.0 if dot.lower_bound else larger)
    return Point(x=dot.x, y=dot.y, text=dot.text, bars=_boxes(dot), left=left, right=right, bold=chosen)


def _lines(scene: Scene) -> list[Box]:
    made = []
    for (x, y), (x2, y2) in pairwise(scene.front):
        made.append(Box(left=x, top=y - 2, right=x2, bottom=y + 2))
        made.append(Box(left=x2 - 2, top=min(y, y2), right=x2 + 2, bottom=max(y, y2)))
    if scene.bar is not None:
        made.append(Box(left=0, top=scene.bar[0] - 2, right=WIDTH, bottom=scene.bar[0] + 2))
    if scene.cost_bar is not None:
        made.append(Box(left=scene.cost_bar[0] - 2, top=0, right=scene.cost_bar[0] + 2, bottom=HEIGHT))
    return made


def _boxes(dot: Dot) -> tuple[Box, ...]:
    made = []
    if dot.y_bar is not None:
        made.append(Box(left=dot.x - 2, top=min(dot.y_bar), right=dot.x + 2, bottom=max(dot.y_bar)))
    if dot.x_bar is not None:
        made.append(Box(left=min(dot.x_bar), top=dot.y - 2, right=max(dot.x_bar), bottom=dot.y + 2))
    return tuple(made)
