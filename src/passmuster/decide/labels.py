"""The classes of a metric whose answers are labels."""

from collections.abc import Sequence
from dataclasses import dataclass

from passmuster.metrics.metric import LabelMetric
from passmuster.records.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """The labels of a metric, sorted, and the right one of each case (None where it has no reference)."""

    metric: str
    labels: tuple[str, ...]
    truths: tuple[str | None, ...]


def classes_of(metric: LabelMetric, cases: Sequence[Case]) -> Classes:
    """Return the labels that the references of these cases use."""
    truths = tuple(metric.label(case) for case in cases)
    return Classes(
        metric=metric.name,
        labels=tuple(sorted({label for label in truths if label is not None})),
        truths=truths,
    )
