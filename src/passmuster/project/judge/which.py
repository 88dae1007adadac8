"""`judge compare` on a project: its judges, its free metrics and machines whose ratings were imported, beside people."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple

from passmuster.decide.judging.book import WORTH
from passmuster.decide.judging.closeness import Answers
from passmuster.decide.judging.strata import owner
from passmuster.decide.pricing.trial import trial_cost
from passmuster.errors import UsageError
from passmuster.metrics.metric import Metric
from passmuster.metrics.two_steps import (
    NOT_SCORED,
    AskingMetric,
    ComparingMetric,
    scorers_of,
)
from passmuster.project.api import generated
from passmuster.project.judge.gathering import NO_CONCERN
from passmuster.project.judges import judges_of
from passmuster.project.load import Project
from passmuster.project.rating.draws import said_of
from passmuster.project.rating.replies import REFERENCE, Replied, ReplyFinder, find_metric, stored_replies
from passmuster.project.validate import closest
from passmuster.records.candidate import candidate_digest
from passmuster.records.case import Case, case_digest
from passmuster.records.comparison import Comparison
from passmuster.records.rating import Choice, Rating, reply_digest
from passmuster.records.record import Record
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.text import input_text
from passmuster.records.trial import Outcome
from passmuster.workflows.evidence import Evidence
from passmuster.workflows.judge.which import Bench, Judging, RatedReply, Said, WhichWish, which_judge
from passmuster.workflows.rating.drawing import ItemKey, item_key
from passmuster.workflows.scoring import Kept, Settled, unsettled

UNTOLD = (NOT_SCORED, *NO_CONCERN)
"""Failures that say nothing of how a judge answers."""

UNSURE = "judge_unreadable"
"""The kind of score failure of a machine that looked and gave no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichJudge(Record):
    """Which judges are compared: `metric` names the question that people answered, `judges` are names; none is all."""

    metric: str | None = None
    judges: tuple[str, ...] = ()
    wish: WhichWish = WhichWish()  # noqa: RUF009 - it is frozen


@dataclass(frozen=True, slots=True)
class _Answered:
    """What a scorer answered when it was asked the first time and once more, and what the first time took."""

    cost: float | None
    seconds: float | None


def compare_judges(project: Project, asked: WhichJudge) -> tuple[Comparison, Evidence]:
    """Compare judges on what people said of the same replies, and choose the cheapest that is good enough.

    Nothing is asked: judges are taken with the verdicts that `score` has stored, other metrics of the task with the same
    scale at no cost, and machines with the ratings and costs that were imported. What people of a draw said counts by how
    many replies of its stratum each stands for.

    Args:
        project: The project.
        asked: The question that people answered, the judges, and what is asked of them.

    Raises:
        UsageError: where nobody rated anything, for an unknown metric or judge, and for a scale without ends.
        CorpusError: where a file of ratings is broken.

    Example:
        >>> compare_judges(project, WhichJudge(metric="quality"))[0].decision.chosen  # doctest: +SKIP
        'small'
    """
    metric = find_metric(project, asked.metric or _rated_metric(project))
    people = said_of(project, metric.name)
    pairs = _compares(metric)
    people = {key: value for key, value in people.items() if (len(key.replies) > 1) == pairs}
    with ReplyFinder(project) as finder:
        texts, own = _metrics_said(project, metric, people, finder)
    judgings = [*own, *_machines_said(project, metric.name, people)]
    chosen = _chosen(judgings, asked.judges)
    bench = Bench(
        metric=metric.name,
        answers=_answers(metric),
        replies=tuple(_rated(people, texts, _weights(project, metric.name, people))),
        bounds=metric.bounds,
    )
    return which_judge(bench, chosen, asked.wish, generated=generated(project))


def _rated_metric(project: Project) -> str:
    """Return the metric whose question people answered, where it is one."""
    logs: tuple[Iterable[Rating | Choice], ...] = (
        project.ratings.ratings.read(),
        project.ratings.choices.read(),
    )
    names = sorted({each.metric for log in logs for each in log if each.kind == "human"})
    if not names:
        raise UsageError(
            "nobody has rated any reply",
            hint="Next: passmuster judge calibrate draws replies, passmuster rate form --rater NAME shows them",
        )
    if len(names) > 1:
        raise UsageError("people answered several questions", hint=f"Name one: --metric {names[0]}")
    return names[0]


def _compares(metric: Metric) -> bool:
    return isinstance(unsettled(metric), ComparingMetric)


def _answers(metric: Metric) -> Answers:
    if not all(map(isfinite, metric.bounds)):
        raise UsageError(
            f"{metric.name} has no least or no greatest value, so nobody is close to anybody on it"
        )
    if _compares(metric):
        return "prefers"
    return "passes" if metric.binary else "grades"


def _chosen(judgings: Sequence[Judging], names: Sequence[str]) -> list[Judging]:
    known = [each.name for each in judgings]
    for name in names:
        if name not in known:
            raise UsageError(f"no judge is called {name!r} here", hint=closest(name, known))
    return [each for each in judgings if not names or each.name in names]


def _rated(
    people: Mapping[ItemKey, float], texts: Mapping[ItemKey, str], weights: Mapping[ItemKey, float]
) -> Iterator[RatedReply]:
    for key, value in people.items():
        yield RatedReply(
            name=_name(key),
            text=texts.get(key, "its text is not stored"),
            value=value,
            group=key.case,
            weight=weights.get(key),
        )


def _name(key: ItemKey) -> str:
    return " ".join((key.case, *(reply[:8] for reply in key.replies)))


class _Place(NamedTuple):
    """Where a rated reply was drawn from: by which version of the judge, whose replies, and which stratum of them."""

    judge: str | None
    owner: str
    stratum: str


def _weights(project: Project, metric: str, people: Mapping[ItemKey, float]) -> dict[ItemKey, float]:
    """Return how many replies each rated one stands for, where all of them were drawn; else none has a weight.

    Strata of different versions of a judge are different pictures of the same replies: each counts by how many
    ratings it has.
    """
    places: dict[ItemKey, _Place] = {}
    sizes: dict[_Place, int] = {}
    for draw in project.ratings.draws.read():
        if draw.metric == metric:
            places |= {item_key(item): _Place(draw.judge, owner(item), item.stratum) for item in draw.items}
            for name, strata in draw.populations.items():
                for stratum, size in strata.items():
                    place = _Place(draw.judge, name, stratum)
                    # A fresh draw is of the newest replies alone, and knows of no others.
                    sizes[place] = max(size, sizes.get(place, 0))
    own = {key: places[key] for key in people if places.get(key) in sizes}
    if len(own) < len(people):
        return {}
    rated = Counter(own.values())
    versions = Counter(place.judge for place in own.values())
    return {key: sizes[place] / rated[place] * versions[place.judge] / len(own) for key, place in own.items()}


def _machines_said(project: Project, metric: str, people: Mapping[ItemKey, float]) -> Iterator[Judging]:
    """Yield the machines whose ratings were imported; of several of the same reply the last one counts."""
    found: dict[str, dict[str, Said]] = {}
    logs: tuple[Iterable[Rating | Choice], ...] = (
        project.ratings.ratings.read(),
        project.ratings.choices.read(),
    )
    for log in logs:
        for each in log:
            key = _looked_at(each)
            if each.kind == "machine" and each.metric == metric and key in people:
                said = Said(outcome=_machine(each), cost=each.cost, seconds=each.seconds)
                found.setdefault(each.rater, {})[_name(key)] = said
    for name, said_by in found.items():
        yield Judging(name=name, model=name, said=said_by)


def _looked_at(said: Rating | Choice) -> ItemKey:
    texts = (said.reply,) if isinstance(said, Rating) else (said.first, said.second)
    return ItemKey(said.case, tuple(sorted(texts)))


def _machine(said: Rating | Choice) -> ScoreOutcome:
    value = said.value if isinstance(said, Rating) else None
    if isinstance(said, Choice) and said.chosen is not None:
        value = WORTH[said.chosen] if said.first <= said.second else 1 - WORTH[said.chosen]
    if value is None:
        return ScoreFailure(kind=UNSURE, message=said.note or "it gave no value")
    return Score(value=value)


def _metrics_said(
    project: Project, metric: Metric, people: Mapping[ItemKey, float], finder: ReplyFinder
) -> tuple[dict[ItemKey, str], list[Judging]]:
    """Return the texts of rated replies, and what the metrics of the task that can be compared say of them."""
    judges = {judge.name: judge for judge in judges_of(project)}
    metrics = [each for each in project.metrics() if each.name == metric.name or _alike(each, metric)]
    replies = [each for each in stored_replies(project) if each.case.id in {key.case for key in people}]
    texts: dict[ItemKey, str] = {}
    judgings = []
    for own in metrics:
        reader = _Reader(project, own, finder)
        said: dict[str, Said] = {}
        for each in replies:
            key = reader.key(each)
            if key not in people:
                continue
            texts[key] = f"{input_text(each.case.input)}\n\n{each.reply.text}"
            found = reader.said(each, key)
            if found is not None:
                said[_name(key)] = found
        judge = judges.get(own.name)
        if said:
            judgings.append(
                Judging(
                    name=own.name,
                    model=None
                    if judge is None
                    else ", ".join(each.model or each.name for each in judge.scorers),
                    version=str(own.version) if judge is None else judge.version,
                    free=not reader.scorers,
                    said=said,
                )
            )
    return texts, judgings


def _alike(one: Metric, other: Metric) -> bool:
    """Return whether two metrics answer on the same scale, so that one could stand in for the other."""
    return (
        one.bounds == other.bounds
        and one.binary == other.binary
        and one.direction == other.direction
        and _compares(one) == _compares(other)
    )


class _Reader:
    """What a metric says of replies, what that cost, and what it said once more.

    Args:
        project: The project.
        metric: The metric, settled.
        finder: Finds the replies that others are compared with.
    """

    def __init__(self, project: Project, metric: Metric, finder: ReplyFinder) -> None:
        self._metric = metric
        self._finder = finder
        bare = unsettled(metric)
        self._against = (bare.against or REFERENCE) if isinstance(bare, ComparingMetric) else None
        self._took: dict[tuple[str, str], _Answered] = {}
        self._again: dict[tuple[str, str], Outcome] = {}
        self.scorers = scorers_of(bare) if isinstance(bare, AskingMetric | ComparingMetric) else ()
        for scorer in self.scorers:
            self._read(project, scorer)
        self._once_more = Settled(
            metric=bare,
            kept=Kept(
                answer=lambda scorer, question: self._again.get((scorer, case_digest(question))),
                reply=lambda candidate, case: finder.find(candidate, case.id),
            ),
        )

    def _read(self, project: Project, name: str) -> None:
        scorer = project.scorer(name)
        nothing = Case(id="", input="")
        with project.store() as store:
            for trial in store.trials([candidate_digest(scorer)]):
                place = (name, trial.key.case)
                if trial.key.repeat == 0:
                    cost = trial_cost(scorer, nothing, trial, None).total
                    self._took[place] = _Answered(cost, trial.latency)
                elif trial.key.repeat == 1:
                    self._again[place] = trial.outcome

    def key(self, each: Replied) -> ItemKey:
        """Return what names the reply, or the pair that it is compared in."""
        own = reply_digest(each.reply)
        other = None if self._against is None else self._finder.find(self._against, each.case.id)
        replies = (own,) if other is None else tuple(sorted((own, reply_digest(other))))
        return ItemKey(each.case.id, replies)

    def said(self, each: Replied, key: ItemKey) -> Said | None:
        """Return what the metric says, None where it was not asked or has nothing to say."""
        outcome = self._metric.score(each.case, each.reply)
        if isinstance(outcome, ScoreFailure) and outcome.kind in UNTOLD:
            return None
        took = self._answers(each)
        again = self._once_more.score(each.case, each.reply) if self._again else None
        turned = self._against is not None and key.replies[0] != reply_digest(each.reply)
        return Said(
            outcome=_turned(outcome) if turned else outcome,
            cost=_sum([answer.cost for answer in took]),
            seconds=max((answer.seconds or 0.0 for answer in took), default=None),
            again=_value(again, turned=turned),
        )

    def _answers(self, each: Replied) -> list[_Answered]:
        if not isinstance(self._metric, Settled) or not self._took:
            return []
        places = [(name, case_digest(asked)) for name, asked in self._metric.questions(each.case, each.reply)]
        return [self._took[place] for place in dict.fromkeys(places) if place in self._took]


def _turned(outcome: ScoreOutcome) -> ScoreOutcome:
    return Score(value=1 - outcome.value) if isinstance(outcome, Score) else outcome


def _value(outcome: ScoreOutcome | None, *, turned: bool) -> float | None:
    if not isinstance(outcome, Score):
        return None
    return 1 - outcome.value if turned else outcome.value


def _sum(costs: Sequence[float | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known) if costs and len(known) == len(costs) else None
