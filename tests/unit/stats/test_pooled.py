import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from passmuster.stats.pooled import partially_pooled


def test_the_spread_and_the_centre_are_those_of_dersimonian_and_laird() -> None:
    rng = np.random.default_rng(4)
    for size in (2, 5, 20):
        variances = rng.uniform(0.0005, 0.01, size)
        values = rng.normal(scale=0.2, size=size)
        found = partially_pooled(values, variances)
        expected = combine_effects(values, variances, method_re="dl")
        assert found.spread == pytest.approx(max(0.0, expected.tau2), abs=1e-12)
        if expected.tau2 >= 0:  # below 0 statsmodels goes on with it
            assert found.centre == pytest.approx(expected.mean_effect_re, abs=1e-12)


def test_each_lies_between_itself_and_the_centre_the_less_sure_one_nearer_to_it() -> None:
    found = partially_pooled([0.1, 0.1, -0.3, 0.0], [0.001, 0.01, 0.001, 0.001])
    kept = (found.values[:2] - found.centre) / (0.1 - found.centre)
    assert 0 < kept[1] < kept[0] < 1


def test_pooling_lowers_the_error_of_the_estimates_of_slices() -> None:
    """20 slices of 50 cases, true changes spread by 3 points: 300 draws; the mean squared errors are far apart."""
    rng = np.random.default_rng(5)
    own = pooled = 0.0
    for _ in range(300):
        truth = rng.normal(scale=0.03, size=20)
        errors = np.full(20, 0.05**2)
        seen = truth + rng.normal(size=20) * 0.05
        own += float(((seen - truth) ** 2).mean())
        pooled += float(((partially_pooled(seen, errors).values - truth) ** 2).mean())
    assert pooled < 0.5 * own


@pytest.mark.parametrize("variances", [[], [0.01, 0.0], [0.01, np.nan]])
def test_estimates_without_an_error_are_refused(variances: list[float]) -> None:
    with pytest.raises(ValueError, match="a variance above 0"):
        partially_pooled([0.1] * len(variances), variances)


def test_one_estimate_stays_what_it_is() -> None:
    assert partially_pooled([0.2], [0.01]).values.tolist() == [pytest.approx(0.2)]
