"""When a trial counts as a success."""

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from passmuster.metrics.metric import Metric
from passmuster.records.task import Success, Task


def success_rule(task: Task) -> Success:
    """Return when a trial counts as a success: as the task says, else its first metric at 1."""
    return task.success or Success(metric=task.metrics[0].name)


def with_success(task: Task, metrics: Sequence[Metric]) -> Task:
    """Return the task; where it says no success and less of its first metric is better, with what stands for one.

    That is the first metric of which more is better at its best value, else the first metric at its best.

    Example:
        >>> from passmuster.metrics.registry import build_metric
        >>> from passmuster.records.task import MetricSpec
        >>> specs = tuple(MetricSpec(name=name, kind=name) for name in ("gave_up", "exact_match"))
        >>> with_success(Task(name="t", metrics=specs), [build_metric(spec) for spec in specs]).success.metric
        'exact_match'
    """
    if task.success is not None or not metrics or metrics[0].direction == "higher":
        return task
    upward = next((each for each in metrics if each.direction == "higher" and isfinite(each.bounds[1])), None)
    if upward is not None:
        return replace(task, success=Success(metric=upward.name, at_least=upward.bounds[1]))
    least = metrics[0].bounds[0]
    return replace(task, success=Success(metric=metrics[0].name, at_least=None, at_most=least))


def reached(values: NDArray[np.float64], rule: Success) -> NDArray[np.bool_]:
    """Return which values are successes; NaN is none."""
    found = ~np.isnan(values)
    if rule.at_least is not None:
        found &= values >= rule.at_least
    if rule.at_most is not None:
        found &= values <= rule.at_most
    return np.asarray(found, dtype=np.bool_)
