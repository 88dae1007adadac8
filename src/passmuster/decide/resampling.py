"""How often would each candidate be chosen, had other cases of the same kind been drawn?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.bar_tests import share_columns
from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.seed import SEED
from passmuster.decide.verdicts import Contender
from passmuster.records.decision import Leading
from passmuster.records.task import Success
from passmuster.stats.families import holm_matrix
from passmuster.stats.resample import resample_weights

REPETITIONS = 2000
BLOCK_CELLS = 500_000
"""Resamples are part of the definition of a share: the same cases give the same shares."""

Least: TypeAlias = Callable[[FloatArray], FloatArray]
"""From resamples of the cases (rows) to a figure of each candidate (columns): who has the least of it is chosen."""

Order: TypeAlias = Callable[[tuple[str, ...]], Least | None]
"""From the names of the candidates to what orders them; None is the price."""


def leading(
    contenders: Sequence[Contender],
    success: Success,
    alpha: float,
    repetitions: int = REPETITIONS,
    order: Order = lambda _names: None,
    family: int | None = None,
) -> tuple[Leading, ...]:
    """Return in which share of resamples each candidate would be chosen, most often first; `family` as in `judge`.

    Cases (whole groups where they are grouped) are drawn with replacement, the same for all candidates, and
    the decision rule itself is applied to each resample: all bars tested, Holm over the family, cheapest of
    those that pass, or the one with the least of what `order` gives. Where no resample chooses anyone, the order is that of the p-values.
    """
    able = [item for item in contenders if item.in_family]
    if not able:
        return ()
    tables = [_table(item, success) for item in able]
    chosen = np.zeros(len(able), dtype=np.int64)
    rule = _Rule(alpha=alpha, family=family, least=order(tuple(item.name for item in able)))
    for weights in _weights(able[0], max(len(table.columns) for table in tables), repetitions):
        chosen += _choices(able, tables, weights, rule)
    return _ranked(able, chosen, repetitions)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """Who passes and who of those is chosen: `family` as in `judge`, `least` orders them, None by price."""

    alpha: float
    family: int | None
    least: Least | None

    def passing(self, p_values: FloatArray) -> NDArray[np.bool_]:
        """Return who passes in each resample (row)."""
        adjusted = holm_matrix(p_values) if self.family is None else p_values * self.family
        return np.asarray(adjusted <= self.alpha)


def _weights(first: Contender, rows: int, repetitions: int) -> Iterator[FloatArray]:
    """Yield resamples of the main cases, and beside them others of the cases apart that stand beneath these in the tables."""
    n = first.measured.cases
    blocks = resample_weights(n, repetitions, np.random.default_rng(SEED), first.measured.groups, BLOCK_CELLS)
    if rows == n or first.apart is None:
        yield from (np.asarray(block, dtype=np.float64) for block in blocks)
        return
    height = max(1, BLOCK_CELLS // n)  # that of the blocks of the main cases
    rng, groups = np.random.default_rng([SEED, rows]), first.apart.groups
    others = resample_weights(first.apart.cases, repetitions, rng, groups, height * first.apart.cases)
    for block, other in zip(blocks, others, strict=True):
        yield np.hstack([block, other]).astype(np.float64)


def _ranked(family: list[Contender], chosen: NDArray[np.int64], repetitions: int) -> tuple[Leading, ...]:
    p_values = [max(test.observed()[0] for test in item.tests) for item in family]
    order = sorted(
        range(len(family)), key=lambda index: (-chosen[index], p_values[index], family[index].name)
    )
    kept = [index for index in order if chosen[index] > 0] or order[:1]
    return tuple(Leading(name=family[index].name, share=float(chosen[index]) / repetitions) for index in kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """All that is summed over the cases for one contender; `tests` and `price` say where each finds its sums."""

    columns: FloatArray
    tests: tuple[tuple[int, ...], ...]
    price: tuple[int, ...]
    priced: bool


def _table(item: Contender, success: Success) -> _Table:
    tests, price = item.tests, item.price
    if price is None:
        tests, price = share_columns(tests, price_columns(item.measured, success))
    return _Table(
        columns=tests[0].columns,
        tests=tuple(test.places or () for test in tests),
        price=price,
        priced=item.measured.basis not in ("unknown", "lower_bound"),
    )


def price_columns(measured: Measured, success: Success) -> FloatArray:
    """Return what is summed for a candidate's price, per case: cost, success and whether both are known."""
    costs, successes = measured.costs(), measured.successes(success)
    known = ~np.isnan(costs) & ~np.isnan(successes)
    weights = 1.0 if measured.weights is None else measured.weights
    return np.column_stack(
        [
            np.where(known, costs, 0.0) * weights,
            np.where(known, successes, 0.0) * weights,
            known.astype(float),
        ]
    )


def _choices(
    family: list[Contender], tables: list[_Table], weights: FloatArray, rule: _Rule
) -> NDArray[np.int64]:
    p_values = np.zeros((len(weights), len(family)))
    prices = np.empty_like(p_values)
    for index, (item, table) in enumerate(zip(family, tables, strict=True)):
        sums = weights[:, : len(table.columns)] @ table.columns
        for test, places in zip(item.tests, table.tests, strict=True):
            p_values[:, index] = np.maximum(p_values[:, index], test.p_values(sums[:, places])[0])
        cost, success, known = np.moveaxis(sums[:, table.price], -1, 0)
        usable = (known > 0) & (success > 0) & table.priced
        prices[:, index] = np.where(usable, cost / np.where(success > 0, success, 1.0), np.inf)
    passing = rule.passing(p_values) & np.array([item.declared for item in family])
    prices = prices if rule.least is None else rule.least(weights)
    # Those of unknown price come last, in the order of the family, but before those that do not pass.
    prices = np.where(np.isinf(prices), np.finfo(float).max, prices)
    prices = np.where(passing, prices, np.inf)
    best = prices.argmin(axis=1)
    return np.bincount(best[passing.any(axis=1)], minlength=len(family))
