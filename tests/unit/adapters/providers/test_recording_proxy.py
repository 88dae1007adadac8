"""Every model call of a pipeline is noted under its trial as it was, and the pipeline notices nothing of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import openai
import pytest
from aiohttp import web

from passmuster.adapters.providers import recording_proxy_call
from passmuster.adapters.providers.pipeline_ledger import Account, Ledger
from passmuster.adapters.providers.pipeline_link import Link
from passmuster.adapters.providers.recording_proxy import RecordingProxy, Upstream
from passmuster.adapters.simulator.answers import Constant
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.server import Simulator
from passmuster.errors import ConfigurationError
from passmuster.records.candidate import Price
from passmuster.records.trial import Attempt, Usage
from passmuster.testing import FakeClock, text_request

KEY = "our-very-secret-key-0123456789"
LONG = 30.0
"""Seconds that no test waits for."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def upstream(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


class Recording:
    """A proxy with a trial that is open."""

    def __init__(self, proxy: RecordingProxy, clock: FakeClock) -> None:
        self.proxy = proxy
        self.clock = clock
        self.account, self.link = self.begin()

    def begin(self) -> tuple[Account, Link]:
        return self.proxy.begin(text_request("Hi", repeat=3))

    @property
    def url(self) -> str:
        assert self.link.base_url is not None
        return self.link.base_url

    async def noted(self) -> list[Attempt]:
        return list(await self.proxy.end(self.account))


@asynccontextmanager
async def recording(
    base_url: str,
    api_key: str | None = KEY,
    anthropic: Upstream | None = None,
    price_of: Callable[[str], Price | None] | None = None,
    **settings: Any,
) -> AsyncIterator[Recording]:
    clock = FakeClock()
    ledger = Ledger(price_of, most_calls=settings.pop("most_calls", 1000))
    proxy = RecordingProxy(ledger, clock, Upstream(base_url=base_url, api_key=api_key), anthropic, **settings)
    await proxy.start()
    try:
        yield Recording(proxy, clock)
    finally:
        await proxy.close()


async def post(url: str, body: object, **headers: str) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as session, session.post(url, json=body, headers=headers) as answer:
        return answer.status, await answer.read()


def completion(text: str = "yes", model: str = "m-2026", **more: object) -> dict[str, object]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {
        "model": model,
        "choices": [choice],
        "usage": {"prompt_tokens": 10, "completion_tokens": 2},
        **more,
    }


def answering(body: object, status: int = 200, **headers: str) -> Handler:
    async def handle(_: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status, headers=headers)

    return handle


def streaming(*chunks: bytes, between: Callable[[], Awaitable[object]] | None = None) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
            if between is not None:
                await between()
        return response

    return handle


def event(body: object) -> bytes:
    return b"data: " + (body if isinstance(body, bytes) else json.dumps(body).encode()) + b"\n\n"


def chunk(text: str | None, finish: str | None = None, **more: object) -> bytes:
    choice = {"index": 0, "delta": {} if text is None else {"content": text}, "finish_reason": finish}
    return event({"model": "m-2026", "choices": [choice], **more})


USAGE = event({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}})
DONE = event(b"[DONE]")
CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi there"}]}


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
        assert attempt.seconds == pytest.approx(4.0)
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
        monkeypatch.setattr(recording_proxy_call, "READ_AT_MOST", 100_000)
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


class TestKeys:
    @staticmethod
    async def headers_seen(api_key: str | None, **sent: str) -> Any:
        seen: list[Any] = []

        async def handle(request: web.Request) -> web.StreamResponse:
            seen.append(dict(request.headers))
            return web.json_response(completion())

        async with upstream(handle) as base_url, recording(base_url, api_key) as made:
            await post(f"{made.url}/chat/completions", CHAT, **sent)
        return seen[0]

    async def test_ours_takes_the_place_of_whatever_the_pipeline_sends(self) -> None:
        seen = await self.headers_seen(KEY, Authorization="Bearer theirs", **{"api-key": "theirs"})

        assert seen["Authorization"] == f"Bearer {KEY}"
        assert "theirs" not in str(seen)

    async def test_without_one_the_pipelines_own_is_passed_on(self) -> None:
        assert (await self.headers_seen(None, Authorization="Bearer theirs"))[
            "Authorization"
        ] == "Bearer theirs"

    async def test_a_simulator_on_this_machine_is_told_the_repeat(self) -> None:
        assert (await self.headers_seen(KEY))["X-Passmuster-Repeat"] == "3"

    async def test_the_pipeline_gets_no_key_of_ours(self) -> None:
        async with recording("https://api.example.com/v1") as made:
            told = str(made.link)
            assert made.link.variables["OPENAI_API_KEY"] == "passmuster"
            assert made.link.variables["OPENAI_BASE_URL"] == made.url
        assert KEY not in told
        assert KEY not in repr(Upstream(base_url="https://a.example", api_key=KEY))

    async def test_where_it_has_its_own_the_variable_is_left_alone(self) -> None:
        async with recording("https://api.example.com/v1", None) as made:
            assert "OPENAI_API_KEY" not in made.link.variables

    def test_an_address_or_a_key_that_cannot_be_sent_is_told_at_once(self) -> None:
        for wrong in (
            Upstream(base_url="example.com"),
            Upstream(base_url="https://a.example", api_key="a\nb"),
        ):
            with pytest.raises(ConfigurationError):
                RecordingProxy(Ledger(), FakeClock(), wrong)


class TestWhatBelongsToNobody:
    async def test_an_address_of_no_trial_is_refused_and_counted(self) -> None:
        async with upstream(answering(completion())) as base_url, recording(base_url) as made:
            root = made.url.partition("/t/")[0]
            statuses = [
                (await post(f"{root}{path}", CHAT))[0]
                for path in ("/v1/chat/completions", "/t/guess/v1/chat/completions", "/s/guess/v1/embeddings")
            ]
            unattributed = made.proxy.unattributed
            assert await made.noted() == []

        assert statuses == [404, 403, 403]
        assert (unattributed.refused, unattributed.calls) == (3, 0)
        assert unattributed
        assert unattributed.examples

    async def test_what_is_no_call_of_a_model_is_not_passed_on(self) -> None:
        async with upstream(answering(completion())) as base_url, recording(base_url) as made:
            for path in ("files", "chat/completions/../../files", "organization/admin_api_keys", ""):
                assert (await post(f"{made.url}/{path}", CHAT))[0] in {403, 404}
            assert made.proxy.unattributed.refused == 4

    async def test_the_list_of_models_passes_and_is_no_call(self) -> None:
        async with upstream(answering({"data": []})) as base_url, recording(base_url) as made:
            async with aiohttp.ClientSession() as session, session.get(f"{made.url}/models") as answer:
                assert await answer.json() == {"data": []}
            assert await made.noted() == []

    async def test_a_trial_that_has_ended_makes_no_more_calls(self) -> None:
        async with upstream(answering(completion())) as base_url, recording(base_url) as made:
            await made.noted()
            status, _ = await post(f"{made.url}/chat/completions", CHAT)
            unattributed = made.proxy.unattributed

        assert status == 410
        assert (unattributed.late, unattributed.refused) == (1, 0)

    async def test_a_call_that_is_open_when_its_trial_ends_is_cut_off_and_noted(self) -> None:
        inside = asyncio.Event()

        async def hang(_: web.Request) -> web.StreamResponse:
            inside.set()
            await asyncio.sleep(LONG)
            raise AssertionError

        async with upstream(hang) as base_url, recording(base_url) as made:
            asking = asyncio.ensure_future(post(f"{made.url}/chat/completions", CHAT))
            await inside.wait()
            [attempt] = await made.noted()
            await asyncio.wait([asking])
            assert asking.exception() is not None
            assert not made.proxy.unattributed

        assert attempt.error == "connection"
        assert attempt.usage is None
        assert attempt.seconds is not None

    async def test_a_pipeline_that_hangs_up_is_noted(self) -> None:
        inside = asyncio.Event()

        async def hang(_: web.Request) -> web.StreamResponse:
            inside.set()
            await asyncio.sleep(LONG)
            raise AssertionError

        async with upstream(hang) as base_url, recording(base_url) as made:
            asking = asyncio.ensure_future(post(f"{made.url}/chat/completions", CHAT))
            await inside.wait()
            asking.cancel()
            await asyncio.wait([asking])
            while not made.account.attempts:  # noqa: ASYNC110 - the proxy hears of it through a socket
                await asyncio.sleep(0)
            [attempt] = await made.noted()

        assert attempt.error == "connection"

    async def test_a_trial_makes_only_so_many_calls(self) -> None:
        async with upstream(answering(completion())) as base_url, recording(base_url, most_calls=2) as made:
            statuses = [(await post(f"{made.url}/chat/completions", CHAT))[0] for _ in range(3)]
            assert len(await made.noted()) == 2
            assert made.proxy.unattributed.refused == 1

        assert statuses == [200, 200, 403]


class TestTheSharedAddress:
    async def test_a_call_belongs_to_the_trial_of_its_trace_or_to_the_only_one_that_is_open(self) -> None:
        async with upstream(answering(completion())) as base_url, recording(base_url) as made:
            shared = made.link.shared["OPENAI_BASE_URL"] + "/chat/completions"
            await post(shared, {**CHAT, "model": "alone"})
            other, link = made.begin()
            assert link.traceparent is not None
            await post(shared, CHAT, traceparent=link.traceparent)
            await post(shared, CHAT)
            unattributed = made.proxy.unattributed

            assert len(await made.noted()) == 1
            assert len(await made.proxy.end(other)) == 1

        assert (unattributed.calls, unattributed.unpriced) == (1, 1)

    async def test_what_belongs_to_nobody_is_counted_with_its_cost(self) -> None:
        def price_of(_: str) -> Price:
            return Price(input=1e6, output=0.0)

        async with (
            upstream(answering(completion())) as base_url,
            recording(base_url, price_of=price_of) as made,
        ):
            made.begin()
            await post(made.link.shared["OPENAI_BASE_URL"] + "/chat/completions", CHAT)
            unattributed = made.proxy.unattributed

        assert (unattributed.calls, unattributed.unpriced, unattributed.cost) == (1, 0, 10.0)


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
