"""Tables in replies: CSV and Markdown."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.metrics.unreadable import Unreadable
from passmuster.records.record import Record

Form: TypeAlias = Literal["csv", "markdown"]

FENCE = re.compile(r"```[A-Za-z0-9]*[ \t]*\r?\n")
RULE = re.compile(r"[ \t]*+\|?[ \t]*+:?-+:?[ \t]*+(?:\|[ \t]*+:?-+:?[ \t]*+)*+\|?[ \t]*+")
LINE_END = re.compile(r"\r\n|\n|\r")
CELLS = re.compile(r"(?:[^|\\]|\\.)*+", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Record):
    """A table as it was written: its columns, its rows, and whether words stand around it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: bool = False


def in_fence(text: str) -> str | None:
    r"""Return what the first ``` fence holds; None without one that is closed.

    Example:
        >>> in_fence("Here:\n```csv\na,b\n```")
        'a,b\n'
    """
    opening = FENCE.search(text)
    closing = -1 if opening is None else text.find("```", opening.end())
    return None if opening is None or closing < 0 else text[opening.end() : closing]


def read_csv(text: str, delimiter: str = ",") -> Table | Unreadable:
    r"""Return a text as comma-separated values (RFC 4180), the first line as columns.

    Example:
        >>> read_csv('a,b\n1,"two, three"\n').rows
        (('1', 'two, three'),)
    """
    # where blanks part the cells, those at the ends are empty cells
    text = text.strip(" \r\n" if delimiter.isspace() else None)
    try:
        lines = [row for row in csv.reader(io.StringIO(text, ""), delimiter=delimiter, strict=True) if row]
    except csv.Error as error:
        return Unreadable(reason=f"not CSV: {error}")
    if not lines:
        return Unreadable(reason="not CSV: empty")
    return Table(columns=tuple(lines[0]), rows=tuple(tuple(line) for line in lines[1:]))


def read_markdown(text: str) -> Table | Unreadable:
    r"""Return the first Markdown table of a text: a line of columns, a line of dashes, and the lines after these.

    Example:
        >>> table = read_markdown("See:\n| a | b |\n|---|:-:|\n| 1 | x \\| y |\n")
        >>> table.columns, table.rows, table.words
        (('a', 'b'), (('1', 'x | y'),), True)
    """
    lines = LINE_END.split(text.strip())
    for place in range(1, len(lines)):
        if "-" not in lines[place] or "|" not in lines[place - 1] or RULE.fullmatch(lines[place]) is None:
            continue
        columns = tuple(_cells(lines[place - 1]))
        if len(tuple(_cells(lines[place]))) != len(columns):
            continue
        rows = []
        for line in lines[place + 1 :]:
            if "|" not in line:
                break
            rows.append(tuple(_cells(line)))
        rest = lines[place + 1 + len(rows) :]
        words = any(line.strip() for line in [*lines[: place - 1], *rest])
        return Table(columns=columns, rows=tuple(rows), words=words)
    return Unreadable(reason="no Markdown table: no line of columns with a line of dashes under it")


def _cells(line: str) -> Iterator[str]:
    line = line.strip()
    line = line.removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    position = 0
    while position <= len(line):
        found = CELLS.match(line, position)
        end = found.end() if found else position
        yield line[position:end].strip().replace("\\|", "|")
        if end < len(line) and line[end] != "|":  # a backslash at the very end
            return
        position = end + 1
