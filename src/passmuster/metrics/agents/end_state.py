"""Is what an agent left as it should be: `end_state`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from passmuster.metrics.agents.did import MOST_SHOWN, names_shown
from passmuster.metrics.answers import Step, as_text, same
from passmuster.metrics.json_text import DEPTH
from passmuster.metrics.metric import UNIT, Bounds, Summary, no_reference, shown
from passmuster.metrics.text.exact_match import unreadable_score
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply

MOST_VALUES = 20_000
"""Values of a state that are compared; one with more is refused, and so is one deeper than JSON is read."""
LIMITS = f"{MOST_VALUES} values or {DEPTH} levels"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndState(Record):
    """The share of the values in the reference that the state of a reply has too.

    The reference is the state, or an object with it under `state`. What it does not name is free, unless
    `others: false` counts it as wrong. Lists are compared place by place, those at the paths in `any_order`
    as a whole and in any order; `ignore` leaves out paths with all below them, `normalise` says what does not
    count in texts.

    Example:
        >>> case = Case(id="1", input="", reference={"state": {"orders": {"A7": "cancelled", "A8": "open"}}})
        >>> reply = Reply(text="Done.", state={"orders": {"A7": "cancelled", "A8": "cancelled"}})
        >>> EndState().score(case, reply).details["wrong"]
        [{'path': 'orders.A8', 'answer': 'cancelled', 'reference': 'open'}]
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "mean"

    name: str = "end_state"
    others: bool = True
    ignore: tuple[str, ...] = ()
    any_order: tuple[str, ...] = ()
    normalise: tuple[Step, ...] = ()

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return the share; `wrong` and `missing` name the values by path, `invented` what should not be there."""
        reference = case.reference
        if isinstance(reference, Mapping) and "state" in reference:
            reference = reference["state"]
        if reference is None:
            return no_reference(case)
        expected = self._values(reference)
        if expected is None or not expected:
            message = f"the reference of case {case.id!r} holds no values, or more than {LIMITS}"
            return ScoreFailure(kind="wrong_reference", message=message)
        if reply.state is None:
            return unreadable_score(Unreadable(reason="the reply says nothing of the state it left"))
        found = self._values(reply.state)
        if found is None:
            return unreadable_score(Unreadable(reason=f"the state holds more than {LIMITS}"))
        missing = [path for path in expected if path not in found]
        wrong = [
            path
            for path, value in expected.items()
            if path in found and not self._same(found[path], value, path)
        ]
        invented = [] if self.others else [path for path in found if path not in expected]
        right = len(expected) - len(missing) - len(wrong)
        details: dict[str, Json] = {
            "right": right,
            "of": len(expected),
            "wrong": [_difference(path, found[path], expected[path]) for path in wrong[:MOST_SHOWN]],
            "missing": names_shown(missing),
            "invented": names_shown(invented),
        }
        return Score(value=right / (len(expected) + len(invented)), details=details)

    def _values(self, state: Json) -> dict[str, Json] | None:
        """Return the values of a state by path, empty lists and objects among them; None if it is too large or deep."""
        found: dict[str, Json] = {}
        left: list[tuple[str, Json, int]] = [("", state, 0)]
        while left:
            path, value, depth = left.pop()
            if path in self.ignore:
                continue
            inner = () if path in self.any_order else _inside(path, value)
            if inner:
                left.extend((name, item, depth + 1) for name, item in reversed(inner))
            else:
                found[path] = value
            if depth > DEPTH or len(found) + len(left) > MOST_VALUES:
                return None
        return found

    def _same(self, answer: Json, reference: Json, path: str) -> bool:
        try:
            return same(answer, reference, self.normalise, any_order=path in self.any_order)
        except RecursionError:  # only a state made in Python is that deep; what is stored is not
            return False


def _inside(path: str, value: Json) -> Sequence[tuple[str, Json]]:
    if isinstance(value, Mapping):
        return [(f"{path}.{name}" if path else str(name), item) for name, item in value.items()]
    if isinstance(value, list | tuple):
        return [(f"{path}[{place}]", item) for place, item in enumerate(value)]
    return ()


def _difference(path: str, answer: Json, reference: Json) -> dict[str, Json]:
    return {"path": shown(path), "answer": shown(as_text(answer)), "reference": shown(as_text(reference))}
