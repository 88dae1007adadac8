"""The official OpenAI client on every surface that the simulator has of OpenAI and Azure."""

import asyncio
import json
import math
from collections.abc import AsyncIterator
from typing import Final

import openai
import pytest
from openai.types import Batch

from passmuster.adapters.simulator import batches
from passmuster.adapters.simulator.answers import Constant, Recorded, RecordedReply, prompt_digest
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.profiles import ConstantLatency, Faults, Tokens
from passmuster.adapters.simulator.server import Simulator
from passmuster.records.case import Conversation, Message, Tool, ToolCall

TEXT = "the quick brown fox jumps over the lazy dog"
CALL: Final = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"at": "Bern"}'}}
TOOL: Final = {"name": "look", "description": "Looks.", "parameters": {"type": "object"}}
CHAT: Final = "/v1/chat/completions"


class Sure:
    """Knows how sure it is."""

    def answer(self, _: object) -> RecordedReply:
        return RecordedReply(text=TEXT, confidence=0.5)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    models = [
        SimulatedModel(name="m", answers=Sure(), tokens=Tokens(reasoning=3, cached=1)),
        SimulatedModel(name="slow", answers=Constant(TEXT), latency=ConstantLatency(seconds=60.0)),
        SimulatedModel(name="broken", answers=Constant(TEXT), faults=Faults(server_error=1.0)),
        SimulatedModel(name="org/name", answers=Constant(TEXT)),
    ]
    async with Simulator(models, seed=3, api_key="right") as running:
        yield running


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=simulator.base_url, api_key="right", max_retries=0) as made:
        yield made


async def test_responses(client: openai.AsyncOpenAI) -> None:
    response = await client.responses.create(
        model="m", input="Hi", instructions="Be brief.", include=["message.output_text.logprobs"]
    )
    assert (response.output_text, response.status) == (TEXT, "completed")
    assert response.usage is not None
    assert (response.usage.input_tokens, response.usage.output_tokens, response.usage.total_tokens) == (
        3,
        14,
        17,
    )
    assert response.usage.input_tokens_details.cached_tokens == 1
    assert response.usage.output_tokens_details.reasoning_tokens == 3
    (item,) = response.output
    assert item.type == "message"
    (part,) = item.content
    assert part.type == "output_text"
    assert [entry.token for entry in part.logprobs or ()][:2] == ["the ", "quic"]


async def test_responses_streamed(client: openai.AsyncOpenAI) -> None:
    stream = await client.responses.create(model="m", input="Hi", stream=True)
    events = [event async for event in stream]
    assert [event.type for event in events[:5]] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
    ]
    assert [event.type for event in events[-4:]] == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == TEXT
    last = events[-1]
    assert last.type == "response.completed"
    assert last.response.output_text == TEXT
    assert last.response.usage is not None


async def test_the_clients_own_helper_puts_a_stream_of_responses_together(client: openai.AsyncOpenAI) -> None:
    async with client.responses.stream(model="m", input="Hi") as stream:
        response = await stream.get_final_response()
    assert response.output_text == TEXT


async def test_max_tokens_cuts_every_answer_and_says_so(client: openai.AsyncOpenAI) -> None:
    chat = await client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "Hi"}], max_completion_tokens=5
    )
    assert (chat.choices[0].message.content, chat.choices[0].finish_reason) == (TEXT[:8], "length")
    assert chat.usage is not None
    assert chat.usage.completion_tokens == 5, "three of them for thinking"
    text = await client.completions.create(model="org/name", prompt="Hi", max_tokens=2)
    assert (text.choices[0].text, text.choices[0].finish_reason) == (TEXT[:8], "length")
    response = await client.responses.create(model="m", input="Hi", max_output_tokens=4)
    assert (response.output_text, response.status) == (TEXT[:4], "incomplete")
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"
    whole = await client.completions.create(model="m", prompt="Hi", max_tokens=14)
    assert (whole.choices[0].text, whole.choices[0].finish_reason) == (TEXT, "stop")
    with pytest.raises(openai.BadRequestError, match="max_tokens"):
        await client.completions.create(model="m", prompt="Hi", max_tokens=0)


async def test_completions_whole_and_streamed(client: openai.AsyncOpenAI) -> None:
    whole = await client.completions.create(model="m", prompt="Hi", logprobs=1)
    assert whole.choices[0].text == TEXT
    logprobs = whole.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.token_logprobs is not None
    assert logprobs.token_logprobs[0] == pytest.approx(math.log(0.5))
    assert logprobs.text_offset == list(range(0, len(TEXT), 4))
    stream = await client.completions.create(
        model="m", prompt=["Hi"], stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].text for chunk in chunks if chunk.choices) == TEXT
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None


async def test_embeddings_are_unit_vectors_that_belong_to_their_text(
    client: openai.AsyncOpenAI, simulator: Simulator
) -> None:
    found = await client.embeddings.create(model="m", input=["one", "two", "one"], dimensions=64)
    first, second, third = (entry.embedding for entry in found.data)
    assert first == third != second
    assert len(first) == 64
    assert math.hypot(*first) == pytest.approx(1.0, abs=1e-6)
    assert found.usage.prompt_tokens == 3
    plain = await client.embeddings.create(model="m", input="one", dimensions=64, encoding_format="float")
    assert plain.data[0].embedding == pytest.approx(first, abs=1e-7)
    assert len((await client.embeddings.create(model="m", input="one")).data[0].embedding) == 256
    for bad in ("", [], [""], ["a"] * 2049):
        with pytest.raises(openai.BadRequestError):
            await client.embeddings.create(model="m", input=bad)
    assert {served.surface for served in simulator.truth} == {"embeddings"}


async def test_models_one_by_one(client: openai.AsyncOpenAI) -> None:
    assert (await client.models.retrieve("org/name")).id == "org/name"
    with pytest.raises(openai.NotFoundError):
        await client.models.retrieve("none")


async def test_the_azure_client(simulator: Simulator) -> None:
    async with openai.AsyncAzureOpenAI(
        azure_endpoint=simulator.root_url, api_key="right", api_version="2024-10-21", max_retries=0
    ) as azure:
        completion = await azure.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "Hi"}]
        )
        assert completion.choices[0].message.content == TEXT
        assert (await azure.embeddings.create(model="m", input="one")).data
        with pytest.raises(openai.AuthenticationError):
            await azure.with_options(api_key="wrong").embeddings.create(model="m", input="one")
    assert [served.model for served in simulator.truth] == ["m", "m", ""]


async def test_every_surface_reads_the_same_prompt_from_its_own_form(simulator: Simulator) -> None:
    conversation = Conversation(
        system="Be brief.",
        messages=(
            Message(role="user", content="Weather?"),
            Message(
                role="assistant", tool_calls=(ToolCall(name="look", arguments='{"at": "Bern"}', id="c1"),)
            ),
            Message(role="tool", content="rain", tool_call_id="c1"),
        ),
        tools=(Tool(name="look", description="Looks.", parameters={"type": "object"}),),
    )
    answers = Recorded({prompt_digest(conversation): [RecordedReply(text="Rain.")]})
    async with (
        Simulator([SimulatedModel(name="m", answers=answers)]) as running,
        openai.AsyncOpenAI(base_url=running.base_url, api_key="any") as client,
    ):
        await client.chat.completions.create(
            model="m",
            messages=[
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Weather?"},
                {"role": "assistant", "content": None, "tool_calls": [CALL]},  # type: ignore[list-item]  # a plain dict
                {"role": "tool", "tool_call_id": "c1", "content": "rain"},
            ],
            tools=[{"type": "function", "function": TOOL}],  # type: ignore[typeddict-item]  # a plain dict
        )
        await client.responses.create(
            model="m",
            instructions="Be brief.",
            input=[
                {"role": "user", "content": [{"type": "input_text", "text": "Weather?"}]},
                {"type": "function_call", "call_id": "c1", "name": "look", "arguments": '{"at": "Bern"}'},
                {"type": "function_call_output", "call_id": "c1", "output": "rain"},
            ],
            tools=[{"type": "function", "strict": None, **TOOL}],  # type: ignore[list-item]  # a plain dict
        )
    assert [served.status for served in running.truth] == [200, 200]
    assert len({served.digest for served in running.truth}) == 1


def batch_lines(*models: str) -> bytes:
    lines = [
        {
            "custom_id": f"case {number}",
            "method": "POST",
            "url": CHAT,
            "body": {"model": model, "messages": [{"role": "user", "content": f"question {number}"}]},
        }
        for number, model in enumerate(models)
    ]
    return "\n".join(json.dumps(line) for line in lines).encode()


async def completed(client: openai.AsyncOpenAI, batch: Batch) -> Batch:
    async with asyncio.timeout(20):
        while batch.status != "completed":
            await asyncio.sleep(0.01)
            batch = await client.batches.retrieve(batch.id)
    return batch


async def test_a_batch_runs_to_its_end(client: openai.AsyncOpenAI, simulator: Simulator) -> None:
    content = batch_lines("m", "broken", "m", "none")
    upload = await client.files.create(file=("lines.jsonl", content), purpose="batch")
    assert (upload.bytes, upload.status) == (len(content), "processed")
    assert (await client.files.content(upload.id)).content == content
    batch = await client.batches.create(
        input_file_id=upload.id, endpoint=CHAT, completion_window="24h", metadata={"run": "1"}
    )
    batch = await completed(client, batch)
    assert batch.request_counts is not None
    assert (batch.request_counts.total, batch.request_counts.completed, batch.request_counts.failed) == (
        4,
        2,
        2,
    )
    assert batch.output_file_id is not None
    assert batch.error_file_id is not None
    lines = (await client.files.content(batch.output_file_id)).text.splitlines()
    found = {line["custom_id"]: line["response"] for line in map(json.loads, lines)}
    assert set(found) == {"case 0", "case 2"}
    assert found["case 0"]["status_code"] == 200
    assert found["case 0"]["body"]["choices"][0]["message"]["content"] == TEXT
    errors = (await client.files.content(batch.error_file_id)).text.splitlines()
    statuses = {line["custom_id"]: line["response"]["status_code"] for line in map(json.loads, errors)}
    assert statuses == {"case 1": 500, "case 3": 404}
    assert [(served.trial, served.surface) for served in simulator.truth][:2] == [
        ("case 0", "batch chat.completions"),
        ("case 1", "batch chat.completions"),
    ]


async def test_files_and_batches_are_listed_and_a_deleted_file_is_gone(client: openai.AsyncOpenAI) -> None:
    upload = await client.files.create(file=("lines.jsonl", batch_lines("m", "broken")), purpose="batch")
    batch = await client.batches.create(input_file_id=upload.id, endpoint=CHAT, completion_window="24h")
    await completed(client, batch)
    assert [entry.id async for entry in client.batches.list()] == [batch.id]
    assert len([entry.id async for entry in client.files.list()]) == 3
    assert (await client.files.delete(upload.id)).deleted
    with pytest.raises(openai.NotFoundError):
        await client.files.content(upload.id)


async def test_a_batch_takes_its_time_and_can_be_cancelled(client: openai.AsyncOpenAI) -> None:
    upload = await client.files.create(file=("lines.jsonl", batch_lines("m", "slow")), purpose="batch")
    batch = await client.batches.create(input_file_id=upload.id, endpoint=CHAT, completion_window="24h")
    async with asyncio.timeout(20):
        while batch.request_counts is None or batch.request_counts.completed < 1:
            await asyncio.sleep(0.01)
            batch = await client.batches.retrieve(batch.id)
    assert batch.status == "in_progress"
    batch = await client.batches.cancel(batch.id)
    assert batch.status == "cancelled"
    assert batch.output_file_id is not None, "what was done stays"


@pytest.mark.parametrize("end", ["completed", "cancelled"])
async def test_a_batch_whose_answers_find_no_room_ends_and_says_so(
    client: openai.AsyncOpenAI, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = ("m",) if end == "completed" else ("m", "slow")
    content = batch_lines(*models)
    monkeypatch.setattr(batches, "MOST_BYTES", len(content) + 10)
    upload = await client.files.create(file=("lines.jsonl", content), purpose="batch")
    batch = await client.batches.create(input_file_id=upload.id, endpoint=CHAT, completion_window="24h")
    async with asyncio.timeout(20):
        while batch.request_counts is None or batch.request_counts.completed < 1:
            await asyncio.sleep(0.01)
            batch = await client.batches.retrieve(batch.id)
    if end == "cancelled":
        batch = await client.batches.cancel(batch.id)

    assert batch.status == "failed"
    assert batch.errors is not None
    assert "All files together" in str((batch.errors.data or [])[0].message)


async def test_a_batch_of_something_else_fails_and_says_which_line(client: openai.AsyncOpenAI) -> None:
    content = batch_lines("m") + b"\n{\n" + b'{"custom_id": "a", "method": "GET", "url": "/", "body": {}}'
    upload = await client.files.create(file=("lines.jsonl", content), purpose="batch")
    batch = await client.batches.create(input_file_id=upload.id, endpoint=CHAT, completion_window="24h")
    assert batch.status == "failed"
    assert batch.errors is not None
    assert [error.line for error in batch.errors.data or ()] == [2, 3]
    with pytest.raises(openai.NotFoundError):
        await client.batches.retrieve("none")
    with pytest.raises(openai.NotFoundError):
        await client.batches.create(input_file_id="none", endpoint=CHAT, completion_window="24h")
    with pytest.raises(openai.BadRequestError, match="endpoint"):
        await client.batches.create(
            input_file_id=upload.id,
            endpoint="/v1/none",  # type: ignore[arg-type]  # wrong on purpose
            completion_window="24h",
        )


async def test_files_and_batches_ask_for_the_key(client: openai.AsyncOpenAI) -> None:
    for asking in (client.with_options(api_key="wrong").files, client.with_options(api_key="wrong").batches):
        with pytest.raises(openai.AuthenticationError):
            await asking.list()
