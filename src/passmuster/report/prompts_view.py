"""Prompts compared, as tables and in sentences: what each variant does over models, and what the best of many is worth."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from passmuster.records.comparison import Comparison
from passmuster.records.prompt_effects import BestReport, EffectReport, InteractionReport, PromptEffects
from passmuster.records.record import Record
from passmuster.report import figures
from passmuster.report.escape import label
from passmuster.report.rows import Column, name
from passmuster.report.views import Cell, Grid, Line, columns_of, estimate, plain, words

NAMED = 4
"""Effects that a sentence is given to; the others stand in the table."""

SHOWN = 0.05
"""The adjusted p-value from which an effect is shown and no longer a guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptsView(Record):
    """What the section says: its tables (None where there is nothing in one), the best in sentences, and a note."""

    value: str
    better: str
    cases: str
    effects: Grid | None
    interactions: Grid | None
    depends: str
    best: str
    next_step: str
    note: str


def prompts_view(comparison: Comparison) -> PromptsView | None:
    """Return what the page says of prompts; None without variants."""
    found = comparison.prompt_effects
    if found is None:
        return None
    return PromptsView(
        value=_value(found),
        better="Less" if found.direction == "lower" else "More",
        cases=figures.count(found.n, "case"),
        effects=_effects(found),
        interactions=_interactions(found),
        depends=depends_sentence(found) or "",
        best=best_note(comparison) or "",
        next_step=next_step(comparison) or "",
        note=found.note or "",
    )


def _value(found: PromptEffects) -> str:
    return "successes" if found.value == "successes" else label(found.metric)


def _effects(found: PromptEffects) -> Grid | None:
    lines = [
        *(_effect(each, "prompt", "model") for each in found.of_prompts),
        *(_effect(each, "model", "prompt") for each in found.of_models),
    ]
    heads = (("variant", False), ("kind", False), ("against", False), ("over", True))
    return _grid((*heads, (f"difference of {_value(found)}", True), ("adjusted p", True)), lines)


def _effect(each: EffectReport, kind: str, other: str) -> Line:
    cells = (
        words(kind),
        words(label(each.versus)),
        plain(figures.count(each.over, other)),
        estimate(replace(each.difference, p=None), signed=True),  # the adjusted one stands beside it
        plain(figures.p_value(each.adjusted_p)),
    )
    return Line(name=label(each.level), tags=(), chosen=False, cells=cells)


def _interactions(found: PromptEffects) -> Grid | None:
    heads = (("variant", False), ("model", False), ("against", False))
    return _grid(
        (*heads, ("beyond its mean effect", True), ("adjusted p", True)),
        [_interaction(each) for each in found.interactions],
    )


def _interaction(each: InteractionReport) -> Line:
    cells: tuple[Cell, ...] = (
        words(label(each.model)),
        words(label(each.versus)),
        estimate(replace(each.difference, p=None), signed=True),  # the adjusted one stands beside it
        plain(figures.p_value(each.adjusted_p)),
    )
    return Line(name=label(each.prompt), tags=(), chosen=False, cells=cells)


def _grid(heads: tuple[tuple[str, bool], ...], lines: Iterable[Line]) -> Grid | None:
    made = tuple(lines)
    return Grid(heads=heads, lines=made) if made else None


def effects_sentence(comparison: Comparison) -> str | None:
    """Return what each prompt does over the models, and whether that hangs on the model; None for fewer than two models."""
    found = comparison.prompt_effects
    if found is None or len(found.models) < 2 or not found.of_prompts:
        return None
    said = [
        f"{label(each.level)} against {label(each.versus)} {figures.interval(each.difference, signed=True)}"
        for each in found.of_prompts[:NAMED]
    ]
    more = len(found.of_prompts) - NAMED
    rest = f"; {figures.count(more, 'more variant')} in the report" if more > 0 else ""
    depends = depends_sentence(found)
    over = figures.count(len(found.models), "model")
    return f"Over {over}: {'; '.join(said)}{rest}.{f' {depends}' if depends else ''}"


def depends_sentence(found: PromptEffects) -> str | None:
    """Return whether what a prompt does hangs on the model; None where that cannot be asked."""
    known = [each for each in found.interactions if each.adjusted_p is not None]
    if not known:
        return None
    shown = [each for each in known if (each.adjusted_p or 0.0) <= SHOWN]
    if not shown:
        return "That the models differ in this is not shown."
    most = min(shown, key=lambda each: each.adjusted_p or 0.0)
    return (
        f"It hangs on the model: for {label(most.model)}, {label(most.prompt)} does "
        f"{figures.interval(most.difference, signed=True)} beyond that."
    )


def best_note(comparison: Comparison) -> str | None:
    """Return how far the figure of the best can be believed; None where nothing was picked."""
    best = _best(comparison)
    if best is None:
        return None
    found = comparison.prompt_effects
    high = "low" if found is not None and found.direction == "lower" else "high"
    first = (
        f"{name(best.picked)} was picked as the best of {best.of}: its {figures.number(best.observed.value)} is about "
        f"{_size(best)} too {high}. Without that it is {figures.interval(best.corrected)}."
    )
    fresh = best.fresh
    if fresh is None:
        return first
    again = fresh.picked == best.picked
    who = "it is the best again, and gets" if again else f"the best is {name(fresh.picked)}, which gets"
    return (
        f"{first} Picked on one half of the cases ({fresh.picked_on:,}), {who} {figures.interval(fresh.estimate)} on "
        "the other half, fresh to the choice."
    )


def _best(comparison: Comparison) -> BestReport | None:
    return None if comparison.prompt_effects is None else comparison.prompt_effects.best


def _size(best: BestReport) -> str:
    shares = best.observed.value is not None and 0.0 <= best.observed.value <= 1.0
    return figures.points(best.optimism, signed=False) if shares else figures.number(best.optimism)


def next_step(comparison: Comparison) -> str | None:
    """Return how to get a figure that no picking has touched; None where nothing was picked."""
    if _best(comparison) is None:
        return None
    if comparison.corpus.holdout == "sealed":
        return (
            "A figure that no picking has touched: name the finalists, write them down with passmuster corpus open "
            "--plan, and open the holdout once."
        )
    return (
        "A figure that no picking has touched takes cases that nobody has looked at: keep a sealed holdout."
    )


def prompt_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return the effects as columns of text; empty where there are none."""
    found = comparison.prompt_effects
    return () if found is None else _titled(columns_of(_effects(found), "prompts"))


def interaction_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return the interactions as columns of text; empty where there are none."""
    found = comparison.prompt_effects
    return () if found is None else _titled(columns_of(_interactions(found), "interactions"))


def _titled(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    return (replace(columns[0], title="variant"), *columns[1:]) if columns else ()
