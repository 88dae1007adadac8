"""Is the reply the JSON that was asked for: `json_schema`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import jsonschema_rs

from passmuster.errors import ConfigurationError
from passmuster.metrics.json_text import find_json, parse_json
from passmuster.metrics.metric import UNIT, Bounds, Summary, shown
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonSchema(Record):
    """1 where the reply is JSON that a JSON Schema accepts, else 0 with the first error and its place.

    The draft is that of `$schema`, else 2020-12. Nothing is fetched: a `$ref` must point into the schema.
    Patterns run in linear time; a schema with one that needs more gives score failures. `fenced` also takes
    JSON in a ``` fence; `formats` checks `format` (None: as the draft says).

    Example:
        >>> metric = JsonSchema(schema={"properties": {"age": {"type": "integer"}}})
        >>> metric.score(Case(id="1", input=""), Reply(text='{"age": "x"}')).details["path"]
        '$.age'
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "mean"

    name: str = "json_schema"
    schema: Mapping[str, Json] | bool
    fenced: bool = False
    formats: bool | None = None
    _validator: Any = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_validator", _compile(self.schema, self.formats))

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1, or 0 with `error` and `path`; no reference is needed."""
        del case
        if self._validator is None:
            message = (
                "the schema has a pattern that no linear-time engine supports (look-around, back-reference)"
            )
            return ScoreFailure(kind="unsupported_pattern", message=message)
        value = find_json(reply.text) if self.fenced else parse_json(reply.text)
        if isinstance(value, Unreadable):
            return Score(value=0.0, details={"error": value.reason, "path": "$", "unreadable": True})
        try:
            self._validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            return Score(
                value=0.0, details={"error": shown(error.message), "path": shown(_place(error.instance_path))}
            )
        return Score(value=1.0)


def _compile(schema: Mapping[str, Json] | bool, formats: bool | None) -> jsonschema_rs.Validator | None:  # noqa: FBT001 - a schema may be true
    """Return the validator; None where only a backtracking engine could run one of its patterns."""
    plain = schema if isinstance(schema, bool) else dict(schema)
    linear, backtracking = jsonschema_rs.RegexOptions(), jsonschema_rs.FancyRegexOptions()
    try:
        return jsonschema_rs.validator_for(
            plain, validate_formats=formats, pattern_options=linear, offline=True
        )
    except (ValueError, TypeError, jsonschema_rs.ReferencingError) as error:
        try:
            jsonschema_rs.validator_for(plain, pattern_options=backtracking, offline=True)
        except (ValueError, TypeError, jsonschema_rs.ReferencingError):
            text = getattr(error, "message", None) or str(error)
            hint = "nothing is fetched: put what a $ref names into $defs" if "retriev" in text else None
            raise ConfigurationError(f"the JSON Schema is wrong: {shown(text)}", hint=hint) from error
        return None


def _place(path: list[str | int]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
