from collections.abc import Callable

import numpy as np
import pytest

from passmuster.decide.bars import bar_test
from passmuster.decide.measured import Measured
from passmuster.decide.verdicts import Contender, judge
from passmuster.records.decision import HOPELESS
from passmuster.records.task import Bar, MetricSpec, Task

MakeMeasured = Callable[..., Measured]
TASK = Task(name="t", metrics=(MetricSpec(name="accuracy", kind="exact_match"),))
BAR = Bar(metric="accuracy", at_least=0.85)


def _contender(measured: Measured, *bars: Bar, eligible: bool = True) -> Contender:
    tests = tuple(bar_test(bar, measured, TASK) for bar in bars or (BAR,))
    return Contender(measured=measured, tests=tests, eligible=eligible)


def _scores(right: int, n: int) -> list[float]:
    return [1.0] * right + [0.0] * (n - right)


def test_clearly_above_passes_clearly_below_fails_and_near_is_undecided(make_measured: MakeMeasured) -> None:
    contenders = [
        _contender(make_measured(name, _scores(right, 300)))
        for name, right in (("high", 285), ("near", 262), ("low", 200))
    ]
    verdicts = [judged.verdict.status for judged in judge(contenders, 0.05)]
    assert verdicts == ["pass", "undecided", "fail"]


def test_one_missed_bar_fails_whatever_the_others_say(make_measured: MakeMeasured) -> None:
    slow = make_measured("slow", _scores(300, 300), seconds=[9.0] * 300)
    judged = judge([_contender(slow, BAR, Bar(metric="latency_p95", at_most=1.5))], 0.05)[0]
    assert judged.verdict.status == "fail"
    assert judged.verdict.reason == "misses latency_p95 <= 1.5 s (9 s)"


def test_a_candidate_passes_by_its_worst_bar(make_measured: MakeMeasured) -> None:
    measured = make_measured("a", _scores(290, 300))
    bars = (Bar(metric="accuracy", at_least=0.9), Bar(metric="latency_p95", at_most=1.5))
    judged = judge([_contender(measured, *bars)], 0.05)[0]
    assert judged.verdict.p == max(check.p for check in judged.checks if check.p is not None)


def test_the_same_candidate_needs_more_among_many(make_measured: MakeMeasured) -> None:
    good = make_measured("good", _scores(267, 300))
    others = [_contender(make_measured(f"other {index}", _scores(255, 300))) for index in range(13)]
    assert judge([_contender(good)], 0.05)[0].verdict.status == "pass"
    assert judge([_contender(good), *others], 0.05)[0].verdict.status == "undecided"


def test_after_stops_each_is_tested_at_its_share_of_alpha_however_few_are_left(
    make_measured: MakeMeasured,
) -> None:
    """p is .028: enough alone, and too much as one of five, of which the others have no p-value."""
    good = _contender(make_measured("good", _scores(267, 300)))
    alone, one_of_five = (judge([good], 0.05, family)[0] for family in (1, 5))
    assert alone.verdict.status == "pass"
    assert one_of_five.verdict.status == "undecided"
    assert one_of_five.checks[0].status == "undecided"
    assert one_of_five.verdict.adjusted_p == pytest.approx(5 * (one_of_five.verdict.p or 0))


def test_naming_finalists_makes_the_family_smaller(make_measured: MakeMeasured) -> None:
    good = _contender(make_measured("good", _scores(267, 300)))
    rest = [_contender(make_measured(f"o{index}", _scores(255, 300)), eligible=False) for index in range(13)]
    judged = judge([good, *rest], 0.05)
    assert judged[0].verdict.status == "pass"
    assert judged[1].verdict.reason == "is not among the finalists"


def test_an_undecided_reason_says_how_many_more_cases(make_measured: MakeMeasured) -> None:
    judged = judge([_contender(make_measured("near", _scores(262, 300)))], 0.05)[0]
    assert judged.verdict.more_cases is not None
    assert f"{judged.verdict.more_cases:,} more cases" in judged.verdict.reason


def test_a_rate_on_its_bar_is_too_close_to_tell_and_needs_no_millions(make_measured: MakeMeasured) -> None:
    judged = judge([_contender(make_measured("near", _scores(1701, 2000)))], 0.05)[0]
    assert (judged.verdict.more_cases or 0) > HOPELESS
    assert judged.verdict.reason == "accuracy >= 0.85 (0.851): too close to tell"


@pytest.mark.slow
def test_over_five_candidates_just_under_the_bar_a_pass_is_rare(make_measured: MakeMeasured) -> None:
    """100 repetitions through the real code; at a true 5% more than 12 has a chance below 0.002."""
    rng = np.random.default_rng(11)
    false_pass = naive = 0
    for _ in range(100):
        counts = rng.binomial(300, 0.849, size=5)
        contenders = [_contender(make_measured(str(i), _scores(int(k), 300))) for i, k in enumerate(counts)]
        false_pass += any(judged.verdict.status == "pass" for judged in judge(contenders, 0.05))
        naive += bool((counts >= 255).any())
    assert false_pass <= 12
    assert naive > 50


def test_more_cases_are_counted_at_the_level_that_the_family_asks_for(make_measured: MakeMeasured) -> None:
    near = make_measured("near", _scores(262, 300))
    others = [_contender(make_measured(f"other {index}", _scores(255, 300))) for index in range(4)]
    alone, among = (
        judge(group, 0.05)[0].verdict for group in ([_contender(near)], [_contender(near), *others])
    )
    assert alone.more_cases is not None
    assert among.more_cases is not None
    assert among.more_cases > 1.3 * alone.more_cases


def test_one_shown_miss_would_settle_a_verdict_so_the_smaller_number_counts(
    make_measured: MakeMeasured,
) -> None:
    measured = make_measured("a", _scores(250, 300), seconds=[0.5] * 282 + [9.0] * 18)
    bars = (Bar(metric="accuracy", at_least=0.85), Bar(metric="latency_p95", at_most=1.5))
    judged = judge([_contender(measured, *bars)], 0.05)[0]
    numbers = [check.more_cases for check in judged.checks]
    assert None not in numbers
    assert numbers[0] != numbers[1]
    assert judged.verdict.more_cases == min(number for number in numbers if number is not None)


def test_to_pass_every_open_bar_must_be_settled_so_the_larger_number_counts(
    make_measured: MakeMeasured,
) -> None:
    measured = make_measured("a", _scores(262, 300), seconds=[0.5] * 287 + [9.0] * 13)
    bars = (Bar(metric="accuracy", at_least=0.85), Bar(metric="latency_p95", at_most=1.5))
    judged = judge([_contender(measured, *bars)], 0.05)[0]
    numbers = [check.more_cases for check in judged.checks]
    assert numbers[0] != numbers[1]
    assert judged.verdict.more_cases == max(number for number in numbers if number is not None)
