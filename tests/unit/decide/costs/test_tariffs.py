import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.decide.costs.cards import card

from passmuster.decide.costs.monthly import monthly
from passmuster.decide.costs.tariffs import Normals, Tariff, crossing, tariff_of
from passmuster.records.costs import CostReport, InfrastructureReport
from passmuster.records.score import Estimate


def _tariff(
    per_task: float, fixed: float = 0.0, machine: float = 0.0, tasks: float | None = None, least: int = 1
) -> Tariff:
    return Tariff(
        fixed=fixed,
        per_task=np.array([per_task]),
        machine=machine,
        tasks=None if tasks is None else np.array([tasks]),
        least=0 if tasks is None else least,
    )


def _cost(tariff: Tariff, volume: float) -> float:
    """The same bill by hand: no vector, no shared code."""
    machines = 0 if tariff.tasks is None else max(tariff.least, math.ceil(volume / tariff.tasks[0]))
    return tariff.fixed + float(tariff.per_task[0]) * volume + tariff.machine * machines


def _by_halving(first: Tariff, second: Tariff, low: float, high: float) -> float:
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if _cost(first, middle) < _cost(second, middle) else (middle, high)
    return (low + high) / 2


def test_a_fine_tuned_model_breaks_even_at_its_fixed_costs_over_the_gap() -> None:
    """V* = fixed per month / (c_API - c_self): $600 a month over $0.004 - $0.001."""
    found = crossing(_tariff(0.001, fixed=600.0), _tariff(0.004))
    assert found.volume[0] == pytest.approx(200_000, abs=1e-9)
    assert found.settled[0] == found.volume[0]
    assert not found.jump[0]


def test_one_machine_of_ones_own_by_hand() -> None:
    """$2.10 an hour is $1,533 a month, over $0.002 a task: 766,500 tasks, which one machine can do."""
    found = crossing(_tariff(0.0, machine=2.10 * 730, tasks=1_000_000), _tariff(0.002))
    assert found.volume[0] == pytest.approx(766_500, abs=1e-6)


def test_machines_come_whole_so_it_is_dearer_again_for_a_while() -> None:
    """A machine costs 900 and takes 1,000 tasks; the API costs 1 a task: cheaper from 900, dearer from 1,000 to 1,800, ..."""
    own, api = _tariff(0.0, machine=900.0, tasks=1000.0), _tariff(1.0)
    found = crossing(own, api)
    assert found.volume[0] == pytest.approx(900, abs=1e-9)
    # n machines cost 900 n, and reach 1,000 n: dearer at the start of each step until 900 n <= 1,000 (n - 1), n = 10.
    assert found.settled[0] == pytest.approx(8100, abs=1e-6)
    assert _cost(own, 1001) > _cost(api, 1001)
    assert all(_cost(own, volume) < _cost(api, volume) for volume in range(8101, 30_000, 7))


def test_a_naive_average_of_machine_hours_would_say_another_volume() -> None:
    """At 100 tasks a month a machine costs its month all the same: cost per task at full load is not its cost."""
    own, api = _tariff(0.0, machine=1533.0, tasks=730_000.0), _tariff(0.005)
    naive_is_cheaper_at_once = 1533.0 / 730_000 < 0.005
    assert naive_is_cheaper_at_once
    assert crossing(own, api).volume[0] == pytest.approx(1533.0 / 0.005, abs=1e-6)


def test_who_costs_more_and_more_never_breaks_even() -> None:
    found = crossing(_tariff(0.004, fixed=600.0), _tariff(0.001))
    assert np.isnan(found.volume[0])
    assert np.isnan(found.settled[0])


def test_a_jump_of_the_others_machines_is_told_from_a_solution() -> None:
    """The second needs a second machine from 1,000 tasks on: costs jump past one another there."""
    first, second = _tariff(0.0, fixed=150.0), _tariff(0.0, machine=100.0, tasks=1000.0)
    found = crossing(first, second)
    assert (found.volume[0], bool(found.jump[0])) == (1000.0, True)


def test_beyond_the_steps_that_are_looked_at_nothing_is_said() -> None:
    """The large machine is cheaper from the seventh small one on, which three steps do not show."""
    small, large = _tariff(0.0, machine=10.0, tasks=1000.0), _tariff(0.0, machine=60.0, tasks=10_000.0)
    assert np.isnan(crossing(large, small, 3).volume[0])
    found = crossing(large, small, 100)
    assert (found.volume[0], bool(found.jump[0])) == (6000.0, True)


PRICE = st.floats(0.0001, 0.1)
TARIFFS = st.builds(
    _tariff,
    PRICE,
    st.sampled_from([0.0, 50.0, 600.0, 5000.0]),
    st.sampled_from([0.0, 300.0, 1533.0]),
    st.one_of(st.none(), st.floats(5_000, 2_000_000)),
    st.integers(1, 3),
)


@settings(max_examples=200)
@given(TARIFFS, TARIFFS, st.sampled_from([2, 5, 2000]))
def test_where_costs_do_not_jump_the_volume_solves_the_equation(
    first: Tariff, second: Tariff, pieces: int
) -> None:
    found = crossing(first, second, pieces)
    volume = float(found.volume[0])
    if np.isnan(volume) or volume == 0:
        return
    after = volume * (1 + 1e-9) + 1e-9
    assert _cost(first, after) <= _cost(second, after) + 1e-6
    if not found.jump[0]:
        assert _cost(first, volume) == pytest.approx(_cost(second, volume), rel=1e-9)


@settings(max_examples=100)
@given(TARIFFS, TARIFFS, st.lists(st.floats(1, 1e6), min_size=1, max_size=20))
def test_before_the_volume_it_is_cheaper_nowhere(first: Tariff, second: Tariff, volumes: list[float]) -> None:
    volume = float(crossing(first, second, 2000).volume[0])
    for each in volumes:
        if np.isnan(volume) or each < volume * (1 - 1e-9):
            assert _cost(first, each) >= _cost(second, each) * (1 - 1e-9)


def test_it_agrees_with_halving_where_there_is_one_crossing() -> None:
    own, api = _tariff(0.0002, fixed=300.0, machine=1533.0, tasks=5_000_000.0), _tariff(0.002)
    assert crossing(own, api).volume[0] == pytest.approx(_by_halving(own, api, 1.0, 5_000_000.0), rel=1e-12)


def _report(
    value: float | None, low: float | None = None, high: float | None = None, **extra: Any
) -> CostReport:
    found = Estimate(value=value, low=low, high=high)
    return card(found, **extra)


SERVER = InfrastructureReport(
    hourly=2.10,
    tasks_per_hour=Estimate(value=1000.0, low=800.0, high=1250.0),
    measured=True,
    machines=2,
    peak_factor=3.0,
)
REPORTS: list[Callable[[], CostReport]] = [
    lambda: _report(0.003),
    lambda: _report(0.001, upkeep=600.0),
    lambda: _report(0.0001, upkeep=50.0, infrastructure=SERVER),
]


@pytest.mark.parametrize("made", REPORTS)
@pytest.mark.parametrize("volume", [1.0, 1000.0, 243_333.3, 243_334.0, 1e7])
def test_a_tariff_says_what_the_month_says(made: Callable[[], CostReport], volume: float) -> None:
    tariff = tariff_of(made())
    assert tariff is not None
    assert float(tariff.at(np.array([volume]))[0, 0]) == pytest.approx(monthly(made(), volume), rel=1e-12)


def test_draws_have_the_spread_of_the_interval() -> None:
    rng = np.random.default_rng(3)
    normals = Normals(task=rng.standard_normal(20_000), rate=rng.standard_normal(20_000))
    tariff = tariff_of(_report(0.002, 0.001, 0.004, infrastructure=SERVER), normals)
    assert tariff is not None
    assert np.quantile(tariff.per_task, (0.025, 0.975)) == pytest.approx([0.001, 0.004], rel=0.05)
    assert tariff.tasks is not None
    assert np.quantile(tariff.tasks, (0.025, 0.975)) == pytest.approx(
        [800 * 730 / 3, 1250 * 730 / 3], rel=0.02
    )


@pytest.mark.parametrize("basis", ["unknown", "lower_bound"])
def test_an_unknown_cost_has_no_tariff(basis: str) -> None:
    report = _report(0.002)
    object.__setattr__(report, "basis", basis)
    assert tariff_of(report) is None
    assert tariff_of(_report(None)) is None


@pytest.mark.parametrize(("value", "low", "high"), [(0.0, 0.0, 0.01), (0.002, 0.0, 0.01)])
def test_costs_that_may_be_nothing_are_drawn_too(value: float, low: float, high: float) -> None:
    """A machine of one's own whose only cost a task is a review that was hardly ever needed: not sure, not below 0."""
    rng = np.random.default_rng(3)
    normals = Normals(task=rng.standard_normal(20_000), rate=rng.standard_normal(20_000))
    tariff = tariff_of(_report(value, low, high, infrastructure=SERVER), normals)
    assert tariff is not None
    assert np.quantile(tariff.per_task, (0.025, 0.975)) == pytest.approx([low, high], abs=0.0005)
    assert tariff.per_task.min() >= 0
