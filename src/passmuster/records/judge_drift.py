"""Whether a judge still says what it said: checks on the same replies, and people's fresh ratings beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.record import Record
from passmuster.records.score import Estimate

DriftStatus: TypeAlias = Literal["steady", "moved", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorCheck(Record):
    """One scoring of the anchors by a judge; a line of `anchor_checks.jsonl`.

    `set` is the digest of the anchors, `judge` the judge's version, `models` those that were asked for, `answered` and
    `fingerprints` what the endpoints said about themselves. `low` and `high` are the ends of the scale. `values` has one
    entry for each anchor (digest) that the judge answered about: None where the answer could not be read; an anchor
    whose question failed on the way has none. `first` says that later checks are compared with this one. `cost` is US dollars.
    """

    metric: str
    set: str
    judge: str
    time: float
    low: float
    high: float
    values: Mapping[str, float | None]
    models: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    first: bool = False
    cost: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift(Record):
    """What a judge says now less what it said at `since` (seconds since the epoch), on the same replies.

    `value` is the mean, in the unit of the scale, with its 95% interval; `up` replies got a higher value, `down` a lower
    one, of `n`. `limit` is the p-value below which it is an alarm. `of` is what was compared: the values, or whether
    there are any (the share of readable answers).
    """

    of: Literal["values", "readable"]
    since: float
    n: int
    value: float
    low: float | None
    high: float | None
    up: int
    down: int
    p: float
    limit: float
    method: str

    @property
    def alarm(self) -> bool:
        """Whether this is no chance."""
        return self.p < self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftPoint(Record):
    """One check on the way: when, by which version, and its mean less that of the first one, in the unit of the scale."""

    time: float
    judge: str
    answered: tuple[str, ...]
    shift: Estimate
    unreadable: int = 0
    first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshGap(Record):
    """People less judge on a fresh draw of replies: the mean gap, of those that were rated.

    `waiting` replies were not rated yet; `newest` is when the last rating came. Times are seconds since the epoch.
    """

    draw: str
    time: float
    gap: Estimate
    drawn: int
    waiting: int
    newest: float | None = None
    judge: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeDrift(Record):
    """Whether a judge moved: its newest scoring of the anchors against the first and the last one before.

    `alpha` is the chance that a call raises a false alarm, `chance` that any of the calls so far did. `changed` are what the
    judge is and was where that differs (version, model, fingerprint). `unreadable` answers came in the newest check;
    about `missing` anchors none came.
    `remarks` are sentences for people. `low` and `high` are the ends of the scale.
    """

    metric: str
    status: DriftStatus
    judge: str
    models: tuple[str, ...]
    alpha: float
    anchors: int
    checks: int = 0
    date: str | None = None
    low: float = 0.0
    high: float = 1.0
    since_first: Shift | None = None
    since_last: Shift | None = None
    readable: Shift | None = None
    unreadable: int = 0
    missing: int = 0
    chance: float = 0.0
    changed: tuple[str, ...] = ()
    history: tuple[DriftPoint, ...] = ()
    fresh: tuple[FreshGap, ...] = ()
    cost: float | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport(Record):
    """The drift of every judge of a task; `generated` says when (ISO 8601)."""

    task: str
    generated: str
    judges: tuple[JudgeDrift, ...]
    drawn: Mapping[str, int] = field(default_factory=dict)
