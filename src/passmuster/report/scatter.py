"""Cost against quality: where each candidate stands in the picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.record import Record
from passmuster.records.score import Estimate
from passmuster.report import figures
from passmuster.report.axes import mathematical
from passmuster.report.escape import label
from passmuster.report.rows import bar_of, name, ordered, primary

Where: TypeAlias = tuple[float, float]

WIDTH = 760
HEIGHT = 400
LEFT = 28.0  # where candidates that cost nothing stand: a logarithmic axis has no zero
FAR = 20.0  # a person's work that costs so many times the dearest model would squeeze all others together


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis(Record):
    """From values to pixels: `start` and `end` are pixels, `low` and `high` values (or their logarithms)."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """Return the pixel of a value, held within the axis."""
        scaled = math.log10(value) if self.log else value
        share = (scaled - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot(Record):
    """A candidate in the picture: pixels of the point and of the ends of its intervals."""

    text: str
    tip: str
    role: str
    x: float
    y: float
    x_bar: Where | None
    y_bar: Where | None
    lower_bound: bool
    free: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene(Record):
    """All that the picture shows."""

    metric: str
    x: Axis
    y: Axis
    dots: tuple[Dot, ...]
    front: tuple[Where, ...]
    bar: tuple[float, str] | None
    cost_bar: tuple[float, str] | None
    summary: str


def scene(comparison: Comparison) -> Scene | None:
    """Return what the picture shows, or None where no candidate has both a cost and a score."""
    metric = primary(comparison)
    if metric is None:
        return None
    rows = _placed(comparison, metric.name)
    if not rows:
        return None
    bar, cost_bar = bar_of(comparison, metric.name), bar_of(comparison, "cost_per_success")
    x = _cost_axis(rows, None if cost_bar is None else cost_bar.limit)
    y = _score_axis([row.metrics[metric.name] for row in rows], None if bar is None else bar.limit)
    dots = tuple(_dot(comparison, row, row.metrics[metric.name], x, y) for row in rows)
    return Scene(
        metric=label(metric.name, 40),
        x=x,
        y=y,
        dots=dots,
        front=_front(dots, higher=metric.direction == "higher"),
        bar=None if bar is None else (y.at(bar.limit), mathematical(bar.bar)),
        cost_bar=None if cost_bar is None else (x.at(cost_bar.limit), mathematical(cost_bar.bar)),
        summary=" ".join(f"{dot.tip}." for dot in dots),
    )


def unplaced(comparison: Comparison) -> tuple[str, ...]:
    """Return the candidates that the picture leaves out, each with why."""
    metric = primary(comparison)
    shown = set() if metric is None else {row.name for row in _placed(comparison, metric.name)}
    return tuple(_why_left_out(row) for row in ordered(comparison) if row.name not in shown)


def _why_left_out(row: CandidateReport) -> str:
    cost = row.cost.per_success.value
    if cost is None:
        return f"{name(row)} (cost unknown)"
    return f"{name(row)} ({figures.per_thousand(cost, row.cost.basis)} dollars per 1,000 successes)"


def _placed(comparison: Comparison, metric: str) -> list[CandidateReport]:
    rows = [row for row in ordered(comparison) if _placeable(row, metric)]
    others = [row.cost.per_success.value or 0.0 for row in rows if row.kind != "manual"]
    limit = FAR * max(others, default=0.0)
    return [
        row for row in rows if row.kind != "manual" or not 0 < limit < (row.cost.per_success.value or 0.0)
    ]


def _placeable(row: CandidateReport, metric: str) -> bool:
    score = row.metrics.get(metric)
    return score is not None and score.value is not None and row.cost.per_success.value is not None


def _cost_axis(rows: Sequence[CandidateReport], limit: float | None) -> Axis:
    ends = [
        value
        for row in rows
        for value in (row.cost.per_success.low, row.cost.per_success.value, row.cost.per_success.high, limit)
        if value is not None and value > 0
    ] or [0.001]
    low, high = math.log10(min(ends)), math.log10(max(ends))
    room = max(0.04 * (high - low), 0.1)
    free = any(row.cost.per_success.value == 0 for row in rows)
    start = LEFT + 22 if free else 0.0
    return Axis(low=low - room, high=high + room, start=start, end=float(WIDTH), log=True)


def _score_axis(scores: Sequence[Estimate], limit: float | None) -> Axis:
    ends = [end for score in scores for end in (score.low, score.value, score.high) if end is not None]
    ends += [] if limit is None else [limit]
    low, high = min(ends), max(ends)
    room = max(0.08 * (high - low), 0.005)
    return Axis(low=low - room, high=high + room, start=float(HEIGHT), end=0.0)


def _dot(comparison: Comparison, row: CandidateReport, score: Estimate, x: Axis, y: Axis) -> Dot:
    cost = row.cost.per_success
    value, free = cost.value or 0.0, not cost.value
    chosen = row.name == comparison.decision.chosen
    tags = [
        *(["chosen"] if chosen else []),
        *(["incumbent"] if row.name == comparison.incumbent else []),
        *(["stated"] if row.cost.basis == "stated" else []),
    ]
    text = name(row) + (f" ({', '.join(tags)})" if tags else "")
    ranged = cost.low is not None and cost.high is not None and cost.low > 0
    return Dot(
        text=text,
        tip=f"{text}: {figures.interval(score)}, {figures.per_thousand(cost.value, row.cost.basis)} dollars per 1,000",
        role="chosen" if chosen else row.verdict.status,
        x=LEFT if free else x.at(value),
        y=y.at(score.value or 0.0),
        x_bar=(x.at(cost.low or value), x.at(cost.high or value)) if ranged and not free else None,
        y_bar=None if score.low is None or score.high is None else (y.at(score.low), y.at(score.high)),
        lower_bound=row.cost.basis == "lower_bound",
        free=free,
    )


def _front(dots: Sequence[Dot], *, higher: bool) -> tuple[Where, ...]:
    """Join those for which no other is both cheaper and better; a lower bound is no known cost."""
    front: list[Where] = []
    for dot in sorted((dot for dot in dots if not dot.lower_bound), key=lambda dot: (dot.x, dot.y)):
        better = not front or (dot.y < front[-1][1] if higher else dot.y > front[-1][1])
        if better:
            front.append((dot.x, dot.y))
    return (*front, (float(WIDTH), front[-1][1])) if front else ()
