"""What the command line asks models, from Python: a run, and a check before it. It loads nothing that only compares."""

import asyncio
import random
from collections.abc import Mapping, Sequence

from passmuster.ports import Progress, Provider
from passmuster.project.load import Project
from passmuster.project.names import asked_candidates
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.run import RunEnd
from passmuster.records.trial import Trial
from passmuster.workflows import check as checking
from passmuster.workflows import run as running


class _Silent:
    def planned(self, total: int, reused: int) -> None:
        """Keep quiet."""

    def reused(self, number: int) -> None:
        """Keep quiet."""

    def finished(self, trial: Trial, cost: float | None) -> None:
        """Keep quiet."""


def run(
    project: Project,
    *,
    limit: int | None = None,
    only: Sequence[str] = (),
    retry_failures: bool = False,
    progress: Progress | None = None,
) -> RunEnd:
    """Ask what the store does not have yet, and write a report file per candidate.

    Args:
        project: The project.
        limit: How many cases, the same for every candidate; None is all.
        only: Names of candidates; none is all.
        retry_failures: Whether trials that failed before are asked again.
        progress: Is told how the run goes on.

    Raises:
        UsageError: for an unknown candidate, or a limit below 1.
        MissingSecretError: where a key is not set.
        StoreError: where the store cannot be written.
    """
    chosen = asked_candidates(project, only)
    options = running.RunOptions(
        limit=limit, only=tuple(candidate.name for candidate in chosen), retry_failures=retry_failures
    )
    with project.store() as store:
        ports = running.RunPorts(
            trials=store,
            runs=store,
            claims=store,
            cache=store,
            clock=project.clock,
            progress=progress or _Silent(),
            uniform=random.Random(),  # noqa: S311  # jitter of retries is no secret
        )
        end = asyncio.run(_run(project, chosen, ports, options))
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
    providers = project.providers([candidate.name for candidate in chosen])
    try:
        return await running.run(project.task, project.corpus(), project.asked, providers, ports, options)
    finally:
        await _close(providers)


async def _close(providers: Mapping[str, Provider]) -> None:
    for provider in providers.values():
        await provider.close()


def check(project: Project, *, only: Sequence[str] = ()) -> tuple[checking.CheckResult, ...]:
    """Make one call per candidate, with the first case, and say what each told.

    Raises:
        UsageError: for an unknown candidate.
        MissingSecretError: where a key is not set.
    """
    chosen = asked_candidates(project, only)
    return asyncio.run(_check(project, chosen, project.corpus().cases[0]))


async def _check(
    project: Project, chosen: Sequence[Candidate], case: Case
) -> tuple[checking.CheckResult, ...]:
    providers = project.providers([candidate.name for candidate in chosen])
    try:
        return await checking.check(case, chosen, providers, project.clock)
    finally:
        await _close(providers)
