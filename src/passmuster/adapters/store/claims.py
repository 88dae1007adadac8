"""Claims: who makes which trial, among several processes on one store."""

import sqlite3
from collections.abc import Iterable, Sequence

from passmuster.adapters.store.batches import Row, execute_batch, execute_rows, in_batches
from passmuster.adapters.store.columns import from_column, to_column
from passmuster.adapters.store.process import lives, this_process
from passmuster.adapters.store.statements import (
    DELETE_CLAIMS,
    DELETE_FREE_CLAIMS,
    END_CLAIMS,
    INSERT_CLAIM,
    INSERT_FREE_CLAIMS,
    RENEW_CLAIMS,
    SELECT_CLAIMANTS,
    SELECT_LEFT_OVER,
    SELECT_OTHER_CLAIMS,
    SELECT_PAID,
    SELECT_STORED,
)
from passmuster.ports import LEASE, Answer, Claim
from passmuster.records.trial import TrialKey


def claim(
    connection: sqlite3.Connection, run: str, wanted: Sequence[Claim], now: float, *, failures: bool
) -> list[Answer]:
    """Claim each of these trials that is neither stored nor claimed by another run that is alive."""
    claimant = _Claimant(connection, to_column(run), now, failures=failures)
    return claimant.ask([(*key, reserved) for key, reserved in wanted])


def renew(connection: sqlite3.Connection, run: str, now: float) -> None:
    """Put off the end of all claims of a run."""
    connection.execute(RENEW_CLAIMS, (now + LEASE, to_column(run)))


def release(connection: sqlite3.Connection, run: str, keys: Iterable[TrialKey] | None) -> None:
    """Give up these claims of a run; or all of them, of which what they reserve stays on record."""
    if keys is None:
        connection.execute(DELETE_FREE_CLAIMS, (to_column(run),))
        connection.execute(END_CLAIMS, (to_column(run),))
    else:
        execute_rows(connection, DELETE_CLAIMS, list(keys), (to_column(run),))


def spent(connection: sqlite3.Connection, runs: str, candidate: str | None) -> tuple[float, float]:
    """Return what these runs (a JSON array of ids) paid, and what is at risk, in US dollars."""
    paid, at_risk = connection.execute(SELECT_PAID, (runs, candidate)).fetchone()
    for process, reserved in connection.execute(SELECT_LEFT_OVER, (runs, candidate)).fetchall():
        # A process that cannot be seen may be dead: what it had reserved may have been billed.
        if not lives(process):
            at_risk += reserved
    return paid, at_risk


def alive(connection: sqlite3.Connection, runs: str, now: float) -> set[str]:
    """Return those of these runs (a JSON array of ids) whose process may be alive."""
    found = set()
    for run, process, until in connection.execute(SELECT_CLAIMANTS, (runs,)).fetchall():
        seen = lives(process)
        # One that cannot be seen is taken for dead when its lease is over: no other sign of it will come.
        if seen or (seen is None and until > now):
            found.add(from_column(run))
    return found


class _Claimant:
    """A run that claims at one moment; looks at each other process once."""

    def __init__(self, connection: sqlite3.Connection, run: str, now: float, *, failures: bool) -> None:
        self._connection = connection
        self._now = now
        self._mine = (run, this_process(), now + LEASE, failures)
        # Of runs of this very process only their leases tell whether they are still at work.
        self._alive: dict[str, bool | None] = {this_process(): None}

    def ask(self, rows: Sequence[Row]) -> list[Answer]:
        answers: list[Answer] = []
        for batch in in_batches(rows):
            free = execute_batch(self._connection, INSERT_FREE_CLAIMS, batch, self._mine)
            # Where some are not free, which is rare, each one is looked at; to claim twice changes nothing.
            answers += ["granted"] * free if free == len(batch) else map(self._answer, batch)
        return answers

    def _answer(self, row: Row) -> Answer:
        run, process, expires, failures = self._mine
        *key, reserved = row
        if self._connection.execute(SELECT_STORED, (*key, failures)).fetchone():
            return "done"
        others = self._connection.execute(SELECT_OTHER_CLAIMS, (*key, run)).fetchall()
        if any(self._holds(other, until) for other, until in others):
            return "taken"
        self._connection.execute(INSERT_CLAIM, (*key, run, process, expires, reserved))
        return "granted"

    def _holds(self, process: str, until: float) -> bool:
        """Return whether a run of this process, with a lease until then, still has what it claimed."""
        if process not in self._alive:
            self._alive[process] = lives(process)
        seen = self._alive[process]
        # The lease of a living process may look over: while a machine sleeps, the clocks of its runs stand still.
        return until > self._now if seen is None else seen
