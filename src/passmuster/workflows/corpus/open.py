"""`corpus open`: who may open the holdout, and what an opening gives back."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from passmuster.corpus.seal.chain import Chain
from passmuster.decide.classes import class_columns, macro_f1_estimate
from passmuster.decide.measured import Measured
from passmuster.decide.rates import metric_estimate
from passmuster.errors import SealError
from passmuster.metrics.metric import Metric
from passmuster.ports import Clock, Progress, Provider
from passmuster.records.candidate import Candidate, Price, candidate_digest
from passmuster.records.comparison import CandidateReport
from passmuster.records.digest import canonical
from passmuster.records.score import Estimate
from passmuster.records.seal import BarOutcome, CandidateOutcome, Entry, OpeningResult, SealRecord
from passmuster.records.task import Task
from passmuster.records.trial import Trial
from passmuster.runner.retry import Uniform
from passmuster.workflows import run as running
from passmuster.workflows.compare import Question, compare, measure
from passmuster.workflows.corpus.held_trials import HeldTrials


@dataclass(frozen=True, slots=True, kw_only=True)
class Bid:
    """For what the holdout is to be opened: the digest of each candidate by its name, and that of the rule."""

    candidates: Mapping[str, str]
    rule: str


def bid_of(task: Task, candidates: Sequence[Candidate], parts: Mapping[str, str]) -> Bid:
    """Return what is decided now: these candidates, by the task's metrics, bars, margin and alpha.

    Args:
        task: With the alpha of the task, not that of one opening.
        candidates: Those that are asked.
        parts: What else belongs to the rule, such as digests of metrics that are files.
    """
    rule = hashlib.sha256(canonical({"task": task, "parts": parts})).hexdigest()
    return Bid(candidates={each.name: candidate_digest(each) for each in candidates}, rule=rule)


def walked(entries: Iterable[Entry], key: bytes | None = None) -> Chain:
    """Return what a ledger tells, if it is whole.

    Raises:
        SealError: at the first line that is not as it was written.
    """
    chain = Chain(key)
    for line, entry in enumerate(entries, start=1):
        for flaw in chain.take(entry):
            raise SealError(
                f"the ledger was altered, line {line}: {flaw}",
                hint="Look at it with: passmuster corpus verify. Then bring it back from git.",
            )
    return chain


def places_left(chain: Chain, lock: SealRecord) -> int:
    """Return how many openings are left; one that was interrupted counts."""
    return max(0, lock.openings - len(chain.openings))


def check_open(chain: Chain, lock: SealRecord) -> None:
    """Refuse a holdout that nobody may plan for or open any more.

    Raises:
        SealError: where it is retired, or its openings are used up.
    """
    if chain.retired:
        raise SealError(
            "this holdout is retired",
            hint="Move its files away: passmuster corpus open --retire. Then seal a new one: passmuster corpus split",
        )
    if not places_left(chain, lock):
        raise SealError(
            f"all {lock.openings} openings of this holdout are used up",
            hint="Retire it (passmuster corpus open --retire), sample new cases and seal these.",
        )


def admitted(chain: Chain, lock: SealRecord, bid: Bid) -> Entry:
    """Return the newest unused plan for exactly this bid.

    Raises:
        SealError: where there is none, no opening is left, or the holdout is retired.
    """
    check_open(chain, lock)
    for plan in reversed(chain.plans.values()):
        if (dict(plan.candidates), plan.rule) == (dict(bid.candidates), bid.rule):
            return plan
    hint = "Write it down first, without the key: passmuster corpus open --plan"
    if not chain.plans:
        raise SealError("nothing is planned: candidates and rule are written down before", hint=hint)
    newest = next(reversed(chain.plans.values()))
    raise SealError(
        f"what is planned is not what would be decided now: {_difference(newest, bid)}", hint=hint
    )


def _difference(plan: Entry, bid: Bid) -> str:
    planned, now = dict(plan.candidates), dict(bid.candidates)
    parts = [f"{name} was not planned" for name in now if name not in planned]
    parts += [f"{name} was planned" for name in planned if name not in now]
    parts += [f"{name} has changed" for name in now if name in planned and planned[name] != now[name]]
    if plan.rule != bid.rule:
        parts.append("task, bars or metrics have changed")
    return ", ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the holdout is asked with: the question, whose corpus is the holdout, and who answers it.

    `inner_prices` are those of models that a pipeline asks, as in a run.
    """

    question: Question
    providers: Mapping[str, Provider]
    clock: Clock
    progress: Progress
    uniform: Uniform
    budget: float | None = None
    inner_prices: Callable[[str], Price | None] | None = None


async def ask(asked: Asked) -> tuple[HeldTrials, bool]:
    """Ask every candidate every case of the holdout, in memory; also return whether all were asked."""
    held = HeldTrials()
    question = asked.question
    ports = running.RunPorts(
        trials=held,
        runs=held,
        clock=asked.clock,
        progress=asked.progress,
        uniform=asked.uniform,
        inner_prices=asked.inner_prices,
    )
    options = running.RunOptions(budget=asked.budget)
    end = await running.run(
        question.task, question.corpus, question.candidates, asked.providers, ports, options
    )
    return held, end.status == "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an opening stands in the ledger: the seal, the entry that began it, and the how-many-eth it is."""

    lock: SealRecord
    opening: Entry
    place: int


def share_of_alpha(task: Task, lock: SealRecord) -> float:
    """Return the error rate at which each opening decides: alpha of the task / openings (Bonferroni).

    Example:
        >>> lock = SealRecord(
        ...     tool="1", time=0.0, cases=1, root="", salt="", split_seed="", custodian="", openings=2
        ... )
        >>> share_of_alpha(Task(name="t", metrics=(), alpha=0.05), lock)
        0.025
    """
    return task.alpha / lock.openings


def judged(
    asked: Asked, held: HeldTrials, standing: Standing, overlap: Mapping[str, int], *, complete: bool
) -> OpeningResult:
    """Decide on the trials of an opening, at its share of alpha, and keep what says nothing about one case.

    Args:
        asked: Its task has the alpha of the task.
        held: The trials.
        standing: The opening.
        overlap: How many cases share text with what candidates are given or learn from.
        complete: Whether all were asked.
    """
    question, opening = asked.question, standing.opening
    alpha = share_of_alpha(question.task, standing.lock)
    strict = replace(question, task=replace(question.task, alpha=alpha))
    digests = [candidate_digest(candidate) for candidate in question.candidates]

    def again(_cases: Sequence[str]) -> Iterator[Trial]:
        return held.trials(digests)

    now = datetime.fromtimestamp(asked.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    found, _ = compare(strict, held.trials(digests), again, generated=now)
    measured, _ = measure(strict, held.trials(digests), again)
    estimates = {item.candidate.name: _estimates(item, question.metrics, 1 - alpha) for item in measured}
    return OpeningResult(
        task=question.task.name,
        seal=opening.seal,
        root=standing.lock.root,
        plan=opening.plan or "",
        opening=opening.hash,
        place=standing.place,
        openings=standing.lock.openings,
        alpha=alpha,
        rule=opening.rule or "",
        cases=standing.lock.cases,
        scored=standing.lock.cases if found.corpus.scored is None else found.corpus.scored,
        complete=complete,
        decision=found.decision.status,
        chosen=found.decision.chosen,
        candidates=tuple(
            _outcome(report, opening.candidates[report.name], estimates[report.name])
            for report in found.candidates
        ),
        overlap=dict(overlap),
    )


def _estimates(item: Measured, metrics: Sequence[Metric], level: float) -> dict[str, Estimate]:
    return {metric.name: _estimate(item, metric.name, level) for metric in metrics}


def _estimate(item: Measured, metric: str, level: float) -> Estimate:
    classes = item.layout.classes.get(metric)
    if classes is None:
        return metric_estimate(item, metric, level)
    found = macro_f1_estimate(class_columns(item, classes), item.groups, level=level)
    return replace(found, n_missing=item.receivable - found.n)


def _outcome(report: CandidateReport, digest: str, metrics: Mapping[str, Estimate]) -> CandidateOutcome:
    return CandidateOutcome(
        name=report.name,
        digest=digest,
        verdict=report.verdict.status,
        reason=report.verdict.reason,
        metrics=metrics,
        bars=tuple(
            BarOutcome(bar=check.bar, status=check.status, value=check.value) for check in report.checks
        ),
        n=report.n,
        n_missing=report.n_missing,
        failed=sum(report.failures.kinds.values()),
    )
