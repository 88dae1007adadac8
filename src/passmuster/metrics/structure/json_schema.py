"""Is the reply the JSON that was asked for: `json_schema`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias

from passmuster.metrics.json_text import find_json, parse_json
from passmuster.metrics.metric import UNIT, Bounds, Summary
from passmuster.metrics.structure.repair import repaired
from passmuster.metrics.structure.schemas import UNSUPPORTED, compile_schema, first_error
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply

Reading: TypeAlias = Literal["strict", "fenced", "repaired"]


class _Read(NamedTuple):
    """What one way of reading a reply gives: its first error with the place, None where it is valid."""

    error: tuple[str, str] | None
    unreadable: bool = False
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonSchema(Record):
    """1 where the reply is JSON that a JSON Schema accepts, else 0 with the first error and its place.

    The draft is that of `$schema`, else 2020-12. Nothing is fetched: a `$ref` must point into the schema.
    Patterns run in linear time; a schema with one that needs more gives score failures. `formats` checks
    `format` (None: as the draft says). A reply is always read three ways, and the share of each is a part:
    `strict` (the whole reply), `fenced` (also in a ``` fence) and `repaired` (after the usual repairs, see
    `structure.repair`). The options `fenced` and `repaired` say which of them counts; default: strict.

    Example:
        >>> metric = JsonSchema(schema={"properties": {"age": {"type": "integer"}}})
        >>> metric.score(Case(id="1", input=""), Reply(text='{"age": "x"}')).details["path"]
        '$.age'
        >>> metric.score(Case(id="1", input=""), Reply(text='{"age": 3,}')).details["parts"]
        {'strict': 0, 'fenced': 0, 'repaired': 1}
    """

    version: ClassVar[int] = 2
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "parts"

    name: str = "json_schema"
    schema: Mapping[str, Json] | bool
    fenced: bool = False
    repaired: bool = False
    formats: bool | None = None
    _validator: Any = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_validator", compile_schema(self.schema, self.formats))

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1, or 0 with `error` and `path`; no reference is needed."""
        del case
        if self._validator is None:
            return ScoreFailure(kind="unsupported_pattern", message=UNSUPPORTED)
        reads = self._reads(reply.text)
        parts = {name: int(read.error is None) for name, read in reads.items()}
        counted: Reading = "repaired" if self.repaired else "fenced" if self.fenced else "strict"
        read = reads[counted]
        details: dict[str, Json] = {"parts": parts}
        if read.error is not None:
            details |= {"error": read.error[0], "path": read.error[1]}
        if read.unreadable:
            details |= {"unreadable": True, "reason": details["error"]}
        if reads["repaired"].repairs:
            details["repairs"] = list(reads["repaired"].repairs)
        return Score(value=float(parts[counted]), details=details)

    def _reads(self, text: str) -> dict[Reading, _Read]:
        """Read a reply all three ways; where one finds JSON, the laxer ones find the same."""
        strict = self._read(parse_json(text))
        if not strict.unreadable:
            return {"strict": strict, "fenced": strict, "repaired": strict}
        fenced = self._read(find_json(text))
        if not fenced.unreadable:
            return {"strict": strict, "fenced": fenced, "repaired": fenced._replace(repairs=("fence",))}
        mended = repaired(text)
        if isinstance(mended, Unreadable):
            return {"strict": strict, "fenced": fenced, "repaired": self._read(mended)}
        return {
            "strict": strict,
            "fenced": fenced,
            "repaired": self._read(mended.value)._replace(repairs=mended.repairs),
        }

    def _read(self, value: Json | Unreadable) -> _Read:
        if isinstance(value, Unreadable):
            return _Read((value.reason, "$"), unreadable=True)
        return _Read(first_error(self._validator, value))
