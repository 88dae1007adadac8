"""Programs as candidates, asked by tests."""

import asyncio
import os
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from passmuster.adapters.providers.command.provider import CommandProvider
from passmuster.adapters.providers.command.settings import (
    Command,
)
from passmuster.records.candidate import Candidate
from passmuster.records.trial import Exchange, Failure, Request
from passmuster.testing import FakeClock, check_exchange, text_request

CANDIDATE = Candidate(name="mine", provider="command", model="m", parameters={"style": "short", "files": {}})
LONG = 30.0
"""Seconds that no test waits for."""
LOOP = """
import json, os, sys, time
for line in sys.stdin:
    asked = json.loads(line)
    def say(**answer):
        print(json.dumps({"id": asked["id"], **answer}), flush=True)
"""
ONCE = """
import json, os, sys, time
asked = json.loads(sys.stdin.read())
"""


def command(folder: Path, body: str, **settings: Any) -> Command:
    kept = settings.get("keep_alive", True)
    text = LOOP + textwrap.indent(textwrap.dedent(body), "    ") if kept else ONCE + textwrap.dedent(body)
    (folder / "program.py").write_text(text)
    settings.setdefault("environment", dict(os.environ))
    return Command(words=(sys.executable, "-S", "program.py"), folder=folder, **settings)


@asynccontextmanager
async def running(
    folder: Path,
    body: str,
    timeout: float = LONG,  # noqa: ASYNC109 - it is the provider's own that is tested
    **settings: Any,
) -> AsyncIterator[CommandProvider]:
    provider = CommandProvider(CANDIDATE, command(folder, body, **settings), FakeClock(), timeout)
    try:
        yield provider
    finally:
        await provider.close()


async def ask(folder: Path, body: str, request: Request | None = None, **settings: Any) -> Exchange:
    async with running(folder, body, **settings) as provider:
        exchange = await provider.ask(request or text_request("Hello"))
    check_exchange(exchange)
    return exchange


async def failure(folder: Path, body: str, **settings: Any) -> Failure:
    outcome = (await ask(folder, body, **settings)).outcome
    assert isinstance(outcome, Failure), outcome
    return outcome


async def until(held: Callable[[], object]) -> None:
    while not held():  # noqa: ASYNC110 - a process changes it
        await asyncio.sleep(0.005)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] not in {"Z", "X"}
    except FileNotFoundError:
        return False
