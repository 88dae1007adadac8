"""The pairs of the greatest total weight."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from passmuster.stats.matching import best_matching

SIZES = st.tuples(st.integers(1, 7), st.integers(1, 7))


@settings(deadline=None)
@given(SIZES, st.integers(0, 2**32 - 1), st.booleans())
def test_the_total_is_that_of_scipys_assignment(size: tuple[int, int], seed: int, few: bool) -> None:  # noqa: FBT001 - hypothesis fills it
    rng = np.random.default_rng(seed)
    weights = rng.integers(0, 3, size) / 2 if few else rng.random(size)
    rows, columns = linear_sum_assignment(weights, maximize=True)

    pairs = best_matching(weights.tolist())

    assert abs(sum(weights[pair] for pair in pairs) - weights[rows, columns].sum()) < 1e-9
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)


def test_the_first_that_comes_is_not_always_the_best() -> None:
    assert best_matching([[0.9, 0.8], [0.9, 0.0]]) == [(0, 1), (1, 0)]


def test_what_has_no_weight_is_no_pair() -> None:
    assert best_matching([[0.0, 1.0], [0.0, 0.0]]) == [(0, 1)]
    assert best_matching([]) == best_matching([[]]) == []


def test_a_hundred_by_a_hundred_is_solved() -> None:
    weights = np.random.default_rng(1).random((100, 100))
    rows, columns = linear_sum_assignment(weights, maximize=True)
    total = sum(weights[pair] for pair in best_matching(weights.tolist()))
    assert abs(total - weights[rows, columns].sum()) < 1e-9
