"""What a connection is told to expect, and what becomes of a call when it does not come."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.adapters.providers.wire.loopback import wired

from passmuster.adapters.providers.wire.call import Timeouts, Watch
from passmuster.adapters.providers.wire.transport_errors import (
    CutOffError,
    LostConnectionError,
    TimedOutError,
)

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
SOON, LONG = 0.02, 60.0


async def test_an_answer_that_does_not_come_in_time_is_given_up_with_the_reason() -> None:
    wire = wired()
    Watch(Timeouts(attempt=SOON), streams=False).begin(wire.connection)
    with pytest.raises(TimedOutError, match=r"no complete answer within 0\.02 s"):
        await wire.connection.begun()
    assert wire.transport.aborted


async def test_what_has_come_in_time_is_not_given_up_while_nobody_reads_it() -> None:
    wire = wired()
    Watch(Timeouts(attempt=SOON), streams=False).begin(wire.connection)
    wire.receive(HEAD + b"hello")
    await asyncio.sleep(2 * SOON)
    assert not wire.transport.aborted
    assert wire.connection.whole() == (100.0, b"hello")


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Timeouts(first_token=SOON, attempt=LONG), "no first token within 0.02 s"),
        (Timeouts(first_token=LONG, attempt=SOON), "no complete answer within 0.02 s"),
        (Timeouts(first_token=SOON, attempt=None), "no first token within 0.02 s"),
    ],
)
async def test_whichever_limit_comes_first_is_the_one_that_strikes(limits: Timeouts, message: str) -> None:
    wire = wired()
    Watch(limits, streams=True).begin(wire.connection)
    with pytest.raises(TimedOutError) as caught:
        await wire.connection.begun()
    assert str(caught.value) == message


async def test_a_piece_that_comes_puts_the_limit_off() -> None:
    wire = wired()
    watch = Watch(Timeouts(first_token=4 * SOON, between_tokens=LONG), streams=True)
    watch.begin(wire.connection)
    watch.piece()
    await asyncio.sleep(6 * SOON)
    assert not wire.transport.aborted


async def test_a_limit_that_is_sooner_than_the_one_before_is_kept() -> None:
    wire = wired()
    watch = Watch(Timeouts(first_token=LONG, between_tokens=SOON), streams=True)
    watch.begin(wire.connection)
    watch.piece()
    with pytest.raises(TimedOutError, match=r"no next token within 0\.02 s"):
        await wire.connection.begun()


async def test_many_calls_over_one_connection_set_one_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    wire, loop = wired(asked=False), asyncio.get_running_loop()
    call_at, times = loop.call_at, list[float]()

    def counted(when: float, callback: Callable[..., object], *rest: Any) -> asyncio.TimerHandle:
        times.append(when)
        return call_at(when, callback, *rest)

    monkeypatch.setattr(loop, "call_at", counted)
    for _ in range(100):
        wire.connection.send(b"", b"")
        Watch(Timeouts(attempt=LONG), streams=False).begin(wire.connection)
        wire.receive(HEAD + b"hello")
        assert wire.connection.whole() is not None
        wire.connection.expect(None)
    assert len(times) == 1


async def test_a_timer_that_rings_too_early_is_set_again_for_the_call_at_hand() -> None:
    wire = wired()
    wire.connection.expect(asyncio.get_running_loop().time() + SOON, "the first")
    wire.connection.expect(asyncio.get_running_loop().time() + 3 * SOON, "the second")
    with pytest.raises(TimedOutError, match="the second"):
        await wire.connection.begun()


async def test_nothing_is_expected_of_a_connection_that_was_given_back() -> None:
    wire = wired()
    Watch(Timeouts(attempt=SOON), streams=False).begin(wire.connection)
    wire.connection.expect(None)
    await asyncio.sleep(2 * SOON)
    assert not wire.transport.aborted


async def test_without_limits_nothing_is_ever_given_up() -> None:
    wire = wired()
    watch = Watch(Timeouts(connect=None, attempt=None), streams=True)
    watch.begin(wire.connection)
    watch.piece()
    await asyncio.sleep(SOON)
    assert not wire.transport.aborted


@pytest.mark.parametrize(("come", "kind"), [(b"", LostConnectionError), (HEAD, CutOffError)])
async def test_a_time_out_of_the_network_is_none_of_ours(come: bytes, kind: type[Exception]) -> None:
    wire = wired()
    Watch(Timeouts(attempt=LONG), streams=False).begin(wire.connection)
    if come:
        wire.receive(come)
    wire.end(TimeoutError(110, "Connection timed out"))
    with pytest.raises(kind, match="Connection timed out"):
        await wire.connection.read()
