"""`judge drift` on a project: anchors set and scored again, fresh draws for people, and what both say so far."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from passmuster.errors import NotAvailableError, UsageError
from passmuster.ports import Progress
from passmuster.project.api import generated
from passmuster.project.judge.anchors import Due, check_anchors, draw_anchors, questions_about
from passmuster.project.judge.fresh import FRESH, draw_fresh, fresh_gaps
from passmuster.project.judge_drift import anchors_of, drift
from passmuster.project.judges import Judge, find_judge, judges_of
from passmuster.project.load import Project
from passmuster.project.scoring import Missing
from passmuster.records.judge_drift import DriftReport, JudgeDrift
from passmuster.records.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftWish(Record):
    """What `judge drift` is to do.

    `metrics` are judges by name; none is all. `anchors` draws that many anchors anew. `accept` makes this check the one
    that later ones are compared with. `ask` is whether anything is asked: without it, what is known is told. `fresh`
    replies go to people's queue. `budget` is the most that the questions may cost, in US dollars.
    """

    metrics: tuple[str, ...] = ()
    anchors: int | None = None
    accept: bool = False
    ask: bool = True
    fresh: int = FRESH
    budget: float | None = None
    seed: int = 0


def anchored(project: Project, wish: DriftWish) -> list[Due]:
    """Return the judges with their anchors, which are drawn first where that is wished for; nothing is written.

    Raises:
        UsageError: for a judge that there is not.
        NotAvailableError: where a judge has no anchors yet.
        IncompleteError: where anchors are to be drawn and nothing is judged yet.
    """
    judges = [find_judge(project, name) for name in wish.metrics] or list(judges_of(project))
    if not judges:
        find_judge(project)  # says what to do
    if wish.anchors is not None:
        return [(judge, draw_anchors(project, judge, wish.anchors, wish.seed)) for judge in judges]
    found = anchors_of(project)
    bare = [judge.name for judge in judges if judge.name not in found]
    if bare:
        raise NotAvailableError(
            f"{', '.join(bare)}: no anchors are set yet",
            hint="Draw them among the judged replies: passmuster judge drift --set 60",
        )
    return [(judge, found[judge.name]) for judge in judges]


def drift_questions(project: Project, due: Sequence[Due]) -> Missing:
    """Return what a check begins with asking, for an estimate of its cost."""
    return questions_about(project, due)


def judge_drift_report(
    project: Project, wish: DriftWish, due: Sequence[Due], progress: Progress | None = None
) -> DriftReport:
    """Score anchors again, draw fresh replies for people, and return what both say of each judge.

    Args:
        project: The project.
        wish: What is to be done.
        due: The judges with their anchors, as `anchored` gives them.
        progress: Is told how the questions go on.

    Raises:
        IncompleteError: where a judge answered about none of its anchors.
        MissingSecretError: where a scorer's key is not set.
        CorpusError: where what is found cannot be written.

    Example:
        >>> judge_drift_report(project, wish, anchored(project, wish)).judges[0].status  # doctest: +SKIP
        'steady'
    """
    left = project.settings.budget if wish.budget is None else wish.budget
    found, drawn = [], {}
    for judge, anchors in due:
        one = drift(project, judge, anchors)
        if wish.ask:
            first = wish.accept or (one.checks == 0 and not one.history)
            one = check_anchors(project, judge, anchors, first=first, budget=left, progress=progress)
            left = None if left is None else max(0.0, left - (one.cost or 0.0))
        if wish.ask and wish.fresh:
            one, drawn[judge.name] = _with_fresh(project, judge, one, wish)
        found.append(replace(one, fresh=fresh_gaps(project, judge)))
    return DriftReport(task=project.task.name, generated=generated(project), judges=tuple(found), drawn=drawn)


def _with_fresh(project: Project, judge: Judge, found: JudgeDrift, wish: DriftWish) -> tuple[JudgeDrift, int]:
    """Draw fresh replies; where none is left, say so."""
    try:
        return found, len(draw_fresh(project, judge, wish.fresh, wish.seed).items)
    except UsageError as error:
        return replace(found, remarks=(*found.remarks, f"{judge.name}: no fresh draw ({error.message})")), 0
