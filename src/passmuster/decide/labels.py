"""The classes of a metric whose answers are labels."""

from collections.abc import Sequence
from dataclasses import dataclass

from passmuster.errors import ConfigurationError
from passmuster.metrics.metric import LabelMetric
from passmuster.records.case import Case

MOST_LABELS = 1000
"""More are free text rather than classes, and a matrix of each against each would fill the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """The labels of a metric, sorted, and the right one of each case (None where it has no reference)."""

    metric: str
    labels: tuple[str, ...]
    truths: tuple[str | None, ...]


def classes_of(metric: LabelMetric, cases: Sequence[Case]) -> Classes:
    """Return the labels that the references of these cases use.

    Raises:
        ConfigurationError: where these are more than `MOST_LABELS`.
    """
    truths = tuple(metric.label(case) for case in cases)
    labels = {label for label in truths if label is not None}
    if len(labels) > MOST_LABELS:
        raise ConfigurationError(
            f"{metric.name}: the references name {len(labels):,} different labels; {MOST_LABELS:,} are the most",
            hint="for free text take exact_match; labels that differ in writing only are made one by `normalise`",
        )
    return Classes(metric=metric.name, labels=tuple(sorted(labels)), truths=truths)
