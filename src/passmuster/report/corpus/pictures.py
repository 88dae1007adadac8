"""The pictures of a description: traffic as a broad bar, the corpus as a thin one upon it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from passmuster.records.description import Part, Parts, Profile
from passmuster.records.record import Json
from passmuster.report.escape import label
from passmuster.report.figures import percent
from passmuster.report.plots import ROW, draw

Spec: TypeAlias = dict[str, Json]

SHOWN = 20
"""Parts that a picture shows; the table below it has more."""

BROAD, THIN = 17, 6
_TRAFFIC, _CORPUS = "var(--bar-traffic)", "var(--chosen)"
_HOURS_HIGH = 150
_WIDE = 480
_LEAST_SHOWN = 0.005
_SHARE = "format(datum.value * 100, ',~r') + ' %'"
_NAMES: Spec = {
    "labelLimit": 155,
    "minExtent": 200,
    "maxExtent": 200,
    "ticks": False,
    "domain": False,
    "labelPadding": 10,
}
"""Names take the same room in every picture, so that all have one scale.

They are measured in another font than a browser may have: the limit leaves a fifth of the room for a wider one.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A part of the traffic and of the corpus; None where there is no such body, or it has not the part."""

    name: str
    traffic: Part | None
    corpus: Part | None


def paired(traffic: Parts | None, corpus: Parts | None, *, keep_order: bool = False) -> list[Pair]:
    """Return the parts of both by name: by their size in the traffic, then in the corpus, or in the given order."""
    own = {part.name: part for part in traffic or ()}
    its = {part.name: part for part in corpus or ()}
    pairs = [
        Pair(name=name, traffic=own.get(name), corpus=its.get(name)) for name in dict.fromkeys([*own, *its])
    ]
    if keep_order:
        return pairs

    def size(pair: Pair) -> tuple[float, float, str]:
        traffic, corpus = (0.0 if part is None else -part.share for part in (pair.traffic, pair.corpus))
        return (traffic, corpus, pair.name)

    return sorted(pairs, key=size)


def share_of(part: Part | None) -> float:
    """Return what a part counts for: its share of the traffic that it stands for, else its share of the cases."""
    if part is None:
        return 0.0
    return part.share if part.weighted is None else part.weighted


def bars_svg(pairs: Sequence[Pair], *, title: str, name: str, both: tuple[bool, bool]) -> str:
    """Return bars of the first parts.

    Args:
        pairs: What is shown, the largest first.
        title: What they are parts of.
        name: A name for the picture, unique in the page.
        both: Whether there is traffic, and whether there is a corpus.
    """
    shown = _worth_showing(pairs)[:SHOWN]
    data = [_row(pair, both) for pair in shown]
    layers: list[Spec] = []
    if both[0]:
        layers.append(_bar("traffic", BROAD, _TRAFFIC))
    if both[1]:
        layers.append(_bar("corpus", THIN if both[0] else BROAD, _CORPUS))
    layers.append(_figures())
    y: Spec = {
        "field": "name",
        "type": "nominal",
        "sort": [row["name"] for row in data],
        "title": None,
        "axis": _NAMES,
    }
    spec: Spec = {
        "width": _WIDE,
        "height": {"step": ROW},
        "data": {"values": data},
        "encoding": {"y": y},
        "layer": layers,
    }
    return draw(spec, title=title, description=_words(shown, title, both), name=name)


def _worth_showing(pairs: Sequence[Pair]) -> Sequence[Pair]:
    """Leave out what is next to nothing in both, unless hardly anything would be left."""
    large = [pair for pair in pairs if max(share_of(pair.traffic), share_of(pair.corpus)) >= _LEAST_SHOWN]
    return large or pairs


def _row(pair: Pair, both: tuple[bool, bool]) -> dict[str, Json]:
    traffic, corpus = share_of(pair.traffic), share_of(pair.corpus)
    own = [percent(share) for share, there in ((traffic, both[0]), (corpus, both[1])) if there]
    shown = label(pair.name, 30)
    return {
        "name": shown,
        "traffic": traffic,
        "corpus": corpus,
        "end": max(traffic if both[0] else 0.0, corpus if both[1] else 0.0),
        "text": " · ".join(own),
        "tip": f"{shown}: " + _said(traffic, corpus, both),
    }


def _said(traffic: float, corpus: float, both: tuple[bool, bool]) -> str:
    parts = [f"{percent(traffic)} of the traffic"] if both[0] else []
    return ", ".join([*parts, *([f"{percent(corpus)} of the corpus"] if both[1] else [])])


def _words(pairs: Sequence[Pair], title: str, both: tuple[bool, bool]) -> str:
    parts = (
        f"{label(pair.name, 40)}: {_said(share_of(pair.traffic), share_of(pair.corpus), both)}"
        for pair in pairs
    )
    return f"{title}. " + "; ".join(parts) + "."


def _x(field: str) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "axis": {"labelExpr": _SHARE, "tickCount": 5},
        "title": None,
    }


def _bar(field: str, size: int, colour: str) -> Spec:
    mark: Spec = {"type": "bar", "size": size, "color": colour}
    return {"mark": mark, "encoding": {"x": _x(field), "description": {"field": "tip"}}}


def _figures() -> Spec:
    mark: Spec = {"type": "text", "align": "left", "dx": 6, "fontSize": 12, "color": "var(--muted)"}
    return {"mark": mark, "encoding": {"x": _x("end"), "text": {"field": "text"}}}


def hours_svg(traffic: Profile | None, corpus: Profile | None) -> str | None:
    """Return the hours of the day at which both were asked, in UTC; None where no time is known."""
    own, its = _hours(traffic), _hours(corpus)
    if not own and not its:
        return None
    data: list[Json] = [
        {"hour": f"{hour:02}", "traffic": own[hour] if own else 0.0, "corpus": its[hour] if its else 0.0}
        for hour in range(24)
    ]
    layers: list[Json] = []
    if own:
        layers.append(_column("traffic", BROAD, _TRAFFIC))
    if its:
        layers.append(_column("corpus", THIN if own else BROAD, _CORPUS))
    spec: Spec = {"width": 620, "height": _HOURS_HIGH, "data": {"values": data}, "layer": layers}
    most = [max(range(24), key=lambda hour: shares[hour]) for shares in (own, its) if shares]
    bodies = [name for name, shares in (("traffic", own), ("corpus", its)) if shares]
    busiest = "; ".join(f"{body}: most at {hour:02} o'clock" for body, hour in zip(bodies, most, strict=True))
    return draw(
        spec,
        title="Hours of the day",
        description=f"Shares by hour of day in UTC. {busiest}.",
        name="hours-plot",
    )


def _hours(profile: Profile | None) -> list[float]:
    total = sum(profile.hours) if profile is not None else 0
    return [count / total for count in profile.hours] if profile is not None and total else []


def _column(field: str, size: int, colour: str) -> Spec:
    y: Spec = {
        "field": field,
        "type": "quantitative",
        "axis": {"labelExpr": _SHARE, "tickCount": 4},
        "title": None,
    }
    x: Spec = {"field": "hour", "type": "nominal", "axis": {"labelAngle": 0, "ticks": False}, "title": None}
    return {"mark": {"type": "bar", "size": size, "color": colour}, "encoding": {"x": x, "y": y}}
