"""What the command line reads from a store, from Python: comparisons, runs and the trials behind them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from passmuster.decide.requirements import excluded
from passmuster.errors import (
    EXIT_FAIL,
    EXIT_INCOMPLETE,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_UNDECIDED,
    IncompleteError,
)
from passmuster.project.judge_reports import judge_reports
from passmuster.project.judges import book_of
from passmuster.project.leaderboards import with_leaderboards
from passmuster.project.load import Project
from passmuster.project.names import check_names
from passmuster.project.pasted import refuse_pasted
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.comparison import CandidateFile, Comparison
from passmuster.records.run import Run, RunEnd
from passmuster.records.trial import Trial
from passmuster.runner.plan import plan
from passmuster.workflows import compare as comparing
from passmuster.workflows.early_runs import newest_early
from passmuster.workflows.evidence import Evidence
from passmuster.workflows.freeze import write_candidates
from passmuster.workflows.show import LATEST, find_run, run_evidence

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A stored run, how it ended, and what its candidates answered case by case."""

    run: Run
    end: RunEnd | None
    evidence: Evidence


def compare(project: Project, *, only: Sequence[str] = ()) -> Comparison:
    """Compare the candidates on the stored trials; no model is called.

    `only` says which rows are wanted. The verdicts and the decision are always those over all candidates:
    to look first and then to leave some out would void the error rate (to narrow the family beforehand,
    name `finalists` in the project file).

    Raises:
        IncompleteError: where no candidate has a trial yet.
        UsageError: for an unknown candidate.
    """
    check_names(project, only)
    return narrowed(compare_with_evidence(project)[0], only)


def narrowed(comparison: Comparison, only: Sequence[str]) -> Comparison:
    """Return the comparison with the rows of these candidates only (all where none is named)."""
    rows = tuple(report for report in comparison.candidates if not only or report.name in only)
    return replace(comparison, candidates=rows)


def compare_with_evidence(project: Project) -> tuple[Comparison, Evidence]:
    """Compare all candidates, and also return the evidence case by case.

    Raises:
        IncompleteError: where no candidate has a trial yet.
        ConfigurationError: for a prompt that holds a case which is scored.
    """
    refuse_pasted(project)
    with project.store() as store:
        runs = store.runs()
    again = stored_trials(project, project.candidates)
    trials = _some(again(()))
    question = replace(question_of(project), early=newest_early(runs, project.task.name))
    found, evidence = comparing.compare(question, trials, again, generated=generated(project), runs=runs)
    return with_leaderboards(project, found), evidence


def question_of(project: Project) -> comparing.Question:
    """Return what is compared in a project, with what is known of its judges and what people said of replies."""
    return comparing.Question(
        task=project.task,
        metrics=project.metrics(),
        corpus=project.corpus(),
        candidates=project.candidates,
        judges=judge_reports(project),
        book=book_of(project),
    )


def _some(trials: Iterator[Trial]) -> Iterator[Trial]:
    first = next(trials, None)
    if first is None:
        raise IncompleteError("no trials are stored for this project yet", hint="Next: passmuster run")
    return chain([first], trials)


def stored_trials(
    project: Project, candidates: Sequence[Candidate]
) -> Callable[[Sequence[str]], Iterator[Trial]]:
    """Return what reads the stored trials of these candidates: on these cases (digests), on all for none."""
    digests = [candidate_digest(candidate) for candidate in candidates]

    def read(cases: Sequence[str]) -> Iterator[Trial]:
        wanted = set(cases)
        with project.store() as store:
            for trial in store.trials(digests):
                if not wanted or trial.key.case in wanted:
                    yield trial

    return read


def look_up(project: Project, name: str = LATEST) -> Shown:
    """Return a stored run by its id, by the beginning of it, or the newest of this task for `latest`.

    Raises:
        UsageError: where there is none, or more than one.
    """
    with project.store() as store:
        found, end = find_run(store.runs(), name, project.task.name)
        cases = store.cases([digest for _, digest, _ in found.cases])
    again = stored_trials(project, found.candidates)
    question = replace(question_of(project), candidates=found.candidates)
    return Shown(run=found, end=end, evidence=run_evidence(question, found, cases, again(()), again))


def write_reports(project: Project, chosen: Sequence[Candidate]) -> None:
    """Write a report file for each of these candidates; none where nothing is stored yet."""
    try:
        files = candidate_files(project)
    except IncompleteError:
        return
    names = {candidate.name for candidate in chosen}
    write_candidates((file for file in files if file.candidate.name in names), project.reports_dir)


def candidate_files(project: Project) -> tuple[CandidateFile, ...]:
    """Return each candidate's row of the comparison by itself.

    Raises:
        IncompleteError: where no candidate has a trial yet.
    """
    trials = _some(stored_trials(project, project.candidates)(()))
    with project.store() as store:
        early = newest_early(store.runs(), project.task.name)
    return comparing.rows(replace(question_of(project), early=early), trials, generated=generated(project))


def trials(project: Project, *, only: Sequence[str] = ()) -> dict[str, list[Trial]]:
    """Return the stored trials on the project's cases, by name of the candidate.

    Raises:
        UsageError: for an unknown candidate.
    """
    check_names(project, only)
    whole = plan(project.corpus().cases, project.asked, project.task.repeats)
    wanted = {ask.key for ask in whole}
    names = {
        candidate_digest(candidate): candidate.name
        for candidate in project.asked
        if not only or candidate.name in only
    }
    found: dict[str, list[Trial]] = {name: [] for name in names.values()}
    with project.store() as store:
        for trial in store.trials(names):
            if trial.key in wanted:
                found[names[trial.key.candidate]].append(trial)
    return found


def trials_frame(project: Project) -> "pd.DataFrame":
    """Return the stored trials with their scores as a pandas DataFrame, one row a trial.

    Raises:
        MissingExtraError: without the extra `frames`.
    """
    from passmuster.project.tables import frame  # noqa: PLC0415  # pandas is an extra

    return frame(project)


def exit_code(comparison: Comparison, end: RunEnd | None = None) -> int:
    """Return the exit code of a comparison: 0 decided, 1 none passes, 3 undecided, 4 incomplete, 130 interrupted.

    Incomplete is a run that did not end its plan, or a candidate without a single trial that no decision made needless.
    """
    if end is not None and end.status == "interrupted":
        return EXIT_INTERRUPTED
    unasked = [
        each.name
        for each in comparison.candidates
        if not (each.n or each.kind == "manual" or excluded(each.requirements) or each.verdict.stopped)
    ]
    if unasked or (end is not None and end.status != "complete"):
        return EXIT_INCOMPLETE
    by_status = {"decided": EXIT_OK, "none": EXIT_FAIL, "undecided": EXIT_UNDECIDED}
    return by_status[comparison.decision.status]


def generated(project: Project) -> str:
    """Return the time of now as a report states it: UTC, to the second."""
    return datetime.fromtimestamp(project.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
