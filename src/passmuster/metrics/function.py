"""A user's own function as a metric."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

from passmuster.metrics.metric import UNIT, Bounds, Summary
from passmuster.metrics.returned import outcome_of, raised
from passmuster.records.case import Case
from passmuster.records.record import Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply

Returned: TypeAlias = bool | float | Score | ScoreFailure
Function: TypeAlias = Callable[..., Returned]
"""Is called with the case, the reply and its options by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionMetric(Record):
    """A metric that calls a function; what goes wrong in it is a score failure, never an exception.

    `options` are given to it by name.
    """

    summary: ClassVar[Summary] = "mean"

    name: str
    function: Function
    version: int = 1
    direction: Direction = "higher"
    binary: bool = False
    bounds: Bounds = UNIT
    options: Mapping[str, Any] = field(default_factory=dict)

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return what the function says: true is 1, false is 0, a number stands for itself."""
        try:
            result = self.function(case, reply, **self.options)
        except (Exception, SystemExit):  # noqa: BLE001 - a user's code may raise anything; it becomes a value
            return raised()
        return outcome_of(self.name, result, self.bounds, binary=self.binary)


def function_metric(
    name: str,
    function: Function,
    version: int = 1,
    *,
    direction: Direction = "higher",
    binary: bool | None = None,
    bounds: Bounds = UNIT,
) -> FunctionMetric:
    """Return a metric that calls `function(case, reply)`.

    It returns true or false, a finite number, a `Score` or a `ScoreFailure`. Raise `version` when it changes.
    `binary` None: it is pass/fail if it is annotated `-> bool`. A value outside `bounds` is a failure.

    Example:
        >>> def short(case: Case, reply: Reply) -> bool:
        ...     return len(reply.text) < 10
        >>> metric = function_metric("short", short)
        >>> metric.binary, metric.score(Case(id="1", input=""), Reply(text="yes")).value
        (True, 1.0)
    """
    if binary is None:
        binary = getattr(function, "__annotations__", {}).get("return") in (bool, "bool")
    return FunctionMetric(
        name=name,
        function=function,
        version=version,
        direction=direction,
        binary=bool(binary),
        bounds=bounds,
    )
