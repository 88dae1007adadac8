"""Logistic regression equals statsmodels, and says where rows leave no finite coefficients."""

import warnings

import numpy as np
import pytest
import statsmodels.api as sm

from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.logistic import SEPARATED_RIDGE, fit

CLOSE = 1e-8


def rows(seed: int, number: int = 300) -> tuple[FloatArray, FloatArray, IntArray, IntArray]:
    """Return columns, outcomes, and two ways in which the rows belong together."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(number), rng.normal(size=(number, 3)) * [1, 10, 0.1]])
    cases, raters = rng.integers(0, 40, number), rng.integers(0, 9, number)
    moved = rng.normal(size=40)[cases]
    shares = 1 / (1 + np.exp(-(x @ [0.3, 1.0, -0.05, 4.0] + moved)))
    return x, (rng.random(number) < shares).astype(np.float64), cases, raters


@pytest.mark.parametrize("seed", range(5))
def test_coefficients_and_covariance_equal_those_of_statsmodels(seed: int) -> None:
    x, y, _, _ = rows(seed)
    found, oracle = fit(x, y), sm.Logit(y, x).fit(disp=0, tol=1e-12)
    np.testing.assert_allclose(found.coefficients, oracle.params, rtol=CLOSE, atol=CLOSE)
    np.testing.assert_allclose(found.covariance, oracle.cov_params(), rtol=CLOSE, atol=CLOSE)
    assert found.converged
    assert not found.separated


@pytest.mark.parametrize("ways", [1, 2])
def test_clustered_covariance_equals_that_of_statsmodels(ways: int) -> None:
    x, y, cases, raters = rows(7)
    kinds = [cases, raters][:ways]
    groups = np.column_stack(kinds) if ways == 2 else cases
    oracle = sm.Logit(y, x).fit(disp=0, tol=1e-12, cov_type="cluster", cov_kwds={"groups": groups})
    found = fit(x, y, clusters=kinds)
    np.testing.assert_allclose(found.covariance, oracle.cov_params(), rtol=CLOSE, atol=CLOSE)
    assert found.clusters == (40 if ways == 1 else 9)


def test_a_weight_counts_as_so_many_rows() -> None:
    x, y, cases, _ = rows(3)
    times: IntArray = np.random.default_rng(0).integers(0, 4, len(y))
    weighted = fit(x, y, weights=times.astype(np.float64))
    repeated = fit(np.repeat(x, times, axis=0), np.repeat(y, times))
    np.testing.assert_allclose(weighted.coefficients, repeated.coefficients, rtol=CLOSE)
    np.testing.assert_allclose(weighted.covariance, repeated.covariance, rtol=CLOSE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # statsmodels says that it did not test clusters with weights
        oracle = sm.GLM(y, x, family=sm.families.Binomial(), var_weights=times + 0.5).fit(
            tol=1e-14, cov_type="cluster", cov_kwds={"groups": cases}
        )
    found = fit(x, y, weights=times.astype(np.float64) + 0.5, clusters=[cases])
    np.testing.assert_allclose(found.covariance, oracle.cov_params(), rtol=CLOSE, atol=CLOSE)


def test_half_an_outcome_is_a_row_of_each_at_half_the_weight() -> None:
    x, y, _, _ = rows(4)
    y[:50] = 0.5
    halves = fit(
        np.concatenate([x, x]), np.concatenate([np.ceil(y), np.floor(y)]), weights=np.full(2 * len(y), 0.5)
    )
    np.testing.assert_allclose(fit(x, y).coefficients, halves.coefficients, rtol=CLOSE)


@pytest.mark.parametrize("last", [1.0, 2.0], ids=["quasi-completely", "completely"])
def test_separated_rows_are_fitted_with_a_ridge_and_said_to_be(last: float) -> None:
    x = np.array([[1.0, 0], [1, 1], [1, last], [1, 3]])
    y = np.array([0.0, 0, 1, 1])
    found = fit(x, y, clusters=[range(4)])
    assert found.separated
    assert found.ridge == SEPARATED_RIDGE
    assert np.isfinite(found.coefficients).all()
    assert found.errors.min() > 5  # nothing is known of how far: an exact fit is no small error


def test_rows_that_overlap_far_out_are_not_called_separated() -> None:
    x = np.column_stack([np.ones(400), np.r_[np.linspace(-40, 40, 399), -1.0]])
    y = (x[:, 1] > 0).astype(np.float64)
    y[-1] = 1.0
    found = fit(x, y)
    assert np.abs(x @ found.coefficients).max() > 20  # so that they were looked at
    assert not found.separated


def test_separation_is_seen_through_a_ridge_of_the_callers() -> None:
    x = np.array([[1.0, 0], [1, 1], [1, 2], [1, 3]])
    found = fit(x, np.array([0.0, 0, 1, 1]), ridge=1.0)
    assert (found.separated, found.ridge) == (True, 1.0)
    assert not fit(x, np.array([0.0, 1, 0, 1]), ridge=1.0).separated


def test_a_column_that_cannot_be_told_apart_has_no_coefficient() -> None:
    x, y, _, _ = rows(2)
    found = fit(np.column_stack([x, np.full(len(y), 3.0)]), y)
    assert np.isnan(found.coefficients[[0, 4]]).all()
    np.testing.assert_allclose(found.coefficients[1:4], fit(x, y).coefficients[1:], rtol=CLOSE)
    np.testing.assert_allclose(found.errors[1:4], fit(x, y).errors[1:], rtol=CLOSE)


def test_the_unit_of_a_column_changes_its_coefficient_only() -> None:
    x, y, _, _ = rows(2)
    scaled = fit(x * [1, 1e6, 1e-6, 1], y)
    np.testing.assert_allclose(scaled.coefficients * [1, 1e6, 1e-6, 1], fit(x, y).coefficients, rtol=1e-7)


def test_one_cluster_leaves_no_error_to_estimate() -> None:
    x, y, _, _ = rows(2)
    found = fit(x, y, clusters=[np.zeros(len(y), dtype=np.int64)])
    assert np.isnan(found.errors).all()
    assert np.isfinite(found.coefficients).all()


def test_variances_of_two_ways_are_never_negative() -> None:
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x = np.column_stack([np.ones(12), rng.normal(size=12)])
        y = rng.integers(0, 2, 12).astype(np.float64)
        found = fit(x, y, clusters=[rng.integers(0, 3, 12), rng.integers(0, 3, 12)])
        assert not (np.diag(found.covariance) < 0).any()


def test_without_rows_nothing_is_known() -> None:
    found = fit(np.ones((0, 2)), np.ones(0))
    assert np.isnan(found.coefficients).all()


@pytest.mark.parametrize(
    ("x", "y", "weights"),
    [
        (np.ones((3, 1)), np.ones(2), None),
        (np.ones((2, 1)), np.array([0.0, np.nan]), None),
        (np.array([[np.inf], [1.0]]), np.ones(2), None),
        (np.ones((2, 1)), np.array([0.0, 2.0]), None),
        (np.ones((2, 1)), np.ones(2), np.array([1.0, -1.0])),
    ],
)
def test_rows_that_mean_nothing_are_refused(x: FloatArray, y: FloatArray, weights: FloatArray | None) -> None:
    with pytest.raises(ValueError, match=r"rows do not match|finite|between|negative"):
        fit(x, y, weights=weights)
