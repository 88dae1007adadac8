"""A comparison says which classes are weak, what repeats tell, and where each candidate does worst."""

import random
from collections.abc import Sequence

import pytest
from pydantic import TypeAdapter

from passmuster.corpus.versions.content import corpus_version
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate, ManualProcess
from passmuster.records.case import Case
from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.task import MetricSpec, Success, Task
from passmuster.records.trial import Attempt, Failure, Reply, Trial
from passmuster.report.json_text import record_json
from passmuster.report.notes import weak_classes
from passmuster.runner.plan import plan
from passmuster.workflows.compare import Question, compare

METRICS = (
    MetricSpec(name="accuracy", kind="exact_match"),
    MetricSpec(name="label", kind="f1_per_class"),
)
CASES = [
    Case(
        id=str(n),
        input=f"text {n}",
        reference="rare" if n % 8 == 0 else "common",
        stratum="phone" if n % 3 else "mail",
        tags=("long",) if n % 2 else (),
    )
    for n in range(240)
]


def compared(repeats: int, cases: Sequence[Case] = CASES, candidates: Sequence[Candidate] = ()) -> Comparison:
    """Compare a model that takes rare cases for common ones, and fails on a few."""
    task = Task(name="t", metrics=METRICS, repeats=repeats, success=Success(metric="accuracy"))
    corpus = corpus_version(cases, "cases.jsonl")
    model = Candidate(name="a", provider="openai", model="a")
    metrics = tuple(build_metric(spec) for spec in METRICS)
    question = Question(task=task, metrics=metrics, corpus=corpus, candidates=(model, *candidates))
    rng = random.Random(7)  # noqa: S311  # nothing secret
    trials = []
    for ask in plan(corpus.cases, (model,), repeats):
        says = "common" if rng.random() < (0.8 if ask.case.stratum == "phone" else 0.6) else "rare"
        failed = rng.random() < 0.02
        outcome = Failure(kind="timeout", message="") if failed else Reply(text=says)
        trials.append(
            Trial(
                key=ask.key,
                case_id=ask.case.id,
                outcome=outcome,
                attempts=(Attempt(started=1.0, seconds=0.25),),
            )
        )
    return compare(question, iter(trials), lambda _cases: trials, generated="now")[0]


@pytest.fixture(scope="module")
def row() -> CandidateReport:
    return compared(3).candidates[0]


def test_a_class_that_is_mostly_missed_is_weak(row: CandidateReport) -> None:
    found = row.classification
    assert found is not None
    assert {each.label: each.weak for each in found.classes} == {"common": False, "rare": True}
    assert sum(found.failed) == row.failures.kinds["timeout"]
    assert [each.n for each in found.classes] == [210, 30]
    f1, headline = found.averages["macro_f1"], row.metrics["label"]
    assert (f1.value, f1.low, f1.high) == (headline.value, headline.low, headline.high)


def test_the_sentence_on_weak_classes_counts_cases() -> None:
    said = weak_classes(compared(3))
    assert said is not None
    assert "(n 30)" in said.text


def test_repeats_are_described(row: CandidateReport) -> None:
    found = row.variance
    assert found is not None
    assert (found.cases, found.repeats, list(found.pass_all)) == (240, 3, ["1", "2", "3"])
    assert (
        (found.pass_all["3"].value or 0) < (found.pass_at["1"].value or 0) < (found.pass_at["3"].value or 0)
    )
    assert found.best is not None
    assert (found.best.cases, found.best.repeats) == (240, 3)


def test_the_worst_slice_is_found(row: CandidateReport) -> None:
    found = row.tail
    assert found is not None
    assert found.slices[0].name == "stratum mail"
    assert {each.name: each.success.n for each in found.slices} == {
        "stratum mail": 80,
        "stratum phone": 160,
        "tag long": 120,
    }
    assert found.worst_tenth is not None


def test_all_of_it_is_read_back_from_the_json() -> None:
    comparison = compared(2)
    assert TypeAdapter(Comparison).validate_json(record_json(comparison)) == comparison


def test_without_repeats_strata_and_tags_nothing_is_said_of_them() -> None:
    plain = [Case(id=case.id, input=case.input, reference=case.reference) for case in CASES]
    by_hand = Candidate(
        name="people",
        provider="manual",
        kind="manual",
        manual=ManualProcess(minutes=3, hourly=30, error_rate=0.1),
    )
    comparison = compared(1, plain, (by_hand,))
    for row in comparison.candidates:
        assert row.variance is None
        assert row.tail is None
    assert comparison.candidates[1].classification is None
