"""The area under the ROC curve: as scikit-learn has it, and its error as a bootstrap has it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from passmuster.stats.arrays import FloatArray
from passmuster.stats.auroc import auroc, auroc_difference, auroc_interval

Drawn = tuple[FloatArray, FloatArray]


def drawn(seed: int, n: int = 200, shift: float = 1.0) -> Drawn:
    rng = np.random.default_rng(seed)
    right = (rng.random(n) < 0.7).astype(float)
    return rng.normal(shift * right, 1.0), right


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_it_is_scikit_learns_area_with_ties_counted_half(pairs: list[tuple[int, bool]]) -> None:
    values, right = [value for value, _ in pairs], [int(good) for _, good in pairs]
    area = auroc(values, right)
    if len(set(right)) < 2:
        assert area is None
    else:
        assert area is not None
        assert area.value == pytest.approx(roc_auc_score(right, values), abs=1e-12)


def test_weights_are_those_of_scikit_learn_and_whole_ones_are_copies() -> None:
    values, right = drawn(3)
    weights = np.random.default_rng(4).integers(1, 4, values.size)
    area = auroc(values, right, weights)
    copies = auroc(np.repeat(values, weights), np.repeat(right, weights))
    assert area is not None
    assert copies is not None
    assert area.value == pytest.approx(roc_auc_score(right, values, sample_weight=weights), abs=1e-12)
    assert area.value == pytest.approx(copies.value, abs=1e-12)


def test_the_error_is_delongs_by_its_own_formula() -> None:
    values, right = drawn(5, n=60)
    good, bad = values[right == 1], values[right == 0]
    wins = (good[:, None] > bad[None, :]) + 0.5 * (good[:, None] == bad[None, :])
    variance = wins.mean(axis=1).var(ddof=1) / good.size + wins.mean(axis=0).var(ddof=1) / bad.size
    area = auroc(values, right)
    assert area is not None
    assert area.standard_error == pytest.approx(np.sqrt(variance), rel=1e-12)


def test_the_error_of_an_area_and_of_a_difference_are_those_of_a_bootstrap() -> None:
    values, right = drawn(6, n=400)
    other = 0.5 * values + np.random.default_rng(7).normal(size=400)
    rng = np.random.default_rng(8)
    first, second = [], []
    for _ in range(1000):
        places = rng.integers(0, 400, 400)
        first.append(roc_auc_score(right[places], values[places]))
        second.append(roc_auc_score(right[places], other[places]))
    one, two = auroc(values, right), auroc(other, right)
    assert one is not None
    assert two is not None
    gap = auroc_difference(one, two)
    assert one.standard_error == pytest.approx(np.std(first), rel=0.08)
    assert (gap.high - gap.low) / 3.92 == pytest.approx(np.std(np.subtract(first, second)), rel=0.08)
    # The difference of signals over the same cases is surer than that of two that share none.
    assert (gap.high - gap.low) / 3.92 < 0.9 * np.hypot(one.standard_error, two.standard_error)


def test_copies_of_a_case_in_one_cluster_say_nothing_new() -> None:
    values, right = drawn(9, n=150)
    alone = auroc(values, right)
    twice = auroc(np.repeat(values, 3), np.repeat(right, 3), clusters=np.repeat(np.arange(150), 3))
    naive = auroc(np.repeat(values, 3), np.repeat(right, 3))
    assert alone is not None
    assert twice is not None
    assert naive is not None
    assert twice.value == pytest.approx(alone.value)
    assert twice.standard_error == pytest.approx(alone.standard_error, rel=1e-9)
    assert naive.standard_error < 0.65 * alone.standard_error


@pytest.mark.parametrize("n", [40, 150])
def test_the_interval_covers_the_true_area(n: int) -> None:
    """400 draws of an area of 0.760: at 95 % the chance to fall below 0.92 is about 0.4 %."""
    covered, told = 0, 0
    for seed in range(400):
        area = auroc(*drawn(1000 + seed, n=n))
        if area is not None:
            low, high = auroc_interval(area)
            told += 1
            covered += low <= 0.7602 <= high
    assert covered / told > 0.92


def test_without_a_slip_the_interval_is_that_of_disjoint_pairs() -> None:
    area = auroc([1, 2, 3, 4, 5, 6], [0, 0, 0, 1, 1, 1])
    assert area is not None
    low, high = auroc_interval(area)
    assert low == pytest.approx(0.025 ** (1 / 3))
    assert high == 1.0
    upside_down = auroc([6, 5, 4, 3, 2, 1], [0, 0, 0, 1, 1, 1])
    assert upside_down is not None
    assert auroc_interval(upside_down)[0] == 0.0
    assert auroc_interval(upside_down)[1] == pytest.approx(1 - low)


def test_one_wrong_case_alone_tells_nothing() -> None:
    area = auroc([0.2, 0.5, 0.9], [1, 0, 1])
    assert area is not None
    assert auroc_interval(area) == (0.0, 1.0)
