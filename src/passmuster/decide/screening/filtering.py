"""A leaderboard as a filter: from 50 models to 10, with the risk that the best is among the other 40."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from passmuster.decide.measured import BoolArray, FloatArray
from passmuster.decide.screening.candidates_yaml import candidates_yaml
from passmuster.decide.screening.limits import Limits, ModelFacts, missed
from passmuster.decide.screening.own import OwnScores
from passmuster.decide.screening.risk import (
    ASSUMED,
    OTHERS,
    REACH,
    Worlds,
    measured_worlds,
    side_of,
    stated_worlds,
    table_worlds,
)
from passmuster.decide.screening.words import filter_sentence
from passmuster.decide.seed import SEED
from passmuster.records.leaderboard import PublicRow, PublicTable
from passmuster.records.record import Record
from passmuster.records.score import Direction
from passmuster.records.screening import Basis, FilterReport, Risk, ScreenedModel
from passmuster.stats.arrays import IntArray

KEEP = 10
SAFE = 0.05
"""The risk for which it is always told how many would have to be kept."""

UNRANKED = "no figure in the column"
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterWish(Record):
    """How to filter: by one of `keep` models, a `margin` below the first (in the column's unit), or the greatest `risk`.

    `correlation` is what the user states of public and own order; with none it is measured, where own scores are, or assumed.
    """

    keep: int | None = None
    margin: float | None = None
    risk: float | None = None
    correlation: float | None = None
    limits: Limits = field(default_factory=Limits)

    def rule(self, basis: Basis) -> str:
        """Return the rule in words; where own scores are it is not the order of the table that counts."""
        if self.risk is not None:
            return f"as few as keep the risk at {self.risk:.0%}"
        if self.margin is not None:
            return f"all within {self.margin:g} of the first"
        if basis == "measured":
            return f"the {self.keep or KEEP} that are most likely the best on your task"
        return f"the first {self.keep or KEEP}"


def filter_report(
    table: PublicTable,
    column: str,
    wish: FilterWish,
    own: OwnScores | None = None,
    who: Mapping[str, str] | None = None,
    facts: Callable[[str], ModelFacts] = lambda _model: ModelFacts(),
) -> FilterReport:
    """Filter the models of a table by one of its columns and by limits, and say at what risk.

    With own scores of at least six of its models, the own best so far is kept, then the others in the order of their chance
    to be the best on the own task; else models are kept in the order of the table, all that share the last place.

    Args:
        table: The table.
        column: By which of its columns; it must have a direction.
        wish: The rule and the limits.
        own: Own scores, where there are any.
        who: Own candidate -> model of the table.
        facts: What is known of a model besides.
    """
    found = table.column(column)
    direction: Direction = "higher" if found is None or found.direction is None else found.direction
    ranked = [row for row in table.rows if column in row.figures]
    known = {row.model: facts(row.model) for row in table.rows}
    checked = {row.model: missed(row, known[row.model], wish.limits) for row in table.rows}
    standing = _Standing(
        models=[row.model for row in ranked],
        public=np.array([side_of(direction) * row.figures[column].value for row in ranked]),
        eligible=np.array([checked[row.model][0] is None for row in ranked], dtype=np.bool_),
        errors=_errors(ranked, column, share=found is not None and found.share),
    )
    worlds = _worlds(standing, wish, own, who or {})
    kept = _kept(standing, worlds, wish)
    models = _models(table, column, _Seen(known, checked, standing, kept, worlds))
    few = _fewest(standing, worlds, SAFE)
    report = FilterReport(
        table=table.name,
        column=column,
        direction=direction,
        rule=wish.rule(worlds.basis),
        kept=int(kept.sum()),
        dropped=int((standing.eligible & ~kept).sum()),
        limited=sum(why is not None for why, _ in checked.values()),
        unranked=sum(model.public is None and model.why == UNRANKED for model in models),
        risk=worlds.risk(standing.eligible, kept),
        risks=_others(standing, kept, worlds),
        safe=None if few is None else len(few),
        models=models,
        yaml=candidates_yaml([model for model in models if model.kept], table.name, column),
        sentence="",
    )
    return replace(report, sentence=filter_sentence(report))


class _Standing(NamedTuple):
    """The models that have a figure in the column: `public` is turned so that more is better."""

    models: list[str]
    public: FloatArray
    eligible: BoolArray
    errors: FloatArray


class _Seen(NamedTuple):
    """All that is known of the models of a table."""

    facts: Mapping[str, ModelFacts]
    checked: Mapping[str, tuple[str | None, tuple[str, ...]]]
    standing: _Standing
    kept: BoolArray
    worlds: Worlds


def _errors(rows: Sequence[PublicRow], column: str, *, share: bool) -> FloatArray:
    """Return the standard error of each figure: of the table's interval, else of a share of its cases; NaN for none."""
    figures = [row.figures[column] for row in rows]
    scale = 100.0 if max((figure.value for figure in figures), default=0.0) > 1 else 1.0
    found = []
    for row, figure in zip(rows, figures, strict=True):
        if figure.low is not None and figure.high is not None:
            found.append((figure.high - figure.low) / (2 * REACH))
        elif share and row.cases is not None:
            middle = (figure.value / scale * row.cases + 2) / (row.cases + 4)
            found.append(scale * math.sqrt(middle * (1 - middle) / row.cases))
        else:
            found.append(math.nan)
    return np.array(found, dtype=np.float64)


def _worlds(standing: _Standing, wish: FilterWish, own: OwnScores | None, who: Mapping[str, str]) -> Worlds:
    """Return what own scores may be: as stated, else as measured, else as assumed."""
    rng = np.random.default_rng([SEED, len(standing.models)])
    if wish.correlation is not None:
        return stated_worlds(standing.public, wish.correlation, rng)
    found = None
    if own is not None:
        names = [name for name in own.names if who.get(name) in standing.models]
        places = [standing.models.index(who[name]) for name in names]
        found = measured_worlds(standing.public, places, own.of(names), rng)
    return found or stated_worlds(standing.public, ASSUMED, rng, "assumed")


def _order(standing: _Standing, worlds: Worlds) -> IntArray:
    """Return the models that may be, the one to be kept first first.

    That is the own best so far: it was asked already, and no line through other models drops what was measured.
    """
    places = np.flatnonzero(standing.eligible)
    wins = worlds.winners(standing.eligible) if worlds.basis == "measured" else np.zeros(len(standing.models))
    behind = np.ones(len(standing.models), dtype=np.bool_)
    behind[[place for place in worlds.asked if standing.eligible[place]][:1]] = False
    return places[np.lexsort((-standing.public[places], -wins[places], behind[places]))]


def _kept(standing: _Standing, worlds: Worlds, wish: FilterWish) -> BoolArray:
    kept = np.zeros(len(standing.models), dtype=np.bool_)
    order = _order(standing, worlds)
    if not len(order):
        return kept
    if wish.risk is not None:
        few = _fewest(standing, worlds, wish.risk)
        kept[order if few is None else few] = True
    elif wish.margin is not None:
        least = standing.public[order].max() - wish.margin
        kept[order] = standing.public[order] >= least - ROUNDING * abs(least)
    else:
        kept[order[: wish.keep or KEEP]] = True
    if worlds.basis != "measured":  # nobody is dropped for the order of the file
        last = standing.public[kept].min()
        kept |= standing.eligible & (standing.public == last)
    return kept


def _fewest(standing: _Standing, worlds: Worlds, most: float) -> IntArray | None:
    """Return the fewest models whose risk, with the error of its simulation, is at most so much; None where none is."""
    order = _order(standing, worlds)
    if not len(order):
        return None
    risks = 1 - np.cumsum(worlds.winners(standing.eligible)[order]) / worlds.draws
    errors = REACH * np.sqrt(np.maximum(risks * (1 - risks), 0.0) / worlds.draws)
    able = np.flatnonzero(risks + errors <= most)
    return order[: int(able[0]) + 1] if len(able) else None


def _others(standing: _Standing, kept: BoolArray, worlds: Worlds) -> tuple[Risk, ...]:
    """Return the risk under other assumptions: the table's own noise, and some correlations."""
    rng = np.random.default_rng([SEED, len(standing.models), 2])
    noise = table_worlds(standing.public, standing.errors, rng)
    told = None if worlds.basis == "measured" or worlds.correlation is None else worlds.correlation[0]
    others = [stated_worlds(standing.public, each, rng, "assumed") for each in OTHERS if each != told]
    return tuple(each.risk(standing.eligible, kept) for each in (*([noise] if noise else []), *others))


def _models(table: PublicTable, column: str, seen: _Seen) -> tuple[ScreenedModel, ...]:
    """Return all models of a table: those kept first, then by their public rank."""
    standing = seen.standing
    wins = seen.worlds.winners(standing.eligible) / seen.worlds.draws
    ranks = (standing.public[None, :] > standing.public[:, None]).sum(axis=1) + 1
    places = {model: place for place, model in enumerate(standing.models)}
    made = []
    for row in table.rows:
        place, (why, unknown), facts = places.get(row.model), seen.checked[row.model], seen.facts[row.model]
        kept = place is not None and bool(seen.kept[place])
        if why is None and place is None:
            why = UNRANKED
        made.append(
            ScreenedModel(
                model=row.model,
                public=row.figures.get(column),
                rank=None if place is None else int(ranks[place]),
                kept=kept,
                why=why,
                best=None if place is None or not standing.eligible[place] else float(wins[place]),
                candidate=facts.candidate,
                input_price=facts.input_price,
                output_price=facts.output_price,
                context=facts.context,
                unknown=unknown,
            )
        )
    return tuple(sorted(made, key=lambda each: (not each.kept, each.rank is None, each.rank or 0)))
