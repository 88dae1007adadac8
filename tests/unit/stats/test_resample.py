import numpy as np
import pytest

from passmuster.stats.resample import resample_weights


def all_rows(**options: object) -> np.ndarray:
    rng = np.random.default_rng(11)
    return np.concatenate(list(resample_weights(50, 300, rng, **options)))  # type: ignore[arg-type] # options vary by test


def test_every_resample_has_as_many_cases_as_there_are() -> None:
    weights = all_rows()
    assert weights.shape == (300, 50)
    assert set(weights.sum(axis=1).tolist()) == {50}
    assert weights.min() == 0


def test_weights_are_multinomial() -> None:
    """Mean 1, variance 1 - 1/n; six standard errors over 100,000 cells (false alarm 2e-9)."""
    (weights,) = resample_weights(50, 2000, np.random.default_rng(2))
    assert weights.mean() == 1.0
    assert weights.var() == pytest.approx(1 - 1 / 50, abs=6 * np.sqrt(3 / 100_000))


def test_the_block_size_bounds_memory_and_changes_nothing() -> None:
    rng = np.random.default_rng(11)
    blocks = list(resample_weights(50, 300, rng, block_cells=50 * 7))
    assert max(block.size for block in blocks) == 350
    assert np.array_equal(np.concatenate(blocks), all_rows())
    rng = np.random.default_rng(11)
    assert [block.shape for block in resample_weights(50, 3, rng, block_cells=1)] == [(1, 50)] * 3


def test_whole_clusters_are_drawn() -> None:
    clusters = [case // 5 for case in range(50)]
    weights = all_rows(clusters=clusters)
    grouped = weights.reshape(300, 10, 5)
    assert np.array_equal(grouped.min(axis=2), grouped.max(axis=2))
    assert set(grouped[:, :, 0].sum(axis=1).tolist()) == {10}


def test_no_cases_give_no_resamples() -> None:
    assert list(resample_weights(0, 10, np.random.default_rng(0))) == []
