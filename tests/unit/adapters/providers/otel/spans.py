"""Spans as pipelines send them."""

import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from passmuster.adapters.providers.otel.recorder import SpanFile, SpanReceiver, SpanRecorder
from passmuster.adapters.providers.otel.spans import read_spans
from passmuster.adapters.providers.pipeline.ledger import Account, Ledger
from passmuster.adapters.providers.wire.errors import Redactor
from passmuster.records.trial import Attempt
from passmuster.testing import text_request

KEYS = [
    *(
        "resourceSpans",
        "scopeSpans",
        "spans",
        "traceId",
        "spanId",
        "attributes",
        "key",
        "value",
        "stringValue",
    ),
    *("startTimeUnixNano", "endTimeUnixNano", "events", "status"),
]
START, END = 1_700_000_000_000_000_000, 1_700_000_002_000_000_000
TRACE, SPAN = "ab" * 16, "cd" * 8


def value(given: object) -> dict[str, object]:
    if isinstance(given, bool):
        return {"boolValue": given}
    if isinstance(given, int):
        return {"intValue": str(given)}
    return {"doubleValue": given} if isinstance(given, float) else {"stringValue": given}


def attributes(said: dict[str, Any]) -> list[dict[str, object]]:
    return [{"key": key, "value": value(item)} for key, item in said.items()]


def span(said: dict[str, Any], name: str = SPAN, trace: str = TRACE, **more: object) -> dict[str, object]:
    return {
        "traceId": trace,
        "spanId": name,
        "startTimeUnixNano": str(START),
        "endTimeUnixNano": str(END),
        "attributes": attributes(said),
        **more,
    }


def request(*spans: object) -> dict[str, object]:
    return {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {}, "spans": list(spans)}]}]}


def read(said: dict[str, Any], **more: Any) -> Attempt | None:
    [found] = read_spans(request(span(said, **more)), Redactor([]))
    return found.call


def call(said: dict[str, Any], **more: Any) -> Attempt:
    found = read(said, **more)
    assert found is not None
    return found


NEW = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "m",
    "gen_ai.response.model": "m-2026",
    "gen_ai.usage.input_tokens": 10,
    "gen_ai.usage.output_tokens": 5,
    "gen_ai.usage.cache_read.input_tokens": 4,
    "gen_ai.usage.cache_creation.input_tokens": 3,
    "gen_ai.usage.reasoning.output_tokens": 2,
    "gen_ai.response.time_to_first_chunk": 0.5,
}
OLD = {
    "gen_ai.system": "openai",
    "gen_ai.request.model": "m",
    "gen_ai.usage.prompt_tokens": 10,
    "gen_ai.usage.completion_tokens": 5,
}
OPEN_INFERENCE = {
    "openinference.span.kind": "LLM",
    "llm.model_name": "m",
    "llm.token_count.prompt": 10,
    "llm.token_count.completion": 5,
    "llm.token_count.prompt_details.cache_read": 4,
    "llm.token_count.completion_details.reasoning": 2,
    "llm.cost.total": 0.25,
}


class Binary:
    """Writes OTLP's binary form, so that what reads it is tested against another hand."""

    @staticmethod
    def varint(number: int) -> bytes:
        number &= (1 << 64) - 1
        out = b""
        while number > 0x7F:
            out += bytes([number & 0x7F | 0x80])
            number >>= 7
        return out + bytes([number])

    def field(self, number: int, content: bytes | str | float) -> bytes:
        if isinstance(content, int):
            return self.varint(number << 3) + self.varint(content)
        if isinstance(content, float):
            return self.varint(number << 3 | 1) + struct.pack("<d", content)
        data = content.encode() if isinstance(content, str) else content
        return self.varint(number << 3 | 2) + self.varint(len(data)) + data

    def time(self, number: int, nanoseconds: int) -> bytes:
        return self.varint(number << 3 | 1) + struct.pack("<Q", nanoseconds)

    def attributes(self, number: int, said: dict[str, Any]) -> bytes:
        places = {bool: 2, int: 3, float: 4}
        return b"".join(
            self.field(
                number, self.field(1, key) + self.field(2, self.field(places.get(type(item), 1), item))
            )
            for key, item in said.items()
        )

    def request(self, said: dict[str, Any], trace: str, parent: str) -> bytes:
        event = self.time(1, START + 10**9) + self.field(2, "First Token Stream Event") + self.field(4, 7)
        body = b"".join(
            (
                self.field(1, bytes.fromhex(trace)),
                self.field(2, bytes.fromhex(SPAN)),
                self.field(3, "state"),
                self.field(4, bytes.fromhex(parent)),
                self.field(5, "chat m"),
                self.field(6, 3),
                self.time(7, START),
                self.time(8, END),
                self.attributes(9, said),
                self.field(11, event),
                self.field(15, self.field(2, "it broke") + self.field(3, 2)),
                self.varint(16 << 3 | 5) + b"\0\0\0\0",
            )
        )
        return self.field(1, self.field(1, b"") + self.field(2, self.field(1, b"") + self.field(2, body)))


@asynccontextmanager
async def receiving(settle: float = 30.0, **settings: Any) -> AsyncIterator[SpanReceiver]:
    receiver = SpanReceiver(Ledger(**settings), settle=settle)
    await receiver.start()
    try:
        yield receiver
    finally:
        await receiver.close()


async def send(url: str, data: bytes, kind: str = "application/json", **headers: str) -> int:
    headers["Content-Type"] = kind
    async with aiohttp.ClientSession() as session, session.post(url, data=data, headers=headers) as answer:
        assert answer.content_type == kind or answer.status >= 400
        return answer.status


def inside(account: Account, said: dict[str, Any], name: str, parent: str) -> dict[str, object]:
    return span(said, name=name, trace=account.trace, parentSpanId=parent)


@asynccontextmanager
async def watching(path: Path, settle: float = 30.0) -> AsyncIterator[SpanFile]:
    recorder = SpanFile(path, Ledger(), settle=settle)
    await recorder.start()
    yield recorder
    await recorder.close()


def append(path: Path, *bodies: object, end: str = "\n") -> None:
    with path.open("a") as file:
        file.write("\n".join(json.dumps(body) for body in bodies) + end)


def told(recorder: SpanRecorder) -> tuple[Account, dict[str, object]]:
    account, _ = recorder.begin(text_request("Hi"))
    return account, request(inside(account, NEW, "02" * 8, account.span))
