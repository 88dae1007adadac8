"""The difference within strata keeps its error rates: simulated where scores are shares of right answers."""

import numpy as np
import pytest

from passmuster.stats.stratified import stratified_difference

pytestmark = pytest.mark.slow

RUNS = 2000


def simulated(rate: float, effect: float, n: int, share: float) -> tuple[float, float]:
    """Return how often the p-value is below 5%, and how often the interval holds the effect."""
    rng = np.random.default_rng(11)
    rejected, covered, counted = 0, 0, 0
    for _ in range(RUNS):
        strata = rng.integers(0, 4, n)
        marked = rng.random(n) < share
        chance = np.clip(rate + 0.03 * (strata - 1.5) + effect * marked, 0, 1)
        found = stratified_difference((rng.random(n) < chance).astype(float), marked, strata)
        if found is not None:
            counted += 1
            rejected += found.p_less < 0.05
            covered += found.low <= effect <= found.high
    return rejected / counted, covered / counted


@pytest.mark.parametrize("rate", [0.5, 0.8, 0.95])
@pytest.mark.parametrize(("n", "share"), [(60, 0.3), (300, 0.1)])
def test_without_a_gap_it_alarms_in_one_look_of_twenty(rate: float, n: int, share: float) -> None:
    """2,000 runs: at a true 5% more than 6.9% has a chance below 0.01%."""
    rejected, covered = simulated(rate, 0.0, n, share)
    assert rejected <= 0.069
    assert covered >= 0.93


@pytest.mark.parametrize(("rate", "effect"), [(0.9, -0.15), (0.7, -0.2), (0.5, 0.1)])
def test_the_interval_holds_a_gap_that_is_there(rate: float, effect: float) -> None:
    """2,000 runs, coverage of 95% nominal: 92.5% and more."""
    assert simulated(rate, effect, 300, 0.3)[1] >= 0.925


def test_a_gap_is_found() -> None:
    """Power at 30 of 300 newer cases, 20 points worse: half of the looks and more."""
    assert simulated(0.9, -0.2, 300, 0.1)[0] >= 0.5
