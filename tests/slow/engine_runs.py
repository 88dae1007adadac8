"""Runs of the engine against simulators, for the slow tests."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

from passmuster.adapters.clock import MonotonicClock
from passmuster.adapters.providers.openai.compatible import OpenAIProvider
from passmuster.adapters.providers.wire.wire import Connection
from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.ports import Provider
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.corpus import CorpusVersion
from passmuster.records.run import RunEnd
from passmuster.records.task import Task
from passmuster.records.trial import Trial
from passmuster.workflows.run import RunOptions, RunPorts, run


class Silent:
    """Progress that nobody looks at."""

    def planned(self, total: int, reused: int) -> None:
        """Nothing is shown."""

    def reused(self, number: int) -> None:
        """Nothing is shown."""

    def finished(self, trial: Trial, cost: float | None) -> None:
        """Nothing is shown."""


def cases_of(number: int) -> list[Case]:
    """Return so many different cases."""
    return [Case(id=f"{n:05}", input=f"question {n}") for n in range(number)]


def whole_run(
    path: Path,
    candidates: Sequence[Candidate],
    cases: Sequence[Case],
    options: RunOptions | None = None,
    connection: Connection | None = None,
) -> tuple[RunEnd, dict[str, list[Trial]]]:
    """Run these candidates on these cases with a store at `path`; return the end and their trials by name."""
    clock = MonotonicClock()
    corpus = CorpusVersion(version="v", path="p", split="eval", cases=tuple(cases))

    async def go(store: SqliteStore) -> RunEnd:
        providers: dict[str, Provider] = {
            candidate_digest(each): OpenAIProvider(each, "key", clock, connection=connection)
            for each in candidates
        }
        ports = RunPorts(
            trials=store,
            runs=store,
            claims=store,
            clock=clock,
            progress=Silent(),
            uniform=random.Random(5),  # noqa: S311 - jitter
        )
        try:
            return await run(Task(name="t", metrics=()), corpus, candidates, providers, ports, options)
        finally:
            for provider in providers.values():
                await provider.close()

    with SqliteStore(path) as store:
        end = asyncio.run(go(store))
        return end, {each.name: list(store.trials([candidate_digest(each)])) for each in candidates}
