"""`passmuster plan`: what a run will cost, what its cases can show, and how likely a decision is. Calls no model."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from passmuster.corpus.overview.ladder import effective_size
from passmuster.corpus.populations import Population, cases_of, populations
from passmuster.decide.bar_tests import limit_of
from passmuster.decide.planning.advice import advice
from passmuster.decide.planning.chance import (
    chance_of_decision,
    chances_by_headroom,
    likely_finalists,
)
from passmuster.decide.planning.drawn import draw_runs
from passmuster.decide.planning.known import Knowledge, knowledge
from passmuster.decide.planning.shows import (
    bar_plans,
    discordance_of,
    margin_plans,
    needs_of_pilot,
    needs_of_stated,
)
from passmuster.decide.seed import SEED
from passmuster.decide.slices import sliced_bars
from passmuster.decide.verdicts import Contender
from passmuster.metrics.metric import UNIT, Metric
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.corpus import CorpusVersion
from passmuster.records.plan import CandidatePlan, CasesNeeded, Chance, Headroom, Plan
from passmuster.records.task import CORPUS_BARS, Bar, Task
from passmuster.records.trial import Trial
from passmuster.workflows.cells import Cells
from passmuster.workflows.compare import matrix_of
from passmuster.workflows.estimate import CandidateEstimate, Estimate
from passmuster.workflows.laying import Laying, Question, positions_apart

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a plan is made for: a task on a corpus, its candidates with the trials they have, and what the rest will cost.

    `cases` replaces the number of cases that the corpus has: what would so many show? `finalists` are who would be named;
    () is those that are the likeliest to pass.
    """

    task: Task
    metrics: tuple[Metric, ...]
    corpus: CorpusVersion
    contenders: tuple[Contender, ...]
    estimate: Estimate
    cases: int | None = None
    finalists: tuple[str, ...] = ()


def contenders_of(question: Question, trials: Iterable[Trial], generated: str) -> tuple[Contender, ...]:
    """Return the candidates with the tests of their bars as far as there are trials; `generated` is now (ISO 8601)."""
    laying = Laying(question, Cells(question.corpus.cases, question.task.repeats))
    for trial in trials:
        laying.enter(trial)
    return tuple(matrix_of(question, laying.parts()[0]).contenders(generated))


def make_plan(asked: Asked) -> Plan:
    """Return what is known before the run.

    The chance of a decision is that of the decision rule itself over simulated runs, from a pilot (at least 20 stored
    trials of a candidate) or from what the project file expects; where neither says anything, by how far the best
    candidate may be above its bar.
    """
    task = asked.task
    main = _main(asked)
    cases = len(main) if asked.cases is None else asked.cases
    effective = effective_size(main) * cases / max(len(main), 1)
    estimates = {each.name: each for each in asked.estimate.candidates}
    prices = {name: each.production for name, each in estimates.items()}
    shares = _shares(asked.metrics)
    known = knowledge(task, asked.contenders, shares, prices, effective / max(cases, 1))
    chance, finalists = chances(known, cases, asked.finalists)
    candidates = tuple(
        _candidate(item, estimates[item.name], known) for item in asked.contenders if item.name in estimates
    )
    plan = Plan(
        schema_version=SCHEMA_VERSION,
        task=task.name,
        corpus=asked.corpus.version,
        split=asked.corpus.split,
        corpus_cases=len(main),
        cases=cases,
        effective=effective,
        alpha=task.alpha,
        family=known.family,
        candidates=candidates,
        trials=asked.estimate.trials,
        expected=asked.estimate.expected,
        worst=asked.estimate.worst,
        seconds=_longest(candidates),
        chance=chance,
        with_finalists=finalists,
        unknown=known.unknown,
        assumed=known.assumed,
        discordance=discordance_of(
            [item.measured for item in known.pilot], known.primary, effective, known.rates
        ),
    )
    return _with_what_cases_show(plan, known, shares, _sized(asked, cases / max(len(main), 1)))


def _shares(metrics: Sequence[Metric]) -> frozenset[str]:
    return frozenset(metric.name for metric in metrics if metric.bounds == UNIT)


def _sized(asked: Asked, times: float) -> list[tuple[Bar, float]]:
    """Return the bars with as many equally weighted cases as each is about, if there were so many times as many."""
    every, parted = asked.corpus.cases, populations(asked.corpus.cases).every
    apart = Population(name="apart", positions=positions_apart(asked.task, parted))
    main, others = (cases_of(each, every) for each in (parted[0], apart))
    whole, found = effective_size(main), []
    for sliced in sliced_bars(asked.task.bars, asked.task.slices, main, others):
        if sliced.bar.metric not in CORPUS_BARS:
            own = others if sliced.apart else main
            size = whole if sliced.members is None else effective_size(compress(own, sliced.members))
            found.append((sliced.bar, size * times))
    return found


def _with_what_cases_show(
    plan: Plan, known: Knowledge, shares: frozenset[str], sized: Sequence[tuple[Bar, float]]
) -> Plan:
    alpha = plan.alpha
    headroom, headroom_bar = _headroom(known, shares, plan.effective)
    found = replace(
        plan,
        headroom=headroom,
        headroom_bar=headroom_bar,
        bars=bar_plans(sized, shares, known.family, alpha),
        needs=_needs(known, alpha, known.family),
        margins=margin_plans(known.task.margin, known.bars, shares, plan.discordance),
    )
    return replace(found, advice=advice(found))


def chances(
    known: Knowledge, cases: int, finalists: tuple[str, ...] = ()
) -> tuple[Chance | None, Chance | None]:
    """Return the chance of a decision, and that with the likeliest finalists named; None where nothing can be said."""
    task = known.task
    if not known.bars or not (known.pilot or known.stated):
        return None, None
    drawn = draw_runs(known.forecasts, cases, seed=SEED)
    named = finalists or (() if task.finalists else likely_finalists(drawn, task.alpha))
    found = chance_of_decision(drawn, task.alpha, task.finalists)
    others = chance_of_decision(drawn, task.alpha, named) if named else None
    return _chosen_by_price(found, task), None if others is None else _chosen_by_price(others, task)


def _chosen_by_price(chance: Chance, task: Task) -> Chance:
    """Leave out who is chosen where the weights say it: the simulated runs know prices only."""
    return chance if task.choose == "cheapest" else replace(chance, chosen=())


def _main(asked: Asked) -> Sequence[Case]:
    every = asked.corpus.cases
    return cases_of(populations(every).main, every)


def _headroom(
    known: Knowledge, shares: frozenset[str], effective: float
) -> tuple[tuple[Headroom, ...], str | None]:
    """Return the chances by how far the best is above the first bar on quality, where nothing is known of anybody."""
    if known.pilot or known.stated or not known.unknown:
        return (), None
    for bar in known.bars:
        if bar.metric in shares and bar.slice is None and bar.versus is None and bar.each is None:
            limit = limit_of(bar) if bar.at_least is not None else 1 - limit_of(bar)
            if 0 < limit < 1:
                return chances_by_headroom(int(effective), limit, known.family, known.task.alpha), bar.metric
    return (), None


def _needs(known: Knowledge, alpha: float, family: int) -> tuple[CasesNeeded, ...]:
    found = [need for item in known.pilot for need in needs_of_pilot(item, alpha, family)]
    for item in known.stated:
        found += needs_of_stated(item.name, known.bars, item.readings, alpha, family)
    return tuple(found)


def _candidate(item: Contender, estimate: CandidateEstimate, known: Knowledge) -> CandidatePlan:
    candidate = item.measured.candidate
    return CandidatePlan(
        name=item.name,
        trials=estimate.trials,
        stored=item.measured.account.asked,
        expected=estimate.expected,
        worst=estimate.worst,
        basis=estimate.basis,
        input_tokens=estimate.input_tokens,
        output_tokens=estimate.output_tokens,
        seconds=_seconds(candidate, item, estimate.trials),
        known=known.of(item.name),
    )


def _seconds(candidate: Candidate, item: Contender, trials: int) -> float | None:
    """Return how long the open trials take: at the pilot's or the expected pace, and no faster than the rate limit."""
    if not trials:
        return 0.0
    times = item.measured.latencies()
    pace = (
        float(np.nanmean(times))
        if not np.isnan(times).all()
        else candidate.expected.get("latency_p50", candidate.expected.get("latency_p95"))
    )
    if pace is None:
        return None
    limit = None if candidate.rate_limit is None else candidate.rate_limit.requests_per_minute
    return max(pace * trials / candidate.concurrency, trials / limit * 60 if limit else 0.0)


def _longest(candidates: Sequence[CandidatePlan]) -> float | None:
    """Return the time of the slowest: candidates are asked side by side; None where one's is unknown."""
    times = [each.seconds for each in candidates]
    return max((time for time in times if time is not None), default=0.0) if None not in times else None
