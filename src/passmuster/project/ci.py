"""What a project's repository does with it: lines of CI configurations that evaluate, and whether a file is committed."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from passmuster.decide.readiness.facts import CiFact

CONFIGURATIONS = (
    ".github/workflows/*.yml",
    ".github/workflows/*.yaml",
    ".gitlab-ci.yml",
    ".gitlab/ci/*.yml",
    ".circleci/config.yml",
    ".buildkite/*.yml",
    ".woodpecker.yml",
    ".woodpecker/*.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "Jenkinsfile",
    ".ci/*",
)
"""Where CI services look for what to run, from the root of a repository."""

TOOLS = {
    "passmuster gate": re.compile(r"\bpassmuster\s+gate\b"),
    "passmuster run": re.compile(r"\bpassmuster\s+(?:run|compare|decide)\b"),
    "lm-evaluation-harness": re.compile(r"\blm[-_]eval\b"),
    "Inspect": re.compile(r"\binspect\s+eval\b"),
    "promptfoo": re.compile(r"\bpromptfoo(?:@\S+)?\s+eval\b"),
    "deepeval": re.compile(r"\bdeepeval\s+test\b"),
    "lighteval": re.compile(r"\blighteval\b"),
    "MLflow": re.compile(r"\bmlflow\s+(?:genai\s+)?evaluate\b"),
}
"""What counts as an evaluation, by the command that starts it."""

_SAID = re.compile(r"(?:^|\s)(?:#|//).*|^\s*(?:-\s+)?[\"']?(?:name|description|label|title)[\"']?\s*:.*")
"""What a configuration says and does not run: comments, also behind a command, and the names of steps."""

LARGEST = 1 << 20
"""Bytes of a configuration that are read."""

_PATIENCE = 5.0
"""Seconds that git may take."""


def ci_lines(folder: Path) -> tuple[CiFact, ...]:
    """Return the lines of CI configurations that run an evaluation, from the project's folder up to its repository's root.

    A comment is none, and neither is the name of a step.
    """
    return tuple(
        CiFact(path=os.path.relpath(path, folder), line=number, tool=tool)
        for root in _up(folder)
        for path in _configurations(root)
        for number, tool in _evaluating(path)
    )


def _up(folder: Path) -> Iterator[Path]:
    """Yield the folder and those above it, up to the root of the repository; alone where there is no repository."""
    found = [folder.resolve(), *folder.resolve().parents]
    root = next((place for place, path in enumerate(found) if (path / ".git").exists()), 0)
    yield from found[: root + 1]


def _configurations(root: Path) -> list[Path]:
    return sorted({path for pattern in CONFIGURATIONS for path in root.glob(pattern) if path.is_file()})


def _evaluating(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open("rb") as stream:
            text = stream.read(LARGEST).decode("utf-8", errors="replace")
    except OSError:
        return
    for number, line in enumerate(text.splitlines(), start=1):
        runs = _SAID.sub("", line)
        yield from ((number, tool) for tool, form in TOOLS.items() if form.search(runs))


def is_committed(path: Path) -> bool | None:
    """Return whether git has a file as it lies there; None where there is no git, or no repository."""
    try:
        told = subprocess.run(  # noqa: S603 - the file is named by its folder and a pattern of ours
            ["git", "status", "--porcelain", "--ignored", "--", path.name],  # noqa: S607 - the git of whoever runs this
            cwd=path.parent,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return None if told.returncode else not told.stdout.strip()
