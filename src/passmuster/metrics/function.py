"""A user's own function as a metric."""

import math
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from passmuster.metrics.metric import UNIT, Bounds, Summary, shown
from passmuster.records.case import Case
from passmuster.records.record import Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply

Returned: TypeAlias = bool | float | Score | ScoreFailure
Function: TypeAlias = Callable[[Case, Reply], Returned]

TRACE_LINES = 12
"""The last lines of a traceback that a failure keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionMetric(Record):
    """A metric that calls a function; what goes wrong in it is a score failure, never an exception."""

    summary: ClassVar[Summary] = "mean"

    name: str
    function: Function
    version: int = 1
    direction: Direction = "higher"
    binary: bool = False
    bounds: Bounds = UNIT

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return what the function says: true is 1, false is 0, a number stands for itself."""
        try:
            result = self.function(case, reply)
        except Exception:  # noqa: BLE001 - a user's code may raise anything; it becomes a value
            lines = traceback.format_exc(limit=-TRACE_LINES).splitlines()[-TRACE_LINES:]
            return ScoreFailure(kind="error", message="\n".join(shown(line) for line in lines))
        return _outcome(self.name, result, self.bounds)


def _outcome(name: str, result: object, bounds: Bounds) -> ScoreOutcome:
    if isinstance(result, ScoreFailure):
        return result
    value = result.value if isinstance(result, Score) else result
    try:
        number = float(value) if isinstance(value, bool | int | float) else math.nan
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        message = f"metric {name} returned {shown(repr(value))}: not true, false, a finite number or a Score"
        return ScoreFailure(kind="wrong_type", message=message)
    if not bounds[0] <= number <= bounds[1]:
        message = f"metric {name} returned {number:g}, outside its bounds of {bounds[0]:g} to {bounds[1]:g}"
        return ScoreFailure(kind="out_of_bounds", message=message)
    return result if isinstance(result, Score) else Score(value=number)


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
