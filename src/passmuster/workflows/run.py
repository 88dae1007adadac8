"""`run`: ask every candidate every case that the store does not have yet."""

import asyncio
import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import dropwhile, starmap

from passmuster.corpus.egress import may_receive
from passmuster.corpus.sample import first_cases
from passmuster.errors import UsageError
from passmuster.ports import (
    Answer,
    Cache,
    Claim,
    ClaimStore,
    Clock,
    Progress,
    Provider,
    Remarked,
    RunStore,
    TrialStore,
)
from passmuster.records.candidate import Candidate, Price, candidate_digest
from passmuster.records.corpus import CorpusVersion
from passmuster.records.digest import digest
from passmuster.records.run import Run, RunEnd, RunStatus
from passmuster.records.task import Task
from passmuster.records.trial import Trial, TrialKey
from passmuster.runner.bounds import call_bounds
from passmuster.runner.budget import Budget
from passmuster.runner.engine import AHEAD, Desk, Lane, Sink, Tally, run_trials
from passmuster.runner.feed import Lease, Reservations
from passmuster.runner.making import Asking
from passmuster.runner.plan import Ask, Plan, plan
from passmuster.runner.rate import Throttle
from passmuster.runner.retry import RetryPolicy, Uniform
from passmuster.runner.schedule import ClosedLoop


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


async def run(
    task: Task,
    corpus: CorpusVersion,
    candidates: Sequence[Candidate],
    providers: Mapping[str, Provider],
    ports: RunPorts,
    options: RunOptions | None = None,
) -> RunEnd:
    """Ask what is missing and return how the run ended: `complete`, `incomplete` or `interrupted`.

    Every trial is stored as it ends, so the same call after a crash goes on where it was. Stored failures
    count as done unless `retry_failures` is set; a trial that says nothing about its case (a refused key, an
    endpoint that could not be reached even once, no budget left) is not stored. Cancelling once (Ctrl-C) ends
    it in order and returns; the providers, by candidate digest, stay open.

    Raises:
        UsageError: for a name in `only` that is no candidate, or a `limit` below 1.
        StoreError: where the store cannot be read or written.
    """
    options = options or RunOptions()
    cases = first_cases(corpus.cases, options.limit, options.seed)
    chosen = named(candidates, options.only)
    whole = plan(cases, chosen, task.repeats)
    started = ports.clock.now()
    row = Run(
        id=_run_id(started, task, corpus, chosen),
        started=started,
        task=task.name,
        corpus=corpus.version,
        cases=whole.pools,
        candidates=tuple(chosen),
        repeats=task.repeats,
        budget=options.budget,
    )
    if ports.claims is not None:
        # It says that this run is at work before anybody can find it among the runs: see `continued`.
        ports.claims.claim(row.id, [Claim(TrialKey(row.id, "", 0))], ports.clock.now())
    ports.runs.begin(row, cases)
    budget = _budget(row, ports)
    withheld = _withheld(whole)
    planned = len(whole) - sum(withheld.values())
    ports.progress.planned(planned, 0)
    tally = await _claimed(row.id, _lanes(whole, providers, ports), budget, ports, options)
    end = replace(
        _end(row.id, ports.clock.now(), tally, planned, withheld),
        remarks=tuple(_remarks(whole, providers)),
    )
    ports.runs.end(end)
    return end


def named(candidates: Sequence[Candidate], names: Sequence[str]) -> tuple[Candidate, ...]:
    """Return the candidates with these names, in their own order; all where no name is given.

    Raises:
        UsageError: for a name that no candidate has, with the closest one.
    """
    known = [candidate.name for candidate in candidates]
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            meant = f"Did you mean '{close[0]}'?" if close else f"There are: {', '.join(known)}"
            raise UsageError(f"no candidate is called '{name}'", hint=meant)
    return tuple(candidate for candidate in candidates if not names or candidate.name in names)


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


async def _claimed(
    run_id: str, lanes: Sequence[Lane], budget: Budget | None, ports: RunPorts, options: RunOptions
) -> Tally:
    """Let the engine work, and hold the claims of the run for as long as it does."""
    failures = not options.retry_failures
    claims = None if ports.claims is None else _RunClaims(ports.claims, run_id, failures)
    keys = [candidate_digest(lane.candidate) for lane in lanes]
    reservations = None if claims is None else Reservations(partial(_reserve, claims, ports.clock))
    desk = Desk(
        sink=Sink(append=partial(ports.trials.append, run_id), stored=ports.progress.finished),
        clock=ports.clock,
        uniform=ports.uniform,
        retry=options.retry or RetryPolicy(),
        claims=claims or _Unshared(ports.trials.done(keys, failures=failures)),
        budget=budget,
        reserve=None if reservations is None else reservations.reserve,
        recall=partial(_recall, ports.cache, run_id) if ports.cache and ports.cache.holds() else None,
        reused=ports.progress.reused,
        drain=options.drain,
    )
    if ports.claims is None or claims is None or reservations is None:
        return await run_trials(lanes, desk)
    keeping = asyncio.create_task(Lease(partial(ports.claims.renew, run_id), ports.clock).keep())
    try:
        tally = await run_trials(lanes, desk)
        await reservations.settle()
        # What calls without a trial cost is known now: it stands in for the most that they could.
        if tally.unmade:
            claims.claim(list(starmap(Claim, tally.unmade.items())), ports.clock.now())
        return tally
    finally:
        keeping.cancel()
        ports.claims.release(run_id)


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


def _lanes(whole: Plan, providers: Mapping[str, Provider], ports: RunPorts) -> list[Lane]:
    throttles = _throttles(whole.candidates.values(), ports.clock)
    return [
        Lane(
            asking=Asking(
                candidate=candidate,
                provider=providers[key],
                throttle=throttles.get(_place(candidate)),
                bounds=call_bounds(candidate),
                inner_prices=ports.inner_prices,
            ),
            asks=receivable(whole, key),
            schedule=ClosedLoop(candidate.concurrency),
            ahead=max(AHEAD, 4 * candidate.concurrency),
        )
        for key, candidate in whole.candidates.items()
    ]


def _throttles(candidates: Iterable[Candidate], clock: Clock) -> dict[str, Throttle]:
    """Return one throttle per endpoint and model: limits are granted for both together."""
    shared: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        if candidate.kind == "llm" and candidate.provider != "replay":
            shared.setdefault(_place(candidate), []).append(candidate)
    return {
        place: Throttle(
            clock,
            sum(candidate.concurrency for candidate in group),
            next((candidate.rate_limit for candidate in group if candidate.rate_limit is not None), None),
        )
        for place, group in shared.items()
    }


def _place(candidate: Candidate) -> str:
    """Return what candidates have in common that are held back together; one without a model stands alone."""
    if candidate.model is None:
        return candidate_digest(candidate)
    return f"{candidate.provider} {candidate.endpoint} {candidate.model}"


def receivable(whole: Plan, key: str) -> Iterator[Ask]:
    """Yield the trials of a candidate (digest), without those of cases that may not be sent to it."""
    egress = whole.candidates[key].egress
    return (ask for ask in whole.of(key) if egress is None or may_receive(egress, ask.case))


def _withheld(whole: Plan) -> dict[str, int]:
    """Count the trials that candidates may not be asked for, because the case may not be sent to them."""
    counts = {}
    for candidate in whole.candidates.values():
        if candidate.egress is not None:
            kept = sum(not may_receive(candidate.egress, case) for case in whole.cases)
            counts[candidate.name] = kept * whole.repeats
    return {name: count for name, count in counts.items() if count}


def _remarks(whole: Plan, providers: Mapping[str, Provider]) -> Iterator[str]:
    for key, candidate in whole.candidates.items():
        provider = providers[key]
        if isinstance(provider, Remarked):
            yield from (f"{candidate.name}: {remark}" for remark in provider.remarks())


def _end(run_id: str, ended: float, tally: Tally, planned: int, withheld: Mapping[str, int]) -> RunEnd:
    status: RunStatus = "incomplete"
    if tally.asked + tally.reused == planned:
        status = "complete"
    elif tally.interrupted:
        status = "interrupted"
    return RunEnd(
        run=run_id,
        ended=ended,
        status=status,
        asked=tally.asked - tally.cached,
        reused=tally.reused + tally.cached,
        failed=tally.failed,
        spend=tally.spend,
        stopped=dict(tally.stopped),
        cached=tally.cached,
        withheld=withheld,
        at_risk=tally.at_risk,
        lag=tally.lag,
        distorted=tally.distorted,
    )


def _run_id(started: float, task: Task, corpus: CorpusVersion, candidates: Sequence[Candidate]) -> str:
    stamp = datetime.fromtimestamp(started, UTC).strftime("%Y%m%d-%H%M")
    name = re.sub(r"[^a-z0-9]+", "-", task.name.lower()).strip("-")[:40] or "task"
    what = [started, task.name, corpus.version, [candidate_digest(candidate) for candidate in candidates]]
    return f"{stamp}-{name}-{digest(what)[:8]}"
