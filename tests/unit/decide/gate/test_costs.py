"""What a task and a success cost, before and after a change."""

import pytest
from tests.unit.decide.gate.changes import Asked, Setting, gate, line, replies

from passmuster.records.gate import GatePolicy, GateReport

RIGHT = replies(("+", 200))


def dearer(price: float | None, before: float | None = 1.0, policy: GatePolicy | None = None) -> GateReport:
    setting = Setting(policy=policy or GatePolicy())
    return gate(RIGHT, RIGHT, setting, before=Asked(price=before), now=Asked(price=price))


def test_a_rise_of_a_fifth_is_blocked_and_one_of_a_twentieth_is_not() -> None:
    row = line(dearer(1.2), "cost_per_task")
    assert (row.level, row.direction) == ("block", "lower")
    assert row.change.value == pytest.approx(0.2)
    assert row.old.value == pytest.approx(3e-4)
    assert row.new.value == pytest.approx(3.6e-4)
    mild = line(dearer(1.05), "cost_per_task")
    assert mild.level == "pass"
    assert "a rise of 20% is excluded, though a rise is shown" in mild.reason
    assert line(dearer(0.5), "cost_per_task").level == "pass"
    assert line(dearer(1.0), "cost_per_task").reason.endswith(": a rise of 20% is excluded")


def test_the_policy_says_which_rise_matters() -> None:
    assert line(dearer(1.2, policy=GatePolicy(cost=0.5)), "cost_per_task").level == "pass"


def test_a_success_costs_more_where_fewer_succeed() -> None:
    found = gate(replies(("+", 400)), replies(("+", 240), ("-", 160)))
    assert line(found, "cost_per_task").level == "pass"
    row = line(found, "cost_per_success")
    assert row.change.value == pytest.approx(400 / 240 - 1)
    assert row.level == "block"


def test_a_cost_that_one_version_does_not_know_is_undecided_and_one_that_neither_knows_a_note() -> None:
    found = dearer(None)
    row = line(found, "cost_per_task")
    assert (row.level, row.reason) == ("undecided", "the cost of the new version is not known")
    assert found.level == "undecided"
    blind = dearer(None, None)
    assert not [each for each in blind.lines if each.kind == "cost"]
    assert any("cost of neither version" in note for note in blind.notes)


def test_a_rise_from_nothing_is_blocked_and_nothing_twice_passes() -> None:
    assert line(dearer(1.0, 0.0), "cost_per_task").level == "block"
    assert line(dearer(0.0, 0.0), "cost_per_task").level == "pass"


def test_a_version_that_never_succeeds_has_no_cost_of_a_success() -> None:
    found = gate(RIGHT, replies(("-", 200)))
    row = line(found, "cost_per_success")
    assert row.level == "undecided"
    assert row.reason == "the new version never succeeds"
