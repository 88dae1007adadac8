"""A decision with its record, from Python: the comparison as it stands, who records it, and when to look again."""

import os
import subprocess
from pathlib import Path

from passmuster import __version__
from passmuster.decide.minutes import REVIEW_DAYS, Minutes, decision_record
from passmuster.project.api import compare_with_evidence
from passmuster.project.corpus.seal import actor
from passmuster.project.load import Project
from passmuster.records.comparison import Comparison
from passmuster.records.decided import DecisionRecord
from passmuster.workflows.record_file import keep_record, record_name

_PATIENCE = 5.0
"""Seconds that git may take to tell a name."""


def decide(
    project: Project, *, by: str | None = None, review_days: int = REVIEW_DAYS
) -> tuple[Comparison, DecisionRecord]:
    """Decide on the stored trials, and return the comparison with the record of the decision; no model is called.

    Args:
        project: The project.
        by: Who records it; default: the name that git knows, else that of the system's user.
        review_days: After how many days to look again.

    Raises:
        IncompleteError: where no candidate has a trial yet.
    """
    comparison, _ = compare_with_evidence(project)
    minutes = Minutes(
        by=by or _git_name(project.folder) or actor(), version=__version__, review_days=review_days
    )
    return comparison, decision_record(comparison, project.candidates, minutes)


def keep(project: Project, record: DecisionRecord, text: str, path: str | Path | None = None) -> Path:
    """Write the text of a record, never over another one; return where.

    Args:
        project: The project; its reports folder has the folder `decisions`.
        record: The record.
        text: The record as Markdown.
        path: A file or a folder of one's own; with a separator at its end a folder, which is made.

    Raises:
        UsageError: where it cannot be written.
    """
    name = record_name(record.task, record.when)
    if path is None:
        path = project.reports_dir / "decisions" / name
    elif str(path).endswith(("/", os.sep)):
        path = Path(path) / name
    return keep_record(text, Path(path), name)


def _git_name(folder: Path) -> str | None:
    """Return the name that git would put under a commit here; None where it knows none, or is not there."""
    try:
        told = subprocess.run(
            ["git", "config", "user.name"],  # noqa: S607 - the git of whoever runs this, wherever it lies
            cwd=folder,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return told.stdout.decode("utf-8", errors="replace").strip() or None
