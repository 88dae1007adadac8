"""A difference within strata is that of least squares, and claims no certainty."""

import numpy as np
import pytest
import statsmodels.api as sm

from passmuster.stats.stratified import _usable, stratified_difference


def example(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    strata = rng.integers(0, 5, 150)
    marked = rng.random(150) < 0.2 + 0.1 * strata
    values = (rng.random(150) < 0.4 + 0.1 * strata).astype(float)
    return values, marked, strata, rng.integers(0, 40, 150)


def design(marked: np.ndarray, strata: np.ndarray) -> np.ndarray:
    return np.column_stack([marked.astype(float), *(strata == each for each in np.unique(strata))]).astype(
        float
    )


@pytest.mark.parametrize("seed", range(5))
def test_value_and_errors_are_those_of_statsmodels(seed: int) -> None:
    values, marked, strata, groups = example(seed)
    model = sm.OLS(values, design(marked, strata))
    cases, _ = _usable(values, marked, strata, None)
    grouped, _ = _usable(values, marked, strata, groups)
    assert cases is not None
    assert grouped is not None
    slope = cases.slope()
    assert slope.value == pytest.approx(model.fit().params[0], abs=1e-12)
    assert slope.error == pytest.approx(model.fit(cov_type="HC3").bse[0], abs=1e-12)
    assert slope.equal == pytest.approx(model.fit().bse[0], abs=1e-12)
    clustered = model.fit(cov_type="cluster", cov_kwds={"groups": groups}).bse[0]
    assert grouped.slope().error == pytest.approx(clustered, abs=1e-12)


def test_another_mix_of_strata_is_no_difference() -> None:
    # Easy cases are old and hard ones new; within each stratum nothing differs.
    strata = [0] * 110 + [1] * 110
    marked = [True] * 10 + [False] * 100 + [True] * 100 + [False] * 10
    values = np.array([1.0] * 110 + [0.0] * 110)
    naive = values[np.array(marked)].mean() - values[~np.array(marked)].mean()
    found = stratified_difference(values, marked, strata)
    assert naive < -0.8
    assert found is not None
    assert found.value == pytest.approx(0.0, abs=1e-12)
    assert found.p_less == pytest.approx(0.5, abs=0.01)


def test_strata_with_one_kind_alone_are_left_out() -> None:
    found = stratified_difference([1, 0, 1, 0, 1, 1], [1, 0, 1, 0, 1, 1], "aaaabb")
    assert found is not None
    assert (found.first, found.second, found.strata) == (2, 2, 1)


def test_cases_that_all_score_alike_give_no_certainty() -> None:
    found = stratified_difference([1.0] * 40, [True] * 20 + [False] * 20, [0] * 40)
    assert found is not None
    assert found.low < 0 < found.high
    assert found.p_less == pytest.approx(0.5)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 0.0]])
def test_where_no_stratum_has_both_kinds_nothing_is_said(values: list[float]) -> None:
    assert stratified_difference(values, [True] * len(values), [0] * len(values)) is None


def test_of_two_cases_hardly_anything_is_said() -> None:
    found = stratified_difference([1.0, 0.0], [True, False], [0, 0])
    assert found is not None
    assert found.value == 1.0
    assert found.low <= 0
