"""How often bars on slices and against the incumbent pass who does not deserve it, and the naive rules beside them.

What is drawn is in `passmuster.decide.promises`: `passmuster selfcheck` runs the same simulations.
"""

import numpy as np
import pytest
from scipy import stats

from passmuster.decide.promises.beside import (
    Naive,
    at_least,
    dearer,
    rare_losses,
    shares,
    slower,
    versus,
    worse_by_the_margin,
    worse_in_groups,
)
from passmuster.decide.promises.choosing import LEVEL, floors
from passmuster.decide.promises.drawing import METRIC, blanks, discordant, with_scores, with_seconds
from passmuster.stats.arrays import FloatArray

pytestmark = pytest.mark.slow

SEED = 20


def show(figures: str) -> None:
    """Print what was measured."""
    print(figures)  # noqa: T201 - docs/decision.md says that -s shows them


def _unpaired(margin: float) -> Naive:
    """Return the test of two samples, which does not know that the cases are the same."""

    def naive(new: FloatArray, old: FloatArray) -> bool:
        variance = (new.mean() * (1 - new.mean()) + old.mean() * (1 - old.mean())) / new.size
        distance = (new.mean() - old.mean() + margin) / np.sqrt(max(variance, 1e-12))
        return bool(stats.norm.sf(distance) <= LEVEL)

    return naive


@pytest.mark.parametrize(("n", "discordance", "margin"), [(200, 0.1, 0.03), (600, 0.05, 0.03)])
def test_one_that_is_worse_by_the_margin_passes_in_one_of_twenty(
    n: int, discordance: float, margin: float
) -> None:
    """1,500 draws; at a true 5% more than 7% come with chance .0003. The plain difference passes every second."""
    found = worse_by_the_margin(np.random.default_rng(SEED), 1500, (n, discordance, margin))
    show(
        f"worse by the margin of {margin:.0%}, n {n}: passes in {found.rate:.1%},"
        f" by the plain difference in {found.naive_rate:.1%}"
    )
    assert found.rate <= 0.07
    assert found.naive_rate > 0.4


def test_pairs_show_what_two_samples_do_not() -> None:
    """Equally good, 5% discordant, margin 3 points, 600 cases: 1,000 draws. An unpaired test does not reach 90%."""
    simulate = shares(
        versus(METRIC, at_least=-0.03), blanks(600), discordant(600, 0.0, 0.05), with_scores, _unpaired(0.03)
    )
    found = simulate(np.random.default_rng(SEED), 1000)
    show(
        f"equally good, margin 3 points, n 600: shown in {found.rate:.1%} by pairs, in {found.naive_rate:.1%} by two samples"
    )
    assert found.rate >= 0.9
    assert found.naive_rate < 0.6


def test_cases_of_a_group_are_no_cases_of_their_own() -> None:
    """60 groups of 5 that turn out alike: 1,000 draws. Cases taken for independent pass one in six."""
    found = worse_in_groups(np.random.default_rng(SEED), 1000)
    show(
        f"worse by the margin of 5%, 60 groups of 5: passes in {found.rate:.1%}, as 300 cases of their own in {found.naive_rate:.1%}"
    )
    assert found.rate <= 0.07
    assert found.naive_rate > 0.12


def test_losses_that_are_rare_and_large_are_not_overlooked() -> None:
    """5% of the cases lose everything, margin 5 points, n 100: 1,000 draws. The plain paired t passes one in ten."""
    found = rare_losses(np.random.default_rng(SEED), 1000)
    show(
        f"5% of graded cases lose all, margin 5 points, n 100: passes in {found.rate:.1%}, by the plain t in {found.naive_rate:.1%}"
    )
    assert found.rate <= 0.07
    assert found.naive_rate > 0.08


@pytest.mark.parametrize("spread", [0.5, 1.2])
def test_a_slower_candidate_is_not_passed_by_its_pairs_or_its_form(spread: float) -> None:
    """p95 is 1.2 times the incumbent's, the limit, whatever the form of the times: 600 draws of 500 cases."""
    found = slower(np.random.default_rng(SEED), 600, spread)
    show(
        f"p95 at 1.2 times the incumbent's, spread {spread}: passes in {found.rate:.1%}, by the quantiles alone in {found.naive_rate:.1%}"
    )
    assert found.rate <= LEVEL
    assert found.naive_rate > 0.3


def test_an_equally_fast_candidate_passes_with_enough_cases() -> None:
    """Limit 1.2 times the incumbent's p95, 1,000 cases, correlation .7: 200 draws."""

    def draw(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        common, own = rng.normal(size=1000), rng.normal(size=1000)
        return np.exp(0.5 * (0.7 * common + 0.714 * own)), np.exp(0.5 * common)

    bar = versus("latency_p95", at_most=1.2)
    found = shares(bar, blanks(1000), draw, with_seconds, at_least(1.0))(np.random.default_rng(SEED), 200)
    show(f"p95 equal, limit 1.2 times, n 1,000: shown in {found.rate:.1%}")
    assert found.rate > 0.7


def test_a_dearer_candidate_passes_in_one_of_twenty() -> None:
    """1.1 times the incumbent's cost, the limit, with costs that go together: 1,000 draws of 150 cases."""
    found = dearer(np.random.default_rng(SEED), 1000)
    show(
        f"1.1 times the incumbent's cost, the limit, n 150: passes in {found.rate:.1%}, by the plain ratio in {found.naive_rate:.1%}"
    )
    assert 0.02 <= found.rate <= 0.075
    assert found.naive_rate > 0.4


@pytest.mark.parametrize("right", [(0.8, 1.0, 1.0, 1.0, 1.0), (0.8, 0.8, 0.8, 0.8, 0.8)])
def test_floors_of_all_slices_together_pass_a_bad_one_in_one_of_twenty_at_most(
    right: tuple[float, ...],
) -> None:
    """Floors of .8 on five slices of 100 cases: 600 draws. No correction is needed: every floor must be shown to be met.

    The average of all 500 cases, .96 in the first world, passes it every time.
    """
    found = floors(np.random.default_rng(9), 600, right)
    show(
        f"floors .8 on five slices, true {right}: passes in {found.rate:.1%}, by the average in {found.naive_rate:.1%}"
    )
    assert found.rate <= 0.075
    assert found.naive_rate > 0.95 or set(right) == {0.8}
