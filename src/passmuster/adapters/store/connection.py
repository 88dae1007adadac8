"""Opens the SQLite file of a store, at the present schema, and turns its errors into ours."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from passmuster.adapters.store.ddl import CREATE
from passmuster.errors import Place, StoreError

HEAD = "0004"
"""The schema that this release reads and writes; a test compares it with the newest migration."""

PATIENCE = 30.0
"""Seconds to wait for another process that is writing."""

_PAUSE = 0.02

_CAUSES = {
    "SQLITE_FULL": (
        "the disk is full",
        "Free some space and give the same command again: all that was stored before is kept.",
    ),
    "SQLITE_BUSY": (
        f"another process has been writing for {PATIENCE:.0f} s",
        "End it, or wait for it, and give the same command again.",
    ),
    "SQLITE_NOTADB": (
        "this file is no passmuster store",
        "Move it away, or name another file.",
    ),
    "SQLITE_CORRUPT": (
        "this file is damaged",
        "Copy what can be read with `sqlite3 FILE .recover`, then start with a new file.",
    ),
    "SQLITE_READONLY": ("this file may not be written", "Check the permissions of file and folder."),
    "SQLITE_CANTOPEN": ("this file cannot be opened", "Check the path, and the permissions of its folder."),
    "SQLITE_IOERR": (
        "the disk could not be read or written",
        "Check the disk, then give the same command again.",
    ),
}


@contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into a `StoreError` that says what happened and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "") or ""
        known = next((name_ for name_ in _CAUSES if name.startswith(name_)), None)
        message, hint = _CAUSES[known] if known else (f"the store failed: {error}", None)
        raise StoreError(message, place=Place(str(path)), hint=hint) from error


def open_store(path: Path) -> sqlite3.Connection:
    """Return a connection to the store, made or migrated forward where that is due.

    Raises:
        StoreError: where the file cannot be opened, is no store, or is one of a newer release.
    """
    _make_folder(path)
    with guarded(path):
        connection = connect(path)
        try:
            if _is_empty(connection):
                _create(connection)
            if _version(connection, path) != HEAD:
                _bring_forward(connection, path)
            # Digests come in no order, so every group touches pages all over an index: keep them, and write each
            # one back to the file less often. A stop for that stays far below what a finished trial may wait.
            connection.execute("PRAGMA cache_size = -32000")
            connection.execute("PRAGMA wal_autocheckpoint = 4000")
            # What a statement writes aside while it runs needs no file.
            connection.execute("PRAGMA temp_store = MEMORY")
        except BaseException:
            connection.close()
            raise
        return connection


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection with the settings that all of ours have; transactions are begun by hand.

    A commit is written to the log (WAL) without waiting for the disk: it outlives the process, however that
    ends, and after a power cut the last commits may be missing but the store is whole.
    """
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    # SQLite does not wait by itself here where several processes open a new file at once.
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        ignored = path.parent / ".gitignore"
        # Only a folder of our own: prompts and replies must not slip into a commit from it.
        if path.parent.name == ".passmuster" and not ignored.exists():
            ignored.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise StoreError(
            f"the folder of the store cannot be made: {error.strerror}",
            place=Place(str(path.parent)),
            hint="Check the path and its permissions.",
        ) from error


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _is_empty(connection: sqlite3.Connection) -> bool:
    return not _tables(connection)


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have done it while this one waited.
        if _is_empty(connection):
            for statement in CREATE:
                connection.execute(statement)
            connection.execute("INSERT INTO alembic_version (version_num) VALUES (?)", (HEAD,))
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _version(connection: sqlite3.Connection, path: Path) -> str | None:
    names = _tables(connection)
    if "alembic_version" not in names:
        message, hint = _CAUSES["SQLITE_NOTADB"]
        raise StoreError(message, place=Place(str(path)), hint=hint)
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def _bring_forward(connection: sqlite3.Connection, path: Path) -> None:
    from passmuster.adapters.store.migrate import known, migrating

    with migrating(connection) as upgrade:
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have done it while this one waited.
            version = _version(connection, path)
            if version is not None and not known(version):
                raise StoreError(
                    f"this store has schema {version}, made by a newer passmuster (this one reads up to {HEAD})",
                    place=Place(str(path)),
                    hint="Install the newer release, or name another file.",
                )
            if version != HEAD:
                upgrade()
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a second connection for one reader, so that rows which arrive meanwhile do not disturb it."""
    with closing(connect(path)) as connection:
        connection.execute("BEGIN")
        yield connection
