"""The store in one SQLite file: trials and runs, appended and never changed."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self, TypeVar

from passmuster.adapters.store.columns import from_column, to_column
from passmuster.adapters.store.connection import guarded, open_store, reading
from passmuster.adapters.store.rows import (
    Row,
    attempt_rows,
    case_column,
    end_row,
    read_case,
    read_end,
    read_run,
    read_trial,
    run_row,
    trial_row,
)
from passmuster.adapters.store.statements import (
    INSERT_ATTEMPT,
    INSERT_CASE,
    INSERT_END,
    INSERT_RUN,
    INSERT_RUN_CASE,
    INSERT_TRIAL,
    SELECT_ANSWERED,
    SELECT_CASES,
    SELECT_DONE,
    SELECT_RUN_CASES,
    SELECT_RUNS,
    SELECT_TRIALS,
)
from passmuster.errors import Place, StoreError
from passmuster.records.case import Case, case_digest
from passmuster.records.digest import digest
from passmuster.records.run import Run, RunEnd
from passmuster.records.trial import Trial, TrialKey

R = TypeVar("R")


class SqliteStore:
    """A `TrialStore` and `RunStore` in one file, made where it does not exist; use it in a `with` block.

    Many processes may open the same file; a writer waits for another. It may be used from several threads.

    Raises:
        StoreError: here and in every method, where the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._connection = open_store(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def done(self, candidates: Iterable[str], *, failures: bool = True) -> set[TrialKey]:
        """Return the keys of all stored trials of these candidates (digests), or only of those with a reply."""
        select = SELECT_DONE if failures else SELECT_ANSWERED
        return {TrialKey(*row) for row in self._read(select, _array(candidates))}

    def append(self, run: str, trials: Sequence[Trial]) -> None:
        """Store these trials durably, all or none; a key that has a reply already stays as it is.

        A trial that is made again after a failure is the next take of its key: both rows stay.
        """
        with self._writing() as connection:
            attempts: list[Row] = []
            for trial in trials:
                cursor = connection.execute(INSERT_TRIAL, trial_row(run, trial))
                if cursor.rowcount == 1 and cursor.lastrowid is not None:
                    attempts.extend(attempt_rows(cursor.lastrowid, trial.attempts))
            connection.executemany(INSERT_ATTEMPT, attempts)

    def trials(self, candidates: Iterable[str]) -> Iterator[Trial]:
        """Yield the stored trials of these candidates (digests), oldest first; of a repeated one the newest take.

        Rows that arrive after the first one was yielded are not seen.
        """
        with guarded(self._path), reading(self._path) as connection:
            rows = connection.execute(SELECT_TRIALS, (_array(candidates),))
            for number, own in groupby(rows, key=lambda row: row[0]):
                yield self._decoded(f"trials, id {number}", partial(_trial, list(own)))

    def begin(self, run: Run, cases: Sequence[Case]) -> None:
        """Store a run that starts, with the cases it serves; a run's id is used once."""
        with self._writing() as connection:
            connection.executemany(
                INSERT_CASE, ((case_digest(case), digest(case), case_column(case)) for case in cases)
            )
            try:
                number = connection.execute(INSERT_RUN, run_row(run)).lastrowid
            except sqlite3.IntegrityError as error:
                message = f"the run '{run.id}' is there already"
                raise StoreError(message, place=Place(str(self._path))) from error
            connection.executemany(
                INSERT_RUN_CASE,
                (
                    (number, position, to_column(name), key, first)
                    for position, (name, key, first) in enumerate(run.cases)
                ),
            )

    def end(self, end: RunEnd) -> None:
        """Store how a run ended; the first end of a run is the one that stays."""
        with self._writing() as connection:
            connection.execute(INSERT_END, (*end_row(end), to_column(end.run)))

    def runs(self) -> list[tuple[Run, RunEnd | None]]:
        """Return all runs, newest first, with how they ended (None: still running, or killed)."""
        cases: dict[int, tuple[tuple[str, str, int], ...]] = {}
        for number, rows in groupby(self._read(SELECT_RUN_CASES), key=lambda row: int(row[0])):
            cases[number] = tuple((from_column(row[1]), row[2], row[3]) for row in rows)
        return [
            self._decoded(f"runs, id {row[0]}", partial(_run, row, cases.get(row[0], ())))
            for row in self._read(SELECT_RUNS)
        ]

    def cases(self, digests: Iterable[str]) -> dict[str, Case]:
        """Return the stored cases by digest; of cases with equal input the one that was stored last."""
        newest = {str(row[0]): str(row[1]) for row in self._read(SELECT_CASES, _array(digests))}
        return {
            key: self._decoded(f"cases, digest {key}", partial(read_case, content))
            for key, content in newest.items()
        }

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, guarded(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # A full disk has ended the transaction already.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _read(self, sql: str, *values: str) -> list[Row]:
        with self._lock, guarded(self._path):
            return self._connection.execute(sql, values).fetchall()

    def _decoded(self, where: str, read: Callable[[], R]) -> R:
        try:
            return read()
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise StoreError(
                f"a row cannot be read ({where}): {error}",
                place=Place(str(self._path)),
                hint="Rows are never changed by passmuster; was the file edited by hand?",
            ) from error


def _array(values: Iterable[str]) -> str:
    return json.dumps(sorted(set(values)))


def _trial(rows: list[Row]) -> Trial:
    return read_trial(rows[0][1:9], [row[9:] for row in rows if row[9] is not None])


def _run(row: Row, cases: tuple[tuple[str, str, int], ...]) -> tuple[Run, RunEnd | None]:
    run = read_run(row[1:7], cases)
    return run, None if row[7] is None else read_end(run.id, row[7:])
