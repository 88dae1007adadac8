"""Only typical cases from production carry the figures; all others are measured apart, and weights count."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from passmuster.corpus.versions.content import corpus_version
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.comparison import CaseEvidence, Comparison
from passmuster.records.task import Bar, MetricSpec, Task
from passmuster.records.trial import Attempt, Reply, Trial
from passmuster.runner.plan import plan
from passmuster.workflows.compare import Question, compare

SPEC = MetricSpec(name="accuracy", kind="exact_match")
TASK = Task(name="t", metrics=(SPEC,), bars=(Bar(metric="accuracy", at_least=0.6),))
CANDIDATES = tuple(Candidate(name=name, provider="openai", model=name) for name in ("a", "b"))
DAY = 86_400.0
NOW = "1970-04-11T00:00:00Z"
"""100 days after the epoch."""


def compared(
    cases: Sequence[Case],
    wrong: Sequence[str] = (),
    task: Task = TASK,
    coverage: float | None = None,
    wrong_of: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Comparison, list[CaseEvidence]]:
    """Compare two candidates that are right on all cases but these, and those that only one gets wrong."""
    missed = {name: {*wrong, *(wrong_of or {}).get(name, ())} for name in ("a", "b")}
    corpus = replace(corpus_version(cases, "cases.jsonl"), coverage=coverage)
    metrics = tuple(build_metric(spec) for spec in task.metrics)
    question = Question(task=task, metrics=metrics, corpus=corpus, candidates=CANDIDATES)
    trials = [
        Trial(
            key=ask.key,
            case_id=ask.case.id,
            outcome=Reply(text="no" if ask.case.id in missed[ask.candidate.name] else "yes"),
            attempts=(Attempt(started=1.0, seconds=0.25),),
        )
        for ask in plan(corpus.cases, CANDIDATES, 1)
    ]
    found, evidence = compare(question, iter(trials), lambda _cases: trials, generated=NOW)
    return found, list(evidence)


def some(number: int, prefix: str, **fields: object) -> list[Case]:
    return [
        replace(Case(id=f"{prefix}{n}", input=f"{prefix} text {n}", reference="yes"), **fields)  # type: ignore[arg-type]
        for n in range(number)
    ]


def test_pools_and_other_origins_enter_no_figure() -> None:
    cases = [
        *some(80, "p"),
        *some(10, "e", category="edge"),
        *some(20, "s", origin="synthetic", generator="a script"),
        *some(5, "r", category="regression", origin="production"),
    ]
    hard = [case.id for case in cases if case.id[0] in "es"]

    alone, _ = compared(cases[:80])
    found, evidence = compared(cases, wrong=hard)

    assert found.candidates == alone.candidates
    assert found.decision.reason == alone.decision.reason
    assert (found.corpus.cases, found.corpus.scored, found.corpus.basis) == (115, 80, "production")
    assert found.corpus.origins == {"production": 95, "synthetic": 20}
    assert {part.name: part.cases for part in found.apart} == {"edge": 10, "regression": 5, "synthetic": 20}
    by_name = {part.name: part.candidates[0] for part in found.apart}
    assert (by_name["edge"].success.value, by_name["regression"].success.value) == (0.0, 1.0)
    assert by_name["synthetic"].metrics["accuracy"].n == 20
    assert len(evidence) == 115


def test_the_order_of_populations_in_the_file_changes_nothing() -> None:
    cases = [*some(40, "p"), *some(10, "e", category="edge")]
    mixed = sorted(cases, key=lambda case: case.id[1:])

    first, second = compared(cases, wrong=["p3", "e4"]), compared(mixed, wrong=["p3", "e4"])

    assert first[0].candidates == second[0].candidates
    assert first[0].apart == second[0].apart
    assert {item.id: item for item in first[1]} == {item.id: item for item in second[1]}


def test_a_score_is_weighted_back_to_traffic() -> None:
    # 40 cases stand for 90% of traffic and are right, 40 for the rest and are wrong: 90%, not 50%.
    cases = [*some(40, "p", weight=90.0), *some(40, "q", weight=10.0)]
    wrong = [case.id for case in cases if case.id[0] == "q"]

    found, _ = compared(cases, wrong)
    row = found.candidates[0]
    estimate = row.metrics["accuracy"]

    assert estimate.value == pytest.approx(0.9)
    assert estimate.low is not None
    assert estimate.low < 0.9
    assert estimate.method == "weighted, Wilson"
    assert row.checks[0].value == pytest.approx(0.9)
    assert row.checks[0].method == "exact binomial test on the effective sample, weighted"
    assert row.verdict.status == "pass"
    assert found.corpus.effective == pytest.approx(80 / 1.64)
    assert compared([replace(case, weight=None) for case in cases], wrong)[0].candidates[0].metrics[
        "accuracy"
    ].value == pytest.approx(0.5)


def test_fewer_effective_cases_need_more_of_them() -> None:
    equal = some(60, "p", weight=2.0)
    uneven = [replace(case, weight=50.0 if n < 6 else 1.0) for n, case in enumerate(equal)]
    wrong = [case.id for n, case in enumerate(equal) if n % 4 == 1]

    plain, weighted = compared(equal, wrong)[0], compared(uneven, wrong)[0]

    assert plain.corpus.effective is None
    assert plain.candidates[0].metrics["accuracy"].method == "Wilson"
    assert weighted.corpus.effective == pytest.approx(354**2 / (6 * 2500 + 54))
    widths = [
        (each.high or 0.0) - (each.low or 0.0)
        for each in (plain.candidates[0].metrics["accuracy"], weighted.candidates[0].metrics["accuracy"])
    ]
    assert widths[1] > 1.5 * widths[0]


def test_a_case_without_a_weight_is_named_in_a_caution() -> None:
    found, _ = compared([*some(10, "p", weight=3.0), *some(2, "q")])
    assert any("2 cases of 12 have no weight" in text for text in found.decision.warnings)


def test_a_corpus_without_production_says_what_its_figures_are_of() -> None:
    found, _ = compared(some(20, "x", origin="expert"))
    assert (found.corpus.basis, found.corpus.scored) == ("typical", 20)
    assert any("None of the cases come from production" in text for text in found.decision.warnings)


@pytest.mark.parametrize(("limit", "status"), [(90.0, "meets"), (30.0, "misses")])
def test_a_bar_on_the_age_of_the_cases(limit: float, status: str) -> None:
    cases = [replace(case, time=DAY * (20 + n)) for n, case in enumerate(some(60, "p"))]
    task = replace(TASK, bars=(*TASK.bars, Bar(metric="corpus_age", at_most=limit * DAY)))

    found, _ = compared(cases, task=task)
    check = found.candidates[0].checks[1]

    assert found.corpus.age_days == pytest.approx(100 - 49.5)
    assert check.status == status
    assert check.value == pytest.approx(50.5 * DAY)
    assert check.bar == f"corpus_age <= {limit:.0f} days"
    assert found.candidates[0].verdict.status == ("pass" if status == "meets" else "fail")


def test_an_unknown_age_or_coverage_meets_no_bar() -> None:
    bars = (Bar(metric="corpus_age", at_most=DAY), Bar(metric="corpus_coverage", at_least=0.9))
    found, _ = compared(some(60, "p"), task=replace(TASK, bars=bars))

    assert [check.status for check in found.candidates[0].checks] == ["undecided", "undecided"]
    assert "passmuster corpus drift" in (found.candidates[0].checks[1].note or "")


@pytest.mark.parametrize(("coverage", "status"), [(0.95, "meets"), (0.85, "misses")])
def test_a_bar_on_coverage(coverage: float, status: str) -> None:
    task = replace(TASK, bars=(Bar(metric="corpus_coverage", at_least=0.9),))
    found, _ = compared(some(60, "p"), task=task, coverage=coverage)
    assert found.candidates[0].checks[0].status == status


def test_a_choice_that_fails_on_a_pool_is_cautioned_against() -> None:
    cases = [*some(60, "p"), *some(30, "e", category="edge")]
    found, _ = compared(cases, wrong_of={"a": [case.id for case in cases if case.id[0] == "e"]})

    assert found.decision.chosen == "a"
    assert found.decision.warnings[0] == (
        "On 30 edge cases a succeeds in 0%, b in 100%: no bar looks at these."
    )


def test_macro_f1_is_macro_f1_in_pools_too() -> None:
    spec = MetricSpec(name="f1", kind="f1_per_class")
    task = Task(name="t", metrics=(spec,), bars=(Bar(metric="f1", at_least=0.6),))
    pool = [
        *some(6, "e", category="edge"),
        *(replace(each, reference="no") for each in some(2, "n", category="edge")),
    ]
    found, _ = compared([*some(10, "p"), *pool], task=task)

    estimate = found.apart[0].candidates[0].metrics["f1"]
    # All answers are yes: its F1 is 12 / 14, that of no is 0.
    assert estimate.value == pytest.approx(6 / 14)
    assert estimate.method.startswith("macro F1")
    assert found.apart[0].candidates[0].success.value == pytest.approx(6 / 8)


def test_pools_from_production_do_not_make_the_figures_those_of_production() -> None:
    found, _ = compared([*some(20, "x", origin="expert"), *some(5, "e", category="edge")])
    assert found.corpus.basis == "typical"
    assert any("None of the typical cases come from production" in each for each in found.decision.warnings)
