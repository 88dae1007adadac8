"""Rows of databases: fetched in portions, never a secret in a message, and a loss in the middle is told."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from passmuster.adapters.ingest.sql import SqlRows, concealed
from passmuster.adapters.ingest.tabular import Good, Item
from passmuster.errors import CorpusError, MissingExtraError, UsageError

ROWS = 5_000


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return a database of calls."""
    path = tmp_path / "calls.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE calls (id INTEGER PRIMARY KEY, prompt TEXT, score REAL, raw BLOB)")
    connection.executemany(
        "INSERT INTO calls VALUES (?, ?, ?, ?)",
        ((n, f"question {n} " + "x" * 400, None, b"\xff") for n in range(ROWS)),
    )
    connection.commit()
    connection.close()
    return path


def test_rows_come_as_objects_in_their_order(base: Path) -> None:
    items = list(
        SqlRows(
            f"sqlite:///{base}",
            "SELECT id, prompt AS question, score, raw FROM calls WHERE prompt LIKE '%1 x%' AND '10:30' <> ':a'",
        )
    )
    assert all(isinstance(item, Good) for item in items)
    assert items[0] == Good(1, {"id": 1, "question": "question 1 " + "x" * 400, "score": None, "raw": None})
    assert len(items) == ROWS / 10


def test_rows_are_fetched_in_portions(base: Path) -> None:
    rows = iter(SqlRows(f"sqlite:///{base}", "SELECT * FROM calls"))
    assert next(rows)
    assert isinstance(rows, Iterator)
    rows.close()  # type: ignore[attr-defined]  # a generator: the connection is let go of


def test_a_database_that_fails_in_the_middle_is_told_with_how_far_it_came(base: Path) -> None:
    content = bytearray(base.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 40_960] = b"\xff" * 40_960
    base.write_bytes(content)
    seen: list[Item] = []
    with pytest.raises(CorpusError, match=r"the database went away after [\d,]+ rows: .*malformed") as error:
        seen.extend(SqlRows(f"sqlite:///{base}", "SELECT * FROM calls"))
    assert 0 < len(seen) < ROWS
    assert f"after {len(seen):,} rows" in str(error.value)
    assert "Nothing was imported" in str(error.value)


@pytest.mark.parametrize(
    "query", ["DELETE FROM calls", "DELETE FROM calls RETURNING id", "CREATE TABLE other (a)"]
)
def test_a_database_is_only_read(query: str, base: Path) -> None:
    before = base.read_bytes()
    with pytest.raises((CorpusError, UsageError)):
        list(SqlRows(f"sqlite:///{base}", query))
    assert base.read_bytes() == before


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="there is no such database"):
        SqlRows(f"sqlite:///{tmp_path}/new.db", "SELECT 1")
    assert list(tmp_path.iterdir()) == []


def test_without_a_query_the_tables_are_named(base: Path) -> None:
    with pytest.raises(UsageError, match=r"(?s)--query 'SELECT \* FROM calls'.*Its tables are: calls"):
        SqlRows(f"sqlite:///{base}", None)


def test_a_wrong_query_is_told_in_the_words_of_the_database(base: Path) -> None:
    with pytest.raises(CorpusError, match="no such table: cals"):
        list(SqlRows(f"sqlite:///{base}", "SELECT * FROM cals"))


def test_two_columns_of_one_name_are_refused(base: Path) -> None:
    with pytest.raises(UsageError, match="two columns called 'id'"):
        list(SqlRows(f"sqlite:///{base}", "SELECT id, prompt AS id FROM calls"))


SECRET = "p%40ss%2Fw0rd"  # noqa: S105  # nobody's
ADDRESSES = [
    f"postgresql+psycopg://ann:{SECRET}@127.0.0.1:1/db?sslpassword=p@ss",
    f"postgres://ann:{SECRET}@127.0.0.1:1/db?options=-cpassword%3Dp@ss",
    f"oracle://ann:{SECRET}@127.0.0.1:1/db",
    f"nothing://ann:{SECRET}@127.0.0.1:1/db",
    f"postgresql://ann:{SECRET}@host:port/db",
    f"postgresql:/ann:{SECRET}@host/db",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_message_holds_a_password(address: str) -> None:
    with pytest.raises((CorpusError, UsageError, MissingExtraError)) as error:
        list(SqlRows(address, "SELECT 1"))
    said = str(error.value) + repr(error.value.__cause__)
    assert not any(secret in said for secret in (SECRET, "p@ss", "w0rd", "p%40ss"))
    assert error.value.__suppress_context__ or error.value.__context__ is None


def test_a_password_that_the_database_repeats_is_taken_out(base: Path) -> None:
    rows = SqlRows(f"sqlite:///{base}?password=hunter2secret", "SELECT * FROM hunter2secret")
    with pytest.raises(CorpusError) as error:
        list(rows)
    assert "hunter2secret" not in str(error.value)
    assert "hunter2secret" not in rows.name


def test_an_address_that_cannot_be_read_shows_its_beginning_alone() -> None:
    assert concealed("mysql+pymysql://admin:hunter2@host") == "mysql+pymysql://***"
