"""What prompt variants do over models, and what picking the best of many is worth."""

from dataclasses import dataclass
from typing import Literal

from passmuster.records.record import Record
from passmuster.records.score import Difference, Direction, Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectReport(Record):
    """The main effect of a variant or a model: its `difference` to another one (`versus`), the mean over all of the other factor.

    `over` says how many models (or variants) have both. The interval of the difference holds together with those of
    all effects of its kind; `adjusted_p` is Holm's over them.
    """

    level: str
    versus: str
    over: int
    difference: Difference
    adjusted_p: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionReport(Record):
    """How much more than on average a variant does for one model: `difference` of two differences, against `versus`."""

    model: str
    prompt: str
    versus: str
    difference: Difference
    adjusted_p: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshReport(Record):
    """What was picked on one half of the cases (`seed` parts them, whole groups together), measured on the other half."""

    seed: int
    picked: str
    picked_on: int
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class BestReport(Record):
    """The best of `of` candidates by the mean of the cases that all of them have, and how far that figure can be believed.

    `optimism` is how much too high the mean is on average because it was picked; `corrected` is the figure without it,
    with an interval that holds although it was picked.
    """

    picked: str
    of: int
    observed: Estimate
    optimism: float
    corrected: Estimate
    fresh: FreshReport | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptEffects(Record):
    """Prompt variants and the models that were asked with them, on the same cases.

    `value` says what is compared: the primary metric, or successes where that is no mean over cases. `n` cases have
    a value of every one of these candidates, `n_missing` have not. `note` says what a reader must know of the values.
    """

    metric: str
    value: Literal["metric", "successes"]
    direction: Direction
    models: tuple[str, ...]
    prompts: tuple[str, ...]
    n: int
    n_missing: int
    of_prompts: tuple[EffectReport, ...] = ()
    of_models: tuple[EffectReport, ...] = ()
    interactions: tuple[InteractionReport, ...] = ()
    best: BestReport | None = None
    note: str | None = None
