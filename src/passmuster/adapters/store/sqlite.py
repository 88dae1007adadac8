"""The store in one SQLite file: trials and runs, appended and never changed; claims and the cache beside them."""

import json
import sqlite3
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self, TypeVar

from passmuster.adapters.store import cached, claims
from passmuster.adapters.store.batches import Row, execute_rows
from passmuster.adapters.store.case_rows import case_rows
from passmuster.adapters.store.columns import to_column
from passmuster.adapters.store.connection import connect, guarded, open_store, reading
from passmuster.adapters.store.rows import (
    USUAL,
    attempt_row,
    end_row,
    execution_column,
    read_case,
    read_end,
    read_execution,
    read_run,
    read_trial,
    run_row,
    trial_row,
)
from passmuster.adapters.store.run_cases import StoredCases
from passmuster.adapters.store.statements import (
    DELETE_CACHE,
    DELETE_CACHED,
    INSERT_ATTEMPTS,
    INSERT_CASES,
    INSERT_END,
    INSERT_EXECUTIONS,
    INSERT_NEXT_TAKE,
    INSERT_RUN,
    INSERT_RUN_CASES,
    INSERT_TRIALS,
    INSERT_USUAL_ATTEMPTS,
    SELECT_ANSWERED,
    SELECT_ANY_CACHED,
    SELECT_CACHED,
    SELECT_CASE_KNOWN,
    SELECT_CASES,
    SELECT_DONE,
    SELECT_EXECUTION,
    SELECT_LAST_TRIAL,
    SELECT_NEW_TRIALS,
    SELECT_RUNS,
    SELECT_TRIAL,
    SELECT_TRIALS,
    SELECT_TRIALS_NEWEST_FIRST,
)
from passmuster.errors import Place, StoreError
from passmuster.ports import Answer, Claim
from passmuster.records.case import Case
from passmuster.records.program import Execution
from passmuster.records.run import Run, RunEnd
from passmuster.records.trial import Outcome, Trial, TrialKey

R = TypeVar("R")

GROUP = 2**14
"""Cases that are stored at a time, at most."""

GROUP_SIZE = 2**24
"""Characters of cases that are stored at a time, at least, where there are fewer than `GROUP`."""

UNREADABLE = (TypeError, ValueError, KeyError, AttributeError, struct.error)
"""What reading a row that was edited by hand may raise."""


class SqliteStore:
    """A `TrialStore`, `RunStore`, `ClaimStore`, `StepStore` and `Cache` in one file, made where it does not exist.

    Use it in a `with` block. Many processes may open the same file; a writer waits for another. It may be used
    from several threads, and who reads does not wait for who writes.

    Raises:
        StoreError: here and in every method, where the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._intake = cached.Intake()
        self._connection = open_store(path)
        self._reading_lock = Lock()
        self._reading_connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        with self._reading_lock:
            if self._reading_connection is not None:
                self._reading_connection.close()
        with self._lock:
            self._connection.close()

    def done(self, candidates: Iterable[str], *, failures: bool = True) -> set[TrialKey]:
        """Return the keys of all stored trials of these candidates (digests), or only of those with a reply."""
        select = SELECT_DONE if failures else SELECT_ANSWERED
        return {TrialKey(*row) for row in self._read(select, _array(candidates))}

    def append(self, run: str, trials: Sequence[Trial]) -> None:
        """Store these trials durably, all or none; a key that has a reply already stays as it is.

        A trial that is made again after a failure is the next take of its key: both rows stay. The claims of the
        run on these keys end. Measured replies enter the cache when it is asked.
        """
        name = to_column(run)
        # Texts are made ready before: other processes wait while this one writes.
        rows = [trial_row(trial, name) for trial in trials]
        with self._writing() as connection:
            last = connection.execute(SELECT_LAST_TRIAL).fetchone()[0]
            stored = _insert(connection, rows, last)
            new = [(row, trial) for row, trial in zip(stored, trials, strict=True) if row is not None]
            attempts = [
                attempt_row(row, number, attempt)
                for row, trial in new
                for number, attempt in enumerate(trial.attempts)
            ]
            execute_rows(connection, INSERT_USUAL_ATTEMPTS, [row for row in attempts if len(row) == USUAL])
            execute_rows(connection, INSERT_ATTEMPTS, [row for row in attempts if len(row) > USUAL])
            # What another process had stored first was paid for all the same: its claim goes on to say so.
            claims.release(connection, run, [trial.key for _, trial in new])
            self._intake.appended(connection, name, last, max([row for row, _ in new], default=last))

    def claim(self, run: str, wanted: Sequence[Claim], now: float, *, failures: bool = True) -> list[Answer]:
        """Claim these trials for a run, each or not; a stored failure counts as done only with `failures`."""
        with self._writing() as connection:
            return claims.claim(connection, run, wanted, now, failures=failures)

    def renew(self, run: str, now: float) -> None:
        """Put off the end of all claims of a run."""
        with self._writing() as connection:
            claims.renew(connection, run, now)

    def release(self, run: str, keys: Iterable[TrialKey] | None = None) -> None:
        """Give up these claims of a run: no call was made for them.

        Without keys the run is over and holds nothing any more; what its claims reserve stays at risk.
        """
        with self._writing() as connection:
            claims.release(connection, run, None if keys is None else list(keys))

    def alive(self, runs: Iterable[str], now: float) -> set[str]:
        """Return those of these runs that have claims of a process which may be alive."""
        with self._reader() as connection:
            return claims.alive(connection, _array(to_column(run) for run in runs), now)

    def spent(self, runs: Iterable[str], candidate: str | None = None) -> tuple[float, float]:
        """Return the US dollars that these runs paid, and those at risk: calls whose account never came.

        Only of one candidate (digest), or of all. At risk is what attempts say, and what was reserved by claims
        of processes that are not known to live.
        """
        names = _array(to_column(run) for run in runs)
        with self._reader() as connection:
            return claims.spent(connection, names, candidate)

    def holds(self) -> bool:
        """Return whether anything is cached."""
        self._take_in()
        return bool(self._read(SELECT_ANY_CACHED))

    def recall(self, request: str, repeat: int, run: str) -> Trial | None:
        """Return the newest measured trial with this request digest and repeat; None if `run` itself made it.

        What other processes store is found from the next `append` or `holds` on.
        """
        name = to_column(run)
        if self._intake.misses(name):
            self._take_in()
        rows = self._read(SELECT_CACHED, to_column(request), repeat, name)
        return self._decoded(f"trials, id {rows[0][0]}", partial(read_trial, rows)) if rows else None

    def prune(self, before: float | None = None) -> int:
        """Forget what was cached before this time (None: all) and return how many; the trials stay.

        `before` is in seconds since the epoch, and compared with the start of the call that got the reply.
        """
        self._take_in()
        with self._writing() as connection:
            self._intake.came_to(cached.take_in(connection, all_=True))
            if before is None:
                return connection.execute(DELETE_CACHE).rowcount
            return connection.execute(DELETE_CACHED, (before,)).rowcount

    def trials(self, candidates: Iterable[str], *, newest_first: bool = False) -> Iterator[Trial]:
        """Yield the stored trials of these candidates (digests), oldest first or newest; of a repeated one the newest take.

        Rows that arrive after the first one was yielded are not seen.
        """
        with guarded(self._path), reading(self._path) as connection:
            select = SELECT_TRIALS_NEWEST_FIRST if newest_first else SELECT_TRIALS
            rows = connection.execute(select, (_array(candidates),))
            for number, own in groupby(rows, key=itemgetter(0)):
                try:
                    trial = read_trial(list(own))
                except UNREADABLE as error:
                    raise self._unreadable(f"trials, id {number}", error) from error
                yield trial

    def made(self, keys: Iterable[TrialKey]) -> Iterator[Trial]:
        """Yield the stored trials with these keys, of a repeated one the newest take; those that there are not are passed over."""
        for key in keys:
            rows = self._read(SELECT_TRIAL, *key)
            if rows:
                yield self._decoded(f"trials, id {rows[0][0]}", partial(read_trial, rows))

    def answer(self, key: TrialKey) -> Outcome | None:
        """Return how the newest trial with this key ended; None where there is none."""
        rows = self._read(SELECT_TRIAL, *key)
        if not rows:
            return None
        return self._decoded(f"trials, id {rows[0][0]}", partial(read_trial, rows)).outcome

    def execution(self, program: str) -> Execution | None:
        """Return how the program with this digest ended when it was run last; None where it never was."""
        rows = self._read(SELECT_EXECUTION, program)
        if not rows:
            return None
        return self._decoded(f"executions of {program}", partial(read_execution, rows[0][1]))

    def keep_executions(self, executions: Mapping[str, Execution], sandbox: str) -> None:
        """Store how programs (by digest) ended in a sandbox, all or none."""
        rows = [(key, to_column(sandbox), execution_column(each)) for key, each in executions.items()]
        with self._writing() as connection:
            execute_rows(connection, INSERT_EXECUTIONS, rows)

    def begin(self, run: Run, cases: Iterable[Case]) -> None:
        """Store a run that starts, with the cases it serves; a run's id is used once.

        `cases` are those of `run.cases`. They may be a million and are passed over once. They are stored in groups before the run is:
        other processes do not wait for all of them.
        """
        # Every pass over `Run.cases` may make its rows anew; a million are not kept for that.
        served = run.cases if len(run.cases) > GROUP else tuple(run.cases)
        known = partial(self._read, SELECT_CASE_KNOWN)
        for rows in _groups(case_rows(cases, served, lambda version: bool(known(version)))):
            with self._writing() as connection:
                execute_rows(connection, INSERT_CASES, rows)
        with self._writing() as connection:
            try:
                number = connection.execute(INSERT_RUN, run_row(run)).lastrowid
            except sqlite3.IntegrityError as error:
                message = f"the run '{run.id}' is there already"
                raise StoreError(message, place=Place(str(self._path))) from error
            placed = enumerate(served)
            for rows in _groups(
                (number, at, to_column(name), its, first) for at, (name, its, first) in placed
            ):
                execute_rows(connection, INSERT_RUN_CASES, rows)

    def end(self, end: RunEnd) -> None:
        """Store how a run ended; the first end of a run is the one that stays."""
        with self._writing() as connection:
            connection.execute(INSERT_END, (*end_row(end), to_column(end.run)))

    def runs(self) -> list[tuple[Run, RunEnd | None]]:
        """Return all runs, newest first, with how they ended (None: still running, or killed)."""
        return [
            self._decoded(f"runs, id {row[0]}", partial(self._run, row)) for row in self._read(SELECT_RUNS)
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
                self._intake.came_to(None)
                # A full disk has ended the transaction already.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _take_in(self) -> None:
        """Bring the cache up to date."""
        mark, last = 0, cached.STEP + 1
        while last - mark > cached.STEP:
            with self._reader() as connection:
                mark, last = cached.behind(connection)
            if mark == last:
                self._intake.came_to(last)
            else:
                with self._writing() as connection:
                    self._intake.came_to(cached.take_in(connection))

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        with self._reading_lock, guarded(self._path):
            if self._reading_connection is None:
                self._reading_connection = connect(self._path)
            yield self._reading_connection

    def _read(self, sql: str, *values: str | int) -> list[Row]:
        with self._reader() as connection:
            return connection.execute(sql, values).fetchall()

    def _run(self, row: Row) -> tuple[Run, RunEnd | None]:
        number, size = row[:2]
        run = read_run(row[2:10], StoredCases(self._path, number, size))
        return run, None if row[10] is None else read_end(run.id, row[10:])

    def _decoded(self, where: str, read: Callable[[], R]) -> R:
        try:
            return read()
        except UNREADABLE as error:
            raise self._unreadable(where, error) from error

    def _unreadable(self, where: str, error: Exception) -> StoreError:
        return StoreError(
            f"a row cannot be read ({where}): {error}",
            place=Place(str(self._path)),
            hint="Rows are never changed by passmuster; was the file edited by hand?",
        )


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    size = 0
    for row in rows:
        group.append(row)
        size += len(row[-1]) if isinstance(row[-1], str) else 0
        if len(group) == GROUP or size > GROUP_SIZE:
            yield group
            group, size = [], 0
    if group:
        yield group


def _array(values: Iterable[str]) -> str:
    return json.dumps(sorted(set(values)))


def _insert(connection: sqlite3.Connection, rows: Sequence[Row], last: int) -> list[int | None]:
    """Insert trials after the last one and return the id of each; None for one whose key has a reply already."""
    if execute_rows(connection, INSERT_TRIALS, rows) == len(rows):
        return [*range(last + 1, last + 1 + len(rows))]
    # Some keys are there already, which is rare: a failure is made again, or another process was faster.
    new = {tuple(key): number for number, *key in connection.execute(SELECT_NEW_TRIALS, (last,))}
    return [new.pop(row[:3], None) or _insert_next_take(connection, row) for row in rows]


def _insert_next_take(connection: sqlite3.Connection, row: Row) -> int | None:
    inserted = connection.execute(INSERT_NEXT_TAKE, row)
    return inserted.lastrowid if inserted.rowcount == 1 else None
