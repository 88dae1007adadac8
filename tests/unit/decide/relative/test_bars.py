"""Bars against the incumbent, on the same cases."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from passmuster.decide.bar_tests import BarTest
from passmuster.decide.measured import Measured
from passmuster.decide.relative.bars import relative_test
from passmuster.decide.resampling import leading
from passmuster.decide.verdicts import Contender
from passmuster.records.task import Bar, CostModel, MetricSpec, Success, Task
from passmuster.stats.paired import tango_p_inferior, tango_p_noninferior
from passmuster.stats.ratio import paired_ratio_interval

MakeMeasured = Callable[..., Measured]
IntArray: TypeAlias = NDArray[np.int64]
TASK = Task(
    name="t",
    metrics=(MetricSpec(name="accuracy", kind="exact_match"),),
    incumbent="old",
    cost=CostModel(monthly_volume=1000),
)


def versus(metric: str = "accuracy", *, at_least: float | None = None, at_most: float | None = None) -> Bar:
    return Bar(metric=metric, at_least=at_least, at_most=at_most, versus="incumbent")


NOT_WORSE = versus(at_least=-0.05)


def held(bar: Bar, pair: Sequence[Measured]) -> BarTest:
    """Test the first of two against the second."""
    return relative_test(bar, pair[0], pair[1], TASK)


def test_pass_and_fail_are_compared_case_by_case_by_tangos_test(make_measured: MakeMeasured) -> None:
    new = make_measured("new", [1.0] * 70 + [0.0] * 4 + [1.0] * 6 + [0.0] * 20)
    old = make_measured("old", [1.0] * 70 + [1.0] * 4 + [0.0] * 6 + [0.0] * 20)
    test = relative_test(NOT_WORSE, new, old, TASK)
    assert test.value == pytest.approx(0.02)
    both = tango_p_noninferior(6, 4, 100, 0.05), tango_p_inferior(6, 4, 100, 0.05)
    assert test.observed() == pytest.approx(both)
    assert test.text == "accuracy >= incumbent - 0.05"


def test_what_both_share_cancels_as_it_does_in_no_test_of_two_samples(make_measured: MakeMeasured) -> None:
    """The same shares without their pairs: an unpaired test shows nothing."""
    new = make_measured("new", [1.0] * 240 + [0.0] * 60)
    old = make_measured("old", [1.0] * 239 + [0.0] * 61)
    assert relative_test(NOT_WORSE, new, old, TASK).observed()[0] < 0.001
    rate = 0.8
    unpaired = stats.norm.sf((1 / 300 + 0.05) / np.sqrt(2 * rate * (1 - rate) / 300))
    assert unpaired > 0.05


def test_failed_trials_count_on_both_sides(make_measured: MakeMeasured) -> None:
    fails = make_measured("new", [None] * 30 + [1.0] * 170)
    steady = make_measured("old", [1.0] * 200)
    assert relative_test(NOT_WORSE, fails, steady, TASK).value == pytest.approx(-0.15)
    assert relative_test(NOT_WORSE, fails, steady, TASK).observed()[1] < 0.001
    assert relative_test(NOT_WORSE, steady, fails, TASK).observed()[0] < 1e-6
    rate = relative_test(versus("failure_rate", at_most=0.01), fails, steady, TASK)
    assert rate.value == pytest.approx(0.15)
    assert rate.observed()[1] < 0.001


def test_an_unknown_score_counts_against_what_would_be_shown(make_measured: MakeMeasured) -> None:
    known, unknown = [1.0] * 180 + [0.0] * 20, [1.0] * 180 + ["error"] * 20
    as_wrong = relative_test(NOT_WORSE, make_measured("new", known), make_measured("old", [1.0] * 200), TASK)
    of_candidate = relative_test(
        NOT_WORSE, make_measured("new", unknown), make_measured("old", [1.0] * 200), TASK
    )
    of_incumbent = relative_test(NOT_WORSE, make_measured("new", known), make_measured("old", unknown), TASK)
    assert of_candidate.observed()[0] == as_wrong.observed()[0]
    assert of_candidate.observed()[1] > 0.5  # as right it would not be worse at all
    assert of_incumbent.observed()[0] == as_wrong.observed()[0]
    assert of_candidate.note == "20 unscored trials counted against either side"


def test_cases_that_only_one_was_asked_count_for_neither(make_measured: MakeMeasured) -> None:
    """The incumbent was spared the 50 hard cases, on which the candidate is always wrong."""
    new = make_measured("new", [1.0] * 150 + [0.0] * 50)
    old = make_measured("old", [1.0] * 150 + ["no_reference"] * 50)
    test = relative_test(NOT_WORSE, new, old, TASK)
    assert test.value == 0.0
    assert test.observed()[0] < 0.01


@pytest.mark.parametrize("groups", [None, np.arange(60) // 3])
def test_graded_scores_are_tested_by_the_paired_t_with_two_pseudo_differences(
    make_measured: MakeMeasured, groups: Sequence[int] | None
) -> None:
    rng = np.random.default_rng(7)
    old = rng.uniform(0.4, 0.9, 60)
    new = old + rng.normal(0.0, 0.05, 60)
    pair = [
        make_measured(name, each.tolist(), binary=False, groups=groups)
        for name, each in (("new", new), ("old", old))
    ]
    test = held(versus(at_least=-0.03), pair)
    units = new - old if groups is None else (new - old).reshape(20, 3).mean(axis=1)
    oracle = stats.ttest_1samp([*units, -1.0, 1.0], -0.03, alternative="greater").pvalue
    assert test.observed()[0] == pytest.approx(oracle, abs=1e-12)


def test_few_cases_without_any_difference_prove_little(make_measured: MakeMeasured) -> None:
    """t without pseudo-differences is certain of it after two cases."""
    alike = [make_measured(name, [0.5] * 12, binary=False) for name in ("new", "old")]
    assert held(versus(at_least=-0.02), alike).observed()[0] > 0.3


def test_a_bar_from_above_mirrors_one_from_below(make_measured: MakeMeasured) -> None:
    rng = np.random.default_rng(1)
    old, new = rng.uniform(0, 1, 50), rng.uniform(0, 1, 50)
    pair = [make_measured(name, each.tolist(), binary=False) for name, each in (("new", new), ("old", old))]
    flipped = [
        make_measured(name, (1 - each).tolist(), binary=False) for name, each in (("new", new), ("old", old))
    ]
    below = held(versus(at_least=-0.1), pair)
    above = held(versus(at_most=0.1), flipped)
    assert below.observed() == pytest.approx(above.observed(), abs=1e-12)
    assert below.value == pytest.approx(-(above.value or 0.0))


def test_weights_that_are_equal_change_little(make_measured: MakeMeasured) -> None:
    rng = np.random.default_rng(2)
    scores = {name: rng.uniform(0, 1, 80).tolist() for name in ("new", "old")}
    plain = [make_measured(name, each, binary=False) for name, each in scores.items()]
    same = [make_measured(name, each, binary=False, weights=[1.0] * 80) for name, each in scores.items()]
    bar = versus(at_least=-0.05)
    assert held(bar, plain).observed() == pytest.approx(held(bar, same).observed())


def test_costs_are_held_against_the_incumbents_by_their_paired_ratio(make_measured: MakeMeasured) -> None:
    rng = np.random.default_rng(4)
    base = rng.lognormal(-6, 1.0, 200)
    new_costs, old_costs = base * rng.uniform(0.8, 1.0, 200), base
    new = make_measured("new", [1.0] * 150 + [0.0] * 50, dollars=new_costs.tolist())
    old = make_measured("old", [1.0] * 150 + [0.0] * 50, dollars=old_costs.tolist())
    test = relative_test(versus("cost_per_success", at_most=1.0), new, old, TASK)
    assert test.value == pytest.approx(new_costs.sum() / old_costs.sum())
    assert test.observed()[0] < 1e-6  # unpaired, the spread of the costs would hide it
    successes = np.repeat([1.0, 0.0], [150, 50])
    ends = paired_ratio_interval((new_costs, successes), (old_costs, successes), level=0.90)
    assert ends is not None
    at_the_end = relative_test(versus("cost_per_success", at_most=ends[1]), new, old, TASK)
    assert at_the_end.observed()[0] == pytest.approx(0.05, abs=1e-9)
    assert test.text == "cost_per_success <= 1 x incumbent"


def test_a_lower_bound_of_a_cost_shows_only_that_it_is_more(make_measured: MakeMeasured) -> None:
    known, bound = (
        make_measured(name, [1.0] * 50, dollars=[0.001, 0.002] * 25, basis=basis)
        for name, basis in (("old", "reported"), ("new", "lower_bound"))
    )
    cheap = relative_test(versus("cost_per_task", at_most=2.0), bound, known, TASK)
    assert cheap.observed()[0] == 1.0
    against_bound = relative_test(versus("cost_per_task", at_most=2.0), known, bound, TASK)
    assert against_bound.observed()[0] < 0.001
    assert relative_test(versus("cost_per_task", at_most=0.5), known, bound, TASK).observed()[1] == 1.0


def test_what_costs_nothing_is_cheaper_and_an_incumbent_that_does_is_no_measure(
    make_measured: MakeMeasured,
) -> None:
    paid, free = make_measured("paid", [1.0] * 40), make_measured("free", [1.0] * 40, dollars=0.0)
    assert relative_test(versus("cost_per_task", at_most=0.5), free, paid, TASK).observed()[0] == 0.0
    against = relative_test(versus("cost_per_task", at_most=0.5), paid, free, TASK)
    assert (against.testable, against.note) == (False, "the incumbent costs nothing, or never succeeds")
    unknown = make_measured("unknown", [1.0] * 40, dollars=None, basis="unknown")
    assert (
        relative_test(versus("cost_per_task", at_most=2.0), unknown, paid, TASK).note == "the cost is unknown"
    )


def test_latencies_are_held_against_the_incumbents_by_their_quantiles(make_measured: MakeMeasured) -> None:
    rng = np.random.default_rng(6)
    times = rng.lognormal(0, 0.5, 600)
    old = make_measured("old", [1.0] * 600, seconds=times.tolist())
    fast, slow = (
        make_measured("new", [1.0] * 600, seconds=(times * factor).tolist()) for factor in (0.8, 1.8)
    )
    bar = versus("latency_p95", at_most=1.2)
    assert relative_test(bar, fast, old, TASK).observed()[0] < 0.01
    assert relative_test(bar, fast, old, TASK).value == pytest.approx(0.8)
    assert relative_test(bar, slow, old, TASK).observed()[1] < 0.05
    assert relative_test(bar, slow, old, TASK).observed()[0] > 0.9
    assert relative_test(versus("latency_p50", at_most=1.0), fast, old, TASK).observed()[0] < 0.01


def test_a_candidate_that_fails_often_is_not_fast(make_measured: MakeMeasured) -> None:
    old = make_measured("old", [1.0] * 600)
    fails = make_measured("new", [None] * 60 + [1.0] * 540, seconds=0.1)
    test = relative_test(versus("latency_p95", at_most=1.2), fails, old, TASK)
    assert test.observed()[0] > 0.9
    assert test.note == "60 failed trials count as too slow"


def test_too_few_replies_for_a_quantile_ask_for_more(make_measured: MakeMeasured) -> None:
    rng = np.random.default_rng(6)
    new, old = (
        make_measured(name, [1.0] * 80, seconds=(rng.lognormal(0, 0.3, 80) * by).tolist())
        for name, by in (("new", 1.0), ("old", 1.0))
    )
    test = relative_test(versus("latency_p95", at_most=1.2), new, old, TASK)
    assert test.observed()[0] > 0.05
    assert 20 < (test.more(0.05) or 0) < 2000


def test_the_incumbent_meets_every_margin_over_itself_and_beats_itself_in_none(
    make_measured: MakeMeasured,
) -> None:
    old = make_measured("old", [1.0] * 20 + [0.0] * 20)
    assert relative_test(NOT_WORSE, old, old, TASK).observed() == (0.0, 1.0)
    assert relative_test(versus(at_least=0.01), old, old, TASK).observed() == (1.0, 0.0)
    assert relative_test(versus("latency_p95", at_most=1.0), old, old, TASK).observed() == (0.0, 1.0)


def test_without_trials_of_the_incumbent_nothing_is_shown(make_measured: MakeMeasured) -> None:
    new, old = make_measured("new", [1.0] * 40), make_measured("old", ["no_reference"] * 40)
    assert relative_test(NOT_WORSE, new, None, TASK).note == "the incumbent is not among those compared"
    test = relative_test(NOT_WORSE, new, old, TASK)
    assert (test.testable, test.note) == (False, "no case was asked of both it and the incumbent")


def test_a_months_cost_is_refused_with_a_sentence(make_measured: MakeMeasured) -> None:
    new, old = make_measured("new", [1.0] * 40), make_measured("old", [1.0] * 40)
    test = relative_test(versus("cost_per_month", at_most=1.0), new, old, TASK)
    assert not test.testable
    assert "take cost_per_task" in (test.note or "")


class _World:
    """Two candidates drawn over 120 cases, as they are on any choice of these."""

    n = 120

    def __init__(self, make_measured: MakeMeasured, shape: str) -> None:
        rng = np.random.default_rng(5)
        self.make, self.shape = make_measured, shape
        self.weights = rng.uniform(0.5, 2.0, self.n)
        self.drawn = {
            name: ([self._score(draw) for draw in rng.random(self.n)], rng.exponential(0.6, self.n))
            for name in ("new", "old")
        }
        self.dollars = rng.uniform(0.001, 0.004, self.n)

    def _score(self, draw: float) -> float | None:
        if draw > 0.95:
            return None
        return min(1.0, 1.5 * draw) if self.shape == "graded" else float(draw < 0.8)

    def pair(self, taken: IntArray) -> list[Measured]:
        return [
            self.make(
                name,
                [scores[place] for place in taken],
                seconds=seconds[taken].tolist(),
                dollars=(self.dollars[taken] * seconds[taken]).tolist(),
                binary=self.shape != "graded",
                groups=np.arange(len(taken)) // 2 if self.shape == "grouped" else None,
                weights=self.weights[taken] if self.shape == "weighted" else None,
            )
            for name, (scores, seconds) in self.drawn.items()
        ]

    def redrawn(self) -> list[IntArray]:
        units = self.n // 2 if self.shape == "grouped" else self.n
        rows = np.random.default_rng(6).multinomial(units, [1 / units] * units, size=3)
        drawn = [np.repeat(np.arange(units), row) for row in rows]
        return [np.add.outer(each * 2, [0, 1]).ravel() if self.shape == "grouped" else each for each in drawn]


@pytest.mark.parametrize(
    "bar",
    [
        versus(at_least=-0.05),
        versus("failure_rate", at_most=0.05),
        versus("latency_p95", at_most=1.3),
        versus("cost_per_success", at_most=1.3),
        versus("cost_per_task", at_most=1.3),
    ],
)
@pytest.mark.parametrize("shape", ["plain", "grouped", "weighted", "graded"])
def test_a_resample_says_what_its_cases_say_alone(make_measured: MakeMeasured, bar: Bar, shape: str) -> None:
    """Times to compare at and effective sizes are those of the cases as they are, so that these differ a little."""
    world = _World(make_measured, shape)
    test = held(bar, world.pair(np.arange(world.n)))
    assert test.testable
    for taken in world.redrawn():
        counts = np.bincount(taken, minlength=world.n).astype(float)
        there, alone = test.p_values(counts @ test.columns)[0], held(bar, world.pair(taken)).observed()[0]
        assert float(there) == pytest.approx(alone, abs=0.15 if bar.metric == "latency_p95" else 0.02)


def test_the_share_of_resamples_knows_bars_against_the_incumbent(make_measured: MakeMeasured) -> None:
    def share(new: Measured, old: Measured) -> float:
        tests = (relative_test(NOT_WORSE, new, old, TASK),)
        return leading([Contender(measured=new, tests=tests)], Success(metric="accuracy"), 0.05)[0].share

    old = make_measured("old", [1.0] * 160 + [0.0] * 40)
    assert share(make_measured("new", [1.0] * 160 + [0.0] * 40), old) == 1.0
    assert share(make_measured("new", [1.0] * 150 + [0.0] * 50), old) < 0.2


def _settles(test: BarTest, level: float = 0.05) -> int:
    more = test.more(level)
    assert more is not None
    return more


def test_more_cases_are_those_that_show_it_with_80_percent_power(make_measured: MakeMeasured) -> None:
    """One at +0 points, margin 5, discordance 20%: 495 cases in all (METHODS); the test that needs none has none."""
    new = make_measured("new", [1.0] * 70 + [0.0] * 10 + [1.0] * 10 + [0.0] * 10)
    old = make_measured("old", [1.0] * 70 + [1.0] * 10 + [0.0] * 10 + [0.0] * 10)
    assert _settles(relative_test(NOT_WORSE, new, old, TASK)) + 100 == pytest.approx(495, rel=0.05)
