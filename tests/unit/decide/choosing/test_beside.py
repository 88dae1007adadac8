"""The decision where the weights choose, and what a comparison says beside it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from passmuster.decide.measured import Measured
from passmuster.records.candidate import Attribute, Infrastructure, Upkeep
from passmuster.records.comparison import Comparison
from passmuster.records.task import Bar, CostModel, Dimension, Requirement

MakeMeasured = Callable[..., Measured]
MakeComparison = Callable[..., Comparison]

QUALITY = (Dimension(metric="accuracy", weight=1, best=1.0, worst=0.0),)
BOTH = (
    Dimension(metric="accuracy", weight=1, best=1.0, worst=0.0),
    Dimension(metric="cost_per_task", weight=1, best=0.0, worst=0.1),
)


def _scores(seed: int, right: int, n: int = 400) -> list[float]:
    return list(np.random.default_rng(seed).permutation([1.0] * right + [0.0] * (n - right)))


@pytest.fixture
def three(make_measured: MakeMeasured) -> tuple[Measured, ...]:
    """A cheap one, a good one and one that fails its bar although it is the cheapest."""
    return (
        make_measured("cheap", _scores(1, 280), dollars=0.010),
        make_measured("good", _scores(2, 370), dollars=0.030),
        make_measured("poor", _scores(3, 120), dollars=0.001),
    )


def test_weights_alone_change_no_decision(compared: MakeComparison, three: tuple[Measured, ...]) -> None:
    plain, weighed = compared(*three), compared(*three, weights=QUALITY)
    assert weighed.decision == plain.decision
    assert plain.decision.chosen == "cheap"
    assert weighed.choice is not None
    assert weighed.choice.weighing is not None
    assert (weighed.choice.weighing.best, weighed.choice.weighing.decides) == ("good", False)


def test_where_the_weights_choose_the_best_of_those_that_pass_is_chosen(
    compared: MakeComparison, three: tuple[Measured, ...]
) -> None:
    decision = compared(*three, weights=QUALITY, choose="weights").decision
    assert (decision.status, decision.chosen, decision.passing) == ("decided", "good", ("good", "cheap"))
    assert decision.reason.startswith(
        "good is the best by weight of the 2 candidates shown to meet every bar"
    )
    assert decision.runner_up is not None
    assert decision.runner_up.name == "cheap"
    assert decision.ties == ()


def test_weights_help_nobody_over_a_bar(compared: MakeComparison, three: tuple[Measured, ...]) -> None:
    cost = (Dimension(metric="cost_per_task", weight=1),)
    found = compared(*three, weights=cost, choose="weights")
    assert found.decision.chosen == "cheap"
    assert found.choice is not None
    assert found.choice.weighing is not None
    assert {row.name: row.place for row in found.choice.weighing.ranking} == {
        "cheap": 1,
        "good": 2,
        "poor": None,
    }


def test_a_lead_within_noise_is_said_with_the_decision(
    compared: MakeComparison, make_measured: MakeMeasured
) -> None:
    made = [make_measured(name, _scores(seed, right)) for name, seed, right in (("a", 1, 350), ("b", 2, 347))]
    decision = compared(*made, weights=QUALITY, choose="weights").decision
    assert (decision.chosen, decision.ties) == ("a", ("b",))
    assert "Its lead over b is within noise." in decision.reason


def test_the_leading_one_is_by_weight_too(compared: MakeComparison, make_measured: MakeMeasured) -> None:
    """Both are near their bar: by cost the first would lead in nearly all resamples in which both pass."""
    made = [
        make_measured(name, _scores(seed, right), dollars=price)
        for name, seed, right, price in (("cheap", 1, 300, 0.001), ("good", 2, 372, 0.05))
    ]
    bars = (Bar(metric="accuracy", at_least=0.70),)
    by_cost, by_weight = (
        {each.name: each.share for each in found.decision.leading}
        for found in (
            compared(*made, bars=bars),
            compared(*made, bars=bars, weights=QUALITY, choose="weights"),
        )
    )
    assert by_cost["cheap"] > 0.5
    assert by_weight["good"] == 1.0
    assert "cheap" not in by_weight


def test_what_would_change_a_choice_by_weight_is_a_weight(
    compared: MakeComparison, three: tuple[Measured, ...]
) -> None:
    found = compared(*three, weights=BOTH, choose="weights")
    assert found.decision.chosen == "good"
    assert found.choice is not None
    assert {point.what for point in found.choice.turning} == {"weight"}
    (point,) = [each for each in found.choice.turning if each.of == "cost_per_task"]
    for share, chosen in ((point.at + 1e-9, "cheap"), (point.at - 1e-9, "good")):
        weights = (replace(BOTH[0], weight=1 - share), replace(BOTH[1], weight=share))
        assert compared(*three, weights=weights, choose="weights").decision.chosen == chosen


def test_who_lacks_a_figure_is_not_chosen_by_weight(
    compared: MakeComparison, make_measured: MakeMeasured
) -> None:
    made = [
        make_measured("priced", _scores(1, 280)),
        make_measured("unpriced", _scores(2, 390), dollars=None, basis="unknown"),
    ]
    decision = compared(*made, weights=BOTH, choose="weights").decision
    assert (decision.chosen, decision.passing) == ("priced", ("priced", "unpriced"))


def _kept_up(item: Measured, upkeep: Upkeep) -> Measured:
    return replace(item, candidate=replace(item.candidate, upkeep=upkeep))


def test_upkeep_turns_the_choice_at_the_volume_at_which_it_is_earned(
    compared: MakeComparison, make_measured: MakeMeasured
) -> None:
    """$600 a month over $0.03 - $0.01 a task: 30,000 tasks."""
    tuned = _kept_up(make_measured("tuned", _scores(1, 300), dollars=0.01), Upkeep(once=7200, months=12))
    api = make_measured("api", _scores(2, 300), dollars=0.03)
    few, many = (compared(tuned, api, cost=CostModel(monthly_volume=volume)) for volume in (10_000, 100_000))
    for found, told in (
        (few, "At today's 10,000 tasks a month api costs less than tuned, machines and upkeep counted;"),
        (
            many,
            "At fewer than 30,000 tasks a month api costs less, machines and upkeep counted (now 100,000).",
        ),
    ):
        assert found.decision.chosen == "tuned"
        assert found.choice is not None
        (point,) = [each for each in found.choice.turning if each.what == "volume"]
        assert point.at == pytest.approx(30_000, abs=1e-6)
        assert point.sentence.startswith(told)
        assert found.break_even is not None
        assert found.break_even.points[0].volume == pytest.approx(30_000, abs=1e-6)
        months = {row.name: row.cost.per_month for row in found.candidates}
        costs = found.break_even.costs
        assert found.break_even.volume is not None
        near = int(np.argmin(np.abs(np.array(found.break_even.volumes) - found.break_even.volume)))
        for name, month in months.items():
            assert month is not None
            line = np.interp(
                found.break_even.volume,
                found.break_even.volumes[near - 1 : near + 2],
                costs[name][near - 1 : near + 2],
            )
            assert line == pytest.approx(month.value, rel=1e-9)


def test_who_fails_a_bar_is_no_choice_at_any_volume(
    compared: MakeComparison, make_measured: MakeMeasured, three: tuple[Measured, ...]
) -> None:
    own = make_measured("own", _scores(5, 360), dollars=0.0)
    machine = Infrastructure(hourly=1.0, tasks_per_hour=1000.0)
    own = replace(own, candidate=replace(own.candidate, infrastructure=machine))
    lost = make_measured("lost", _scores(6, 100), dollars=0.0)
    lost = replace(lost, candidate=replace(lost.candidate, infrastructure=machine))
    found = compared(*three, own, lost)
    assert found.break_even is not None
    assert found.break_even.left_out == dict.fromkeys(("poor", "lost"), "it fails a bar")
    assert {each.name for each in found.break_even.tariffs} == {"cheap", "good", "own"}
    assert found.break_even.volume is None


def test_without_upkeep_and_machines_there_is_no_break_even(
    compared: MakeComparison, three: tuple[Measured, ...]
) -> None:
    assert compared(*three).break_even is None


def test_without_trials_there_is_nothing_beside(
    compared: MakeComparison, make_measured: MakeMeasured
) -> None:
    bare = make_measured("a", _scores(1, 300))
    columns = replace(bare.columns, state=np.zeros_like(bare.columns.state))
    empty = replace(bare, columns=columns)
    found = compared(replace(empty, account=type(bare.account)()), weights=QUALITY, choose="weights")
    assert found.decision.status == "undecided"
    assert found.choice is None


def test_while_nobody_passes_all_that_may_are_compared_at_every_volume(
    compared: MakeComparison, make_measured: MakeMeasured
) -> None:
    """Else it would be said that the server costs least, of one candidate and the server that is left."""
    api = make_measured("api", _scores(1, 205), dollars=0.001)
    server, tuned = (make_measured(name, _scores(2, 205), dollars=0.002) for name in ("server", "tuned"))
    server = replace(
        server,
        candidate=replace(server.candidate, infrastructure=Infrastructure(hourly=2, tasks_per_hour=1000)),
    )
    tuned = replace(tuned, candidate=replace(tuned.candidate, upkeep=Upkeep(monthly=100)))
    found = compared(api, server, tuned, cost=CostModel(monthly_volume=10_000))
    assert {row.verdict.status for row in found.candidates} == {"undecided"}
    assert found.break_even is not None
    assert {each.name for each in found.break_even.tariffs} == {"api", "server", "tuned"}
    assert found.break_even.sentence.startswith("At 10,000 tasks a month api costs least")


def test_no_price_helps_who_does_not_declare_what_is_required(
    compared: MakeComparison, three: tuple[Measured, ...]
) -> None:
    cheap, good, _ = three
    declared = replace(good, candidate=replace(good.candidate, attributes={"region": Attribute(value="eu")}))
    bars = (Bar(metric="accuracy", at_least=0.5), Bar(metric="cost_per_task", at_most=0.1))
    found = compared(cheap, declared, bars=bars, requires=(Requirement(attribute="region", one_of=("eu",)),))
    assert (found.decision.chosen, found.candidates[0].verdict.undeclared) == ("good", ("region",))
    assert found.choice is not None
    assert [point for point in found.choice.turning if point.chosen == "cheap"] == []


@pytest.mark.parametrize("choose", ["cheapest", "weights"])
def test_nobody_is_called_the_best_by_a_figure_that_is_unknown(
    compared: MakeComparison, make_measured: MakeMeasured, choose: str
) -> None:
    pair = [make_measured(name, _scores(1, 300), dollars=None, basis="unknown") for name in ("b", "a")]
    decision = compared(*pair, weights=BOTH, choose=choose).decision
    assert decision.chosen == "a"
    assert "which of them is the" in decision.reason
    assert "cannot be told" in decision.reason
    assert "a is the" not in decision.reason
