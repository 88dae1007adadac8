"""200 real conversations with tools say the same in whichever format they were logged."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.adapters.ingest.formats.reading import conversation, record
from tests.unit.adapters.ingest.formats.samples import request, span

from passmuster.adapters.ingest.formats.langfuse import LANGFUSE
from passmuster.adapters.ingest.formats.litellm import LITELLM
from passmuster.adapters.ingest.formats.openai_batch import OPENAI_BATCH
from passmuster.adapters.ingest.formats.openai_chat import OPENAI_CHAT
from passmuster.adapters.ingest.formats.otlp import OTLP
from passmuster.adapters.ingest.formats.phoenix import PHOENIX
from passmuster.adapters.ingest.traffic import read_traffic_file, write_traffic_file
from passmuster.records.case import Conversation
from passmuster.records.traffic import TrafficRecord

pytestmark = pytest.mark.data


@pytest.fixture
def talks(data_folder: Path) -> list[dict[str, Any]]:
    path = data_folder / "repeats_tau_bench" / "gpt4o_airline_4trials.jsonl.gz"
    with gzip.open(path, "rt") as lines:
        return [json.loads(line) for line in lines]


def _gen_ai(message: dict[str, Any]) -> dict[str, Any]:
    """Return a chat message as the GenAI conventions write it."""
    if message["role"] == "tool":
        part = {
            "type": "tool_call_response",
            "id": message.get("tool_call_id"),
            "result": message.get("content"),
        }
        return {"role": "tool", "parts": [part]}
    parts: list[dict[str, Any]] = []
    if message.get("content"):
        parts.append({"type": "text", "content": message["content"]})
    for call in message.get("tool_calls") or ():
        function = call["function"]
        parts.append({"type": "tool_call", "id": call["id"], **function})
    return {"role": message["role"], "parts": parts}


def _openinference(messages: list[dict[str, Any]]) -> dict[str, Any]:
    said: dict[str, Any] = {"openinference.span.kind": "LLM", "llm.model_name": "m"}
    for place, message in enumerate(messages):
        start = f"llm.input_messages.{place}.message"
        said[f"{start}.role"] = message["role"]
        if message.get("content") is not None:
            said[f"{start}.content"] = message["content"]
        if message.get("tool_call_id"):
            said[f"{start}.tool_call_id"] = message["tool_call_id"]
        for number, call in enumerate(message.get("tool_calls") or ()):
            each = f"{start}.tool_calls.{number}.tool_call"
            said[f"{each}.id"] = call["id"]
            said[f"{each}.function.name"] = call["function"]["name"]
            said[f"{each}.function.arguments"] = call["function"]["arguments"]
    return said


def _logged(name: str, messages: list[dict[str, Any]]) -> list[tuple[str, TrafficRecord]]:
    body = {"model": "m", "messages": messages}
    today = {"gen_ai.operation.name": "chat", "gen_ai.input.messages": [_gen_ai(each) for each in messages]}
    flat = _openinference(messages)
    row = {f"attributes.{key}": value for key, value in flat.items()} | {"context.span_id": name}
    times = {"startTime": 1.7e9, "endTime": 1.7e9 + 1}
    observation = {"id": name, "trace_id": "t", "type": "GENERATION", "start_time": "2023-11-14 22:13:20"}
    return [
        ("chat", record(OPENAI_CHAT, {"id": name, **body})),
        ("batch", record(OPENAI_BATCH, {"custom_id": name, "url": "/v1/chat/completions", "body": body})),
        ("genai", record(OTLP, request(span(today, name)))),
        ("openinference", record(OTLP, request(span(flat, name)))),
        ("phoenix", record(PHOENIX, row)),
        ("litellm", record(LITELLM, {"id": name, "call_type": "completion", "messages": messages, **times})),
        ("langfuse", record(LANGFUSE, {**observation, "input": json.dumps(messages)})),
    ]


def test_every_format_gives_the_same_conversation(talks: list[dict[str, Any]]) -> None:
    assert len(talks) == 200
    for number, talk in enumerate(talks):
        found = _logged(f"{number:016x}", talk["traj"])
        first = conversation(found[0][1])
        assert len(first.messages) == len(talk["traj"])
        for name, each in found[1:]:
            assert conversation(each) == first, name


def test_every_call_of_a_tool_is_there_and_answered(talks: list[dict[str, Any]]) -> None:
    for talk in talks:
        found = record(OPENAI_CHAT, {"id": "x", "model": "m", "messages": talk["traj"]})
        messages = conversation(found).messages
        calls = [call.id for message in messages for call in message.tool_calls]
        asking = [place for place, message in enumerate(messages) if message.tool_calls]

        assert len(calls) == talk["n_tool_calls"]
        assert all(messages[place + 1].role == "tool" for place in asking)


def test_they_are_the_same_after_the_file_of_traffic(talks: list[dict[str, Any]], tmp_path: Path) -> None:
    found = [
        record(OPENAI_CHAT, {"id": str(number), "model": "m", "messages": talk["traj"]})
        for number, talk in enumerate(talks)
    ]
    path = tmp_path / "a.jsonl.gz"

    assert write_traffic_file(path, found) == 200
    back = list(read_traffic_file(path))
    assert back == found
    assert all(isinstance(each.input, Conversation) for each in back)
