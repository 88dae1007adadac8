import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.errors import StoreError
from passmuster.records.run import Run

ROWS = tuple((f"case {number}", "a" * 32, number % 3) for number in range(300))


def run(name: str, cases: tuple[tuple[str, str, int], ...] = ROWS) -> Run:
    return Run(id=name, started=1.0, task="t", corpus="v", cases=cases, candidates=())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(path) as opened:
        opened.begin(run("one"), [])
        yield opened


def test_the_cases_of_a_run_are_a_sequence(store: SqliteStore) -> None:
    ((found, _),) = store.runs()

    assert len(found.cases) == 300
    assert tuple(found.cases) == ROWS
    assert (found.cases[0], found.cases[299], found.cases[-1]) == (ROWS[0], ROWS[299], ROWS[-1])
    assert found.cases[1:5] == ROWS[1:5]
    assert ROWS[7] in found.cases
    with pytest.raises(IndexError):
        found.cases[300]


def test_they_equal_the_same_cases_only(store: SqliteStore) -> None:
    ((found, _),) = store.runs()

    assert found == run("one")
    assert found.cases == ROWS
    assert found.cases != ROWS[:-1]
    assert found.cases != (*ROWS[:-1], ("other", "a" * 32, 0))
    assert found.cases != object()
    assert repr(found.cases).startswith("<300 cases of run 1 in ")


def test_a_run_without_cases_has_none(store: SqliteStore) -> None:
    store.begin(run("two", ()), [])

    assert list(store.runs()[0][0].cases) == []


def test_they_are_read_when_they_are_asked_for(store: SqliteStore, path: Path) -> None:
    ((found, _),) = store.runs()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE run_cases SET case_id = 'changed' WHERE position = 2")

    assert found.cases[2][0] == "changed"
    assert list(found.cases)[2][0] == "changed"


def test_they_can_be_read_when_the_store_is_closed(path: Path) -> None:
    with SqliteStore(path) as store:
        store.begin(run("one"), [])
        ((found, _),) = store.runs()

    assert tuple(found.cases) == ROWS


def test_a_file_that_went_away_is_named(store: SqliteStore, path: Path) -> None:
    ((found, _),) = store.runs()
    store.close()
    path.unlink()
    path.mkdir()

    with pytest.raises(StoreError, match=r"store\.sqlite: this file cannot be opened"):
        list(found.cases)
