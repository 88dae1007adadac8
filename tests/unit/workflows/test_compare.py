from dataclasses import replace

import pytest

from passmuster.errors import UsageError
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate, Price
from passmuster.records.case import Case
from passmuster.records.corpus import CorpusVersion
from passmuster.records.run import Run
from passmuster.records.task import Bar, MetricSpec, Task
from passmuster.records.trial import Attempt, Reply, Trial, Usage
from passmuster.runner.plan import plan, pools
from passmuster.workflows.compare import Question, compare, measure
from passmuster.workflows.show import find_case, find_run, run_evidence

SPEC = MetricSpec(name="accuracy", kind="exact_match")
CASES = tuple(Case(id=f"{index:03}", input=f"text {index % 90}", reference="yes") for index in range(100))
CANDIDATES = tuple(
    Candidate(name=name, provider="openai", model=name, price=Price(input=1.0, output=2.0))
    for name in ("a", "b")
)
CORPUS = CorpusVersion(version="v1", path="cases.jsonl", split="eval", cases=CASES)
TASK = Task(name="t", metrics=(SPEC,), bars=(Bar(metric="accuracy", at_least=0.5),), incumbent="b")
QUESTION = Question(task=TASK, metrics=(build_metric(SPEC),), corpus=CORPUS, candidates=CANDIDATES)


def _trials(question: Question) -> list[Trial]:
    return [
        Trial(
            key=ask.key,
            case_id=ask.case.id,
            outcome=Reply(text="no" if ask.candidate.name == "b" and ask.case.id.endswith("7") else "yes"),
            attempts=(Attempt(started=1.0, seconds=0.25, usage=Usage(input=1000, output=500)),),
        )
        for ask in plan(question.corpus.cases, question.candidates, question.task.repeats)
    ]


def test_cases_with_equal_input_keep_each_its_own_trial() -> None:
    rows = measure(QUESTION, _trials(QUESTION))[0].rows
    assert [row[0].trial.case_id for row in rows] == [case.id for case in CASES]


def test_the_order_of_stored_trials_changes_nothing() -> None:
    trials = _trials(QUESTION)
    assert compare(QUESTION, trials, generated="now") == compare(QUESTION, reversed(trials), generated="now")


def test_trials_of_other_candidates_and_cases_are_passed_over() -> None:
    trials = _trials(QUESTION)
    strangers = _trials(replace(QUESTION, candidates=(Candidate(name="z", provider="openai", model="z"),)))
    assert compare(QUESTION, trials + strangers, generated="now") == compare(
        QUESTION, trials, generated="now"
    )


def test_the_matrix_has_accuracy_difference_latency_and_cost() -> None:
    comparison, _ = compare(QUESTION, _trials(QUESTION), generated="now")
    first, second = comparison.candidates
    assert (first.metrics["accuracy"].value, second.metrics["accuracy"].value) == (1.0, 0.9)
    assert first.versus_incumbent["accuracy"].value == pytest.approx(0.1)
    assert (first.versus_incumbent["accuracy"].better, first.versus_incumbent["accuracy"].worse) == (10, 0)
    assert second.versus_incumbent == {}
    assert first.latency.p95.value == 0.25
    assert first.latency.p99.value is None
    assert first.latency.p99.note == "not measurable"
    assert first.cost.per_task.value == pytest.approx(0.002)
    assert second.cost.per_success.value == pytest.approx(0.002 / 0.9)
    assert comparison.decision.chosen == "a"


def test_cases_without_a_trial_are_missing_and_named_in_a_caution() -> None:
    trials = [trial for trial in _trials(QUESTION) if not (trial.case_id < "040" and trial.key.repeat == 0)]
    comparison, _ = compare(QUESTION, trials, generated="now")
    report = comparison.candidates[0]
    assert (report.n, report.n_missing) == (60, 40)
    assert report.metrics["accuracy"].n_missing == 40
    assert any("40 cases of 100 have no trial" in text for text in comparison.decision.warnings)


def test_repeats_of_a_case_are_collapsed_and_never_pooled() -> None:
    question = replace(QUESTION, task=replace(TASK, repeats=3))
    comparison, _ = compare(question, _trials(question), generated="now")
    estimate = comparison.candidates[1].metrics["accuracy"]
    assert estimate.n == 100
    assert estimate.method == "t with two pseudo-scores"


def test_groups_are_clustered() -> None:
    grouped = tuple(replace(case, group=f"g{index // 5}") for index, case in enumerate(CASES))
    comparison, _ = compare(
        replace(QUESTION, corpus=replace(CORPUS, cases=grouped)), _trials(QUESTION), generated="now"
    )
    assert "clustered" in comparison.candidates[1].metrics["accuracy"].method


def test_disputed_cases_show_every_answer_side_by_side() -> None:
    _, evidence = compare(QUESTION, _trials(QUESTION), generated="now")
    disputed = [item for item in evidence if item.disputed]
    assert [item.id for item in disputed] == [case.id for case in CASES if case.id.endswith("7")]
    assert [(answer.candidate, answer.text) for answer in disputed[0].answers] == [("a", "yes"), ("b", "no")]
    assert disputed[0].right == ("a",)


def test_a_run_is_shown_with_the_references_of_today() -> None:
    run = Run(id="r1", started=0.0, task="t", corpus="v1", cases=pools(CASES), candidates=CANDIDATES)
    relabelled = replace(CORPUS, cases=(replace(CASES[0], reference="no"), *CASES[1:50]))
    stored = {digest: case for case, (_, digest, _) in zip(CASES, pools(CASES), strict=True)}
    evidence = run_evidence(replace(QUESTION, corpus=relabelled), run, stored, _trials(QUESTION))
    assert [item.id for item in evidence] == [case.id for case in CASES]
    assert evidence[0].reference == "no"
    assert find_case(evidence, "017").right == ("a",)


def test_a_run_is_found_by_the_beginning_of_its_id() -> None:
    runs = [
        (Run(id=name, started=0.0, task="t", corpus="v", cases=(), candidates=()), None)
        for name in ("abc", "abd")
    ]
    assert find_run(runs, "abd")[0].id == "abd"
    assert find_run(runs, "latest")[0].id == "abc"
    with pytest.raises(UsageError, match="more than one"):
        find_run(runs, "ab")
    with pytest.raises(UsageError, match="did you mean abd"):
        find_run(runs, "abdd")
