"""The bare limit: so many calls, so many at a time, exact match, nothing kept. One client library per process."""

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

Row = dict[str, str]
Call = Callable[[Row], Awaitable[str]]


def body(row: Row) -> dict[str, object]:
    """Return the request for a row."""
    messages = [{"role": "user", "content": row["input"]}]
    return {"model": "mock", "messages": messages, "max_tokens": 16, "temperature": 0}


async def pool(rows: list[Row], concurrency: int, call: Call) -> None:
    """Make all calls, and print how many were right."""
    queue, right = iter(rows), 0

    async def worker() -> None:
        nonlocal right
        for row in queue:
            same = await call(row) == row["reference"]
            right += same

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(worker())
    print(f"right {right / len(rows)}")


async def with_aiohttp(rows: list[Row], concurrency: int, base: str) -> None:
    """Use aiohttp."""
    import aiohttp  # noqa: PLC0415 - one client library a process

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=concurrency)) as session:

        async def call(row: Row) -> str:
            async with session.post(f"{base}/chat/completions", json=body(row)) as response:
                response.raise_for_status()
                return str((await response.json())["choices"][0]["message"]["content"])

        await pool(rows, concurrency, call)


async def with_pyreqwest(rows: list[Row], concurrency: int, base: str) -> None:
    """Use pyreqwest."""
    from pyreqwest.client import ClientBuilder  # noqa: PLC0415 - one client library a process

    async with ClientBuilder().error_for_status(True).max_connections(concurrency).build() as client:  # noqa: FBT003 - its API

        async def call(row: Row) -> str:
            response = await client.post(f"{base}/chat/completions").body_json(body(row)).build().send()
            return str((await response.json())["choices"][0]["message"]["content"])

        await pool(rows, concurrency, call)


async def with_httpx(rows: list[Row], concurrency: int, base: str) -> None:
    """Use httpx."""
    import httpx  # noqa: PLC0415 - one client library a process

    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    async with httpx.AsyncClient(limits=limits, timeout=600) as client:

        async def call(row: Row) -> str:
            response = await client.post(f"{base}/chat/completions", json=body(row))
            response.raise_for_status()
            return str(response.json()["choices"][0]["message"]["content"])

        await pool(rows, concurrency, call)


async def with_openai(rows: list[Row], concurrency: int, base: str) -> None:
    """Use the official client of OpenAI."""
    import openai  # noqa: PLC0415 - one client library a process

    async with openai.AsyncOpenAI(base_url=base, api_key="x") as client:

        async def call(row: Row) -> str:
            answer = await client.chat.completions.create(**body(row))  # type: ignore[call-overload]
            return str(answer.choices[0].message.content)

        await pool(rows, concurrency, call)


async def with_litellm(rows: list[Row], concurrency: int, base: str) -> None:
    """Use LiteLLM."""
    import litellm  # noqa: PLC0415 - one client library a process

    async def call(row: Row) -> str:
        sent = {**body(row), "model": "openai/mock"}
        answer = await litellm.acompletion(**sent, api_base=base, api_key="x")
        return str(answer.choices[0].message.content)

    await pool(rows, concurrency, call)


CLIENTS = {
    "aiohttp": with_aiohttp,
    "pyreqwest": with_pyreqwest,
    "httpx": with_httpx,
    "openai": with_openai,
    "litellm": with_litellm,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("client", choices=CLIENTS)
    parser.add_argument("cases", type=Path)
    parser.add_argument("concurrency", type=int)
    parser.add_argument("base")
    given = parser.parse_args()
    lines = given.cases.read_text(encoding="utf-8").splitlines()
    asyncio.run(CLIENTS[given.client]([json.loads(line) for line in lines], given.concurrency, given.base))
