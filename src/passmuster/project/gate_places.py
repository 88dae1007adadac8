"""Where in the repository the gate's findings point at: the candidate in the project file, the cases in their files."""

import csv
import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from passmuster.adapters.ingest.folder import POOLS, CorpusFolder
from passmuster.errors import Place
from passmuster.project.load import Project
from passmuster.project.yaml import Document
from passmuster.records.gate import GateReport
from passmuster.report.gate_entries import Places

MOST_BYTES = 200_000_000
"""Files that are larger are not searched: where a case stands is a convenience."""

_WORKSPACES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")


def gate_places(project: Project, report: GateReport) -> Places:
    """Return the line of the candidate in the project file, and those of the cases that did not pass.

    Paths are relative to the repository: the workspace that GitHub or GitLab names, else the nearest folder with a `.git`,
    else the project's own. What cannot be found points at the candidate; this never raises.
    """
    root = repository(project.folder, project.environment)
    wanted = {flip.case for flip in report.flips if flip.regressed}
    for mode in report.modes:
        wanted |= {*mode.failed[:1], *mode.untested[:1]}
    cases = {name: _relative(place, root) for name, place in _case_places(project, wanted)}
    return Places(candidate=_relative(candidate_place(project.document, report.new.name), root), cases=cases)


def candidate_place(document: Document, name: str) -> Place:
    """Return where the entry of a candidate begins; one of a prompt variant is called `ENTRY/VARIANT`."""
    data = document.data
    entries = data.get("candidates") if isinstance(data, Mapping) else None
    named = [
        (str(entry.get("name", entry.get("model", ""))), place)
        for place, entry in enumerate(entries if isinstance(entries, list) else ())
        if isinstance(entry, Mapping)
    ]
    fitting = [
        (each, place) for each, place in named if each and (name == each or name.startswith(f"{each}/"))
    ]
    if not fitting:
        return document.key(("candidates",))
    return document.value(("candidates", max(fitting, key=lambda each: len(each[0]))[1]))


def repository(folder: Path, environment: Mapping[str, str]) -> Path:
    """Return the folder that paths of annotations are relative to."""
    here = folder.resolve()
    for name in _WORKSPACES:
        if environment.get(name):
            workspace = Path(environment[name]).resolve()
            if here.is_relative_to(workspace):
                return workspace
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), here)


def _relative(place: Place, root: Path) -> Place:
    path = Path(place.path).resolve()
    shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else place.path
    return Place(shown, place.line, place.column)


def _case_places(project: Project, wanted: Collection[str]) -> Iterator[tuple[str, Place]]:
    if not wanted:
        return
    settings = project.settings.corpus
    column = settings.columns.get("id", "id")
    if not isinstance(column, str):
        return
    for path in _files(project.folder / settings.path):
        with suppress(OSError, ValueError, csv.Error):  # what cannot be read points at the candidate
            for name, number in _identities(path, column):
                if name in wanted:
                    yield name, Place(str(path), number)


def _files(path: Path) -> Iterator[Path]:
    folder = CorpusFolder(path)
    found = [path] if path.is_file() else [folder.split_file("eval"), *map(folder.pool_file, POOLS)]
    for each in found:
        if each is not None and each.is_file() and each.stat().st_size <= MOST_BYTES:
            yield each


def _identities(path: Path, column: str) -> Iterator[tuple[str, int]]:
    """Yield the name and the first line of every case of a file; `line` as a column numbers the cases by line."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        if path.suffix == ".jsonl":
            for number, line in enumerate(stream, 1):
                yield str(number) if column == "line" else _identity(line, column), number
        elif path.suffix == ".csv":
            reader = csv.DictReader(stream)
            before = 0 if reader.fieldnames is None else reader.line_num  # reading the heads moves it on
            for row in reader:
                yield str(before + 1) if column == "line" else str(row.get(column, "")), before + 1
                before = reader.line_num


def _identity(line: str, column: str) -> str:
    row = json.loads(line) if line.strip() else None
    return str(row.get(column, "")) if isinstance(row, Mapping) else ""
