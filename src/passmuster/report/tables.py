"""Columns of text as tables in a terminal: as many of them as its width takes."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from passmuster.report.rows import Column

GAP = 2
_STYLES = {"pass": "green", "fail": "red", "undecided": "yellow"}


def packed(
    first: Column, rest: Sequence[Column], width: int, verdict: Column | None = None
) -> list[list[Column]]:
    """Return the columns as groups that are not wider than `width`, each beginning with `first`.

    Args:
        first: The column that says what a row is of.
        rest: The others; what the bars are about comes before the rest.
        width: In cells of the terminal. A column that is wider has a group of its own.
        verdict: The last column of the first group.
    """
    groups: list[list[Column]] = [[first]]
    for column in sorted(rest, key=_priority):
        extra = [verdict] if verdict is not None and len(groups) == 1 else []
        if len(groups[-1]) > 1 and width_of([*groups[-1], column, *extra]) > width:
            groups.append([first])
        groups[-1].append(column)
    if verdict is not None:
        groups[0].append(verdict)
    return groups


def _priority(column: Column) -> int:
    """Where the matrix takes several tables, what the bars are about comes before the rest."""
    return {"metric": 2, "first_token": 3, "account": 4}.get(column.key.partition(":")[0], 1)


def width_of(group: Sequence[Column]) -> int:
    """Return how many cells of the terminal a table of these columns takes."""
    widths = (max(cell_len(text) for text in (column.title, *column.cells)) for column in group)
    return sum(widths) + GAP * (len(group) - 1)


def table(group: Sequence[Column], width: int) -> Table:
    """Return a table of these columns; where it is too wide, cells are folded."""
    made = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, width=None, header_style="bold")
    tight = width_of(group) > width
    for column in group:
        made.add_column(
            Text(column.title),
            justify="right" if column.right else "left",
            no_wrap=not tight,
            overflow="fold",
        )
    for cells in zip(*(column.cells for column in group), strict=True):
        made.add_row(*(_cell(column.key, text) for column, text in zip(group, cells, strict=True)))
    return made


def verdict_word(cell: str) -> str:
    """Return the verdict alone of a cell that says why, too.

    Example:
        >>> verdict_word("fail: too slow")
        'fail'
    """
    return cell.split(maxsplit=1)[0].rstrip(":")


def _cell(key: str, text: str) -> Text:
    if key == "verdict":
        return Text(text, style=_STYLES.get(verdict_word(text), ""))
    if key == "candidate" and text.startswith("*"):
        return Text(text, style="bold")
    return Text(text, style="dim" if text.strip() == "-" else "")
