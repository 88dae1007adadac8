"""Which replies may go out unseen, as a project file states it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from passmuster.project.fields import Dollars, Minutes, Name, Share
from passmuster.records.escalation import EscalationPolicy, SignalKind
from passmuster.records.record import Record

_USUAL = EscalationPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalSettings(Record):
    """A signal of confidence; what is surer has the larger value."""

    kind: Annotated[SignalKind, Field(description="what the signal is")]
    of: Annotated[Name | None, Field(description="the metric of `metric`, the candidate of `agreement`")] = (
        None
    )
    regex: Annotated[Name | None, Field(description="of `stated`: RE2, its group is what is said")] = None
    json_path: Annotated[Name | None, Field(description="of `stated`: where it stands in a JSON reply")] = (
        None
    )
    scale: Annotated[float, Field(description="of `stated`: the number that is the surest", gt=0)] = 1.0
    levels: Annotated[
        tuple[Name, ...], Field(description="of `stated`: words instead of a number, the least sure first")
    ] = ()
    reverse: Annotated[bool | None, Field(description="less is surer; so is `length`")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationSettings(Record):
    """What must hold of the replies that nobody looks at, and who gets the others."""

    target: Annotated[Share, Field(description="the most share of them that may be wrong")] = _USUAL.target
    delta: Annotated[Share, Field(description="the chance that a certified threshold does not keep it")] = (
        _USUAL.delta
    )
    signals: Annotated[
        Mapping[str, SignalSettings], Field(description="name -> signal; default: all that exist")
    ] = field(default_factory=dict)
    to: Annotated[Name | None, Field(description="the candidate that gets the others; default: a person")] = (
        None
    )
    minutes: Annotated[Minutes | None, Field(description="what a person takes for one")] = None
    hourly: Annotated[Dollars | None, Field(description="what an hour of a person costs")] = None
