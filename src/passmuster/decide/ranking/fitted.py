"""The strengths of candidates that met, with what sways the choice besides, as figures with intervals."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy

from passmuster.decide.ranking.games import FEWEST_RATERS, Table
from passmuster.decide.ranking.style import STYLE, style_columns
from passmuster.records.ranking import Effect
from passmuster.records.score import Estimate
from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.bradley_terry import Strengths, islands, joint_quantile, ladders, strengths
from passmuster.stats.clusters import Clusters

UNBOUNDED = "without bound: a small ridge keeps the figure finite, and it says the order only"
METHOD = "Bradley-Terry"


@dataclass(frozen=True, slots=True)
class Island:
    """Candidates that games connect, with their strengths; `players` are their numbers in the whole table."""

    table: Table
    players: tuple[int, ...]
    found: Strengths

    def strength(self, player: int) -> Estimate:
        """Return the strength of one (its place in `players`)."""
        return _estimate(self.found, player, len(self.table.choices))

    def ranks(self, rng: np.random.Generator) -> list[tuple[int, int] | None]:
        """Return the ranks that each may have: all ranges are true at once with 95%."""
        gaps, errors = self.found.apart()
        if self.found.separated or not np.isfinite(errors).all():
            return [None] * len(self.players)
        limit = joint_quantile(self.found, rng) * errors
        above = (gaps < -limit).sum(axis=1)
        below = (gaps > limit).sum(axis=1)
        many = len(self.players)
        return [(1 + int(up), many - int(down)) for up, down in zip(above, below, strict=True)]


def ways(table: Table) -> dict[str, Clusters]:
    """Return the ways in which games belong together: by case, and by rater where there are enough of them."""
    found: dict[str, Clusters] = {"case": table.cases}
    if len(set(table.raters)) >= FEWEST_RATERS:
        found["rater"] = table.raters
    return found


def fitted(table: Table) -> list[Island]:
    """Return the strengths of each island, the island with the most candidates first."""
    labels = islands(table.games)
    groups = [
        tuple(np.flatnonzero(labels == label).tolist()) for label in range(int(labels.max(initial=-1)) + 1)
    ]
    found = []
    for players in sorted(groups, key=lambda each: (-len(each), each)):
        own = table.among(players)
        found.append(Island(own, players, strengths(own.games, clusters=list(ways(own).values()))))
    return found


def steps_of(island: Island) -> list[tuple[str, ...]]:
    """Return the groups of an island that took no point from those before them, the strongest first."""
    labels = ladders(island.table.games)
    groups: list[IntArray] = [np.flatnonzero(labels == label) for label in range(int(labels.max()) + 1)]
    groups.sort(key=lambda players: -float(island.found.values[players].mean()))
    return [tuple(island.table.names[player] for player in players.tolist()) for players in groups]


def is_bounded(table: Table) -> bool:
    """Return whether every candidate, and every group, lost a point to the rest: strengths are then finite."""
    return len(set(ladders(table.games).tolist())) < 2


def deciding(table: Table, column: FloatArray) -> Literal["more", "less"] | None:
    """Return which side of a column no choice goes against where candidates are near; None where some do.

    Its effect is then without bound, although strengths alone are not.
    """
    if not is_bounded(table):
        return None
    found = _with_columns(table, column.reshape(-1, 1))
    value = float(found.effects[0])
    return None if not found.separated or not math.isfinite(value) else "more" if value > 0 else "less"


def place_decides(island: Island) -> Literal["first", "second"] | None:
    """Return the place that wins wherever candidates are near; None where none does."""
    side = deciding(island.table, np.ones(len(island.table.choices)))
    return None if side is None else "first" if side == "more" else "second"


def position_effect(island: Island) -> Effect | None:
    """Return how much being shown first helps; None where it cannot be told from who is shown."""
    table = island.table
    found = _with_columns(table, np.ones((len(table.choices), 1)))
    effect = _effect("shown first", found, 0, len(table.choices))
    value, low, high = effect.effect.value, effect.effect.low, effect.effect.high
    if value is None or low is None or high is None:
        return None
    share = Estimate(
        value=_share(value),
        low=_share(low),
        high=_share(high),
        n=effect.effect.n,
        method=effect.effect.method,
    )
    return Effect(name=effect.name, effect=effect.effect, p=effect.p, share=share)


@dataclass(frozen=True, slots=True)
class Styled:
    """What style does, over so many `games`; `adjusted` has the strengths with style held equal, by candidate.

    `decides` names, where style foretells choices without exception, what is preferred: more or less of it (empty:
    only several marks together do).
    """

    games: int
    effects: tuple[Effect, ...] = ()
    adjusted: Mapping[str, Estimate] | None = None
    decides: tuple[str, ...] | None = None


def style_effects(island: Island, texts: Mapping[str, str]) -> Styled:
    """Return what style does on an island; nothing where too few replies are known to tell it.

    Args:
        island: The candidates.
        texts: Replies by digest.
    """
    rows, columns = style_columns(island.table, texts)
    known = island.table.of(rows)
    if not len(rows) or int(islands(known.games).max(initial=0)) > 0:
        return Styled(len(rows))
    found = _with_columns(known, columns)
    effects = tuple(_effect(name, found, place, len(rows)) for place, name in enumerate(STYLE))
    adjusted = {name: _estimate(found, player, len(rows)) for player, name in enumerate(island.table.names)}
    shown = tuple(each for each in effects if each.effect.value is not None)
    return Styled(len(rows), shown, adjusted, _deciding_style(known, columns) if found.separated else None)


def _deciding_style(known: Table, columns: FloatArray) -> tuple[str, ...] | None:
    if not is_bounded(known):
        return None
    sides = {name: deciding(known, columns[:, place]) for place, name in enumerate(STYLE)}
    return tuple(f"{side} {name}" for name, side in sides.items() if side is not None)


def _with_columns(table: Table, columns: FloatArray) -> Strengths:
    return strengths(table.games, clusters=list(ways(table).values()), columns=columns)


def _estimate(found: Strengths, player: int, games: int) -> Estimate:
    value, error = float(found.values[player]), float(found.errors[player])
    if not math.isfinite(value):
        return Estimate(value=None, n=games, method=METHOD, note="style cannot be told from who it is")
    if found.separated:
        return Estimate(value=value, n=games, method=f"{METHOD} with a ridge", note=UNBOUNDED)
    return _interval(value, error, found, games)


def _effect(name: str, found: Strengths, place: int, games: int) -> Effect:
    value, error = float(found.effects[place]), float(found.effect_errors[place])
    if found.separated or not math.isfinite(value):
        return Effect(name=name, effect=Estimate(value=None, n=games, method=METHOD))
    p = None
    if math.isfinite(error) and error > 0:
        p = 2 * float(scipy.special.stdtr(found.degrees or math.inf, -abs(value) / error))
    return Effect(name=name, effect=_interval(value, error, found, games), p=p)


def _interval(value: float, error: float, found: Strengths, games: int) -> Estimate:
    if not math.isfinite(error):
        return Estimate(value=value, n=games, method=METHOD, note="one case tells nothing of others")
    half = found.quantile() * error
    return Estimate(value=value, low=value - half, high=value + half, n=games, method=METHOD)


def _share(log_odds: float) -> float:
    return 0.5 * (1 + math.tanh(log_odds / 2))


def scaled(strength: Estimate, step: float, middle: float) -> Estimate:
    """Return a strength on another scale, such as Elo's.

    Example:
        >>> scaled(Estimate(value=1.0, low=0.5, high=1.5, n=9), 100, 1000).high
        1150.0
    """

    def turned(value: float | None) -> float | None:
        return None if value is None else middle + step * value

    return Estimate(
        value=turned(strength.value),
        low=turned(strength.low),
        high=turned(strength.high),
        n=strength.n,
        n_missing=strength.n_missing,
        method=strength.method,
        note=strength.note,
    )
