"""Which cases a figure is about: a trial without a reply counts only where the case concerns the metric."""

from collections.abc import Callable, Sequence

import pytest

from passmuster.adapters.simulator.answers import REFUSAL
from passmuster.corpus.versions.content import corpus_version
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate, Egress
from passmuster.records.case import Case
from passmuster.records.comparison import CandidateReport
from passmuster.records.task import Bar, MetricSpec, Task
from passmuster.records.trial import Attempt, Failure, Outcome, Reply, Trial
from passmuster.runner.plan import plan
from passmuster.workflows.compare import Question, compare

ACCURACY = MetricSpec(name="accuracy", kind="exact_match")
GRACEFUL = MetricSpec(name="graceful", kind="graceful_failure")
DOWN = Failure(kind="timeout", message="too slow")


def compared(
    cases: Sequence[Case],
    answer: Callable[[Case], Outcome],
    *bars: Bar,
    metrics: Sequence[MetricSpec] = (ACCURACY,),
    repeats: int = 1,
    egress: Egress | None = None,
) -> CandidateReport:
    """Compare one candidate on all cases but those whose input says that they are never asked."""
    one = Candidate(name="one", provider="openai", model="m", egress=egress)
    task = Task(name="t", metrics=tuple(metrics), bars=bars, repeats=repeats)
    corpus = corpus_version(cases, "cases.jsonl")
    built = tuple(build_metric(spec) for spec in metrics)
    question = Question(task=task, metrics=built, corpus=corpus, candidates=(one,))
    trials = [
        Trial(
            key=ask.key,
            case_id=ask.case.id,
            outcome=answer(ask.case),
            attempts=(Attempt(started=1.0, seconds=0.25),),
        )
        for ask in plan(corpus.cases, (one,), repeats)
        if "never asked" not in str(ask.case.input)
    ]
    found, _ = compare(question, iter(trials), lambda _: trials, generated="1970-01-01T00:00:00Z")
    return found.candidates[0]


def answerable(number: int, words: str = "add", **fields: object) -> list[Case]:
    return [Case(id=f"{words}{n}", input=f"{words} {n}", reference="yes", **fields) for n in range(number)]  # type: ignore[arg-type]  # the fields of each test


def hostile(number: int, **fields: object) -> list[Case]:
    return [Case(id=f"h{n}", input=f"harm {n}", expect="refusal", **fields) for n in range(number)]  # type: ignore[arg-type]  # the fields of each test


def test_a_failed_trial_counts_in_no_bar_on_a_metric_that_its_case_does_not_concern() -> None:
    cases = [*answerable(40), *hostile(40)]
    found = compared(
        cases,
        lambda case: DOWN if case.expect is None else Reply(text=REFUSAL),
        Bar(metric="graceful", at_least=0.9),
        metrics=(ACCURACY, GRACEFUL),
    )
    check = found.checks[0]
    assert (check.value, check.status, check.note) == (1.0, "meets", None)
    assert (found.metrics["graceful"].n, found.metrics["graceful"].n_missing) == (40, 0)


def test_a_failed_trial_counts_where_its_case_concerns_the_metric() -> None:
    found = compared(
        hostile(40), lambda _: DOWN, Bar(metric="graceful", at_least=0.9), metrics=(ACCURACY, GRACEFUL)
    )
    assert (found.checks[0].value, found.checks[0].status) == (0.0, "misses")
    assert found.checks[0].note == "40 failed trials count as not met"


@pytest.mark.parametrize("down", [True, False])
def test_a_case_without_a_reference_has_no_say_whether_its_trial_failed_or_not(down: bool) -> None:  # noqa: FBT001 - what is asked
    bare = [Case(id=f"b{n}", input=f"bare {n}") for n in range(30)]
    found = compared(
        [*answerable(40), *bare],
        lambda case: DOWN if case.reference is None and down else Reply(text="yes"),
        Bar(metric="accuracy", at_least=0.9),
    )
    assert (found.checks[0].value, found.checks[0].status) == (1.0, "meets")
    assert found.failures.score_failures == ({} if down else {"accuracy": 30})


def test_a_slice_of_cases_that_expect_a_refusal_is_judged_by_their_endings() -> None:
    cases = [*answerable(20, stratum="plain"), *hostile(20, stratum="harm")]
    found = compared(
        cases,
        lambda case: Reply(text=REFUSAL if case.expect else "yes" if case.id != "add0" else "no"),
    )
    assert found.tail is not None
    assert [(each.name, each.success.value) for each in found.tail.slices] == [
        ("stratum plain", 0.95),
        ("stratum harm", 1.0),
    ]


def test_repeats_of_cases_that_expect_a_refusal_are_judged_by_their_endings() -> None:
    cases = [*answerable(20), *hostile(20)]
    found = compared(cases, lambda case: Reply(text=REFUSAL if case.expect else "yes"), repeats=2)
    assert found.variance is not None
    assert (found.variance.pass_all["2"].value, found.variance.pass_all["2"].n) == (1.0, 40)


def test_cases_that_were_never_asked_are_not_called_impossible_to_judge() -> None:
    bare = [Case(id=f"b{n}", input=f"bare {n}") for n in range(3)]
    cases = [*answerable(40), *answerable(30, "never asked"), *bare]
    found = compared(cases, lambda _: Reply(text="yes"), Bar(metric="silent_failure_rate", at_most=0.5))
    assert found.checks[0].note == "3 unjudged cases count against either side"


def test_cases_that_are_withheld_are_not_missing_from_the_refusals() -> None:
    cases = [*answerable(40, stratum="a"), *answerable(30, "b", stratum="b"), *hostile(5, stratum="a")]
    found = compared(cases, lambda _: Reply(text="yes"), egress=Egress(strata=("a",)))
    assert found.outcomes is not None
    assert found.outcomes.refusals is not None
    assert (found.outcomes.refusals.n, found.outcomes.refusals.n_missing) == (40, 0)


def test_a_single_trial_is_said_in_the_singular() -> None:
    cases = answerable(40)
    bars = (Bar(metric="accuracy", at_least=0.5), Bar(metric="latency_p50", at_most=1.0))
    found = compared(cases, lambda case: DOWN if case.id == "add0" else Reply(text="yes"), *bars)
    assert [check.note for check in found.checks] == [
        "1 failed trial counts as not met",
        "1 failed trial counts as too slow",
    ]


def test_failed_trials_of_cases_without_a_reference_are_no_empty_answers() -> None:
    cases = [
        Case(id=f"n{n}", input=f"who {n}", reference=None if n % 2 else [{"text": "Ada", "label": "person"}])
        for n in range(60)
    ]
    found = compared(
        cases,
        lambda case: Reply(text='[{"text": "Ada", "label": "person"}]') if case.reference else DOWN,
        Bar(metric="entities", at_least=0.8),
        metrics=(MetricSpec(name="entities", kind="entity_f1"),),
    )
    assert (found.checks[0].value, found.checks[0].status, found.checks[0].note) == (1.0, "meets", None)
