"""Candidates by a pilot: some cases are asked already, and the others are drawn like them.

How much a small pilot can be trusted is a part of the draw: each simulated run first draws how often each case of
the pilot stands for a new one (the Bayesian bootstrap, Rubin 1981), then the new cases. A share that was all or
nothing in the pilot gets half a case that was otherwise (Jeffreys 1946). Candidates that did best in a pilot
also had luck: a bar's shares are drawn towards their mean over the candidates, the more the less they differ beyond
their noise (empirical Bayes, Efron and Morris 1975).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.bar_tests import BarTest, share_columns
from passmuster.decide.measured import BoolArray, FloatArray, Measured
from passmuster.decide.planning.drawn import Drawn
from passmuster.decide.requirements import excluded
from passmuster.decide.resampling import price_columns
from passmuster.decide.verdicts import Contender
from passmuster.records.task import Success
from passmuster.stats.clusters import cluster_numbers

LEAST_CASES = 20
"""A pilot with fewer says nothing that could be drawn from."""

BLOCK_CELLS = 1_000_000
_HALF = 0.5
_FEWEST_TO_SHRINK = 4
"""Candidates from which their spread tells anything; with fewer each stands for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotForecast:
    """Candidates with trials of some of the cases, all of them on the same ones.

    `contenders` are those of a comparison of these trials; cases that not all of them were asked say nothing of new
    ones, but count where they were asked.
    """

    contenders: tuple[Contender, ...]
    success: Success

    @property
    def names(self) -> tuple[str, ...]:
        """Whose trials."""
        return tuple(item.name for item in self.contenders)

    def draw(self, cases: int, repetitions: int, rng: np.random.Generator) -> Drawn:
        """Simulate so many runs over so many cases, in which what was asked already stands as it is."""
        parts = _parts(self.contenders, self.success, cases)
        found = [_simulated(part, repetitions, rng) for part in parts]
        shape = (repetitions, len(self.contenders))
        p, misses, prices = np.ones(shape), np.ones(shape), np.ones(shape)
        for column, item in enumerate(self.contenders):
            sums = _together([part[column] for part in found])
            p[:, column], misses[:, column] = _p_values(item, sums.tests)
            prices[:, column] = _prices(item, sums.price)
        family = np.array([item.in_family for item in self.contenders], dtype=np.bool_)
        return Drawn(names=self.names, p=p, misses=misses, prices=prices, in_family=family, cases=cases)


def pilot_cases(contenders: Sequence[Contender]) -> int:
    """Return how many cases all of these candidates were asked.

    Example:
        >>> pilot_cases([])
        0
    """
    asked = [item.measured.present > 0 for item in contenders]
    return int(np.logical_and.reduce(asked).sum()) if asked else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    """What the tests of one candidate and its price are computed from, one row a simulated run."""

    tests: tuple[FloatArray, ...]
    price: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """One candidate's pilot: its tests' sums by unit (case or group), and over all that it was asked."""

    seen_cases: int
    units: FloatArray
    seen: FloatArray
    places: tuple[tuple[int, ...], ...]
    price: tuple[int, ...]
    degenerate: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """The pilot of all candidates on `cases` in all; `weights` say how far each bar's shares are drawn towards their mean.

    `per_unit` is how many cases a unit is, infinite where nothing was asked of all: nothing can be drawn from that.
    """

    owns: tuple[_Own, ...]
    per_unit: float
    weights: tuple[float, ...]
    cases: int


def _parts(contenders: Sequence[Contender], success: Success, cases: int) -> list[_Prepared]:
    """Return the pilot on the cases that carry the figures and, where bars look at these, on those measured apart."""
    if not pilot_cases(contenders):
        message = "a pilot needs at least one case that all of its candidates were asked"
        raise ValueError(message)
    tables = [_table(item, success) for item in contenders]
    own = [item.measured for item in contenders]
    found = [_prepare(contenders, tables, own, cases)]
    beneath = [item.apart for item in contenders if item.apart is not None]
    above = own[0].cases
    if len(beneath) == len(contenders) and any(len(table.columns) > above for table in tables):
        lower = [replace(table, columns=_rows(table.columns, above, beneath[0].cases)) for table in tables]
        found.append(_prepare(contenders, lower, beneath, round(cases * beneath[0].cases / above)))
    return found


def _rows(table: FloatArray, start: int, number: int) -> FloatArray:
    """Return so many rows of a table, zeros where it ends before."""
    found = np.zeros((number, table.shape[1]))
    own = table[start : start + number]
    found[: len(own)] = own
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """What is summed over the cases of one candidate, and where its tests and its price find their columns."""

    columns: FloatArray
    places: tuple[tuple[int, ...], ...]
    price: tuple[int, ...]


def _table(item: Contender, success: Success) -> _Table:
    tests, price = item.tests, item.price
    if price is None:
        tests, price = share_columns(tests, price_columns(item.measured, success))
    if not tests:
        columns = price_columns(item.measured, success)
        return _Table(columns=columns, places=(), price=tuple(range(columns.shape[1])))
    return _Table(columns=tests[0].columns, places=tuple(test.places or () for test in tests), price=price)


def _prepare(
    contenders: Sequence[Contender], tables: Sequence[_Table], measured: Sequence[Measured], cases: int
) -> _Prepared:
    common = np.logical_and.reduce([item.present > 0 for item in measured])
    groups = measured[0].groups
    numbers = None if groups is None or not common.any() else cluster_numbers(groups[common])
    owns = tuple(
        _standing(
            _own(
                item, replace(table, columns=table.columns[: len(common)]), (common, asked.present), numbers
            ),
            cases,
        )
        for item, table, asked in zip(contenders, tables, measured, strict=True)
    )
    per_unit = float(common.sum()) / len(owns[0].units) if common.any() else np.inf
    return _Prepared(owns=owns, per_unit=per_unit, weights=_bar_weights(contenders, owns), cases=cases)


def _bar_weights(contenders: Sequence[Contender], owns: Sequence["_Own"]) -> tuple[float, ...]:
    if len({len(item.tests) for item in contenders}) > 1:
        return ()
    return tuple(
        _shrinkage([_good(item.tests[bar], own, bar) for item, own in zip(contenders, owns, strict=True)])
        for bar in range(len(contenders[0].tests))
    )


def _own(
    item: Contender, table: _Table, asked: tuple[BoolArray, FloatArray], numbers: NDArray[np.int64] | None
) -> _Own:
    common, present = asked
    rows = table.columns[common] if common.any() else np.zeros((1, table.columns.shape[1]))
    if numbers is not None:
        summed = np.zeros((int(numbers.max()) + 1, rows.shape[1]))
        np.add.at(summed, numbers, rows)
        rows = summed
    return _Own(
        seen_cases=int(present.sum()),
        units=rows,
        seen=table.columns.sum(axis=0),
        places=table.places,
        price=table.price,
        degenerate=tuple(
            _degenerate(test, rows[:, place]) for test, place in zip(item.tests, table.places, strict=True)
        ),
    )


def _standing(own: _Own, cases: int) -> _Own:
    """Return it as it counts in a run over so many cases: in one that is smaller than the pilot all are drawn like it."""
    return own if own.seen_cases <= cases else replace(own, seen_cases=0, seen=np.zeros_like(own.seen))


def _degenerate(test: BarTest, rows: FloatArray) -> float | None:
    """Return 1 where every case of the pilot is good, 0 where none is, None where it has both or is no share."""
    if test.share is None:
        return None
    known, good = rows[:, 0].sum(), rows[:, 1].sum()
    return 1.0 if good == known else 0.0 if good == 0 else None


def _good(test: BarTest, own: _Own, bar: int) -> FloatArray | None:
    """Return the share of good cases of each unit, None where the bar is on no share."""
    if test.share is None or not own.places[bar]:
        return None
    rows = own.units[:, own.places[bar]]
    return np.where(rows[:, 0] > 0, rows[:, 1] / np.maximum(rows[:, 0], 1.0), np.nan)


def _shrinkage(shares: Sequence[FloatArray | None]) -> float:
    """Return the weight of the common mean: the noise of a mean over all of the spread that the means have."""
    known = [share for share in shares if share is not None]
    if len(known) < max(len(shares), _FEWEST_TO_SHRINK):
        return 0.0
    table = np.column_stack(known)
    table = table[~np.isnan(table).any(axis=1)]
    if not len(table):
        return 0.0
    apart = table - table.mean(axis=1, keepdims=True)
    noise = float(apart.var(axis=0, ddof=1).mean()) / len(table) if len(table) > 1 else 0.0
    spread = float(table.mean(axis=0).var(ddof=1))
    return min(1.0, noise / spread) if spread > 0 else 0.0


def _simulated(prepared: _Prepared, repetitions: int, rng: np.random.Generator) -> list[_Sums]:
    """Return the sums of all candidates in so many runs, which are drawn some at a time."""
    units = len(prepared.owns[0].units)
    needed = [max(0, round((prepared.cases - own.seen_cases) / prepared.per_unit)) for own in prepared.owns]
    # One half case for each candidate, of which only those with a degenerate share make use.
    concentration = np.r_[np.ones(units), np.full(len(prepared.owns), _HALF)]
    height = max(1, BLOCK_CELLS // len(concentration))
    blocks = []
    for start in range(0, repetitions, height):
        rows = min(height, repetitions - start)
        chances = rng.standard_gamma(concentration, size=(rows, len(concentration)))
        chances /= chances.sum(axis=1, keepdims=True)
        blocks.append(_totals(prepared, needed, chances, rng))
    return [
        _Sums(
            tests=tuple(np.concatenate(same) for same in zip(*(each.tests for each in own), strict=True)),
            price=np.concatenate([each.price for each in own]),
        )
        for own in zip(*blocks, strict=True)
    ]


def _together(parts: Sequence[_Sums]) -> _Sums:
    """Return the sums over the cases of all parts."""
    return _Sums(
        tests=tuple(np.sum(same, axis=0) for same in zip(*(part.tests for part in parts), strict=True)),
        price=np.sum([part.price for part in parts], axis=0),
    )


def _totals(
    prepared: _Prepared, needed: Sequence[int], chances: FloatArray, rng: np.random.Generator
) -> list[_Sums]:
    """Draw the new cases, the same for all candidates as far as each still needs them, and add what was seen."""
    drawn = np.zeros(chances.shape)
    sofar = 0
    fresh: list[_Sums | None] = [None] * len(needed)
    for index in sorted(range(len(needed)), key=needed.__getitem__):
        if needed[index] > sofar:
            drawn = drawn + rng.multinomial(needed[index] - sofar, chances)
            sofar = needed[index]
        fresh[index] = _fresh(prepared.owns[index], drawn, index)
    news = [each for each in fresh if each is not None]
    shrunk = _towards_mean(news, prepared.weights)
    return [
        _Sums(
            tests=tuple(
                sums + own.seen[list(place)] for sums, place in zip(new.tests, own.places, strict=True)
            ),
            price=new.price + own.seen[list(own.price)],
        )
        for new, own in zip(shrunk, prepared.owns, strict=True)
    ]


def _fresh(own: _Own, drawn: FloatArray, index: int) -> _Sums:
    units = len(own.units)
    # A half case is like the mean of the pilot in everything that has both kinds.
    sums = drawn[:, :units] @ own.units + drawn[:, units:].sum(axis=1, keepdims=True) * own.units.mean(axis=0)
    tests = [sums[:, list(place)] for place in own.places]
    turned = drawn[:, units + index]
    for place, value in enumerate(own.degenerate):
        if value is not None:
            size = own.units[:, own.places[place][0]].mean()
            tests[place][:, 1:3] += ((1 - 2 * value) * size * turned)[:, None]
    return _Sums(tests=tuple(tests), price=sums[:, list(own.price)])


def _towards_mean(news: Sequence[_Sums], weights: Sequence[float]) -> list[_Sums]:
    """Return the sums with the shares of each bar drawn towards their mean over the candidates."""
    made = [list(new.tests) for new in news]
    for bar, weight in enumerate(weights):
        if weight > 0:
            sizes = [np.maximum(tests[bar][:, :1], 1e-300) for tests in made]
            mean = sum(tests[bar][:, 1:3] / size for tests, size in zip(made, sizes, strict=True)) / len(made)
            for tests, size in zip(made, sizes, strict=True):
                mixed = (1 - weight) * tests[bar][:, 1:3] + weight * mean * size
                # Whole cases again: between two counts the exact test is a mean of both.
                counts = np.minimum(np.round(mixed), tests[bar][:, :1])  # half cases: not more than there are
                tests[bar] = np.hstack([tests[bar][:, :1], counts])
    return [_Sums(tests=tuple(tests), price=new.price) for tests, new in zip(made, news, strict=True)]


def _p_values(item: Contender, sums: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray]:
    runs = len(sums[0]) if sums else 1
    p, misses = np.zeros(runs), np.ones(runs)
    if excluded(item.requirements):
        return p + 1.0, misses * 0.0
    for test, own in zip(item.tests, sums, strict=True):
        if test.testable:
            found, opposite = test.p_values(own)
            p, misses = np.maximum(p, found), np.minimum(misses, opposite)
        else:
            p = np.ones(runs)
            misses = np.zeros(runs) if test.stated_miss else misses
    return (p if item.declared else np.ones(runs)), misses


def _prices(item: Contender, sums: FloatArray) -> FloatArray:
    cost, success, known = np.moveaxis(sums, -1, 0)
    priced = item.measured.basis not in ("unknown", "lower_bound")
    usable = (known > 0) & (success > 0) & priced
    return np.where(usable, cost / np.where(success > 0, success, 1.0), np.inf)
