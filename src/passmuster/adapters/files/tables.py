"""Tables that people fill in: `.csv` for a spreadsheet, or `.jsonl`."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from passmuster.adapters.files.lines import write_lines
from passmuster.errors import CorpusError, Place

TRIGGERS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for the beginning of a formula."""

_END = "\r\n"


def write_table(path: Path, heads: Sequence[str], rows: Sequence[Mapping[str, str]]) -> int:
    """Write rows to a `.csv` or `.jsonl` file, whole or not at all, and return how many there are.

    What a spreadsheet would run as a formula gets an apostrophe in front, which `without_apostrophe` takes off again.

    Raises:
        CorpusError: for another ending, and where it cannot be written.
    """
    name = path.name.lower()
    if name.endswith(".csv"):
        return write_lines(path, _csv(heads, rows)) - 1
    if name.endswith((".jsonl", ".jsonl.gz")):
        return write_lines(
            path, (json.dumps({head: row[head] for head in heads}, ensure_ascii=False) for row in rows)
        )
    raise CorpusError(
        f"cannot write a sheet as {path.name!r}", place=Place(str(path)), hint="*.csv or *.jsonl"
    )


def _csv(heads: Sequence[str], rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    for cells in ({head: head for head in heads}, *rows):
        text = io.StringIO()
        # With another end of the line, Python before 3.13 leaves cells of several lines without quotes.
        csv.writer(text, lineterminator=_END).writerow([_harmless(cells[head]) for head in heads])
        yield text.getvalue().removesuffix(_END)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(TRIGGERS) else cell


def without_apostrophe(cell: str) -> str:
    """Return a cell as it was before it was made harmless.

    Example:
        >>> without_apostrophe("'=1+1"), without_apostrophe("'tis")
        ('=1+1', "'tis")
    """
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(TRIGGERS) else cell
