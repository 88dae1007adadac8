"""Is what an agent left as it should be: `end_state`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

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
MOST_UNORDERED = 1000
"""Items of a list in any order: they are compared each with each."""
LIMITS = f"{MOST_VALUES} values, {DEPTH} levels or {MOST_UNORDERED} items in any order"

Path: TypeAlias = tuple[str | int, ...]
"""Names and places of items on the way to a value; as text, `orders[0].id`."""


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
            "missing": names_shown(map(_written, missing)),
            "invented": names_shown(map(_written, invented)),
        }
        return Score(value=right / (len(expected) + len(invented)), details=details)

    def _values(self, state: Json) -> dict[Path, Json] | None:
        """Return the values of a state by path, empty lists and objects among them; None if it is too large or deep."""
        found: dict[Path, Json] = {}
        left: list[tuple[Path, str, Json]] = [((), "", state)]
        longest = max(map(len, (*self.ignore, *self.any_order)), default=0)
        while left:
            path, text, value = left.pop()
            if text in self.ignore:
                continue
            whole = text in self.any_order
            if _size(value) > (MOST_UNORDERED if whole else MOST_VALUES):
                return None
            inner = () if whole else _inside(path, text, value, longest)
            if inner:
                left.extend(reversed(inner))
            else:
                found[path] = value
            if len(path) > DEPTH or len(found) + len(left) > MOST_VALUES:
                return None
        return found

    def _same(self, answer: Json, reference: Json, path: Path) -> bool:
        any_order = bool(self.any_order) and _written(path) in self.any_order
        try:
            return same(answer, reference, self.normalise, any_order=any_order)
        except RecursionError:  # only a state made in Python is that deep; what is stored is not
            return False


def _size(value: Json) -> int:
    return len(value) if isinstance(value, Mapping | list | tuple) else 0


def _inside(path: Path, text: str, value: Json, longest: int) -> Sequence[tuple[Path, str, Json]]:
    """Return what stands in a list or an object, with its path as text as far as any option names it."""
    if isinstance(value, Mapping):
        items = [(str(name), item) for name, item in value.items()]
        return [((*path, name), _joined(text, name, path)[: longest + 1], item) for name, item in items]
    if isinstance(value, list | tuple):
        return [((*path, place), f"{text}[{place}]"[: longest + 1], item) for place, item in enumerate(value)]
    return ()


def _joined(text: str, name: str, path: Path) -> str:
    return f"{text}.{name}" if path else name


def _written(path: Path) -> str:
    text = ""
    for place, part in enumerate(path):
        text = f"{text}[{part}]" if isinstance(part, int) else _joined(text, part, path[:place])
    return text


def _difference(path: Path, answer: Json, reference: Json) -> dict[str, Json]:
    found = {"answer": shown(as_text(answer)), "reference": shown(as_text(reference))}
    return {"path": shown(_written(path)), **found}
