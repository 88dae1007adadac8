"""The judges of a project: its metrics that ask somebody's judgement, and what tells one version from another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from passmuster.decide.judging.book import RatingBook
from passmuster.errors import UsageError
from passmuster.metrics.judges.judge import rubric_of as written_out
from passmuster.metrics.judges.rubric import JudgedMetric, JudgingMetric, Rubric
from passmuster.metrics.metric import Metric
from passmuster.metrics.two_steps import ComparingMetric
from passmuster.project.load import Project
from passmuster.project.validate import closest
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.digest import digest
from passmuster.records.record import Record
from passmuster.records.task import MetricSpec
from passmuster.workflows.scoring import unsettled

VERSION_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge(Record):
    """A metric that judges, as it was opened (`metric`, which looks its answers up) and as it is written (`spec`).

    `scorers` are the models behind it. `version` is another one where the same reply might be judged otherwise: another model,
    other parameters, another question, another reading.
    """

    spec: MetricSpec
    metric: Metric
    rubric: Rubric
    scorers: tuple[Candidate, ...]
    version: str
    at_its_word: bool = False

    @property
    def name(self) -> str:
        """The name of the metric."""
        return self.spec.name


class Judged(NamedTuple):
    """A metric that asks a judge: how it is written, how it was opened, whom it asks, in which version."""

    spec: MetricSpec
    metric: Metric
    bare: JudgedMetric
    scorers: tuple[Candidate, ...]
    version: str


def judged_metrics_of(project: Project) -> Iterator[Judged]:
    """Yield the metrics of a project that are somebody's word, in the order of its file."""
    for spec, metric in zip(project.task.metrics, project.metrics(), strict=True):
        bare = unsettled(metric)
        if isinstance(bare, JudgedMetric):
            names = (bare.asks,) if isinstance(bare.asks, str) else bare.asks
            scorers = tuple(project.scorer(name) for name in names)
            yield Judged(spec, metric, bare, scorers, judge_version(spec, bare.version, scorers))


def judges_of(project: Project) -> tuple[Judge, ...]:
    """Return the metrics of a project that judge by a rubric, in the order of its file."""
    return tuple(
        Judge(
            spec=each.spec,
            metric=each.metric,
            rubric=each.bare.rubric,
            scorers=each.scorers,
            version=each.version,
            at_its_word=each.bare.at_its_word,
        )
        for each in judged_metrics_of(project)
        if isinstance(each.bare, JudgingMetric)
    )


def find_judge(project: Project, name: str | None = None) -> Judge:
    """Return the judge with this name; without one, the only judge of the project.

    Raises:
        UsageError: where there is none, or where there are several and none is named.
    """
    found = {judge.name: judge for judge in judges_of(project)}
    if not found:
        raise UsageError(
            "no metric of this task is a judge",
            hint="Add one: metrics: [{judge: {asks: SCORER, rubric: response_quality}}] and its model under `scorers:`.",
        )
    if name is None and len(found) > 1:
        raise UsageError(
            "the task has several judges", hint=f"Name one of them with --metric: {', '.join(found)}"
        )
    chosen = name or next(iter(found))
    if chosen not in found:
        raise UsageError(f"no judge is called {chosen!r}", hint=closest(chosen, found))
    return found[chosen]


def book_of(project: Project) -> RatingBook:
    """Return what people said of replies in this project; judges with the same rubric share it.

    Raises:
        CorpusError: where one of its files is broken.
    """
    files = project.ratings
    read = files.ratings.read(), files.choices.read(), files.draws.read()
    return RatingBook(*read, same=_of_one_question(judges_of(project)))


def _of_one_question(judges: Sequence[Judge]) -> dict[str, str]:
    """Return the name of the first judge that asks what each one asks: people answer the question, not the judge."""
    firsts: list[tuple[bool, Rubric, str]] = []
    found = {}
    for judge in judges:
        pairs = isinstance(unsettled(judge.metric), ComparingMetric)
        known = (name for side, rubric, name in firsts if (side, rubric) == (pairs, judge.rubric))
        found[judge.name] = next(known, judge.name)
        firsts.append((pairs, judge.rubric, judge.name))
    return found


def judge_version(spec: MetricSpec, version: int, scorers: Sequence[Candidate]) -> str:
    """Return the version of a judge.

    Example:
        >>> spec = MetricSpec(name="quality", kind="judge", options={"asks": "small"})
        >>> one = judge_version(spec, 1, [Candidate(name="small", provider="openai", model="a")])
        >>> one == judge_version(spec, 1, [Candidate(name="small", provider="openai", model="b")])
        False
    """
    asked = [candidate_digest(scorer) for scorer in scorers]
    options = {name: value for name, value in spec.options.items() if name != "at_its_word"}
    # Criteria are asked in their order, which the digest of an object does not see.
    if isinstance(options.get("rubric"), dict):
        options["rubric"] = written_out(options["rubric"])
    return digest([spec.kind, options, version, asked])[:VERSION_LENGTH]
