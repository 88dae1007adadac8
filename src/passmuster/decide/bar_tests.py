"""The form of a bar's test: sums over cases, and the p-values that they give.

Because every p-value needs nothing but sums, the same test runs on the cases as they are and on thousands of
resamples of them: a resample is a matrix product.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from passmuster.decide.measured import FloatArray
from passmuster.decide.phrases import bar_text
from passmuster.records.task import Bar

PValues: TypeAlias = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
"""Sums, shape (..., columns) -> one-sided p-values of "does not meet" and of "meets", shape (...)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarTest:
    """A bar made ready for one candidate.

    `columns` has one row per case and what is summed in its columns; where several tests share them, `places`
    says which are this one's, and `known` what `observed` said of its own. `more` says how many cases in all would
    settle the test at a level, None where no number would; `ratings` how many more replies people would have to rate. A test that is not `testable` (a stated figure, an
    unknown cost) meets no bar; it misses one only where the user's own statement does (`stated_miss`), and is `pending` where the cases that it hangs on are still to be asked. `share` is the limit where the columns are
    counts of cases that all weigh the same (known, good at worst, good at best) and the test is the exact one of a share.
    """

    bar: Bar
    columns: FloatArray
    p_values: PValues
    value: float | None
    method: str
    more: Callable[[float], int | None]
    note: str | None = None
    testable: bool = True
    stated_miss: bool = False
    pending: bool = False
    ratings: Callable[[float], int | None] = lambda _level: None
    places: tuple[int, ...] | None = None
    known: tuple[float, float] | None = None
    share: float | None = None

    @property
    def text(self) -> str:
        """The bar in words, such as `exact_match >= 0.70`."""
        return bar_text(self.bar)

    def observed(self) -> tuple[float, float]:
        """Return both p-values on the cases as they are."""
        if self.known is not None:
            return self.known
        p, p_misses = self.p_values(self.columns.sum(axis=0))
        return float(p), float(p_misses)


class Pool:
    """Columns of several tests, each of them once.

    Most tests count the same cases, so that one table is smaller, and a resample is one product.
    """

    def __init__(self) -> None:
        self._kept: list[FloatArray] = []

    def add(self, table: FloatArray) -> tuple[int, ...]:
        """Take in the columns of a table; return where they stand."""
        return tuple(self._place(column) for column in table.T)

    def _place(self, column: FloatArray) -> int:
        for place, other in enumerate(self._kept):
            if np.array_equal(other, column):
                return place
        self._kept.append(column.copy())  # not a view, which would hold the whole table
        return len(self._kept) - 1

    def table(self) -> FloatArray:
        """Return all columns side by side, and let go of them, one after another."""
        rows = max((column.size for column in self._kept), default=0)
        table = np.zeros((len(self._kept), rows))
        for place, column in enumerate(self._kept):
            table[place, : column.size] = column  # those beneath are cases that only some tests are about
            self._kept[place] = np.empty(0)
        self._kept = []
        return table.T


def share_columns(
    tests: Iterable[BarTest], others: FloatArray
) -> tuple[tuple[BarTest, ...], tuple[int, ...]]:
    """Return the tests with one table of columns among them, in which none stands twice, and where `others` stand."""
    pool = Pool()
    lean = [_lean(test, pool) for test in tests]
    places = pool.add(others)
    table = pool.table()
    return tuple(replace(test, columns=table) for test in lean), places


def _lean(test: BarTest, pool: Pool) -> BarTest:
    return replace(test, columns=np.empty((0, 0)), places=pool.add(test.columns), known=test.observed())


def not_testable(bar: Bar, value: float | None, note: str, cases: int) -> BarTest:
    """Return a test that can only be undecided, with the reason why."""
    ones = np.ones
    return BarTest(
        bar=bar,
        columns=np.zeros((cases, 1)),
        p_values=lambda sums: (ones(sums.shape[:-1]), ones(sums.shape[:-1])),
        value=value,
        method="none",
        more=lambda _level: None,
        note=note,
        testable=False,
    )


def pending_test(bar: Bar, note: str, cases: int) -> BarTest:
    """Return the test of a bar about cases that are still to be asked: undecided, with the reason why."""
    return replace(not_testable(bar, None, note, cases), pending=True)


def stated_test(bar: Bar, value: float, cases: int) -> BarTest:
    """Return the test of a figure that is only stated: no evidence for a bar, but an admission against it."""
    miss = value < limit_of(bar) if bar.at_least is not None else value > limit_of(bar)
    note = "missed by the stated figure" if miss else "a stated figure is no evidence"
    return replace(not_testable(bar, value, note, cases), method="stated", stated_miss=miss)


def limit_of(bar: Bar) -> float:
    """Return the limit of a bar, whichever side it is on.

    Raises:
        ValueError: for a bar without one; the project file is checked before.
    """
    limit = bar.at_least if bar.at_least is not None else bar.at_most
    if limit is None:
        message = f"a bar on {bar.metric} has no limit"
        raise ValueError(message)
    return limit


def known_test(bar: Bar, value: float, cases: int, method: str) -> BarTest:
    """Return the test of a figure that is known and not estimated: it meets the bar, or misses it."""
    limit = limit_of(bar)
    meets = value >= limit if bar.at_least is not None else value <= limit
    return BarTest(
        bar=bar,
        columns=np.zeros((cases, 1)),
        p_values=lambda sums: (
            np.full(sums.shape[:-1], 0.0 if meets else 1.0),
            np.full(sums.shape[:-1], 1.0 if meets else 0.0),
        ),
        value=value,
        method=method,
        more=lambda _level: None,
    )
