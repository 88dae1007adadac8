"""The cost of a month at any volume."""

import numpy as np
import pytest
from tests.unit.decide.costs import cards

from passmuster.decide.costs.monthly import machines_for, month_estimate, monthly
from passmuster.decide.costs.tariffs import tariff_of
from passmuster.records.costs import CostReport, InfrastructureReport
from passmuster.records.score import Estimate

CENT = Estimate(value=0.01, low=0.008, high=0.0125, n=100)
RATE = Estimate(value=1_000.0, low=800.0, high=1_250.0, n=100)


def card(
    marginal: Estimate = CENT, machine: InfrastructureReport | None = None, upkeep: float = 0.0
) -> CostReport:
    return cards.card(marginal, infrastructure=machine, upkeep=upkeep)


def server(rate: Estimate = RATE, factor: float = 1.0, machines: int = 1) -> InfrastructureReport:
    return InfrastructureReport(
        hourly=2.0, tasks_per_hour=rate, measured=rate.low is not None, peak_factor=factor, machines=machines
    )


@pytest.mark.parametrize(
    ("volume", "factor", "least", "machines"),
    [
        (0, 1.0, 1, 1),
        (730_000, 1.0, 1, 1),  # just its whole capacity
        (730_001, 1.0, 1, 2),
        (730_000, 2.5, 1, 3),
        (730_000, 1.0, 4, 4),
        (7_300_000, 1.0, 4, 10),
    ],
)
def test_machines_come_whole(volume: int, factor: float, least: int, machines: int) -> None:
    machine = server(factor=factor, machines=least)
    assert machines_for(machine, volume) == machines
    assert monthly(card(machine=machine, upkeep=40.0), volume) == pytest.approx(
        0.01 * volume + machines * 1_460 + 40
    )


def test_rounding_buys_no_machine() -> None:
    # 3 x 0.1 x 730 is 219.00000000000003 in floating point: three machines of a tenth of a task an hour.
    assert machines_for(server(Estimate(value=0.1)), 0.1 * 3 * 730) == 3


def test_what_is_unknown_has_no_cost_a_month() -> None:
    assert monthly(card(Estimate(value=None)), 10) is None
    assert monthly(card(machine=server(Estimate(value=None))), 10) is None
    found = month_estimate(card(Estimate(value=None, note="unknown")), 10)
    assert (found.value, found.low, found.note) == (None, None, "unknown")


def test_the_interval_of_a_month_takes_in_the_machines_that_a_slow_rate_needs() -> None:
    found = month_estimate(card(machine=server(), upkeep=40.0), 730_000)
    assert found.value == pytest.approx(7_300 + 1_460 + 40)
    assert found.low == pytest.approx(5_840 + 1_460 + 40)
    assert found.high == pytest.approx(9_125 + 2 * 1_460 + 40)


@pytest.mark.parametrize("volume", [1, 100_000, 730_000, 730_001, 9_999_999])
def test_a_month_costs_what_the_tariff_of_the_break_even_says(volume: int) -> None:
    found = card(machine=server(factor=2.0, machines=2), upkeep=40.0)
    tariff = tariff_of(found)
    assert tariff is not None
    assert float(tariff.at(np.array([float(volume)]))[0, 0]) == pytest.approx(
        monthly(found, volume), rel=1e-12
    )
