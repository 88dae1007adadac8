"""The files of the gate's report, and what GitHub Actions reads: the one place that writes them."""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

from passmuster.errors import UsageError
from passmuster.project.gate_places import gate_places
from passmuster.project.load import Project
from passmuster.records.gate import GateReport
from passmuster.report.gate_entries import Places
from passmuster.report.gate_markdown import gate_markdown
from passmuster.report.gate_outputs import GateFiles, gate_outputs
from passmuster.report.github import SUMMARY_LIMIT, annotations, step_outputs

SUMMARY = "GITHUB_STEP_SUMMARY"
OUTPUT = "GITHUB_OUTPUT"
LEAST_SUMMARY = 200
"""Bytes under which a summary says nothing."""


def check_files(wanted: GateFiles) -> None:
    """Refuse paths that cannot be written to, or that two forms would be, before anything is asked or compared.

    Raises:
        UsageError: naming the path.
    """
    paths = [path for field in fields(wanted) if (path := getattr(wanted, field.name)) is not None]
    for path in paths:
        flaw = _flaw(path)
        if flaw is not None:
            raise UsageError(
                f"a form of the report cannot be written to {path!r}: {flaw}", hint="Name a file."
            )
    counted = Counter(os.path.realpath(path) for path in paths)
    twice = [path for path, count in counted.items() if count > 1]
    if twice:
        raise UsageError(f"two forms of the report are to be written to {twice[0]}", hint="Give each a file.")


def _flaw(path: str) -> str | None:
    """Return why a file cannot be written that way, as far as that can be seen beforehand."""
    if not path or path == os.curdir:
        return "it is no file"
    if os.path.isdir(path):  # noqa: PTH112 - a Path raises on a name that is too long
        return "it is a folder"
    above = next((each for each in Path(path).absolute().parents if os.path.exists(each)), None)  # noqa: PTH110 - likewise
    if above is not None and not above.is_dir():
        return f"{above} is no folder"
    return None


def write_gate_outputs(
    project: Project, report: GateReport, wanted: GateFiles, *, allow_undecided: bool = False
) -> tuple[Path, ...]:
    """Write every file that is wanted, its folder made where it is missing; return the paths.

    Raises:
        UsageError: where one cannot be written, or two forms have the same path.
    """
    check_files(wanted)
    needs_places = wanted.gitlab is not None
    places = gate_places(project, report) if needs_places else Places()
    written = []
    for name, text in gate_outputs(report, wanted, places, allow_undecided=allow_undecided).items():
        path = Path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}") from None
        written.append(path)
    return tuple(written)


def tell_github(project: Project, report: GateReport, *, allow_undecided: bool = False) -> str:
    """Append the job's summary and the values of the step where GitHub names files for them; return the annotations.

    The annotations are lines to be printed as they are, on stdout or stderr. The summary stays under the size that GitHub
    takes, with what stands in the file already.

    Raises:
        UsageError: where a file that GitHub names cannot be written.
    """
    summary, output = (project.environment.get(name) for name in (SUMMARY, OUTPUT))
    if summary:
        _append(summary, lambda size: _summary(report, SUMMARY_LIMIT - size - 2))
    if output:
        _append(output, lambda _: step_outputs(report, allow_undecided=allow_undecided))
    return annotations(report, gate_places(project, report), allow_undecided=allow_undecided)


def _summary(report: GateReport, room: int) -> str:
    return "\n" + gate_markdown(report, limit=room) if room >= LEAST_SUMMARY else ""


def _append(path: str, text: Callable[[int], str]) -> None:
    """Append to a file what is made for the size that it has."""
    try:
        with Path(path).open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(text(stream.tell()))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
