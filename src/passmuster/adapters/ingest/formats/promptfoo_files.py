"""A configuration of promptfoo with the files that it names, put in their places."""

import base64
from collections.abc import Iterator
from pathlib import Path

from passmuster.adapters.files.holdout import refuse_holdout
from passmuster.adapters.ingest.formats.documents import json_values
from passmuster.adapters.ingest.formats.format import Value
from passmuster.adapters.ingest.formats.joined import Row, rows_of
from passmuster.adapters.ingest.formats.yaml_text import yaml_values
from passmuster.adapters.ingest.tabular import Bad
from passmuster.errors import CorpusError, Place
from passmuster.records.record import Json

LARGEST_FILE = 1 << 24
"""Bytes of a file that a variable names."""
MOST_FILES = 1000
"""Files that one pattern may name."""
_FILE = "file://"
_IMAGES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
_CODE = (".js", ".ts", ".mjs", ".cjs", ".py")


def promptfoo_rows(path: Path) -> Iterator[Value]:
    """Yield the values of a file of tests; what its tests and variables name as `file://` is read in.

    Only files in the folder of the configuration and below are read; code is never run.

    Raises:
        CorpusError: where a file cannot be read, or lies elsewhere.
        SealError: where a file is a holdout.
    """
    values = yaml_values(path) if path.suffix.lower() in {".yaml", ".yml"} else json_values(path)
    for where, value in values:
        if isinstance(value, dict) and "tests" in value:
            listed = value["tests"]
            tests = [test for each in _as_list(listed) for test in _tests(each, path)]
            default = value.get("defaultTest")
            if isinstance(default, str) and default.startswith(_FILE):
                default = next(iter(_tests(default, path)), {})
            yield Value(where, {**value, "tests": tests, "defaultTest": _with_files(default, path)})
        else:
            yield Value(where, _with_files(value, path))


def _as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _tests(test: Json, config: Path) -> Iterator[Json]:
    if not isinstance(test, str):
        yield _with_files(test, config)
        return
    name = test.removeprefix(_FILE)
    if name.split(":", 1)[0].lower().endswith(_CODE) or "://" in name:
        yield test  # the reader says that it was not read
        return
    for path in _named(name, config):
        if path.suffix.lower() in {".yaml", ".yml"}:
            yield from (_with_files(each.value, path) for each in yaml_values(path))
        elif path.suffix.lower() in {".json", ".jsonl", ".csv"}:
            yield from (_with_files(_whole(row, path), path) for row in rows_of(path))
        else:
            yield test


def _whole(row: Row | Bad, path: Path) -> Json:
    if isinstance(row, Bad):
        raise CorpusError(f"{row.where}: {row.reason}", place=Place(str(path)))
    return row.value


def _named(name: str, config: Path) -> list[Path]:
    """Return the files of a name or pattern, all of them below the configuration's folder."""
    folder = config.parent.resolve()
    if any(sign in name for sign in "*?["):
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise _elsewhere(name, config)
        found = sorted(path for path in folder.glob(name) if path.is_file())[:MOST_FILES]
    else:
        found = [folder / name]
    for path in found:
        refuse_holdout(path)
        if not path.resolve().is_relative_to(folder):
            raise _elsewhere(name, config)
    return found


def _elsewhere(name: str, config: Path) -> CorpusError:
    return CorpusError(
        f"{name!r} lies outside of the folder of the configuration",
        place=Place(str(config)),
        hint="copy it beside the configuration; files elsewhere are not read on the word of a file",
    )


def _with_files(test: Json, config: Path) -> Json:
    """Return a test with the content of the files that its variables name."""
    held = test.get("vars") if isinstance(test, dict) else None
    if not isinstance(test, dict) or not isinstance(held, dict):
        return test
    return {**test, "vars": {name: _content(value, config) for name, value in held.items()}}


def _content(value: Json, config: Path) -> Json:
    if not isinstance(value, str) or not value.startswith(_FILE):
        return value
    [path, *_] = _named(value.removeprefix(_FILE), config) or [config]
    if path.suffix.lower() in _CODE or path == config:
        return value
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            message = f"{value!r} is a file of {size >> 20} MB; a variable may have {LARGEST_FILE >> 20}"
            raise CorpusError(message, place=Place(str(config)))
        raw = path.read_bytes()
    except OSError as error:
        message = f"{value!r} cannot be read: {error.strerror or error}"
        raise CorpusError(message, place=Place(str(config))) from None
    media = _IMAGES.get(path.suffix.lower())
    if media is not None:
        return f"data:{media};base64,{base64.b64encode(raw).decode()}"
    if path.suffix.lower() in {".yaml", ".yml"}:
        return next((each.value for each in yaml_values(path)), None)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        message = f"{value!r} is no text, and no image that a case can hold"
        raise CorpusError(message, place=Place(str(config)), hint="give its text") from None
