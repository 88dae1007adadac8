"""Runs, crashes, interruptions and changes of the corpus in any order: nothing stored is asked again or lost."""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from passmuster.adapters.clock import MonotonicClock
from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.corpus import CorpusVersion
from passmuster.records.run import RunEnd
from passmuster.records.task import Task
from passmuster.records.trial import (
    Attempt,
    Exchange,
    Failure,
    Outcome,
    Reply,
    Request,
    Source,
    Trial,
    TrialKey,
)
from passmuster.runner.plan import plan
from passmuster.workflows.run import RunOptions, RunPorts, run


class CrashError(BaseException):
    """The process dies here: nothing of ours catches it."""


class World:
    """What outlives a crash: the endpoint's memory of what it was asked, and the cases."""

    def __init__(self) -> None:
        self.asked: list[TrialKey] = []
        self.cases: list[Case] = []
        self.crash_at: int | None = None
        self.cancel_at: int | None = None
        self.task: asyncio.Task[RunEnd] | None = None

    def step(self) -> None:
        for name, act in (("crash_at", self._crash), ("cancel_at", self._cancel)):
            left = getattr(self, name)
            if left is not None:
                setattr(self, name, left - 1)
                if left == 0:
                    act()

    def _crash(self) -> None:
        raise CrashError

    def _cancel(self) -> None:
        # A store is written in a thread: there, too, Control-C may come.
        assert self.task is not None
        self.task.get_loop().call_soon_threadsafe(self.task.cancel)


class Endpoint:
    source: Source = "measured"

    def __init__(self, world: World, candidate: Candidate) -> None:
        self._world = world
        self._candidate = candidate

    async def ask(self, request: Request) -> Exchange:
        self._world.step()
        (key,) = (ask.key for ask in plan([request.case], [self._candidate]))
        self._world.asked.append(key._replace(repeat=request.repeat))
        await asyncio.sleep(0)
        return Exchange(answer(request.case, request.repeat), Attempt(started=0.0, seconds=0.0))

    async def close(self) -> None:
        """Nothing is open."""


class CrashingStore(SqliteStore):
    """A store during whose writes the process may die, just before or just after the commit."""

    def __init__(self, path: Path, world: World) -> None:
        super().__init__(path)
        self._world = world

    def append(self, run: str, trials: Sequence[Trial]) -> None:
        self._world.step()
        super().append(run, trials)
        self._world.step()


class Silent:
    def planned(self, total: int, reused: int) -> None:
        """Nothing is shown."""

    def reused(self, number: int) -> None:
        """Keep quiet."""

    def finished(self, trial: Trial, cost: float | None) -> None:
        """Nothing is shown."""


def answer(case: Case, repeat: int) -> Outcome:
    if case.id.endswith("3"):
        return Failure(kind="bad_request", message=f"no {case.input}")
    return Reply(text=f"{case.input}/{repeat}")


TASK = Task(name="machine", metrics=(), repeats=2)
CANDIDATES = [Candidate(name=name, provider="openai", model=name, concurrency=3) for name in ("a", "b")]


class RunMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "store.sqlite"
        self.stored: dict[TrialKey, Trial] = {}

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def go(self, limit: int | None = None) -> RunEnd | None:
        """Run on a newly opened store, as a new process would; None where it crashed."""
        world, clock = self.world, MonotonicClock()
        providers = {candidate_digest(each): Endpoint(world, each) for each in CANDIDATES}
        corpus = CorpusVersion(version="v", path="p", split="eval", cases=tuple(world.cases))

        async def named() -> RunEnd:
            with CrashingStore(self.path, world) as store:
                ports = RunPorts(
                    trials=store, runs=store, clock=clock, progress=Silent(), uniform=np.random.default_rng(0)
                )
                work = run(TASK, corpus, CANDIDATES, providers, ports, RunOptions(limit=limit, drain=0.0))
                world.task = asyncio.create_task(work)
                return await world.task

        try:
            return asyncio.run(named())
        except BaseException as error:
            if not crashed(error):
                raise
            return None
        finally:
            world.crash_at = world.cancel_at = None

    @initialize(number=st.integers(1, 6))
    def some_cases(self, number: int) -> None:
        self.add_cases(number)

    @rule(number=st.integers(1, 3))
    def add_cases(self, number: int) -> None:
        start = len(self.world.cases)
        self.world.cases += [
            Case(id=f"c{place}", input=f"text {place % 5}") for place in range(start, start + number)
        ]

    @rule()
    def correct_a_label(self) -> None:
        first = self.world.cases[0]
        self.world.cases[0] = Case(id=first.id, input=first.input, reference=f"{first.reference}!")

    @rule()
    def runs_to_its_end(self) -> None:
        end = self.go()

        assert end is not None
        assert end.status == "complete"
        keys = {ask.key for ask in plan(self.world.cases, CANDIDATES, TASK.repeats)}
        assert keys <= self.read().keys()
        assert end.asked + end.reused == len(keys)

    @rule(at=st.integers(0, 30))
    def crashes(self, at: int) -> None:
        self.world.crash_at = at
        self.go()

    @rule(at=st.integers(0, 20))
    def is_interrupted(self, at: int) -> None:
        self.world.cancel_at = at
        end = self.go()

        assert end is not None
        assert end.status in {"complete", "interrupted"}

    @precondition(lambda self: len(self.world.cases) > 1)
    @rule(limit=st.integers(1, 3))
    def runs_a_few_cases(self, limit: int) -> None:
        end = self.go(limit)

        assert end is not None
        assert end.status == "complete"

    @invariant()
    def what_was_stored_stays_and_is_not_asked_again(self) -> None:
        now = self.read()
        asked = {key: self.world.asked.count(key) for key in now}

        assert {key: now.get(key) for key in self.stored} == self.stored
        assert {key: asked[key] for key in self.stored} == {key: self.times[key] for key in self.stored}
        self.stored, self.times = now, asked

    @invariant()
    def every_stored_trial_is_right(self) -> None:
        texts = {
            ask.key: ask.case for ask in plan(self.world.cases, CANDIDATES, 50) if ask.key in self.stored
        }
        for key, trial in self.stored.items():
            case = texts[key]
            if trial.case_id == case.id:
                assert trial.outcome == answer(case, key.repeat)

    def read(self) -> dict[TrialKey, Trial]:
        if not self.path.exists():
            return {}
        with SqliteStore(self.path) as store:
            found = list(store.trials(candidate_digest(each) for each in CANDIDATES))
        assert len(found) == len({trial.key for trial in found})
        return {trial.key: trial for trial in found}

    times: dict[TrialKey, int]


def crashed(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return any(crashed(part) for part in error.exceptions)
    return isinstance(error, CrashError)


TestRunMachine = RunMachine.TestCase
TestRunMachine.settings = settings(deadline=None, max_examples=25, stateful_step_count=12)
