"""Rate limits: exact to the request, and told as the endpoints tell them."""

import asyncio
import math

import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.simulator.answers import Constant
from passmuster.adapters.simulator.buckets import Bucket, Limiter, duration
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.profiles import RateLimits
from passmuster.adapters.simulator.server import Simulator

BODY = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


def admitted(limiter: Limiter, moments: list[float], tokens: int = 1) -> list[float]:
    return [moment for moment in moments if limiter.admit(tokens, moment) is None]


def test_600_a_minute_with_a_burst_of_20_lets_through_20_at_once_and_then_10_a_second() -> None:
    limiter = Limiter(RateLimits(requests_per_minute=600, burst=20))
    found = admitted(limiter, [100 + n / 1000 for n in range(60_000)])
    assert len([moment for moment in found if moment < 100.05]) == 20
    assert len(found) == 20 + 599
    assert found[20:23] == [100.1, 100.2, 100.3]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=200), st.floats(1, 30))
def test_no_window_ever_lets_through_more_than_the_burst_and_what_was_refilled(
    gaps: list[float], burst: float
) -> None:
    limiter = Limiter(RateLimits(requests_per_minute=120, burst=burst))
    moment, found = 0.0, []
    for gap in gaps:
        moment += gap / 10
        refusal = limiter.admit(1, moment)
        if refusal is None:
            found.append(moment)
        else:
            assert 0 < refusal.wait <= 0.5 + 1e-6
            assert limiter.admit(1, moment + refusal.wait - 1e-3) is not None or refusal.wait < 1e-3
    for first in range(len(found)):
        for last in range(first, len(found)):
            assert last - first + 1 <= burst + 2 * (found[last] - found[first]) + 1e-6


def test_who_waits_as_long_as_told_is_let_through() -> None:
    bucket = Bucket(rate=3.0, capacity=1.0)
    now = 0.0
    for _ in range(10_000):
        now += bucket.wait(1.0, now)
        assert bucket.wait(1.0, now) == 0.0
        bucket.take(1.0)
    assert now == pytest.approx(9_999 / 3)


def test_tokens_are_taken_at_the_request_and_more_than_the_burst_never_fits() -> None:
    limiter = Limiter(RateLimits(tokens_per_minute=6000, burst_tokens=1000))
    assert limiter.admit(900, 0.0) is None
    refused = limiter.admit(200, 0.0)
    assert refused is not None
    assert (refused.kind, refused.wait) == ("tokens", 1.0)
    assert limiter.admit(200, 1.0) is None
    never = limiter.admit(1001, 100.0)
    assert never is not None
    assert math.isinf(never.wait)
    limiter.charge(1100)
    later = limiter.admit(1, 100.0)
    assert later is not None
    assert later.wait == pytest.approx(1.01), "an answer longer than what was left is paid back"


def test_a_refusal_takes_nothing() -> None:
    limiter = Limiter(RateLimits(requests_per_minute=60, tokens_per_minute=60, burst=5, burst_tokens=10))
    assert limiter.admit(10, 0.0) is None
    assert limiter.admit(10, 0.0) is not None
    standing = limiter.standing(0.0)
    assert standing.requests is not None
    assert standing.requests.remaining == 4


def test_a_simulation_at_ten_times_the_speed_allows_ten_times_as_much() -> None:
    limiter = Limiter(RateLimits(requests_per_minute=600, burst=1), scale=0.1)
    assert len(admitted(limiter, [n / 1000 for n in range(1001)])) == 101
    assert not Limiter(RateLimits(requests_per_minute=600), scale=0).limited


async def test_headers_tell_what_is_left_as_openai_does() -> None:
    limits = RateLimits(requests_per_minute=600, burst=20, tokens_per_minute=60_000)
    model = SimulatedModel(name="m", answers=Constant("yes"), limits=limits)
    async with Simulator([model]) as simulator, ClientSession() as web:
        url = f"{simulator.base_url}/chat/completions"
        async with web.post(url, json=BODY) as response:
            headers = response.headers
        assert headers["x-ratelimit-limit-requests"] == "600"
        assert headers["x-ratelimit-remaining-requests"] == "19"
        assert headers["x-ratelimit-reset-requests"] == "100ms"
        assert headers["x-ratelimit-limit-tokens"] == "60000"
        assert headers["x-ratelimit-remaining-tokens"] == "59998", "one of the prompt, one of the answer"
        assert headers["x-ratelimit-reset-tokens"] == "2ms"


@pytest.mark.parametrize("told", [True, False])
async def test_who_is_over_the_limit_gets_429_and_hears_when_to_come_again_unless_that_is_off(
    *, told: bool
) -> None:
    limits = RateLimits(requests_per_minute=30, burst=1, headers=told)
    other = SimulatedModel(name="free", answers=Constant("yes"))
    model = SimulatedModel(name="m", answers=Constant("yes"), limits=limits)
    async with Simulator([model, other]) as simulator, ClientSession() as web:
        url = f"{simulator.base_url}/chat/completions"
        statuses, headers = [], {"": ""}
        for _ in range(3):
            async with web.post(url, json=BODY) as response:
                statuses.append(response.status)
                headers = dict(response.headers)
        async with web.post(url, json=BODY | {"model": "free"}) as response:
            assert response.status == 200
            assert "x-ratelimit-limit-requests" not in response.headers
    assert statuses == [200, 429, 429]
    said = {name.lower(): text for name, text in headers.items()}
    assert ("retry-after" in said, "x-ratelimit-reset-requests" in said) == (told, told)
    if told:
        assert said["retry-after"] == "2"
        assert 1500 < int(said["retry-after-ms"]) <= 2000
    first, second, third, _ = simulator.truth
    assert third.retry_after == (int(said["retry-after-ms"]) / 1000 if told else None)
    assert (first.fault, first.limited) == (None, False)
    kind = "rate_limit" if told else "rate_limit_bare"
    assert [(served.fault, served.limited) for served in (second, third)] == [(kind, True)] * 2


async def test_a_request_that_never_fits_is_not_told_to_wait() -> None:
    limits = RateLimits(tokens_per_minute=100)
    model = SimulatedModel(name="m", answers=Constant("yes"), limits=limits)
    async with Simulator([model]) as simulator, ClientSession() as web:
        url = f"{simulator.base_url}/chat/completions"
        async with web.post(url, json=BODY | {"max_tokens": 500}) as response:
            assert response.status == 429
            assert "retry-after" not in response.headers
            assert "too large" in (await response.json())["error"]["message"]
        async with web.post(url, json=BODY | {"max_tokens": 50}) as response:
            assert response.status == 200


async def test_the_allowed_rate_is_served_exactly_over_http() -> None:
    limits = RateLimits(requests_per_minute=600, burst=20)
    model = SimulatedModel(name="m", answers=Constant("yes"), limits=limits)
    async with Simulator([model]) as simulator, ClientSession() as web:
        url = f"{simulator.base_url}/chat/completions"

        async def one() -> None:
            async with web.post(url, json=BODY) as response:
                await response.read()

        for _ in range(10):
            async with asyncio.TaskGroup() as group:
                for _ in range(10):
                    group.create_task(one())
    granted = [served.received for served in simulator.truth if served.status == 200]
    assert len(granted) == 20 + math.floor(10 * (max(granted) - min(granted)) + 1e-6)


def test_durations_are_rounded_up_so_that_nobody_comes_too_early() -> None:
    assert [duration(seconds) for seconds in (0.0001, 59.9999, 60, 0.9999)] == ["1ms", "1m0s", "1m0s", "1s"]
