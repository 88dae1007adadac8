"""The best of many: its mean is too high by what picking adds, and its interval knows that."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from passmuster.stats.intervals import wilson
from passmuster.stats.winners import Means, joint_means, optimism, winner_interval


def means(value: list[float], deviation: float = 0.02, shared: float = 0.0) -> Means:
    arms = np.array(value)
    covariance = deviation**2 * ((1 - shared) * np.eye(len(value)) + shared)
    return Means(arms, arms, covariance, 100_000)


def scores(rng: np.random.Generator, n: int, chances: list[float]) -> np.ndarray:
    return (rng.random((n, len(chances))) < chances).astype(np.float64)


def test_the_covariance_is_that_of_the_mean_with_two_pseudo_scores() -> None:
    x = scores(np.random.default_rng(3), 400, [0.8, 0.6, 0.7])
    found = joint_means(x)
    more = np.concatenate([x, np.zeros((1, 3)), np.ones((1, 3))])

    np.testing.assert_allclose(found.covariance, np.cov(more, rowvar=False, ddof=1) / 402, rtol=1e-12)
    np.testing.assert_allclose(found.centre, more.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.value, x.mean(axis=0), rtol=1e-12)


def test_clusters_of_one_and_equal_weights_change_nothing() -> None:
    x = scores(np.random.default_rng(3), 60, [0.8, 0.6, 0.7])
    plain = joint_means(x)
    for same in (joint_means(x, np.arange(60)), joint_means(x, None, np.full(60, 2.5))):
        np.testing.assert_allclose(same.covariance, plain.covariance, rtol=1e-12)
        np.testing.assert_allclose(same.value, plain.value, rtol=1e-12)


def test_a_doubled_corpus_clustered_by_case_is_as_sure_as_the_single_one() -> None:
    x = scores(np.random.default_rng(3), 60, [0.8, 0.6, 0.7])
    twice = joint_means(np.repeat(x, 2, axis=0), np.repeat(np.arange(60), 2))

    np.testing.assert_allclose(twice.covariance, joint_means(x).covariance, rtol=1e-12)


def test_far_ahead_it_is_the_plain_interval_and_close_it_reaches_down() -> None:
    plain = (0.9 - 1.96 * 0.02, 0.9 + 1.96 * 0.02)
    ahead = winner_interval(means([0.5, 0.5, 0.9]))
    close = winner_interval(means([0.899, 0.898, 0.9]))

    assert ahead == pytest.approx(plain, abs=0.003)
    assert close[0] < plain[0] - 0.02
    assert close[1] < plain[1]


def test_it_is_the_truncated_normal_of_the_paper() -> None:
    low, high = winner_interval(means([0.88, 0.9]))
    tail = (0.05 - 0.005) / (2 * (1 - 0.005))
    reach = scipy.stats.norm.ppf(1 - 0.005 / 4)
    for mean, share in ((low, 1 - tail), (high, tail)):
        ends = (max(0.88, mean - reach * 0.02), min(1e9, mean + reach * 0.02))
        cut = scipy.stats.truncnorm((ends[0] - mean) / 0.02, (ends[1] - mean) / 0.02, loc=mean, scale=0.02)
        assert cut.cdf(0.9) == pytest.approx(share, abs=2e-4)


@given(st.lists(st.floats(0.3, 0.7), min_size=2, max_size=8), st.floats(0, 0.9))
def test_it_lies_inside_the_simultaneous_interval_and_is_never_empty(
    value: list[float], shared: float
) -> None:
    low, high = winner_interval(means(value, shared=shared))
    reach = scipy.stats.norm.ppf(1 - 0.005 / (2 * len(value))) * 0.0201  # beta of the paper: a tenth of 5%

    assert max(value) - reach <= low < high <= max(value) + reach


def test_a_tie_of_pass_and_fail_is_no_certainty() -> None:
    tied = means([0.9, 0.9])

    assert winner_interval(tied, step=0.005)[1] - winner_interval(tied, step=0.005)[0] > 0.05
    assert winner_interval(tied)[1] - winner_interval(tied)[0] > 0.05


def test_arms_that_always_answer_alike_are_one() -> None:
    x = scores(np.random.default_rng(3), 200, [0.8])
    alike = np.repeat(x, 5, axis=1)

    assert optimism(alike, np.random.default_rng(0)) == pytest.approx(0.0, abs=0.002)
    assert winner_interval(joint_means(alike)) == pytest.approx(wilson(x.sum(), 200), abs=0.02)


def test_optimism_grows_with_the_number_to_pick_from_and_falls_with_the_cases() -> None:
    rng = np.random.default_rng(5)
    few, many = scores(rng, 200, [0.8] * 3), scores(rng, 200, [0.8] * 30)
    large = scores(rng, 3200, [0.8] * 30)

    found = [optimism(x, np.random.default_rng(0)) for x in (few, many, large)]
    assert 0.01 < found[0] < found[1]
    assert found[2] == pytest.approx(found[1] / 4, rel=0.35)


def test_one_arm_or_one_case_has_none() -> None:
    assert optimism(np.ones((50, 1)), np.random.default_rng(0)) == 0.0
    assert optimism(np.ones((1, 3)), np.random.default_rng(0)) == 0.0
