"""What a look sees of one candidate: how its bars stand, and what it costs beside the others."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import scipy

from passmuster.decide.bar_tests import BarTest
from passmuster.decide.bars import FIRST_TOKEN_QUANTILES, QUANTILES
from passmuster.decide.costs.bars import COSTS
from passmuster.decide.measured import FloatArray
from passmuster.records.costs import CostReport
from passmuster.records.record import Record
from passmuster.stats.sequential.futility import (
    ERRORS,
    LEAST,
    LEAST_UNITS,
    assured,
    hopeless,
    hopeless_by_error,
)

Outcome: TypeAlias = Literal["open", "hopeless", "untestable", "passed", "missed"]

CLEARLY = 2.0
"""How many times the price that is expected makes a candidate dearer before either was measured."""

ENOUGH = 20
"""Cases from which on what was measured says what a candidate costs."""

_SURE = 1e-15

_TOLD_AT_ONCE = {*COSTS, *QUANTILES, *FIRST_TOKEN_QUANTILES}
"""Bars of which any sixty cases tell whether they can be tested; a score may be known of a few cases only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense(Record):
    """What a candidate costs: the price of a success as measured so far, with its interval, and the price of a trial that is expected.

    `rank` is 0 where the cost is known, 1 where only a bound of it is, 2 where it is not: the order in which a decision
    prefers them. None: not measured yet.
    """

    rank: int | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    expected: float | None = None

    def key(self) -> tuple[int, float]:
        """Return what to sort by, the cheapest first; those of which nothing is known come last."""
        if self.rank is not None and self.value is not None:
            return self.rank, self.value
        if self.rank is not None:
            return 3, 0.0
        return (2, 0.0) if self.expected is None else (0, self.expected)

    def is_clearly_above(self, other: "Expense") -> bool:
        """Say whether this is dearer for sure enough: by the intervals where both were measured, else by what is expected."""
        if self.rank is not None and other.rank is not None:
            return self._measured_above(other)
        if self.expected is None or other.expected is None:
            return False
        return self.expected > CLEARLY * other.expected

    def _measured_above(self, other: "Expense") -> bool:
        if self.rank != other.rank or self.value is None or other.value is None:
            return self.key() > other.key() and other.value is not None
        if self.low is None or other.high is None:
            return self.value > other.value
        return self.low > other.high


def expense(report: CostReport, cases: int, expected: float | None) -> Expense:
    """Return what a candidate costs, from its cost on the cases so far; before there are enough, what is expected."""
    if cases < ENOUGH:
        return Expense(expected=expected)
    rank = {"unknown": 2, "lower_bound": 1}.get(report.basis, 0)
    price = report.per_success
    return Expense(rank=rank, value=price.value, low=price.low, high=price.high, expected=expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class BarView:
    """How one bar stands for one candidate.

    `p` is the p-value of "does not meet" on the cases so far. Of the exact test of a share `counts` are the cases that count,
    those that are good in the worst reading and in the best one, and `share` is its limit. Of a bar on a slice `of_it` says how
    many of its cases were asked and how many are left; None is all cases. `known` is how many cases tell something.
    `settled` is a test that no further case changes, `testable` false one that cannot be made so far, `waiting` one of these that
    further cases may change.
    """

    text: str
    p: float
    counts: tuple[float, float, float] | None = None
    share: float | None = None
    settled: bool = False
    testable: bool = True
    waiting: bool = False
    of_it: tuple[int, int] | None = None
    known: int | None = None


def bar_view(
    test: BarTest, sums: FloatArray | None = None, *, of_it: tuple[int, int] | None = None
) -> BarView:
    """Return how a bar stands, by what its test says of the cases so far.

    Args:
        test: The test, of the cases so far.
        sums: Sums of the test's own columns over the cases so far, where it was made of more cases than these.
        of_it: Of a bar on a slice: how many of its cases were asked, and how many are left.
    """
    places = list(range(test.columns.shape[1])) if test.places is None else list(test.places)
    table = test.columns[:, places]
    own = table.sum(axis=0) if sums is None else sums
    p = test.observed()[0] if sums is None else float(test.p_values(sums)[0])
    counts = None if test.share is None else (float(own[0]), float(own[1]), float(own[2]))
    settled = test.testable and test.share is None and not own.any()
    return BarView(
        text=test.text,
        p=p,
        counts=counts,
        share=test.share,
        settled=settled,
        testable=test.testable,
        waiting=not test.testable and test.bar.metric not in _TOLD_AT_ONCE,
        of_it=of_it,
        known=None if sums is not None else int(table.any(axis=1).sum()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A candidate at a look: asked `cases` of `total`, its bars and what it costs."""

    name: str
    cases: int
    total: int
    bars: tuple[BarView, ...]
    expense: Expense

    @property
    def asked_all(self) -> bool:
        """Whether no case is left."""
        return self.cases >= self.total


def outcome(view: View, level: float) -> tuple[Outcome, str | None]:
    """Return how a candidate stands against all its bars at a level, and the bar that says so where one does.

    It has passed where each test is passed at the end already, whatever the rest brings; it is hopeless where one of
    them would hardly be.
    """
    if view.asked_all:
        missed = next((bar.text for bar in view.bars if bar.p > level), None)
        return ("passed", None) if view.bars and missed is None else ("missed", missed)
    for bar in view.bars:
        if _is_hopeless(bar, view, level):
            return ("hopeless" if bar.testable else "untestable"), bar.text
    if view.bars and all(_is_passed(bar, view, level) for bar in view.bars):
        return "passed", None
    return "open", None


def _is_hopeless(bar: BarView, view: View, level: float) -> bool:
    if bar.settled:
        return bar.p > level
    asked, ahead = bar.of_it or (view.cases, view.total - view.cases)
    if not bar.testable:
        return asked >= LEAST and not bar.waiting
    if bar.counts is not None and bar.share is not None:
        known, _, best = bar.counts
        left = ahead if known < LEAST else min(ahead, np.ceil(ahead * _kind_share(known, asked)))
        return bool(hopeless(min(best, known), known, known + left, bar.share, level))
    if asked < LEAST or (bar.known is not None and bar.known < LEAST_UNITS):
        return False  # its standard error is not known well enough
    # How far p lies from 1/2 is how far the estimate lies from the bar, in its standard errors.
    distance = scipy.special.ndtri(1 - np.clip(bar.p, _SURE, 1 - _SURE))
    return bool(hopeless_by_error(distance, 1.0, asked, asked + ahead, level, least=LEAST))


def _kind_share(known: float, asked: int) -> float:
    """Return the share of cases that count, two standard errors above what was seen; at most 1."""
    smooth = (known + 1) / (asked + 2)
    return float(min(1.0, smooth + ERRORS * (max(0.0, smooth * (1 - smooth)) / (asked + 2)) ** 0.5))


def _is_passed(bar: BarView, view: View, level: float) -> bool:
    if bar.settled:
        return bar.p <= level
    if bar.counts is None or bar.share is None or bar.of_it is not None:
        return False
    known, worst, _ = bar.counts
    return bool(assured(worst, known, known + view.total - view.cases, bar.share, level))
