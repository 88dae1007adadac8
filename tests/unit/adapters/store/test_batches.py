import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from passmuster.adapters.store.batches import MOST, execute_rows, in_batches


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as opened:
        opened.execute("CREATE TABLE numbers (id INTEGER PRIMARY KEY, name TEXT, shared TEXT)")
        yield opened


@pytest.mark.parametrize("number", [0, 1, 2, 3, 127, 128, 129, 1000])
def test_all_rows_are_inserted_in_their_order(connection: sqlite3.Connection, number: int) -> None:
    rows = [(each, f"name {each}") for each in range(number)]

    sql = "INSERT INTO numbers (id, name, shared) SELECT column1, column2, ?1 FROM (VALUES {rows})"
    changed = execute_rows(connection, sql, rows, ("same",))

    assert changed == number
    assert connection.execute("SELECT * FROM numbers").fetchall() == [(*row, "same") for row in rows]


def test_shared_values_may_be_named_behind_the_rows(connection: sqlite3.Connection) -> None:
    sql = "INSERT INTO numbers (id, shared) SELECT column1, ?1 FROM (VALUES {rows}) WHERE column1 < ?2"

    assert execute_rows(connection, sql, [(each,) for each in range(5)], ("same", 3)) == 3
    assert connection.execute("SELECT id, shared FROM numbers").fetchall() == [
        (each, "same") for each in range(3)
    ]


def test_only_rows_that_changed_are_counted(connection: sqlite3.Connection) -> None:
    sql = "INSERT OR IGNORE INTO numbers (id) VALUES {rows}"
    execute_rows(connection, sql, [(each,) for each in range(0, 300, 2)])

    assert execute_rows(connection, sql, [(each,) for each in range(300)]) == 150


def test_batches_have_few_sizes() -> None:
    sizes = {len(batch) for number in range(500) for batch in in_batches([(0,)] * number)}

    assert sizes == {2**power for power in range(8)}
    assert max(sizes) == MOST
