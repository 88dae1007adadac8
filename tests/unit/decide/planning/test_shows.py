"""What cases can show, and how many a question needs."""

from collections.abc import Callable

import pytest

from passmuster.decide.bars import bar_test
from passmuster.decide.measured import Measured
from passmuster.decide.planning.shows import (
    agreement_of,
    bar_plans,
    discordance_of,
    margin_plans,
    needs_of_pilot,
    needs_of_stated,
)
from passmuster.decide.planning.stated import reading_of
from passmuster.decide.verdicts import Contender
from passmuster.records.task import Bar, MetricSpec, Task
from passmuster.stats.paired_power import noninferiority_cases, paired_cases
from passmuster.stats.power import cases_to_fail, cases_to_pass, rate_to_pass

MakeMeasured = Callable[..., Measured]
TASK = Task(name="t", metrics=(MetricSpec(name="accuracy", kind="exact_match"),))
SHARES = frozenset({"accuracy"})


def test_the_figures_that_pass_are_those_of_the_exact_test_at_each_level() -> None:
    found = bar_plans([(Bar(metric="accuracy", at_least=0.70), 200.7)], SHARES, 14, 0.05)[0]
    assert found.among_all == rate_to_pass(200, 0.70, 0.05 / 14)
    assert found.among_finalists == rate_to_pass(200, 0.70, 0.05 / 3)
    assert found.alone == rate_to_pass(200, 0.70, 0.05)


def test_a_bar_from_above_is_shown_in_its_own_direction_and_one_on_times_as_a_share() -> None:
    bars = [Bar(metric="failure_rate", at_most=0.05), Bar(metric="latency_p95", at_most=1.5)]
    failures, times = bar_plans([(bar, 300) for bar in bars], SHARES, 1, 0.05)
    rate = rate_to_pass(300, 0.95, 0.05)
    assert rate is not None
    assert failures.alone == pytest.approx(1 - rate)
    assert times.alone == rate
    assert (failures.within, times.within) == (False, True)


def test_a_bar_that_no_candidate_can_be_shown_to_meet_says_how_many_cases_it_takes() -> None:
    found = bar_plans([(Bar(metric="failure_rate", at_most=0.01), 200)], SHARES, 1, 0.05)[0]
    assert (found.among_all, found.alone) == (None, None)
    assert found.least_cases == cases_to_pass(1 - 1e-9, 0.99) == 299


def test_bars_on_no_share_of_the_cases_are_left_out() -> None:
    bars = [
        Bar(metric="cost_per_task", at_most=0.1),
        Bar(metric="accuracy", at_least=-0.02, versus="incumbent"),
        Bar(metric="words", at_most=80),
    ]
    assert bar_plans([(bar, 200) for bar in bars], SHARES, 3, 0.05) == ()


def test_a_bar_on_a_slice_rests_on_the_cases_of_the_slice_and_one_without_cases_is_never_met() -> None:
    bar = Bar(metric="accuracy", at_least=0.6, slice="edge")
    some, none = bar_plans([(bar, 40), (bar, 0)], SHARES, 3, 0.05)
    assert (some.cases, some.alone, some.least_cases) == (40, rate_to_pass(40, 0.6, 0.05), 9)
    assert (none.cases, none.among_all, none.alone) == (0, None, None)


def test_the_discordance_is_the_median_over_the_pairs_with_that_pairs_interval(
    make_measured: MakeMeasured,
) -> None:
    base = [1.0] * 80 + [0.0] * 20
    other = [1.0] * 70 + [0.0] * 30
    far = [0.0] * 40 + [1.0] * 40 + [0.0] * 20
    pilot = [make_measured(name, row) for name, row in (("a", base), ("b", other), ("c", far))]
    found = discordance_of(pilot, "accuracy", 500)
    assert found.value == pytest.approx(41 / 102)
    assert found.known == "pilot"
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.40 < found.high
    assert found.difference is not None
    assert paired_cases(found.difference, found.value) == pytest.approx(500, abs=1)


def test_without_a_pair_the_usual_discordance_is_taken(make_measured: MakeMeasured) -> None:
    found = discordance_of([make_measured("a", [1.0] * 10)], "accuracy", 500)
    assert (found.value, found.known, found.low) == (0.2, "nothing", None)


def test_margins_ask_for_paired_cases_and_against_the_incumbent_for_non_inferiority() -> None:
    usual = discordance_of([], "accuracy", 200)
    bars = [Bar(metric="accuracy", at_least=-0.02, versus="incumbent"), Bar(metric="accuracy", at_least=0.7)]
    worth, relative = margin_plans(0.05, bars, SHARES, usual)
    assert (worth.cases, relative.cases) == (paired_cases(0.05, 0.2), noninferiority_cases(0.02, 0.2))
    assert relative.what == "accuracy >= incumbent - 0.02, by an equally good candidate"


def test_a_pilots_needs_have_an_interval_that_ends_open_where_the_bar_lies_in_it(
    make_measured: MakeMeasured,
) -> None:
    bars = (Bar(metric="accuracy", at_least=0.70), Bar(metric="latency_p95", at_most=1.5))
    measured = make_measured("a", [1.0] * 75 + [0.0] * 25, seconds=[0.5] * 60 + [9.0] * 40)
    made = Contender(measured=measured, tests=tuple(bar_test(bar, measured, TASK) for bar in bars))
    good, slow = needs_of_pilot(made, 0.05, 4)
    assert (good.shows, good.cases) == ("meets", cases_to_pass(0.75, 0.70, 0.05 / 4))
    assert good.low is not None
    assert good.low < (good.cases or 0)
    assert good.high is None
    assert (slow.shows, slow.value, slow.within) == ("misses", 0.60, True)
    assert slow.cases == cases_to_fail(0.60, 0.95, 0.05)
    assert slow.cases is not None
    assert slow.low is not None
    assert slow.high is not None
    assert slow.low <= slow.cases <= slow.high


def test_what_is_stated_needs_cases_without_an_interval() -> None:
    bars = [Bar(metric="accuracy", at_least=0.70), Bar(metric="failure_rate", at_most=0.05)]
    readings = [reading_of(bar, {"accuracy": 0.60}, SHARES) for bar in bars]
    (found,) = needs_of_stated("a", bars, readings, 0.05, 4)
    assert (found.shows, found.cases, found.low, found.high) == (
        "misses",
        cases_to_fail(0.60, 0.70, 0.05),
        None,
        None,
    )


def test_agreement_is_the_mean_correlation_and_nothing_without_two_that_vary(
    make_measured: MakeMeasured,
) -> None:
    row = [1.0, 0.0] * 20
    same = [make_measured(name, row) for name in ("a", "b")]
    assert agreement_of(same, "accuracy") == pytest.approx(1.0)
    assert agreement_of([same[0], make_measured("c", [1.0] * 40)], "accuracy") is None
    opposite = make_measured("d", [1 - value for value in row])
    assert agreement_of([same[0], opposite], "accuracy") == 0.0


def test_stated_rates_say_the_discordance_where_there_is_no_pilot() -> None:
    """Of two equal rates p it is 2 p (1 - p) (1 - 0.7); of 1 and 0 all cases are discordant."""
    equal = discordance_of([], "accuracy", 200, [0.75, 0.75])
    assert (equal.known, equal.low) == ("stated", None)
    assert equal.value == pytest.approx(2 * 0.75 * 0.25 * 0.3)
    assert discordance_of([], "accuracy", 200, [1.0, 0.0]).value == pytest.approx(1.0)
    assert discordance_of([], "accuracy", 200, [0.75]).known == "nothing"
