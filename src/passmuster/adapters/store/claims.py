"""Claims: who makes which trial, among several processes on one store."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence

from passmuster.adapters.store.batches import Row, execute_batch, execute_rows, in_batches
from passmuster.adapters.store.columns import from_column, to_column
from passmuster.adapters.store.process import lives, this_process
from passmuster.adapters.store.statements import (
    DELETE_CLAIMS,
    DELETE_FREE_CLAIMANT,
    DELETE_FREE_CLAIMS,
    END_CLAIMANT,
    INSERT_CLAIMANT,
    INSERT_CLAIMS,
    RENEW_CLAIMANT,
    SELECT_CLAIMANT,
    SELECT_CLAIMANTS,
    SELECT_CLAIMED,
    SELECT_LEFT_OVER,
    SELECT_OTHER_CLAIMANTS,
    SELECT_PAID,
    SELECT_STORED,
)
from passmuster.ports import LEASE, Answer, Claim
from passmuster.records.trial import TrialKey

_NOBODY = "[]"


def claim(
    connection: sqlite3.Connection, run: str, wanted: Sequence[Claim], now: float, *, failures: bool
) -> list[Answer]:
    """Claim each of these trials that is neither stored nor claimed by another run that is alive."""
    claimant = _Claimant(connection, to_column(run), now, failures=failures)
    return claimant.ask([(*key, reserved) for key, reserved in wanted])


def renew(connection: sqlite3.Connection, run: str, now: float) -> None:
    """Put off the end of all claims of a run."""
    connection.execute(RENEW_CLAIMANT, (now + LEASE, to_column(run)))


def release(connection: sqlite3.Connection, run: str, keys: Sequence[TrialKey] | None) -> None:
    """Give up these claims of a run; or all of them, of which what they reserve stays on record."""
    number = _number(connection, to_column(run))
    if number is None:
        return
    if keys is None:
        _end(connection, number)
    else:
        for which, cases in _by_candidate(keys).items():
            execute_rows(connection, DELETE_CLAIMS, cases, (*which, number))


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


def _number(connection: sqlite3.Connection, run: str) -> int | None:
    """Return by which number the claims of a run name it; None where it never had any."""
    row = connection.execute(SELECT_CLAIMANT, (run,)).fetchone()
    return None if row is None else int(row[0])


def _by_candidate(keys: Iterable[TrialKey]) -> dict[tuple[str, int], list[tuple[str]]]:
    """Return the cases for each candidate and repeat, of which a group of trials has few."""
    found = defaultdict(list)
    for case, candidate, repeat in keys:
        found[candidate, repeat].append((case,))
    return found


def _end(connection: sqlite3.Connection, number: int) -> None:
    """Let go of all that a run has claimed; what it reserved stays on record."""
    connection.execute(DELETE_FREE_CLAIMS, (number,))
    connection.execute(DELETE_FREE_CLAIMANT, (number,))
    connection.execute(END_CLAIMANT, (number,))


class _Claimant:
    """A run that claims at one moment."""

    def __init__(self, connection: sqlite3.Connection, run: str, now: float, *, failures: bool) -> None:
        connection.execute(INSERT_CLAIMANT, (run, this_process(), now + LEASE))
        self._connection = connection
        self._mine = (_number(connection, run), failures)
        self._others = json.dumps(_others(connection, run, now))

    def ask(self, rows: Sequence[Row]) -> list[Answer]:
        answers: list[Answer] = []
        for batch in in_batches(rows):
            if not self._taken(batch) and self._claimed(batch):
                answers += ["granted"] * len(batch)
            else:
                # Where some are not free, which is rare, each one is looked at; to claim twice changes nothing.
                answers += map(self._answer, batch)
        return answers

    def _answer(self, row: Row) -> Answer:
        if self._connection.execute(SELECT_STORED, (*row[:3], self._mine[1])).fetchone():
            return "done"
        if self._taken([row]):
            return "taken"
        self._claimed([row])
        return "granted"

    def _taken(self, batch: Sequence[Row]) -> bool:
        """Return whether another run that is alive has claimed any of these."""
        if self._others == _NOBODY:
            return False
        found = execute_batch(self._connection, SELECT_CLAIMED, batch, (self._others,))
        return found.fetchone() is not None

    def _claimed(self, batch: Sequence[Row]) -> bool:
        """Claim those of these that are not stored, and return whether that was all of them."""
        return execute_batch(self._connection, INSERT_CLAIMS, batch, self._mine).rowcount == len(batch)


def _others(connection: sqlite3.Connection, run: str, now: float) -> list[int]:
    """Return the numbers of the other runs that still have what they claimed; those whose process is dead end."""
    found = []
    for number, process, until in connection.execute(SELECT_OTHER_CLAIMANTS, (run,)).fetchall():
        # Of runs of this very process only their leases tell whether they are still at work. The lease of another
        # one that lives may look over: while a machine sleeps, the clocks of its runs stand still.
        seen = None if process == this_process() else lives(process)
        if seen is False:
            _end(connection, number)
        elif seen or until > now:
            found.append(number)
    return found
