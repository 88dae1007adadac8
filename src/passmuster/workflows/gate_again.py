"""Asking some cases again for the gate: ordinary trials, at repeats that no comparison counts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from passmuster.corpus.egress import may_receive
from passmuster.corpus.keys import KeyedCases
from passmuster.decide.outcomes import Turns
from passmuster.decide.success import success_rule
from passmuster.metrics.endings.expected import accepted_endings
from passmuster.metrics.metric import Metric
from passmuster.ports import Provider
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.corpus import CorpusVersion
from passmuster.records.run import Run, RunEnd
from passmuster.records.score import Score
from passmuster.records.task import Task
from passmuster.records.trial import Failure, Trial, TrialKey
from passmuster.runner.plan import Ask, plan, pools
from passmuster.workflows.at_work import RunOptions, RunPorts, announce, at_work
from passmuster.workflows.run import ended, lanes_of, remarks_of, run_id

NAME = "asked again"
"""What stands behind the task's name in such a run: it is no run of the task."""
NOT_SAID = ("not_recorded",)
"""Failures that say nothing of a version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A version with the cases that it is asked again, by their place in the corpus, and how often each."""

    candidate: Candidate
    places: Mapping[int, int]

    @property
    def digest(self) -> str:
        """That of all that decides what the version answers."""
        return candidate_digest(self.candidate)


def asks_of(
    errand: Errand, cases: Sequence[Case], repeats: int, begun: Mapping[TrialKey, float], since: float | None
) -> Iterator[Ask]:
    """Yield the trials of an errand: each case at the first repeats that the task does not have.

    Cases that may not be sent to the version are left out. What was asked before, for an earlier gate, is an answer as good
    as a new one, unless the endpoint may have changed since: then the repeats that began before are passed over.

    Args:
        errand: Who is asked what.
        cases: All cases of the corpus: equal inputs share trials, by their order in it.
        repeats: How many repeats the task has.
        begun: When stored trials began, in seconds since the epoch.
        since: From when on an answer counts; None is ever.
    """
    egress = errand.candidate.egress
    turns = {place: turn for place, turn in enumerate(pools(cases).turns()) if place in errand.places}
    for place, times in errand.places.items():
        case = cases[place]
        if egress is not None and not may_receive(egress, case):
            continue
        digest, first, stride = turns[place]
        round_, made = repeats, 0
        while made < times:
            key = TrialKey(digest, errand.digest, first + round_ * stride)
            if since is None or begun.get(key, since) >= since:
                yield Ask(key, case, errand.candidate, round_)
                made += 1
            round_ += 1


async def ask_again(
    task: Task,
    corpus: CorpusVersion,
    asks: Mapping[str, Sequence[Ask]],
    providers: Mapping[str, Provider],
    ports: RunPorts,
    options: RunOptions | None = None,
) -> RunEnd:
    """Ask what the store does not have yet of these trials, by candidate digest; the same call after a crash goes on.

    The ports have no cache: another answer is wanted.

    Raises:
        StoreError: where the store cannot be read or written.
    """
    options = options or RunOptions()
    wanted = {ask.case.id for own in asks.values() for ask in own}
    places = [place for place, case in enumerate(corpus.cases) if case.id in wanted]
    cases = KeyedCases.of(corpus.cases).chosen(places)
    row = _row(task, corpus, asks, places, (ports.clock.now(), options.budget))
    announce(row, cases, ports)
    planned = sum(len(own) for own in asks.values())
    ports.progress.planned(planned, 0)
    whole = plan(cases, row.candidates)
    lanes = [
        replace(lane, asks=iter(asks[candidate_digest(lane.candidate)]))
        for lane in lanes_of(whole, providers, ports)
    ]
    async with at_work(row, ports, options) as work:
        tally = await work.ask(lanes)
    end = replace(
        ended(row.id, ports.clock.now(), tally, planned, {}), remarks=tuple(remarks_of(whole, providers))
    )
    ports.runs.end(end)
    return end


def _row(
    task: Task,
    corpus: CorpusVersion,
    asks: Mapping[str, Sequence[Ask]],
    places: Sequence[int],
    begins: tuple[float, float | None],
) -> Run:
    """Return the run, which is none of the task: its name says so. `begins` is when, and with which budget."""
    started, budget = begins
    chosen = tuple(own[0].candidate for own in asks.values() if own)
    asked = replace(task, name=f"{task.name}: {NAME}")
    every = pools(corpus.cases)
    return Run(
        id=run_id(started, asked, corpus, chosen),
        started=started,
        task=asked.name,
        corpus=corpus.version,
        cases=[every[place] for place in places],
        candidates=chosen,
        repeats=max((ask.round + 1 for own in asks.values() for ask in own), default=1),
        budget=budget,
    )


class Judged:
    """Says of single trials whether they are right, as the columns of a comparison would.

    Args:
        task: Its success rule is settled.
        metrics: Of the task.
    """

    def __init__(self, task: Task, metrics: Sequence[Metric]) -> None:
        self._rule = success_rule(task)
        self._turns = Turns(task, metrics, self._rule)
        self._metrics = tuple(metrics)

    def right(self, case: Case, trial: Trial) -> bool | None:
        """Return whether a trial is a success; None where nobody can tell, or it says nothing of the version."""
        outcome = trial.outcome
        if isinstance(outcome, Failure):
            return None if outcome.kind in NOT_SAID else False
        scores = {metric.name: metric.score(case, outcome) for metric in self._metrics}
        if accepted_endings(case):
            return self._turns.of(case, outcome, scores) == "correct"
        score = scores.get(self._rule.metric)
        return self._rule.met_by(score.value) if isinstance(score, Score) else None
