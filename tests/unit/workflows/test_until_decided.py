import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path

import pytest
from tests.unit.workflows.deciding import CASES, DEAR, GOOD, TASK, Bench, stop_of

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.records.candidate import Candidate, Egress, Price, candidate_digest
from passmuster.records.record import Record
from passmuster.records.score import Estimate
from passmuster.records.task import Bar
from passmuster.records.trial import Attempt, Reply, Trial, Usage
from passmuster.report.rows import columns, ordered
from passmuster.report.views import matrix
from passmuster.runner.plan import plan
from passmuster.workflows.until_decided import Wish


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "store.sqlite") as opened:
        yield opened


@pytest.fixture
def bench(store: SqliteStore) -> Bench:
    return Bench(store)


async def test_the_poor_one_is_stopped_the_good_one_passes_early_and_the_dear_one_is_never_asked(
    bench: Bench,
) -> None:
    end = await bench.go()

    assert end.early is not None
    assert (end.status, end.early.chosen, end.early.finished) == ("complete", ("good",), True)
    assert (stop_of(end, "poor").reason, stop_of(end, "poor").bar) == ("hopeless", "accuracy >= 0.70")
    assert stop_of(end, "good").reason == "passed"
    assert (stop_of(end, "dear").reason, stop_of(end, "dear").by) == ("not_needed", "good")
    assert bench.asked()["dear"] == 0
    assert bench.asked()["poor"] == stop_of(end, "poor").cases < 100
    assert end.early.trials == end.asked == sum(bench.asked().values())
    assert end.early.full == 900


async def test_compare_comes_to_the_same_decision_and_says_who_was_stopped_and_why(bench: Bench) -> None:
    end = await bench.go()
    found = bench.compared()
    rows = {row.name: row for row in found.candidates}

    assert (found.decision.status, found.decision.chosen) == ("decided", "good")
    assert found.stopped == end.early
    assert found.decision.family == 3
    assert rows["poor"].verdict.status == "undecided"
    assert "could hardly have been shown to meet accuracy >= 0.70" in rows["poor"].verdict.reason
    assert rows["dear"].verdict.reason == "was not asked: good costs less and has passed"
    assert "% saved" in found.decision.reason
    assert not [text for text in found.decision.warnings if "run again" in text]


async def test_the_figure_of_a_stopped_candidate_has_an_interval_for_every_look_and_says_so(
    bench: Bench,
) -> None:
    await bench.go()
    poor = next(row for row in bench.compared().candidates if row.name == "poor")
    figure = poor.metrics["accuracy"]

    assert (figure.method, figure.note) == ("confidence sequence", f"stopped early: {figure.n} of 300 cases")
    assert figure.low is not None
    assert figure.high is not None
    assert figure.value is not None
    plain = 1.96 * (figure.value * (1 - figure.value) / figure.n) ** 0.5
    assert figure.high - figure.low > 2 * plain


async def test_nothing_plain_is_shown_of_a_stopped_candidate(bench: Bench) -> None:
    await bench.go()
    rows = {row.name: row for row in bench.compared(replace(TASK, incumbent="good")).candidates}

    assert rows["poor"].versus_incumbent["accuracy"].value is None
    assert (rows["poor"].outcomes, rows["poor"].dominated_by) == (None, ())
    assert not any(row.dominated_by for row in rows.values())
    assert all("stopped early" in (check.note or "") for check in rows["poor"].checks)
    assert {check.more_cases for check in rows["poor"].checks} == {None}


def estimates(value: object) -> Iterator[Estimate]:
    if isinstance(value, Estimate):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from estimates(each)
    elif isinstance(value, Record):
        for field in fields(value):  # type: ignore[arg-type]  # every record is a dataclass
            yield from estimates(getattr(value, field.name))


async def test_no_figure_of_a_stopped_candidate_is_shown_without_its_caveat(bench: Bench) -> None:
    await bench.go()
    found = bench.compared()
    rows = {row.name: row for row in found.candidates}
    known = [each for each in estimates(rows["poor"]) if each.value is not None]

    assert len(known) > 8
    assert {(each.note or "").partition(":")[0] for each in known} == {"stopped early"}
    place = next(number for number, row in enumerate(ordered(found)) if row.name == "poor")
    shown = {column.key: column.cells[place] for column in columns(found)}
    for key in ("primary", "latency", "failed", "cost", "account:task"):
        assert shown[key].endswith("†"), key
    cells = {
        head: cell
        for (head, _), cell in zip(matrix(found).heads[1:], matrix(found).lines[place].cells, strict=True)
    }
    for head in ("p50", "failed", "$ per 1,000 successes"):
        assert cells[head].text.endswith("†"), head


async def test_a_candidate_that_people_do_is_no_part_of_the_run(bench: Bench) -> None:
    await bench.go()
    people = Candidate(name="people", provider="manual", kind="manual")
    bench.candidates = (*bench.candidates, people)
    found = next(row for row in bench.compared().candidates if row.name == "people")

    assert found.verdict.stopped is None
    assert "left" not in found.verdict.reason


async def test_a_killed_run_goes_on_where_it_was_and_asks_nothing_twice(
    store: SqliteStore, tmp_path: Path
) -> None:
    whole = Bench(store)
    expected = await whole.go()
    with SqliteStore(tmp_path / "other.sqlite") as other:
        cut = Bench(other)
        trials = list(store.trials([candidate_digest(each) for each in cut.candidates]))
        other.append("killed", trials[: len(trials) // 3])
        end = await cut.go()

    assert end.early == expected.early
    assert end.asked + end.reused == expected.asked
    assert end.reused == len(trials) // 3


async def test_control_c_ends_it_in_order_and_the_same_command_goes_on(
    store: SqliteStore, tmp_path: Path
) -> None:
    expected = await Bench(store).go()
    with SqliteStore(tmp_path / "other.sqlite") as other:
        bench = Bench(other)
        going = asyncio.create_task(bench.go())
        await bench.endpoints["good"].seventy.wait()
        going.cancel()
        cut = await going
        end = await bench.go()

    assert cut.early is not None
    assert (cut.status, cut.early.finished, cut.early.chosen) == ("interrupted", False, ())
    assert end.early == expected.early
    assert cut.asked + end.asked == expected.asked


async def test_the_incumbent_that_others_are_held_against_is_asked_whatever_they_are_asked(
    bench: Bench,
) -> None:
    bar = Bar(metric="accuracy", at_least=-0.1, versus="incumbent")
    end = await bench.go(task=replace(TASK, bars=(bar,), incumbent="good"))

    assert end.early is not None
    assert end.early.stop_of("good") is None
    assert stop_of(end, "poor").reason == "hopeless"
    held = set(bench.endpoints["good"].asked)
    assert all(held.issuperset(bench.endpoints[name].asked) for name in ("poor", "dear"))


async def test_groups_are_asked_whole(store: SqliteStore) -> None:
    cases = [replace(case, group=f"g{index // 7}") for index, case in enumerate(CASES)]
    bench = Bench(store)
    end = await bench.go(cases=cases)

    groups = [int(name) // 7 for name in bench.endpoints["poor"].asked]
    assert end.early is not None
    assert {groups.count(group) for group in set(groups)} <= {7, len(CASES) % 7}


async def test_candidates_that_may_be_as_cheap_are_asked_the_same_block_at_the_same_time(
    store: SqliteStore,
) -> None:
    near = replace(GOOD, name="near", model="near", price=Price(input=2.1, output=2.1))
    bench = Bench(store, (GOOD, near))
    await bench.go()

    first, second = (bench.endpoints[name].asked[:20] for name in ("good", "near"))
    assert set(first) == set(second)


async def test_who_is_given_up_leaves_the_run_incomplete_and_the_others_go_on(bench: Bench) -> None:
    bench.endpoints["good"].refuses_after = 25
    end = await bench.go()

    assert end.early is not None
    assert (end.status, end.early.finished) == ("incomplete", False)
    assert list(end.stopped) == ["good"]
    assert end.early.chosen == ("dear",)
    good = next(row for row in bench.compared().candidates if row.name == "good")
    assert "275 cases left" in good.verdict.reason


async def test_a_plain_run_afterwards_asks_the_rest_and_compare_goes_by_holm_again(bench: Bench) -> None:
    await bench.go()
    missing = [
        Trial(
            key=ask.key,
            case_id=ask.case.id,
            outcome=Reply(text="yes" if bench.endpoints[ask.candidate.name].right[ask.case.id] else "no"),
            attempts=(Attempt(started=1.0, seconds=0.5, usage=Usage(input=10, output=10)),),
        )
        for ask in plan(CASES, bench.candidates)
    ]
    ((run, _),) = bench.store.runs()
    bench.store.begin(replace(run, id="later", until=None, started=run.started + 60), CASES)
    assert bench.compared().stopped is not None  # some cases are still missing

    bench.store.append("later", missing)

    found = bench.compared()
    assert found.stopped is None
    assert set(found.decision.passing) == {"good", "dear"}


async def test_cases_that_a_candidate_may_not_receive_are_none_of_its_own(store: SqliteStore) -> None:
    cases = [replace(case, stratum="a" if index % 2 else "b") for index, case in enumerate(CASES)]
    bench = Bench(store, (replace(GOOD, egress=Egress(strata=("a",))), DEAR))
    end = await bench.go(cases=cases)

    assert end.early is not None
    assert end.early.full == 450
    assert all(int(name) % 2 for name in bench.endpoints["good"].asked)


async def test_two_seeds_ask_in_two_orders(store: SqliteStore, tmp_path: Path) -> None:
    bench = Bench(store, (GOOD,))
    await bench.go()
    with SqliteStore(tmp_path / "other.sqlite") as other:
        again = Bench(other, (GOOD,))
        await again.go(Wish(seed=1))

    first, second = (set(each.endpoints["good"].asked[:20]) for each in (bench, again))
    assert len(first) == len(second) == 20
    assert len(first & second) < 10  # 1.3 are expected of 300; ten or more in one of a million pairs
