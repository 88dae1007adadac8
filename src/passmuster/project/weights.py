"""The weights of a project file: by which figures those are ranked that pass, and whether that is how one is chosen."""

import math
from collections.abc import Callable, Sequence
from typing import Literal

from passmuster.errors import ConfigurationError
from passmuster.project import quantities
from passmuster.project.settings import ProjectSettings
from passmuster.project.validate import closest
from passmuster.project.weight_settings import WeightSettings
from passmuster.project.yaml import Document, Path
from passmuster.records.score import Direction
from passmuster.records.task import CORPUS_BARS, OPERATIONAL, Dimension, MetricSpec

FIGURES = tuple(name for name in OPERATIONAL if name not in CORPUS_BARS)
"""What every candidate can be weighed by, besides the metrics of the task."""


def dimensions_of(
    settings: ProjectSettings,
    specs: Sequence[MetricSpec],
    document: Document,
    direction: Callable[[MetricSpec], Direction],
) -> tuple[Dimension, ...]:
    """Return the dimensions that candidates are weighed by.

    Args:
        settings: What the project says.
        specs: Its metrics.
        document: Where it says so.
        direction: Returns whether more of a metric is better; asked where both ends of a scale are stated.

    Raises:
        ConfigurationError: for one that the task does not have or with a wrong unit, or where none weighs anything.
    """
    made = tuple(_dimension(name, each, specs, document) for name, each in settings.weights.items())
    for each in made:
        if each.best is None or each.worst is None:
            continue
        spec = next((spec for spec in specs if spec.name == each.metric), None)
        _check_ends(each, "lower" if spec is None else direction(spec), document)
    if made and not any(each.weight for each in made):
        raise ConfigurationError(
            "every weight is 0: nothing is weighed",
            place=document.value(("weights",)),
            hint="Give at least one a weight, such as {exact_match: 3, cost_per_success: 1}.",
        )
    return made


def choose_of(settings: ProjectSettings, document: Document) -> Literal["cheapest", "weights"]:
    """Return how one of those is chosen that pass.

    Raises:
        ConfigurationError: where weights are to choose and there are none.
    """
    if settings.choose == "weights" and not settings.weights:
        raise ConfigurationError(
            "`choose: weights` needs weights to choose by",
            place=document.value(("choose",)),
            hint="Write `weights: {exact_match: 3, cost_per_success: 1}`, or leave `choose` out: the cheapest is chosen.",
        )
    return settings.choose


def _dimension(
    name: str, stated: WeightSettings, specs: Sequence[MetricSpec], document: Document
) -> Dimension:
    path: Path = ("weights", name)
    names = [spec.name for spec in specs]
    if name not in names and name not in FIGURES:
        raise ConfigurationError(
            f"there is a weight for {name!r}, but the task has no such metric",
            place=document.key(path),
            hint=closest(name, [*names, *FIGURES]),
        )
    best = _value(name, stated.best, (*path, "best"), document)
    worst = _value(name, stated.worst, (*path, "worst"), document)
    if not math.isfinite(stated.weight):
        raise ConfigurationError(f"the weight of {name!r} is no number", place=document.value(path))
    return Dimension(metric=name, weight=stated.weight, best=best, worst=worst)


def _check_ends(stated: Dimension, side: Direction, document: Document) -> None:
    name, best, worst = stated.metric, stated.best, stated.worst
    if best is None or worst is None:
        return
    if best == worst or (best > worst) != (side == "higher"):
        less = "more" if side == "higher" else "less"
        told = "the same" if best == worst else f"the wrong way round: {less} of it is better"
        raise ConfigurationError(
            f"the best and the worst value of {name!r} are {told}",
            place=document.value(("weights", name)),
            hint="Write what counts as 1 and what as 0, such as {weight: 1, best: 0.5 s, worst: 5 s}.",
        )


def _value(name: str, value: float | str | None, path: Path, document: Document) -> float | None:
    if value is None:
        return None
    try:
        return quantities.limit(name, value)
    except ValueError as error:
        told = str(error).replace(repr(value), document.shown(path, value))
        raise ConfigurationError(f"the weight of {name!r}: {told}", place=document.value(path)) from None
