"""Claims: who makes which trial, among several processes on one store."""

import sqlite3
from collections.abc import Iterable, Sequence

from passmuster.adapters.store.columns import to_column
from passmuster.adapters.store.process import lives, this_process
from passmuster.adapters.store.statements import (
    DELETE_CLAIM,
    DELETE_CLAIMS,
    INSERT_CLAIM,
    INSERT_FREE_CLAIM,
    RENEW_CLAIMS,
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
    batch = _Batch(connection, to_column(run), now, failures=failures)
    return [batch.answer(key, reserved) for key, reserved in wanted]


def renew(connection: sqlite3.Connection, run: str, now: float) -> None:
    """Put off the end of all claims of a run."""
    connection.execute(RENEW_CLAIMS, (now + LEASE, to_column(run)))


def release(connection: sqlite3.Connection, run: str, keys: Iterable[TrialKey] | None) -> None:
    """Give up these claims of a run, or all of them."""
    if keys is None:
        connection.execute(DELETE_CLAIMS, (to_column(run),))
    else:
        connection.executemany(DELETE_CLAIM, ((*key, to_column(run)) for key in keys))


def spent(connection: sqlite3.Connection, runs: str) -> tuple[float, float]:
    """Return what these runs (a JSON array of ids) paid, and what is at risk, in US dollars."""
    paid, at_risk = connection.execute(SELECT_PAID, (runs,)).fetchone()
    for process, reserved in connection.execute(SELECT_LEFT_OVER, (runs,)).fetchall():
        # A process that cannot be seen may be dead: what it had reserved may have been billed.
        if not lives(process):
            at_risk += reserved
    return paid, at_risk


class _Batch:
    """The claims of one call; looks at each other process once."""

    def __init__(self, connection: sqlite3.Connection, run: str, now: float, *, failures: bool) -> None:
        self._connection = connection
        self._now = now
        self._mine = (run, this_process(), now + LEASE)
        self._failures = failures
        self._alive: dict[str, bool] = {}

    def answer(self, key: TrialKey, reserved: float | None) -> Answer:
        """Make the claim if that is possible, and say what came of it."""
        row = (*key, *self._mine, reserved)
        if self._connection.execute(INSERT_FREE_CLAIM, (*row, self._failures)).rowcount == 1:
            return "granted"
        if self._connection.execute(SELECT_STORED, (*key, self._failures)).fetchone():
            return "done"
        others = self._connection.execute(SELECT_OTHER_CLAIMS, (*key, self._mine[0])).fetchall()
        if any(expires > self._now and self._may_live(process) for process, expires in others):
            return "taken"
        self._connection.execute(INSERT_CLAIM, row)
        return "granted"

    def _may_live(self, process: str) -> bool:
        if process not in self._alive:
            self._alive[process] = lives(process) is not False
        return self._alive[process]
