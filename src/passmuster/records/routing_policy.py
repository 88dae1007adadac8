"""Which routes a task looks at: what its cases are told apart by, and who is asked before whom."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.records.record import Record

SliceBy: TypeAlias = Literal["stratum", "category", "tag", "named"]
"""By what cases are parted: their stratum, their category, their first tag, or the slices that the project names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingPolicy(Record):
    """Which routes are looked at.

    `slices` is what cases are told apart by (None: the first that tells any apart), `cascades` are chains of two or three candidates,
    cheap to strong; none: one chosen from all pairs. `signal` is what says how sure a reply is: a name under `escalation.signals`, or a
    kind of signal (None: the first that a candidate has). `metric` is the metric that says how good a reply is, None the first one.
    `margin` is how much worse is about as good.
    """

    slices: SliceBy | None = None
    cascades: tuple[tuple[str, ...], ...] = ()
    signal: str | None = None
    metric: str | None = None
    margin: float = 0.02
