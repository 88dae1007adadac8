"""Bars over cases that stand for different numbers of cases of traffic."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from passmuster.decide.bars import bar_test
from passmuster.decide.measured import Measured
from passmuster.decide.resampling import leading
from passmuster.decide.verdicts import Contender
from passmuster.records.task import Bar, MetricSpec, Success, Task

MakeMeasured = Callable[..., Measured]
TASK = Task(name="t", metrics=(MetricSpec(name="accuracy", kind="exact_match"),))
SHARES, SIZES = (0.9, 0.1), (20, 130)
WEIGHTS = np.repeat([share / size for share, size in zip(SHARES, SIZES, strict=True)], SIZES) * sum(SIZES)


def show(figures: str) -> None:
    """Print what was measured."""
    print(figures)  # noqa: T201 - docs/statistics.md says that -s shows them


def _drawn(rng: np.random.Generator, rate: float) -> NDArray[np.float64]:
    return (rng.random(sum(SIZES)) < rate).astype(float)


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("groups", [None, np.arange(sum(SIZES)) // 2])
def test_a_candidate_at_the_bar_passes_in_one_of_twenty_at_most(
    make_measured: MakeMeasured, groups: NDArray[np.int64] | None, *, binary: bool
) -> None:
    """300 draws; at a true 5% more than 9% come with chance 0.2%. Pseudo-scores of average weight pass 60%."""
    rng = np.random.default_rng(11)
    bar = Bar(metric="accuracy", at_least=0.97)
    passed = 0
    for _ in range(300):
        measured = make_measured(
            scores=_drawn(rng, 0.97).tolist(), weights=WEIGHTS, groups=groups, binary=binary
        )
        passed += bar_test(bar, measured, TASK).observed()[0] <= 0.05
    kind = f"{'rate' if binary else 'mean'}{'' if groups is None else ' in groups of two'}"
    show(f"just at the bar, {kind}: passes in {passed / 300:.1%}")
    assert passed / 300 <= 0.09


@pytest.mark.parametrize("binary", [True, False])
def test_weights_that_are_equal_change_no_test(make_measured: MakeMeasured, *, binary: bool) -> None:
    scores = [1.0] * 80 + [0.0, None, "error", "no_reference"] * 5
    bars = (
        Bar(metric="accuracy", at_least=0.7),
        Bar(metric="failure_rate", at_most=0.1),
        Bar(metric="cost_per_task", at_most=0.002),
        Bar(metric="cost_per_success", at_most=0.0015),
        Bar(metric="latency_p95", at_most=0.7),
    )
    dollars = [0.001, 0.002] * 50
    plain = make_measured(scores=scores, dollars=dollars, binary=binary)
    same = make_measured(scores=scores, dollars=dollars, binary=binary, weights=[1.0] * 100)
    for bar in bars:
        one, other = bar_test(bar, plain, TASK), bar_test(bar, same, TASK)
        # The effective size of a share is told from its standard error, whose n - 1 is all that differs.
        assert other.observed() == pytest.approx(one.observed(), abs=0.006)
        assert other.value == pytest.approx(one.value)


def test_a_failed_heavy_case_counts_for_all_that_it_stands_for(make_measured: MakeMeasured) -> None:
    weights = [3.0] * 25 + [1 / 3] * 75
    heavy = make_measured(scores=[None] * 5 + [1.0] * 95, weights=weights)
    light = make_measured(scores=[1.0] * 95 + [None] * 5, weights=weights)
    bar = Bar(metric="accuracy", at_least=0.8)
    assert bar_test(bar, heavy, TASK).value == pytest.approx(0.85)
    assert bar_test(bar, light, TASK).value == pytest.approx(1 - 5 / 300)
    assert bar_test(bar, heavy, TASK).observed()[0] > 0.1 > bar_test(bar, light, TASK).observed()[0]


def test_all_right_proves_what_as_many_equal_cases_would(make_measured: MakeMeasured) -> None:
    size = WEIGHTS.sum() ** 2 / (WEIGHTS**2).sum()
    test = bar_test(
        Bar(metric="accuracy", at_least=0.9), make_measured(scores=[1.0] * 150, weights=WEIGHTS), TASK
    )
    assert test.observed()[0] == pytest.approx(0.9**size)
    assert stats.binom.sf(149, 150, 0.9) < 1e-6  # the cases as they are would


@pytest.mark.parametrize("metric", ["accuracy", "cost_per_success", "cost_per_task", "failure_rate"])
def test_a_resample_says_what_its_cases_say_alone(make_measured: MakeMeasured, metric: str) -> None:
    rng = np.random.default_rng(5)
    scores = [*_drawn(rng, 0.8).tolist()[:-10], *[None, "error"] * 5]
    dollars = rng.uniform(0.001, 0.003, len(scores)).tolist()
    bar = Bar(metric=metric, at_least=0.7) if metric == "accuracy" else Bar(metric=metric, at_most=0.3)
    test = bar_test(bar, make_measured(scores=scores, dollars=dollars, weights=WEIGHTS), TASK)
    rows = rng.multinomial(150, [1 / 150] * 150, size=4).astype(float)
    together = test.p_values(rows @ test.columns)[0]
    for row, p in zip(rows.astype(int), together, strict=True):
        taken = np.repeat(np.arange(150), row)
        drawn = make_measured(
            scores=[scores[place] for place in taken],
            dollars=[dollars[place] for place in taken],
            weights=WEIGHTS[taken],
        )
        assert float(p) == pytest.approx(bar_test(bar, drawn, TASK).observed()[0], abs=0.02)


def test_the_share_of_resamples_sees_how_little_few_heavy_cases_say(make_measured: MakeMeasured) -> None:
    def share(weights: NDArray[np.float64] | None) -> float:
        scores = [1.0] * 18 + [0.0] * 2 + [1.0] * 117 + [0.0] * 13
        measured = make_measured(scores=scores, weights=weights)
        test = bar_test(Bar(metric="accuracy", at_least=0.8), measured, TASK)
        return leading([Contender(measured=measured, tests=(test,))], Success(metric="accuracy"), 0.05)[
            0
        ].share

    assert share(None) > 0.9
    assert share(WEIGHTS) < 0.5
