"""Changes for tests of the gate: replies of two versions, laid out and scored as the workflows do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from passmuster.decide.gate.compared import Compared, Laid, Triage
from passmuster.decide.gate.report import gate_report
from passmuster.decide.measured import Measured
from passmuster.metrics.metric import Metric
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate, Price, candidate_digest
from passmuster.records.case import Case
from passmuster.records.corpus import CorpusVersion
from passmuster.records.gate import GateLine, GatePolicy, GateReport, GateSide
from passmuster.records.judged import JudgeReport
from passmuster.records.task import MetricSpec, Task
from passmuster.records.trial import Attempt, Failure, Reply, Source, Trial, TrialKey, Usage
from passmuster.workflows.cells import Cells
from passmuster.workflows.laying import Laying, Question

EXACT = MetricSpec(name="exact_match", kind="exact_match")
Text: TypeAlias = str | None
"""What a version answered; None is a trial that failed, and "" a case that was not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How one version was asked: everything in lists has one value per case."""

    seconds: Sequence[float | None] | float | None = None
    first_token: Sequence[float] | None = None
    started: Sequence[float] | None = None
    in_flight: int | None = 8
    tokens: tuple[int, int] | None = (200, 100)
    estimated: bool = False
    source: Source = "measured"
    concurrency: int = 8
    price: float | None = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What else a change is compared under."""

    specs: Sequence[MetricSpec] = (EXACT,)
    policy: GatePolicy = field(default_factory=GatePolicy)
    strata: Sequence[str] | None = None
    groups: Sequence[str] | None = None
    weights: Sequence[float] | None = None
    tags: Sequence[tuple[str, ...]] | None = None
    slices: Mapping[str, str] = field(default_factory=dict)
    category: str = "typical"
    judges: Mapping[str, JudgeReport] = field(default_factory=dict)
    triage: Triage = field(default_factory=Triage)
    age_days: float | None = None
    reference: object = "yes"


USUAL, ASKED = Setting(), Asked()


def change(
    old: Sequence[Text],
    new: Sequence[Text],
    setting: Setting = USUAL,
    *,
    before: Asked = ASKED,
    now: Asked = ASKED,
    names: tuple[str, str] = ("old", "new"),
) -> Compared:
    """Lay out two versions, each with one reply per case; what the reference says is right."""
    cases = cases_of(len(old), setting)
    task = Task(name="t", metrics=tuple(setting.specs), gate=setting.policy, slices=setting.slices)
    metrics = tuple(build_metric(spec) for spec in setting.specs)
    laid = [
        _measured(replies, asked, name, (task, metrics, cases))
        for replies, asked, name in ((old, before, names[0]), (new, now, names[1]))
    ]
    question = Question(task=task, metrics=metrics, corpus=_corpus(cases), candidates=())
    return Compared(
        task=question.task,
        metrics=metrics,
        main=Laid(cases=cases, old=laid[0], new=laid[1]),
        old_side=GateSide(name=names[0], digest="before", age_days=setting.age_days),
        new_side=GateSide(name=names[1], digest="now"),
        corpus="v",
        generated="2026-01-01T00:00:00Z",
        judges=setting.judges,
        triage=setting.triage,
    )


def gate(
    old: Sequence[Text],
    new: Sequence[Text],
    setting: Setting = USUAL,
    *,
    before: Asked = ASKED,
    now: Asked = ASKED,
) -> GateReport:
    """Return what the gate says of a `change`."""
    return gate_report(change(old, new, setting, before=before, now=now))


def line(report: GateReport, name: str, where: str | None = None) -> GateLine:
    """Return a row by the name of its figure, and of its slice."""
    rows = report.lines if where is None else report.slices
    return next(each for each in rows if each.name == name and each.slice == where)


def replies(*parts: tuple[str, int]) -> list[Text]:
    """Return so many replies of each sign: + right, - wrong, f failed, blank not asked."""
    texts: dict[str, Text] = {"+": "yes", "-": "no", "f": None, " ": ""}
    return [texts[sign] for sign, count in parts for _ in range(count)]


def with_apart(compared: Compared, name: str, other: Compared) -> Compared:
    """Return a question with the cases of another beside it, as a population that is measured apart."""
    return replace(compared, apart={**compared.apart, name: other.main})


def cases_of(number: int, setting: Setting = USUAL) -> list[Case]:
    """Return so many cases."""
    return [
        Case(
            id=str(place),
            input=f"question {place}",
            reference=setting.reference[place] if isinstance(setting.reference, list) else setting.reference,
            stratum=None if setting.strata is None else setting.strata[place],
            group=None if setting.groups is None else setting.groups[place],
            weight=None if setting.weights is None else setting.weights[place],
            tags=() if setting.tags is None else setting.tags[place],
            category=setting.category,  # type: ignore[arg-type]  # a category of the tests' own choice
        )
        for place in range(number)
    ]


def _corpus(cases: Sequence[Case]) -> CorpusVersion:
    return CorpusVersion(version="v", path="p", split="eval", cases=tuple(cases))


def _measured(
    texts: Sequence[Text], asked: Asked, name: str, about: tuple[Task, tuple[Metric, ...], list[Case]]
) -> Measured:
    task, metrics, cases = about
    price = None if asked.price is None else Price(input=asked.price, output=asked.price)
    candidate = Candidate(
        name=name, provider="openai", model=name, concurrency=asked.concurrency, price=price
    )
    question = Question(
        task=task, metrics=metrics, corpus=_corpus(cases), candidates=(candidate,), timed=True
    )
    cells = Cells(question.corpus.cases, 1)
    laying = Laying(question, cells)
    digest = candidate_digest(candidate)
    for place, text in enumerate(texts):
        if text != "":
            laying.enter(_trial(cells.key(digest, place, 0), text, asked, place))
    return laying.parts()[0].measured[0]


def _trial(key: TrialKey, text: Text, asked: Asked, place: int) -> Trial:
    seconds = asked.seconds[place] if isinstance(asked.seconds, Sequence) else asked.seconds
    usage = (
        None
        if asked.tokens is None
        else Usage(input=asked.tokens[0], output=asked.tokens[1], reasoning=0, estimated=asked.estimated)
    )
    attempt = Attempt(
        started=float(place) if asked.started is None else asked.started[place],
        seconds=seconds,
        first_token=None if asked.first_token is None else asked.first_token[place],
        in_flight=asked.in_flight,
        usage=usage,
        error="timeout" if text is None else None,
    )
    return Trial(
        key=key,
        case_id=str(place),
        outcome=Failure(kind="timeout", message="late") if text is None else Reply(text=text),
        attempts=(attempt,),
        source=asked.source,
    )


__all__ = ["ASKED", "EXACT", "Asked", "Setting", "change", "gate", "line", "replace", "replies", "with_apart"]
