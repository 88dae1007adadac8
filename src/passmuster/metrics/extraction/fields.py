"""Which fields of the answer are right: `fields`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from passmuster.metrics.answers import Step, as_text, same
from passmuster.metrics.json_text import find_json
from passmuster.metrics.metric import UNIT, Bounds, Summary, no_reference, shown
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.json_kind import kind_of
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields(Record):
    """The share of the reference's fields that a JSON answer has right.

    `fields` names those that count (default: all of the reference). `normalise` says what does not count in
    texts, for all fields or by name; fields in `any_order` hold lists whose order does not count. Null and
    absent are the same: right where the reference says so too, else `invented` or `missing`.

    Example:
        >>> case = Case(id="1", input="", reference={"party": "ACME", "amount": 12})
        >>> score = Fields().score(case, Reply(text='{"amount": "12.00", "date": "May"}'))
        >>> score.value, score.details["parts"], score.details["missing"], score.details["invented"]
        (0.5, {'party': 0, 'amount': 1}, ['party'], ['date'])
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "parts"

    name: str = "fields"
    fields: tuple[str, ...] | None = None
    normalise: tuple[Step, ...] | Mapping[str, tuple[Step, ...]] = ()
    any_order: tuple[str, ...] = ()

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return the share in [0, 1], with a 1 or 0 per field and the names that are missing and invented."""
        reference = case.reference
        if reference is None:
            return no_reference(case)
        if not isinstance(reference, Mapping):
            message = f"the reference of case {case.id!r} is {kind_of(reference)}, not an object of fields"
            return ScoreFailure(kind="wrong_reference", message=message)
        names = list(reference) if self.fields is None else list(self.fields)
        if not names:
            return no_reference(case)
        found = find_json(reply.text)
        if not isinstance(found, Unreadable) and not isinstance(found, Mapping):
            found = Unreadable(reason=f"the answer is {kind_of(found)}, not an object of fields")
        if isinstance(found, Unreadable):
            details = {"parts": dict.fromkeys(names, 0), "missing": names, "invented": []}
            return Score(value=0.0, details={**details, "unreadable": True, "reason": found.reason})
        return self._compare(names, reference, found)

    def _compare(self, names: list[str], reference: Mapping[str, Json], found: Mapping[str, Json]) -> Score:
        right = {name: int(self._same(name, found.get(name), reference.get(name))) for name in names}
        missing = [n for n in names if reference.get(n) is not None and found.get(n) is None]
        considered = names if self.fields is not None else list(dict.fromkeys([*names, *found]))
        invented = [n for n in considered if reference.get(n) is None and found.get(n) is not None]
        answer = as_text({name: found[name] for name in names if name in found})
        return Score(
            value=sum(right.values()) / len(right),
            answer=shown(answer),
            details={
                "parts": right,
                "missing": missing,
                "invented": [shown(n) for n in invented[:MOST_SHOWN]],
            },
        )

    def _same(self, name: str, answer: Json, reference: Json) -> bool:
        if answer is None or reference is None:
            return answer is reference
        steps = self.normalise.get(name, ()) if isinstance(self.normalise, Mapping) else self.normalise
        return same(answer, reference, steps, any_order=name in self.any_order)


MOST_SHOWN = 20
"""Invented names that a score keeps; a reply may hold a million."""
