"""A metric around another one, which does more than score or sees to it that scoring goes well."""

from dataclasses import dataclass

from passmuster.metrics.metric import Bounds, Metric, Summary
from passmuster.records.record import Record
from passmuster.records.score import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Around(Record):
    """What a metric around another one passes on of it: all but its name and how it scores."""

    metric: Metric

    @property
    def version(self) -> int:
        """The version of the metric in it."""
        return self.metric.version

    @property
    def direction(self) -> Direction:
        """Whether more is better."""
        return self.metric.direction

    @property
    def bounds(self) -> Bounds:
        """The least and the greatest value."""
        return self.metric.bounds

    @property
    def binary(self) -> bool:
        """Whether each value is 0 or 1."""
        return self.metric.binary

    @property
    def summary(self) -> Summary:
        """What is shown beside the mean."""
        return self.metric.summary
