"""How close a judge's verdict is to what people said, as metrics: what a comparison of judges is scored with."""

import json
import math
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from passmuster.metrics.metric import NOT_APPLICABLE, UNIT, Bounds, Summary, no_reference, shown
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply

Answers: TypeAlias = Literal["passes", "prefers", "sorts", "grades"]
"""What a judge says of a reply: pass or fail, better or worse than another one, of which kind it is (each kind a number),
or a value on a scale."""

WRONG_VERDICT = "wrong_verdict"
"""The kind of score failure of a verdict that is no number on the scale."""


def verdict_text(outcome: ScoreOutcome, again: float | None = None) -> str:
    """Write what a judge said as the reply of a trial; `again` is what it said when it was asked once more.

    Example:
        >>> verdict_text(Score(value=1.0))
        '{"value": 1.0}'
    """
    if isinstance(outcome, Score):
        told: dict[str, Json] = {"value": outcome.value}
        if again is not None:
            told["again"] = again
    else:
        told = {"failure": outcome.kind, "message": outcome.message}
    return json.dumps(told, ensure_ascii=False)


def read_verdict_text(text: str, bounds: Bounds) -> "dict[str, float] | ScoreFailure":
    """Return the value, and the one of the second time where there is one; why there is none otherwise."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and isinstance(found.get("failure"), str):
        return ScoreFailure(kind=found["failure"], message=shown(str(found.get("message", ""))))
    if not isinstance(found, dict) or not _on_scale(found.get("value"), bounds):
        return ScoreFailure(
            kind=WRONG_VERDICT, message=f"no verdict from {bounds[0]:g} to {bounds[1]:g}: {shown(text)}"
        )
    return {name: float(found[name]) for name in ("value", "again") if _on_scale(found.get(name), bounds)}


def _on_scale(value: object, bounds: Bounds) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and bounds[0] <= value <= bounds[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement(Record):
    """1 where a judge says what most people said: pass or fail, better, equal or worse, or the same kind.

    Example:
        >>> said_by_people = Case(id="1", input="", reference=1.0)
        >>> Agreement().score(said_by_people, Reply(text=verdict_text(Score(value=1.0)))).value
        1.0
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "mean"

    name: str = "agreement"
    answers: Answers = "passes"
    low: float = 0.0
    high: float = 1.0

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return whether they agree; the failure of the judge where it gave no verdict."""
        people = _people(case, (self.low, self.high))
        found = read_verdict_text(reply.text, (self.low, self.high))
        if isinstance(people, ScoreFailure):
            return people
        if isinstance(found, ScoreFailure):
            return found
        said, right = side(found["value"], self.answers), side(people, self.answers)
        return Score(value=float(said == right), answer=f"{said:g}", details={"reference": f"{right:g}"})


def side(value: float, answers: Answers) -> float:
    """Return the verdict that a mean over raters or judges comes to: 0 or 1; of two replies also 0.5, a tie; a kind is itself.

    Example:
        >>> side(0.7, "passes"), side(0.7, "prefers"), side(0.5, "prefers")
        (1.0, 1.0, 0.5)
    """
    if answers in ("sorts", "grades"):
        return value
    if answers == "prefers" and math.isclose(value, 0.5):
        return 0.5
    return float(value >= 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closeness(Record):
    """1 less the distance between judge and people, as a share of the scale; 1 where they say the same.

    Of two replies it is the share of the two orders in which a judge prefers what people prefer.

    Example:
        >>> said_by_people = Case(id="1", input="", reference=4.0)
        >>> Closeness(low=1, high=5).score(said_by_people, Reply(text=verdict_text(Score(value=3.0)))).value
        0.75
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "mean"

    name: str = "closeness"
    low: float = 0.0
    high: float = 1.0

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return how close they are; the failure of the judge where it gave no verdict."""
        scale = (self.low, self.high)
        people = _people(case, scale)
        found = read_verdict_text(reply.text, scale)
        if isinstance(people, ScoreFailure):
            return people
        if isinstance(found, ScoreFailure):
            return found
        distance = abs(found["value"] - people) / (self.high - self.low)
        return Score(value=1 - distance, answer=f"{found['value']:g}", details={"reference": f"{people:g}"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Steadiness(Record):
    """1 less the distance between what a judge says and what it says when it is asked once more; 1 where it stays.

    Example:
        >>> Steadiness().score(Case(id="1", input=""), Reply(text=verdict_text(Score(value=1.0), 0.0))).value
        0.0
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "mean"

    name: str = "steadiness"
    low: float = 0.0
    high: float = 1.0

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return how steady it is; not applicable where it was asked once."""
        found = read_verdict_text(reply.text, (self.low, self.high))
        if isinstance(found, ScoreFailure):
            return found
        if "again" not in found:
            return ScoreFailure(kind=NOT_APPLICABLE, message=f"nobody asked about case {case.id!r} again")
        return Score(value=1 - abs(found["value"] - found["again"]) / (self.high - self.low))


def _people(case: Case, bounds: Bounds) -> float | ScoreFailure:
    """Return what people said."""
    if case.reference is None:
        return no_reference(case)
    if not _on_scale(case.reference, bounds) or not isinstance(case.reference, int | float):
        return ScoreFailure(kind="wrong_reference", message=f"case {case.id!r} has no value of this scale")
    return float(case.reference)
