"""A proxy passes on calls of models and nothing else, with our key, and knows which trial each belongs to."""

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from tests.unit.adapters.providers.proxy.proxied import (
    CHAT,
    KEY,
    LONG,
    answering,
    completion,
    post,
    recording,
    upstream,
)

from passmuster.adapters.providers.pipeline.ledger import Ledger
from passmuster.adapters.providers.proxy.proxy import RecordingProxy, Upstream
from passmuster.errors import ConfigurationError
from passmuster.records.candidate import Price
from passmuster.testing import FakeClock


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
