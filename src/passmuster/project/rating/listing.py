"""`rate queue` on a project: what was drawn, what was said of it, and what waits."""

from collections import Counter
from dataclasses import dataclass

from passmuster.project.load import Project
from passmuster.project.rating.queue import queue_of
from passmuster.project.rating.replies import find_metric
from passmuster.records.rating import Purpose
from passmuster.records.record import Record
from passmuster.workflows.rating.drawing import item_key


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawStanding(Record):
    """How far a draw is: of `drawn` looks, `waiting` ones wait, `gone` ones cannot be shown any more, the rest is `rated`.

    A look that an earlier draw holds already counts there only.
    """

    id: str
    metric: str
    purpose: Purpose
    time: float
    drawn: int
    rated: int
    waiting: int
    gone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueReport(Record):
    """What waits, for a person (`rater`; None: for anybody), draw by draw."""

    draws: tuple[DrawStanding, ...]
    rater: str | None = None

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(draw.waiting for draw in self.draws)

    @property
    def gone(self) -> int:
        """How many cannot be shown any more."""
        return sum(draw.gone for draw in self.draws)


def queue_report(
    project: Project, rater: str | None = None, metric: str | None = None, *, each: int | None = None
) -> QueueReport:
    """Return what waits, draw by draw.

    Args:
        project: The project.
        rater: A person; None: what nobody has rated.
        metric: Only what was drawn for this metric.
        each: How many people are to see everything.

    Raises:
        UsageError: for a metric that the task does not have.
        CorpusError: where a file of draws or ratings is broken.
    """
    if metric is not None:
        find_metric(project, metric)
    queue = queue_of(project, rater, metric, each=each)
    open_ = Counter(one.draw for one in queue.waiting)
    seen: set[tuple[str, object]] = set()
    found = []
    for draw in queue.draws:
        own = {(draw.metric, item_key(item)) for item in draw.items} - seen
        seen |= own
        waits, gone = open_[draw.id], queue.gone.get(draw.id, 0)
        found.append(
            DrawStanding(
                id=draw.id,
                metric=draw.metric,
                purpose=draw.purpose,
                time=draw.time,
                drawn=len(own),
                rated=len(own) - waits - gone,
                waiting=waits,
                gone=gone,
            )
        )
    return QueueReport(draws=tuple(found), rater=rater)
