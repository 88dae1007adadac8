"""How often bars on slices and against the incumbent pass who does not deserve it, and the naive rules beside them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import pytest
from scipy import stats

from passmuster.decide.bars import bar_test
from passmuster.decide.measured import SCORED, FloatArray, Layout, Measured, Scored
from passmuster.decide.pricing.trial import TrialCost
from passmuster.decide.relative.bars import relative_test
from passmuster.decide.sheet import Sheet
from passmuster.decide.slices import restricted
from passmuster.records.candidate import Candidate
from passmuster.records.score import Score
from passmuster.records.task import Bar, MetricSpec, Task
from passmuster.records.trial import Attempt, Reply, Trial, TrialKey

pytestmark = pytest.mark.slow

TASK = Task(name="t", metrics=(MetricSpec(name="accuracy", kind="exact_match"),), incumbent="old")
LEVEL = 0.05
Draw: TypeAlias = Callable[[np.random.Generator], tuple[FloatArray, FloatArray]]
Put: TypeAlias = Callable[[Measured, FloatArray], Measured]
Naive: TypeAlias = Callable[[FloatArray, FloatArray], bool]


def show(figures: str) -> None:
    """Print what was measured."""
    print(figures)  # noqa: T201 - docs/decision.md says that -s shows them


def _blank(name: str, n: int, *, binary: bool = True, groups: Sequence[int] | None = None) -> Measured:
    """Return a candidate of n cases, whose numbers are put in later."""
    layout = Layout(
        cases=n, repeats=1, binary={"accuracy": binary}, groups=None if groups is None else np.array(groups)
    )
    sheet = Sheet(Candidate(name=name, provider="openai", model=name), layout)
    cost = TrialCost(
        tokens=0.001, infrastructure=0.0, review=0.0, labour=0.0, reviewed=False, basis="reported"
    )
    for place in range(n):
        key = TrialKey(str(place), "c", 0)
        attempts = (Attempt(started=0.0, seconds=0.5),)
        trial = Trial(key=key, case_id=str(place), outcome=Reply(text="x"), attempts=attempts)
        sheet.enter(place, trial, {"accuracy": Score(value=1.0)}, cost)
    return sheet.measured()


def with_scores(measured: Measured, values: FloatArray) -> Measured:
    scored = Scored(value=values[:, None], code=np.full((values.size, 1), SCORED, dtype=np.int8))
    return replace(measured, columns=replace(measured.columns, scores={"accuracy": scored}))


def with_seconds(measured: Measured, values: FloatArray) -> Measured:
    return replace(measured, columns=replace(measured.columns, seconds=values[:, None]))


def versus(metric: str, *, at_least: float | None = None, at_most: float | None = None) -> Bar:
    return Bar(metric=metric, at_least=at_least, at_most=at_most, versus="incumbent")


def _shares(
    bar: Bar, pair: tuple[Measured, Measured], draw: Draw, put: Put, naive: Naive, runs: int
) -> tuple[float, float]:
    """Return in which share of runs the bar is shown to be met, and in which the naive rule says so."""
    rng = np.random.default_rng(20)
    passed = fooled = 0
    for _ in range(runs):
        new, old = draw(rng)
        passed += relative_test(bar, put(pair[0], new), put(pair[1], old), TASK).observed()[0] <= LEVEL
        fooled += naive(new, old)
    return passed / runs, fooled / runs


def _pair(n: int, *, binary: bool = True, groups: Sequence[int] | None = None) -> tuple[Measured, Measured]:
    return _blank("new", n, binary=binary, groups=groups), _blank("old", n, binary=binary, groups=groups)


def _discordant(n: int, gap: float, discordance: float) -> Draw:
    """Draw pass/fail pairs with this difference; where they agree, 85% are right."""
    better, worse = (discordance + gap) / 2, (discordance - gap) / 2

    def draw(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        old = (rng.random(n) < 0.85).astype(np.float64)
        new, fate = old.copy(), rng.random(n)
        up, down = fate < better, (fate >= better) & (fate < better + worse)
        new[up], old[up], new[down], old[down] = 1.0, 0.0, 0.0, 1.0
        return new, old

    return draw


def _unpaired(margin: float) -> Naive:
    """Return the test of two samples, which does not know that the cases are the same."""

    def naive(new: FloatArray, old: FloatArray) -> bool:
        variance = (new.mean() * (1 - new.mean()) + old.mean() * (1 - old.mean())) / new.size
        distance = (new.mean() - old.mean() + margin) / np.sqrt(max(variance, 1e-12))
        return bool(stats.norm.sf(distance) <= LEVEL)

    return naive


def _at_least(margin: float) -> Naive:
    return lambda new, old: bool(new.mean() - old.mean() >= -margin)


@pytest.mark.parametrize(("n", "discordance", "margin"), [(200, 0.1, 0.03), (600, 0.05, 0.03)])
def test_one_that_is_worse_by_the_margin_passes_in_one_of_twenty(
    n: int, discordance: float, margin: float
) -> None:
    """1,500 draws; at a true 5% more than 7% come with chance .0003. The plain difference passes every second."""
    draw = _discordant(n, -margin, discordance)
    found, naive = _shares(
        versus("accuracy", at_least=-margin), _pair(n), draw, with_scores, _at_least(margin), 1500
    )
    show(
        f"worse by the margin of {margin:.0%}, n {n}: passes in {found:.1%}, by the plain difference in {naive:.1%}"
    )
    assert found <= 0.07
    assert naive > 0.4


def test_pairs_show_what_two_samples_do_not() -> None:
    """Equally good, 5% discordant, margin 3 points, 600 cases: 1,000 draws. An unpaired test does not reach 90%."""
    draw = _discordant(600, 0.0, 0.05)
    found, unpaired = _shares(
        versus("accuracy", at_least=-0.03), _pair(600), draw, with_scores, _unpaired(0.03), 1000
    )
    show(
        f"equally good, margin 3 points, n 600: shown in {found:.1%} by pairs, in {unpaired:.1%} by two samples"
    )
    assert found >= 0.9
    assert unpaired < 0.6


def test_cases_of_a_group_are_no_cases_of_their_own() -> None:
    """60 groups of 5 that turn out alike: 1,000 draws. Cases taken for independent pass one in six."""
    groups = np.repeat(np.arange(60), 5)
    small = _discordant(60, -0.05, 0.15)

    def draw(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        new, old = small(rng)
        return new[groups], old[groups]

    plain, bar = _pair(300), versus("accuracy", at_least=-0.05)

    def naive(new: FloatArray, old: FloatArray) -> bool:
        return (
            relative_test(bar, with_scores(plain[0], new), with_scores(plain[1], old), TASK).observed()[0]
            <= LEVEL
        )

    found, alone = _shares(bar, _pair(300, groups=groups.tolist()), draw, with_scores, naive, 1000)
    show(
        f"worse by the margin of 5%, 60 groups of 5: passes in {found:.1%}, as 300 cases of their own in {alone:.1%}"
    )
    assert found <= 0.07
    assert alone > 0.12


def test_losses_that_are_rare_and_large_are_not_overlooked() -> None:
    """5% of the cases lose everything, margin 5 points, n 100: 1,000 draws. The plain paired t passes one in ten."""

    def draw(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        old = rng.beta(8, 2, 100)
        new, lost = old.copy(), rng.random(100) < 0.05
        new[lost], old[lost] = 0.0, 1.0
        return new, old

    def naive(new: FloatArray, old: FloatArray) -> bool:
        gaps = new - old
        return bool(gaps.std() == 0 or stats.ttest_1samp(gaps, -0.05, alternative="greater").pvalue <= LEVEL)

    bar = versus("accuracy", at_least=-0.05)
    found, plain = _shares(bar, _pair(100, binary=False), draw, with_scores, naive, 1000)
    show(
        f"5% of graded cases lose all, margin 5 points, n 100: passes in {found:.1%}, by the plain t in {plain:.1%}"
    )
    assert found <= 0.07
    assert plain > 0.08


@pytest.mark.parametrize("spread", [0.5, 1.2])
def test_a_slower_candidate_is_not_passed_by_its_pairs_or_its_form(spread: float) -> None:
    """p95 is 1.2 times the incumbent's, the limit, whatever the form of the times: 600 draws of 500 cases."""
    scale = 1.2 * np.exp(stats.norm.ppf(0.95) * (0.5 - spread))

    def draw(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        common, own = rng.normal(size=500), rng.normal(size=500)
        return scale * np.exp(spread * (0.7 * common + 0.714 * own)), np.exp(0.5 * common)

    def naive(new: FloatArray, old: FloatArray) -> bool:
        return bool(np.quantile(new, 0.95) <= 1.2 * np.quantile(old, 0.95))

    found, plain = _shares(versus("latency_p95", at_most=1.2), _pair(500), draw, with_seconds, naive, 600)
    show(
        f"p95 at 1.2 times the incumbent's, spread {spread}: passes in {found:.1%}, by the quantiles alone in {plain:.1%}"
    )
    assert found <= LEVEL
    assert plain > 0.3


def test_an_equally_fast_candidate_passes_with_enough_cases() -> None:
    """Limit 1.2 times the incumbent's p95, 1,000 cases, correlation .7: 200 draws."""

    def draw(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        common, own = rng.normal(size=1000), rng.normal(size=1000)
        return np.exp(0.5 * (0.7 * common + 0.714 * own)), np.exp(0.5 * common)

    found, _ = _shares(
        versus("latency_p95", at_most=1.2), _pair(1000), draw, with_seconds, _at_least(1.0), 200
    )
    show(f"p95 equal, limit 1.2 times, n 1,000: shown in {found:.1%}")
    assert found > 0.7


def _costs(tokens: FloatArray, measured: Measured) -> Measured:
    return replace(measured, cost=replace(measured.cost, tokens=tokens[:, None]))


def test_a_dearer_candidate_passes_in_one_of_twenty() -> None:
    """1.1 times the incumbent's cost, the limit, with costs that go together: 1,000 draws of 150 cases."""

    def draw(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        old = rng.lognormal(-6.0, 0.8, 150)
        return 1.1 * old * rng.lognormal(-0.02, 0.2, 150), old

    def naive(new: FloatArray, old: FloatArray) -> bool:
        return bool(new.sum() <= 1.1 * old.sum())

    bar = versus("cost_per_task", at_most=1.1)
    found, plain = _shares(bar, _pair(150), draw, lambda item, values: _costs(values, item), naive, 1000)
    show(
        f"1.1 times the incumbent's cost, the limit, n 150: passes in {found:.1%}, by the plain ratio in {plain:.1%}"
    )
    assert 0.02 <= found <= 0.075
    assert plain > 0.4


@pytest.mark.parametrize("right", [(0.8, 1.0, 1.0, 1.0, 1.0), (0.8, 0.8, 0.8, 0.8, 0.8)])
def test_floors_of_all_slices_together_pass_a_bad_one_in_one_of_twenty_at_most(
    right: tuple[float, ...],
) -> None:
    """Floors of .8 on five slices of 100 cases: 600 draws. No correction is needed: every floor must be shown to be met.

    The average of all 500 cases, .96 in the first world, passes it every time.
    """
    rng, blank = np.random.default_rng(9), _blank("a", 500)
    slices = np.repeat(np.arange(5), 100)
    bar, passed, fooled = Bar(metric="accuracy", at_least=0.8), 0, 0
    for _ in range(600):
        measured = with_scores(blank, (rng.random(500) < np.repeat(right, 100)).astype(np.float64))
        floors = [bar_test(bar, restricted(measured, slices == one), TASK).observed()[0] for one in range(5)]
        passed += max(floors) <= LEVEL
        fooled += bar_test(bar, measured, TASK).observed()[0] <= LEVEL
    show(
        f"floors .8 on five slices, true {right}: passes in {passed / 600:.1%}, by the average in {fooled / 600:.1%}"
    )
    assert passed / 600 <= 0.075
    assert fooled / 600 > 0.95 or set(right) == {0.8}
