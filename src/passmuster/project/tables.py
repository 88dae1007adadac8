"""The stored trials of a project with their scores, as rows of a table."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from passmuster.adapters.export.tables import TableRow, to_frame, trial_rows, write_table
from passmuster.project.load import Project
from passmuster.records.candidate import candidate_digest
from passmuster.records.score import ScoreOutcome
from passmuster.records.trial import Reply, TrialKey
from passmuster.runner.plan import plan

if TYPE_CHECKING:
    import pandas as pd


def rows(project: Project) -> Iterator[TableRow]:
    """Yield one row per stored trial of the project's plan; columns as `docs/export.md` lists them."""
    names = {candidate_digest(candidate): candidate.name for candidate in project.asked}
    whole = plan(project.corpus().cases, project.asked, project.task.repeats)
    cases = {ask.key: ask.case for ask in whole}
    with project.store() as store:
        stored = [trial for trial in store.trials(names) if trial.key in cases]
    scores: dict[str, dict[TrialKey, ScoreOutcome]] = {metric.name: {} for metric in project.metrics()}
    for trial in stored:
        if isinstance(trial.outcome, Reply):
            for metric in project.metrics():
                scores[metric.name][trial.key] = metric.score(cases[trial.key], trial.outcome)
    yield from trial_rows(stored, scores, run="", names=names)


def write(project: Project, path: Path) -> int:
    """Write the table to a `.csv`, `.jsonl` or `.parquet` file; return how many trials it has.

    Raises:
        UsageError: for another kind of file, or a folder that does not exist.
        MissingExtraError: for Parquet without the extra `frames`.
    """
    table = list(rows(project))
    write_table(path, table)
    return len(table)


def frame(project: Project) -> "pd.DataFrame":
    """Return the table as a pandas DataFrame.

    Raises:
        MissingExtraError: without the extra `frames`.
    """
    return to_frame(rows(project))
