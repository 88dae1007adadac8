"""Runs drawn from a pilot: what was asked stands, the rest is like it, and a small pilot knows little."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from passmuster.decide.bars import bar_test
from passmuster.decide.measured import Measured
from passmuster.decide.planning.chance import chance_of_decision
from passmuster.decide.planning.drawn import Drawn
from passmuster.decide.planning.pilot import PilotForecast, pilot_cases
from passmuster.decide.requirements import requirement_checks
from passmuster.decide.verdicts import Contender, judge
from passmuster.records.candidate import Candidate
from passmuster.records.task import Bar, MetricSpec, Requirement, Success, Task
from passmuster.stats.intervals import binomial_p_greater

MakeMeasured = Callable[..., Measured]
TASK = Task(name="t", metrics=(MetricSpec(name="accuracy", kind="exact_match"),))
GOOD = Bar(metric="accuracy", at_least=0.70)
FAST = Bar(metric="latency_p95", at_most=1.5)


def contender(measured: Measured, *bars: Bar) -> Contender:
    return Contender(measured=measured, tests=tuple(bar_test(bar, measured, TASK) for bar in bars or (GOOD,)))


def scores(right: int, n: int) -> list[float | str | None]:
    return [1.0 if (index * right) % n < right else 0.0 for index in range(n)]


def runs(contenders: Sequence[Contender], cases: int, repetitions: int = 2000) -> Drawn:
    forecast = PilotForecast(contenders=tuple(contenders), success=Success(metric="accuracy"))
    return forecast.draw(cases, repetitions, np.random.default_rng(8))


def test_with_no_case_left_to_ask_the_runs_are_the_verdict(make_measured: MakeMeasured) -> None:
    made = [contender(make_measured(name, scores(right, 200))) for name, right in (("a", 165), ("b", 145))]
    found = runs(made, 200, 5)
    assert found.p == pytest.approx(np.tile([item.tests[0].observed()[0] for item in made], (5, 1)))
    passing = {each.name: each.share for each in chance_of_decision(found, 0.05).passing}
    assert passing == {
        each.contender.name: 1.0 for each in judge(made, 0.05) if each.verdict.status == "pass"
    }


def test_a_run_smaller_than_its_pilot_is_drawn_and_not_read_off_it(make_measured: MakeMeasured) -> None:
    """74% of 1,000 at a bar of 70%: these pass for certain, 200 such cases in about one of three runs."""
    made = [contender(make_measured("a", scores(740, 1000)))]
    whole, few = (chance_of_decision(runs(made, cases), 0.05).decided for cases in (1000, 200))
    assert whole == 1.0
    needed = next(k for k in range(201) if binomial_p_greater(float(k), 200.0, 0.70) <= 0.05)
    assert few == pytest.approx(binomial_p_greater(float(needed), 200.0, 0.74), abs=0.06)


def test_a_larger_pilot_of_the_same_rate_is_surer(make_measured: MakeMeasured) -> None:
    """The same observed 78%, a thousand cases in all: the more is known, the further from one half the chance is."""
    chances = [
        chance_of_decision(
            runs([contender(make_measured("a", scores(round(0.78 * n), n)))], 1000), 0.05
        ).decided
        for n in (50, 200, 500)
    ]
    assert chances == sorted(chances)
    assert chances[0] < 0.95
    assert chances[-1] > 0.99


def test_a_pilot_without_a_fault_does_not_promise_that_there_is_none(make_measured: MakeMeasured) -> None:
    strict = Bar(metric="accuracy", at_least=0.97)
    found = chance_of_decision(runs([contender(make_measured("a", [1.0] * 30), strict)], 400), 0.05)
    assert 0.3 < found.decided < 0.9


def test_the_best_of_many_equal_ones_is_drawn_towards_their_mean(make_measured: MakeMeasured) -> None:
    """Twelve candidates that differ only by luck: the lucky one is not taken for what it seems."""
    rng = np.random.default_rng(12)
    many = [
        contender(make_measured(f"c{index}", list(map(float, rng.random(60) < 0.70)))) for index in range(12)
    ]
    best = max(many, key=lambda item: item.tests[0].value or 0.0)
    together = chance_of_decision(runs(many, 400), 0.05)
    alone = chance_of_decision(runs([best], 400), 0.05 / 12)
    share = next((each.share for each in together.passing if each.name == best.name), 0.0)
    assert share < 0.6 * alone.decided


def test_candidates_that_truly_differ_are_hardly_drawn_together(make_measured: MakeMeasured) -> None:
    made = [contender(make_measured(f"c{right}", scores(right, 100))) for right in (20, 40, 60, 95)]
    found = chance_of_decision(runs(made, 300), 0.05)
    assert next(each.share for each in found.passing if each.name == "c95") > 0.99


def test_groups_are_drawn_whole(make_measured: MakeMeasured) -> None:
    groups = [index // 10 for index in range(200)]
    clustered = [1.0 if group % 4 else 0.0 for group in groups]
    plain = runs([contender(make_measured("a", clustered))], 400)
    whole = runs([contender(make_measured("a", clustered, groups=groups))], 400)
    assert whole.prices.std() > 2 * plain.prices.std()
    assert np.median(whole.p) > np.median(plain.p)
    assert chance_of_decision(whole, 0.05).decided < chance_of_decision(plain, 0.05).decided


def test_cases_with_weights_are_drawn_with_them(make_measured: MakeMeasured) -> None:
    weights = [1.9 if index % 2 else 0.1 for index in range(100)]
    right = [1.0 if index % 2 else 0.0 for index in range(100)]
    found = chance_of_decision(runs([contender(make_measured("a", right, weights=weights))], 400), 0.05)
    assert found.decided > 0.95


def test_a_candidate_that_was_asked_more_keeps_what_it_has(make_measured: MakeMeasured) -> None:
    """The second was asked 100 of 200 cases, and says so: the first has nothing left to ask."""
    unasked: list[float | str | None] = ["not recorded"] * 100
    first = contender(make_measured("a", scores(165, 200)))
    second = contender(make_measured("b", [*scores(80, 100), *unasked]))
    assert second.measured.present.sum() in (100, 200)
    found = runs([first, second], 200, 20)
    assert np.ptp(found.p[:, 0]) == 0.0


def test_the_price_of_a_success_follows_the_draws(make_measured: MakeMeasured) -> None:
    found = runs([contender(make_measured("a", scores(80, 100), dollars=0.01))], 200)
    assert found.prices.mean() == pytest.approx(0.01 / 0.8, rel=0.05)
    unpriced = runs([contender(make_measured("a", scores(80, 100), basis="unknown"))], 200, 3)
    assert np.isinf(unpriced.prices).all()


def test_a_missed_requirement_is_a_fail_and_an_undeclared_one_never_a_pass(
    make_measured: MakeMeasured,
) -> None:
    made = contender(make_measured("a", scores(95, 100)))
    asked = [Requirement(attribute="region", one_of=("eu",))]
    silent = requirement_checks(Candidate(name="a", provider="openai"), asked, "2026-11-22")
    undeclared = Contender(measured=made.measured, tests=made.tests, requirements=silent)
    assert chance_of_decision(runs([made], 200), 0.05).decided > 0.99
    assert chance_of_decision(runs([undeclared], 200), 0.05).decided == 0.0


def test_every_bar_must_be_met(make_measured: MakeMeasured) -> None:
    slow = make_measured("a", scores(95, 100), seconds=[0.5] * 90 + [9.0] * 10)
    assert chance_of_decision(runs([contender(slow, GOOD)], 200), 0.05).decided > 0.99
    assert chance_of_decision(runs([contender(slow, GOOD, FAST)], 200), 0.05).decided < 0.02


def test_without_a_common_case_nothing_can_be_drawn() -> None:
    assert pilot_cases([]) == 0
    with pytest.raises(ValueError, match="at least one case"):
        runs([], 100)
