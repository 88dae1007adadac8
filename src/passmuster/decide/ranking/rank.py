"""The ranking: strengths, the ranks that they allow, meetings, and what a reader must know of them."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from shlex import quote
from typing import NamedTuple

import numpy as np

from passmuster.decide.phrases import listed
from passmuster.decide.ranking.fitted import (
    METHOD,
    Island,
    Styled,
    fitted,
    is_bounded,
    place_decides,
    position_effect,
    scaled,
    steps_of,
    style_effects,
    ways,
)
from passmuster.decide.ranking.games import FEWEST_RATERS, Table, table_of
from passmuster.decide.ranking.meetings import meetings, share_of
from passmuster.records.case import Case
from passmuster.records.ranking import Effect, RankedReport, Ranking
from passmuster.records.rating import Choice
from passmuster.records.record import Record
from passmuster.stats.arrays import FloatArray
from passmuster.stats.bradley_terry import ELO_MIDDLE, ELO_STEP
from passmuster.stats.clusters import cluster_warning
from passmuster.stats.families import holm

ALPHA = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose(Record):
    """Whose choices are ranked: on which question (`metric`), of `people` or of a judge, in which version of it."""

    metric: str
    source: str = "people"
    judge: str | None = None


def ranking(
    choices: Iterable[Choice],
    whose: Whose,
    *,
    cases: Mapping[str, Case] | None = None,
    texts: Mapping[str, str] | None = None,
    seed: int = 0,
) -> Ranking:
    """Return who is preferred to whom.

    Strengths are those of the Bradley-Terry model, a tie half a win each; intervals are cluster-robust by case and,
    from three raters on, by rater. It holds for the cases that were compared, and for raters like these.

    Args:
        choices: In the order in which they came, all of them on one question.
        whose: Whose choices they are, and on which question.
        cases: The cases by id, by which is known which of them belong together, and which have changed since.
        texts: Replies by digest: where given, style is held equal beside.
        seed: Draws the joint distribution that ranks are read from.

    Example:
        >>> def choose(case, chosen):
        ...     return Choice(case=case, first="9f", second="b2", first_by="large", second_by="small", metric="better",
        ...                   chosen=chosen, rater="ana", kind="human")
        >>> found = ranking([choose(str(case), "second" if case % 4 == 0 else "first") for case in range(40)],
        ...                 Whose(metric="better"))
        >>> [(each.candidate, each.first, each.last) for each in found.candidates]
        [('large', 1, 1), ('small', 2, 2)]
    """
    table = table_of(choices, cases)
    found = fitted(table)
    main = found[0] if found else None
    styled = None if main is None or texts is None else style_effects(main, texts)
    position = None if main is None else position_effect(main)
    rows = [row for place, island in enumerate(found) for row in _rows(island, place, styled, seed)]
    steps = [steps for island in found if len(steps := steps_of(island)) > 1]
    return Ranking(
        metric=whose.metric,
        source=whose.source,
        judge=whose.judge,
        candidates=tuple(rows),
        meetings=meetings(table),
        choices=len(table.choices),
        cases=len(set(table.cases)),
        raters=tuple(sorted(set(table.raters))),
        left_out=table.left_out,
        method=f"{METHOD}, cluster-robust by {listed(list(ways(table)))}",
        clustered=tuple(ways(table)),
        islands=tuple(island.table.names for island in found),
        connect=_bridges(found),
        ladders=tuple(group for groups in steps for group in groups),
        position=position,
        style=() if styled is None else styled.effects,
        styled=None if styled is None else styled.games,
        remarks=tuple(_remarks(table, found, position, styled)),
        seed=seed,
        date=_newest(table),
    )


def _rows(island: Island, place: int, styled: Styled | None, seed: int) -> list[RankedReport]:
    ranks = island.ranks(np.random.default_rng(seed))
    adjusted = (styled.adjusted if styled is not None and place == 0 else None) or {}
    rows = []
    for player in np.argsort(-island.found.values, kind="stable").tolist():
        name, strength = island.table.names[player], island.strength(player)
        own = _points(island, player)
        span = ranks[player] or (None, None)
        rows.append(
            RankedReport(
                candidate=name,
                island=place,
                strength=strength,
                elo=scaled(strength, ELO_STEP, ELO_MIDDLE),
                points=share_of(own.won, own.cases, own.raters),
                wins=int((own.won == 1).sum()),
                ties=int((own.won == 0.5).sum()),
                losses=int((own.won == 0).sum()),
                cases=len(set(own.cases)),
                first=span[0],
                last=span[1],
                adjusted=adjusted.get(name),
            )
        )
    return rows


class _Points(NamedTuple):
    won: FloatArray
    cases: tuple[str, ...]
    raters: tuple[str, ...]


def _points(island: Island, player: int) -> _Points:
    games = island.table.games
    own = island.table.of(np.flatnonzero((games.first == player) | (games.second == player)))
    won = np.where(own.games.first == player, own.games.won, 1 - own.games.won)
    return _Points(won, own.cases, own.raters)


def _bridges(found: list[Island]) -> tuple[tuple[str, str], ...]:
    """Return a pair for each island after the first: those of each that were compared most often."""
    known = [island.table.names[_busiest(island)] for island in found]
    return tuple((known[0], other) for other in known[1:])


def _busiest(island: Island) -> int:
    games = island.table.games
    met = np.bincount(np.r_[games.first, games.second], minlength=games.players)
    return int(met.argmax())


def _newest(table: Table) -> str | None:
    times = [each.time for each in table.choices if each.time is not None]
    try:
        return datetime.fromtimestamp(max(times), UTC).strftime("%Y-%m-%d") if times else None
    except (OverflowError, ValueError, OSError):  # a time that no calendar has
        return None


def _remarks(
    table: Table, found: list[Island], position: Effect | None, styled: Styled | None
) -> Iterable[str]:
    yield from _doubts(table)
    for bridge in _bridges(found):
        yield (
            f"nothing connects {bridge[0]} and {bridge[1]}: they have no common scale; compare them next, "
            f"passmuster rate draw --pairs 50 --only {quote(bridge[0])} --only {quote(bridge[1])}"
        )
    for island in found:
        yield from _unbounded(island)
    if found and position is None:
        yield _place_untold(found[0])
    elif position is not None and position.p is not None and position.p < ALPHA:
        yield _swayed_by_place(position)
    if styled is not None:
        yield from _swayed_by_style(table, styled)


def _doubts(table: Table) -> Iterable[str]:
    raters = len(set(table.raters))
    if 0 < raters < FEWEST_RATERS:
        people = "one rater" if raters == 1 else f"{raters} raters"
        yield f"the choices are of {people}: intervals say what other cases would change, not what other raters would"
    warning = cluster_warning(table.cases) if table.cases else None
    if warning is not None:
        yield f"by case: {warning}"


def _unbounded(island: Island) -> Iterable[str]:
    steps = steps_of(island)
    if len(steps) > 1:
        names = " over ".join(listed(list(group)) for group in steps)
        yield f"no point was ever lost downwards in {names}, so strengths are without bound; those shown say the order only"


def _place_untold(island: Island) -> str:
    place = place_decides(island)
    if place is not None:
        return f"the place decides: wherever candidates are near, the reply shown {place} is preferred"
    if not is_bounded(island.table):
        return (
            "whether the place moves raters cannot be told while a candidate never lost a point to the rest"
        )
    return "whether the place moves raters cannot be told: show the two replies in a random order"


def _swayed_by_place(position: Effect) -> str:
    share = position.share
    value = 0.5 if share is None or share.value is None else share.value
    place, how = ("first", value) if value > 0.5 else ("second", 1 - value)
    return f"of two equal replies the one shown {place} is preferred in {how:.0%} of choices"


def _swayed_by_style(table: Table, styled: Styled) -> Iterable[str]:
    if styled.games < len(table.choices):
        yield f"style is known of {styled.games:,} of {len(table.choices):,} choices: the replies of the others are not stored"
    if styled.games and styled.adjusted is None:
        yield "with the replies that are known, some candidates are not connected: style is not held equal"
    if styled.decides is not None:
        what = listed(list(styled.decides)) or "some style"
        yield f"raters prefer {what} without exception, so style cannot be held equal"
    for effect, p in zip(styled.effects, holm([each.p for each in styled.effects]), strict=True):
        value = effect.effect.value
        if value is not None and p is not None and p < ALPHA:
            odds = math.exp(min(abs(value) / 3, 50.0))
            which = "more" if value > 0 else "less"
            yield f"raters prefer {which} {effect.name}: twice as much changes the odds by a factor of {odds:.2f}"
