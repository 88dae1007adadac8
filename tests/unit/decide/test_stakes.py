from collections.abc import Callable, Mapping, Sequence

import pytest

from passmuster.decide.matrix import Matrix, Scope
from passmuster.decide.measured import Measured
from passmuster.metrics.registry import build_metric
from passmuster.records.case import Case
from passmuster.records.comparison import Comparison
from passmuster.records.corpus import CorpusVersion
from passmuster.records.task import Bar, MetricSpec, Stakes, Task

MakeMeasured = Callable[..., Measured]
SPEC = MetricSpec(name="accuracy", kind="exact_match")
DAY = 86400.0
NOW = 1_795_000_000.0
"""2026-11-18T10:26:40+00:00."""
GENERATED = "2026-11-18T10:26:40+00:00"


def compared(
    stakes: Stakes | None,
    looks: Mapping[str, Sequence[tuple[int, float]]],
    *measured: Measured,
    generated: str = GENERATED,
) -> Comparison:
    cases = tuple(
        Case(id=str(place), input=str(place), reference="x", stratum="claims" if place < 15 else "other")
        for place in range(measured[0].cases)
    )
    corpus = CorpusVersion(version="v", path="p", split="eval", cases=cases)
    task = Task(name="t", metrics=(SPEC,), bars=(Bar(metric="accuracy", at_least=0.85),), stakes=stakes)
    scope = Scope(cases=cases, looks=looks)
    return Matrix(task, [build_metric(SPEC)], corpus, measured, scope).comparison(generated)


@pytest.fixture
def good(make_measured: MakeMeasured) -> Measured:
    return make_measured("good one", [1.0] * 390 + [0.0] * 10)


def rated(number: int, age: float = 1.0) -> dict[str, Sequence[tuple[int, float]]]:
    return {"good one": [(place, NOW - age * DAY) for place in range(number)]}


def test_without_stakes_nothing_is_asked_for(good: Measured) -> None:
    assert compared(None, {}, good).candidates[0].verdict.status == "pass"


def test_a_pass_waits_for_people_and_says_how_many_and_how(good: Measured) -> None:
    found = compared(Stakes(), rated(8), good)
    verdict = found.candidates[0].verdict
    assert (verdict.status, verdict.more_ratings, verdict.more_cases) == ("undecided", 12, None)
    assert verdict.reason == (
        "meets every bar, but the stakes are high (20 ratings in the last 30 days): 12 more of its replies to be "
        "rated by people; passmuster rate draw --metric accuracy --fresh --replies 12 --only 'good one'"
    )
    step = found.decision.next_step
    assert step is not None
    assert (step.candidate, step.more_ratings) == ("good one", 12)
    assert "12 more replies of good one rated by people; it meets every bar" in found.decision.reason


def test_enough_recent_ratings_let_it_pass(good: Measured) -> None:
    found = compared(Stakes(), rated(20), good)
    assert found.candidates[0].verdict.status == "pass"
    assert found.decision.chosen == "good one"


def test_old_ratings_count_for_none(good: Measured) -> None:
    assert compared(Stakes(), rated(20, age=31), good).candidates[0].verdict.more_ratings == 20
    assert compared(Stakes(within=40 * DAY), rated(20, age=31), good).candidates[0].verdict.status == "pass"


def test_two_ratings_of_replies_to_one_case_are_one_look(good: Measured) -> None:
    looks = {"good one": [(0, NOW)] * 20}
    assert compared(Stakes(), looks, good).candidates[0].verdict.more_ratings == 19


def test_ratings_of_another_candidate_say_nothing(good: Measured) -> None:
    looks = {"other": [(place, NOW) for place in range(40)]}
    assert compared(Stakes(), looks, good).candidates[0].verdict.more_ratings == 20


def test_each_slice_needs_its_own_and_no_more_than_it_has(good: Measured) -> None:
    stakes = Stakes(slices=("stratum == 'claims'", "stratum == 'other'"))
    verdict = compared(stakes, rated(10), good).candidates[0].verdict
    assert verdict.more_ratings == 20
    assert "5 more of its replies to be rated by people where stratum == 'claims'" in verdict.reason
    assert "20 more of its replies to be rated by people where stratum == 'other'" in verdict.reason
    only = compared(Stakes(slices=("stratum == 'claims'",)), rated(15), good)
    assert only.candidates[0].verdict.status == "pass"


def test_a_slice_that_holds_no_case_is_no_way_round(good: Measured) -> None:
    verdict = compared(Stakes(slices=("stratum == 'clams'",)), rated(400), good).candidates[0].verdict
    assert (verdict.status, verdict.more_ratings) == ("undecided", None)
    assert verdict.reason.endswith("no case lies where stratum == 'clams'")


def test_who_fails_still_fails(make_measured: MakeMeasured) -> None:
    bad = make_measured("bad", [1.0] * 200 + [0.0] * 200)
    assert compared(Stakes(), {}, bad).candidates[0].verdict.status == "fail"


def test_a_report_without_a_date_knows_of_no_recent_rating(good: Measured) -> None:
    assert compared(Stakes(), rated(400), good, generated="now").candidates[0].verdict.status == "undecided"


def test_who_is_cheaper_and_waits_for_people_is_said(make_measured: MakeMeasured) -> None:
    cheap = make_measured("cheap", [1.0] * 390 + [0.0] * 10, dollars=[0.0009, 0.0011] * 200)
    dear = make_measured("dear", [1.0] * 392 + [0.0] * 8, dollars=[0.009, 0.011] * 200)
    looks = {"dear": [(place, NOW) for place in range(20)]}
    decision = compared(Stakes(), looks, cheap, dear).decision
    assert decision.chosen == "dear"
    assert "cheap is cheaper, and waits for people only: it meets every bar, but" in decision.reason
