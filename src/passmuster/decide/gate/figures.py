"""A metric of both versions, and by how much it changed, as `compare` would give them."""

from dataclasses import dataclass, replace

import numpy as np

from passmuster.decide.classes import (
    class_columns,
    macro_f1_difference,
    macro_f1_estimate,
    resampled_macro_f1,
)
from passmuster.decide.counted import counted_difference, counted_estimate
from passmuster.decide.gate.sides import Sides
from passmuster.decide.judging.corrected import judged_difference, judged_estimate
from passmuster.decide.labels import Classes
from passmuster.decide.measured import Measured
from passmuster.decide.rates import metric_difference, metric_estimate
from passmuster.records.score import Difference, Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A figure of the old and of the new version, and the change."""

    old: Estimate
    new: Estimate
    change: Estimate


def figures_of(sides: Sides, metric: str, *, judged: bool = False) -> Figures:
    """Return a metric on the common cases: macro F1 of labels, F1 of sums, corrected judgements, else means.

    Args:
        sides: Both versions.
        metric: The name of the metric.
        judged: Whether a judge says it whose figures people's ratings correct.
    """
    classes = sides.new.layout.classes.get(metric)
    if classes is not None:
        return _of_classes(sides, classes)
    if metric in sides.new.layout.count_metrics:
        found = [counted_estimate(item, metric) for item in (sides.old, sides.new)]
        change = counted_difference(sides.new, sides.old, metric)
    elif judged:
        found = [judged_estimate(item, metric) for item in (sides.old, sides.new)]
        change = judged_difference(sides.new, sides.old, metric) or metric_difference(
            sides.new, sides.old, metric
        )
    else:
        found = [metric_estimate(item, metric) for item in (sides.old, sides.new)]
        change = metric_difference(sides.new, sides.old, metric)
    old, new = (
        _counted(each, item, metric) for each, item in zip(found, (sides.old, sides.new), strict=True)
    )
    return Figures(old=old, new=new, change=_change(change, sides))


def _of_classes(sides: Sides, classes: Classes) -> Figures:
    columns = [class_columns(item, classes) for item in (sides.old, sides.new)]
    groups = sides.new.groups
    draws = resampled_macro_f1(columns, groups)
    old, new = (
        _counted(macro_f1_estimate(own, groups, drawn), item, classes.metric)
        for own, drawn, item in zip(columns, draws, (sides.old, sides.new), strict=True)
    )
    change = macro_f1_difference(columns[1], columns[0], groups, (draws[1], draws[0]))
    return Figures(old=old, new=new, change=_change(change, sides))


def _counted(found: Estimate, item: Measured, metric: str) -> Estimate:
    """Count as missing only cases that were asked and that the metric concerns."""
    concerned = int(np.count_nonzero(item.present)) - item.inapplicable(metric)
    return replace(found, n_missing=max(0, concerned - found.n))


def _change(found: Difference, sides: Sides) -> Estimate:
    return Estimate(
        value=found.value,
        low=found.low,
        high=found.high,
        n=found.n,
        n_missing=max(0, sides.cases - found.n),
        method=found.method,
    )
