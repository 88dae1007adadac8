from collections.abc import Sequence
from dataclasses import replace

import pytest

from passmuster.errors import UsageError
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate, Egress, Price, candidate_digest
from passmuster.records.case import Case
from passmuster.records.comparison import CaseEvidence, Comparison
from passmuster.records.corpus import CorpusVersion
from passmuster.records.run import Run
from passmuster.records.task import Bar, MetricSpec, Task
from passmuster.records.trial import Attempt, Reply, Trial, Usage
from passmuster.runner.plan import plan, pools
from passmuster.workflows.compare import Question, compare, measure, rows
from passmuster.workflows.evidence import Kept
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


def _compare(question: Question, trials: Sequence[Trial]) -> tuple[Comparison, list[CaseEvidence]]:
    comparison, evidence = compare(question, iter(trials), lambda _cases: trials, generated="now")
    return comparison, list(evidence)


@pytest.mark.parametrize("repeats", [1, 2])
def test_cases_with_equal_input_keep_each_its_own_trial(repeats: int) -> None:
    question = replace(QUESTION, task=replace(TASK, repeats=repeats))
    trials = [
        replace(trial, attempts=(Attempt(started=0.0, seconds=float(trial.case_id)),))
        for trial in _trials(question)
    ]
    measured, _ = measure(question, trials, lambda _cases: trials)
    assert measured[0].columns.seconds.tolist() == [[float(case.id)] * repeats for case in CASES]


def test_the_order_of_stored_trials_changes_nothing() -> None:
    trials = _trials(QUESTION)
    assert _compare(QUESTION, trials) == _compare(QUESTION, trials[::-1])


def test_trials_of_other_candidates_cases_and_repeats_are_passed_over() -> None:
    trials = _trials(QUESTION)
    strangers = [
        *_trials(replace(QUESTION, candidates=(Candidate(name="z", provider="openai", model="z"),))),
        *_trials(replace(QUESTION, corpus=replace(CORPUS, cases=(Case(id="1", input="strange"),)))),
        *_trials(replace(QUESTION, task=replace(TASK, repeats=3)))[100:],
    ]
    assert _compare(QUESTION, trials + strangers) == _compare(QUESTION, trials)


def test_replies_that_were_not_kept_are_read_again_for_the_cases_that_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trials, asked = _trials(QUESTION), list[str]()

    def again(cases: Sequence[str]) -> list[Trial]:
        asked.extend(cases)
        return trials

    _, kept = compare(QUESTION, iter(trials), again, generated="now")
    whole = list(kept)
    assert asked == []
    monkeypatch.setattr(Kept.__init__, "__defaults__", (1000,))
    _, evidence = compare(QUESTION, iter(trials), again, generated="now")
    assert asked == []
    assert evidence.disputed(2) == [item for item in whole if item.disputed][:2]
    assert len(asked) == 2
    assert list(evidence) == whole


def test_the_cases_most_worth_reading_come_first() -> None:
    trials = [
        replace(trial, outcome=Reply(text="no")) if trial.case_id in ("011", "012") else trial
        for trial in _trials(QUESTION)
    ]
    _, evidence = compare(QUESTION, iter(trials), lambda _cases: trials, generated="now")
    first = evidence.by_interest(13)
    assert [item.id for item in first] == [f"{index:02}7" for index in range(10)] + ["011", "012", "000"]
    assert (len(evidence), evidence.disputes) == (100, 10)


def test_the_matrix_has_accuracy_difference_latency_and_cost() -> None:
    comparison, _ = _compare(QUESTION, _trials(QUESTION))
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
    comparison, _ = _compare(QUESTION, trials)
    report = comparison.candidates[0]
    assert (report.n, report.n_missing) == (60, 40)
    assert report.metrics["accuracy"].n_missing == 40
    assert any("40 cases of 100 have no trial" in text for text in comparison.decision.warnings)


def test_what_a_candidate_may_not_receive_is_withheld_and_not_missing() -> None:
    marked = tuple(replace(case, tags=("personal_data",)) if case.id < "020" else case for case in CASES)
    inside, outside = CANDIDATES[0], replace(CANDIDATES[1], egress=Egress(personal_data=False))
    question = replace(
        QUESTION,
        corpus=replace(CORPUS, cases=marked),
        candidates=(inside, outside),
        task=replace(TASK, incumbent=None),
    )
    everything = _trials(question)
    allowed = [
        trial
        for trial in everything
        if not (trial.case_id < "020" and trial.key.candidate == candidate_digest(outside))
    ]
    comparison, evidence = _compare(question, everything)
    assert (comparison, evidence) == _compare(question, allowed)
    first, second = comparison.candidates
    assert (first.n, first.n_missing, first.n_withheld) == (100, 0, 0)
    assert (second.n, second.n_missing, second.n_withheld) == (80, 0, 20)
    assert second.metrics["accuracy"].n_missing == 0
    assert [len(item.answers) for item in evidence] == [1] * 20 + [2] * 80
    assert any("20 cases of 100 may not be sent to it" in text for text in comparison.decision.warnings)
    alone, _ = _compare(replace(question, candidates=(outside,)), allowed)
    assert "20 cases may not be sent to it: this holds on the cases it may receive." in alone.decision.reason


def test_repeats_of_a_case_are_collapsed_and_never_pooled() -> None:
    question = replace(QUESTION, task=replace(TASK, repeats=3))
    comparison, _ = _compare(question, _trials(question))
    estimate = comparison.candidates[1].metrics["accuracy"]
    assert estimate.n == 100
    assert estimate.method == "t with two pseudo-scores"


def test_groups_are_clustered() -> None:
    grouped = tuple(replace(case, group=f"g{index // 5}") for index, case in enumerate(CASES))
    comparison, _ = _compare(replace(QUESTION, corpus=replace(CORPUS, cases=grouped)), _trials(QUESTION))
    assert "clustered" in comparison.candidates[1].metrics["accuracy"].method


def test_disputed_cases_show_every_answer_side_by_side() -> None:
    _, evidence = _compare(QUESTION, _trials(QUESTION))
    disputed = [item for item in evidence if item.disputed]
    assert [item.id for item in disputed] == [case.id for case in CASES if case.id.endswith("7")]
    assert [(answer.candidate, answer.text) for answer in disputed[0].answers] == [("a", "yes"), ("b", "no")]
    assert disputed[0].right == ("a",)


def test_a_run_is_shown_with_the_references_of_today() -> None:
    trials = _trials(QUESTION)
    run = Run(id="r1", started=0.0, task="t", corpus="v1", cases=pools(CASES), candidates=CANDIDATES)
    relabelled = replace(CORPUS, cases=(replace(CASES[0], reference="no"), *CASES[1:50]))
    stored = {digest: case for case, (_, digest, _) in zip(CASES, pools(CASES), strict=True)}
    evidence = run_evidence(
        replace(QUESTION, corpus=relabelled), run, stored, iter(trials), lambda _cases: trials
    )
    assert evidence.ids == [item.id for item in evidence] == [case.id for case in CASES]
    assert find_case(evidence, "000").reference == "no"
    assert find_case(evidence, "017").right == ("a",)
    with pytest.raises(UsageError, match=r"did you mean 017\?"):
        find_case(evidence, "O17")


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


def test_the_latest_run_is_one_of_the_task_where_it_has_any() -> None:
    runs = [
        (Run(id=name, started=0.0, task=task, corpus="v", cases=(), candidates=()), None)
        for name, task in (("c", "t: contamination"), ("b", "t: labels"), ("a", "t"))
    ]
    assert find_run(runs, "latest", "t")[0].id == "a"
    assert find_run(runs, "latest", "other")[0].id == "c"
    assert find_run(runs, "b", "t")[0].id == "b"


@pytest.mark.parametrize("bars", [(), TASK.bars])
def test_the_rows_by_themselves_are_those_of_the_comparison(bars: tuple[Bar, ...]) -> None:
    question = replace(QUESTION, task=replace(TASK, bars=bars))
    trials = _trials(question)
    comparison, _ = _compare(question, trials)
    files = rows(question, iter(trials), generated="now")
    assert tuple(file.candidate for file in files) == comparison.candidates
    shared = ("schema_version", "task", "generated", "corpus", "metrics")
    for file in files:
        assert [getattr(file, name) for name in shared] == [getattr(comparison, name) for name in shared]
