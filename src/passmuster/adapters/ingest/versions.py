"""Frozen versions on disk: one line each in `versions.jsonl`, and a packed file of their cases."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from passmuster.adapters.files.lines import append_lines, write_lines
from passmuster.adapters.files.rows import Row
from passmuster.adapters.ingest.folder import CorpusFolder
from passmuster.adapters.ingest.inputs import read_input
from passmuster.corpus.versions.frozen import PARTS, State, state_digest
from passmuster.errors import CorpusError, Place
from passmuster.records.case import Case
from passmuster.records.digest import plain
from passmuster.records.record import Json
from passmuster.records.version import FrozenVersion, PartName

_PART: Mapping[str, PartName] = {name: name for name in PARTS}
_LATEST = 253402300800.0
"""The year 10000, in seconds since the epoch."""
_CASE_FIELDS = tuple(field.name for field in fields(Case))


@cache
def _version() -> TypeAdapter[FrozenVersion]:
    return TypeAdapter(FrozenVersion)


class VersionFiles:
    """The frozen versions of a corpus folder.

    Args:
        folder: The corpus.
    """

    def __init__(self, folder: CorpusFolder) -> None:
        self._folder = folder

    def versions(self) -> tuple[FrozenVersion, ...]:
        """Return all versions, oldest first; none where nothing is frozen.

        Raises:
            CorpusError: for a line that is no version, with its number.
        """
        path = self._folder.versions
        if not path.is_file():
            return ()
        try:
            lines = path.read_bytes().splitlines()
        except OSError as error:
            raise CorpusError(
                f"the file cannot be read: {error.strerror or error}", place=Place(str(path))
            ) from None
        return tuple(_read_line(path, number, line) for number, line in enumerate(lines, 1) if line.strip())

    def place(self, version: str) -> Path:
        """Return the file of a version, by its digest; it need not exist."""
        return self._folder.frozen(version)

    def keep(self, version: FrozenVersion, state: State, mark: str) -> Path:
        """Write the file of a version, then its line, and return the file.

        Where it stops in between, nothing has been frozen: the next freeze writes the same file again.

        Args:
            version: What is said of it.
            state: Its cases.
            mark: The canary in its sentence; it is the first line of the file.

        Raises:
            CorpusError: where a file cannot be written.
        """
        path = self._folder.frozen(version.version)
        write_lines(path, _rows(version, state, mark))
        append_lines(self._folder.versions, [_text(plain(version))])
        return path

    def state(self, version: FrozenVersion) -> State:
        """Return the frozen cases, after a proof that they are those that the version is named after.

        Raises:
            CorpusError: where the file is missing, broken or was altered.
        """
        path = self._folder.frozen(version.version)
        found = State(parts=_read(path), topics=version.topics, holdout=version.holdout)
        if state_digest(found) != version.version:
            raise _altered(path)
        return found


def _rows(version: FrozenVersion, state: State, mark: str) -> Iterator[str]:
    yield _text({"canary": mark, "version": version.version})
    for name in PARTS:
        for case in sorted(state.parts.get(name, ()), key=lambda case: case.id):
            stored = plain(case)
            values = stored if isinstance(stored, dict) else {}
            ordered = {field: values[field] for field in _CASE_FIELDS if field in values}
            yield _text({"split": name, "case": ordered})


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _read_line(path: Path, number: int, line: bytes) -> FrozenVersion:
    try:
        found = _version().validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        what = ".".join(str(step) for step in first["loc"])
        raise _wrong_line(path, number, f"{what or 'the line'}: {first['msg']}") from None
    if not 0 <= found.time < _LATEST:
        raise _wrong_line(path, number, f"time: {found.time} is no time")
    return found


def _wrong_line(path: Path, number: int, message: str) -> CorpusError:
    return CorpusError(
        message,
        place=Place(str(path), number),
        hint="Lines are only ever added here. Take back the edit: git checkout FILE. A last line that was cut off "
        "is to be taken out; then freeze again.",
    )


def _read(path: Path) -> Mapping[PartName, Sequence[Case]]:
    try:
        with gzip.open(path, "rb") as stream:
            lines = stream.read().split(b"\n")
    except FileNotFoundError:
        raise CorpusError(
            "the file of this version is not here", place=Place(str(path)), hint=f"Get it back: {_BACK}"
        ) from None
    except (OSError, EOFError, zlib.error) as error:
        raise CorpusError(f"the frozen file is broken: {error}", place=Place(str(path)), hint=_BACK) from None
    parts: dict[PartName, list[Case]] = {}
    try:
        for number, line in enumerate(lines[1:], start=2):
            if line:
                name, case = _case(path, number, line)
                parts.setdefault(name, []).append(case)
    except (ValueError, TypeError, KeyError, RecursionError, CorpusError):
        raise _altered(path) from None
    return parts


_BACK = "git checkout FILE, or freeze this state again."


def _case(path: Path, number: int, line: bytes) -> tuple[PartName, Case]:
    """Return the part and the case of a line; whatever is odd in it fails here or in the digest."""
    text = line.decode()
    row = json.loads(text)
    values = dict(row["case"])
    place = Row(str(path), number, values, text, "jsonl")
    values["input"] = read_input(place, "input", values["input"])
    values["tags"] = tuple(values.get("tags", ()))
    return _PART[row["split"]], Case(**values)


def _altered(path: Path) -> CorpusError:
    return CorpusError(
        "the frozen file was altered: its cases are not those that it is named after",
        place=Place(str(path)),
        hint=f"A frozen version never changes. Get it back: {_BACK}",
    )
