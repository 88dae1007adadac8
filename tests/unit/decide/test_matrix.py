import re
from collections.abc import Callable
from dataclasses import asdict, replace

import numpy as np
import pytest

from passmuster.decide.matrix import Matrix
from passmuster.decide.measured import Layout, Measured
from passmuster.decide.sheet import Sheet
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate, ManualProcess
from passmuster.records.case import Case
from passmuster.records.comparison import Comparison
from passmuster.records.corpus import CorpusVersion
from passmuster.records.task import Bar, MetricSpec, Task
from passmuster.report.markdown import render_markdown

MakeMeasured = Callable[..., Measured]
SPEC = MetricSpec(name="accuracy", kind="exact_match")
BARS = (Bar(metric="accuracy", at_least=0.85), Bar(metric="latency_p95", at_most=1.5))


def _compare(*measured: Measured, **changes: object) -> Comparison:
    n = measured[0].cases
    cases = tuple(Case(id=str(index), input=str(index), reference="x") for index in range(n))
    corpus = CorpusVersion(version="v", path="p", split="eval", cases=cases)
    task = Task(**{"name": "t", "metrics": (SPEC,), "bars": BARS, **changes})  # type: ignore[arg-type]  # test data
    return Matrix(task, [build_metric(SPEC)], corpus, measured).comparison("2026-11-20T00:00:00Z")


def _by_hand(stated: ManualProcess) -> Measured:
    candidate = Candidate(name="by hand", provider="baseline", kind="manual", manual=stated)
    return Sheet(candidate, Layout(cases=400, repeats=1, binary={"accuracy": True})).measured()


def _scores(right: int, n: int = 400) -> list[float]:
    """Spread the wrong ones evenly, so that two candidates are wrong on much the same cases."""
    wrong = n - right
    return [
        0.0 if wrong and index % (n // wrong) == 0 and index // (n // wrong) < wrong else 1.0
        for index in range(n)
    ]


def test_the_cheapest_of_those_that_pass_is_chosen(make_measured: MakeMeasured) -> None:
    decision = _compare(
        make_measured("cheap-bad", _scores(300), dollars=0.0001),
        make_measured("middle", _scores(376), dollars=[0.0009, 0.0011] * 200),
        make_measured("dear", _scores(388), dollars=[0.009, 0.011] * 200),
    ).decision
    assert (decision.status, decision.chosen) == ("decided", "middle")
    assert decision.passing == ("middle", "dear")
    assert decision.ties == ()
    assert decision.reason.startswith(
        "middle is the cheapest of the 2 candidates shown to meet every bar"
        " (risk of any false pass held at 5% over all 3), at $0.00106 a success."
    )


def test_where_all_fail_none_is_chosen_and_the_nearest_is_named(make_measured: MakeMeasured) -> None:
    decision = _compare(
        make_measured("poor", _scores(200)),
        make_measured("nearer", _scores(300)),
        make_measured("slow", _scores(400), seconds=[9.0] * 400),
    ).decision
    assert (decision.status, decision.chosen) == ("none", None)
    assert decision.reason == (
        "None of the 3 candidates meets every bar. The nearest is nearer: it misses accuracy >= 0.85 (0.75)."
    )


def test_where_nothing_is_shown_the_leading_one_is_named_with_the_step_that_settles_it(
    make_measured: MakeMeasured,
) -> None:
    decision = _compare(
        make_measured("a", _scores(350)), make_measured("b", _scores(342), dollars=0.0005)
    ).decision
    assert (decision.status, decision.chosen) == ("undecided", None)
    assert decision.leading[0].name == "a"
    assert decision.next_step is not None
    assert decision.next_step.candidate == "a"
    assert (
        f"{decision.next_step.more_cases:,} more cases would settle accuracy >= 0.85 for a" in decision.reason
    )


def test_the_step_costs_its_calls_and_no_reviews_or_wrong_answers(make_measured: MakeMeasured) -> None:
    made = make_measured("a", _scores(350))
    looked_at = replace(made, cost=replace(made.cost, review=np.full_like(made.cost.tokens, 2.0)))
    step = _compare(looked_at).decision.next_step
    assert step is not None
    assert step.cost == pytest.approx(step.more_cases * 0.001)


def test_where_only_millions_of_cases_would_tell_the_step_says_so(make_measured: MakeMeasured) -> None:
    found = _compare(make_measured("a", _scores(1701, 2000)))
    assert found.decision.reason.endswith(
        "a is too close to tell: at its observed 0.851, accuracy >= 0.85 would take more than 100,000 cases to settle."
    )
    told = render_markdown(found)
    assert "accuracy: too close to tell" in told
    assert "| too close to tell |" in told
    assert not re.search(r"\d,\d{3},\d{3}", told)


def test_a_cheaper_one_on_its_bar_is_told_as_too_close(make_measured: MakeMeasured) -> None:
    decision = _compare(
        make_measured("a", _scores(1701, 2000), dollars=0.0001), make_measured("b", _scores(1900, 2000))
    ).decision
    assert decision.chosen == "b"
    assert "a is cheaper and still open: too close to tell." in decision.reason


def test_costs_that_overlap_are_named_a_tie(make_measured: MakeMeasured) -> None:
    decision = _compare(
        make_measured("one", _scores(384), dollars=[0.0005, 0.0015] * 200),
        make_measured("two", _scores(384), dollars=[0.0006, 0.0015] * 200),
    ).decision
    assert (decision.status, decision.chosen, decision.ties) == ("decided", "one", ("two",))
    assert "In cost it is tied with two" in decision.reason


def test_a_lower_bound_never_wins_cheapest_silently(make_measured: MakeMeasured) -> None:
    decision = _compare(
        make_measured("thinker", _scores(390), dollars=0.0001, basis="lower_bound"),
        make_measured("plain", _scores(384), dollars=0.001),
    ).decision
    assert decision.chosen == "plain"
    assert "thinker passes too, but only a lower bound of its cost is known (>= $0.000103)" in decision.reason


def test_an_unknown_cost_never_wins(make_measured: MakeMeasured) -> None:
    decision = _compare(
        make_measured("unpriced", _scores(390), dollars=None, basis="unknown"),
        make_measured("priced", _scores(384), dollars=5.0),
    ).decision
    assert decision.chosen == "priced"


def test_dearer_than_by_hand_is_said_first(make_measured: MakeMeasured) -> None:
    manual = _by_hand(ManualProcess(minutes=2, hourly=30, error_rate=0.04))
    comparison = _compare(make_measured("llm", _scores(390), dollars=3.0), manual)
    by_hand = comparison.candidates[1]
    assert by_hand.metrics["accuracy"].note == "stated"
    assert by_hand.verdict.status == "undecided"
    assert comparison.decision.chosen == "llm"
    assert comparison.decision.reason.startswith("Costs more than doing it by hand: $3.08 a success for llm")


def test_a_stated_figure_meets_no_bar_but_can_miss_one(make_measured: MakeMeasured) -> None:
    manual = _by_hand(ManualProcess(minutes=2, hourly=30, turnaround=3600.0, error_rate=0.04))
    bars = (*BARS, Bar(metric="cost_per_success", at_most=2.0))
    by_hand = _compare(make_measured("llm", _scores(390)), manual, bars=bars).candidates[1]
    assert [check.status for check in by_hand.checks] == ["undecided", "misses", "undecided"]
    assert [check.value for check in by_hand.checks] == [0.96, 3600.0, pytest.approx(1 / 0.96)]
    assert by_hand.verdict.reason == "misses latency_p95 <= 1.5 s (60 min)"


@pytest.mark.parametrize(("llm", "status"), [(392, "yes"), (366, "narrow"), (360, "narrow"), (340, "no")])
def test_an_llm_is_worth_it_by_the_lower_end_of_the_difference(
    make_measured: MakeMeasured, llm: int, status: str
) -> None:
    words = make_measured("words", _scores(340), kind="baseline", dollars=0.0)
    worth = _compare(make_measured("llm", _scores(llm)), words).decision.worth
    assert worth is not None
    assert worth.status == status


def test_a_dominated_candidate_names_who_dominates_it(make_measured: MakeMeasured) -> None:
    comparison = _compare(
        make_measured("good", _scores(390), dollars=0.001),
        make_measured("worse", _scores(380), dollars=0.002),
    )
    assert comparison.candidates[1].dominated_by == ("good",)
    assert comparison.candidates[0].dominated_by == ()


def test_equals_do_not_dominate_one_another(make_measured: MakeMeasured) -> None:
    comparison = _compare(make_measured("one", _scores(390)), make_measured("two", _scores(390)))
    assert [report.dominated_by for report in comparison.candidates] == [(), ()]


def test_who_is_no_finalist_is_shown_but_cannot_be_chosen(make_measured: MakeMeasured) -> None:
    cheap = make_measured("cheap", _scores(396), dollars=0.0001)
    comparison = _compare(cheap, make_measured("named", _scores(390)), finalists=("named",))
    assert comparison.decision.chosen == "named"
    assert comparison.decision.family == 1
    assert comparison.candidates[0].verdict.reason == "is not among the finalists"


def test_without_bars_nothing_is_decided_and_it_says_so(make_measured: MakeMeasured) -> None:
    decision = _compare(make_measured("a", _scores(400)), bars=()).decision
    assert decision.status == "undecided"
    assert any(text.startswith("No bars are set") for text in decision.warnings)
    assert decision.reason == "It cannot be told: no bars are set."


def test_every_number_of_the_reason_stands_in_the_report(make_measured: MakeMeasured) -> None:
    comparison = _compare(
        make_measured("cheap", _scores(352), dollars=[0.0004, 0.0006] * 200),
        make_measured("middle", _scores(376), dollars=[0.0009, 0.0011] * 200),
        make_measured("dear", _scores(392), dollars=[0.009, 0.011] * 200),
    )
    known = _numbers(asdict(comparison)) | {float(len(comparison.decision.passing))}
    for text in re.findall(r"\d[\d,]*(?:\.\d+)?", comparison.decision.reason):
        assert any(_reads(value, text.replace(",", "")) for value in known), text


def _numbers(value: object) -> set[float]:
    if isinstance(value, dict):
        return set().union(*map(_numbers, value.values()))
    if isinstance(value, list | tuple):
        return set().union(*map(_numbers, value)) if value else set()
    return {float(value)} if isinstance(value, int | float) and not isinstance(value, bool) else set()


def _reads(value: float, text: str) -> bool:
    """Whether `text` is `value`, or `value` in points, rounded to the digits that `text` shows."""
    digits = len(text.partition(".")[2])
    return any(f"{abs(value) * scale:.{digits}f}" == text for scale in (1, 100))
