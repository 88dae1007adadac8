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
        debiased.append(float(squared_error(bins, bins.rate)))
        naive.append(float(((bins.rate - bins.stated) ** 2) @ (bins.n / bins.n.sum())))
        eces.append(float(np.abs(bins.rate - bins.stated) @ (bins.n / bins.n.sum())))
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


def test_groups_do_not_make_true_chances_look_untrue_where_cases_counted_apart_do() -> None:
    """150 draws of 80 users with five cases each that are right together; over 10.6 % at 5 % has a chance of under 0.5 %."""
    rng = np.random.default_rng(3)
    users = np.repeat(np.arange(80), 5)
    found, apart, squared = 0, 0, []
    for _ in range(150):
        own = rng.beta(7, 2, 80)
        right = (rng.random(80) < own)[users]
        error = calibration_error(reliability_bins(own[users], right, clusters=users), rng, draws=300)
        squared.append(error.squared)
        found += error.p < 0.05
        apart += calibration_error(reliability_bins(own[users], right), rng, draws=300).p < 0.05
    assert found / 150 <= 0.106
    assert abs(np.mean(squared)) < 0.005
    assert apart / 150 > 0.5


def test_weights_find_what_cases_counted_alike_do_not_see() -> None:
    """Too sure where a case stands for nine, too unsure where it stands for one: alike, the two cancel."""
    rng = np.random.default_rng(4)
    weighted = alike = 0
    sizes: list[float] = []
    for _ in range(100):
        heavy = rng.random(600) < 0.5
        stated = rng.uniform(0.2, 0.8, 600)
        right = rng.random(600) < np.where(heavy, stated - 0.15, stated + 0.15)
        stands = np.where(heavy, 9.0, 1.0)
        bins = reliability_bins(stated, right, weights=stands)
        sizes = [float(bins.n.sum()), float(bins.size.sum())]
        weighted += calibration_error(bins, rng, draws=300).p < 0.05
        alike += calibration_error(reliability_bins(stated, right), rng, draws=300).p < 0.05
    assert sizes[0] == 600
    assert sizes[1] < 450
    assert weighted > 85
    assert alike < 20
