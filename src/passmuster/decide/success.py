"""When a trial counts as a success."""

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from passmuster.metrics.checks import Checks
from passmuster.metrics.metric import UNIT, Metric
from passmuster.records.task import Success, Task

GOOD = 0.75
"""How far up a scale of its own a value must lie to be a success, where the task does not say."""


def success_rule(task: Task) -> Success:
    """Return when a trial counts as a success: as the task says, else its first metric at 1."""
    return task.success or Success(metric=task.metrics[0].name)


def with_success(task: Task, metrics: Sequence[Metric]) -> Task:
    """Return the task with what a success is, where it does not say so.

    The metric `checks` decides where it is one of them: it knows what each case asks for. Else the first metric does;
    where less of that is better, the first of which more is, at its best value, or the first one at its best. A metric on
    a scale of its own, such as a judge's 1 to 5, succeeds from three quarters of the way up.

    Example:
        >>> from passmuster.metrics.registry import build_metric
        >>> from passmuster.records.task import MetricSpec
        >>> specs = tuple(MetricSpec(name=name, kind=name) for name in ("gave_up", "exact_match"))
        >>> with_success(Task(name="t", metrics=specs), [build_metric(spec) for spec in specs]).success.metric
        'exact_match'
    """
    if task.success is not None or not metrics:
        return task
    checks = next((each for each in metrics if isinstance(each, Checks)), None)
    if checks is not None:
        least = checks.share if checks.graded else 1.0
        return replace(task, success=Success(metric=checks.name, at_least=least))
    if metrics[0].direction == "higher":
        low, high = metrics[0].bounds
        if metrics[0].bounds == UNIT or not isfinite(high - low):
            return task
        return replace(task, success=Success(metric=metrics[0].name, at_least=low + GOOD * (high - low)))
    upward = next((each for each in metrics if each.direction == "higher" and isfinite(each.bounds[1])), None)
    if upward is not None:
        return replace(task, success=Success(metric=upward.name, at_least=upward.bounds[1]))
    lowest = metrics[0].bounds[0]
    return replace(task, success=Success(metric=metrics[0].name, at_least=None, at_most=lowest))


def reached(values: NDArray[np.float64], rule: Success) -> NDArray[np.bool_]:
    """Return which values are successes; NaN is none."""
    found = ~np.isnan(values)
    if rule.at_least is not None:
        found &= values >= rule.at_least
    if rule.at_most is not None:
        found &= values <= rule.at_most
    return np.asarray(found, dtype=np.bool_)
