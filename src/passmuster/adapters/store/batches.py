"""Many rows in one statement.

Python's `sqlite3` lets go of the interpreter's lock and takes it back for every single execution, `executemany`
included. A thread that writes beside a busy event loop then waits for its turn, and makes the loop wait, once a
row. One statement for many rows does that once.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from sqlite3 import Connection, Cursor
from typing import Any

Row = tuple[Any, ...]

MOST = 128
"""Rows in one statement; SQLite takes 32,766 values, which is 1,489 attempts."""


def execute_rows(connection: Connection, sql: str, rows: Sequence[Row], shared: Row = ()) -> int:
    """Execute `sql` for all rows, and return how many rows of the database changed.

    Its `{rows}` becomes `(?, ...), (?, ...)`; `shared` are its `?1`, `?2` ...
    """
    return sum(execute_batch(connection, sql, batch, shared).rowcount for batch in in_batches(rows))


def execute_batch(connection: Connection, sql: str, batch: Sequence[Row], shared: Row = ()) -> Cursor:
    """Execute `sql` once, as `execute_rows` does for one batch of `in_batches`."""
    statement = _with_rows(sql, len(batch), len(batch[0]), len(shared))
    return connection.execute(statement, [*shared, *chain.from_iterable(batch)])


def in_batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Yield all rows in batches of few different sizes, so that few statements have to be prepared.

    Example:
        >>> [len(batch) for batch in in_batches([(0,)] * 71)]
        [64, 4, 2, 1]
    """
    start, size = 0, MOST
    while start < len(rows):
        if size > len(rows) - start:
            size //= 2
            continue
        yield rows[start : start + size]
        start += size


@cache
def _with_rows(sql: str, rows: int, width: int, shared: int) -> str:
    # A number of its own for every value would take SQLite time by the square of their count; those without one
    # count on from the one before.
    first = f"(?{shared + 1}{', ?' * (width - 1)})"
    return sql.replace("{rows}", ", ".join([first, *[f"(?{', ?' * (width - 1)})"] * (rows - 1)]))
