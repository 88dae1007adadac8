"""The texts of any file, one after another: what candidates have learned from, whatever its form."""

import gzip
import json
import zlib
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path

from passmuster.adapters.files.holdout import refuse_holdout
from passmuster.adapters.files.rows import SUFFIXES, RowReader
from passmuster.adapters.ingest.formats.documents import json_values
from passmuster.corpus.contamination.passages import Passage, strings
from passmuster.errors import CorpusError, Place

BLOCK = 1 << 16
"""Bytes of a text file that are read at a time."""
LONGEST = 1 << 24
"""Bytes of a row that is read as a whole."""
TAIL = 4000
"""Characters that a block shares with the one before, so that nothing falls between the two."""


def passages(path: Path) -> Iterator[Passage]:
    """Yield the texts of a file, with where they stand; of a folder those of all its files.

    Rows of JSON lines and CSV files are one text each: all texts in them, each on a line of its own. A `.json` file
    is read value by value, everything else as plain text, in pieces that overlap. What is no UTF-8 is replaced, and
    a line that is no JSON is taken as it is: a slip in a training file must not hide a leak.

    Raises:
        CorpusError: where the file cannot be read.
        SealError: for a holdout, also inside of a folder.
    """
    refuse_holdout(path)
    if path.is_dir():
        for inner in sorted(each for each in path.rglob("*") if each.is_file()):
            yield from passages(inner)
        return
    name = path.name.lower()
    if name.endswith((".csv", ".csv.gz")):
        for row in RowReader(path, CorpusError):
            yield Passage(f"{path}:{row.line}", "\n".join(strings(row.values)))
    elif name.endswith((".json", ".json.gz")):
        for value in json_values(path):
            yield Passage(f"{path} {value.where}", "\n".join(strings(value.value)))
    else:
        yield from _lines(path) if name.endswith(tuple(SUFFIXES)) else _blocks(path)


def _lines(path: Path) -> Iterator[Passage]:
    for number, raw in enumerate(_read(path, LONGEST), start=1):
        line = raw.decode(errors="replace")
        if line.strip():
            yield Passage(f"{path}:{number}", "\n".join(_texts(line)))


def _texts(line: str) -> Iterator[str]:
    try:
        yield from strings(json.loads(line))
    except (ValueError, RecursionError):
        yield line


def _blocks(path: Path) -> Iterator[Passage]:
    before, line = "", 1
    held: list[str] = []
    size = 0
    for raw in _read(path, BLOCK):
        held.append(raw.decode(errors="replace"))
        size += len(held[-1])
        if size >= BLOCK:
            text = before + "".join(held)
            yield Passage(f"{path}:{line}", text)
            line += len(held)
            before, held, size = text[-TAIL:], [], 0
    if held:
        yield Passage(f"{path}:{line}", before + "".join(held))


def _read(path: Path, most: int) -> Iterator[bytes]:
    """Yield the lines of a file; of one of more than `most` bytes its pieces, which end anywhere."""
    try:
        with _opened(path) as stream:
            while raw := stream.readline(most):
                yield raw
    except FileNotFoundError:
        raise CorpusError(
            "there is no such file", place=Place(str(path)), hint="See learned_from in the project file."
        ) from None
    except (OSError, EOFError, zlib.error) as error:
        raise CorpusError(f"the file cannot be read: {error}", place=Place(str(path))) from None


def _opened(path: Path) -> BufferedIOBase:
    return gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb")
