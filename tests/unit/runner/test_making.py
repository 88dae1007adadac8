"""One trial: its calls, its account, and when its candidate must be asked no more."""

import asyncio
import random

import pytest

from passmuster.records.candidate import Candidate, Cap, Price
from passmuster.records.case import Case
from passmuster.records.trial import (
    Attempt,
    Exchange,
    Failure,
    FailureKind,
    Limits,
    Reply,
    Request,
    Source,
    Trial,
    Usage,
)
from passmuster.runner.bounds import call_bounds
from passmuster.runner.budget import Budget
from passmuster.runner.making import Asking, Maker, Means, StoppedError
from passmuster.runner.plan import Ask, plan
from passmuster.runner.rate import Throttle
from passmuster.runner.retry import RetryPolicy
from passmuster.testing import FakeClock

PRICED = Candidate(
    name="m", provider="openai", model="m", price=Price(input=1.0, output=2.0), parameters={"max_tokens": 100}
)
USAGE = Usage(input=1000, output=50)
Answer = Reply | Failure


class Endpoint:
    """Answers by a list; each call takes a second."""

    source: Source = "measured"

    def __init__(
        self, clock: FakeClock, *answers: Answer, usage: Usage | None = USAGE, status: int = 200
    ) -> None:
        self.clock, self.answers, self.usage, self.status = clock, list(answers), usage, status
        self.asked: list[Request] = []
        self.inner: tuple[Attempt, ...] = ()

    async def ask(self, request: Request) -> Exchange:
        self.asked.append(request)
        started = self.clock.now()
        await self.clock.sleep(1.0)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        usage = self.usage if isinstance(answer, Reply) else None
        attempt = Attempt(started=started, seconds=1.0, usage=usage, status=self.status)
        return Exchange(
            answer, attempt, self.inner, Limits(requests=100, requests_left=99, requests_reset=0.6)
        )

    async def close(self) -> None:
        """Nothing is open."""


def failure(kind: FailureKind) -> Failure:
    return Failure(kind=kind, message=f"it was {kind}")


def ask(text: str = "hello", candidate: Candidate = PRICED) -> Ask:
    (one,) = plan([Case(id="1", input=text)], [candidate])
    return one


def maker(
    endpoint: Endpoint,
    clock: FakeClock,
    means: Means | None = None,
    retry: RetryPolicy | None = None,
    candidate: Candidate = PRICED,
) -> Maker:
    asking = Asking(candidate=candidate, provider=endpoint, bounds=call_bounds(candidate))
    return Maker(asking, clock, random.Random(3), retry or RetryPolicy(), means)  # noqa: S311 - jitter


async def test_every_call_is_an_attempt_and_waits_count_in_the_latency() -> None:
    clock = FakeClock()
    endpoint = Endpoint(clock, failure("server_error"), failure("timeout"), Reply(text="yes"))
    trial = await maker(endpoint, clock).make(ask())
    assert [attempt.error for attempt in trial.attempts] == ["server_error", "timeout", None]
    assert trial.latency == pytest.approx(trial.retried + 1.0)
    assert trial.retried > 2.0
    assert trial.attempts[2].cost == pytest.approx(1000 * 1e-6 + 50 * 2e-6)


async def test_being_told_to_slow_down_often_loses_no_trial() -> None:
    clock = FakeClock()
    endpoint = Endpoint(clock, *[failure("rate_limit")] * 20, Reply(text="yes"))
    trial = await maker(endpoint, clock).make(ask())
    assert isinstance(trial.outcome, Reply)
    assert len(trial.attempts) == 21


async def test_a_trial_has_an_end_however_patient_its_calls_are() -> None:
    clock = FakeClock()
    endpoint = Endpoint(clock, failure("rate_limit"))
    trial = await maker(endpoint, clock, retry=RetryPolicy(trial=60.0)).make(ask())
    assert isinstance(trial.outcome, Failure)
    assert trial.latency is not None
    assert trial.latency <= 60.0


async def test_a_call_that_never_ends_is_ended_with_its_trial() -> None:
    class Hanging(Endpoint):
        async def ask(self, request: Request) -> Exchange:
            await asyncio.sleep(3600)
            raise AssertionError

    clock = FakeClock()
    trial = await maker(Hanging(clock), clock, retry=RetryPolicy(trial=0.05, attempts=1)).make(ask())
    assert isinstance(trial.outcome, Failure)
    assert trial.outcome.kind == "timeout"
    assert "0.05 s" in trial.outcome.message


@pytest.mark.parametrize(("kind", "status"), [("auth", 401), ("auth", 403), ("quota", 429)])
async def test_a_refused_key_stops_the_candidate_at_once(kind: FailureKind, status: int) -> None:
    clock = FakeClock()
    endpoint = Endpoint(clock, failure(kind), status=status)
    with pytest.raises(StoppedError, match=kind):
        await maker(endpoint, clock).make(ask())
    assert len(endpoint.asked) == 1


async def test_a_403_on_one_prompt_of_a_key_that_works_is_that_case_s_failure() -> None:
    clock = FakeClock()
    endpoint = Endpoint(clock, Reply(text="yes"), failure("auth"), status=403)
    works = maker(endpoint, clock)
    await works.make(ask("fine"))
    trial = await works.make(ask("not fine"))
    assert isinstance(trial.outcome, Failure)


async def test_a_pipeline_s_inner_calls_are_attempts_of_their_own_and_its_cost_is_their_sum() -> None:
    clock = FakeClock()
    endpoint = Endpoint(clock, failure("server_error"), Reply(text="yes"), usage=None)
    endpoint.inner = (
        Attempt(started=1.0, seconds=0.25, usage=USAGE, model="small"),
        Attempt(started=1.5, seconds=0.25, usage=USAGE, model="large"),
    )
    prices = {"small": Price(input=1.0, output=1.0), "large": Price(input=10.0, output=10.0)}
    candidate = Candidate(name="agent", provider="python")
    asking = Asking(candidate=candidate, provider=endpoint, inner_prices=prices.get)
    trial = await Maker(asking, clock, random.Random(3), RetryPolicy()).make(ask(candidate=candidate))  # noqa: S311
    assert [attempt.within for attempt in trial.attempts] == [None, 0, 0, None, 3, 3]
    assert len(trial.calls) == 2
    costs = [attempt.cost for attempt in trial.attempts if attempt.cost is not None]
    assert sum(costs) == pytest.approx(2 * (1050e-6 + 10500e-6))
    assert trial.latency == pytest.approx(trial.retried + 1.0)


async def test_a_reply_of_an_earlier_run_is_taken_as_it_was_and_marked() -> None:
    clock = FakeClock()
    endpoint = Endpoint(clock, Reply(text="yes"))
    first = await maker(endpoint, clock).make(ask())
    assert first.request is not None
    known = {(first.request, 0): first}
    means = Means(recall=lambda request, repeat: known.get((request, repeat)))
    again = await maker(endpoint, clock, means).make(ask())
    assert len(endpoint.asked) == 1
    assert again.source == "cached"
    assert again.attempts == first.attempts
    other = await maker(endpoint, clock, means).make(ask("another"))
    assert other.source == "measured"


def changed(**what: object) -> Candidate:
    return Candidate(**{"name": "m", "provider": "openai", "model": "m", **what})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("candidate", "same"),
    [
        (changed(name="another"), True),
        (changed(concurrency=1), True),
        (changed(price=Price(input=1.0, output=1.0)), True),
        (changed(model="n"), False),
        (changed(endpoint="http://elsewhere/v1"), False),
        (changed(provider="anthropic"), False),
        (changed(parameters={"temperature": 1}), False),
    ],
)
async def test_the_cache_is_keyed_by_everything_that_decides_a_reply(
    candidate: Candidate, *, same: bool
) -> None:
    clock = FakeClock()
    requests = []
    for each in (changed(), candidate):
        trial = await maker(Endpoint(clock, Reply(text="x")), clock, candidate=each).make(ask(candidate=each))
        requests.append(trial.request)
    assert (requests[0] == requests[1]) is same


async def test_what_is_not_measured_is_neither_cached_nor_recalled() -> None:
    clock = FakeClock()
    endpoint = Endpoint(clock, Reply(text="yes"))
    endpoint.source = "recorded"

    def never(request: str, repeat: int) -> Trial | None:
        raise AssertionError

    trial = await maker(endpoint, clock, Means(recall=never)).make(ask())
    assert trial.request is None


async def test_a_call_without_an_account_is_at_risk_and_counts_against_the_budget() -> None:
    clock = FakeClock()
    budget = Budget(1.0)
    endpoint = Endpoint(clock, failure("timeout"), failure("rate_limit"), Reply(text="yes"))
    trial = await maker(endpoint, clock, Means(budget=budget)).make(ask())
    lost, refused, answered = trial.attempts
    assert lost.at_risk is not None
    assert lost.at_risk > 0
    assert refused.at_risk is None
    assert answered.at_risk is None
    assert answered.cost is not None
    assert budget.left("m") == pytest.approx(1.0 - lost.at_risk - answered.cost)


@pytest.mark.parametrize(("told", "spent"), [(0.0, 1050e-6), (None, 0.1)])
async def test_a_pipeline_s_call_that_was_never_sent_puts_nothing_at_risk(
    told: float | None, spent: float
) -> None:
    clock = FakeClock()
    budget = Budget(1.0)
    endpoint = Endpoint(clock, Reply(text="yes"), usage=None)
    endpoint.inner = (
        Attempt(started=1.0, seconds=0.25, usage=USAGE, model="small"),
        Attempt(started=1.5, seconds=0.25, error="connection", model="small", at_risk=told),
    )
    candidate = Candidate(name="m", provider="python", cap=Cap(per_call=0.1), pipeline=True)
    prices = {"small": Price(input=1.0, output=1.0)}
    asking = Asking(
        candidate=candidate, provider=endpoint, bounds=call_bounds(candidate), inner_prices=prices.get
    )
    works = Maker(asking, clock, random.Random(3), RetryPolicy(), Means(budget=budget))  # noqa: S311 - jitter
    await works.make(ask(candidate=candidate))
    assert budget.left("m") == pytest.approx(1.0 - spent)


async def test_a_candidate_that_nothing_bounds_is_refused_and_one_with_a_cap_is_not() -> None:
    clock = FakeClock()
    open_ended = Candidate(name="m", provider="python", model="m")
    endpoint = Endpoint(clock, Reply(text="yes"))
    with pytest.raises(StoppedError, match="most_per_call"):
        await maker(endpoint, clock, Means(budget=Budget(1.0)), candidate=open_ended).make(
            ask(candidate=open_ended)
        )
    assert not endpoint.asked
    capped = Candidate(name="m", provider="python", model="m", cap=Cap(per_call=0.1))
    await maker(endpoint, clock, Means(budget=Budget(1.0)), candidate=capped).make(ask(candidate=capped))
    assert len(endpoint.asked) == 1


async def test_no_call_is_made_once_the_budget_has_no_room_for_its_worst_case() -> None:
    clock = FakeClock()
    endpoint = Endpoint(clock, Reply(text="yes"))
    with pytest.raises(StoppedError, match="budget"):
        await maker(endpoint, clock, Means(budget=Budget(1e-6))).make(ask())
    assert not endpoint.asked


async def test_what_a_call_can_cost_is_stored_before_it_is_made() -> None:
    clock = FakeClock()
    endpoint = Endpoint(clock, failure("timeout"), Reply(text="yes"))
    stored: list[tuple[float, int]] = []

    async def reserve(key: object, usd: float) -> None:
        stored.append((usd, len(endpoint.asked)))

    await maker(endpoint, clock, Means(budget=Budget(1.0), reserve=reserve)).make(ask())
    (first, before), (second, after) = stored
    assert (before, after) == (0, 1)
    assert second == pytest.approx(2 * first), "what the lost call may have cost comes on top"


async def test_the_throttle_hears_of_every_call() -> None:
    clock = FakeClock()
    endpoint = Endpoint(clock, failure("server_error"), Reply(text="yes"))
    throttle = Throttle(clock, 2)
    asking = Asking(candidate=PRICED, provider=endpoint, throttle=throttle)
    await Maker(asking, clock, random.Random(3), RetryPolicy()).make(ask())  # noqa: S311 - jitter
    assert throttle.rate == pytest.approx(100 / 60)


@pytest.mark.parametrize("source", ["recorded", "simulated"])
async def test_what_nobody_is_paid_for_takes_nothing_from_the_budget(source: Source) -> None:
    clock = FakeClock()
    endpoint = Endpoint(clock, Reply(text="ok"))
    endpoint.source = source
    budget = Budget(0.001)
    maker = Maker(
        Asking(candidate=PRICED, provider=endpoint, bounds=call_bounds(PRICED)),
        clock,
        random.Random(1),  # noqa: S311
        RetryPolicy(),
        Means(budget),
    )

    for ask in plan([Case(id=str(number), input=str(number)) for number in range(3)], [PRICED]):
        assert isinstance((await maker.make(ask)).outcome, Reply)
    assert budget.left("m") == 0.001
