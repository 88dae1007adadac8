from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from passmuster.stats.agreement import krippendorff_alpha, point, votes_of_codes
from passmuster.stats.arrays import FloatArray
from passmuster.stats.judged.association import (
    Association,
    alpha,
    associated,
    gap,
    kendall,
    pearson,
    spearman,
)

FIGURES = [pearson, spearman, kendall, alpha, gap]


def scores(n: int, seed: int = 1, levels: int = 5) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    x = rng.integers(1, levels + 1, n).astype(np.float64)
    return x, np.clip(np.round(x + rng.normal(0.3, 0.24 * levels, n)), 1, levels)


@pytest.mark.parametrize("levels", [2, 5, 1000])
@pytest.mark.parametrize(
    ("figure", "known"), [(pearson, stats.pearsonr), (spearman, stats.spearmanr), (kendall, stats.kendalltau)]
)
def test_a_correlation_is_what_scipy_says(
    figure: Association, known: Callable[[FloatArray, FloatArray], tuple[float, float]], levels: int
) -> None:
    x, y = scores(300, levels=levels)
    assert figure(x, y).value == pytest.approx(known(x, y)[0], abs=1e-12)


def test_alpha_is_that_of_two_annotators() -> None:
    x, y = scores(200)
    votes = votes_of_codes(np.stack([x, y], axis=1).astype(np.int64) - 1)
    assert alpha(x, y).value == pytest.approx(point(krippendorff_alpha(votes, "interval"), 200), abs=1e-12)


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_the_influence_is_what_leaving_a_case_out_changes(figure: Association, levels: int) -> None:
    x, y = scores(400, levels=levels)
    whole = figure(x, y)
    left_out = np.array([figure(np.delete(x, place), np.delete(y, place)).value for place in range(400)])
    jackknife = 399 * (left_out.mean() - left_out)
    assert whole.influence.mean() == pytest.approx(0, abs=1e-9)
    scale = float(np.abs(jackknife).max())
    assert np.abs(whole.influence - whole.influence.mean() - jackknife).max() < 0.05 * scale


@pytest.mark.parametrize("figure", FIGURES)
def test_copies_of_replies_are_no_new_replies(figure: Association) -> None:
    x, y = scores(80)
    four = np.repeat(np.arange(80), 4)
    plain, grouped = associated(figure, x, y), associated(figure, x[four], y[four], groups=four)
    careless = associated(figure, x[four], y[four])
    for found in (plain, grouped, careless):
        assert found.low is not None
        assert found.high is not None
    assert [grouped.low, grouped.high] == pytest.approx([plain.low, plain.high], abs=0.006)
    assert (careless.high or 0) - (careless.low or 0) < 0.6 * ((plain.high or 0) - (plain.low or 0))


@pytest.mark.parametrize("figure", [pearson, spearman, kendall, alpha])
def test_the_interval_covers_what_many_cases_say(figure: Association) -> None:
    """600 repetitions of 60 groups of 4 alike: 91% to 98% is within four standard errors of 95%."""
    rng, held = np.random.default_rng(8), 0

    def drawn(groups: int) -> tuple[FloatArray, FloatArray]:
        truth = np.repeat(rng.integers(1, 6, groups), 4).astype(np.float64)
        shared = np.repeat(rng.normal(0, 1, groups), 4)
        noise = shared + rng.normal(0, 0.7, truth.size)
        return truth, np.clip(np.round(truth + noise), 1, 5)

    known = figure(*drawn(1500)).value
    naive = 0
    for _ in range(600):
        x, y = drawn(60)
        found, careless = associated(figure, x, y, groups=np.arange(240) // 4), associated(figure, x, y)
        held += (found.low or 0) <= known <= (found.high or 0)
        naive += (careless.low or 0) <= known <= (careless.high or 0)
    assert 0.91 <= held / 600 <= 0.98
    assert naive / 600 < 0.85


def test_the_gap_is_how_much_higher_the_first_says() -> None:
    found = associated(gap, [3, 4, 5, 4, np.nan], [2, 4, 4, 3, 1])
    assert (found.value, found.n) == (0.75, 4)
    found = associated(gap, [3, 4, 5, 4, 3], [2, 4, 4, np.nan, 3])
    assert (found.n, found.n_missing) == (4, 1)


def test_what_says_nothing_is_said() -> None:
    assert associated(kendall, [1, 2, 3], [1, 2, 3]).note == "fewer than four rated replies"
    assert associated(kendall, [1, 1, 1, 1], [1, 2, 3, 4]).note == "one of the two always says the same"
    same = associated(spearman, [1, 2, 3, 4, 5], [1, 2, 3, 4, 5])
    assert same.value == pytest.approx(1.0)
    assert same.low is None
    few = associated(pearson, [1, 2, 3, 4, 5], [1, 2, 3, 5, 4], groups=[1, 1, 2, 2, 3])
    assert few.low is None
