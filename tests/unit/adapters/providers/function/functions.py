"""Functions as candidates, asked by tests."""

import asyncio
from collections.abc import Callable
from typing import Any

from passmuster.adapters.providers.function.provider import (
    CallableProvider,
    FunctionLimits,
)
from passmuster.adapters.providers.function.request import FunctionRequest
from passmuster.records.candidate import Candidate
from passmuster.records.trial import Exchange, Failure, Request
from passmuster.testing import FakeClock, check_exchange, text_request

CANDIDATE = Candidate(
    name="mine", provider="python", model="m", parameters={"style": "short", "source": "d1"}
)
LONG = 30.0
"""Seconds that no test waits for."""


def made(function: Callable[..., object], timeout: float = LONG, **limits: Any) -> CallableProvider:
    return CallableProvider(CANDIDATE, function, FakeClock(), timeout, limits=FunctionLimits(**limits))


async def ask(function: Callable[..., object], request: Request | None = None, **settings: Any) -> Exchange:
    provider = made(function, **settings)
    try:
        exchange = await provider.ask(request or text_request("Hello"))
    finally:
        await provider.close()
    check_exchange(exchange)
    return exchange


async def failure(function: Callable[..., object], **settings: Any) -> Failure:
    outcome = (await ask(function, **settings)).outcome
    assert isinstance(outcome, Failure), outcome
    return outcome


async def seen(request: Request) -> FunctionRequest:
    given: list[FunctionRequest] = []

    def note(asked: FunctionRequest) -> str:
        given.append(asked)
        return "ok"

    await ask(note, request)
    return given[0]


async def until(held: Callable[[], object]) -> None:
    while not held():  # noqa: ASYNC110 - threads set it
        await asyncio.sleep(0)
