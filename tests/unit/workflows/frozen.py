"""A task of forty cases, versions that answer them by a rule, and these frozen as a reference."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate, Price, candidate_digest
from passmuster.records.case import Case
from passmuster.records.corpus import CorpusVersion
from passmuster.records.digest import digest
from passmuster.records.reference import REFERENCE_VERSION, SHORT, FrozenMetric, Reference
from passmuster.records.task import MetricSpec, Task
from passmuster.records.trial import Attempt, Failure, Reply, Trial, Usage
from passmuster.runner.plan import plan
from passmuster.workflows.compare import Question, rows
from passmuster.workflows.frozen_trials import frozen_trials

START = 1_790_000_000.0
SPECS = (
    MetricSpec(name="accuracy", kind="exact_match"),
    MetricSpec(name="by class", kind="f1_per_class"),
)
CASES = tuple(
    Case(id=f"{number:02}", input=f"text {number}", reference="ab"[number % 2], stratum="xy"[number % 2])
    for number in range(40)
)
OLD, NEW = (
    Candidate(name="bot", provider="openai", model=model, price=Price(input=1.0, output=2.0))
    for model in ("m-1", "m-2")
)

Answer = Callable[[Case, int], str | None]


def right(case: Case, _round: int) -> str:
    return str(case.reference)


def question(
    cases: Sequence[Case] = CASES,
    candidate: Candidate = OLD,
    specs: Sequence[MetricSpec] = SPECS,
    repeats: int = 1,
) -> Question:
    return Question(
        task=Task(name="t", metrics=tuple(specs), repeats=repeats),
        metrics=tuple(build_metric(spec) for spec in specs),
        corpus=CorpusVersion(version="v1", path="cases.jsonl", split="eval", cases=tuple(cases)),
        candidates=(candidate,),
    )


def scored_by(specs: Sequence[MetricSpec] = SPECS) -> tuple[FrozenMetric, ...]:
    return tuple(
        FrozenMetric(
            name=spec.name,
            kind=spec.kind,
            version=build_metric(spec).version,
            options=digest(spec.options)[:SHORT],
        )
        for spec in specs
    )


def trials_of(
    candidate: Candidate,
    answer: Answer = right,
    cases: Sequence[Case] = CASES,
    *,
    repeats: int = 1,
    start: float = START,
    pace: float = 0.5,
) -> list[Trial]:
    """Return a trial for each case and repeat; None as an answer is a failure after a retry."""
    made = []
    for number, ask in enumerate(plan(cases, [candidate], repeats)):
        text = answer(ask.case, ask.round)
        begun = start + number
        usage = Usage(input=20 + len(ask.case.id), output=2)
        call = Attempt(
            started=begun,
            seconds=pace + number / 1000,
            first_token=pace / 2,
            usage=usage,
            in_flight=1 + number % 4,
        )
        calls: tuple[Attempt, ...] = (call,)
        if text is None:
            calls = (
                replace(call, usage=None, error="server_error"),
                replace(call, started=begun + 2.0, usage=None, error="server_error"),
            )
        outcome = Failure(kind="server_error", message="secret words") if text is None else Reply(text=text)
        made.append(Trial(key=ask.key, case_id=ask.case.id, outcome=outcome, attempts=calls))
    return made


def reference_of(
    trials: Sequence[Trial],
    asked: Question | None = None,
    candidate: Candidate = OLD,
    *,
    replies: bool = False,
) -> Reference:
    about = asked or question(candidate=candidate)
    file = rows(about, trials, generated="2026-11-20T00:00:00Z")[0]
    return Reference(
        schema_version=REFERENCE_VERSION,
        task="t",
        generated="2026-11-20T00:00:00Z",
        passmuster="0",
        digest=candidate_digest(candidate),
        definition=candidate,
        repeats=about.task.repeats,
        corpus=file.corpus,
        metrics=file.metrics,
        candidate=file.candidate,
        scored_by=scored_by(about.task.metrics),
        trials=tuple(frozen_trials(about, candidate, trials, replies=replies)),
    )
