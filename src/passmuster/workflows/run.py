"""`run`: ask every candidate every case that the store does not have yet."""

import difflib
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from passmuster.errors import UsageError
from passmuster.ports import Clock, Progress, Provider, RunStore, TrialStore
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case, case_digest
from passmuster.records.corpus import CorpusVersion
from passmuster.records.digest import digest
from passmuster.records.run import Run, RunEnd, RunStatus
from passmuster.records.task import Task
from passmuster.records.trial import Trial, TrialKey
from passmuster.runner.engine import Lane, Sink, Tally, run_trials
from passmuster.runner.plan import Plan, plan
from passmuster.runner.retry import RetryPolicy, Uniform
from passmuster.runner.schedule import ClosedLoop


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPorts:
    """What a run needs of the outside world; `uniform` gives the jitter of retries."""

    trials: TrialStore
    runs: RunStore
    clock: Clock
    progress: Progress
    uniform: Uniform


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How much of the plan is asked for now, and how.

    `limit` is the number of cases, the same for all candidates; `only` names candidates; `seed` orders the
    cases that `limit` takes; `retry_failures` asks stored failures again; `drain` is how many seconds calls in
    flight get when the run is interrupted.
    """

    limit: int | None = None
    only: tuple[str, ...] = ()
    seed: int = 0
    retry_failures: bool = False
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
    count as done unless `retry_failures` is set; only a trial that was refused for its key, or of a candidate that could
    not be reached even once, is not stored. Cancelling once
    (Ctrl-C) ends it in order and returns; the providers, by candidate digest, stay open.

    Raises:
        UsageError: for a name in `only` that is no candidate, or a `limit` below 1.
        StoreError: where the store cannot be read or written.
    """
    options = options or RunOptions()
    cases = first_cases(corpus.cases, options.limit, options.seed)
    chosen = named(candidates, options.only)
    whole = plan(cases, chosen, task.repeats)
    done = ports.trials.done(whole.candidates, failures=not options.retry_failures)
    reused = sum(ask.key in done for ask in whole)
    started = ports.clock.now()
    row = Run(
        id=_run_id(started, task, corpus, chosen),
        started=started,
        task=task.name,
        corpus=corpus.version,
        cases=whole.pools,
        candidates=tuple(chosen),
        repeats=task.repeats,
    )
    ports.runs.begin(row, cases)
    ports.progress.planned(len(whole), reused)
    tally = await run_trials(
        _lanes(whole, providers, done),
        Sink(append=partial(ports.trials.append, row.id), stored=partial(_tell, ports.progress)),
        ports.clock,
        ports.uniform,
        options.retry,
        options.drain,
    )
    end = _end(row.id, ports.clock.now(), tally, len(whole), reused)
    ports.runs.end(end)
    return end


def first_cases(cases: Sequence[Case], limit: int | None, seed: int = 0) -> tuple[Case, ...]:
    """Return `limit` of the cases, in their own order.

    They are the first ones of an order that depends on `seed` and on the input of each case only: strata
    mix, every candidate gets the same ones, a higher limit adds to a lower one, and so do new cases.

    Raises:
        UsageError: for a limit below 1.

    Example:
        >>> cases = [Case(id=str(n), input=str(n)) for n in range(9)]
        >>> {case.id for case in first_cases(cases, 3)} < {case.id for case in first_cases(cases, 5)}
        True
    """
    if limit is None:
        return tuple(cases)
    if limit < 1:
        raise UsageError(f"a run needs at least one case, got a limit of {limit}")

    def place(case: Case) -> tuple[bytes, str]:
        return hashlib.sha256(f"{seed}:{case_digest(case)}".encode()).digest(), case.id

    taken = {case.id for case in sorted(cases, key=place)[:limit]}
    return tuple(case for case in cases if case.id in taken)


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


def _lanes(whole: Plan, providers: Mapping[str, Provider], done: set[TrialKey]) -> list[Lane]:
    return [
        Lane(
            candidate=candidate,
            provider=providers[key],
            asks=(ask for ask in whole.of(key) if ask.key not in done),
            schedule=ClosedLoop(candidate.concurrency),
        )
        for key, candidate in whole.candidates.items()
    ]


def _tell(progress: Progress, trial: Trial, cost: float | None) -> None:
    progress.finished(trial, cost)


def _end(run_id: str, ended: float, tally: Tally, planned: int, reused: int) -> RunEnd:
    status: RunStatus = "incomplete"
    if tally.asked + reused == planned:
        status = "complete"
    elif tally.interrupted:
        status = "interrupted"
    return RunEnd(
        run=run_id,
        ended=ended,
        status=status,
        asked=tally.asked,
        reused=reused,
        failed=tally.failed,
        spend=tally.spend,
        stopped=dict(tally.stopped),
    )


def _run_id(started: float, task: Task, corpus: CorpusVersion, candidates: Sequence[Candidate]) -> str:
    stamp = datetime.fromtimestamp(started, UTC).strftime("%Y%m%d-%H%M")
    name = re.sub(r"[^a-z0-9]+", "-", task.name.lower()).strip("-")[:40] or "task"
    what = [started, task.name, corpus.version, [candidate_digest(candidate) for candidate in candidates]]
    return f"{stamp}-{name}-{digest(what)[:4]}"
