"""The canary in files of cases: a line of its own at the head, which readers of cases pass over."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from passmuster.adapters.files.lines import write_lines
from passmuster.errors import CorpusError, Place

_LONGEST = 1000
"""Characters of a line that can be a mark; a case may be a long line."""


def mark_line(text: str) -> str:
    """Return the line that marks a file.

    Example:
        >>> mark_line("GUID 1")
        '{"canary": "GUID 1"}'
    """
    return json.dumps({"canary": text}, ensure_ascii=False)


def mark_file(path: Path, text: str) -> None:
    """Put a canary at the head of a JSONL file, in place of one that stands there; its other lines stay as they are.

    Raises:
        CorpusError: where the file cannot be read or written; it is untouched then.
    """
    write_lines(path, _marked(path, text))


def _marked(path: Path, text: str) -> Iterator[str]:
    yield mark_line(text)
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", newline="\n") as stream:
            for number, line in enumerate(stream):
                if number or not _is_mark(line):
                    yield line.removesuffix("\n")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise CorpusError(f"the file cannot be read: {error}", place=Place(str(path))) from None


def _is_mark(line: str) -> bool:
    """Return whether a line holds the canary and nothing else: a case may have a column of that name."""
    if len(line) > _LONGEST:
        return False
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and value.keys() == {"canary"}
