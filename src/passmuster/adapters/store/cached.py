"""The cache: measured replies by what was sent, taken out of the trials when somebody asks for them.

A run whose requests nobody made before would pay for each of its trials to enter an index that is not read before
the next run. So trials are taken in later, many at a time, and a mark says up to which one that was done.
"""

import sqlite3

from passmuster.adapters.store.statements import INSERT_CACHE_MARK, INSERT_CACHED, SELECT_CACHE_MARK

STEP = 2**16
"""Trials that are looked at in one transaction, at most: other processes do not wait for all of them."""


def behind(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return the last trial that was taken in or passed by, and the last one that is stored (ids)."""
    mark, last = connection.execute(SELECT_CACHE_MARK).fetchone()
    return mark, last


def take_in(connection: sqlite3.Connection, *, all_: bool = False) -> int:
    """Take in `STEP` trials, oldest first, or all that are there; return the id of the last one."""
    mark, last = behind(connection)
    upto = last if all_ else min(last, mark + STEP)
    if upto > mark:
        connection.execute(INSERT_CACHED, (mark, upto))
        connection.execute(INSERT_CACHE_MARK, (upto,))
    return upto


class Intake:
    """What one opened store knows of how far the cache has come.

    Nothing at first, and nothing more than it has to: a run never takes its own replies, so its own appends do
    not make it stale. Those of other processes do, and are taken in with the next append.
    """

    def __init__(self) -> None:
        self._seen: int | None = None
        self._runs: frozenset[str] = frozenset()

    def came_to(self, trial: int | None) -> None:
        """Take note that trials up to this one are in the cache; None: that nothing is known any more."""
        self._seen = trial
        self._runs = frozenset()

    def misses(self, run: str | None = None) -> bool:
        """Return whether there may be replies that are not in the cache, for this run (None: for any)."""
        return self._seen is None or not self._runs <= {run}

    def appended(self, connection: sqlite3.Connection, run: str, before: int, last: int) -> None:
        """Take note that this run has stored trials, in the transaction that does; ids of the last before and after.

        Where nobody has asked for anything cached so far, nobody is kept waiting for it.
        """
        if self._seen is None:
            return
        if before == self._seen:
            self._seen = last
            self._runs |= {run}
        else:
            self.came_to(take_in(connection, all_=True))
