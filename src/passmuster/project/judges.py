"""The judges of a project: its metrics that ask somebody's judgement, and what tells one version from another."""

from collections.abc import Sequence
from dataclasses import dataclass

from passmuster.decide.judging.book import RatingBook
from passmuster.errors import UsageError
from passmuster.metrics.judges.rubric import JudgingMetric, Rubric
from passmuster.metrics.metric import Metric
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


def judges_of(project: Project) -> tuple[Judge, ...]:
    """Return the metrics of a project that judge, in the order of its file."""
    found = []
    for spec, metric in zip(project.task.metrics, project.metrics(), strict=True):
        bare = unsettled(metric)
        if isinstance(bare, JudgingMetric):
            names = (bare.asks,) if isinstance(bare.asks, str) else bare.asks
            scorers = tuple(project.scorer(name) for name in names)
            version = judge_version(spec, bare.version, scorers)
            found.append(
                Judge(
                    spec=spec,
                    metric=metric,
                    rubric=bare.rubric,
                    scorers=scorers,
                    version=version,
                    at_its_word=bare.at_its_word,
                )
            )
    return tuple(found)


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
        raise UsageError("the task has several judges", hint=f"Name one of them: {', '.join(found)}")
    chosen = name or next(iter(found))
    if chosen not in found:
        raise UsageError(f"no judge is called {chosen!r}", hint=closest(chosen, found))
    return found[chosen]


def book_of(project: Project) -> RatingBook:
    """Return what people said of replies in this project.

    Raises:
        CorpusError: where one of its files is broken.
    """
    files = project.ratings
    return RatingBook(files.ratings.read(), files.choices.read(), files.draws.read())


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
    return digest([spec.kind, options, version, asked])[:VERSION_LENGTH]
