import asyncio
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from passmuster.adapters.clock import MonotonicClock
from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.errors import StoreError, UsageError
from passmuster.ports import Provider
from passmuster.records.candidate import Candidate, Cap, Price, candidate_digest
from passmuster.records.case import Case
from passmuster.records.corpus import CorpusVersion
from passmuster.records.run import Run, RunEnd, RunStatus
from passmuster.records.task import Task
from passmuster.records.trial import Attempt, Exchange, Failure, Outcome, Reply, Request, Source, Trial, Usage
from passmuster.workflows.run import RunOptions, RunPorts, _place, _throttles, continued, named, run

STARTED = 1795217460.5  # 2026-11-20 23:31 UTC
TASK = Task(name="Consumer complaints", metrics=())
CASES = tuple(Case(id=f"c{number:02}", input=f"text {number}") for number in range(20))
CANDIDATES = tuple(
    Candidate(name=name, provider="openai", model=name, price=Price(input=1.0, output=1.0))
    for name in ("first", "second")
)


class Clock:
    def __init__(self) -> None:
        self.time = STARTED

    def now(self) -> float:
        self.time += 0.001
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


class Endpoint:
    source: Source = "measured"

    def __init__(self, outcome: Outcome | None = None) -> None:
        self.asked: list[str] = []
        self.outcome = outcome

    async def ask(self, request: Request) -> Exchange:
        self.asked.append(request.case.id)
        await asyncio.sleep(0)
        attempt = Attempt(started=1.0, seconds=0.5, usage=Usage(input=1_000_000, output=0))
        return Exchange(self.outcome or Reply(text=request.case.id), attempt)

    async def close(self) -> None:
        """Nothing is open."""


class Watching:
    def __init__(self) -> None:
        self.plan: tuple[int, int] | None = None
        self.trials: list[Trial] = []
        self.costs: list[float | None] = []

    def planned(self, total: int, reused: int) -> None:
        self.plan = (total, reused)

    def reused(self, number: int) -> None:
        total, before = self.plan or (0, 0)
        self.plan = (total, before + number)

    def finished(self, trial: Trial, cost: float | None) -> None:
        self.trials.append(trial)
        self.costs.append(cost)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "store.sqlite") as opened:
        yield opened


def corpus(cases: Sequence[Case] = CASES) -> CorpusVersion:
    return CorpusVersion(version="3f9a", path="p", split="eval", cases=tuple(cases))


class Bench:
    """One store, one clock, and endpoints that remember what they were asked."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.clock = Clock()
        self.endpoints = {each.name: Endpoint() for each in CANDIDATES}
        self.progress = Watching()

    async def go(
        self,
        options: RunOptions | None = None,
        cases: Iterable[Case] = CASES,
        candidates: Sequence[Candidate] = CANDIDATES,
    ) -> RunEnd:
        self.progress = Watching()
        ports = RunPorts(
            trials=self.store,
            runs=self.store,
            clock=self.clock,
            progress=self.progress,
            uniform=np.random.default_rng(0),
        )
        providers = {candidate_digest(each): self.endpoints[each.name] for each in candidates}
        return await run(TASK, corpus(tuple(cases)), candidates, providers, ports, options)

    def runs(self) -> list[tuple[Run, RunEnd | None]]:
        return self.store.runs()


@pytest.fixture
def bench(store: SqliteStore) -> Bench:
    return Bench(store)


async def test_a_run_asks_every_case_of_every_candidate_and_says_how_it_ended(bench: Bench) -> None:
    end = await bench.go()

    ((stored, stored_end),) = bench.runs()
    assert stored_end == end
    assert (end.status, end.asked, end.reused, end.failed, end.stopped) == ("complete", 40, 0, 0, {})
    assert end.spend == pytest.approx(40.0)
    assert stored.started < end.ended
    assert (stored.task, stored.corpus, stored.candidates) == (TASK.name, "3f9a", CANDIDATES)
    assert [name for name, _, _ in stored.cases] == [case.id for case in CASES]
    assert bench.progress.plan == (40, 0)
    assert bench.progress.costs == [pytest.approx(1.0)] * 40


async def test_the_name_of_a_run_says_when_and_what(bench: Bench) -> None:
    end = await bench.go()
    again = await bench.go()

    assert end.run.startswith("20261120-2331-consumer-complaints-")
    assert len(end.run.rsplit("-", 1)[1]) == 8
    assert again.run != end.run


async def test_a_second_run_asks_nothing_and_pays_nothing(bench: Bench) -> None:
    await bench.go()
    end = await bench.go()

    assert (end.status, end.asked, end.reused, end.spend) == ("complete", 0, 40, 0.0)
    assert bench.progress.plan == (40, 40)
    assert len(bench.endpoints["first"].asked) == 20


async def test_stored_failures_are_not_paid_for_again(bench: Bench) -> None:
    bench.endpoints["first"].outcome = Failure(kind="bad_request", message="no")

    first = await bench.go()
    second = await bench.go()

    assert (first.failed, second.asked) == (20, 0)


async def test_only_asks_the_candidates_that_are_named(bench: Bench) -> None:
    end = await bench.go(RunOptions(only=("second",)))

    assert (end.status, end.asked) == ("complete", 20)
    assert bench.endpoints["first"].asked == []
    assert [each.name for each in bench.runs()[0][0].candidates] == ["second"]


async def test_a_limit_takes_the_same_cases_for_all_candidates(bench: Bench) -> None:
    end = await bench.go(RunOptions(limit=5))

    assert end.asked == 10
    assert sorted(bench.endpoints["first"].asked) == sorted(bench.endpoints["second"].asked)
    assert len(bench.runs()[0][0].cases) == 5


async def test_a_run_without_limit_goes_on_from_a_limited_one(bench: Bench) -> None:
    await bench.go(RunOptions(limit=5))
    end = await bench.go()

    assert (end.asked, end.reused) == (30, 10)


async def test_a_refused_key_leaves_the_run_incomplete_and_is_asked_again_when_it_is_right(
    bench: Bench,
) -> None:
    bench.endpoints["first"].outcome = Failure(kind="auth", message="401: wrong key")
    refused = await bench.go()
    bench.endpoints["first"] = Endpoint()
    right = await bench.go()

    assert (refused.status, refused.asked, refused.stopped) == ("incomplete", 20, {"first": "401: wrong key"})
    assert (right.status, right.asked, right.reused) == ("complete", 20, 20)


async def test_an_interrupted_run_is_stored_as_such_and_goes_on(bench: Bench) -> None:
    class Slow(Endpoint):
        async def ask(self, request: Request) -> Exchange:
            if len(self.asked) == 7:
                task.cancel()
            return await super().ask(request)

    bench.endpoints["first"] = Slow()
    task = asyncio.create_task(bench.go())
    end = await task
    rest = await bench.go()

    assert end.status == "interrupted"
    assert bench.runs()[1][1] == end
    assert 0 < end.asked < 40
    assert (rest.status, rest.asked) == ("complete", 40 - end.asked)


async def test_a_store_that_fails_leaves_a_run_without_an_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(run: str, trials: Sequence[Trial]) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(bench.store, "append", full)
    with pytest.raises(StoreError, match="the disk is full"):
        await bench.go()

    assert bench.runs()[0][1] is None
    assert bench.progress.trials == []


async def test_a_run_with_nothing_to_do_is_complete(bench: Bench) -> None:
    end = await bench.go(cases=())

    assert (end.status, end.asked, end.reused) == ("complete", 0, 0)


def test_an_unknown_name_is_answered_with_the_closest() -> None:
    with pytest.raises(UsageError, match=r"no candidate is called 'frist'\n  Did you mean 'first'\?"):
        named(CANDIDATES, ["frist"])
    with pytest.raises(UsageError, match="There are: first, second"):
        named(CANDIDATES, ["zzz"])


def stored_run(name: str, *, candidates: tuple[Candidate, ...], number: int, started: float) -> Run:
    pool = tuple((str(n), f"d{n}", 0) for n in range(number))
    return Run(id=name, started=started, task="t", corpus="v", cases=pool, candidates=candidates)


def ended(name: str, status: RunStatus) -> RunEnd:
    return RunEnd(run=name, ended=2.0, status=status, asked=1, reused=0, failed=0, spend=1.0)


def test_a_run_goes_on_with_all_since_one_was_complete_that_covers_it() -> None:
    a, b = (Candidate(name=name, provider="openai", model=name) for name in "ab")
    now = stored_run("now", candidates=(a, b), number=10, started=9.0)
    runs = [
        (now, None),
        (killed := stored_run("killed", candidates=(a, b), number=10, started=8.0), None),
        (small := stored_run("small", candidates=(a,), number=10, started=7.0), ended("small", "complete")),
        (few := stored_run("few", candidates=(a, b), number=1, started=6.0), ended("few", "complete")),
        (stopped := stored_run("s", candidates=(a, b), number=10, started=5.0), ended("s", "interrupted")),
        (stored_run("whole", candidates=(a, b), number=10, started=4.0), ended("whole", "complete")),
        (stored_run("older", candidates=(a, b), number=10, started=3.0), None),
    ]
    assert continued(runs, now) == [killed, small, few, stopped]


def test_earlier_is_what_the_store_had_before_and_not_what_a_clock_says() -> None:
    one = (Candidate(name="a", provider="openai", model="a"),)
    newer, now, slow = (
        stored_run(name, candidates=one, number=10, started=at)
        for name, at in (("newer", 1.0), ("now", 5.0), ("slow", 9.0))
    )

    assert continued([(newer, None), (now, None), (slow, None)], now) == [slow]


class Held(SqliteStore):
    """Begins its run only once another one asks, or has ended; `late` says whether before or after it is stored."""

    def __init__(self, path: Path, other: Event, *, late: bool) -> None:
        super().__init__(path)
        self.other, self.late = other, late

    def begin(self, run: Run, cases: Iterable[Case]) -> None:
        if self.late:
            super().begin(run, cases)
        self.other.wait(10)
        if not self.late:
            super().begin(run, cases)


@dataclass
class Waiting:
    """Tells when it is asked first, and answers when the other run has had time to begin."""

    asked: Event
    source: Source = "measured"

    async def ask(self, request: Request) -> Exchange:
        self.asked.set()
        await asyncio.sleep(0.3)
        return await Endpoint().ask(request)

    async def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("late", [False, True])
def test_of_two_runs_that_begin_at_once_one_counts_the_other(tmp_path: Path, *, late: bool) -> None:
    path, asked, clock = tmp_path / "store.sqlite", Event(), MonotonicClock()
    candidate = replace(CANDIDATES[0], cap=Cap(per_call=1.0))

    def go(store: SqliteStore, provider: Provider) -> RunEnd:
        ports = RunPorts(
            trials=store,
            runs=store,
            claims=store,
            clock=clock,
            progress=Watching(),
            uniform=np.random.default_rng(0),
        )
        providers = {candidate_digest(candidate): provider}
        return asyncio.run(run(TASK, corpus(), [candidate], providers, ports, RunOptions(budget=2.0)))

    def second() -> RunEnd:
        with SqliteStore(path) as store:
            try:
                return go(store, Waiting(asked))
            finally:
                asked.set()

    SqliteStore(path).close()
    with ThreadPoolExecutor() as pool, Held(path, asked, late=late) as store:
        both = [pool.submit(go, store, Endpoint()), pool.submit(second)]
        assert sum(each.result().spend or 0.0 for each in both) == pytest.approx(2.0)


def test_who_shares_an_endpoint_and_model_is_held_back_together_and_nobody_else() -> None:
    clock = Clock()
    same = [
        Candidate(name=f"v{n}", provider="openai", model="m", endpoint="e", concurrency=3) for n in (1, 2)
    ]
    functions = [
        Candidate(name=name, provider="python", parameters={"function": f"{name}.py:f"}) for name in "fg"
    ]
    other = Candidate(name="o", provider="openai", model="n", endpoint="e")
    found = _throttles([*same, other, *functions], clock)
    assert len(found) == 4
    assert found[_place(same[0])].window == 6
    assert _place(same[0]) == _place(same[1])
    assert len({_place(each) for each in (same[0], other, *functions)}) == 4
