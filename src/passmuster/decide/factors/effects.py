"""Main effects and interactions of prompts and models: contrasts of one value per case, paired by case.

Every contrast is a number per case - the mean of some candidates' values less that of others - so that what cases have
in common, and what one model's replies have in common, goes out of the difference; its interval is the paired t, clustered
by group and weighted as all differences are (`stats.paired`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from passmuster.decide.factors.grid import Grid
from passmuster.decide.measured import BoolArray, FloatArray
from passmuster.records.prompt_effects import EffectReport, InteractionReport
from passmuster.records.score import Difference
from passmuster.stats.clusters import Clusters
from passmuster.stats.families import holm
from passmuster.stats.intervals import LEVEL
from passmuster.stats.paired import paired_mean_interval, paired_mean_p


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """One value per case of each candidate, NaN where there is none, with how the cases hang together.

    `scale` is the width of what values can be; `groups` and `weights` are those of all cases.
    """

    of: Mapping[str, FloatArray]
    scale: float = 1.0
    groups: Clusters | None = None
    weights: FloatArray | None = None
    receivable: int = 0

    def known(self, names: Sequence[str]) -> BoolArray:
        """Return the cases of which all these candidates have a value."""
        unknown: BoolArray = np.isnan(np.stack([self.of[name] for name in names], axis=1))
        return np.logical_not(unknown.any(axis=1))

    def contrast(self, parts: Mapping[str, float], level: float) -> Difference:
        """Return a weighted sum of candidates' values, on the cases that have all of them."""
        known = self.known(list(parts))
        n = int(known.sum())
        missing = max(0, self.receivable - n)
        if n == 0:
            return Difference(value=None, n=0, n_missing=missing, method="no common cases")
        values = sum((share * self.of[name][known] for name, share in parts.items()), np.zeros(n))
        width = max(self.scale, float(np.abs(values).max()))
        groups = None if self.groups is None else np.asarray(self.groups)[known]
        weights = None if self.weights is None else self.weights[known]
        ends = paired_mean_interval(values / width, level, clusters=groups, weights=weights)
        return Difference(
            value=float(np.average(values, weights=weights)),
            low=None if ends is None else ends[0] * width,
            high=None if ends is None else ends[1] * width,
            p=paired_mean_p(values / width, clusters=groups, weights=weights),
            n=n,
            n_missing=missing,
            method=("" if weights is None else "weighted ")
            + "paired t"
            + ("" if groups is None else ", clustered by group"),
        )


def prompt_effects(
    grid: Grid, values: Values, versus: str, alone: Callable[[str, str], Difference]
) -> tuple[EffectReport, ...]:
    """Return what each prompt does against `versus`, the mean over the models that have both.

    Args:
        grid: The design.
        values: Of its candidates.
        versus: The prompt that the others are held against.
        alone: Gives the difference of two candidates, for where there is one model only.
    """
    return _main(
        grid.prompts,
        versus,
        values,
        alone,
        lambda one, other: [
            (grid.cells[model, one], grid.cells[model, other]) for model in grid.with_both(one, other)
        ],
    )


def model_effects(
    grid: Grid, values: Values, versus: str, alone: Callable[[str, str], Difference]
) -> tuple[EffectReport, ...]:
    """Return what each model does against `versus`, the mean over the prompts that both were asked with."""
    return _main(
        grid.models,
        versus,
        values,
        alone,
        lambda one, other: [
            (grid.cells[one, prompt], grid.cells[other, prompt]) for prompt in grid.under_both(one, other)
        ],
    )


def _main(
    levels: Sequence[str],
    versus: str,
    values: Values,
    alone: Callable[[str, str], Difference],
    pairs_of: Callable[[str, str], list[tuple[str, str]]],
) -> tuple[EffectReport, ...]:
    pairs = {name: own for name in levels if name != versus and (own := pairs_of(name, versus))}
    level = simultaneous(len(pairs))
    found: list[tuple[str, int, Difference]] = []
    for name, own in pairs.items():
        if len(own) == 1 and len(pairs) == 1:
            found.append((name, 1, alone(*own[0])))
            continue
        share = 1.0 / len(own)
        parts = {one: share for one, _ in own} | {other: -share for _, other in own}
        found.append((name, len(own), values.contrast(parts, level)))
    adjusted = holm([difference.p for _, _, difference in found])
    return tuple(
        EffectReport(level=name, versus=versus, over=over, difference=difference, adjusted_p=p)
        for (name, over, difference), p in zip(found, adjusted, strict=True)
    )


def interactions(grid: Grid, values: Values, versus: str) -> tuple[InteractionReport, ...]:
    """Return how much more each prompt does for each model than for the models on average, against `versus`.

    Of two models the second says what the first does with the sign turned round: one of them is told.
    """
    wanted: list[tuple[str, str, dict[str, float]]] = []
    for prompt in grid.prompts:
        models = grid.with_both(prompt, versus) if prompt != versus else []
        if len(models) < 2:
            continue
        for model in models if len(models) > 2 else models[:1]:
            parts: dict[str, float] = {}
            for each in models:
                share = (1.0 if each == model else 0.0) - 1.0 / len(models)
                parts[grid.cells[each, prompt]] = share
                parts[grid.cells[each, versus]] = -share
            wanted.append((model, prompt, parts))
    level = simultaneous(len(wanted))
    found = [(model, prompt, values.contrast(parts, level)) for model, prompt, parts in wanted]
    adjusted = holm([difference.p for _, _, difference in found])
    return tuple(
        InteractionReport(model=model, prompt=prompt, versus=versus, difference=difference, adjusted_p=p)
        for (model, prompt, difference), p in zip(found, adjusted, strict=True)
    )


def simultaneous(count: int) -> float:
    """Return the level of each of so many intervals that together hold in 95% (Bonferroni).

    Example:
        >>> simultaneous(1), simultaneous(5)
        (0.95, 0.99)
    """
    return 1.0 - (1.0 - LEVEL) / max(1, count)
