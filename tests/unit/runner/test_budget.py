"""The account of a run."""

import asyncio

import pytest

from passmuster.runner.budget import Budget


async def test_what_is_reserved_cannot_be_reserved_again() -> None:
    budget = Budget(1.0)
    assert await budget.reserve("a", 0.6)
    second = asyncio.create_task(budget.reserve("b", 0.6))
    await asyncio.sleep(0.01)
    assert not second.done(), "it waits for the call in flight"
    budget.settle("a", 0.6, paid=0.1)
    assert await second


async def test_what_can_never_fit_is_refused_at_once() -> None:
    budget = Budget(1.0)
    assert await budget.reserve("a", 0.9)
    assert not await budget.reserve("a", 1.1)


async def test_who_waits_is_refused_once_the_money_is_gone() -> None:
    budget = Budget(1.0)
    assert await budget.reserve("a", 0.9)
    waiting = [asyncio.create_task(budget.reserve("a", 0.5)) for _ in range(3)]
    await asyncio.sleep(0)
    budget.settle("a", 0.9, paid=0.8)
    assert await asyncio.wait_for(asyncio.gather(*waiting), 1) == [False] * 3  # noqa: TID251 - results in order


async def test_a_call_that_may_have_been_billed_is_counted_in_full() -> None:
    budget = Budget(1.0)
    await budget.reserve("a", 0.6)
    budget.settle("a", 0.6, paid=0.0, at_risk=0.6)
    assert budget.left("a") == pytest.approx(0.4)


async def test_a_candidate_has_its_own_limit_within_that_of_the_run() -> None:
    budget = Budget(10.0, {"a": 1.0})
    assert budget.left("b") == 10.0
    assert not await budget.reserve("a", 1.5)
    assert await budget.reserve("b", 1.5)
    assert budget.left("a") == 1.0


def test_nothing_binds_without_a_limit() -> None:
    budget = Budget(None, {"a": 1.0})
    assert budget.binds("a")
    assert not budget.binds("b")
    assert budget.left("b") is None


async def test_earlier_spend_counts() -> None:
    budget = Budget(1.0, {"a": 0.5}, spent=0.7, spent_by={"a": 0.45})
    assert not await budget.reserve("b", 0.4)
    assert not await budget.reserve("a", 0.1)
    assert await budget.reserve("b", 0.3 - 1e-9)


async def test_rounding_leaves_nobody_waiting_for_calls_that_are_over() -> None:
    parts = (0.9, 0.03, 0.03)
    budget = Budget(sum(parts))
    for part in parts:
        assert await budget.reserve("a", part)
    for part in parts:
        budget.settle("a", part, paid=0.0)
    assert await asyncio.wait_for(budget.reserve("a", sum(parts)), 1)


async def test_a_call_that_costs_nothing_is_made_though_more_was_spent_than_this_run_may() -> None:
    budget = Budget(1.0, {"a": 0.5}, spent=2.0, spent_by={"a": 2.0})
    assert await budget.reserve("a", 0.0)
    assert not await budget.reserve("a", 0.001)
