"""Whether stated chances are true: the error of true ones is 0 on average, and the naive one is not."""

import numpy as np
import pytest

from passmuster.stats.calibrated import calibration_error, reliability_bins, squared_error


def test_the_debiased_error_of_true_chances_is_0_on_average_where_the_naive_one_is_not() -> None:
    """400 draws of 200 cases; the mean of the debiased error has a standard error of about 0.0003."""
    rng = np.random.default_rng(0)
    debiased, naive, eces = [], [], []
    for _ in range(400):
        stated = rng.uniform(0.5, 1.0, 200)
        bins = reliability_bins(stated, rng.random(200) < stated)
        debiased.append(float(squared_error(bins, bins.right)))
        naive.append(float(((bins.rates() - bins.stated) ** 2) @ (bins.n / bins.n.sum())))
        eces.append(float(np.abs(bins.rates() - bins.stated) @ (bins.n / bins.n.sum())))
    assert abs(np.mean(debiased)) < 0.0015
    assert np.mean(naive) > 0.008
    assert np.mean(eces) > 0.05


def test_true_chances_are_called_untrue_as_rarely_as_stated() -> None:
    """300 draws at 5 %: more than 8.7 % would be a chance of under 0.5 %."""
    rng = np.random.default_rng(1)
    alarms = 0
    for _ in range(300):
        stated = rng.beta(4, 1.5, 250)
        bins = reliability_bins(stated, rng.random(250) < stated)
        alarms += calibration_error(bins, rng, draws=300).p < 0.05
    assert alarms / 300 <= 0.087


def test_chances_that_are_too_high_are_found() -> None:
    rng = np.random.default_rng(2)
    stated = rng.uniform(0.6, 1.0, 500)
    found = calibration_error(reliability_bins(stated, rng.random(500) < stated - 0.15), rng)
    assert found.p < 0.01
    assert found.ece > found.ece_null_high > found.ece_null
    assert found.squared == pytest.approx(0.0225, abs=0.012)


def test_equal_chances_stay_in_one_bin_and_no_bin_is_tiny() -> None:
    bins = reliability_bins([0.5] * 30 + [0.9] * 70, [1, 0] * 50)
    assert bins.n.tolist() == [30.0, 70.0]
    assert reliability_bins(np.linspace(0, 1, 45), np.ones(45)).n.size == 4
    assert reliability_bins([0.3], [1]).n.tolist() == [1.0]
