"""Runs with random prices, failures, crashes and restarts, and an endpoint that keeps its own ledger."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.slow.engine_runs import Silent

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.ports import Answer, Claim
from passmuster.records.candidate import Candidate, Cap, Price, candidate_digest
from passmuster.records.case import Case
from passmuster.records.corpus import CorpusVersion
from passmuster.records.money import token_cost
from passmuster.records.run import Run, RunEnd
from passmuster.records.task import Task
from passmuster.records.trial import (
    Attempt,
    Exchange,
    Failure,
    FailureKind,
    Outcome,
    Reply,
    Request,
    Source,
    Trial,
    TrialKey,
    Usage,
)
from passmuster.runner.bounds import call_bounds, most_tokens
from passmuster.runner.prompt import render
from passmuster.runner.retry import RetryPolicy
from passmuster.testing import FakeClock
from passmuster.workflows.run import RunOptions, RunPorts, run

AT_A_TIME = 20
LIVES = 6
"""Starts of one run at most; the last one is left alone."""
ROUNDING = 1e-9
"""Sums of floating-point numbers differ in their last digits."""
TASK = Task(name="money", metrics=())
RETRY = RetryPolicy(attempts=3, rate_limited=4)
SEEN: dict[str, FailureKind] = {"refused": "rate_limit", "broken": "server_error", "wrong": "bad_request"}
UNSEEN: dict[str, FailureKind] = {"late": "timeout", "cut": "connection", "garbled": "malformed"}
UNSEEN["half told"] = "malformed"
PART_TOLD = Usage(input=1, output=0, estimated=True)
STOPPING: dict[str, FailureKind] = {"locked": "auth", "empty": "quota"}
FATES = {
    "told": 26,
    "estimated": 6,
    "untold": 4,
    "refused": 6,
    "broken": 5,
    "wrong": 2,
    "late": 10,
    "cut": 7,
    "garbled": 6,
    "half told": 6,
    "raises": 3,
    "hangs": 2,
    "locked": 1,
    "empty": 1,
}
"""How calls end, and how often."""


class CrashError(BaseException):
    """The process dies here: nothing of ours catches it."""


WORLD: ContextVar["World"] = ContextVar("world")
"""Whose process is at work: threads that a run starts are told, too."""


class World:
    """What outlives a crash: the endpoint with its own ledger, and the moment of the next crash."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - chance of a test
        self.path = folder / f"{seed}.db"
        self.clock = FakeClock()
        self.billed: defaultdict[str, float] = defaultdict(float)
        self.fates: Counter[str] = Counter()
        self.process = 0
        self.dead = False
        self.crash_in: int | None = None
        self.cancel_in: int | None = None
        self.stops = 0
        self.task: asyncio.Task[RunEnd] | None = None

    @property
    def total(self) -> float:
        return sum(self.billed.values())

    def step(self, process: int) -> None:
        """Take a step of a process; it may be the one at which it dies, or is told to stop."""
        if process != self.process:
            raise CrashError
        if self.crash_in is not None:
            self.crash_in -= 1
            if self.crash_in < 0:
                self.crash_in, self.dead = None, True
                self.stop()
        if self.dead:
            raise CrashError
        if self.cancel_in is not None:
            self.cancel_in -= 1
            if self.cancel_in in {0, -3}:
                self.stop()

    def stop(self) -> None:
        """Interrupt the run; steps are taken in threads, too."""
        if self.task is not None and self.stops:
            self.stops -= 1
            self.task.get_loop().call_soon_threadsafe(self.task.cancel)


class Paid:
    """An endpoint that bills each call when it comes, and tells of it or not."""

    source: Source = "measured"

    def __init__(self, world: World, candidate: Candidate) -> None:
        self._world = world
        self._process = world.process
        self._candidate = candidate
        self._bounds = call_bounds(candidate)

    async def ask(self, request: Request) -> Exchange:
        world, chance = self._world, self._world.chance
        world.step(self._process)
        (fate,) = chance.choices(list(FATES), list(FATES.values()))
        if fate == "hangs" and world.cancel_in is None:
            fate = "late"
        world.fates[fate] += 1
        usage = self._usage(request)
        bill = self._bill(request, usage, fate)
        world.billed[self._candidate.name] += bill
        started = world.clock.now()
        await world.clock.sleep(chance.choice([0.0, 0.3, 2.0]))
        if fate == "hangs":
            world.stop()
            await asyncio.Event().wait()
        world.step(self._process)
        if fate == "raises":
            raise RuntimeError(fate)
        outcome, told = self._told(fate, usage)
        error = outcome.kind if isinstance(outcome, Failure) else None
        seconds = world.clock.now() - started
        return Exchange(outcome, Attempt(started=started, seconds=seconds, usage=told, error=error))

    async def close(self) -> None:
        """Nothing is open."""

    def _usage(self, request: Request) -> Usage:
        """Return what the call really uses: often as much as it can."""
        chance, most = self._world.chance, most_tokens(request.conversation)
        limit = self._candidate.parameters.get("max_tokens", 50)
        assert isinstance(limit, int)
        if chance.random() < 0.4:
            return Usage(input=most, output=limit)
        return Usage(input=chance.randint(1, most), output=chance.randint(0, limit))

    def _bill(self, request: Request, usage: Usage, fate: str) -> float:
        chance = self._world.chance
        most = self._bounds.usd(request.conversation)
        assert most is not None
        if fate in SEEN or fate in STOPPING:
            return 0.0
        price = self._candidate.price
        if fate in {"told", "estimated"} and price is not None:
            return token_cost(usage, price) or 0.0
        least = token_cost(PART_TOLD, price) or 0.0 if fate == "half told" else 0.0
        return max(least, chance.choice([0.0, most, most, most, most * chance.random()]))

    def _told(self, fate: str, usage: Usage) -> tuple[Outcome, Usage | None]:
        if fate in {"told", "estimated", "untold"}:
            return Reply(text="yes"), {"told": usage, "estimated": PART_TOLD, "untold": None}[fate]
        told = PART_TOLD if fate == "half told" else None
        return Failure(kind={**SEEN, **UNSEEN, **STOPPING}[fate], message=fate), told


class MortalStore(SqliteStore):
    """A store of a process that may die just before or just after any write."""

    def __init__(self, world: World) -> None:
        super().__init__(world.path)
        self._world = world
        self._process = world.process

    @contextmanager
    def _step(self) -> Iterator[None]:
        self._world.step(self._process)
        yield
        self._world.step(self._process)

    def append(self, run: str, trials: Sequence[Trial]) -> None:
        with self._step():
            super().append(run, trials)

    def claim(self, run: str, wanted: Sequence[Claim], now: float, *, failures: bool = True) -> list[Answer]:
        with self._step():
            return super().claim(run, wanted, now, failures=failures)

    def release(self, run: str, keys: Iterable[TrialKey] | None = None) -> None:
        with self._step():
            super().release(run, keys)

    def begin(self, run: Run, cases: Iterable[Case]) -> None:
        with self._step():
            super().begin(run, cases)

    def end(self, end: RunEnd) -> None:
        with self._step():
            super().end(end)


@dataclass(kw_only=True)
class Story:
    """One run with its budgets, from its first start to the last."""

    seed: int
    candidates: Sequence[Candidate]
    cases: tuple[Case, ...]
    budget: float | None
    world: World
    ends: list[RunEnd | None] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    async def live(self, *, alone: bool) -> None:
        """Start the run once, as a new process, and check what it says of its money."""
        world, chance = self.world, self.world.chance
        world.process += 1
        world.dead, world.crash_in, world.cancel_in, world.task = False, None, None, None
        world.stops = chance.choice([1, 2])
        world.clock = FakeClock(world.clock.now() + 1.0)
        if not alone:
            fate = chance.choice(["crash", "crash", "cancel", "end"])
            world.crash_in = chance.randint(0, chance.choice([10, 30, 60])) if fate == "crash" else None
            world.cancel_in = chance.randint(1, 60) if fate == "cancel" else None
        before = world.total
        end = await self._run()
        self.ends.append(end)
        billed = world.total - before
        if end is not None and end.spend is not None:
            told = f"spend {end.spend} and {end.at_risk} at risk told of {billed}"
            self.that(end.spend + end.at_risk >= billed - ROUNDING, told)
            self.that(end.spend <= billed + ROUNDING, told)
        budget = float("inf") if self.budget is None else self.budget
        self.that(world.total <= budget + ROUNDING, f"{world.total} billed of {budget}")
        for candidate in self.candidates:
            cap = candidate.cap.budget if candidate.cap is not None else None
            own = world.billed[candidate.name]
            self.that(cap is None or own <= cap + ROUNDING, f"{own} billed of {cap} for {candidate.name}")

    def that(self, held: object, text: str) -> None:
        if not held:
            self.problems.append(f"seed {self.seed}, start {len(self.ends)}: {text}")

    async def _run(self) -> RunEnd | None:
        world = self.world
        providers = {candidate_digest(each): Paid(world, each) for each in self.candidates}
        corpus = CorpusVersion(version="v", path="p", split="eval", cases=self.cases)
        options = RunOptions(budget=self.budget, retry=RETRY, drain=0.0)
        with MortalStore(world) as store:
            ports = RunPorts(
                trials=store,
                runs=store,
                claims=store,
                clock=world.clock,
                progress=Silent(),
                uniform=world.chance,
            )
            task = asyncio.create_task(run(TASK, corpus, self.candidates, providers, ports, options))
            world.task = task
            try:
                return await task
            except BaseException:
                # To be interrupted twice ends it at once.
                if not world.dead and world.stops:
                    raise
                return None


def story(seed: int, folder: Path) -> Story:
    world = World(seed, folder)
    chance = world.chance
    cases = tuple(
        Case(id=f"c{n}", input="word " * chance.randint(1, 40)) for n in range(chance.randint(2, 9))
    )
    candidates = [_candidate(name, chance) for name in "abc"[: chance.randint(1, 3)]]
    expected = [_expected(candidate, cases) for candidate in candidates]
    share = chance.choice([0.05, 0.3, 0.5, 0.8, 1.2, 3.0])
    budget = None if chance.random() < 0.15 else sum(expected) * share
    for index, each in enumerate(expected):
        if budget is None or chance.random() < 0.4:
            cap = replace(candidates[index].cap or Cap(), budget=each * chance.choice([0.1, 0.5, 1.0]))
            candidates[index] = replace(candidates[index], cap=cap)
    return Story(seed=seed, candidates=candidates, cases=cases, budget=budget, world=world)


def _candidate(name: str, chance: random.Random) -> Candidate:
    price = Price(input=round(chance.uniform(0.1, 20), 2), output=round(chance.uniform(0.1, 80), 2))
    candidate = Candidate(
        name=name,
        provider="openai",
        endpoint=f"https://{name}.example/v1",
        model=name,
        parameters={"max_tokens": chance.choice([1, 20, 400])},
        price=price,
        concurrency=chance.choice([1, 2, 8]),
    )
    if chance.random() < 0.25:
        # Nothing but the user's word bounds it.
        return replace(candidate, price=None, cap=Cap(per_call=chance.choice([0.1, 0.02, 0.3])))
    return candidate


def _expected(candidate: Candidate, cases: Iterable[Case]) -> float:
    """Return what a run costs when each case takes a call at its worst."""
    bounds = call_bounds(candidate)
    return sum(bounds.usd(render(None, case)) or 0.0 for case in cases)


async def lived(seed: int, folder: Path) -> Story:
    """Start a run again and again until it is complete, or nothing more can come of it."""
    told = story(seed, folder)
    WORLD.set(told.world)
    for number in range(LIVES):
        await told.live(alone=number == LIVES - 1)
        end = told.ends[-1]
        if end is not None and end.status == "complete":
            break
    return told


async def all_lived(seeds: Iterable[int], folder: Path) -> list[Story]:
    """Live through many runs, some at a time: most of what a run does is to wait for its store."""
    free = asyncio.Semaphore(AT_A_TIME)

    async def one(seed: int) -> Story:
        async with free, asyncio.timeout(60):
            return await lived(seed, folder)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(seed)) for seed in seeds]
    return [task.result() for task in tasks]
