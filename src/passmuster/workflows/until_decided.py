"""`run --until-decided`: ask in blocks, look after each, and stop asking whom the decision does not need."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from passmuster.corpus.keys import KeyedCases
from passmuster.corpus.populations import populations
from passmuster.corpus.sample import first_cases
from passmuster.decide.costs.machines import fixed_share
from passmuster.errors import UsageError
from passmuster.metrics.metric import Metric
from passmuster.ports import Provider
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.run import Run, RunEnd
from passmuster.records.stopped import Until
from passmuster.records.task import CostModel, Task, rules_digest
from passmuster.records.trial import Trial, TrialKey
from passmuster.runner.engine import Lane, Tally
from passmuster.runner.plan import Plan, plan, pools
from passmuster.stats.sequential.looks import BLOCK
from passmuster.workflows.at_work import AtWork, RunOptions, RunPorts, announce, at_work
from passmuster.workflows.estimate import usual_price
from passmuster.workflows.laying import Question, judged_metrics
from passmuster.workflows.looking import Looking
from passmuster.workflows.run import ended, lanes_of, remarks_of, run_id

Made = Callable[[Sequence[TrialKey]], Iterable[Trial]]
"""Looks up stored trials by their keys; those that there are not are passed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be decided: with `best`, or without any bar, who is best on the primary metric within `within`."""

    best: bool = False
    seed: int = 0
    within: float = 0.02


async def run_until_decided(
    question: Question,
    providers: Mapping[str, Provider],
    ports: RunPorts,
    options: RunOptions,
    wish: Wish,
    made: Made,
) -> RunEnd:
    """Ask until the decision is made that a full run under the same correction would make, and say who was stopped.

    The candidates of the question are all asked, and make the family. What is stored already is used and not asked again,
    so that the same call after a crash goes on where it was.

    Raises:
        UsageError: where a metric that decides asks a judge, or a race has no share to run on.
        StoreError: where the store cannot be read or written.
    """
    until = settled(question, wish)
    places = planned_places(question, options)
    cases = KeyedCases.of(question.corpus.cases).chosen(places)
    started = ports.clock.now()
    row = _row(question, places, until, started, options.budget)
    announce(row, cases, ports)
    whole = plan(cases, question.candidates, question.task.repeats)
    prices = {each.name: _expected(each, whole, question.task.cost) for each in question.candidates}
    looking = Looking(question, places, until, prices, _iso(started))
    ports.progress.planned(looking.stopped().full, 0)
    lanes = {candidate_digest(lane.candidate): lane for lane in lanes_of(whole, providers, ports)}
    async with at_work(row, ports, options) as work:
        tally = await _asked(looking, lanes, work, made)
    found = looking.stopped()
    is_whole = found.finished and not tally.interrupted
    planned = tally.asked + tally.reused if is_whole else -1
    end = replace(
        ended(row.id, ports.clock.now(), tally, planned, {}),
        remarks=tuple(remarks_of(whole, providers)),
        early=replace(found, finished=is_whole),
    )
    ports.runs.end(end)
    return end


def _expected(candidate: Candidate, whole: Plan, model: CostModel) -> float | None:
    """Return what a task is expected to cost, its share of machines and upkeep included; None where a part is unknown."""
    call, fixed = usual_price(candidate, whole.of(candidate_digest(candidate))), fixed_share(candidate, model)
    return None if call is None or fixed is None else call + fixed


def _row(
    question: Question, places: Sequence[int], until: Until, started: float, budget: float | None
) -> Run:
    every = pools(question.corpus.cases)
    return Run(
        id=run_id(started, question.task, question.corpus, question.candidates),
        started=started,
        task=question.task.name,
        corpus=question.corpus.version,
        cases=[every[place] for place in places],
        candidates=question.candidates,
        repeats=question.task.repeats,
        budget=budget,
        until=until,
        rules=rules_digest(question.task),
    )


def settled(question: Question, wish: Wish) -> Until:
    """Return what is settled before the first call: who is looked for, among whom, at which level.

    Raises:
        UsageError: where that cannot be decided while it is asked.
    """
    task = question.task
    names = tuple(
        each.name for each in question.candidates if not task.finalists or each.name in task.finalists
    )
    best = wish.best or not task.bars
    refuse(task, question.metrics, names, best=best)
    level = task.alpha if best else task.alpha / max(1, len(names))
    return Until(
        aim="best" if best else "bars",
        seed=wish.seed,
        block=BLOCK,
        family=names,
        level=level,
        within=wish.within if best else None,
    )


def refuse(task: Task, metrics: Sequence[Metric], names: Sequence[str], *, best: bool) -> None:
    """Refuse what cannot be decided between blocks.

    Raises:
        UsageError: where a metric that decides asks a judge, the choice is by weight, or a race has nothing to run on.
    """
    judged = judged_metrics(metrics)
    deciding = {metrics[0].name} if best else {bar.metric for bar in task.bars}
    if any(bar.metric == "cost_per_success" for bar in task.bars) and task.success is not None:
        deciding.add(task.success.metric)
    asking = sorted(deciding & set(judged))
    if asking:
        raise UsageError(
            f"--until-decided cannot look at {', '.join(asking)}: a judge has to answer before it is known",
            hint="Run all (passmuster run), score, and compare; or set the bars on metrics that need no judge.",
        )
    if not best:
        if task.choose == "weights":
            raise UsageError(
                "--until-decided stops at the cheapest that passes, and this task is to be chosen by weight (choose: weights)",
                hint="Run all (passmuster run); or look for the best on the primary metric with --best.",
            )
        return
    primary = metrics[0]
    if not np.isfinite(primary.bounds).all():
        raise UsageError(
            f"a race for the best needs a metric between two bounds, and {primary.name} has none",
            hint="Set bars, or put a metric that is a share first.",
        )
    if primary.summary in ("classes", "counts"):
        raise UsageError(
            f"a race for the best needs a score of each case, and {primary.name} is computed over all of them",
            hint="Set bars, or put a metric that is a share first.",
        )
    if len(names) < 2:
        raise UsageError(f"a race needs two candidates, and there is {len(names)}")


def planned_places(question: Question, options: RunOptions) -> list[int]:
    """Return the cases that may be asked, by their place in the corpus: those that the decision is of.

    Pools decide nothing, and are not asked, unless bars are on slices of them.
    """
    cases = KeyedCases.of(question.corpus.cases)
    apart = any(bar.slice is not None or bar.each is not None for bar in question.task.bars)
    places = list(range(len(cases))) if apart else list(populations(cases).main.positions)
    if options.limit is None:
        return places
    kept = {case.id for case in first_cases(cases.chosen(places), options.limit, options.seed)}
    return [place for place in places if cases[place].id in kept]


async def _asked(looking: Looking, lanes: Mapping[str, Lane], work: AtWork, made: Made) -> Tally:
    """Ask block after block until nobody is asked any more, and return the tally of all."""
    tallies = []
    while batches := looking.batches():
        asks = {candidate_digest(batch.candidate): looking.asks(batch) for batch in batches}
        tally = await work.ask([replace(lanes[key], asks=own) for key, own in asks.items()])
        tallies.append(tally)
        if tally.interrupted:
            break
        looking.give_up(tally.stopped)
        whole = [batch for batch in batches if batch.candidate.name not in tally.stopped]
        looking.take(
            whole, made([ask.key for batch in whole for ask in asks[candidate_digest(batch.candidate)]])
        )
    return joined(tallies)


def joined(tallies: Iterable[Tally]) -> Tally:
    """Return one tally of several parts of a run; its lag is that of the worst part."""
    found = Tally()
    for each in tallies:
        found.asked += each.asked
        found.failed += each.failed
        found.cached += each.cached
        found.reused += each.reused
        found.spend = None if found.spend is None or each.spend is None else found.spend + each.spend
        found.at_risk += each.at_risk
        found.stopped.update(each.stopped)
        found.interrupted = found.interrupted or each.interrupted
        found.unmade.update(each.unmade)
        for name, seconds in each.latencies.items():
            found.latencies[name].extend(seconds)
        if each.lag is not None and (found.lag is None or each.lag.p99 > found.lag.p99):
            found.lag = each.lag
    return found


def _iso(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
