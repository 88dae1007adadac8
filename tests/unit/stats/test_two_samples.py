"""Texts of two samples: told apart, new, longer; each by permutation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu, rankdata
from sklearn.linear_model import Ridge
from sklearn.metrics import roc_auc_score

from passmuster.stats.two_samples import (
    RIDGE,
    larger_p,
    mean_ranks,
    novelty,
    own_clusters,
    permuted,
    shares_p,
    told_apart,
    upper_p,
)


def vectors(count: int, seed: int = 1) -> np.ndarray:
    points = np.random.default_rng(seed).normal(size=(count, 12))
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True))


def halves(count: int) -> np.ndarray:
    return np.arange(count) >= count // 2


def test_held_out_scores_are_those_of_ridge_regression_fitted_on_the_other_folds() -> None:
    points, second = vectors(60), halves(60)
    found = told_apart(
        points @ points.T, permuted(second, None, np.random.default_rng(2), 5), np.random.default_rng(3)
    )
    folds = np.random.default_rng(3).permutation(60) % 5
    areas = []
    for fold in range(5):
        inside = folds == fold
        target = second[~inside].astype(float)
        model = Ridge(alpha=RIDGE, fit_intercept=False).fit(points[~inside], target - target.mean())
        assert found.scores[inside] == pytest.approx(model.predict(points[inside]))
        areas.append(roc_auc_score(second[inside], found.scores[inside]))
    assert found.auc == pytest.approx(np.mean(areas))


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_ranks_are_those_of_scipy(values: list[int]) -> None:
    column = np.array(values, dtype=float)[:, None]
    assert mean_ranks(column).ravel() == pytest.approx(rankdata(values))


def test_the_chance_to_be_longer_is_that_of_the_rank_sum_test() -> None:
    rng = np.random.default_rng(4)
    values = np.concatenate([rng.normal(size=40), rng.normal(0.5, size=30)]).round(1)
    second = np.arange(70) >= 40
    longer, p = larger_p(values, permuted(second, None, rng, 4999))
    expected = mannwhitneyu(values[second], values[~second], method="asymptotic")
    assert longer == pytest.approx(expected.statistic / (40 * 30))
    assert p == pytest.approx(expected.pvalue, abs=0.015)


def test_texts_of_one_user_change_sides_together() -> None:
    users = ["a", "a", "b", "c", "c", "c", "a"]
    second = np.array([False, False, False, True, True, True, True])
    rows = permuted(second, users, np.random.default_rng(5), 50)
    assert np.array_equal(rows[0], second)
    assert np.all(rows[:, 0] == rows[:, 1])
    assert np.all((rows[:, 3] == rows[:, 4]) & (rows[:, 4] == rows[:, 5]))
    # The user on both sides is two, one of them in the second sample.
    assert own_clusters(second, users).tolist() == [0, 0, 1, 2, 2, 2, 3]
    assert len(np.unique(rows, axis=0)) > 3


def test_an_outlying_group_of_texts_is_new_and_nothing_else_is() -> None:
    points = np.zeros((100, 20))
    points[:, :10] = vectors(100)[:, :10] + 1
    points[90:] = 0
    points[90:, 15] = 1
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    found = novelty(points @ points.T, permuted(halves(100), None, np.random.default_rng(6), 199))
    assert found.p < 0.01
    assert found.new[90:].all()
    assert found.first <= 0.05
    assert found.second >= 0.2


def test_copies_of_ones_own_texts_make_nothing_else_new() -> None:
    """A corpus whose users repeat themselves: their own other texts are no neighbours."""
    points = np.repeat(vectors(20, seed=8), 5, axis=0)
    today = vectors(100, seed=9)
    both = np.vstack([points, today])
    clusters = [*np.repeat(np.arange(20), 5).tolist(), *(f"t{n}" for n in range(100))]
    sides = permuted(halves(200), clusters, np.random.default_rng(7), 99)
    assert novelty(both @ both.T, sides, clusters).p > 0.02
    naive = permuted(halves(200), None, np.random.default_rng(7), 99)
    assert novelty(both @ both.T, naive).p <= 0.02


def test_texts_without_any_feature_and_few_texts_break_nothing() -> None:
    sides = permuted(np.array([False, True, True]), None, np.random.default_rng(1), 9)
    found = told_apart(np.zeros((3, 3)), sides, np.random.default_rng(1))
    assert found.auc is None
    assert found.p is None
    assert novelty(np.zeros((3, 3)), sides).p == 1.0


def test_languages_that_change_are_seen() -> None:
    codes = np.array([0] * 40 + [0] * 25 + [1] * 15)
    sides = permuted(np.arange(80) >= 40, None, np.random.default_rng(1), 499)
    assert shares_p(codes, sides) < 0.01


def test_a_statistic_that_is_missing_is_never_the_largest() -> None:
    assert upper_p(np.array([1.0, np.nan, 2.0, 0.0])) == 0.5
