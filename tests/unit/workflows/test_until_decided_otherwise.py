import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.workflows.deciding import BAR, CASES, DEAR, GOOD, POOR, TASK, Bench, stop_of

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.errors import UsageError
from passmuster.records.task import Bar, Dimension
from passmuster.workflows.until_decided import Wish


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "store.sqlite") as opened:
        yield opened


@pytest.fixture
def bench(store: SqliteStore) -> Bench:
    return Bench(store)


async def test_a_race_beside_bars_says_both_who_is_best_and_who_passes(bench: Bench) -> None:
    end = await bench.go(Wish(best=True, within=0.2))
    found = bench.compared()

    assert end.early is not None
    assert end.early.chosen[0] in found.decision.reason
    assert found.decision.chosen is None or f"{found.decision.chosen} is the" in found.decision.reason


async def test_whoever_was_stopped_has_no_place_beside_the_others(bench: Bench) -> None:
    """Its figures so far are of few cases, and it was stopped for how they looked."""
    await bench.go()
    found = bench.compared(replace(TASK, weights=(Dimension(metric="accuracy", weight=1),)))
    asked = {row.name for row in found.candidates if row.n == len(CASES)}
    assert next(row for row in found.candidates if row.name == "poor").n > 0
    assert found.choice is not None
    assert {place.name for place in found.choice.front} <= asked
    assert found.choice.weighing is not None
    assert {row.name for row in found.choice.weighing.ranking if row.value is not None} == asked
    assert {point.of for point in found.choice.turning} <= {*asked, None}


async def test_a_bar_on_a_slice_has_its_cases_of_other_categories_asked_too(
    store: SqliteStore, tmp_path: Path
) -> None:
    cases = [replace(case, category="edge") if index >= 200 else case for index, case in enumerate(CASES)]
    end = await Bench(store, (GOOD, DEAR)).go(cases=cases)
    assert end.early is not None
    assert end.early.full == 400
    with SqliteStore(tmp_path / "sliced.sqlite") as other:
        sliced = Bench(other, (GOOD, DEAR))
        bars = (BAR, Bar(metric="accuracy", at_least=0.5, slice="category == 'edge'"))
        end = await sliced.go(task=replace(TASK, bars=bars), cases=cases)
    assert end.early is not None
    assert end.early.full == 600
    assert end.early.chosen == ("good",)


async def test_without_bars_candidates_race_until_one_is_left(bench: Bench) -> None:
    task = replace(TASK, bars=())
    end = await bench.go(task=task)
    found = bench.compared(task)

    assert end.early is not None
    assert end.early.until.aim == "best"
    assert stop_of(end, "poor").reason == "dropped"
    assert found.decision.status == "undecided"
    assert end.early.chosen[0] in found.decision.reason


async def test_two_that_are_equal_end_in_a_tie(store: SqliteStore) -> None:
    twin = replace(GOOD, name="twin", model="twin")
    bench = Bench(store, (GOOD, twin))
    bench.endpoints["twin"].right = bench.endpoints["good"].right
    end = await bench.go(Wish(best=True, within=0.1))

    assert end.early is not None
    assert set(end.early.chosen) == {"good", "twin"}
    assert {stop.reason for stop in end.early.stops} == {"tied"}
    assert end.early.trials < 600


def test_a_race_needs_two(store: SqliteStore) -> None:
    bench = Bench(store, (GOOD,))
    with pytest.raises(UsageError, match="a race needs two candidates"):
        asyncio.run(bench.go(Wish(best=True)))


async def test_a_deserving_candidate_is_not_given_up_for_a_slice_whose_cases_come_late(bench: Bench) -> None:
    cases = [replace(case, category="edge") if index >= 292 else case for index, case in enumerate(CASES)]
    bars = (BAR, Bar(metric="accuracy", at_least=0.2, slice="category == 'edge'"))
    end = await bench.go(task=replace(TASK, bars=bars), cases=cases)

    assert end.early is not None
    assert end.early.chosen == ("good",)


async def test_in_a_race_over_groups_of_unlike_sizes_within_is_of_the_mean_over_cases(
    store: SqliteStore,
) -> None:
    """A bet on the largest group as if every group were as large would call half the right answers a tie."""
    cases = [replace(case, group="large") if index < 100 else case for index, case in enumerate(CASES)]
    bench = Bench(store, (POOR, GOOD))
    end = await bench.go(Wish(best=True, within=0.05), cases=cases)

    assert end.early is not None
    assert "poor" not in end.early.chosen


def test_who_is_chosen_by_weight_is_not_looked_for_among_the_cheapest(bench: Bench) -> None:
    with pytest.raises(UsageError, match="chosen by weight"):
        asyncio.run(bench.go(task=replace(TASK, choose="weights")))
    assert not any(bench.asked().values())


async def test_cases_that_came_after_the_run_are_named_as_no_part_of_the_decision(bench: Bench) -> None:
    await bench.go()
    later = [replace(case, id=f"later {case.id}", input=f"later {case.input}") for case in CASES[:50]]

    assert not [text for text in bench.compared().decision.warnings if "came after" in text]
    (told,) = [
        text for text in bench.compared(cases=(*CASES, *later)).decision.warnings if "came after" in text
    ]
    assert told.startswith("50 cases")
