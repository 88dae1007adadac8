"""Prompts compared, put together from measured candidates."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np

from passmuster.decide.factors.best import best_of
from passmuster.decide.factors.effects import Values, interactions, model_effects, prompt_effects
from passmuster.decide.factors.grid import Grid, grid_of
from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.phrases import counted
from passmuster.decide.rates import metric_difference, receivable_by_both
from passmuster.decide.success import success_rule
from passmuster.metrics.metric import UNIT, LabelMetric, Metric
from passmuster.records.prompt_effects import PromptEffects
from passmuster.records.score import Difference
from passmuster.records.task import Success, Task
from passmuster.stats.intervals import LEVEL

Kind: TypeAlias = Literal["mean", "judged", "other"]

_NOTES: Mapping[Kind, str | None] = {
    "mean": None,
    "judged": "as the judge says, not corrected by what people say",
    "other": "the metric is no mean over cases; compared are successes",
}


def effects_of_prompts(
    measured: Sequence[Measured],
    task: Task,
    metrics: Sequence[Metric],
    judged: Sequence[str] = (),
    stopped: Collection[str] = (),
) -> PromptEffects | None:
    """Return what prompts and models do, and what the best of them is worth; None without variants that were asked.

    Args:
        measured: All candidates.
        task: Its incumbent's prompt and model are what the others are held against, else the first ones. Successes are
            compared where the primary metric is no mean over cases.
        metrics: The task's metrics; the first is the primary one.
        judged: Names of metrics that ask a judge.
        stopped: Names of candidates that were asked no more for how they looked: their means are of no use here, and
            they are left out.
    """
    asked = {item.candidate.name: item for item in measured if item.account.asked}
    by_name = {name: item for name, item in asked.items() if name not in stopped}
    grid = grid_of([item.candidate for item in by_name.values()])
    if grid is None:
        return None
    metric = metrics[0]
    kind = _kind(metric, judged)
    low, high = metric.bounds if kind != "other" else UNIT
    direction = metric.direction if kind != "other" else "higher"
    values = _values([by_name[name] for name in grid.names], metric, success_rule(task), kind, high - low)

    def alone(one: str, other: str) -> Difference:
        if kind == "mean":
            return metric_difference(by_name[one], by_name[other], metric.name)
        return values.contrast({one: 1.0, other: -1.0}, LEVEL)

    model, prompt = _references(grid, task.incumbent)
    known = int(values.known(grid.names).sum())
    return PromptEffects(
        metric=metric.name,
        value="successes" if kind == "other" else "metric",
        direction=direction,
        models=grid.models,
        prompts=grid.prompts,
        n=known,
        n_missing=max(0, values.receivable - known),
        of_prompts=prompt_effects(grid, values, prompt, alone),
        of_models=model_effects(grid, values, model, alone),
        interactions=interactions(grid, values, prompt),
        best=best_of(grid.names, values, (low, high), direction),
        note=_note(kind, len(asked) - len(by_name)),
    )


def _note(kind: Kind, left_out: int) -> str | None:
    stopped = f"{counted(left_out, 'candidate')} stopped early left out" if left_out else None
    return "; ".join(filter(None, (_NOTES[kind], stopped))) or None


def _kind(metric: Metric, judged: Sequence[str]) -> Kind:
    if metric.name in judged:
        return "judged"
    return "other" if isinstance(metric, LabelMetric) or metric.summary == "counts" else "mean"


def _values(items: Sequence[Measured], metric: Metric, success: Success, kind: Kind, width: float) -> Values:
    of: dict[str, FloatArray] = {
        item.candidate.name: item.successes(success) if kind == "other" else item.scores(metric.name)
        for item in items
    }
    return Values(
        of=of,
        scale=width if np.isfinite(width) else 0.0,
        groups=items[0].groups,
        weights=items[0].weights,
        receivable=min(receivable_by_both(items[0], item) for item in items),
    )


def _references(grid: Grid, incumbent: str | None) -> tuple[str, str]:
    """Return the model and the prompt that the others are held against: the incumbent's, else the first."""
    own = next((cell for cell, name in grid.cells.items() if name == incumbent), None)
    return own or (grid.models[0], grid.prompts[0])
