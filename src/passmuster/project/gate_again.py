"""Asking flipped cases again, on a project: who still answers, what it will cost, and what came of it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from shlex import quote
from typing import TypeAlias

import numpy as np

from passmuster.decide.gate.again import Again
from passmuster.decide.gate.triage import Cases
from passmuster.decide.gate.wanted import SAMPLE, wanted
from passmuster.decide.phrases import counted
from passmuster.decide.success import success_rule, with_success
from passmuster.metrics.metric import Metric
from passmuster.metrics.two_steps import RunningMetric
from passmuster.ports import Progress, Provider
from passmuster.project.asking import Silent, closing, engine_ports
from passmuster.project.load import Project
from passmuster.project.loop import until_done
from passmuster.project.scoring import ask_scorer
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.record import Record
from passmuster.records.run import RunEnd
from passmuster.records.task import Task
from passmuster.records.trial import Reply, Trial, TrialKey
from passmuster.runner.plan import Ask
from passmuster.workflows import estimate as estimating
from passmuster.workflows.at_work import RunOptions
from passmuster.workflows.estimate import Estimate
from passmuster.workflows.gate_again import Errand, Judged, ask_again, asks_of
from passmuster.workflows.scoring import MOST_ROUNDS, steps_of, unsettled

__all__ = ["AgainWish", "AskedAgain", "asks_again", "estimate_again", "run_again"]

LOCAL = frozenset({"python", "command", "pipeline"})
"""Providers whose program lies beside the project: what it was before is not there any more."""
LEAST_ANSWERED = 0.5
"""Share of its trials that a version must answer for what it says to count: else it is not there, and not worse."""

_Opened: TypeAlias = tuple[str, Candidate] | None
"""The candidate of the project that a version is opened as, and the version; None where it cannot be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainWish(Record):
    """How often flipped cases are asked again, how many cases tell the noise, and what that may cost.

    `since` is from when on an answer of the new version counts (seconds since the epoch): where both versions have one
    digest, what it said before the change says nothing of it. None is ever.
    """

    times: int = 3
    sample: int = SAMPLE
    budget: float | None = None
    since: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAgain:
    """Fresh answers, and how the run ended in which they were asked; None where nothing had to be asked."""

    again: Again
    end: RunEnd | None = None
    questions: tuple[RunEnd, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether all was asked to its end."""
        ends = self.questions if self.end is None else (self.end, *self.questions)
        return all(end.status == "complete" for end in ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What is asked of whom: trials by the digest of the version, how each is opened, and what cannot be asked."""

    old: str | None = None
    new: str | None = None
    asks: Mapping[str, tuple[Ask, ...]] = field(default_factory=dict)
    opened_as: Mapping[str, tuple[str, Candidate]] = field(default_factory=dict)
    flipped: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def trials(self) -> int:
        """How many trials these are, stored ones among them."""
        return sum(map(len, self.asks.values()))

    @property
    def for_floor(self) -> int:
        """How many of them are for the noise floor alone."""
        return 0 if self.old is None else len(set(self.twice) - set(self.flipped))


def asks_again(
    project: Project, cases: Cases, old: Candidate | None, new: Candidate, wish: AgainWish | None = None
) -> Asking:
    """Return what has to be asked again, and of whom; no model is called.

    Args:
        project: The project.
        cases: What both versions said.
        old: The version of before, None where its definition is not known.
        new: The other one.
        wish: How often, and how many.

    Raises:
        StoreError: where the store cannot be read.
    """
    wish, task = wish or AgainWish(), with_success(project.task, project.metrics())
    needed = wanted(task, cases, times=wish.times, sample=wish.sample)
    reason = _pointless(project, task, cases, new)
    if reason is not None:
        return Asking(notes=(reason,) if needed.new else ())
    before, now, notes = _sides(project, old, new, flipped=bool(needed.new))
    every = project.corpus().cases
    places = {case.id: place for place, case in enumerate(every)}
    orders = {
        "old": (before, {**dict.fromkeys(needed.twice, 1), **needed.old}),
        "new": (now, needed.new),
    }
    asks: dict[str, tuple[Ask, ...]] = {}
    opened: dict[str, tuple[str, Candidate]] = {}
    for side, (found, names) in orders.items():
        if found is None or not names:
            continue
        known = {places[name]: times for name, times in names.items() if name in places}
        errand = Errand(candidate=found[1], places=known)
        since = wish.since if side == "new" else None
        begun = {} if since is None else _begun(project, errand.digest)
        asks[errand.digest] = tuple(asks_of(errand, every, task.repeats, begun, since))
        opened[errand.digest] = found
    return Asking(
        old=None if before is None else candidate_digest(before[1]),
        new=None if now is None else candidate_digest(now[1]),
        asks={digest: own for digest, own in asks.items() if own},
        opened_as=opened,
        flipped=tuple(needed.old),
        twice=needed.twice,
        notes=tuple(dict.fromkeys(notes)) if needed.new or needed.twice else (),
    )


def _sides(
    project: Project, old: Candidate | None, new: Candidate, *, flipped: bool
) -> tuple[_Opened, _Opened, list[str]]:
    """Return both versions as they are asked, None where one cannot be, and why; of one version only what answers now."""
    notes: list[str] = []
    before = _opened_as(project, old, "old", notes)
    now = _opened_as(project, new, "new", notes)
    if before is None or now is None or candidate_digest(before[1]) != candidate_digest(now[1]):
        return before, now, notes
    if flipped:
        notes.append(
            "both sides are one version: what answers now was asked again, and what answered then cannot be asked any more"
        )
    return None, now, notes


def _pointless(project: Project, task: Task, cases: Cases, new: Candidate) -> str | None:
    """Return why fresh answers would tell nothing; None where they would."""
    name = success_rule(task).metric
    metric = next((each for each in project.metrics() if each.name == name), None)
    if metric is not None and isinstance(unsettled(metric), RunningMetric):
        return (
            f"no case was asked again: {name} runs programs, and the gate runs none. What was said first decides; to look "
            "at a case: passmuster show latest CASE"
        )
    given = sum(float(part.new.present.sum()) for part in cases.parts)
    failed = sum(float(np.nansum(part.new.failed)) for part in cases.parts)
    if given and given - failed < LEAST_ANSWERED * given:
        return (
            f"no case was asked again: the new version answered only {1 - failed / given:.0%} of what it was asked. "
            f"To see why: passmuster show --of {quote(new.name)} --cases failed"
        )
    return None


def _begun(project: Project, digest: str) -> dict[TrialKey, float]:
    with project.store() as store:
        return {
            trial.key: trial.attempts[0].started if trial.attempts else 0.0
            for trial in store.trials([digest])
        }


def _opened_as(project: Project, version: Candidate | None, side: str, notes: list[str]) -> _Opened:
    """Return the candidate of the project that a version is opened as, and the version; None where it cannot be asked."""
    if version is None:
        notes.append(
            f"the {side} version cannot be asked again: its definition in the baseline is not whole. What an environment "
            "variable fills in is not kept there: it must have the same value where the gate runs"
        )
        return None
    if version.kind != "llm" or version.provider == "replay":
        what = "a recording, which has" if version.provider == "replay" else "no model: it has"
        notes.append(f"{version.name} was not asked again: it is {what} one answer to each case")
        return None
    digest = candidate_digest(version)
    for candidate in project.asked:
        if candidate_digest(candidate) == digest:
            return candidate.name, candidate
    for candidate in project.asked:
        alike = (candidate.provider, candidate.endpoint) == (version.provider, version.endpoint)
        if alike and candidate.kind == "llm" and version.provider not in LOCAL:
            return candidate.name, version
    notes.append(
        f"the {side} version cannot be asked again: no candidate of the project answers at "
        f"{version.endpoint or version.provider} as {version.provider}. To have it asked, keep a candidate there in the "
        "project file, with any prompt"
    )
    return None


def estimate_again(project: Project, asking: Asking) -> Estimate:
    """Return what asking again would cost, without what is stored already; no model is called.

    Raises:
        StoreError: where the store cannot be read.
    """
    with project.store() as store:
        done = store.done(asking.asks)
        history = {digest: store.trials([digest], newest_first=True) for digest in asking.asks}
        lanes = [
            (asking.opened_as[digest][1], [ask for ask in own if ask.key not in done])
            for digest, own in asking.asks.items()
        ]
        return estimating.estimate(lanes, history)


def run_again(
    project: Project,
    asking: Asking,
    wish: AgainWish | None = None,
    *,
    progress: Progress | None = None,
) -> AskedAgain:
    """Ask what the store does not have yet, and return all fresh answers with what is right about them.

    They are ordinary trials, at repeats beyond those of the task, so that `compare` does not count them; the same call after
    a crash, or with Control-C behind it, goes on where it was. Nothing is taken from the cache. Where a judge says what is
    right, it is asked about them in between.

    Raises:
        MissingSecretError: where a key is not set.
        StoreError: where the store cannot be read or written.
        KeyboardInterrupt: where the run was interrupted; what was finished is stored.
    """
    wish = wish or AgainWish()
    if not asking.asks:
        return AskedAgain(again=Again(times=wish.times, notes=asking.notes))
    budget = project.settings.budget if wish.budget is None else wish.budget
    end = until_done(_run(project, asking, budget, progress or Silent()))
    if end.status == "interrupted":
        raise KeyboardInterrupt
    with project.store() as store:
        keys = {ask.key: ask for own in asking.asks.values() for ask in own}
        trials = {trial.key: trial for trial in store.made(keys)}
    left = None if budget is None else max(0.0, budget - (end.spend or 0.0) - end.at_risk)
    questions = _score(project, [(keys[key].case, trial) for key, trial in trials.items()], left, progress)
    return AskedAgain(
        again=_again(project, asking, trials, wish.times, (end, *questions)), end=end, questions=questions
    )


async def _run(project: Project, asking: Asking, budget: float | None, progress: Progress) -> RunEnd:
    async with AsyncExitStack() as stack:
        providers: dict[str, Provider] = {}
        for digest, (name, version) in asking.opened_as.items():
            if digest in asking.asks:
                opened = project.providers([name], _as(version))
                providers.update(await stack.enter_async_context(closing(opened)))
        with project.store() as store:
            ports = engine_ports(project, store, progress, cache=False)
            options = RunOptions(budget=budget)
            corpus = project.corpus()
            return await ask_again(project.task, corpus, asking.asks, providers, ports, options)


def _as(version: Candidate) -> Callable[[Candidate], Candidate]:
    return lambda _candidate: version


@dataclass(slots=True)
class _Side:
    """The fresh trials of one version, by the id of the case."""

    answers: dict[str, list[bool | None]] = field(default_factory=dict)
    replies: int = 0
    trials: int = 0

    def take(self, name: str, trial: Trial, *, right: bool | None) -> None:
        """Take in a trial."""
        self.trials += 1
        self.replies += isinstance(trial.outcome, Reply)
        self.answers.setdefault(name, []).append(right)


def _again(
    project: Project,
    asking: Asking,
    trials: Mapping[TrialKey, Trial],
    times: int,
    ends: Sequence[RunEnd],
) -> Again:
    metrics = project.metrics()
    judged = Judged(with_success(project.task, metrics), metrics)
    notes = [*asking.notes]
    sides: dict[str | None, _Side] = {}
    for digest, own in asking.asks.items():
        side = sides[digest] = _Side()
        for ask in own:
            if ask.key in trials:
                trial = trials[ask.key]
                side.take(ask.case.id, trial, right=judged.right(ask.case, trial))
        missing = len(own) - side.trials
        name = f"the {'new' if digest == asking.new else 'old'} version"
        if missing:
            notes.append(f"{counted(missing, 'answer')} of {name} could not be asked for again")
        if side.trials and side.replies < LEAST_ANSWERED * side.trials:
            notes.append(
                f"{name} answered only {side.replies:,} of {side.trials:,} when it was asked again: nothing is told from that"
            )
            sides[digest] = _Side()
    old, new = (sides.get(digest, _Side()).answers for digest in (asking.old, asking.new))
    twice = {name: old[name][:1] for name in asking.twice if name in old}
    known = [end.spend for end in ends if end.spend is not None]
    return Again(
        old={name: old[name] for name in asking.flipped if name in old},
        new=new,
        twice=twice,
        times=times,
        notes=tuple(notes),
        spend=sum(known) if len(known) == len(ends) else None,
    )


def _score(
    project: Project, replies: Sequence[tuple[Case, Trial]], budget: float | None, progress: Progress | None
) -> tuple[RunEnd, ...]:
    """Ask the judge of the metric that tells a success about these replies, until nothing is left to ask."""
    rule = success_rule(with_success(project.task, project.metrics()))
    metrics: list[Metric] = [each for each in project.metrics() if each.name == rule.metric]
    ends: list[RunEnd] = []
    for _ in range(MOST_ROUNDS):
        given = ((case, trial.outcome) for case, trial in replies if isinstance(trial.outcome, Reply))
        steps = steps_of(metrics, given, project.may_ask)
        made = [
            _ask(project, name, tuple(own.values()), budget, progress or Silent())
            for name, own in _unasked(project, steps.questions).items()
        ]
        ends += made
        if not made or any(end.status != "complete" for end in made):
            break
        if budget is not None:
            budget = max(0.0, budget - sum((end.spend or 0.0) + end.at_risk for end in made))
    return tuple(ends)


def _unasked(project: Project, questions: Mapping[str, Mapping[str, Case]]) -> dict[str, dict[str, Case]]:
    found = {}
    with project.store() as store:
        for name, own in questions.items():
            done = {
                key.case for key in store.done([candidate_digest(project.scorer(name))]) if key.repeat == 0
            }
            left = {digest: case for digest, case in own.items() if digest not in done}
            if left:
                found[name] = left
    return found


def _ask(
    project: Project, name: str, cases: Sequence[Case], budget: float | None, progress: Progress
) -> RunEnd:
    end = until_done(ask_scorer(project, project.scorer(name), cases, RunOptions(budget=budget), progress))
    if end.status == "interrupted":
        raise KeyboardInterrupt
    return end
