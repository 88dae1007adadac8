from collections.abc import Callable

import pytest

from passmuster.decide.bars import bar_test
from passmuster.decide.measured import Measured
from passmuster.decide.resampling import leading
from passmuster.decide.verdicts import Contender
from passmuster.records.task import Bar, MetricSpec, Success, Task

MakeMeasured = Callable[..., Measured]
TASK = Task(name="t", metrics=(MetricSpec(name="accuracy", kind="exact_match"),))
BAR = Bar(metric="accuracy", at_least=0.8)
SUCCESS = Success(metric="accuracy")


def _contender(measured: Measured) -> Contender:
    return Contender(measured=measured, tests=(bar_test(BAR, measured, TASK),))


def _scores(right: int, n: int = 200) -> list[float]:
    return [1.0] * right + [0.0] * (n - right)


def test_the_share_is_that_of_the_rule_itself_holm_included(make_measured: MakeMeasured) -> None:
    near = _contender(make_measured("near", _scores(172)))
    others = [_contender(make_measured(f"poor {index}", _scores(150), dollars=9.0)) for index in range(9)]
    alone = {item.name: item.share for item in leading([near], SUCCESS, 0.05)}
    among = {item.name: item.share for item in leading([near, *others], SUCCESS, 0.05)}
    assert 0.5 < alone["near"] < 0.9
    assert among["near"] < alone["near"] - 0.2


def test_the_cheaper_of_two_that_pass_is_chosen_in_each_resample(make_measured: MakeMeasured) -> None:
    cheap = _contender(make_measured("cheap", _scores(196), dollars=0.001))
    dear = _contender(make_measured("dear", _scores(198), dollars=0.01))
    assert [(item.name, item.share) for item in leading([dear, cheap], SUCCESS, 0.05)] == [("cheap", 1.0)]


def test_where_no_resample_chooses_anyone_the_smallest_p_value_leads(make_measured: MakeMeasured) -> None:
    worse, better = (
        _contender(make_measured(name, _scores(right))) for name, right in (("worse", 90), ("better", 110))
    )
    assert [(item.name, item.share) for item in leading([worse, better], SUCCESS, 0.05)] == [("better", 0.0)]


def test_the_same_cases_give_the_same_shares(make_measured: MakeMeasured) -> None:
    near = _contender(make_measured("near", _scores(172)))
    assert leading([near], SUCCESS, 0.05) == leading([near], SUCCESS, 0.05)


def test_whole_groups_are_drawn_where_cases_are_grouped(make_measured: MakeMeasured) -> None:
    scores = _scores(172)
    grouped = _contender(make_measured("near", scores, groups=[index // 10 for index in range(200)]))
    single = _contender(make_measured("near", scores))
    assert leading([grouped], SUCCESS, 0.05)[0].share < leading([single], SUCCESS, 0.05)[0].share - 0.1


@pytest.mark.parametrize("basis", ["unknown", "lower_bound"])
def test_a_price_that_is_not_known_wins_in_no_resample(make_measured: MakeMeasured, basis: str) -> None:
    dollars = None if basis == "unknown" else 0.0001
    vague = _contender(make_measured("vague", _scores(199), dollars=dollars, basis=basis))
    known = _contender(make_measured("known", _scores(198), dollars=5.0))
    assert [item.name for item in leading([vague, known], SUCCESS, 0.05)] == ["known"]
