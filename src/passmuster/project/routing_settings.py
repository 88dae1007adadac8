"""Which routes are looked at, as a project file states it."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from passmuster.project.fields import Name, Share
from passmuster.records.record import Record
from passmuster.records.routing_policy import RoutingPolicy, SliceBy

_USUAL = RoutingPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingSettings(Record):
    """What cases are told apart by, and who is asked before whom."""

    slices: Annotated[
        SliceBy | None, Field(description="what cases are told apart by; default: the first that does")
    ] = None
    cascades: Annotated[
        tuple[tuple[Name, ...], ...],
        Field(
            description="chains of two or three candidates, cheap to strong; default: the best of all pairs"
        ),
    ] = ()
    signal: Annotated[
        Name | None,
        Field(description="what says how sure a reply is: a name under `escalation.signals`, or a kind"),
    ] = None
    metric: Annotated[
        Name | None, Field(description="what says how good a reply is; default: the first metric")
    ] = None
    margin: Annotated[Share, Field(description="how much worse is about as good")] = _USUAL.margin
