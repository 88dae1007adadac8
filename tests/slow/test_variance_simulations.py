"""Coverages of what is said of repeats, classes and slices, by seeded simulation; the naive method fails each check.

Every docstring states the repetitions and the chance that a right method fails the check with another seed.
Run with `-s` to see the measured figures.
"""

import numpy as np
import pytest

from passmuster.stats.arrays import FloatArray
from passmuster.stats.classes import dependent_class_figures
from passmuster.stats.intervals import clopper_pearson, mean_interval, wilson
from passmuster.stats.tail import simultaneous_level
from passmuster.stats.variance import best_plan, case_values, variance_components

pytestmark = pytest.mark.slow


def show(figures: str) -> None:
    """Print the measured figures."""
    print(figures)  # noqa: T201 - docs/metrics/variance.md says that -s shows them


def held(low: FloatArray | float, truth: float, high: FloatArray | float) -> bool:
    return bool(np.all(low <= truth) and np.all(truth <= high))


@pytest.mark.parametrize(("every", "truth"), [(False, 1 - 1 / 6), (True, 1 / 6)])
def test_pass_at_k_and_pass_all_k_are_covered_and_pooled_trials_are_not(*, every: bool, truth: float) -> None:
    """1,000 runs, 60 cases x 5 repeats, rates drawn evenly from 0 to 1, k = 5; at a true 94% under 91.5%: 8e-4.

    The naive way takes the 300 trials for independent, at the plug-in rate to the fifth power.
    """
    rng = np.random.default_rng(31)
    hits = naive = 0
    for _ in range(1000):
        right = rng.binomial(5, rng.random(60))
        values = case_values(right.tolist(), [5] * 60, 5, every=every)
        low, high = mean_interval(float(values.sum()), float((values**2).sum()), 60)
        hits += held(low, truth, high)
        ends = np.array(wilson(float(right.sum()), 300))
        plain = ends**5 if every else 1 - (1 - ends) ** 5
        naive += held(float(plain.min()), truth, float(plain.max()))
    show(
        f"pass{'^' if every else '@'}5 covered: per case {hits / 1000:.3f}, pooled trials {naive / 1000:.3f}"
    )
    assert hits / 1000 >= 0.915
    assert not naive / 1000 >= 0.915


def test_the_between_share_is_unbiased_and_names_the_right_number_of_repeats() -> None:
    """500 runs, 200 cases x 4 repeats, share .20; mean of the shares within .01 of it: 5 standard errors."""
    rng = np.random.default_rng(32)
    shares, repeats = [], []
    for _ in range(500):
        centre = rng.normal(0, 0.2**0.5, 200)
        table = centre[:, None] + rng.normal(0, 0.8**0.5, (200, 4))
        found = variance_components(table.ravel(), np.repeat(np.arange(200), 4))
        assert found is not None
        shares.append(found.share_between or 0.0)
        plan = best_plan(found, 10_000, case=4)
        assert plan is not None
        repeats.append(plan.repeats)
    naive = 0.2 + 0.8 / 4  # the spread of the cases' means, taken for the spread between cases
    show(f"between share: {np.mean(shares):.3f}, naive {naive:.3f}; best repeats {np.median(repeats):.0f}")
    assert np.mean(shares) == pytest.approx(0.20, abs=0.01)
    assert naive != pytest.approx(0.20, abs=0.01)
    assert np.median(repeats) == 4  # sqrt(4 x .8 / .2)


def test_f1_of_a_class_is_covered_where_repeats_are_clusters_and_not_where_they_are_pooled() -> None:
    """600 runs, 80 cases x 4 repeats; at a true 93.5% fewer than 90.5% come with a chance of 3e-3.

    A case is right with a chance drawn from Beta(.7, .3), so its repeats are much alike.
    """
    rng = np.random.default_rng(33)

    def drawn(cases: int) -> tuple[np.ndarray, np.ndarray]:
        truth = rng.integers(0, 2, cases)
        right = rng.random((cases, 4)) < rng.beta(0.7, 0.3, cases)[:, None]
        return np.repeat(truth, 4), np.where(right, truth[:, None], 1 - truth[:, None]).ravel()

    big = dependent_class_figures(drawn(200_000), ["a", "b"])[0].f1.value
    assert big is not None
    clusters, hits, naive = np.repeat(np.arange(80), 4), 0, 0
    for _ in range(600):
        answers = drawn(80)
        for kept, own in ((True, clusters), (False, None)):
            f1 = dependent_class_figures(answers, ["a", "b"], clusters=own)[0].f1
            assert f1.low is not None
            assert f1.high is not None
            inside = f1.low <= big <= f1.high
            hits, naive = hits + (inside and kept), naive + (inside and not kept)
    show(f"F1 of a class covered: clustered {hits / 600:.3f}, pooled {naive / 600:.3f}")
    assert hits / 600 >= 0.905
    assert not naive / 600 >= 0.905


def test_the_worst_of_twelve_slices_is_covered_together_and_not_alone() -> None:
    """2,000 runs, twelve slices of 50 with the same rate .85; at a true 95% under 93.2%: 2e-4."""
    rng = np.random.default_rng(34)
    worst = rng.binomial(50, 0.85, (2000, 12)).min(axis=1).astype(np.float64)
    together = clopper_pearson(worst, np.full(2000, 50.0), simultaneous_level(12))[1]
    alone = clopper_pearson(worst, np.full(2000, 50.0))[1]
    show(
        f"upper end of the worst slice over its rate: together {np.mean(together >= 0.85):.3f},"
        f" alone {np.mean(alone >= 0.85):.3f}"
    )
    assert np.mean(together >= 0.85) >= 0.932
    assert not np.mean(alone >= 0.85) >= 0.932
