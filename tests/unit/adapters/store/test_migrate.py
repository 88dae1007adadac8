import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from passmuster.adapters.store.connection import HEAD, connect
from passmuster.adapters.store.ddl import CREATE
from passmuster.adapters.store.migrate import head, known, migrating
from passmuster.adapters.store.schema import metadata
from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.ports import Claim
from passmuster.records.case import case_digest
from passmuster.records.run import RunEnd
from passmuster.records.trial import Attempt, Failure, Reply, Trial, TrialKey, Usage

OLD = Path(__file__).with_name("store_0001.sql").read_text(encoding="utf-8")
"""A store as passmuster 0.1 left it, with every table filled."""

OLDER_CLAIMS = Path(__file__).with_name("store_0002.sql").read_text(encoding="utf-8")
"""A store with the claims of a run that is over and of one at work elsewhere, before they had a number for it."""

DIALECT = sqlite.dialect()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def old(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLD)
        connection.execute("PRAGMA journal_mode = WAL")
    return path


def shape(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Return all that SQLite knows of each table and index, and what the version table holds."""
    found = {"version": connection.execute("SELECT version_num FROM alembic_version").fetchall()}
    for kind, name, table in connection.execute("SELECT type, name, tbl_name FROM sqlite_master").fetchall():
        tell = ["table_xinfo", "foreign_key_list", "index_list"] if kind == "table" else ["index_xinfo"]
        found[f"{kind} {name} of {table}"] = [
            row for pragma in tell for row in connection.execute(f"PRAGMA {pragma}('{name}')").fetchall()
        ]
    found["without rowid"] = connection.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND wr ORDER BY name"
    ).fetchall()
    return found


def migrated(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(connect(path)) as connection:
        with migrating(connection) as upgrade:
            connection.execute("BEGIN IMMEDIATE")
            upgrade()
        return shape(connection)


def test_the_head_in_the_code_is_the_newest_migration() -> None:
    assert head() == HEAD
    assert known(HEAD)
    assert not known("9999")


def test_a_new_file_is_what_the_migrations_make_of_an_empty_one(path: Path, tmp_path: Path) -> None:
    with SqliteStore(path), closing(connect(path)) as connection:
        made = shape(connection)

    assert made == migrated(tmp_path / "migrated.sqlite")
    assert made["version"] == [(HEAD,)]
    assert made["without rowid"] == [("attempts",), ("cache",), ("claims",), ("run_cases",)]


def test_an_old_store_becomes_what_a_new_one_is(old: Path, tmp_path: Path) -> None:
    with SqliteStore(old), closing(connect(old)) as connection:
        brought_forward = shape(connection)
    with SqliteStore(tmp_path / "new.sqlite"), closing(connect(tmp_path / "new.sqlite")) as connection:
        assert brought_forward == shape(connection)


def test_the_statements_are_those_of_the_schema() -> None:
    of_schema = [str(CreateTable(table).compile(dialect=DIALECT)) for table in metadata.sorted_tables]
    for table in metadata.sorted_tables:
        of_schema += [str(CreateIndex(index).compile(dialect=DIALECT)) for index in table.indexes]

    assert sorted(" ".join(sql.split()) for sql in CREATE[1:]) == sorted(
        " ".join(sql.split()) for sql in of_schema
    )


def test_the_migrations_lead_to_the_schema(old: Path) -> None:
    with SqliteStore(old):
        pass
    engine = create_engine(f"sqlite:///{old}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()

    assert differences == []


def test_an_old_store_keeps_its_runs_and_cases(old: Path) -> None:
    with SqliteStore(old) as store:
        ((run, end),) = store.runs()
        first, second = (store.cases([digest])[digest] for _, digest, _ in run.cases)

    assert (run.id, run.corpus, run.repeats, run.budget) == ("20260101-0000-tickets-abcd", "v1", 2, None)
    assert run.candidates[0].price is not None
    assert list(run.cases) == [("1", case_digest(first), 0), ("2", case_digest(second), 0)]
    assert end == RunEnd(
        run=run.id,
        ended=1767225800.0,
        status="incomplete",
        asked=2,
        reused=0,
        failed=1,
        spend=0.000171,
        stopped={"other": "401"},
    )


def test_an_old_store_keeps_its_trials(old: Path) -> None:
    with SqliteStore(old) as store:
        trials = list(store.trials(["90c1855f3a37c03698f0ca1311ea6adf"]))

    assert trials[0].outcome == Reply(text="a\x00\x1ab\ud800ü", finish_reason="stop", confidence=0.5)
    assert trials[0].attempts == (
        Attempt(
            started=1767225602.0,
            seconds=0.1,
            status=429,
            error="rate_limit",
            message="slow down",
            retry_after=1.0,
            in_flight=2,
        ),
        Attempt(
            started=1767225603.5,
            seconds=0.5,
            first_token=0.25,
            status=200,
            usage=Usage(input=10, output=3, cached=2, reasoning=1),
            cost=0.00016,
            in_flight=1,
        ),
    )
    assert (trials[1].outcome, trials[1].request) == (Reply(text="shipping"), None)


def test_what_an_old_run_paid_is_known(old: Path) -> None:
    with SqliteStore(old) as store:
        paid, at_risk = store.spent(["20260101-0000-tickets-abcd"])

    assert paid == pytest.approx(0.000171)
    assert at_risk == 0.0


def test_an_old_store_takes_new_trials(old: Path) -> None:
    late = Trial(
        key=TrialKey("6957b58ae9f7574ea137732e1d1a89d3", "90c1855f3a37c03698f0ca1311ea6adf", 1),
        case_id="1",
        outcome=Failure(kind="quota", message="no money left"),
        attempts=(Attempt(started=1.0, gaps=(0.1,), at_risk=0.5),),
        request="r",
    )
    with SqliteStore(old) as store:
        store.append("new", [late])
    with SqliteStore(old) as store:
        assert list(store.trials([late.key.candidate]))[-1] == late


def test_claims_of_an_old_store_hold_and_what_they_reserve_stays_at_risk(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLDER_CLAIMS)
    case, candidate = "6957b58ae9f7574ea137732e1d1a89d3", "90c1855f3a37c03698f0ca1311ea6adf"
    wanted = [Claim(TrialKey(case, candidate, repeat)) for repeat in range(4)]
    until = 1767225660.0

    with SqliteStore(path) as store:
        assert store.claim("new", wanted, until - 1) == ["granted", "taken", "taken", "done"]
        assert store.alive(["ended", "at work"], until - 1) == {"at work"}
        assert store.spent(["ended"]) == (0.0, 0.25)
        assert store.spent(["at work"]) == (0.125, 0.5)
        assert store.claim("new", wanted, until) == ["granted", "granted", "granted", "done"]


def test_a_failed_migration_leaves_the_file_as_it_was(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(old)) as connection:
        before = list(connection.iterdump())

    def fails(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(op, "create_table", fails)  # comes after all columns have been added
    with pytest.raises(KeyboardInterrupt):
        SqliteStore(old)
    monkeypatch.undo()

    with closing(sqlite3.connect(old)) as connection:
        assert list(connection.iterdump()) == before
    with SqliteStore(old) as store:
        assert len(store.runs()) == 1


@pytest.mark.parametrize("is_new", [True, False])
def test_a_store_opens_without_the_migration_libraries(path: Path, *, is_new: bool) -> None:
    if not is_new:
        SqliteStore(path).close()
    code = (
        "import sys; from pathlib import Path; from passmuster.adapters.store.sqlite import SqliteStore\n"
        "with SqliteStore(Path(sys.argv[1])) as store: store.done(['d']); list(store.trials(['d']))\n"
        "print([name for name in ('sqlalchemy', 'alembic', 'pydantic', 'numpy') if name in sys.modules])"
    )

    out = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)

    assert out.stdout == "[]\n"
