"""Candidates by a pilot: some cases are asked already, and the others are drawn like them.

How much a small pilot can be trusted is a part of the draw: each simulated run first draws how often each case of
the pilot stands for a new one (the Bayesian bootstrap, Rubin 1981), then the new cases. A share that was all or
nothing in the pilot gets half a case that was otherwise (Jeffreys 1946). Candidates that did best in a pilot
also had luck: a bar's shares are drawn towards their mean over the candidates, the more the less they differ beyond
their noise (empirical Bayes, Efron and Morris 1975).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.bar_tests import BarTest, share_columns
from passmuster.decide.measured import BoolArray, FloatArray
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
        prepared = _prepare(self.contenders, self.success)
        shape = (repetitions, len(self.contenders))
        found = {name: np.ones(shape) for name in ("p", "misses", "prices")}
        for rows, totals in _blocks(prepared, cases, repetitions, rng):
            for column, (item, sums) in enumerate(zip(self.contenders, totals, strict=True)):
                p, misses = _p_values(item, sums.tests)
                found["p"][rows, column], found["misses"][rows, column] = p, misses
                found["prices"][rows, column] = _prices(item, sums.price)
        family = np.array([item.in_family for item in self.contenders], dtype=np.bool_)
        return Drawn(names=self.names, in_family=family, cases=cases, **found)


def pilot_cases(contenders: Sequence[Contender]) -> int:
    """Return how many cases all of these candidates were asked.

    Example:
        >>> pilot_cases([])
        0
    """
    common = _common(contenders)
    return 0 if common is None else int(common.sum())


def _common(contenders: Sequence[Contender]) -> BoolArray | None:
    asked = [item.measured.present > 0 for item in contenders]
    return np.logical_and.reduce(asked) if asked else None


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
    """The pilot of all candidates; `weights` say how far each bar's shares are drawn towards their mean."""

    owns: tuple[_Own, ...]
    per_unit: float
    weights: tuple[float, ...]


def _prepare(contenders: Sequence[Contender], success: Success) -> _Prepared:
    common = _common(contenders)
    if common is None or not common.any():
        message = "a pilot needs at least one case that all of its candidates were asked"
        raise ValueError(message)
    groups = contenders[0].measured.groups
    numbers = None if groups is None else cluster_numbers(groups[common])
    owns = tuple(_own(item, success, common, numbers) for item in contenders)
    units = owns[0].units.shape[0]
    return _Prepared(owns=owns, per_unit=float(common.sum()) / units, weights=_bar_weights(contenders, owns))


def _bar_weights(contenders: Sequence[Contender], owns: Sequence["_Own"]) -> tuple[float, ...]:
    if len({len(item.tests) for item in contenders}) > 1:
        return ()
    return tuple(
        _shrinkage([_good(item.tests[bar], own, bar) for item, own in zip(contenders, owns, strict=True)])
        for bar in range(len(contenders[0].tests))
    )


def _own(item: Contender, success: Success, common: BoolArray, numbers: NDArray[np.int64] | None) -> _Own:
    tests, price = item.tests, item.price
    if price is None:
        tests, price = share_columns(tests, price_columns(item.measured, success))
    table = tests[0].columns if tests else price_columns(item.measured, success)
    places = tuple(test.places or () for test in tests)
    rows = table[common]
    if numbers is not None:
        summed = np.zeros((int(numbers.max()) + 1, table.shape[1]))
        np.add.at(summed, numbers, rows)
        rows = summed
    return _Own(
        seen_cases=int(item.measured.present.sum()),
        units=rows,
        seen=table.sum(axis=0),
        places=places,
        price=price if tests else tuple(range(table.shape[1])),
        degenerate=tuple(
            _degenerate(test, rows[:, place]) for test, place in zip(tests, places, strict=True)
        ),
    )


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


def _blocks(
    prepared: _Prepared, cases: int, repetitions: int, rng: np.random.Generator
) -> Iterator[tuple[slice, list[_Sums]]]:
    """Yield the sums of all candidates, some runs at a time."""
    units = prepared.owns[0].units.shape[0]
    needed = [max(0, round((cases - own.seen_cases) / prepared.per_unit)) for own in prepared.owns]
    extra = len(
        prepared.owns
    )  # one half case for each candidate, of which only those with a degenerate share make use
    concentration = np.r_[np.ones(units), np.full(extra, _HALF)]
    height = max(1, BLOCK_CELLS // len(concentration))
    for start in range(0, repetitions, height):
        rows = slice(start, min(start + height, repetitions))
        chances = rng.standard_gamma(concentration, size=(rows.stop - start, len(concentration)))
        chances /= chances.sum(axis=1, keepdims=True)
        yield rows, _totals(prepared, needed, chances, rng)


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
                tests[bar] = np.hstack([tests[bar][:, :1], np.round(mixed)])
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
