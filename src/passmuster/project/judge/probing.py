"""Questions put to a judge to see how it judges: the same once more, and replies restated at greater length.

They are ordinary trials: estimated before, bounded by a budget, stored as they end, and never asked twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.corpus.egress import may_receive
from passmuster.corpus.versions.content import corpus_version
from passmuster.decide.judging.calibrating.steadiness import Padded, Twice
from passmuster.ports import Progress
from passmuster.project.asking import closing, engine_ports
from passmuster.project.judge.gathering import Gathered
from passmuster.project.judges import Judge
from passmuster.project.load import Project
from passmuster.project.loop import until_done
from passmuster.project.rating.replies import ReplyFinder
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case, case_digest
from passmuster.records.record import Record
from passmuster.records.run import RunEnd
from passmuster.records.score import Score
from passmuster.records.trial import Outcome, Reply, TrialKey
from passmuster.runner.plan import Plan, plan
from passmuster.workflows import estimate as estimating
from passmuster.workflows import run as running
from passmuster.workflows.estimate import Estimate
from passmuster.workflows.judge.padding import padded
from passmuster.workflows.scoring import Kept, Settled, unsettled

LOOKED_AT = 500
"""Replies that are looked at for answers of earlier probes, where none is asked for now."""

AGAIN = 1
"""The repeat that is the second answer to a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe(Record):
    """What a judge is to be asked: `again` questions a second time, and `padding` replies at greater length.

    Which ones, chance decides by `seed`: the same seed is the same replies, so that more of them ask only the further
    ones.
    """

    again: int = 0
    padding: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Record):
    """Questions that were not answered yet, by scorer (name): once more, and for the first time."""

    again: Mapping[str, tuple[Case, ...]] = field(default_factory=dict)
    padding: Mapping[str, tuple[Case, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(len(cases) for own in (self.again, self.padding) for cases in own.values())


class Prober:
    """Asks a judge more about the replies that it has judged, and reads what it said.

    Args:
        project: The project.
        judge: The judge.
        found: What it has judged.
        probe: What it is to be asked.
    """

    def __init__(self, project: Project, judge: Judge, found: Gathered, probe: Probe) -> None:
        self._project = project
        self._judge = judge
        self._found = found
        self._probe = probe
        judged = [place for place, row in enumerate(found.rows) if row.value is not None]
        judged.sort(key=lambda place: (found.rows[place].case, found.rows[place].candidate))
        order = np.random.default_rng(probe.seed).permutation(len(judged))
        self._order = [judged[place] for place in order]
        self._digests = {scorer.name: candidate_digest(scorer) for scorer in judge.scorers}

    def open(self) -> Open:
        """Return what has to be asked."""
        return Open(
            again=self._open(self._again_places(self._probe.again), AGAIN),
            padding=self._open(self._padded_places(self._probe.padding), 0, pad=True),
        )

    def estimate(self, open_: Open) -> Estimate:
        """Return what asking that would cost; no model is called."""
        found: list[estimating.CandidateEstimate] = []
        for repeat, questions in ((AGAIN, open_.again), (0, open_.padding)):
            for name, cases in questions.items():
                found.append(self._estimate(name, cases, repeat))
        return Estimate(candidates=tuple(found))

    def ask(self, open_: Open, budget: float | None, progress: Progress) -> tuple[RunEnd, ...]:
        """Ask it; what one scorer has spent, the next may not.

        Raises:
            MissingSecretError: where a scorer's key is not set.
            StoreError: where the store cannot be written.
        """
        left, ends = budget, []
        for repeat, questions in ((AGAIN, open_.again), (0, open_.padding)):
            for name, cases in questions.items():
                options = running.RunOptions(budget=left)
                end = until_done(self._ask(self._project.scorer(name), cases, repeat, (options, progress)))
                ends.append(end)
                if end.status == "interrupted":
                    raise KeyboardInterrupt
                if left is not None:
                    left = max(0.0, left - (end.spend or 0.0) - end.at_risk)
        return tuple(ends)

    def again(self) -> tuple[Twice, ...]:
        """Return what the judge said the first and the second time, of all replies that it was asked about twice."""
        places = self._again_places(max(self._probe.again, LOOKED_AT))
        values = self._values(places, AGAIN)
        rows = self._found.rows
        return tuple(Twice(rows[place].group, rows[place].value, value) for place, value in values.items())

    def padded(self) -> tuple[Padded, ...]:
        """Return what the judge said of replies as they are and restated, of all that it was asked about."""
        places = self._padded_places(max(self._probe.padding, LOOKED_AT))
        values = self._values(places, 0, pad=True)
        found = []
        for place, value in values.items():
            row, longer = self._found.rows[place], self._reply(place, pad=True)
            found.append(Padded(row.group, row.value, value, row.length, len(longer.text)))
        return tuple(found)

    def _again_places(self, number: int) -> list[int]:
        return self._order[:number]

    def _padded_places(self, number: int) -> list[int]:
        chosen: list[int] = []
        for place in self._order:
            if len(chosen) == number:
                break
            if padded(self._found.replies[place].reply) is not None:
                chosen.append(place)
        return chosen

    def _reply(self, place: int, *, pad: bool) -> Reply:
        reply = self._found.replies[place].reply
        return (padded(reply) or reply) if pad else reply

    def _open(self, places: Sequence[int], repeat: int, *, pad: bool = False) -> dict[str, tuple[Case, ...]]:
        wanted: dict[str, dict[str, Case]] = {}
        with self._project.store() as store, self._finder(places) as finder:
            settled = self._settled(store, finder, repeat)
            for place in places:
                case = self._found.replies[place].case
                for scorer, question in settled.questions(case, self._reply(place, pad=pad)):
                    key = case_digest(question)
                    known = store.answer(TrialKey(key, self._digests[scorer], repeat)) is not None
                    if not known and may_receive(self._project.scorer(scorer).egress, question):
                        name = replace(question, id=f"{question.id} {key[:8]}")
                        wanted.setdefault(scorer, {}).setdefault(key, name)
        return {scorer: tuple(questions.values()) for scorer, questions in wanted.items()}

    def _values(self, places: Sequence[int], repeat: int, *, pad: bool = False) -> dict[int, float | None]:
        """Return the values of those of these replies whose questions were all answered; None where there is no value."""
        values: dict[int, float | None] = {}
        with self._project.store() as store, self._finder(places) as finder:
            settled = self._settled(store, finder, repeat)
            for place in places:
                case, reply = self._found.replies[place].case, self._reply(place, pad=pad)
                asked = settled.questions(case, reply)
                if asked and all(settled.kept.answer(*each) is not None for each in asked):
                    score = settled.score(case, reply)
                    values[place] = score.value if isinstance(score, Score) else None
        return values

    def _settled(self, store: SqliteStore, finder: ReplyFinder, repeat: int) -> Settled:
        kept = Kept(
            answer=partial(self._answer, store, repeat),
            reply=lambda candidate, case: finder.find(candidate, case.id),
        )
        return Settled(metric=unsettled(self._judge.metric), kept=kept)

    def _answer(self, store: SqliteStore, repeat: int, scorer: str, question: Case) -> Outcome | None:
        return store.answer(TrialKey(case_digest(question), self._digests[scorer], repeat))

    def _finder(self, places: Sequence[int]) -> ReplyFinder:
        return ReplyFinder(self._project, {self._found.replies[place].case.id for place in places})

    def _plan(self, scorer: Candidate, cases: Sequence[Case], repeat: int) -> Plan:
        return plan(cases, [scorer], repeat + 1)

    def _estimate(self, name: str, cases: Sequence[Case], repeat: int) -> estimating.CandidateEstimate:
        scorer = self._project.scorer(name)
        whole = self._plan(scorer, cases, repeat)
        with self._project.store() as store:
            done = store.done(whole.candidates)
            history = {key: store.trials([key], newest_first=True) for key in whole.candidates}
            lanes = [
                (each, (ask for ask in running.receivable(whole, key) if ask.key not in done))
                for key, each in whole.candidates.items()
            ]
            return estimating.estimate(lanes, history).candidates[0]

    async def _ask(
        self,
        scorer: Candidate,
        cases: Sequence[Case],
        repeat: int,
        how: tuple[running.RunOptions, Progress],
    ) -> RunEnd:
        project, (options, progress) = self._project, how
        task = replace(project.task, name=f"{project.task.name}: probes of {scorer.name}", repeats=repeat + 1)
        version = corpus_version(cases, project.settings.corpus.path)
        async with closing(project.scorer_providers([scorer.name])) as providers:
            with project.store() as store:
                # An answer of another day would hide how much the judge varies.
                ports = engine_ports(project, store, progress, cache=repeat == 0)
                return await running.run(task, version, (scorer,), providers, ports, options)
