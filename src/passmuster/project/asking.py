"""What the command line asks models, from Python: a run, and a check before it. It loads nothing that only compares."""

import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.corpus.sample import first_cases
from passmuster.corpus.versions.content import corpus_version
from passmuster.errors import UsageError
from passmuster.ports import Progress, Provider
from passmuster.project.load import Project
from passmuster.project.loop import until_done
from passmuster.project.names import asked_candidates
from passmuster.project.own_metrics import is_own
from passmuster.project.pasted import refuse_pasted
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.run import RunEnd
from passmuster.records.trial import Trial
from passmuster.runner.plan import plan
from passmuster.workflows import amend as amending
from passmuster.workflows import check as checking
from passmuster.workflows import estimate as estimating
from passmuster.workflows import run as running
from passmuster.workflows.amend import Amendment
from passmuster.workflows.estimate import Estimate

__all__ = ["Amendment", "Estimate", "SideRun", "amend", "check", "estimate", "run", "run_beside"]


class Silent:
    """A progress that nobody looks at."""

    def planned(self, total: int, reused: int) -> None:
        """Keep quiet."""

    def reused(self, number: int) -> None:
        """Keep quiet."""

    def finished(self, trial: Trial, cost: float | None) -> None:
        """Keep quiet."""


def run(  # noqa: PLR0913 - what the command line offers, under the same names
    project: Project,
    *,
    limit: int | None = None,
    only: Sequence[str] = (),
    retry_failures: bool = False,
    budget: float | None = None,
    cache: bool = True,
    progress: Progress | None = None,
    everybody: bool = False,
) -> RunEnd:
    """Ask what the store does not have yet, and write a report file per candidate.

    Args:
        project: The project.
        limit: How many cases, the same for every candidate; None is all.
        only: Names of candidates; none is all.
        retry_failures: Whether trials that failed before are asked again.
        budget: The most that may be spent, in US dollars; None takes that of the project file.
        cache: Whether replies to the very same request of earlier runs are taken.
        progress: Is told how the run goes on.
        everybody: Whether candidates that miss a requirement of the task are asked all the same.

    Raises:
        UsageError: for an unknown candidate, or a limit below 1.
        MissingSecretError: where a key is not set.
        StoreError: where the store cannot be written.
        ConfigurationError: for a metric that cannot be loaded, and for a prompt that holds a case which is scored.
    """
    chosen = asked_candidates(project, only, everybody=everybody)
    refuse_pasted(project)
    if any(is_own(metric.kind) for metric in project.task.metrics):
        project.metrics()  # a slip in what users wrote themselves is told before anything is paid for
    options = running.RunOptions(
        limit=limit,
        only=tuple(candidate.name for candidate in chosen),
        retry_failures=retry_failures,
        budget=project.settings.budget if budget is None else budget,
    )
    with project.store() as store:
        ports = engine_ports(project, store, progress or Silent(), cache=cache)
        end = until_done(_run(project, chosen, ports, options))
    # It brings numpy and scipy, which no request should wait for.
    from passmuster.project.api import write_reports  # noqa: PLC0415

    write_reports(project, chosen)
    return end


async def _run(
    project: Project,
    chosen: Sequence[Candidate],
    ports: running.RunPorts,
    options: running.RunOptions,
) -> RunEnd:
    async with opened(project, chosen) as providers:
        return await running.run(project.task, project.corpus(), project.asked, providers, ports, options)


def engine_ports(
    project: Project, store: SqliteStore, progress: Progress, *, cache: bool
) -> running.RunPorts:
    """Return what a run of this project needs of the outside world."""
    return running.RunPorts(
        trials=store,
        runs=store,
        claims=store,
        cache=store if cache else None,
        clock=project.clock,
        progress=progress,
        uniform=random.Random(),  # noqa: S311  # jitter of retries is no secret
        inner_prices=project.price_of,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRun:
    """Cases that candidates are asked beside the task: a run of its own under the task's name and a label.

    `names` are candidates of the project, `asked_as` returns one with another prompt or other parameters. Every case
    is asked once; `budget` is US dollars, None no limit.
    """

    label: str
    names: tuple[str, ...]
    cases: Sequence[Case]
    asked_as: Callable[[Candidate], Candidate] | None = None
    budget: float | None = None


def run_beside(project: Project, side: SideRun, progress: Progress) -> RunEnd:
    """Ask what the store does not have yet of a run beside the task; no report is written.

    Raises:
        UsageError: for an unknown candidate.
        MissingSecretError: where a key is not set.
        StoreError: where the store cannot be written.
    """
    return until_done(_run_beside(project, side, progress))


async def _run_beside(project: Project, side: SideRun, progress: Progress) -> RunEnd:
    change, chosen = side.asked_as, asked_candidates(project, side.names)
    changed = (each if change is None else change(each) for each in chosen)
    asked = tuple({candidate_digest(each): each for each in changed}.values())
    task = replace(project.task, name=f"{project.task.name}: {side.label}", repeats=1)
    version = corpus_version(side.cases, project.settings.corpus.path)
    options = running.RunOptions(budget=side.budget)
    async with opened(project, chosen, change) as providers:
        with project.store() as store:
            ports = engine_ports(project, store, progress, cache=True)
            return await running.run(task, version, asked, providers, ports, options)


def estimate(
    project: Project,
    *,
    limit: int | None = None,
    only: Sequence[str] = (),
    retry_failures: bool = False,
    everybody: bool = False,
) -> Estimate:
    """Return what a run would cost; no model is called.

    Raises:
        UsageError: for an unknown candidate, or a limit below 1.
        StoreError: where the store cannot be read.
    """
    chosen = asked_candidates(project, only, everybody=everybody)
    refuse_pasted(project)
    cases = first_cases(project.corpus().cases, limit)
    whole = plan(cases, chosen, project.task.repeats)
    with project.store() as store:
        done = store.done(whole.candidates, failures=not retry_failures)
        history = {key: store.trials([key], newest_first=True) for key in whole.candidates}
        lanes = [
            (candidate, (ask for ask in running.receivable(whole, key) if ask.key not in done))
            for key, candidate in whole.candidates.items()
        ]
        return estimating.estimate(lanes, history)


def amend(
    project: Project, *, limit: int | None = None, only: Sequence[str] = (), everybody: bool = False
) -> Amendment:
    """Return what a run would add to the last run of this task.

    Raises:
        UsageError: where there is no earlier run, or a candidate of one would be asked everything again.
        StoreError: where the store cannot be read.
    """
    chosen = asked_candidates(project, only, everybody=everybody)
    with project.store() as store:
        earlier = [row for row, _ in store.runs() if row.task == project.task.name]
    if not earlier:
        raise UsageError("there is no earlier run of this task to amend", hint="Start one: passmuster run")
    whole = plan(first_cases(project.corpus().cases, limit), chosen, project.task.repeats)
    digests = [digest for _, digest, _ in whole.pools]
    found = amending.amendment(earlier, chosen, digests, project.task.repeats)
    return amending.only_adds(found)


@asynccontextmanager
async def opened(
    project: Project, chosen: Sequence[Candidate], asked_as: Callable[[Candidate], Candidate] | None = None
) -> AsyncIterator[Mapping[str, Provider]]:
    """Open the providers of these candidates, and close each of them whatever the others' closing raises."""
    async with closing(project.providers([candidate.name for candidate in chosen], asked_as)) as providers:
        yield providers


@asynccontextmanager
async def closing(providers: Mapping[str, Provider]) -> AsyncIterator[Mapping[str, Provider]]:
    """Close each of these providers in the end, whatever the others' closing raises."""
    async with AsyncExitStack() as stack:
        for provider in providers.values():
            stack.push_async_callback(provider.close)
        yield providers


def check(project: Project, *, only: Sequence[str] = ()) -> tuple[checking.CheckResult, ...]:
    """Make one call per candidate, with the first case, and say what each told.

    Raises:
        UsageError: for an unknown candidate.
        MissingSecretError: where a key is not set.
    """
    chosen = asked_candidates(project, only)
    return until_done(_check(project, chosen, project.corpus().cases))


async def _check(
    project: Project, chosen: Sequence[Candidate], cases: Sequence[Case]
) -> tuple[checking.CheckResult, ...]:
    async with opened(project, chosen) as providers:
        return await checking.check(cases, chosen, providers, project.clock)
