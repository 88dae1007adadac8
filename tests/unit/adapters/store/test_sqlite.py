import sqlite3
import stat
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from passmuster.adapters.store import connection as opening
from passmuster.adapters.store import sqlite as sqlite_store
from passmuster.adapters.store.connection import HEAD
from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.errors import EXIT_INCOMPLETE, StoreError
from passmuster.records.case import Case, case_digest
from passmuster.records.run import Run
from passmuster.records.trial import Attempt, Failure, Reply, Trial, TrialKey, Usage


def trial(case: str = "c", text: str = "x") -> Trial:
    return Trial(
        key=TrialKey(case, "d", 0),
        case_id=case,
        outcome=Reply(text=text),
        attempts=(Attempt(started=1.0),),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".passmuster" / "store.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(path) as opened:
        yield opened


def raw(path: Path, sql: str, *values: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(sql, values).fetchall()


def test_a_store_that_was_made_but_not_filled_is_brought_forward(path: Path) -> None:
    path.parent.mkdir()
    raw(path, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")

    with SqliteStore(path) as store:
        store.append("run", [trial()])

    assert raw(path, "SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_a_store_of_a_newer_release_is_refused_and_left_alone(path: Path) -> None:
    with SqliteStore(path):
        pass
    raw(path, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreError, match="schema 9999, made by a newer passmuster") as caught:
        SqliteStore(path)

    assert caught.value.exit_code == EXIT_INCOMPLETE
    assert raw(path, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_another_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    raw(path, "CREATE TABLE things (id INTEGER)")

    with pytest.raises(StoreError, match="no passmuster store"):
        SqliteStore(path)

    assert raw(path, "SELECT name FROM sqlite_master") == [("things",)]


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("just text " * 1000)

    with pytest.raises(StoreError, match=r"notes\.txt: this file is no passmuster store"):
        SqliteStore(path)

    assert path.read_text() == "just text " * 1000


def test_a_full_disk_says_so_and_keeps_what_was_stored(store: SqliteStore) -> None:
    store.append("run", [trial("first")])
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages + 2}")

    with pytest.raises(StoreError, match="the disk is full") as caught:
        store.append("run", [trial("second"), trial("third", "x" * 10**6)])

    assert "give the same command again" in str(caught.value)
    assert {key.case for key in store.done(["d"])} == {"first"}
    store._connection.execute("PRAGMA max_page_count = 1000000")
    store.append("run", [trial("fourth")])
    assert {key.case for key in store.done(["d"])} == {"first", "fourth"}


def test_another_writer_is_waited_for_and_then_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "PATIENCE", 0.05)
    with SqliteStore(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another process has been writing"):
            store.append("run", [trial()])
        assert store.done(["d"]) == set()
        other.execute("ROLLBACK")
        store.append("run", [trial()])


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="the folder of the store cannot be made"):
        SqliteStore(tmp_path / "file" / "store.sqlite")


def test_its_own_folder_is_private_and_stays_out_of_git(store: SqliteStore, path: Path) -> None:
    assert (path.parent / ".gitignore").read_text() == "*\n"
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_of_the_user_gets_no_gitignore(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "results" / "store.sqlite"):
        pass

    assert not (tmp_path / "results" / ".gitignore").exists()


def test_a_trial_outlives_the_process_without_closing(store: SqliteStore, path: Path) -> None:
    store.append("run", [trial()])

    assert raw(path, "SELECT count(*) FROM trials") == [(1,)]
    assert raw(path, "PRAGMA journal_mode") == [("wal",)]


def test_of_a_repeated_trial_the_newest_take_is_read_and_counts_once(store: SqliteStore, path: Path) -> None:
    store.append("run", [trial("c1", "old"), trial("c2", "other")])
    raw(
        path,
        'INSERT INTO trials ("case", candidate, repeat, take, run, case_id, kind, text, source)'
        " VALUES ('c1', 'd', 0, 1, 'later', 'c1', 'reply', 'new', 'measured')",
    )

    assert [made.outcome for made in store.trials(["d"])] == [Reply(text="other"), Reply(text="new")]
    assert len(store.done(["d"])) == 2


def test_text_stays_readable_in_the_tables(store: SqliteStore, path: Path) -> None:
    store.append("run", [trial("c1", 'Grüße "x" \U0001f600')])

    assert raw(path, "SELECT text FROM trials WHERE text LIKE '%Grüße%'") == [('Grüße "x" \U0001f600',)]


@pytest.mark.parametrize("column", ["{", "[]", '{"unknown": 1}'])
def test_a_row_that_was_edited_by_hand_is_named(store: SqliteStore, path: Path, column: str) -> None:
    store.append("run", [trial()])
    raw(path, "UPDATE trials SET rest = ?", column)

    with pytest.raises(StoreError, match=r"a row cannot be read \(trials, id 1\)"):
        list(store.trials(["d"]))


def test_several_processes_may_make_the_same_store_at_once(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from passmuster.adapters.store.sqlite import SqliteStore\n"
        "sys.stdin.read(1)\n"
        "SqliteStore(Path(sys.argv[1])).close()"
    )
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(4)
    ]
    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.write(b"x")
        maker.stdin.flush()
    ends = [maker.communicate()[1] for maker in makers]

    assert ends == [b""] * 4
    assert [maker.returncode for maker in makers] == [0] * 4
    assert raw(path, "SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_a_store_that_another_process_made_meanwhile_is_taken_as_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SqliteStore(path) as first:
        first.append("run", [trial()])
    really = opening._is_empty
    answers = iter([True])
    monkeypatch.setattr(opening, "_is_empty", lambda connection: next(answers, False) or really(connection))

    with SqliteStore(path) as second:
        assert len(second.done(["d"])) == 1


def test_a_large_group_keeps_its_order_and_skips_what_is_there(store: SqliteStore) -> None:
    store.append("one", [trial(f"c{number}", "kept") for number in range(0, 300, 7)])
    store.append("two", [trial(f"c{number}", "new") for number in range(300)])

    found = {made.key.case: made.outcome for made in store.trials(["d"])}
    assert list(found) == [
        *(f"c{number}" for number in range(0, 300, 7)),
        *(f"c{number}" for number in range(300) if number % 7),
    ]
    assert {case for case, outcome in found.items() if outcome == Reply(text="kept")} == {
        f"c{number}" for number in range(0, 300, 7)
    }
    assert all(len(made.attempts) == 1 for made in store.trials(["d"]))


def test_takes_of_one_key_in_one_group_follow_one_another(store: SqliteStore, path: Path) -> None:
    failed = replace(trial(), outcome=Failure(kind="timeout", message="late"))
    store.append("one", [failed, failed, trial(text="at last"), failed, trial(text="too much")])

    assert raw(path, "SELECT take, kind FROM trials ORDER BY take") == [
        (0, "timeout"),
        (1, "timeout"),
        (2, "reply"),
    ]
    assert [made.outcome for made in store.trials(["d"])] == [Reply(text="at last")]
    assert raw(path, "SELECT trial, count(*) FROM attempts GROUP BY trial") == [(1, 1), (2, 1), (3, 1)]


def test_cases_are_stored_as_they_come(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_store, "GROUP_SIZE", 2**20)
    cases = (Case(id=str(number), input=f"{number} {'x' * 100_000}") for number in range(200))
    served = Run(id="r", started=1.0, task="t", corpus="v", cases=(), candidates=())

    tracemalloc.start()
    try:
        store.begin(served, cases)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 8_000_000  # all of them are 20 MB
    assert store.cases([case_digest(Case(id="", input=f"199 {'x' * 100_000}"))])


def test_who_reads_does_not_wait_for_who_writes(store: SqliteStore) -> None:
    store.append("run", [trial()])
    store.holds()  # the first one brings the cache up to date
    store.append("run", [trial("later")])
    with store._lock:
        assert len(store.done(["d"])) == 2
        assert len(list(store.trials(["d"]))) == 2
        assert store.recall("unknown", 0, "run") is None
        assert store.spent(["run"]) == (0.0, 0.0)
        assert store.runs() == []


def test_usual_and_rare_attempts_of_one_group_come_back_in_their_order(store: SqliteStore) -> None:
    attempts = (
        Attempt(started=1.0, status=429, error="rate_limit", message="slow", retry_after=0.5),
        Attempt(started=2.0, seconds=0.5, usage=Usage(input=1, cache_write=4)),
        Attempt(started=3.0, seconds=0.5, first_token=0.1, usage=Usage(input=1, output=2), cost=0.5),
        Attempt(started=4.0, gaps=(0.1,), within=2, model="m", at_risk=0.25, in_flight=3),
    )
    made = [replace(trial(f"c{number}"), attempts=attempts[number % 3 :]) for number in range(9)]
    store.append("run", made)

    assert list(store.trials(["d"])) == made


class Refusing:
    """A connection that cannot commit."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        return self.connection.execute("no SQL" if sql == "COMMIT" else sql, *values)


def test_what_the_cache_took_in_without_a_commit_is_taken_in_again(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append("one", [replace(trial(), request="r")])
    with monkeypatch.context() as patched:
        patched.setattr(store, "_connection", Refusing(store._connection))
        with pytest.raises(StoreError):
            store.holds()

    assert store.recall("r", 0, "two") == replace(trial(), request="r")


def test_what_is_stored_while_the_cache_is_pruned_is_forgotten_too(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_take_in", lambda: store.append("one", [replace(trial(), request="r")]))

    assert store.prune() == 1
