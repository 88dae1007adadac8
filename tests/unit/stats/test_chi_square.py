"""Two samples in the same cells: p-values, effective sizes, and the smallest shift that is seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact

from passmuster.stats.chi_square import (
    cluster_effect,
    effective_size,
    homogeneity,
    smallest_shift,
    whole_counts,
)

COUNTS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=12).filter(
    lambda rows: min(sum(row[0] for row in rows), sum(row[1] for row in rows)) > 0
)


def generator() -> np.random.Generator:
    return np.random.default_rng(7)


@given(COUNTS)
def test_the_statistic_is_that_of_scipy(rows: list[tuple[int, int]]) -> None:
    table = np.array([row for row in rows if sum(row)]).T
    found = homogeneity([row[0] for row in rows], [row[1] for row in rows], generator(), 9)
    expected = chi2_contingency(table, correction=False)
    assert found.statistic == pytest.approx(expected.statistic, abs=1e-9)
    assert found.degrees == expected.dof
    assert found.moved == pytest.approx(
        np.abs(table[0] / table[0].sum() - table[1] / table[1].sum()).sum() / 2
    )


@given(COUNTS)
def test_the_order_of_cells_and_of_samples_changes_no_statistic(rows: list[tuple[int, int]]) -> None:
    first, second = np.array(rows).T
    there, back = (
        homogeneity(first, second, generator(), 9),
        homogeneity(second[::-1], first[::-1], generator(), 9),
    )
    assert there.statistic == pytest.approx(back.statistic)
    assert there.merged == back.merged
    assert there.moved == pytest.approx(back.moved)


def test_two_cells_give_the_p_value_of_fisher_but_for_ties_by_another_rule() -> None:
    found = homogeneity([12, 28], [25, 15], generator(), 20_000)
    assert found.p == pytest.approx(fisher_exact([[12, 28], [25, 15]]).pvalue, abs=0.003)


def test_large_cells_give_the_p_value_of_the_chi_square_distribution() -> None:
    first, second = [200, 300, 500], [240, 310, 450]
    found = homogeneity(first, second, generator(), 20_000)
    assert found.p == pytest.approx(chi2_contingency([first, second]).pvalue, abs=0.006)


def test_one_new_cell_is_seen_among_150_that_hold_hardly_a_case() -> None:
    first, second = np.ones(150, dtype=int), np.ones(150, dtype=int)
    second[:15] = 0
    assert homogeneity([*first, 0], [*second, 15], generator()).p < 0.01
    # The fine table alone would not show it.
    assert chi2_contingency(np.array([[*first, 0], [*second, 15]])).pvalue > 0.05


def test_what_happens_among_small_cells_is_not_hidden_by_putting_them_together() -> None:
    first, second = np.repeat([8, 0], 20), np.repeat([0, 8], 20)
    found = homogeneity(first, second, generator())
    assert found.merged == 40
    assert found.p < 0.001


@pytest.mark.parametrize(
    ("first", "second"), [([1, 2], [1, 2, 3]), ([-1, 2], [1, 1]), ([0.5, 1], [1, 1]), ([0, 0], [1, 1])]
)
def test_what_are_no_counts_of_two_samples_is_refused(first: list[float], second: list[float]) -> None:
    with pytest.raises(ValueError, match=r"counts|cases"):
        homogeneity(first, second, generator())


def test_equal_samples_are_no_drift() -> None:
    assert homogeneity([10, 20, 30], [10, 20, 30], generator()).p == 1.0


def test_without_weights_groups_and_strata_every_case_counts() -> None:
    assert effective_size(np.arange(40) % 4) == pytest.approx(40)


def test_a_simple_sample_that_stands_for_much_traffic_is_worth_itself() -> None:
    cells = np.arange(400) % 4
    assert effective_size(cells, np.full(400, 50.0)) == pytest.approx(400, rel=0.01)


def test_shares_of_the_strata_it_was_drawn_by_are_those_of_the_whole_traffic() -> None:
    cells = np.repeat([0, 1], [80, 20])
    weights = np.where(cells == 0, 100.0, 10.0)
    assert effective_size(cells, weights, cells.tolist()) == pytest.approx(weights.sum())
    assert effective_size(cells, weights) < weights.sum() / 3


def test_a_stratum_of_one_case_is_judged_with_others() -> None:
    cells = np.array([0, 1, 0, 1, 0, 1])
    size = effective_size(cells, np.full(6, 10.0), ["a", "a", "a", "a", "b", "c"])
    assert 2 < size < 12


def test_copies_within_users_count_once() -> None:
    cells, users = np.repeat(np.arange(20) % 4, 5), np.repeat(np.arange(20), 5)
    assert cluster_effect(cells, users) == pytest.approx(5)
    assert effective_size(cells, clusters=users) == pytest.approx(20)
    assert cluster_effect(np.zeros(10, dtype=np.int64), np.repeat([0, 1], 5)) == 5


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=20), st.floats(1, 5000))
def test_whole_counts_add_up_and_are_within_one_of_their_shares(shares: list[float], size: float) -> None:
    counts = whole_counts(shares, size)
    total = max(1, round(size))
    assert counts.sum() == total
    assert np.all(np.abs(counts - np.array(shares) / sum(shares) * total) < 1)


def test_more_cases_see_smaller_shifts_and_a_stricter_level_larger_ones_only() -> None:
    tenths = [0.1] * 10
    seen = [smallest_shift(tenths, n, n) or 1.0 for n in (100, 200, 500, 5000)]
    assert seen == sorted(seen, reverse=True)
    assert (smallest_shift(tenths, 200, 200, alpha=0.01) or 1) > seen[1]
    assert smallest_shift(tenths, 3, 3) is None
    assert smallest_shift(tenths, 200, 0) is None


def test_relative_weights_say_nothing_of_how_much_traffic_there_was() -> None:
    cells = np.arange(200) % 5
    even, uneven = np.full(200, 0.5), np.where(np.arange(200) % 2 == 0, 0.1, 1.9)
    assert effective_size(cells, even) == pytest.approx(200, rel=0.01)
    assert 90 < effective_size(cells, uneven) < 130
    assert effective_size(cells, even, cells.tolist()) == pytest.approx(effective_size(cells, even))
