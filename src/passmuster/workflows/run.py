"""`run`: ask every candidate every case that the store does not have yet."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from passmuster.corpus.egress import may_receive
from passmuster.corpus.sample import first_cases
from passmuster.errors import UsageError
from passmuster.ports import Clock, Provider, Remarked
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.corpus import CorpusVersion
from passmuster.records.digest import digest
from passmuster.records.run import Run, RunEnd, RunStatus
from passmuster.records.task import Task, rules_digest
from passmuster.runner.bounds import call_bounds
from passmuster.runner.engine import AHEAD, Lane, Tally
from passmuster.runner.making import Asking
from passmuster.runner.plan import Ask, Plan, plan
from passmuster.runner.rate import Throttle
from passmuster.runner.schedule import ClosedLoop
from passmuster.workflows.at_work import RunOptions, RunPorts, announce, at_work, continued

__all__ = [
    "RunOptions",
    "RunPorts",
    "continued",
    "ended",
    "lanes_of",
    "named",
    "receivable",
    "remarks_of",
    "run",
    "run_id",
]


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
        id=run_id(started, task, corpus, chosen),
        started=started,
        task=task.name,
        corpus=corpus.version,
        cases=whole.pools,
        candidates=tuple(chosen),
        repeats=task.repeats,
        budget=options.budget,
        rules=rules_digest(task),
    )
    announce(row, cases, ports)
    withheld = _withheld(whole)
    planned = len(whole) - sum(withheld.values())
    ports.progress.planned(planned, 0)
    async with at_work(row, ports, options) as work:
        tally = await work.ask(lanes_of(whole, providers, ports))
    end = replace(
        ended(row.id, ports.clock.now(), tally, planned, withheld),
        remarks=tuple(remarks_of(whole, providers)),
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


def lanes_of(whole: Plan, providers: Mapping[str, Provider], ports: RunPorts) -> list[Lane]:
    """Return one lane for each candidate of a plan; those that share an endpoint and a model share its limits."""
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


def remarks_of(whole: Plan, providers: Mapping[str, Provider]) -> Iterator[str]:
    """Yield what providers have to say of a run, a sentence each."""
    for key, candidate in whole.candidates.items():
        provider = providers[key]
        if isinstance(provider, Remarked):
            yield from (f"{candidate.name}: {remark}" for remark in provider.remarks())


def ended(name: str, time: float, tally: Tally, planned: int, withheld: Mapping[str, int]) -> RunEnd:
    """Return how a run ended, by what came of the trials that were planned; those of cases that were withheld are none."""
    status: RunStatus = "incomplete"
    if tally.asked + tally.reused == planned:
        status = "complete"
    elif tally.interrupted:
        status = "interrupted"
    return RunEnd(
        run=name,
        ended=time,
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


def run_id(started: float, task: Task, corpus: CorpusVersion, candidates: Sequence[Candidate]) -> str:
    """Return the id of a run that starts now."""
    stamp = datetime.fromtimestamp(started, UTC).strftime("%Y%m%d-%H%M")
    name = re.sub(r"[^a-z0-9]+", "-", task.name.lower()).strip("-")[:40] or "task"
    what = [started, task.name, corpus.version, [candidate_digest(candidate) for candidate in candidates]]
    return f"{stamp}-{name}-{digest(what)[:8]}"
