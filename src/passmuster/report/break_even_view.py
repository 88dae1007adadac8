"""Build, fine-tune or buy: break-even as tables, a picture, columns of text and a sentence."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from passmuster.records.break_even import BreakEven, BreakEvenReport, TariffReport
from passmuster.records.comparison import Comparison
from passmuster.records.record import Json, Record
from passmuster.records.score import Estimate
from passmuster.report import figures
from passmuster.report.axes import log_ticks
from passmuster.report.costs_view import money
from passmuster.report.plots import Spec, draw
from passmuster.report.rows import Column, name, sentence
from passmuster.report.views import Cell, Grid, Line, columns_of, line, plain, words

CURVES = 6
"""Lines that can be told apart; the others are hardly ever the cheapest, and stand in the JSON."""

STEPS = 10
"""Of the volumes every so many-th is a row of the table."""

WIDTH = 560
HEIGHT = 260
_COLOURS = ["var(--chosen)", "var(--fail)", "var(--pass)", "var(--undecided)", "var(--ink)", "var(--muted)"]
_DASHES: list[Json] = [[1, 0], [8, 4], [2, 3], [10, 3, 2, 3], [5, 2], [1, 2]]
_LEAST = 0.005
_HIGHEST = 0.98  # of the greatest probability: where a curve counts as highest
_EDGE = 0.13  # of the width, in which a name is written away from the edge


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEvenView(Record):
    """What the page says of break-even, beside its picture."""

    note: str
    points: Grid | None
    months: Grid | None
    tariffs: Grid | None
    undrawn: tuple[str, ...]


def break_even(comparison: Comparison) -> BreakEvenView | None:
    """Return what the page says of break-even; None where nobody pays anything before the first task."""
    note = break_even_note(comparison)
    if note is None:
        return None
    return BreakEvenView(
        note=note,
        points=points(comparison),
        months=None if _always_the_same(comparison) else months(comparison),
        tariffs=tariffs(comparison),
        undrawn=undrawn(comparison),
    )


def tasks(volume: float | None) -> str:
    """Write a volume with three significant digits.

    Example:
        >>> tasks(1_234_567), tasks(None)
        ('1,230,000', '-')
    """
    return figures.MISSING if volume is None else f"{float(f'{volume:.3g}'):,.0f}"


def tariffs(comparison: Comparison) -> Grid | None:
    """Return what each candidate pays before its first task and for each; None without break-even."""
    found = comparison.break_even
    if found is None:
        return None
    heads = [
        "a task",
        "a month whatever the volume",
        "a machine a month",
        "tasks a machine",
        "machines at least",
    ]
    rows = {row.name: row for row in comparison.candidates}
    lines = tuple(line(comparison, rows[each.name], _tariff_cells(each)) for each in found.tariffs)
    return Grid(heads=(("candidate", False), *((head, True) for head in heads)), lines=lines)


def _tariff_cells(each: TariffReport) -> Iterable[Cell]:
    yield money(Estimate(value=each.per_task, low=each.low, high=each.high))
    yield plain(figures.money(each.fixed))
    yield plain(None if each.tasks is None else figures.money(each.machine))
    yield plain(None if each.tasks is None else tasks(each.tasks))
    yield plain(None if each.tasks is None else str(each.least))


def points(comparison: Comparison) -> Grid | None:
    """Return from which volume one is cheaper than another; None without break-even."""
    found = comparison.break_even
    if found is None or not found.points:
        return None
    rows = {row.name: row for row in comparison.candidates}
    heads = (
        ("candidate", False),
        ("cheaper than", False),
        ("from tasks a month", True),
        ("for good from", True),
    )
    lines = tuple(line(comparison, rows[each.name], _point_cells(each)) for each in found.points)
    return Grid(heads=(*heads, ("in draws", True)), lines=lines)


def _point_cells(each: BreakEven) -> Iterable[Cell]:
    yield words(name(each.than))
    known = each.low is not None and each.high is not None
    ends = f"[{tasks(each.low)}, {tasks(each.high)}]" if known else ""
    never = "at no volume" if each.volume is None else ""
    yield Cell(text=never or tasks(each.volume), range=ends, value=repr(each.volume))
    yield plain(None if each.settled is None else tasks(each.settled))
    yield plain(figures.percent(each.share))


def months(comparison: Comparison) -> Grid | None:
    """Return at some volumes what each candidate costs a month and how probably it is the cheapest."""
    found = comparison.break_even
    if found is None:
        return None
    names = _drawn(found)
    heads = (("tasks a month", False), *((name(each), True) for each in names))
    lines = tuple(
        Line(
            name=tasks(found.volumes[place]),
            tags=(),
            chosen=False,
            cells=tuple(_month_cell(found, each, place) for each in names),
        )
        for place in range(0, len(found.volumes), STEPS)
    )
    return Grid(heads=heads, lines=lines)


def _month_cell(found: BreakEvenReport, candidate: str, place: int) -> Cell:
    cost, chance = found.costs[candidate][place], found.cheapest[candidate][place]
    return Cell(text=figures.money(cost), range=f"cheapest {figures.percent(chance)}", value=repr(cost))


def _drawn(found: BreakEvenReport) -> list[str]:
    most = sorted(found.cheapest, key=lambda each: -max(found.cheapest[each]))
    return [each for each in most if max(found.cheapest[each]) >= _LEAST][:CURVES]


def undrawn(comparison: Comparison) -> tuple[str, ...]:
    """Return who has no curve, each with why."""
    found = comparison.break_even
    if found is None:
        return ()
    shown = _drawn(found)
    rest = [f"{name(each)} (hardly ever the cheapest)" for each in found.costs if each not in shown]
    return (*rest, *(f"{name(each)} ({sentence(why)})" for each, why in found.left_out.items()))


def _always_the_same(comparison: Comparison) -> bool:
    """Say whether one is the cheapest at every volume, which the sentence says: a flat line shows nothing more."""
    found = comparison.break_even
    return found is not None and len(_drawn(found)) == 1


def break_even_svg(comparison: Comparison) -> str | None:
    """Return the probability of each candidate to be the cheapest as a curve over volume.

    None without break-even, and where one is the cheapest at every volume.
    """
    found = comparison.break_even
    if found is None or _always_the_same(comparison):
        return None
    names = _drawn(found)
    data: list[dict[str, Json]] = [
        {"name": name(each), "volume": volume, "chance": chance}
        for each in names
        for volume, chance in zip(found.volumes, found.cheapest[each], strict=True)
    ]
    labels = [_label(found, each) for each in names]
    spec: Spec = {
        "width": WIDTH,
        "height": HEIGHT,
        "data": {"values": data},
        "layer": [_curves(names, found), _names(labels, found), *_today(found)],
    }
    return draw(
        spec,
        title="Which is the cheapest at which volume",
        description="The probability of each candidate to cost least a month, over tasks a month. "
        + sentence(found.sentence),
        name="break-even-plot",
    )


def _label(found: BreakEvenReport, candidate: str) -> dict[str, Json]:
    """Return where a name stands: in the middle of where its curve is highest, so that no colour must be looked up."""
    chances = found.cheapest[candidate]
    most = max(chances)
    highest = [place for place, chance in enumerate(chances) if chance >= _HIGHEST * most]
    place = highest[len(highest) // 2]
    part = place / max(len(chances) - 1, 1)
    align = "left" if part < _EDGE else "right" if part > 1 - _EDGE else "center"
    return {"name": name(candidate), "volume": found.volumes[place], "chance": most, "align": align}


def _x(found: BreakEvenReport) -> Spec:
    low, high = found.volumes[0], found.volumes[-1]
    return {
        "field": "volume",
        "type": "quantitative",
        "scale": {"type": "log", "nice": False, "domain": [low, high]},
        "axis": {"values": log_ticks(low, high), "format": "~s"},
        "title": "tasks a month (logarithmic)",
    }


def _curves(names: list[str], found: BreakEvenReport) -> Spec:
    shown: list[Json] = [name(each) for each in names]
    y: Spec = {
        "field": "chance",
        "type": "quantitative",
        "scale": {"domain": [0, 1.1]},
        "axis": {"format": "%", "values": [0, 0.25, 0.5, 0.75, 1]},
        "title": "probability to be the cheapest",
    }
    return {
        "mark": {"type": "line", "strokeWidth": 2.2},
        "encoding": {
            "x": _x(found),
            "y": y,
            "color": {
                "field": "name",
                "type": "nominal",
                "scale": {"domain": shown, "range": list(_COLOURS[: len(shown)])},
                "legend": None,
            },
            "strokeDash": {
                "field": "name",
                "type": "nominal",
                "scale": {"domain": shown, "range": _DASHES[: len(shown)]},
                "legend": None,
            },
        },
    }


def _names(labels: list[dict[str, Json]], found: BreakEvenReport) -> Spec:
    layers: list[Json] = []
    for align in ("left", "center", "right"):
        mark: Spec = {"type": "text", "align": align, "baseline": "bottom", "dy": -5, "fontSize": 12}
        layers.append(
            {
                "transform": [{"filter": f"datum.align === '{align}'"}],
                "mark": mark | {"fontWeight": 600, "color": "var(--ink)"},
                "encoding": {
                    "x": _x(found),
                    "y": {"field": "chance", "type": "quantitative"},
                    "text": {"field": "name"},
                },
            }
        )
    values: list[Json] = list(labels)
    return {"data": {"values": values}, "layer": layers}


def _today(found: BreakEvenReport) -> list[Json]:
    if found.volume is None:
        return []
    line_: Spec = {"type": "rule", "color": "var(--ink)", "strokeDash": [5, 4], "strokeWidth": 1.5}
    return [{"data": {"values": [{"volume": found.volume}]}, "mark": line_, "encoding": {"x": _x(found)}}]


def break_even_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return from which volume one is cheaper than another as columns of text."""
    return columns_of(points(comparison), "break_even")


def month_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return what a month costs at some volumes as columns of text."""
    made = columns_of(months(comparison), "month")
    return (replace(made[0], title="tasks a month"), *made[1:]) if made else ()


def break_even_note(comparison: Comparison) -> str | None:
    """Return in a sentence who is the cheapest at the stated volume, and where that turns; None without break-even."""
    return None if comparison.break_even is None else sentence(comparison.break_even.sentence)
