"""Rubrics: what judges and people are asked of a reply, on which scale, with anchors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Protocol, runtime_checkable

from passmuster.errors import ConfigurationError
from passmuster.metrics.metric import Bounds, Metric
from passmuster.records.record import Record

HIGHEST = 100
"""The highest value of a scale."""

MOST_CRITERIA = 20

PASS_FAIL: tuple[int, int] = (0, 1)
"""The scale of a rubric whose criteria are met or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion(Record):
    """One thing that is asked of a reply; `anchors` say what values of the scale mean, by the value as text."""

    name: str
    question: str
    weight: float = 1.0
    anchors: Mapping[str, str] = field(default_factory=dict)

    @property
    def anchored(self) -> Sequence[tuple[str, str]]:
        """The anchors from the lowest value to the highest, in whatever order they were written."""
        return sorted(self.anchors.items(), key=lambda each: int(each[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric(Record):
    """What is asked of a reply: criteria on one scale of whole numbers, from `low` to `high`.

    The value of a reply is the mean of its criteria by their weights; where the scale is 0 to 1 each criterion is
    met or not, and the reply passes (1) where all of them are met. `instruction` says what is judged, before the criteria;
    `reference` that a reply is judged by the case's reference.

    Raises:
        ConfigurationError: for a scale, a weight or an anchor that cannot be, for no criteria, and for two of one name.

    Example:
        >>> polite = Rubric(criteria=(Criterion(name="tone", question="Is it polite?"),))
        >>> polite.value({"tone": 4}), polite.bounds, polite.binary
        (4.0, (1.0, 5.0), False)
    """

    criteria: tuple[Criterion, ...]
    name: str = "rubric"
    instruction: str = ""
    low: int = 1
    high: int = 5
    reference: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        names = [criterion.name for criterion in self.criteria]
        if not names or len(names) > MOST_CRITERIA:
            raise ConfigurationError(f"a rubric has 1 to {MOST_CRITERIA} criteria, not {len(names)}")
        if len(set(names)) < len(names):
            raise ConfigurationError(f"the rubric has two criteria of one name: {', '.join(names)}")
        if not 0 <= self.low < self.high <= HIGHEST:
            raise ConfigurationError(
                f"a scale runs from 0 or more up to at most {HIGHEST}, not from {self.low} to {self.high}"
            )
        for criterion in self.criteria:
            self._check(criterion)

    @property
    def bounds(self) -> Bounds:
        """The least and the greatest value."""
        return float(self.low), float(self.high)

    @property
    def binary(self) -> bool:
        """Whether a reply passes or fails."""
        return (self.low, self.high) == PASS_FAIL

    @property
    def scale(self) -> Sequence[int]:
        """The values that a criterion can have."""
        return range(self.low, self.high + 1)

    def value(self, given: Mapping[str, float]) -> float:
        """Return the value of a reply whose criteria have these values, one each."""
        if self.binary:
            return float(all(given[criterion.name] == 1 for criterion in self.criteria))
        total = sum(criterion.weight for criterion in self.criteria)
        return sum(criterion.weight * given[criterion.name] for criterion in self.criteria) / total

    def _check(self, criterion: Criterion) -> None:
        if not criterion.name.strip() or not criterion.name.isprintable() or not criterion.question.strip():
            raise ConfigurationError(
                f"a criterion has a name of one line and a question, not {criterion.name!r}: {criterion.question!r}"
            )
        if not 0 < criterion.weight < inf:
            raise ConfigurationError(
                f"the weight of {criterion.name!r} is {criterion.weight}, and must be above 0 and finite"
            )
        scale = {str(value) for value in self.scale}
        for value in criterion.anchors:
            if value not in scale:
                raise ConfigurationError(
                    f"{criterion.name!r} has an anchor at {value!r}, which is not on the scale",
                    hint=f"The scale runs from {self.low} to {self.high}.",
                )


@runtime_checkable
class JudgedMetric(Metric, Protocol):
    """A metric whose value is a model's word about a reply: a figure only beside what people say."""

    @property
    def asks(self) -> str | tuple[str, ...]:
        """The names of the judges."""

    @property
    def at_its_word(self) -> bool:
        """Whether bars take the judge at its word where people rated too few replies to correct it."""


@runtime_checkable
class JudgingMetric(JudgedMetric, Protocol):
    """A judged metric with a rubric, so that people can be asked the same."""

    @property
    def rubric(self) -> Rubric:
        """What is asked."""

    @property
    def independent(self) -> bool:
        """Whether a judge of a candidate's own model or family is refused."""
