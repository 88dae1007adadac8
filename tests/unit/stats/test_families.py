import numpy as np
import pytest
from scipy.stats import false_discovery_control
from statsmodels.stats.multitest import multipletests

from passmuster.stats.families import benjamini_hochberg, holm, holm_matrix


def test_holm_equals_statsmodels() -> None:
    rng = np.random.default_rng(0)
    for size in (1, 2, 5, 14):
        p = rng.uniform(0, 0.3, size) ** 2
        expected = multipletests(p, method="holm")[1]
        assert holm(p.tolist()) == pytest.approx(expected.tolist(), abs=1e-12)


def test_each_row_of_a_matrix_is_a_family() -> None:
    p = np.random.default_rng(1).uniform(0, 0.2, (50, 6))
    assert holm_matrix(p).tolist() == [holm(row.tolist()) for row in p]


def test_a_missing_p_value_stays_missing_but_counts() -> None:
    assert holm([None, 0.02, None]) == [None, 0.06, None]
    matrix = holm_matrix(np.array([[np.nan, 0.02, 0.5]]))
    assert np.isnan(matrix[0, 0])
    assert matrix[0, 1:].tolist() == [0.06, 1.0]


def test_an_empty_family_is_empty() -> None:
    assert holm([]) == []


def test_ties_get_equal_values() -> None:
    assert holm([0.01, 0.01, 0.01]) == [0.03, 0.03, 0.03]


def test_benjamini_and_hochberg_equal_scipy() -> None:
    rng = np.random.default_rng(2)
    for size in (1, 2, 5, 20):
        p = np.round(rng.uniform(0, 0.3, size) ** 2, 2)  # with ties
        assert benjamini_hochberg(p.tolist()) == pytest.approx(false_discovery_control(p).tolist(), abs=1e-12)
    assert benjamini_hochberg([]) == []
