"""How much worse a change may make things, as a project file states it."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from passmuster.project.fields import Name, Seconds, Share
from passmuster.records.gate import GatePolicy
from passmuster.records.record import Record

_USUAL = GatePolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings(Record):
    """What the gate lets through, looks into and blocks."""

    investigate: Annotated[Share, Field(description="a drop of quality that is looked into")] = (
        _USUAL.investigate
    )
    block: Annotated[Share, Field(description="a drop of quality that is blocked")] = _USUAL.block
    latency: Annotated[Share, Field(description="a sustained rise of latency that is blocked")] = (
        _USUAL.latency
    )
    cost: Annotated[Share, Field(description="a rise of the cost of a task that is blocked")] = _USUAL.cost
    blocks: Annotated[
        int, Field(description="parts of a run, by time, that a rise is looked for in", ge=2, le=100)
    ] = _USUAL.blocks
    sustained: Annotated[int, Field(description="in how many of them it must be there", ge=1, le=100)] = (
        _USUAL.sustained
    )
    edge: Annotated[
        tuple[Name, ...],
        Field(description="slices that are looked into only: names under `slices`, or `stratum NAME`"),
    ] = ()
    slices: Annotated[
        tuple[Literal["category", "stratum", "tag"], ...],
        Field(description="what further slices are made of"),
    ] = _USUAL.slices
    baseline_age: Annotated[
        Seconds | None, Field(description="how old a baseline may be: 90 d; default: any age")
    ] = None
    again: Annotated[
        int, Field(description="how often a case whose result changed is asked again", ge=1, le=20)
    ] = _USUAL.again
    false_discovery: Annotated[
        float, Field(description="the share of slice alarms that may be false", gt=0, lt=0.5)
    ] = _USUAL.false_discovery
    fail_on: Annotated[
        Literal["investigate", "block"], Field(description="the level from which the gate fails")
    ] = _USUAL.fail_on
