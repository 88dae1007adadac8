"""`passmuster compare`: from stored trials to the matrix, the verdicts and the decision. Calls no model."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from passmuster.corpus.egress import may_receive
from passmuster.corpus.populations import Population, cases_of, populations, weights_of
from passmuster.decide.apart import pool_cautions, population_report
from passmuster.decide.cautions import Runs
from passmuster.decide.consistency import Forms, families_of
from passmuster.decide.cost import trial_cost
from passmuster.decide.evidence import merged, standing
from passmuster.decide.judging.book import Rated, RatingBook
from passmuster.decide.labels import classes_of
from passmuster.decide.matrix import Matrix, Scope
from passmuster.decide.measured import UNTOLD, Layout, Measured
from passmuster.decide.outcomes import Turns
from passmuster.decide.reliability import reliability_reports
from passmuster.decide.review import ReviewRule
from passmuster.decide.sheet import Sheet
from passmuster.decide.success import success_rule, with_success
from passmuster.metrics.endings.expected import accepted_endings
from passmuster.metrics.judges.rubric import JudgedMetric
from passmuster.metrics.metric import UNIT, LabelMetric, Metric
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.comparison import CandidateFile, Comparison
from passmuster.records.corpus import CorpusVersion
from passmuster.records.judged import JudgeReport
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.task import Task
from passmuster.records.trial import Reply, Trial
from passmuster.workflows.cells import Cells, Places
from passmuster.workflows.evidence import Again, Evidence, Kept
from passmuster.workflows.scoring import unsettled

NOTHING = Reply(text="")
"""What a trial without a reply answered: for metrics that count what is missed, and to see which the case concerns."""

NEAR = 4096
"""Cases that are held while trials are gone through: those of all candidates on one case lie close together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is compared: a task with its metrics, on a corpus, for some candidates.

    `judges` tells what is known beforehand of the metrics that ask a judge, `book` what people said of replies.
    """

    task: Task
    metrics: tuple[Metric, ...]
    corpus: CorpusVersion
    candidates: tuple[Candidate, ...]
    judges: tuple[JudgeReport, ...] = ()
    book: RatingBook = field(default_factory=RatingBook)

    def __post_init__(self) -> None:
        """Settle what a success is, which takes the metrics."""
        object.__setattr__(self, "task", with_success(self.task, self.metrics))


def compare(
    question: Question, trials: Iterable[Trial], again: Again, *, generated: str, runs: Runs = ()
) -> tuple[Comparison, Evidence]:
    """Compare the candidates on the stored trials; also return the evidence case by case.

    The figures and the decision are of the cases that estimate production; pools and cases of other origins
    are measured apart (`corpus.populations`). The trials are gone through once, and none of them is held.

    Args:
        question: The task, its metrics, the corpus and the candidates.
        trials: Stored trials, one of each key; those of other cases or candidates are passed over.
        again: Reads the trials of some cases once more, where the evidence needs it.
        generated: When, in words for the report (ISO 8601).
        runs: The stored runs, for what their ends say of the figures.
    """
    cases = question.corpus.cases
    families = families_of(cases, cases)
    forms = Forms(question.candidates, len(cases), question.task.repeats, families)
    laid, evidence = _measured(question, trials, again, forms)
    found = _matrix(question, laid, runs).comparison(generated)
    names = [metric.name for metric in question.metrics]
    severity = question.task.severity
    apart = tuple(
        population_report(part.population.name, part.measured, names, success_rule(question.task), severity)
        for part in laid[1:]
    )
    decision = found.decision
    warnings = (*pool_cautions(decision.chosen, apart), *decision.warnings)
    parts = [(part.population.positions, part.measured) for part in laid]
    consistency = forms.reports(parts)
    binary = [metric.name for metric in question.metrics if metric.binary]
    reliability = reliability_reports(parts, binary, len(cases), families)
    decision = replace(decision, warnings=warnings)
    found = replace(found, apart=apart, consistency=consistency, reliability=reliability, decision=decision)
    return found, evidence


def rows(question: Question, trials: Iterable[Trial], *, generated: str) -> tuple[CandidateFile, ...]:
    """Return the rows of `compare`, each by itself, without the decision and the evidence."""
    cells = Cells(question.corpus.cases, question.task.repeats)
    laid = _laid_out(question, cells, trials, lambda _place, _trial: None)
    return _matrix(question, laid).files(generated)


def measure(question: Question, trials: Iterable[Trial], again: Again) -> tuple[list[Measured], Evidence]:
    """Lay out the trials of each candidate over the main cases, scored and priced, with the evidence of all."""
    laid, evidence = _measured(question, trials, again)
    return laid[0].measured, evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A population with what was measured on it; `looks` say which replies people rated, and when, for high stakes."""

    population: Population
    cases: Sequence[Case]
    measured: list[Measured]
    looks: Mapping[str, Sequence[tuple[int, float]]]


def _matrix(question: Question, laid: Sequence[_Part], runs: Runs = ()) -> Matrix:
    main = laid[0]
    return Matrix(
        question.task,
        question.metrics,
        question.corpus,
        main.measured,
        Scope(
            cases=main.cases, basis=main.population.name, runs=runs, judges=question.judges, looks=main.looks
        ),
    )


def _measured(
    question: Question, trials: Iterable[Trial], again: Again, forms: Forms | None = None
) -> tuple[list[_Part], Evidence]:
    cells = Cells(question.corpus.cases, question.task.repeats)
    kept = Kept()

    def keep(place: int, trial: Trial) -> None:
        kept.keep(trial)
        if forms is not None:
            forms.enter(place, trial)

    laid = _laid_out(question, cells, trials, keep)
    digests = [candidate_digest(candidate) for candidate in question.candidates]
    success = success_rule(question.task)
    stands = [(part.population.positions, standing(part.measured, success)) for part in laid]
    evidence = Evidence(
        question.corpus.cases,
        [candidate.name for candidate in question.candidates],
        merged(stands, len(question.corpus.cases)),
        lambda number, index, repeat: cells.key(digests[number], index, repeat),
        lambda keys: kept.find(keys, again),
        Turns(question.task, question.metrics, success),
    )
    return laid, evidence


def _laid_out(
    question: Question, cells: Cells, trials: Iterable[Trial], keep: Callable[[int, Trial], None]
) -> list[_Part]:
    rule = None if question.task.cost.review is None else ReviewRule(question.task.cost.review)
    review = 0.0 if rule is None else rule.cost_of_one
    turns = Turns(question.task, question.metrics, success_rule(question.task))
    cases, repeats = question.corpus.cases, question.task.repeats
    judged = judged_metrics(question.metrics) if len(question.book) else ()
    parted = populations(cases).every
    bodies = [cases_of(part, cases) for part in parted]
    sheets = [_sheets(question, body, review) for body in bodies]
    by_digest: dict[str, list[int]] = {}
    for number, candidate in enumerate(question.candidates):
        by_digest.setdefault(candidate_digest(candidate), []).append(number)
    looks: list[dict[str, list[tuple[int, float]]]] = [{} for _ in parted]
    places = Places([part.positions for part in parted], len(cases))
    case_at = lru_cache(NEAR)(cases.__getitem__)
    for trial in trials:
        own = by_digest.get(trial.key.candidate)
        place = None if own is None else cells.place(trial.key)
        if own is None or place is None:
            continue
        index, round_ = divmod(place, repeats)
        case = case_at(index)
        part, local = places.of(index)
        scores = _scores(case, trial, question.metrics)
        turn = turns.of(case, trial.outcome, scores)
        rated = _rated(question, judged, case, trial, scores)
        looked = _looked(question, case, trial)
        for number in own:
            sheet = sheets[part][number]
            if looked is not None:
                looks[part].setdefault(sheet.candidate.name, []).append((local, looked))
            cost = trial_cost(sheet.candidate, case, trial, rule)
            sheet.enter(local * repeats + round_, trial, scores, cost, turn, rated)
        keep(place, trial)
    return [
        _Part(population=part, cases=body, measured=[sheet.measured() for sheet in own_sheets], looks=seen)
        for part, body, own_sheets, seen in zip(parted, bodies, sheets, looks, strict=True)
    ]


def _sheets(question: Question, cases: Sequence[Case], review: float) -> list[Sheet]:
    layout = _layout(question, cases)
    return [
        Sheet(candidate, layout, review=review, withheld=_withheld(candidate, cases))
        for candidate in question.candidates
    ]


def _withheld(candidate: Candidate, cases: Sequence[Case]) -> NDArray[np.bool_] | None:
    """Return which cases the candidate may not receive, None where it may receive all."""
    if candidate.egress is None:
        return None
    held = np.array([not may_receive(candidate.egress, case) for case in cases], dtype=np.bool_)
    return held if held.any() else None


def _scores(case: Case, trial: Trial, metrics: Sequence[Metric]) -> dict[str, ScoreOutcome]:
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
