"""Asking a judge about the same replies once more: each question is an ordinary trial, at its next repeat."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from passmuster.corpus.egress import may_receive
from passmuster.corpus.versions.content import corpus_version
from passmuster.metrics.two_steps import NOT_SCORED
from passmuster.ports import Progress
from passmuster.project.asking import Silent, closing, engine_ports
from passmuster.project.judges import Judge
from passmuster.project.load import Project
from passmuster.project.loop import until_done
from passmuster.records.candidate import candidate_digest
from passmuster.records.case import Case, case_digest
from passmuster.records.rating import Anchor
from passmuster.records.record import Record
from passmuster.records.run import RunEnd
from passmuster.records.score import ScoreFailure, ScoreOutcome
from passmuster.records.trial import Outcome, Reply, TrialKey
from passmuster.workflows import run as running
from passmuster.workflows.scoring import MOST_ROUNDS, Kept, Settled, unsettled


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAgain(Record):
    """What a judge says of anchors now, by the digest of each, and the runs in which it was asked.

    `models` and `fingerprints` are what the endpoints said about themselves.
    """

    scores: Mapping[str, ScoreOutcome]
    ends: tuple[RunEnd, ...] = ()
    models: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether all questions were asked to their end."""
        return all(end.status == "complete" for end in self.ends)

    @property
    def spend(self) -> float | None:
        """US dollars; None where a part of it is unknown."""
        known = [end.spend for end in self.ends if end.spend is not None]
        return sum(known) if len(known) == len(self.ends) else None


@dataclass(slots=True)
class Answers:
    """The answers of this time, by scorer (name) and digest of the question."""

    found: dict[tuple[str, str], Outcome] = field(default_factory=dict)

    def answer(self, scorer: str, question: Case) -> Outcome | None:
        """Return an answer, None where it was not asked yet."""
        return self.found.get((scorer, case_digest(question)))


def open_questions(
    project: Project, judge: Judge, anchors: Sequence[Anchor], answers: Answers | None = None
) -> dict[str, dict[str, Case]]:
    """Return what has to be asked about these anchors, by scorer (name) and digest; what may not be sent is left out."""
    kept = answers or Answers()
    found: dict[str, dict[str, Case]] = {}
    for anchor in anchors:
        for scorer, question in _settled(judge, anchor, kept).questions(anchor.case, anchor.reply):
            key = case_digest(question)
            if (scorer, key) in kept.found or not may_receive(project.scorer(scorer).egress, question):
                continue
            found.setdefault(scorer, {}).setdefault(key, replace(question, id=f"anchor {key[:8]}"))
    return found


def ask_again(
    project: Project,
    judge: Judge,
    anchors: Sequence[Anchor],
    *,
    budget: float | None = None,
    progress: Progress | None = None,
) -> AskedAgain:
    """Ask a judge about these replies once more, whatever it said before.

    Nothing is taken from the cache: an answer of another day would hide that the judge has moved. Where a budget is used up,
    the rest is not asked, and has no score.

    Args:
        project: The project.
        judge: The judge.
        anchors: The replies.
        budget: The most that it may cost, in US dollars.
        progress: Is told how it goes on.

    Raises:
        MissingSecretError: where a scorer's key is not set.
        StoreError: where the store cannot be read or written.
    """
    answers, ends, left = Answers(), [], budget
    for _ in range(MOST_ROUNDS):
        asked = open_questions(project, judge, anchors, answers)
        if not any(asked.values()):
            break
        for scorer, questions in asked.items():
            made = _ask_all(project, scorer, questions, answers, (left, progress or Silent()))
            ends += made
            if left is not None:
                left = max(0.0, left - sum((end.spend or 0.0) + end.at_risk for end in made))
        if any(end.status != "complete" for end in ends):
            break
    scores = {
        anchor.digest: score
        for anchor in anchors
        if not _is_open(score := _settled(judge, anchor, answers).score(anchor.case, anchor.reply))
    }
    replies = [each for each in answers.found.values() if isinstance(each, Reply)]
    return AskedAgain(
        scores=scores,
        ends=tuple(ends),
        models=_names(each.model for each in replies),
        fingerprints=_names(each.fingerprint for each in replies),
    )


def _is_open(score: ScoreOutcome) -> bool:
    return isinstance(score, ScoreFailure) and score.kind == NOT_SCORED


def _settled(judge: Judge, anchor: Anchor, answers: Answers) -> Settled:
    kept = Kept(answer=answers.answer, reply=lambda _candidate, _case: anchor.versus)
    return Settled(metric=unsettled(judge.metric), kept=kept)


def _ask_all(
    project: Project,
    scorer: str,
    questions: Mapping[str, Case],
    answers: Answers,
    means: tuple[float | None, Progress],
) -> list[RunEnd]:
    """Ask one scorer; questions that were asked equally often go together."""
    left, progress = means
    digest = candidate_digest(project.scorer(scorer))
    with project.store() as store:
        times = dict.fromkeys(questions, 0)
        for key in store.done([digest]):
            if key.case in times:
                times[key.case] = max(times[key.case], key.repeat + 1)
    ends = []
    for repeat in sorted(set(times.values())):
        cases = [question for key, question in questions.items() if times[key] == repeat]
        end = until_done(_ask(project, scorer, cases, repeat, (left, progress)))
        ends.append(end)
        if end.status == "interrupted":
            raise KeyboardInterrupt
        if left is not None:
            left = max(0.0, left - (end.spend or 0.0) - end.at_risk)
    with project.store() as store:
        for question, repeat in times.items():
            outcome = store.answer(TrialKey(question, digest, repeat))
            if outcome is not None:
                answers.found[scorer, question] = outcome
    return ends


async def _ask(
    project: Project,
    name: str,
    cases: Sequence[Case],
    repeat: int,
    means: tuple[float | None, Progress],
) -> RunEnd:
    left, progress = means
    scorer = project.scorer(name)
    task = replace(project.task, name=f"{project.task.name}: anchors of {name}", repeats=repeat + 1)
    version = corpus_version(cases, project.settings.corpus.path)
    options = running.RunOptions(budget=left)
    async with closing(project.scorer_providers([name])) as providers:
        with project.store() as store:
            ports = engine_ports(project, store, progress, cache=False)
            return await running.run(task, version, (scorer,), providers, ports, options)


def _names(given: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({each for each in given if each}))
