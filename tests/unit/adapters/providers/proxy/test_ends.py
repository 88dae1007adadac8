"""However a call ends, the account says what the endpoint did, and no secret is in it."""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from tests.unit.adapters.providers.proxy.proxied import (
    CHAT,
    DONE,
    LONG,
    USAGE,
    answering,
    chunk,
    completion,
    post,
    recording,
    streaming,
    upstream,
)

from passmuster.adapters.providers.pipeline.ledger import Ledger
from passmuster.adapters.providers.proxy.proxy import RecordingProxy, Upstream
from passmuster.errors import ConfigurationError
from passmuster.records.trial import Usage
from passmuster.testing import FakeClock

THEIR_KEY = "0123456789abcdef0123456789abcdef"
STREAM = {**CHAT, "stream": True}


async def never() -> None:
    await asyncio.sleep(LONG)
    raise AssertionError


async def read_up_to(url: str, body: object, last: bytes) -> None:
    """Read a stream as clients do: to what says its end, and no further."""
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
        async for line in answer.content:
            if last in line:
                return


async def test_a_pipeline_that_stops_reading_at_the_end_of_a_stream_has_all_of_it() -> None:
    parts = chunk("a", "stop") + USAGE + DONE
    async with upstream(streaming(parts, between=never)) as base_url, recording(base_url) as made:
        await read_up_to(f"{made.url}/chat/completions", STREAM, b"[DONE]")
        [attempt] = await made.noted()

    assert (attempt.error, attempt.message) == (None, None)
    assert attempt.usage == Usage(input=7, output=3)


async def test_one_that_stops_before_it_does_not_know_how_it_would_have_ended() -> None:
    async with upstream(streaming(chunk("a"), between=never)) as base_url, recording(base_url) as made:
        await read_up_to(f"{made.url}/chat/completions", STREAM, b"data")
        [attempt] = await made.noted()

    assert attempt.error == "connection"


async def test_an_event_of_several_lines_stays_one() -> None:
    body = chunk("a", "stop").removeprefix(b"data: ").strip()
    spread = b"data: " + body.replace(b", ", b",\ndata: ") + b"\n\n"
    assert spread.count(b"data: ") > 1
    async with upstream(streaming(spread, USAGE, DONE)) as base_url, recording(base_url) as made:
        _, got = await post(f"{made.url}/chat/completions", STREAM)

    assert got == spread + DONE


async def test_a_list_of_models_that_comes_in_pieces_arrives_whole() -> None:
    pieces = (b'{"data": [', b"]", b"}")

    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
            await asyncio.sleep(0.01)
        return response

    async with (
        upstream(handle) as base_url,
        recording(base_url) as made,
        aiohttp.ClientSession() as session,
        session.get(f"{made.url}/models") as answer,
    ):
        body = await answer.read()

    assert body == b"".join(pieces)


@pytest.mark.parametrize(
    "sent", [{"api-key": THEIR_KEY}, {"Authorization": f"Bearer {THEIR_KEY}"}], ids=["header", "bearer"]
)
async def test_a_key_of_the_pipelines_own_is_in_no_message(sent: dict[str, str]) -> None:
    refused = answering({"error": {"message": f"Incorrect API key provided: {THEIR_KEY}"}}, 401)
    async with upstream(refused) as base_url, recording(base_url, None) as made:
        await post(f"{made.url}/chat/completions", CHAT, **sent)
        [attempt] = await made.noted()

    assert attempt.message == "HTTP 401: Incorrect API key provided: [redacted]"


async def test_a_key_in_the_address_is_in_no_message_either() -> None:
    refused = answering({"error": {"message": f"no such key: {THEIR_KEY}"}}, 401)
    async with upstream(refused) as base_url, recording(base_url, None) as made:
        await post(f"{made.url}/chat/completions?key={THEIR_KEY}", CHAT)
        [attempt] = await made.noted()

    assert attempt.message == "HTTP 401: no such key: [redacted]"


async def test_a_call_that_is_still_being_written_when_its_trial_ends_is_not_made() -> None:
    asked: list[str] = []
    go_on = asyncio.Event()

    async def handle(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.json_response(completion())

    async def in_pieces() -> AsyncIterator[bytes]:
        body = json.dumps(CHAT).encode()
        yield body[:10]
        await go_on.wait()
        yield body[10:]

    async with upstream(handle) as base_url, recording(base_url) as made:
        sending = asyncio.ensure_future(_send(f"{made.url}/chat/completions", in_pieces()))
        while not made.account.begun:  # noqa: ASYNC110 - the proxy hears of it through a socket
            await asyncio.sleep(0)
        assert await made.noted() == []
        go_on.set()
        status = await sending
        unattributed = made.proxy.unattributed

    assert (status, asked) == (410, [])
    assert (unattributed.late, unattributed.calls) == (1, 0)


async def _send(url: str, body: AsyncIterator[bytes]) -> int:
    async with aiohttp.ClientSession() as session, session.post(url, data=body) as answer:
        return answer.status


async def test_the_calls_of_a_trial_that_is_cancelled_at_its_very_end_are_not_forgotten() -> None:
    inside = asyncio.Event()
    held: list[asyncio.Task[object]] = []

    async def hang(_: web.Request) -> web.StreamResponse:
        inside.set()
        await never()
        raise AssertionError

    async with upstream(answering(completion())) as base_url, recording(base_url) as made:
        await post(f"{made.url}/chat/completions", CHAT)
        held.append(asyncio.ensure_future(_stubborn()))
        await asyncio.sleep(0)
        made.account.open.add(held[0])
        ending = asyncio.ensure_future(made.noted())
        await asyncio.sleep(0)
        ending.cancel()
        await asyncio.wait([ending])
        unattributed = made.proxy.unattributed
        held[0].cancel()
        await asyncio.wait(held)

    assert ending.cancelled()
    assert unattributed.calls == 1


async def _stubborn() -> object:
    """Outlive being cancelled once."""
    try:
        await asyncio.sleep(LONG)
    except asyncio.CancelledError:
        await asyncio.sleep(LONG)
    return None


async def test_an_image_or_a_file_is_not_counted_as_text() -> None:
    silent = completion()
    del silent["usage"]
    image = {"type": "input_image", "image_url": "data:image/png;base64," + "A" * 40_000}
    file = {"type": "input_file", "file_data": "data:application/pdf;base64," + "A" * 40_000}
    body = {"model": "m", "messages": [{"role": "user", "content": [image, file, {"text": "Hi"}]}]}
    async with upstream(answering(silent)) as base_url, recording(base_url) as made:
        await post(f"{made.url}/chat/completions", body)
        [attempt] = await made.noted()

    assert attempt.usage is not None
    assert attempt.usage.estimated
    assert attempt.usage.input is not None
    assert attempt.usage.input < 100


def test_a_proxy_of_the_environment_that_is_no_address_is_told_before_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "ftp://nowhere")
    monkeypatch.setenv("https_proxy", "ftp://nowhere")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    with pytest.raises(ConfigurationError, match="HTTPS_PROXY"):
        RecordingProxy(Ledger(), FakeClock(), Upstream(base_url="https://a.example/v1"))


async def test_a_call_that_never_reached_its_endpoint_is_at_no_risk() -> None:
    async with upstream(answering(completion())) as base_url:
        pass
    async with recording(base_url) as made:
        status, _ = await post(f"{made.url}/chat/completions", CHAT)
        [attempt] = await made.noted()

    assert (status, attempt.error, attempt.at_risk) == (502, "connection", 0.0)
