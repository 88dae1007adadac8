"""The meat of a sandwich counts clusters, not rows, and a variance is never negative."""

import numpy as np
import pytest

from passmuster.stats.sandwich import clustered_covariance, crossed, meat


def test_rows_of_one_cluster_are_summed_before_they_are_squared() -> None:
    scores = np.array([[1.0], [1.0], [-1.0], [-1.0]])
    together = meat(scores, np.array([0, 0, 1, 1]), 0)
    opposed = meat(scores, np.array([0, 1, 0, 1]), 0)
    assert together.item() == pytest.approx(2 * 4 * 2 * 3 / 4)
    assert opposed.item() == 0


def test_two_ways_of_which_one_is_finer_are_the_coarser_one() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(60, 2))
    coarse, fine = np.arange(60) // 6, np.arange(60)
    both = clustered_covariance(np.eye(2), scores, [coarse, fine], 2)
    np.testing.assert_allclose(both, clustered_covariance(np.eye(2), scores, [coarse], 2))


def test_no_variance_is_negative() -> None:
    scores = np.array([[1.0], [-1.0], [-1.0], [1.0]])
    found = clustered_covariance(np.eye(1), scores, [[0, 0, 1, 1], [0, 1, 0, 1]], 0)
    assert found.item() == 0  # it would be below: each way alone cancels out


def test_pairs_of_clusters_are_numbered() -> None:
    assert crossed(np.array([1, 0, 1]), np.array([2, 2, 2])).tolist() == [1, 0, 1]


@pytest.mark.parametrize("number", [0, 3])
def test_clusters_are_of_one_kind_or_of_two(number: int) -> None:
    with pytest.raises(ValueError, match="one kind or of two"):
        clustered_covariance(np.eye(1), np.ones((2, 1)), [[0, 1]] * number, 1)
