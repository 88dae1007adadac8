"""What a recorded system costs that is no LLM: what was recorded, else its machine and upkeep, else nobody knows."""

import pytest

from passmuster.decide.pricing.trial import trial_cost
from passmuster.records.candidate import Candidate, Infrastructure, Price, Upkeep
from passmuster.records.case import Case
from passmuster.records.trial import Attempt, Reply, Trial, TrialKey, Usage

CASE = Case(id="1", input="x")
ESTIMATED = Usage(input=100, output=4, estimated=True)


def cost(candidate: Candidate, recorded: float | None = None) -> tuple[float | None, str]:
    attempt = Attempt(started=0.0, usage=ESTIMATED, cost=recorded)
    trial = Trial(key=TrialKey("c", "d", 0), case_id="1", outcome=Reply(text="x"), attempts=(attempt,))
    found = trial_cost(candidate, CASE, trial, None)
    return found.tokens, found.basis


def old(**more: object) -> Candidate:
    return Candidate(name="old", provider="replay", kind="baseline", **more)  # type: ignore[arg-type]  # plain test data


def test_a_recorded_cost_counts() -> None:
    assert cost(old(), 0.002) == (0.002, "reported")
    assert cost(old(upkeep=Upkeep(monthly=100.0)), 0.002) == (0.002, "reported")


def test_without_any_word_on_it_the_cost_is_unknown_and_not_nothing() -> None:
    assert cost(old()) == (None, "unknown")


@pytest.mark.parametrize(
    "stated",
    [{"infrastructure": Infrastructure(hourly=2.0, tasks_per_hour=100.0)}, {"upkeep": Upkeep(monthly=100.0)}],
)
def test_where_machine_or_upkeep_are_stated_a_call_costs_nothing_besides(stated: dict[str, object]) -> None:
    assert cost(old(**stated)) == (0.0, "reported")


def test_a_price_that_is_stated_is_applied() -> None:
    assert cost(old(price=Price(input=1.0, output=0.0)))[0] == pytest.approx(0.0001)


def test_a_baseline_that_is_computed_here_costs_nothing_by_the_call() -> None:
    assert cost(Candidate(name="words", provider="baseline", kind="baseline")) == (0.0, "reported")
