"""The anchors of a project's judges: drawn, scored again, and what that says of the judge."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TypeAlias

from passmuster.decide.judging.anchors import DEFAULT, chosen_anchors
from passmuster.errors import IncompleteError, UsageError
from passmuster.metrics.two_steps import NOT_SCORED, SCORER_FAILED, ComparingMetric
from passmuster.ports import Progress
from passmuster.project.judge.asking_again import AskedAgain, ask_again, open_questions
from passmuster.project.judge_drift import anchors_of, drift
from passmuster.project.judges import Judge, book_of, judges_of
from passmuster.project.load import Project
from passmuster.project.rating.replies import Replied, ReplyFinder, stored_or_refused
from passmuster.project.scoring import Missing
from passmuster.records.case import Case
from passmuster.records.digest import digest
from passmuster.records.judge_drift import AnchorCheck, JudgeDrift
from passmuster.records.rating import Anchor
from passmuster.records.score import Score
from passmuster.records.trial import Reply
from passmuster.workflows.scoring import unsettled

Due: TypeAlias = tuple[Judge, tuple[Anchor, ...]]
"""A judge with its anchors, which are to be scored again."""

SET_LENGTH = 12
UNTOLD = (NOT_SCORED, SCORER_FAILED)
"""Failures that say nothing of how the judge answers: it was not asked, or could not be."""


def draw_anchors(project: Project, judge: Judge, number: int = DEFAULT, seed: int = 0) -> tuple[Anchor, ...]:
    """Draw the anchors of a judge among the replies that it has judged; they are kept with their first check.

    Args:
        project: The project.
        judge: The judge.
        number: How many, 50 to 100; all judged replies where there are fewer.
        seed: Of the draw.

    Raises:
        UsageError: for a number that is below 2.
        IncompleteError: where fewer than two replies have a verdict.

    Example:
        >>> draw_anchors(project, find_judge(project), 60)  # doctest: +SKIP
    """
    if number < 2:
        raise UsageError(f"an anchor set has at least 2 replies, not {number}")
    judged = list(_judged(project, judge))
    if len(judged) < 2:
        told = f"{judge.name} has a verdict on {len(judged)} of the stored replies, and anchors need two"
        hint = "Next: passmuster score. Where all were asked about, see why: passmuster judge calibrate"
        raise IncompleteError(told, hint=hint)
    book = book_of(project)
    said = [book.of(judge.name, each.case, each.reply, score) for each, score in judged]
    values = [score.value for _, score in judged]
    places = chosen_anchors(values, [rated is not None for rated in said], number, seed)
    time = project.clock.now()
    name = digest([judge.name, seed, time, places])[:SET_LENGTH]
    versus = _others(project, judge, [judged[place][0] for place in places])
    drawn = []
    for place, other in zip(places, versus, strict=True):
        each, rated = judged[place][0], said[place]
        drawn.append(
            Anchor(
                set=name,
                metric=judge.name,
                time=time,
                candidate=each.candidate,
                case=each.case,
                reply=replace(each.reply, logprobs=None),
                versus=other,
                value=None if rated is None else rated.value,
            )
        )
    return tuple(drawn)


def _judged(project: Project, judge: Judge) -> Sequence[tuple[Replied, Score]]:
    """Return the replies that have a verdict, equal ones to the same case once."""
    found: dict[str, tuple[Replied, Score]] = {}
    for each in stored_or_refused(project):
        score = judge.metric.score(each.case, each.reply)
        if isinstance(score, Score):
            found.setdefault(digest([each.case, each.reply.text, score.details.get("versus")]), (each, score))
    return list(found.values())


def _others(project: Project, judge: Judge, replies: Sequence[Replied]) -> list[Reply | None]:
    """Return what each reply was compared with, where the judge compares it with that of another candidate."""
    bare = unsettled(judge.metric)
    against = bare.against if isinstance(bare, ComparingMetric) else None
    if against is None:
        return [None] * len(replies)
    with ReplyFinder(project, {each.case.id for each in replies}) as finder:
        return [finder.find(against, each.case.id) for each in replies]


def check_anchors(
    project: Project,
    judge: Judge,
    anchors: Sequence[Anchor],
    *,
    first: bool = False,
    budget: float | None = None,
    progress: Progress | None = None,
) -> JudgeDrift:
    """Score the anchors of a judge once more, keep what it said, and return whether it moved.

    Anchors that were just drawn take the place of those before only now, when there is something to compare later checks
    with: whoever does not agree to the cost, or runs out of money, loses none.

    Args:
        project: The project.
        judge: The judge.
        anchors: Its anchors.
        first: Whether this is what later checks are compared with.
        budget: The most that it may cost, in US dollars.
        progress: Is told how it goes on.

    Raises:
        IncompleteError: where the judge answered about none of them, and where the check that later ones are compared
            with was not finished.
        MissingSecretError: where a scorer's key is not set.
        CorpusError: where what it said cannot be written.
    """
    asked = ask_again(project, judge, anchors, budget=budget, progress=progress)
    check = _check(project, judge, anchors, asked, first=first)
    if not check.values or (first and not asked.complete):
        told = f"{len(check.values) or 'none'} of its {len(anchors)} anchors"
        why = (
            "See whether its endpoint works"
            if asked.complete
            else "It was stopped: see whether the budget is enough"
        )
        raise IncompleteError(
            f"{judge.name} answered about {told}", hint=f"{why}. Nothing was kept of this check."
        )
    if anchors_of(project).get(judge.name, ())[:1] != tuple(anchors[:1]):
        project.ratings.anchors.append(anchors)
    project.ratings.checks.append([check])
    return drift(project, judge, anchors)


def _check(
    project: Project, judge: Judge, anchors: Sequence[Anchor], asked: AskedAgain, *, first: bool
) -> AnchorCheck:
    values: dict[str, float | None] = {}
    for name, outcome in asked.scores.items():
        if isinstance(outcome, Score):
            values[name] = outcome.value
        elif outcome.kind not in UNTOLD:
            values[name] = None
    low, high = judge.metric.bounds
    return AnchorCheck(
        metric=judge.name,
        set=anchors[0].set,
        judge=judge.version,
        time=project.clock.now(),
        low=low,
        high=high,
        values=values,
        models=tuple(scorer.model or scorer.provider for scorer in judge.scorers),
        answered=asked.models,
        fingerprints=asked.fingerprints,
        first=first,
        cost=asked.spend,
    )


def questions_about(project: Project, due: Sequence[Due]) -> Missing:
    """Return what asking about these anchors begins with, for an estimate of what it costs."""
    asked: dict[str, dict[str, Case]] = {}
    for judge, anchors in due:
        for scorer, questions in open_questions(project, judge, anchors).items():
            asked.setdefault(scorer, {}).update(questions)
    return Missing(questions={name: tuple(cases.values()) for name, cases in asked.items()})


def due_after(project: Project, asked: Collection[str]) -> list[Due]:
    """Return the judges that have anchors and ask any of these scorers: whoever asks them has their anchors scored, too."""
    judges = [judge for judge in judges_of(project) if {each.name for each in judge.scorers} & set(asked)]
    found = anchors_of(project) if judges else {}
    return [(judge, found[judge.name]) for judge in judges if judge.name in found]


def scored_again(
    project: Project,
    due: Sequence[Due],
    *,
    budget: float | None = None,
    progress: Progress | None = None,
) -> tuple[JudgeDrift, ...]:
    """Score the anchors of these judges once more, under one budget, and return whether each moved.

    Where a judge answers about none of them, nothing is kept, and what is known of it says so.

    Raises:
        MissingSecretError: where a scorer's key is not set.
        CorpusError: where what it said cannot be written.
    """
    found = []
    for judge, anchors in due:
        before = drift(project, judge, anchors)
        try:
            one = check_anchors(
                project, judge, anchors, first=not before.history, budget=budget, progress=progress
            )
        except IncompleteError as error:
            found.append(replace(before, remarks=(*before.remarks, error.message)))
            continue
        budget = None if budget is None else max(0.0, budget - (one.cost or 0.0))
        found.append(one)
    return tuple(found)
