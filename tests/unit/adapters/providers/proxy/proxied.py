"""A recording proxy between tests and an endpoint of theirs."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from passmuster.adapters.providers.pipeline.ledger import Account, Ledger
from passmuster.adapters.providers.pipeline.link import Link
from passmuster.adapters.providers.proxy.proxy import RecordingProxy, Upstream
from passmuster.records.candidate import Price
from passmuster.records.trial import Attempt
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
