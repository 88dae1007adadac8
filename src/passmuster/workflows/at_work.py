"""What a run works with from its first call to its last: its claims, its budget, and the store of what it finishes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import dropwhile, starmap

from passmuster.ports import (
    Answer,
    Cache,
    Claim,
    ClaimStore,
    Clock,
    Progress,
    RunStore,
    TrialStore,
)
from passmuster.records.candidate import Price, candidate_digest
from passmuster.records.case import Case
from passmuster.records.run import Run, RunEnd
from passmuster.records.trial import Trial, TrialKey
from passmuster.runner.budget import Budget
from passmuster.runner.engine import Desk, Lane, Sink, Tally, run_trials
from passmuster.runner.feed import Lease, Reservations
from passmuster.runner.retry import RetryPolicy, Uniform


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPorts:
    """What a run needs of the outside world.

    `claims` keep two processes from making the same trial (None: nobody else is at work), `cache` has replies
    of earlier runs (None: nothing is taken from there), `uniform` gives the jitter of retries, and
    `inner_prices` those of models that a pipeline asks.
    """

    trials: TrialStore
    runs: RunStore
    clock: Clock
    progress: Progress
    uniform: Uniform
    claims: ClaimStore | None = None
    cache: Cache | None = None
    inner_prices: Callable[[str], Price | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How much of the plan is asked for now, and how.

    `limit` is the number of cases, the same for all candidates; `only` names candidates; `seed` orders the
    cases that `limit` takes; `retry_failures` asks stored failures again; `budget` is the most that may be
    spent, in US dollars, together with what unfinished runs of this task before it spent; `drain` is how many
    seconds calls in flight get when the run is interrupted.
    """

    limit: int | None = None
    only: tuple[str, ...] = ()
    seed: int = 0
    retry_failures: bool = False
    budget: float | None = None
    retry: RetryPolicy | None = None
    drain: float = 2.0


def continued(runs: Sequence[tuple[Run, RunEnd | None]], run: Run) -> list[Run]:
    """Return the earlier runs of the task that this one goes on with: all since one was complete that covers it.

    A run of fewer cases or candidates is a part of the same undertaking, whether it was complete or not. Earlier
    is what the store had before: of two runs that begin at once, exactly one finds the other, whatever their clocks say.

    Args:
        runs: All runs, newest first.
        run: The new one, which is among them.
    """
    wanted = {candidate_digest(candidate) for candidate in run.candidates}
    found: list[Run] = []
    for row, end in dropwhile(lambda each: each[0].id != run.id, runs):
        if row.task != run.task or row.id == run.id:
            continue
        covers = (
            wanted <= {candidate_digest(candidate) for candidate in row.candidates}
            and len(row.cases) >= len(run.cases)
            and row.repeats >= run.repeats
        )
        if covers and end is not None and end.status == "complete":
            break
        found.append(row)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class AtWork:
    """A run between its first call and its last."""

    desk: Desk
    ports: RunPorts
    claims: "_RunClaims | None"
    reservations: Reservations | None

    async def ask(self, lanes: Sequence[Lane]) -> Tally:
        """Ask every trial of these lanes, and return the tally; may be called again and again.

        Raises:
            StoreError: where finished trials, or claims, cannot be stored.
        """
        tally = await run_trials(lanes, self.desk)
        if self.claims is not None and self.reservations is not None:
            await self.reservations.settle()
            # What calls without a trial cost is known now: it stands in for the most that they could.
            if tally.unmade:
                self.claims.claim(list(starmap(Claim, tally.unmade.items())), self.ports.clock.now())
        return tally


def announce(run: Run, cases: Sequence[Case], ports: RunPorts) -> None:
    """Store that a run begins."""
    if ports.claims is not None:
        # It says that this run is at work before anybody can find it among the runs: see `continued`.
        ports.claims.claim(run.id, [Claim(TrialKey(run.id, "", 0))], ports.clock.now())
    ports.runs.begin(run, cases)


@asynccontextmanager
async def at_work(run: Run, ports: RunPorts, options: RunOptions) -> AsyncIterator[AtWork]:
    """Hold the claims of a run, which is announced, for as long as it is at work."""
    failures = not options.retry_failures
    budget = _budget(run, ports)
    claims = None if ports.claims is None else _RunClaims(ports.claims, run.id, failures)
    keys = [candidate_digest(candidate) for candidate in run.candidates]
    reservations = None if claims is None else Reservations(partial(_reserve, claims, ports.clock))
    desk = Desk(
        sink=Sink(append=partial(ports.trials.append, run.id), stored=ports.progress.finished),
        clock=ports.clock,
        uniform=ports.uniform,
        retry=options.retry or RetryPolicy(),
        claims=claims or _Unshared(ports.trials.done(keys, failures=failures)),
        budget=budget,
        reserve=None if reservations is None else reservations.reserve,
        recall=partial(_recall, ports.cache, run.id) if ports.cache and ports.cache.holds() else None,
        reused=ports.progress.reused,
        drain=options.drain,
    )
    work = AtWork(desk=desk, ports=ports, claims=claims, reservations=reservations)
    if ports.claims is None:
        yield work
        return
    keeping = asyncio.create_task(Lease(partial(ports.claims.renew, run.id), ports.clock).keep())
    try:
        yield work
    finally:
        keeping.cancel()
        ports.claims.release(run.id)


@dataclass(frozen=True, slots=True)
class _RunClaims:
    """The claims of one run."""

    store: ClaimStore
    run: str
    failures: bool

    def claim(self, wanted: Sequence[Claim], now: float) -> list[Answer]:
        return self.store.claim(self.run, wanted, now, failures=self.failures)


@dataclass(frozen=True, slots=True)
class _Unshared:
    """Grants what is not stored yet, for a store that nobody else uses."""

    done: set[TrialKey]

    def claim(self, wanted: Sequence[Claim], now: float) -> list[Answer]:
        del now
        return ["done" if claim.key in self.done else "granted" for claim in wanted]


def _reserve(claims: "_RunClaims", clock: Clock, wanted: Sequence[Claim]) -> None:
    claims.claim(wanted, clock.now())


def _recall(cache: Cache, run_id: str, request: str, repeat: int) -> Trial | None:
    return cache.recall(request, repeat, run_id)


def _budget(run: Run, ports: RunPorts) -> Budget | None:
    """Return the account of a run, with what earlier parts of it have spent, may have, or still can."""
    caps = _caps(run)
    if run.budget is None and not caps:
        return None
    claims = ports.claims
    if claims is None:
        return Budget(run.budget, caps)
    earlier = continued(ports.runs.runs(), run)
    ids = [row.id for row in earlier]
    # Another process may spend what is left of its own budget: to keep this one, that is taken as spent.
    living = claims.alive(ids, ports.clock.now())
    others = [row for row in earlier if row.id in living]
    spent = sum(claims.spent(ids))
    spent += sum(max(0.0, (row.budget or 0.0) - sum(claims.spent([row.id]))) for row in others)
    by = {
        candidate.name: sum(claims.spent(ids, candidate_digest(candidate)))
        + sum(_caps(row).get(candidate.name, 0.0) for row in others)
        for candidate in run.candidates
        if candidate.name in caps
    }
    return Budget(run.budget, caps, spent=spent, spent_by=by)


def _caps(run: Run) -> dict[str, float]:
    return {
        candidate.name: candidate.cap.budget
        for candidate in run.candidates
        if candidate.cap is not None and candidate.cap.budget is not None
    }
