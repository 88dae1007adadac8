"""`passmuster compare`: from stored trials to the matrix, the verdicts and the decision. Calls no model."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from passmuster.decide.apart import pool_cautions, population_report
from passmuster.decide.cautions import Runs
from passmuster.decide.consistency import Forms, families_of
from passmuster.decide.early.marks import apart_with_caveat
from passmuster.decide.early.matrix import StoppedMatrix
from passmuster.decide.evidence import merged, standing
from passmuster.decide.factors.report import effects_of_prompts
from passmuster.decide.matrix import Matrix, Scope
from passmuster.decide.measured import Measured
from passmuster.decide.outcomes import Turns
from passmuster.decide.reliability import reliability_reports
from passmuster.decide.success import success_rule
from passmuster.records.candidate import candidate_digest
from passmuster.records.comparison import CandidateFile, Comparison
from passmuster.records.trial import Trial
from passmuster.workflows.cells import Cells
from passmuster.workflows.early_runs import early_run
from passmuster.workflows.evidence import Again, Evidence, Kept
from passmuster.workflows.laying import Laying, Part, Question, judged_metrics

__all__ = ["Question", "compare", "matrix_of", "measure", "rows"]


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
    found = matrix_of(question, laid[0], runs).comparison(generated)
    names = [metric.name for metric in question.metrics]
    severity = question.task.severity
    stops = () if found.stopped is None else found.stopped.stops
    cut = {each.candidate for each in stops if each.cases < each.of}
    whole = (
        population_report(part.population.name, part.measured, names, success_rule(question.task), severity)
        for part in laid[1:]
    )
    apart = tuple(apart_with_caveat(report, cut) for report in whole)
    decision = found.decision
    warnings = (*pool_cautions(decision.chosen, apart), *decision.warnings)
    parts = [(part.population.positions, part.measured) for part in laid]
    consistency = forms.reports(parts)
    binary = [metric.name for metric in question.metrics if metric.binary]
    reliability = reliability_reports(parts, binary, len(cases), families)
    decision = replace(decision, warnings=warnings)
    judged = judged_metrics(question.metrics)
    effects = effects_of_prompts(laid[0].measured, question.task, question.metrics, judged, cut)
    found = replace(found, apart=apart, consistency=consistency, reliability=reliability, decision=decision)
    found = replace(found, prompt_effects=effects)
    return found, evidence


def rows(question: Question, trials: Iterable[Trial], *, generated: str) -> tuple[CandidateFile, ...]:
    """Return the rows of `compare`, each by itself, without the decision and the evidence."""
    cells = Cells(question.corpus.cases, question.task.repeats)
    laid = _laid_out(question, cells, trials, lambda _place, _trial: None)
    return matrix_of(question, laid[0]).files(generated)


def measure(question: Question, trials: Iterable[Trial], again: Again) -> tuple[list[Measured], Evidence]:
    """Lay out the trials of each candidate over the main cases, scored and priced, with the evidence of all."""
    laid, evidence = _measured(question, trials, again)
    return laid[0].measured, evidence


def matrix_of(question: Question, main: Part, runs: Runs = ()) -> Matrix:
    """Return the comparison in the making of what is laid out over the main population."""
    scope = Scope(
        cases=main.cases,
        basis=main.population.name,
        runs=runs,
        judges=question.judges,
        looks=main.looks,
        apart=main.apart,
    )
    early = early_run(question, main)
    if early is not None:
        return StoppedMatrix(question.task, question.metrics, question.corpus, main.measured, scope, early)
    return Matrix(question.task, question.metrics, question.corpus, main.measured, scope)


def _measured(
    question: Question, trials: Iterable[Trial], again: Again, forms: Forms | None = None
) -> tuple[list[Part], Evidence]:
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
) -> list[Part]:
    laying = Laying(question, cells)
    for trial in trials:
        place = laying.enter(trial)
        if place is not None:
            keep(place, trial)
    return laying.parts()
