"""What goes wrong on purpose: on the wire, in the log, and in the right share of calls."""

import json
from collections import Counter

import pytest
from aiohttp import ClientConnectionResetError, ClientError, ClientPayloadError, ClientSession, ClientTimeout

from passmuster.adapters.simulator.answers import Constant
from passmuster.adapters.simulator.fates import Fates, Trying
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.profiles import FAULTS, Faults
from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.truth import Served

TEXT = "the quick brown fox jumps over the lazy dog"


def simulator(**shares: float) -> Simulator:
    return Simulator([SimulatedModel(name="m", answers=Constant(TEXT), faults=Faults(**shares))], seed=5)


async def asked(
    running: Simulator, *, stream: bool = False, seconds: float = 5.0, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    body = {"model": "m", "stream": stream, "messages": [{"role": "user", "content": "Hi"}]}
    async with (
        ClientSession(timeout=ClientTimeout(total=seconds)) as web,
        web.post(f"{running.base_url}/chat/completions", json=body, headers=headers) as response,
    ):
        return (
            response.status,
            {name.lower(): text for name, text in response.headers.items()},
            (await response.read()),
        )


async def only(running: Simulator) -> Served:
    """Return the one request of the log, once it is over."""
    await running.idle()
    (served,) = running.truth
    return served


@pytest.mark.parametrize(
    ("kind", "status", "waits"),
    [
        ("rate_limit", 429, "2"),
        ("rate_limit_bare", 429, None),
        ("server_error", 500, None),
        ("unavailable", 503, None),
        ("overloaded", 529, None),
    ],
)
async def test_an_error_has_its_status_and_says_how_long_to_wait_where_it_should(
    kind: str, status: int, waits: str | None
) -> None:
    async with simulator(**{kind: 1.0, "retry_after": 2.0}) as running:
        found, headers, body = await asked(running)
    assert (found, headers.get("retry-after"), headers.get("retry-after-ms")) == (status, waits, None)
    assert json.loads(body)["error"]["message"]
    served = await only(running)
    assert (served.status, served.fault, served.limited, served.complete) == (status, kind, False, True)
    assert served.turn is None
    assert served.retry_after == (None if waits is None else float(waits))


@pytest.mark.parametrize("stream", [True, False])
async def test_a_reset_breaks_the_connection(*, stream: bool) -> None:
    async with simulator(reset=1.0) as running:
        with pytest.raises((ClientConnectionResetError, ConnectionResetError, ClientError)) as caught:
            await asked(running, stream=stream)
        served = await only(running)
    assert "reset by peer" in str(caught.value) + str(caught.value.__cause__)
    assert (served.status, served.fault, served.left, served.last_byte) == (None, "reset", False, None)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_cut_ends_in_the_middle_of_the_message(*, stream: bool) -> None:
    async with simulator(cut=1.0) as running:
        with pytest.raises(ClientPayloadError):
            await asked(running, stream=stream)
        served = await only(running)
    assert (served.status, served.fault, served.complete, served.last_byte) == (200, "cut", False, None)
    assert served.first_byte is not None


async def test_truncated_json_comes_in_a_complete_message() -> None:
    async with simulator(truncated=1.0) as running:
        status, _, body = await asked(running)
        _, _, events = await asked(running, stream=True)
    assert status == 200
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(body)
    assert TEXT[:8].encode() in body
    assert b"[DONE]" not in events
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(events.split(b"data: ")[-1])
    assert [served.fault for served in running.truth] == ["truncated", "truncated"]
    assert [served.complete for served in running.truth] == [False, False]
    assert None not in {served.last_byte for served in running.truth}


async def test_a_malformed_stream_has_an_event_that_is_no_json_and_goes_on() -> None:
    async with simulator(malformed_stream=1.0) as running:
        _, _, events = await asked(running, stream=True)
        _, _, body = await asked(running)
    data = [event.removeprefix(b"data: ") for event in events.split(b"\n\n") if event]
    assert data[-1] == b"[DONE]"
    assert sum(_broken(event) for event in data[:-1]) == 1
    assert _broken(body)
    assert [served.fault for served in running.truth] == ["malformed_stream", "truncated"]


def _broken(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("stream", [True, False])
async def test_a_drip_sends_a_byte_at_a_time_and_the_answer_is_whole_in_the_end(*, stream: bool) -> None:
    async with simulator(drip=1.0, drip_seconds=0.0001) as running:
        _, _, body = await asked(running, stream=stream)
        served = await only(running)
    assert body.endswith(b"[DONE]\n\n") if stream else json.loads(body)
    assert (served.fault, served.complete) == ("drip", True)
    assert served.first_byte is not None
    assert served.last_byte is not None
    assert served.last_byte - served.first_byte >= 0.0001 * (len(body) - 1)


async def test_a_hang_answers_late_and_a_client_that_leaves_is_seen() -> None:
    async with simulator(hang=1.0, hang_seconds=0.2) as running:
        _, headers, _ = await asked(running)
        with pytest.raises(TimeoutError):
            await asked(running, seconds=0.05)
        await running.idle()
    waited, gone = running.truth
    assert (waited.fault, waited.seconds, waited.complete) == ("hang", 0.2, True)
    assert float(headers["x-simulated-seconds"]) == 0.2
    assert waited.last_byte is not None
    assert waited.last_byte - waited.received >= 0.2
    assert (gone.status, gone.left, gone.complete, gone.last_byte) == (499, True, False, None)


def test_shares_are_met_each_attempt_draws_anew_and_a_share_more_changes_no_other_draw() -> None:
    faults = Faults(rate_limit=0.10, server_error=0.05, reset=0.01, hang=0.01, truncated=0.02)
    fates = Fates(faults, seed=9)
    drawn = [fates.of(Trying("m", f"digest {n}", "0", 1)) for n in range(20_000)]
    counts = Counter(drawn)
    for kind in FAULTS:
        share = getattr(faults, kind)
        assert abs(counts[kind] / 20_000 - share) < 4 * (share / 20_000) ** 0.5 + 1e-9, kind
    again = [fates.of(Trying("m", f"digest {n}", "0", 2)) for n in range(20_000)]
    both = sum(a is not None and b is not None for a, b in zip(drawn, again, strict=True))
    assert 500 < both < 900, "two independent shares of 19 % meet in 3.6 %"
    killed = [fates.of(Trying("m", f"digest {n}", "0", 1, 1)) for n in range(20_000)]
    assert killed != drawn
    assert Fates(Faults(rate_limit=0.10, drip=0.3), seed=9).of(Trying("m", "digest 0", "0", 1)) == drawn[
        0
    ] or (drawn[0] != "rate_limit")


async def test_the_attempt_that_the_client_states_decides_not_the_order() -> None:
    faults = {"server_error": 0.5}

    async def statuses(order: list[int]) -> dict[int, int]:
        async with simulator(**faults) as running:
            found = {}
            for attempt in order:
                headers = {"X-Passmuster-Attempt": str(attempt), "X-Passmuster-Trial": f"t{attempt}"}
                found[attempt], _, _ = await asked(running, headers=headers)
        logged = [(served.attempt, served.trial) for served in running.truth]
        assert logged == [(attempt, f"t{attempt}") for attempt in order]
        return found

    first = await statuses(list(range(1, 21)))
    assert set(first.values()) == {200, 500}
    assert first == await statuses(list(range(20, 0, -1)))


def test_shares_above_everything_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 1 together"):
        Faults(rate_limit=0.6, reset=0.5)
