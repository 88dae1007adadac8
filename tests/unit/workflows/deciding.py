"""A task with three candidates, endpoints that answer at a rate, and runs of it until it is decided."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.metrics.registry import build_metric
from passmuster.ports import Provider
from passmuster.records.candidate import Candidate, Price, candidate_digest
from passmuster.records.case import Case
from passmuster.records.comparison import Comparison
from passmuster.records.corpus import CorpusVersion
from passmuster.records.run import RunEnd
from passmuster.records.stopped import Stop
from passmuster.records.task import Bar, MetricSpec, Task
from passmuster.records.trial import (
    Attempt,
    Exchange,
    Failure,
    Reply,
    Request,
    Source,
    Trial,
    Usage,
)
from passmuster.workflows.at_work import RunOptions, RunPorts
from passmuster.workflows.compare import compare
from passmuster.workflows.early_runs import newest_early
from passmuster.workflows.laying import Question
from passmuster.workflows.until_decided import Wish, run_until_decided

SPEC = MetricSpec(name="accuracy", kind="exact_match")
CASES = tuple(Case(id=f"{index:03}", input=f"text {index}", reference="yes") for index in range(300))
CORPUS = CorpusVersion(version="v1", path="cases.jsonl", split="eval", cases=CASES)
BAR = Bar(metric="accuracy", at_least=0.7)
TASK = Task(name="t", metrics=(SPEC,), bars=(BAR,))
POOR, GOOD, DEAR = (
    Candidate(name=name, provider="openai", model=name, price=Price(input=price, output=price))
    for name, price in (("poor", 1.0), ("good", 2.0), ("dear", 9.0))
)
RATES = {"poor": 0.4, "good": 0.9, "dear": 0.95}


class Clock:
    time = 1795217460.5

    def now(self) -> float:
        self.time += 0.001
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


class Endpoint:
    """Answers right at a rate, the same way whenever it is asked the same case."""

    source: Source = "measured"

    def __init__(self, name: str, rate: float) -> None:
        self.asked: list[str] = []
        draws = np.random.default_rng(len(name)).random(len(CASES))
        self.right = {case.id: bool(draw < rate) for case, draw in zip(CASES, draws, strict=True)}
        self.refuses_after: int | None = None
        self.seventy = asyncio.Event()

    async def ask(self, request: Request) -> Exchange:
        await asyncio.sleep(0)
        attempt = Attempt(started=1.0, seconds=0.5, usage=Usage(input=10, output=10))
        if self.refuses_after is not None and len(self.asked) >= self.refuses_after:
            return Exchange(Failure(kind="auth", message="no"), replace(attempt, usage=None, error="auth"))
        self.asked.append(request.case.id)
        if len(self.asked) == 70:
            self.seventy.set()
        return Exchange(Reply(text="yes" if self.right[request.case.id] else "no"), attempt)

    async def close(self) -> None:
        """Nothing is open."""


class Quiet:
    def planned(self, total: int, reused: int) -> None:
        """Say nothing."""

    def reused(self, number: int) -> None:
        """Say nothing."""

    def finished(self, trial: Trial, cost: float | None) -> None:
        """Say nothing."""


class Bench:
    """One store, and endpoints that remember what they were asked."""

    def __init__(self, store: SqliteStore, candidates: Sequence[Candidate] = (POOR, GOOD, DEAR)) -> None:
        self.store = store
        self.clock = Clock()
        self.candidates = tuple(candidates)
        self.endpoints = {each.name: Endpoint(each.name, RATES.get(each.name, 0.9)) for each in candidates}

    def question(self, task: Task = TASK, cases: Iterable[Case] = CASES) -> Question:
        return Question(
            task=task,
            metrics=tuple(build_metric(spec) for spec in task.metrics),
            corpus=replace(CORPUS, cases=tuple(cases)),
            candidates=self.candidates,
        )

    async def go(
        self,
        wish: Wish | None = None,
        task: Task = TASK,
        cases: Iterable[Case] = CASES,
        options: RunOptions | None = None,
    ) -> RunEnd:
        ports = RunPorts(
            trials=self.store,
            runs=self.store,
            clock=self.clock,
            progress=Quiet(),
            uniform=np.random.default_rng(0),
        )
        providers: Mapping[str, Provider] = {
            candidate_digest(each): self.endpoints[each.name] for each in self.candidates
        }
        return await run_until_decided(
            self.question(task, cases),
            providers,
            ports,
            options or RunOptions(),
            wish or Wish(),
            self.store.made,
        )

    def compared(self, task: Task = TASK, cases: Iterable[Case] = CASES) -> Comparison:
        question = replace(self.question(task, cases), early=newest_early(self.store.runs(), task.name))
        trials = list(self.store.trials([candidate_digest(each) for each in self.candidates]))
        return compare(question, trials, lambda _cases: trials, generated="2026-01-01T00:00:00Z")[0]

    def asked(self) -> dict[str, int]:
        return {name: len(endpoint.asked) for name, endpoint in self.endpoints.items()}


def stop_of(end: RunEnd, name: str) -> Stop:
    assert end.early is not None
    stop = end.early.stop_of(name)
    assert stop is not None
    return stop
