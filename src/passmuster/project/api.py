"""What the command line does, from Python: open, run, compare, and the trials behind it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from passmuster.errors import (
    EXIT_FAIL,
    EXIT_INCOMPLETE,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_UNDECIDED,
    IncompleteError,
    UsageError,
)
from passmuster.ports import Progress, Provider
from passmuster.project.load import Project, load_project
from passmuster.project.validate import closest
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.comparison import CaseEvidence, Comparison
from passmuster.records.run import Run, RunEnd
from passmuster.records.trial import Trial
from passmuster.runner.plan import plan
from passmuster.workflows import check as checking
from passmuster.workflows import compare as comparing
from passmuster.workflows import run as running
from passmuster.workflows.freeze import freeze_incumbent, write_candidates
from passmuster.workflows.show import LATEST, find_run, run_evidence

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A stored run, how it ended, and what its candidates answered case by case."""

    run: Run
    end: RunEnd | None
    evidence: list[CaseEvidence]


class _Silent:
    def planned(self, total: int, reused: int) -> None:
        """Keep quiet."""

    def finished(self, trial: Trial, cost: float | None) -> None:
        """Keep quiet."""


def open_project(path: str | Path | None = None) -> Project:
    """Open a project: a file, a folder with a passmuster.yaml, or the current folder.

    Raises:
        UsageError: where there is no such file.
        ConfigurationError: for a slip in it, with file, line and column.
    """
    return load_project(None if path is None else Path(path))


def run(
    project: Project,
    *,
    limit: int | None = None,
    only: Sequence[str] = (),
    retry_failures: bool = False,
    progress: Progress | None = None,
) -> RunEnd:
    """Ask what the store does not have yet, and write a report file per candidate.

    Args:
        project: The project.
        limit: How many cases, the same for every candidate; None is all.
        only: Names of candidates; none is all.
        retry_failures: Whether trials that failed before are asked again.
        progress: Is told how the run goes on.

    Raises:
        UsageError: for an unknown candidate, or a limit below 1.
        MissingSecretError: where a key is not set.
        StoreError: where the store cannot be written.
    """
    chosen = asked_candidates(project, only)
    options = running.RunOptions(
        limit=limit, only=tuple(candidate.name for candidate in chosen), retry_failures=retry_failures
    )
    with project.store() as store:
        ports = running.RunPorts(
            trials=store,
            runs=store,
            clock=project.clock,
            progress=progress or _Silent(),
            uniform=np.random.default_rng(),
        )
        end = asyncio.run(_run(project, chosen, ports, options))
    _write_candidates(project, chosen)
    return end


async def _run(
    project: Project,
    chosen: Sequence[Candidate],
    ports: running.RunPorts,
    options: running.RunOptions,
) -> RunEnd:
    providers = project.providers([candidate.name for candidate in chosen])
    try:
        return await running.run(project.task, project.corpus(), project.asked, providers, ports, options)
    finally:
        await _close(providers)


async def _close(providers: Mapping[str, Provider]) -> None:
    for provider in providers.values():
        await provider.close()


def _write_candidates(project: Project, chosen: Sequence[Candidate]) -> None:
    try:
        comparison = compare(project, only=[candidate.name for candidate in chosen])
    except IncompleteError:
        return
    write_candidates(comparison, project.reports_dir)


def check(project: Project, *, only: Sequence[str] = ()) -> tuple[checking.CheckResult, ...]:
    """Make one call per candidate, with the first case, and say what each told.

    Raises:
        UsageError: for an unknown candidate.
        MissingSecretError: where a key is not set.
    """
    chosen = asked_candidates(project, only)
    return asyncio.run(_check(project, chosen, project.corpus().cases[0]))


async def _check(
    project: Project, chosen: Sequence[Candidate], case: Case
) -> tuple[checking.CheckResult, ...]:
    providers = project.providers([candidate.name for candidate in chosen])
    try:
        return await checking.check(case, chosen, providers, project.clock)
    finally:
        await _close(providers)


def asked_candidates(project: Project, only: Sequence[str] = ()) -> tuple[Candidate, ...]:
    """Return the candidates that answer cases, or those of them that are named.

    Raises:
        UsageError: for a name that is no candidate, or one of which the file only states figures.
    """
    check_names(project, only)
    asked = [candidate.name for candidate in project.asked]
    for name in only:
        if name not in asked:
            raise UsageError(
                f"{name} is not asked: its figures are stated in the project file",
                hint=f"Candidates that are asked: {', '.join(asked) or 'none'}.",
            )
    return tuple(candidate for candidate in project.asked if not only or candidate.name in only)


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


def compare_with_evidence(project: Project) -> tuple[Comparison, list[CaseEvidence]]:
    """Compare all candidates, and also return the evidence case by case.

    Raises:
        IncompleteError: where no candidate has a trial yet.
    """
    question = comparing.Question(
        task=project.task,
        metrics=project.metrics(),
        corpus=project.corpus(),
        candidates=project.candidates,
    )
    with project.store() as store:
        stored = list(store.trials([candidate_digest(candidate) for candidate in project.candidates]))
    if not stored:
        raise IncompleteError("no trials are stored for this project yet", hint="Next: passmuster run")
    return comparing.compare(question, stored, generated=generated(project))


def look_up(project: Project, name: str = LATEST) -> Shown:
    """Return a stored run by its id, by the beginning of it, or the newest for `latest`.

    Raises:
        UsageError: where there is none, or more than one.
    """
    with project.store() as store:
        found, end = find_run(store.runs(), name)
        cases = store.cases([digest for _, digest, _ in found.cases])
        stored = list(store.trials([candidate_digest(candidate) for candidate in found.candidates]))
    question = comparing.Question(
        task=project.task, metrics=project.metrics(), corpus=project.corpus(), candidates=found.candidates
    )
    return Shown(run=found, end=end, evidence=run_evidence(question, found, cases, stored))


def freeze(project: Project) -> Path:
    """Freeze the incumbent's results as `baseline_<YYYYMMDD>.json` in the reports folder; return the path.

    Raises:
        UsageError: where there is no incumbent, or it has no trials yet.
    """
    comparison = compare(project)
    return freeze_incumbent(comparison, project.reports_dir, comparison.generated[:10].replace("-", ""))


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

    Incomplete is a run that did not end its plan, or a candidate without a single trial.
    """
    if end is not None and end.status == "interrupted":
        return EXIT_INTERRUPTED
    unasked = [each.name for each in comparison.candidates if not each.n and each.kind != "manual"]
    if unasked or (end is not None and end.status != "complete"):
        return EXIT_INCOMPLETE
    by_status = {"decided": EXIT_OK, "none": EXIT_FAIL, "undecided": EXIT_UNDECIDED}
    return by_status[comparison.decision.status]


def generated(project: Project) -> str:
    """Return the time of now as a report states it: UTC, to the second."""
    return datetime.fromtimestamp(project.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_names(project: Project, only: Sequence[str]) -> None:
    """Refuse names that no candidate has.

    Raises:
        UsageError: for an unknown candidate, with the closest one.
    """
    names = [candidate.name for candidate in project.candidates]
    for name in only:
        if name not in names:
            raise UsageError(f"no candidate is called {name!r}", hint=closest(name, names))
