"""Precision, recall and F1 of fields: `field_f1`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import as_text
from passmuster.metrics.extraction.counting import OTHERS, listed, unreadable
from passmuster.metrics.extraction.findings import Findings, compare
from passmuster.metrics.extraction.rules import FieldRule, Kind, as_rule
from passmuster.metrics.extraction.values import absent
from passmuster.metrics.json_text import find_json
from passmuster.metrics.metric import UNIT, Bounds, Summary, no_reference, shown
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.json_kind import kind_of
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldF1(Record):
    """F1 of the values of a JSON answer against those of the reference, each compared by the kind of its field.

    A value that the reference does not have is invented and lowers precision, one that the answer does not have is
    missed and lowers recall, and one that differs is wrong and lowers both. Null, white space and empty lists and
    objects are no values. The items of a list are paired so that the most is right.

    Args:
        fields: Which fields there are, and the kind or the rule of each. None: those of the reference,
            compared as `exact_match` does; what else the answer has is counted as invented.

    Example:
        >>> case = Case(id="1", input="", reference={"party": "ACME", "due": "2026-04-03", "items": ["a", "b"]})
        >>> metric = FieldF1(fields={"party": "string", "due": "date", "items": "list"})
        >>> score = metric.score(case, Reply(text='{"due": "April 3, 2026", "items": ["b", "c"]}'))
        >>> round(score.value, 3), score.details["missed"], score.details["wrong"][0]["field"]
        (0.571, ['party'], 'items[1]')
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "counts"

    name: str = "field_f1"
    fields: Mapping[str, FieldRule | Kind] | None = None
    _rules: Mapping[str, FieldRule] | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if self.fields is None:
            return
        if not self.fields:
            raise ConfigurationError("field_f1 has no fields", hint="fields: {date: date, total: money}")
        rules = {name: as_rule(rule) for name, rule in self.fields.items()}
        object.__setattr__(self, "_rules", rules)

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return F1 in [0, 1] with counts by field and what is wrong, missed and invented."""
        reference = case.reference
        if reference is None:
            return no_reference(case)
        if not isinstance(reference, Mapping):
            message = f"the reference of case {case.id!r} is {kind_of(reference)}, not an object of fields"
            return ScoreFailure(kind="wrong_reference", message=message)
        answer = find_json(reply.text)
        if not isinstance(answer, Unreadable | Mapping):
            answer = Unreadable(reason=f"the answer is {kind_of(answer)}, not an object of fields")
        if isinstance(answer, Unreadable):
            expected = self._compare({}, reference).tallies.counts
            return Score(value=0.0, details=unreadable(expected, answer.reason))
        found = self._compare(answer, reference)
        return Score(
            value=found.tallies.value,
            answer=shown(as_text(answer)),
            details={
                "counts": found.tallies.counts,
                "differing": {kind: number for kind, number in found.differing.items() if number},
                "wrong": found.wrong,
                "missed": found.missed,
                "invented": found.invented,
                **self._unknown(answer),
            },
        )

    def _compare(self, answer: Mapping[str, Json], reference: Mapping[str, Json]) -> Findings:
        found = Findings()
        rules = self._rules
        if rules is None:
            rules = {str(name): FieldRule(kind="any") for name in reference}
        for name, rule in rules.items():
            compare(found, name, name, rule, (answer.get(name), reference.get(name)))
        if self._rules is None:
            for name, value in answer.items():
                if name not in reference:
                    found.value(name, OTHERS, FieldRule(kind="any"), value, None)
        return found

    def _unknown(self, answer: Mapping[str, Json]) -> dict[str, Json]:
        """Return which names of the answer no rule speaks of: they do not count."""
        rules = self._rules
        if rules is None:
            return {}
        names = listed(name for name, value in answer.items() if name not in rules and not absent(value))
        return {"unknown": names} if names else {}
