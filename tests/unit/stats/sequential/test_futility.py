"""Stops of a bar test, by enumeration of all paths: no chance is involved."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import ratio_sums
from passmuster.stats.intervals import binomial_p_greater, mean_p_greater
from passmuster.stats.sequential.futility import (
    BoolArray,
    assured,
    chance_to_pass,
    critical_count,
    hopeless,
    hopeless_by_error,
    hopeless_mean,
)

EVERY = 20

Rule: TypeAlias = Callable[[FloatArray, int], tuple[BoolArray, BoolArray]]
"""Successes and cases so far to: who is stopped to fail, and who to pass."""


@dataclass(frozen=True)
class Run:
    """What comes of a candidate with a known true rate."""

    full: float
    """Chance that it passes when all cases are asked."""
    early: float
    """Chance that it passes with stops."""
    cases: float
    """Expected cases asked with stops."""


def enumerated(bar: float, total: int, rate: float, level: float, rule: Rule | None = None) -> Run:
    """Follow the chances of all counts from look to look."""

    def stop(k: FloatArray, n: int) -> tuple[BoolArray, BoolArray]:
        return hopeless(k, n, total, bar, level), assured(k, n, total, bar, level)

    counts, chances = np.array([0.0]), np.array([1.0])
    early = cases = 0.0
    for n in range(EVERY, total + 1, EVERY):
        chances = np.convolve(chances, stats.binom.pmf(np.arange(EVERY + 1), EVERY, rate))
        counts = np.arange(n + 1.0)
        if n == total:
            break
        fails, passes = (rule or stop)(counts, n)
        early += float(chances[passes].sum())
        cases += n * float(chances[fails | passes].sum())
        chances = np.where(fails | passes, 0.0, chances)
    final = binomial_p_greater(counts, total, bar) <= level
    early += float(chances[final].sum())
    cases += total * float(chances.sum())
    return Run(
        full=float(stats.binom.sf(critical_count(total, bar, level) - 1, total, rate)),
        early=early,
        cases=cases,
    )


@dataclass(frozen=True)
class Choice:
    """Independent candidates from the cheapest to the dearest: who is picked, at how many cases."""

    right: float
    """Chance that the full run picks the cheapest that is truly above the bar, and no other."""
    early: float
    """The same with stops, cheapest first."""
    saved: float
    """Share of all calls that stops save."""
    saved_in_turn: float
    """Share saved of a full run that goes from the cheapest on and ends at the first that passes."""
    false: float
    """Chance that with stops somebody passes who is not above the bar."""


def chosen(bar: float, total: int, rates: list[float], rule: Rule | None = None) -> Choice:
    runs = [enumerated(bar, total, rate, 0.05 / len(rates), rule) for rate in rates]
    right = next((place for place, rate in enumerate(rates) if rate > bar), len(rates))
    reach = np.cumprod([1.0, *(1 - run.early for run in runs)])
    reach_full = np.cumprod([1.0, *(1 - run.full for run in runs)])
    cases = sum(run.cases * float(chance) for run, chance in zip(runs, reach, strict=False))
    in_turn = sum(total * float(chance) for _, chance in zip(runs, reach_full, strict=False))
    picked = runs[right].full * reach_full[right] if right < len(rates) else 0.0
    picked_early = runs[right].early * reach[right] if right < len(rates) else 0.0
    return Choice(
        right=float(picked),
        early=float(picked_early),
        saved=1 - cases / (len(rates) * total),
        saved_in_turn=1 - cases / in_turn,
        false=1
        - float(np.prod([1 - run.early for run, rate in zip(runs, rates, strict=True) if rate <= bar])),
    )


DESIGNS = [
    (0.85, 1000, [0.75, 0.80, 0.88, 0.90, 0.92], 0.69, 0.54),
    (0.80, 300, [0.70, 0.75, 0.88, 0.90, 0.92], 0.67, 0.47),
    (0.90, 300, [0.80, 0.85, 0.95, 0.96, 0.97], 0.67, 0.48),
    (0.90, 500, [0.85, 0.88, 0.94, 0.95, 0.96], 0.65, 0.46),
    (0.65, 1000, [0.50, 0.60, 0.70, 0.75, 0.80], 0.72, 0.56),
]


@pytest.mark.parametrize(("bar", "total", "rates", "saved", "in_turn"), DESIGNS)
def test_two_thirds_of_the_calls_are_saved_and_the_choice_stays(
    bar: float, total: int, rates: list[float], saved: float, in_turn: float
) -> None:
    found = chosen(bar, total, rates)
    assert found.saved >= 0.65
    assert (found.saved, found.saved_in_turn) == pytest.approx((saved, in_turn), abs=0.01)
    assert found.right - 0.01 <= found.early <= found.right
    assert found.false <= 0.05


@pytest.mark.parametrize(("bar", "total", "rates", "saved", "in_turn"), DESIGNS[:1])
def test_stopping_at_a_mean_below_the_bar_loses_the_right_one(
    bar: float, total: int, rates: list[float], saved: float, in_turn: float
) -> None:
    """The naive rule: saves more, and picks the right one in 49% instead of 64%."""

    def naive(k: FloatArray, n: int) -> tuple[BoolArray, BoolArray]:
        return (k / n < bar) & (n >= 60), assured(k, n, total, bar, 0.01)

    found = chosen(bar, total, rates, naive)
    assert found.saved > saved
    assert found.early < found.right - 0.1


def test_five_just_below_the_bar_pass_as_seldom_as_in_the_full_run() -> None:
    found = chosen(0.90, 500, [0.899] * 5)
    assert found.false <= 0.05
    assert found.false == pytest.approx(0.030, abs=0.003)
    assert found.saved == pytest.approx(0.49, abs=0.01)


def test_passing_at_the_first_good_look_breaks_the_promise() -> None:
    """The naive rule: the test at the cases seen, at every look, at the same level."""

    def peeking(k: FloatArray, n: int) -> tuple[BoolArray, BoolArray]:
        good = (binomial_p_greater(k, n, 0.90) <= 0.01) & (n >= 60)
        return np.zeros(k.size, dtype=np.bool_), good

    found = chosen(0.90, 500, [0.899] * 5, peeking)
    assert found.false > 0.10


@given(st.integers(0, 400), st.floats(0.0, 1.0), st.floats(0.0005, 0.5))
def test_the_critical_count_is_the_least_that_the_test_accepts(total: int, bar: float, level: float) -> None:
    found = float(critical_count(total, bar, level))
    if found <= total:
        assert binomial_p_greater(found, total, bar) <= level
    if found > 0:
        assert binomial_p_greater(found - 1, total, bar) > level
    assert found <= float(critical_count(total + 1, bar, level))


@given(st.integers(1, 300), st.data(), st.floats(0.05, 0.95), st.sampled_from([0.05, 0.01, 0.05 / 14]))
def test_an_assured_pass_cannot_be_lost_and_one_out_of_reach_not_won(
    total: int, data: st.DataObject, bar: float, level: float
) -> None:
    n = data.draw(st.integers(0, total))
    k = data.draw(st.integers(0, n))
    worst, best = (binomial_p_greater(float(end), total, bar) <= level for end in (k, k + total - n))
    assert bool(assured(k, n, total, bar, level)) == worst
    assert not (bool(hopeless(k, n, total, bar, level)) and worst)
    if not best:
        assert bool(hopeless(k, n, total, bar, level))
        assert chance_to_pass(k, n, total, bar, level) == 0


@given(st.integers(1, 300), st.data(), st.floats(0.05, 0.95))
def test_one_success_more_never_takes_the_hope(total: int, data: st.DataObject, bar: float) -> None:
    n = data.draw(st.integers(0, total))
    chances = chance_to_pass(np.arange(n + 1.0), n, total, bar, 0.01)
    assert np.all(np.diff(chances) >= -1e-9)
    assert np.all((chances >= 0) & (chances <= 1))


def test_the_chance_is_that_of_scipys_binomial() -> None:
    k, n, total, bar, level = 42.0, 60, 300, 0.75, 0.01
    smooth = 43 / 62
    kind = smooth + 2 * np.sqrt(smooth * (1 - smooth) / 62)
    needed = stats.binom.isf(level, total, bar) + 1 - k
    expected = stats.binom.sf(needed - 1, total - n, kind)
    assert float(chance_to_pass(k, n, total, bar, level)) == pytest.approx(expected, abs=1e-12)


def test_few_cases_stop_nobody_who_could_still_pass() -> None:
    assert not hopeless(10, 40, 1000, 0.80, 0.05)
    assert hopeless(10, 60, 1000, 0.80, 0.05)


def test_a_ceiling_is_a_bar_for_the_other_cases() -> None:
    """At most 5% over the limit: 1 of 100 late is fine, 20 of 100 are not."""
    late = np.array([1.0, 20.0])
    assert hopeless(100 - late, 100, 1000, 0.95, 0.05).tolist() == [False, True]


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="k <= n <= total"):
        hopeless(5, 4, 10, 0.5, 0.05)
    with pytest.raises(ValueError, match="k <= n <= total"):
        assured(1, 20, 10, 0.5, 0.05)


def test_without_a_known_error_nobody_is_stopped() -> None:
    nothing = hopeless_by_error([-1.0, -1.0, np.nan], [0.0, np.inf, 0.1], 100, 200, 0.05)
    assert nothing.tolist() == [False, False, False]
    assert not hopeless_by_error(-1.0, 0.01, 29, 200, 0.05)
    assert hopeless_by_error(-1.0, 0.01, 30, 200, 0.05)


@pytest.mark.parametrize(
    ("distance", "seen", "total", "errors"),
    [(0.02, 60, 400, 2.0), (-0.01, 100, 300, 2.0), (0.03, 200, 250, 0.0)],
)
def test_the_chance_by_error_is_that_of_a_normal_rest(
    distance: float, seen: int, total: int, errors: float
) -> None:
    error = 0.03
    spread, left = error * np.sqrt(seen), total - seen
    rest = stats.norm(distance + errors * error, spread / np.sqrt(left))
    limit = stats.t.ppf(0.99, total - 1) * spread / np.sqrt(total)  # of the final distance
    chance = rest.sf((limit * total - seen * distance) / left)
    for offset, expected in ((1.001, True), (0.999, False)):
        found = hopeless_by_error(
            distance, error, seen, total, 0.01, chance=float(chance * offset), errors=errors
        )
        assert bool(found) == expected


def test_at_the_end_the_approximation_is_the_test() -> None:
    rng = np.random.default_rng(4)
    scores = rng.beta(6, 2, size=(400, 200))
    sums = ratio_sums(scores[0], np.ones(200))
    total, squares = scores.sum(axis=1), (scores**2).sum(axis=1)
    ends = mean_p_greater(total, squares, 200, 0.75) <= 0.05
    found = [bool(hopeless_mean(ratio_sums(row, np.ones(200)), 200, 0.75, 0.05)) for row in scores]
    assert sums.units == 200
    assert found == [not end for end in ends.tolist()]


def test_means_without_bounds_are_asked_turned() -> None:
    """At most 2 steps on average: candidates with 1 to 2 and with 2 to 4."""
    few, many = np.tile([1.0, 2.0], 50), np.tile([2.0, 3.0, 4.0, 3.0], 25)
    found = [
        bool(hopeless_mean(ratio_sums(-each, np.ones(100)), 500, -2.0, 0.05, bounded=False))
        for each in (few, many)
    ]
    assert found == [False, True]
