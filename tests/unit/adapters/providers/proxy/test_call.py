"""Every model call of a pipeline is noted as it was, and the pipeline notices nothing of it."""

import asyncio
import json
from typing import Any

import aiohttp
import openai
import pytest
from aiohttp import web
from tests.unit.adapters.providers.proxy.proxied import (
    CHAT,
    DONE,
    KEY,
    LONG,
    USAGE,
    Handler,
    answering,
    chunk,
    completion,
    event,
    post,
    recording,
    streaming,
    upstream,
)

from passmuster.adapters.providers.proxy import call as proxy_call
from passmuster.adapters.providers.proxy.proxy import Upstream
from passmuster.adapters.simulator.answers import Constant
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.server import Simulator
from passmuster.records.candidate import Price
from passmuster.records.trial import Usage
from passmuster.testing import FakeClock


class TestWhatIsNoted:
    async def test_a_call_has_its_model_tokens_status_and_time(self) -> None:
        async with upstream(answering(completion())) as base_url, recording(base_url) as made:
            status, body = await post(f"{made.url}/chat/completions", CHAT)
            noted = await made.noted()

        assert (status, json.loads(body)) == (200, completion())
        [attempt] = noted
        assert (attempt.model, attempt.status, attempt.error) == ("m-2026", 200, None)
        assert attempt.usage == Usage(input=10, output=2)
        assert attempt.seconds is not None
        assert attempt.started >= 1_700_000_000.0

    async def test_responses_completions_embeddings_and_messages_are_read_too(self) -> None:
        answers: dict[str, dict[str, object]] = {
            "responses": {
                "model": "r-1",
                "status": "completed",
                "output": [],
                "usage": {"input_tokens": 4, "output_tokens": 1},
            },
            "completions": {
                "model": "c-1",
                "choices": [{"index": 0, "text": "a", "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 5, "completion_tokens": 1},
            },
            "embeddings": {"model": "e-1", "data": [{"embedding": [0.5]}], "usage": {"prompt_tokens": 6}},
            "messages": {
                "model": "a-1",
                "type": "message",
                "content": [{"type": "text", "text": "a"}],
                "stop_reason": "end_turn",
                "usage": {"input_tokens": 7, "output_tokens": 1, "cache_read_input_tokens": 2},
            },
        }

        async def handle(request: web.Request) -> web.StreamResponse:
            return web.json_response(answers[request.path.rpartition("/")[2]])

        async with upstream(handle) as base_url:
            other = Upstream(base_url=base_url, api_key=KEY, kind="anthropic")
            async with recording(base_url, anthropic=other) as made:
                for path in answers:
                    assert (await post(f"{made.url}/{path}", {"model": "m"}))[0] == 200
                noted = await made.noted()

        assert [(attempt.model, attempt.usage) for attempt in noted] == [
            ("r-1", Usage(input=4, output=1)),
            ("c-1", Usage(input=5, output=1)),
            ("e-1", Usage(input=6, output=0)),
            ("a-1", Usage(input=9, output=1, cached=2)),
        ]

    async def test_the_cost_is_that_of_the_reported_model_else_of_the_one_asked_for(self) -> None:
        prices = {"m": Price(input=1.0, output=0.0), "m-2026": Price(input=2.0, output=0.0)}
        for known, cost in ((["m", "m-2026"], 20e-6), (["m"], 10e-6), ([], None)):
            cards = {name: prices[name] for name in known}
            async with (
                upstream(answering(completion())) as base_url,
                recording(base_url, price_of=cards.get) as made,
            ):
                await post(f"{made.url}/chat/completions", CHAT)
                [attempt] = await made.noted()
            assert attempt.cost == cost

    async def test_a_stream_is_passed_on_piece_by_piece_and_its_times_are_kept(self) -> None:
        go_on = asyncio.Event()
        clocks: list[FakeClock] = []

        async def between() -> None:
            await go_on.wait()
            go_on.clear()
            clocks[0].advance(1.0)

        handler = streaming(chunk(""), chunk("a"), chunk("b", "stop"), USAGE + DONE, between=between)
        body = {**CHAT, "stream": True, "stream_options": {"include_usage": True}}
        async with upstream(handler) as base_url, recording(base_url) as made:
            clocks.append(made.clock)
            url, got = f"{made.url}/chat/completions", b""
            async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
                while not answer.content.at_eof():
                    got += await answer.content.readany()
                    go_on.set()
            [attempt] = await made.noted()

        assert got == chunk("") + chunk("a") + chunk("b", "stop") + USAGE + DONE
        assert attempt.first_token == pytest.approx(1.0)
        assert attempt.gaps == pytest.approx((1.0,))
        assert attempt.seconds == pytest.approx(3.0)  # it ends with its last word, not with the connection
        assert attempt.usage == Usage(input=7, output=3)

    async def test_a_stream_is_asked_for_its_tokens_and_the_pipeline_does_not_see_them(self) -> None:
        asked: list[Any] = []

        async def handle(request: web.Request) -> web.StreamResponse:
            asked.append(await request.json())
            return await streaming(chunk("a", "stop"), USAGE, DONE)(request)

        async with upstream(handle) as base_url, recording(base_url) as made:
            _, got = await post(f"{made.url}/chat/completions", {**CHAT, "stream": True})
            [attempt] = await made.noted()

        assert asked[0]["stream_options"] == {"include_usage": True}
        assert got == chunk("a", "stop") + DONE
        assert attempt.usage == Usage(input=7, output=3)

    async def test_without_that_the_tokens_are_estimated_and_marked(self) -> None:
        handler = streaming(chunk("abcd", "stop"), DONE)
        async with upstream(handler) as base_url, recording(base_url, ask_usage=False) as made:
            await post(f"{made.url}/chat/completions", {**CHAT, "stream": True})
            [attempt] = await made.noted()

        assert attempt.usage is not None
        assert attempt.usage.estimated
        assert attempt.usage.output == 1

    async def test_a_refusal_is_passed_on_whole_and_noted_with_its_kind(self) -> None:
        body = {"error": {"message": f"wrong key {KEY}", "code": "x"}}
        handler = answering(body, 429, **{"retry-after": "7", "x-request-id": "abc"})
        async with upstream(handler) as base_url, recording(base_url) as made:
            url = f"{made.url}/chat/completions"
            async with aiohttp.ClientSession() as session, session.post(url, json=CHAT) as answer:
                seen = (answer.status, await answer.json(), answer.headers["retry-after"])
            [attempt] = await made.noted()

        assert seen == (429, body, "7")
        assert (attempt.status, attempt.error, attempt.retry_after) == (429, "rate_limit", 7.0)
        assert attempt.message is not None
        assert "secret" not in attempt.message
        assert attempt.model == "m"

    @pytest.mark.parametrize(
        ("handler", "error"),
        [
            (answering({"choices": []}), "malformed"),
            (answering({"error": {"message": "no", "code": 500}}), "server_error"),
            (streaming(chunk("a")), "malformed"),
            (streaming(event(b"{oh no")), "malformed"),
            (streaming(event({"error": {"message": "no", "code": 429}})), "rate_limit"),
        ],
    )
    async def test_a_bad_answer_is_passed_on_as_it_is_and_noted(self, handler: Handler, error: str) -> None:
        async with upstream(handler) as base_url, recording(base_url) as made:
            status, _ = await post(f"{made.url}/chat/completions", {**CHAT, "stream_options": None})
            [attempt] = await made.noted()

        assert status == 200
        assert attempt.error == error

    async def test_an_endpoint_that_is_not_there_is_a_502_and_noted(self) -> None:
        async with upstream(answering({})) as base_url:
            pass
        async with recording(base_url) as made:
            status, body = await post(f"{made.url}/chat/completions", CHAT)
            [attempt] = await made.noted()

        assert status == 502
        assert "cannot connect" in json.loads(body)["error"]["message"]
        assert (attempt.error, attempt.status) == ("connection", None)

    async def test_an_endpoint_that_breaks_off_breaks_off_for_the_pipeline_too(self) -> None:
        async def handle(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            await response.write(chunk("a"))
            assert request.transport is not None
            request.transport.abort()
            return response

        async with upstream(handle) as base_url, recording(base_url) as made:
            with pytest.raises(aiohttp.ClientError):
                await post(f"{made.url}/chat/completions", {**CHAT, "stream": True})
            [attempt] = await made.noted()

        assert attempt.error in {"malformed", "connection"}
        assert attempt.first_token is not None

    async def test_an_endpoint_that_hangs_is_cut_off(self) -> None:
        async def hang(_: web.Request) -> web.StreamResponse:
            await asyncio.sleep(LONG)
            raise AssertionError

        async with upstream(hang) as base_url, recording(base_url, timeout=0.05) as made:
            status, _ = await post(f"{made.url}/chat/completions", CHAT)
            [attempt] = await made.noted()

        assert (status, attempt.error) == (504, "timeout")

    async def test_a_long_answer_passes_and_a_stream_without_an_end_does_not(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(proxy_call, "READ_AT_MOST", 100_000)
        whole = completion("x" * 200_000)
        async with upstream(answering(whole)) as base_url, recording(base_url) as made:
            _, body = await post(f"{made.url}/chat/completions", CHAT)
            [attempt] = await made.noted()
        assert json.loads(body) == whole
        assert (attempt.error, attempt.usage) == (None, None)

        async with (
            upstream(streaming(*[b"data: " + b"x" * 50_000] * 4)) as base_url,
            recording(base_url) as made,
        ):
            with pytest.raises(aiohttp.ClientError):
                await post(f"{made.url}/chat/completions", {**CHAT, "stream": True})
            [attempt] = await made.noted()
        assert attempt.error == "malformed"


@pytest.mark.parametrize("stream", [False, True])
async def test_the_official_client_works_through_it(stream: bool) -> None:  # noqa: FBT001 - a parameter of a test
    model = SimulatedModel(name="m", answers=Constant("an answer"))
    simulator = Simulator([model], api_key=KEY, time_scale=0.0)
    async with simulator, recording(simulator.base_url) as made:
        async with openai.AsyncOpenAI(base_url=made.url, api_key="theirs") as client:
            messages: Any = [{"role": "user", "content": "Hi"}]
            answer: Any = await client.chat.completions.create(model="m", messages=messages, stream=stream)
            if stream:
                text = "".join([piece.choices[0].delta.content or "" async for piece in answer])
            else:
                text = answer.choices[0].message.content
        [attempt] = await made.noted()

    assert text == "an answer"
    assert attempt.model == "m"
    assert attempt.usage is not None
    assert not attempt.usage.estimated
    assert (attempt.first_token is not None) == stream
    assert len(simulator.truth) == 1
