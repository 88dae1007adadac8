from typing import Any

import numpy as np
import pytest
from tests.unit.decide.costs.cards import card

from passmuster.decide.costs.break_even import break_even
from passmuster.records.costs import CostReport, InfrastructureReport
from passmuster.records.score import Estimate


def _report(value: float | None, spread: float = 0.0, **extra: Any) -> CostReport:
    ends = (None, None) if value is None or not spread else (value / (1 + spread), value * (1 + spread))
    found = Estimate(value=value, low=ends[0], high=ends[1])
    return card(found, **extra)


SERVER = InfrastructureReport(hourly=2.10, tasks_per_hour=Estimate(value=1000.0), measured=False)


def test_api_fine_tuned_own_machine_and_people_are_compared_at_every_volume() -> None:
    costs = {
        "api": _report(0.004),
        "tuned": _report(0.001, upkeep=600.0),
        "own": _report(0.0, infrastructure=SERVER),
        "people": _report(1.0),
    }
    found = break_even(costs, 300_000)
    assert found is not None
    points = {(point.name, point.than): point.volume for point in found.points}
    assert points["tuned", "api"] == pytest.approx(200_000, abs=1e-9)
    assert points["tuned", "people"] == pytest.approx(600 / 0.999, abs=1e-9)
    assert points["own", "api"] == pytest.approx(1533 / 0.004, abs=1e-6)
    assert ("people", "api") not in points
    assert found.sentence.startswith(
        "At 300,000 tasks a month tuned costs least, $900 (it does in 100% of draws"
    )
    at = [round(volume) for volume in found.volumes]
    assert at == sorted(at)
    assert {len(curve) for curve in (*found.costs.values(), *found.cheapest.values())} == {len(at)}


def test_the_probabilities_sum_to_one_and_turn_at_the_break_even_volume() -> None:
    costs = {"api": _report(0.004, 0.2), "tuned": _report(0.001, 0.2, upkeep=600.0)}
    found = break_even(costs)
    assert found is not None
    api, tuned = np.array(found.cheapest["api"]), np.array(found.cheapest["tuned"])
    assert api + tuned == pytest.approx(np.ones(len(api)))
    assert (np.diff(tuned) >= 0).all()
    (point,) = found.points
    assert point.volume is not None
    assert point.low is not None
    assert point.high is not None
    assert point.low < point.volume < point.high
    middle = np.interp(np.log(point.volume), np.log(found.volumes), tuned)
    assert middle == pytest.approx(0.5, abs=0.06)
    ends = [np.interp(np.log(end), np.log(found.volumes), tuned) for end in (point.low, point.high)]
    assert ends == pytest.approx([0.025, 0.975], abs=0.06)


def test_what_moves_together_leaves_less_doubt() -> None:
    normal = np.random.default_rng(4).standard_normal(1000)
    costs = {"api": _report(0.004, 0.5), "tuned": _report(0.003, 0.5, upkeep=600.0)}
    apart = break_even(costs, 1_000_000)
    together = break_even(costs, 1_000_000, normals={"api": normal, "tuned": normal})
    assert apart is not None
    assert together is not None

    def doubt(point: float) -> float:
        return min(point, 1 - point)

    least = [min(doubt(each) for each in found.cheapest["api"][60:61]) for found in (apart, together)]
    assert least[1] < least[0]


def test_where_nothing_is_fixed_there_is_no_break_even() -> None:
    assert break_even({"a": _report(0.004), "b": _report(0.001)}, 1000) is None


def test_an_unknown_cost_is_left_out_and_named() -> None:
    costs = {"a": _report(0.004), "b": _report(0.001, upkeep=600.0), "c": _report(None)}
    found = break_even(costs, left_out={"d": "it fails a bar"})
    assert found is not None
    assert found.left_out == {"c": "its cost is not known", "d": "it fails a bar"}
    assert set(found.costs) == {"a", "b"}


def test_what_never_pays_says_so() -> None:
    found = break_even({"api": _report(0.001), "tuned": _report(0.002, upkeep=600.0)})
    assert found is not None
    (point,) = found.points
    assert (point.volume, point.share) == (None, 0.0)
    assert point.sentence == "tuned is cheaper than api at no volume."


def test_the_same_costs_give_the_same_draws() -> None:
    costs = {"api": _report(0.004, 0.2), "tuned": _report(0.001, 0.2, upkeep=600.0)}
    assert break_even(costs, 1000) == break_even(costs, 1000)
