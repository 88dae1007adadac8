"""Since when, and for whom, a plain file lay open: what git and the disk know of it."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

_PATIENCE = 20.0
"""Seconds that git may take."""


class Commits(NamedTuple):
    """How many commits have a file, the first of them, and when that was (seconds since the epoch)."""

    number: int
    first: str
    time: float


def commits_of(path: Path) -> Commits | None:
    """Return which commits changed a file; None where there is no git, no repository, or no commit of it."""
    command = ["git", "--no-pager", "log", "--format=%H %ct", "--", path.name]
    try:
        found = subprocess.run(  # noqa: S603 - fixed words; the name comes after `--`
            command, cwd=path.parent, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    lines = found.stdout.split("\n") if found.returncode == 0 else []
    rows = [line.split() for line in lines if len(line.split()) == len(("hash", "time"))]
    if not rows:
        return None
    first, time = rows[-1]
    return Commits(len(rows), first, float(time))


def exposure(path: Path) -> list[str]:
    """Return in sentences how a plain file lay open.

    Args:
        path: The file.
    """
    told = [f"it lay in plain as {path.name}, last changed {_day(path.stat().st_mtime)}"]
    names = path.stat().st_nlink
    if names > 1:
        told.append(f"the disk has it under {names} names: those beside {path.name} stay")
    commits = commits_of(path.absolute())
    if commits is not None:
        many = "a commit" if commits.number == 1 else f"{commits.number} commits"
        told.append(
            f"git has it in {many} since {_day(commits.time)} ({commits.first[:12]}): "
            "whoever has the repository has the cases"
        )
    return told


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
