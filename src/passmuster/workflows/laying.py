"""Where stored trials are laid out over the cases, scored and priced: the tables that everything is computed from."""

from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from passmuster.corpus.egress import may_receive
from passmuster.corpus.populations import Population, cases_of, populations, weights_of
from passmuster.decide.bar_making import Apart
from passmuster.decide.costs.report import prices_of
from passmuster.decide.judging.book import Rated, RatingBook
from passmuster.decide.labels import classes_of
from passmuster.decide.measured import UNTOLD, Layout, Measured
from passmuster.decide.outcomes import Turns
from passmuster.decide.pricing.review import ReviewRules
from passmuster.decide.pricing.trial import TrialCost, trial_cost
from passmuster.decide.sheet import Sheet
from passmuster.decide.success import success_rule, with_success
from passmuster.metrics.endings.expected import accepted_endings
from passmuster.metrics.judges.rubric import JudgedMetric
from passmuster.metrics.metric import UNIT, LabelMetric, Metric
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.corpus import CorpusVersion
from passmuster.records.judged import JudgeReport
from passmuster.records.outcomes import Turn
from passmuster.records.run import Run, RunEnd
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.task import Task
from passmuster.records.trial import Reply, Trial
from passmuster.workflows.cells import Cells, Places
from passmuster.workflows.scoring import unsettled

NOTHING = Reply(text="")
"""What a trial without a reply answered: for metrics that count what is missed, and to see which the case concerns."""

CATEGORIES = ("edge", "adversarial", "regression")
"""Populations that are of a category: bars on slices may be about these, and never about made-up cases alone."""

NEAR = 4096
"""Cases that are held while trials are gone through: those of all candidates on one case lie close together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyAsked:
    """A run that asked only until it was decided, how it ended, and whether no run of the task is newer."""

    run: Run
    end: RunEnd | None
    is_newest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is compared: a task with its metrics, on a corpus, for some candidates.

    `judges` tells what is known beforehand of the metrics that ask a judge, `book` what people said of replies, `early`
    is the run that they come from where that stopped early. `timed` keeps the loads of every trial, for the gate.
    """

    task: Task
    metrics: tuple[Metric, ...]
    corpus: CorpusVersion
    candidates: tuple[Candidate, ...]
    judges: tuple[JudgeReport, ...] = ()
    book: RatingBook = field(default_factory=RatingBook)
    early: EarlyAsked | None = None
    timed: bool = False

    def __post_init__(self) -> None:
        """Settle what a success is, which takes the metrics."""
        object.__setattr__(self, "task", with_success(self.task, self.metrics))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A population with what was measured on it; `looks` say which replies people rated, and when, for high stakes.

    Beside the main one are the cases `apart` that are of other categories, where bars may be about slices of these.
    """

    population: Population
    cases: Sequence[Case]
    measured: list[Measured]
    looks: Mapping[str, Sequence[tuple[int, float]]]
    apart: Apart = field(default_factory=Apart)


class Laying:
    """Trials laid out as they come, by population; what was laid out so far can be had at any time.

    Args:
        question: The task, its metrics, the corpus and the candidates.
        cells: The cells of the corpus.
    """

    def __init__(self, question: Question, cells: Cells) -> None:
        self.question = question
        self.cells = cells
        task, cases = question.task, question.corpus.cases
        self._rules = ReviewRules(task.cost.review) if task.cost.review else None
        self._turns = Turns(task, question.metrics, success_rule(task))
        self._judged = judged_metrics(question.metrics) if len(question.book) else ()
        self._parted = populations(cases).every
        self._bodies = [cases_of(part, cases) for part in self._parted]
        self._sheets = [_sheets(question, body, self._rules) for body in self._bodies]
        self._by_digest: dict[str, list[int]] = {}
        for number, candidate in enumerate(question.candidates):
            self._by_digest.setdefault(candidate_digest(candidate), []).append(number)
        self._looks: list[dict[str, list[tuple[int, float]]]] = [{} for _ in self._parted]
        self._places = Places([part.positions for part in self._parted], len(cases))
        self._beside = _Beside(question, self._parted, self._rules)
        self._case_at = lru_cache(NEAR)(cases.__getitem__)

    def enter(self, trial: Trial) -> int | None:
        """Enter a trial and return its cell; None for one of another case or candidate, which is passed over."""
        own = self._by_digest.get(trial.key.candidate)
        place = None if own is None else self.cells.place(trial.key)
        if own is None or place is None:
            return None
        question, repeats = self.question, self.question.task.repeats
        index, round_ = divmod(place, repeats)
        case = self._case_at(index)
        part, local = self._places.of(index)
        scores = scores_of(case, trial, question.metrics)
        turn = self._turns.of(case, trial.outcome, scores)
        rated = _rated(question, self._judged, case, trial, scores)
        looked = _looked(question, case, trial)
        for number in own:
            sheet = self._sheets[part][number]
            if looked is not None:
                self._looks[part].setdefault(sheet.candidate.name, []).append((local, looked))
            cost = trial_cost(sheet.candidate, case, trial, self._rules)
            sheet.enter(local * repeats + round_, trial, scores, cost, turn, rated)
            if index in self._beside.places:
                again = self._beside.places[index] * repeats + round_
                self._beside.sheets[number].enter(again, trial, scores, cost, turn, rated)
        return place

    def enter_known(
        self, place: int, trial: Trial, scores: Mapping[str, ScoreOutcome], cost: TrialCost, turn: Turn
    ) -> None:
        """Enter a trial of the first candidate in a cell, whose scores and cost are known from elsewhere.

        So a committed baseline is laid out, which holds no replies that could be scored or priced again.
        """
        repeats = self.question.task.repeats
        index, round_ = divmod(place, repeats)
        part, local = self._places.of(index)
        self._sheets[part][0].enter(local * repeats + round_, trial, scores, cost, turn)
        if index in self._beside.places:
            again = self._beside.places[index] * repeats + round_
            self._beside.sheets[0].enter(again, trial, scores, cost, turn)

    def parts(self) -> list[Part]:
        """Return what was laid out, the main population first. Let go of it before the next trial is entered: it is a view."""
        rows = zip(self._parted, self._bodies, self._sheets, self._looks, strict=True)
        parts = [
            Part(population=part, cases=body, measured=[sheet.measured() for sheet in sheets], looks=seen)
            for part, body, sheets, seen in rows
        ]
        return [replace(parts[0], apart=self._beside.apart()), *parts[1:]]

    def main(self, names: Collection[str]) -> Part:
        """Return the main population with these candidates only; a view, as `parts` is."""
        return Part(
            population=self._parted[0],
            cases=self._bodies[0],
            measured=[sheet.measured() for sheet in self._sheets[0] if sheet.candidate.name in names],
            looks=self._looks[0],
            apart=self._beside.apart(),
        )


class _Beside:
    """The cases of all categories that are measured apart, laid out together for bars on slices; nothing without these."""

    def __init__(self, question: Question, parted: Sequence[Population], rules: ReviewRules | None) -> None:
        positions = positions_apart(question.task, parted)
        self.places = {position: local for local, position in enumerate(positions)}
        self.cases = cases_of(Population(name="apart", positions=positions), question.corpus.cases)
        self.sheets = _sheets(question, self.cases, rules) if positions else []

    def apart(self) -> Apart:
        """Return them with the candidates on them; a view, as `Laying.parts` is."""
        found = (sheet.measured() for sheet in self.sheets)
        return Apart(cases=self.cases, measured={item.candidate.name: item for item in found})


def positions_apart(task: Task, parted: Sequence[Population]) -> list[int]:
    """Return where the cases of other categories stand that bars on slices may be about; none without such a bar."""
    wanted = any(bar.slice is not None or bar.each is not None for bar in task.bars)
    pools = [part for part in parted[1:] if wanted and part.name in CATEGORIES]
    return sorted(position for part in pools for position in part.positions)


def _sheets(question: Question, cases: Sequence[Case], rules: ReviewRules | None) -> list[Sheet]:
    layout, model = _layout(question, cases), question.task.cost
    return [
        Sheet(
            candidate,
            layout,
            prices=prices_of(candidate, model, question.judges, rules),
            withheld=_withheld(candidate, cases),
        )
        for candidate in question.candidates
    ]


def _withheld(candidate: Candidate, cases: Sequence[Case]) -> NDArray[np.bool_] | None:
    """Return which cases the candidate may not receive, None where it may receive all."""
    if candidate.egress is None:
        return None
    held = np.array([not may_receive(candidate.egress, case) for case in cases], dtype=np.bool_)
    return held if held.any() else None


def scores_of(case: Case, trial: Trial, metrics: Sequence[Metric]) -> dict[str, ScoreOutcome]:
    """Return what metrics make of a trial; without a reply those that count, and who says nothing of the candidate."""
    if isinstance(trial.outcome, Reply):
        return {metric.name: metric.score(case, trial.outcome) for metric in metrics}
    empty = {metric.name: metric.score(case, NOTHING) for metric in metrics}
    counting = {metric.name for metric in metrics if metric.summary == "counts"}
    return {
        name: outcome
        for name, outcome in empty.items()
        if name in counting or (isinstance(outcome, ScoreFailure) and outcome.kind in UNTOLD)
    }


def _rated(
    question: Question, judged: Sequence[str], case: Case, trial: Trial, scores: Mapping[str, ScoreOutcome]
) -> dict[str, Rated]:
    """Return what people said of a trial's reply, by metric."""
    found = {}
    if judged and isinstance(trial.outcome, Reply):
        for metric in judged:
            score = scores.get(metric)
            said = question.book.of(metric, case, trial.outcome, score if isinstance(score, Score) else None)
            if said is not None:
                found[metric] = said
    return found


def _looked(question: Question, case: Case, trial: Trial) -> float | None:
    """Return when people last rated a trial's reply, where the stakes ask for that."""
    if question.task.stakes is None or not len(question.book) or not isinstance(trial.outcome, Reply):
        return None
    return question.book.newest(case, trial.outcome)


def _layout(question: Question, cases: Sequence[Case]) -> Layout:
    repeats = question.task.repeats
    return Layout(
        cases=len(cases),
        repeats=repeats,
        binary={metric.name: metric.binary and repeats == 1 for metric in question.metrics},
        groups=_groups(cases),
        weights=weights_of(cases),
        answerable=_answerable(cases),
        classes={
            metric.name: classes_of(metric, cases)
            for metric in question.metrics
            if isinstance(metric, LabelMetric)
        },
        part_metrics=tuple(metric.name for metric in question.metrics if metric.summary == "parts"),
        count_metrics=tuple(metric.name for metric in question.metrics if metric.summary == "counts"),
        bounds={metric.name: metric.bounds for metric in question.metrics if metric.bounds != UNIT},
        judged=judged_metrics(question.metrics),
        timed=question.timed,
    )


def _answerable(cases: Sequence[Case]) -> NDArray[np.bool_] | None:
    """Return which cases expect an answer; None where all do."""
    found = np.array([not accepted_endings(case) for case in cases], dtype=np.bool_)
    return None if found.all() else found


def judged_metrics(metrics: Sequence[Metric]) -> tuple[str, ...]:
    """Return the names of the metrics that ask a judge."""
    return tuple(metric.name for metric in metrics if isinstance(unsettled(metric), JudgedMetric))


def _groups(cases: Sequence[Case]) -> NDArray[np.int64] | None:
    """Number the groups of cases; None where no two cases share one, since nothing is clustered then."""
    numbers = array("q")
    names: dict[str, int] = {}
    alone = 0
    for case in cases:
        new = len(names) + alone
        if case.group:
            numbers.append(names.setdefault(case.group, new))
        else:
            numbers.append(new)
            alone += 1
    return np.frombuffer(numbers, dtype=np.int64) if len(names) + alone < len(numbers) else None
