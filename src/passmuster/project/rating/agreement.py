"""How far the raters of a project agree, question by question."""

from collections.abc import Sequence
from dataclasses import dataclass

from passmuster.decide.judging.looks import Look, looks_of
from passmuster.decide.judging.raters import CHOICES, RaterScale, rater_agreement
from passmuster.errors import UsageError
from passmuster.project.load import Project
from passmuster.project.rating.questions import rubric_of
from passmuster.project.validate import closest
from passmuster.records.case import Case
from passmuster.records.raters import RaterAgreement
from passmuster.records.rating import Choice, Rating
from passmuster.records.record import Record

FEW_VALUES = 11
"""Whole values up to which a scale is one of steps, where no metric of the task says how it is rated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterReport(Record):
    """How far raters agree on each question that anybody answered: ratings of replies, and choices between two."""

    questions: tuple[RaterAgreement, ...]

    @property
    def measured(self) -> bool:
        """Whether anything can be said of the agreement of people with one another, or with themselves."""
        return any(each.people or each.repeated.value is not None for each in self.questions)


def agreement(project: Project, metric: str | None = None, *, seed: int = 0) -> RaterReport:
    """Return how far the raters of a project agree.

    Args:
        project: The project.
        metric: Only the question of this metric.
        seed: Of the resamples.

    Raises:
        UsageError: for a metric that nobody rated.
        CorpusError: where a file of ratings is broken.
    """
    ratings, choices = project.ratings.ratings.read(), project.ratings.choices.read()
    names = list(dict.fromkeys([*(each.metric for each in ratings), *(each.metric for each in choices)]))
    if metric is not None and metric not in names:
        known = [each.name for each in project.metrics()]
        if metric in known:
            return RaterReport(questions=())
        raise UsageError(
            f"the task has no metric {metric!r}, and nobody rated one", hint=closest(metric, [*names, *known])
        )
    cases = list(project.corpus().cases)
    found = [
        each
        for name in names
        if metric in {None, name}
        for each in (_of(project, name, ratings, cases, seed), _of(project, name, choices, cases, seed))
    ]
    return RaterReport(questions=tuple(each for each in found if each is not None))


def _of(
    project: Project, metric: str, said: Sequence[Rating] | Sequence[Choice], cases: Sequence[Case], seed: int
) -> RaterAgreement | None:
    if not any(each.metric == metric for each in said):
        return None
    found = looks_of(said, metric, cases)
    chosen = isinstance(said[0], Choice)
    return rater_agreement(
        found, metric, CHOICES if chosen else _scale(project, metric, found.looks), seed=seed
    )


def _scale(project: Project, name: str, looks: Sequence[Look]) -> RaterScale:
    """Return the scale that replies were rated on: in steps where it has steps and everybody kept to them."""
    given = {look.value for look in looks if look.value is not None}
    metric = next((each for each in project.metrics() if each.name == name), None)
    if metric is None:
        low, high = (min(given), max(given)) if given else (0.0, 1.0)
        steps = (
            {float(value) for value in range(int(low), int(high) + 1)} if high - low < FEW_VALUES else set()
        )
        return RaterScale(bounds=(low, high), values=_kept(given, steps | {0.0, 1.0} if high <= 1 else steps))
    rubric = rubric_of(metric)
    several = len(rubric.criteria) > 1 and not rubric.binary
    steps = set() if several else {float(value) for value in rubric.scale}
    return RaterScale(bounds=rubric.bounds, values=_kept(given, steps))


def _kept(given: set[float], steps: set[float]) -> tuple[float, ...]:
    return tuple(sorted(steps)) if given <= steps else ()
