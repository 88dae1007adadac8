"""Traffic: what production asked and was answered, before any of it is a case."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from passmuster.records.case import Input, ToolCall
from passmuster.records.record import Json, Record, made_often
from passmuster.records.trial import Usage


@made_often
@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficRecord(Record):
    """One call of production, as every mapper returns it; None is unknown.

    `time` is seconds since the epoch, `seconds` how long the call took, `first_token` how long until its first
    token, `cost` US dollars. `feedback` is one word of what the user showed: `up`, `down`, `edited`, `retried`,
    `escalated`, `complained`, or `score:low`, `score:middle`, `score:high`. `reference` is a known right answer,
    in few logs. `columns` holds the source's other scalar columns, of which strata can be made.
    """

    id: str
    input: Input
    output: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    time: float | None = None
    model: str | None = None
    usage: Usage | None = None
    cost: float | None = None
    first_token: float | None = None
    seconds: float | None = None
    error: str | None = None
    user: str | None = None
    session: str | None = None
    tags: tuple[str, ...] = ()
    feedback: str | None = None
    reference: Json = None
    columns: Mapping[str, Json] = field(default_factory=dict)
