from dataclasses import replace

import pytest

from passmuster.decide.pricing.review import ReviewRules
from passmuster.decide.pricing.trial import trial_cost
from passmuster.records.candidate import Candidate, Infrastructure, ManualProcess, Price
from passmuster.records.case import Case
from passmuster.records.task import Review
from passmuster.records.trial import Attempt, Outcome, Reply, Trial, TrialKey, Usage

CASE = Case(id="1", input="x")
PRICE = Price(input=2.5, output=10.0)


def _trial(*attempts: Attempt, outcome: Outcome = Reply(text="x", confidence=0.5)) -> Trial:  # noqa: B008 - frozen
    return Trial(key=TrialKey("c", "d", 0), case_id="1", outcome=outcome, attempts=attempts)


def _candidate(**changes: object) -> Candidate:
    return Candidate(name="a", provider="openai", price=PRICE, **changes)  # type: ignore[arg-type]  # plain test data


def test_tokens_of_all_attempts_are_paid() -> None:
    failed = Attempt(started=0.0, error="malformed", usage=Usage(input=1000, output=100))
    good = Attempt(started=1.0, usage=Usage(input=1000, output=200))
    assert trial_cost(_candidate(), CASE, _trial(failed, good), None).total == pytest.approx(0.005 + 0.003)


def test_a_call_that_failed_without_usage_was_not_billed() -> None:
    failed = Attempt(started=0.0, error="rate_limit")
    good = Attempt(started=1.0, usage=Usage(input=1000, output=200))
    assert trial_cost(_candidate(), CASE, _trial(failed, good), None).total == pytest.approx(0.0045)


def test_a_price_that_is_unknown_stays_unknown() -> None:
    candidate = Candidate(name="a", provider="openai")
    cost = trial_cost(candidate, CASE, _trial(Attempt(started=0.0, usage=Usage(input=1, output=1))), None)
    assert cost.total is None
    assert cost.basis == "unknown"


def test_a_recorded_cost_stands_in_for_a_price() -> None:
    candidate = Candidate(name="a", provider="replay")
    attempt = Attempt(started=0.0, cost=0.02, usage=Usage(input=1, output=1))
    assert trial_cost(candidate, CASE, _trial(attempt), None).total == pytest.approx(0.02)


def test_estimated_tokens_of_a_reasoning_model_are_only_a_lower_bound() -> None:
    attempt = Attempt(started=0.0, usage=Usage(input=100, output=4, estimated=True))
    assert trial_cost(_candidate(reasoning=True), CASE, _trial(attempt), None).basis == "lower_bound"
    assert trial_cost(_candidate(), CASE, _trial(attempt), None).basis == "estimated"


def test_a_review_costs_its_minutes() -> None:
    rule = ReviewRules([Review(when="confidence < 0.8", minutes=3, hourly=40)])
    attempt = Attempt(started=0.0, usage=Usage(input=0, output=0))
    cost = trial_cost(_candidate(), CASE, _trial(attempt), rule)
    assert (cost.review, cost.total, cost.reviewed) == (2.0, 2.0, True)


def test_a_machine_costs_its_hour_shared_by_the_tasks_it_does() -> None:
    candidate = Candidate(
        name="a", provider="openai", infrastructure=Infrastructure(hourly=2.1, tasks_per_hour=700)
    )
    attempt = Attempt(started=0.0, usage=Usage(input=10, output=10))
    assert trial_cost(candidate, CASE, _trial(attempt), None).total == pytest.approx(0.003)


def test_a_machine_of_unknown_throughput_costs_an_unknown_amount() -> None:
    candidate = Candidate(name="a", provider="openai", infrastructure=Infrastructure(hourly=2.1))
    attempt = Attempt(started=0.0, usage=Usage(input=10, output=10))
    assert trial_cost(candidate, CASE, _trial(attempt), None).total is None


def test_work_by_hand_costs_its_wage_and_is_not_reviewed() -> None:
    rule = ReviewRules([Review(when="failed or confidence < 2", minutes=3, hourly=40)])
    manual = Candidate(
        name="manual", provider="baseline", kind="manual", manual=ManualProcess(minutes=6, hourly=30)
    )
    assert trial_cost(manual, CASE, _trial(Attempt(started=0.0)), rule).total == pytest.approx(3.0)


@pytest.mark.parametrize(
    "own", [{"price": None, "infrastructure": Infrastructure(hourly=1.0)}, {"price": PRICE}]
)
def test_what_a_pipeline_asked_costs_what_its_own_models_take(own: dict[str, object]) -> None:
    outer = Attempt(started=0.0)
    inner = Attempt(started=0.1, within=0, model="another", usage=Usage(input=1000, output=200), cost=0.25)
    candidate = replace(_candidate(), **own)  # type: ignore[arg-type]  # plain test data

    assert trial_cost(candidate, CASE, _trial(outer, inner), None).tokens == 0.25
