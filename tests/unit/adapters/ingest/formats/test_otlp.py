"""Spans of models' calls become records of traffic, by whichever conventions they were written."""

import json
from typing import Any

import pytest
from tests.unit.adapters.ingest.formats.reading import conversation, left_out, record, refusal
from tests.unit.adapters.ingest.formats.samples import OPENINFERENCE, TODAY, request, span

from passmuster.adapters.ingest.formats.format import MappingError
from passmuster.adapters.ingest.formats.otlp import OTLP
from passmuster.records.case import Document, Image, Message, Text, Tool, ToolCall
from passmuster.records.traffic import TrafficRecord
from passmuster.records.trial import Usage

SLIM = {"gen_ai.system": "openai", "gen_ai.request.model": "m", "gen_ai.usage.prompt_tokens": 10}


def of(said: dict[str, Any], **more: Any) -> TrafficRecord:
    return record(OTLP, request(span(said, **more)))


class TestConventionsOfToday:
    def test_the_conversation_has_system_text_tools_and_their_calls(self) -> None:
        found = conversation(of(TODAY))

        assert found.system == "Be brief."
        assert found.tools == (Tool(name="sky", parameters={"type": "object"}),)
        assert found.messages == (
            Message(role="user", content="Weather in Ulm?"),
            Message(
                role="assistant",
                tool_calls=(ToolCall(name="sky", arguments='{"town": "Ulm"}', id="c1"),),
            ),
            Message(role="tool", content="rain", tool_call_id="c1"),
        )

    def test_the_rest_goes_to_its_fields(self) -> None:
        found = of(TODAY)

        assert (found.id, found.output, found.model) == ("ab" * 8, "Rain.", "m-2026")
        assert (found.time, found.seconds, found.first_token) == (1_700_000_000.0, 2.0, 0.5)
        assert found.usage == Usage(input=10, output=5, cached=4)
        assert (found.user, found.session, found.error) == ("ann", "s1", None)
        assert found.columns["trace_id"] == "cd" * 16
        assert found.columns["service.name"] == "shop"
        assert found.columns["finish_reason"] == "stop"
        assert "host.name" not in found.columns
        assert not any("messages" in name or "usage" in name for name in found.columns)

    @pytest.mark.parametrize("wrap", [lambda value: value, json.dumps])
    def test_content_may_be_a_list_or_its_json(self, wrap: Any) -> None:
        messages = wrap([{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}])

        assert conversation(of({**TODAY, "gen_ai.input.messages": messages})).messages == (
            Message(role="user", content="Hi"),
        )

    def test_content_may_stand_in_an_event(self) -> None:
        slim = {name: value for name, value in TODAY.items() if "messages" not in name}
        content = {name: value for name, value in TODAY.items() if "messages" in name}
        event = ("gen_ai.client.inference.operation.details", content)

        assert of(slim, events=[event]).output == "Rain."

    def test_an_image_is_carried_and_a_sound_is_refused(self) -> None:
        parts = [
            {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "aGk="},
            {"type": "uri", "modality": "image", "uri": "https://example.com/p.png"},
        ]
        found = conversation(of({**TODAY, "gen_ai.input.messages": [{"role": "user", "parts": parts}]}))
        sound = [{"type": "blob", "modality": "audio", "mime_type": "audio/wav", "content": "aGk="}]

        assert found.messages[0].content == (
            Image(data="aGk=", media_type="image/png"),
            Image(url="https://example.com/p.png"),
        )
        heard = {**TODAY, "gen_ai.input.messages": [{"role": "user", "parts": sound}]}
        assert refusal(OTLP, request(span(heard))) == (
            f"span {'ab' * 8}.attributes.gen_ai.input.messages[0].parts[0]: "
            "a part of the kind 'blob' cannot be held by a case"
        )

    def test_thoughts_are_left_out_and_said(self) -> None:
        parts = [{"type": "reasoning", "content": "hm"}, {"type": "text", "content": "Rain."}]
        said = {**TODAY, "gen_ai.output.messages": [{"role": "assistant", "parts": parts}]}

        assert of(said).output == "Rain."
        assert left_out(OTLP, request(span(said))) == ["reasoning"]


class TestConventionsOfBefore:
    def test_messages_in_events(self) -> None:
        call = [{"id": "c1", "type": "function", "function": {"name": "sky", "arguments": "{}"}}]
        events = [
            ("gen_ai.system.message", {"content": "Be brief."}),
            ("gen_ai.user.message", {"content": "Weather?"}),
            ("gen_ai.assistant.message", {"tool_calls": json.dumps(call)}),
            ("gen_ai.tool.message", {"content": "rain", "id": "c1"}),
            ("gen_ai.choice", {"index": 0, "finish_reason": "stop", "message": '{"content": "Rain."}'}),
        ]
        found = of(SLIM, events=events)

        assert conversation(found).system == "Be brief."
        assert conversation(found).messages[1].tool_calls == (ToolCall(name="sky", arguments="{}", id="c1"),)
        assert conversation(found).messages[2] == Message(role="tool", content="rain", tool_call_id="c1")
        assert (found.output, found.usage) == ("Rain.", Usage(input=10))

    def test_messages_in_flat_attributes(self) -> None:
        said = {
            **SLIM,
            "llm.request.type": "chat",
            "gen_ai.prompt.0.role": "system",
            "gen_ai.prompt.0.content": "Be brief.",
            "gen_ai.prompt.1.role": "user",
            "gen_ai.prompt.1.content": '[{"type": "text", "text": "Hi"}]',
            "gen_ai.prompt.10.role": "user",
            "gen_ai.prompt.10.content": "Are you there?",
            "gen_ai.completion.0.role": "assistant",
            "gen_ai.completion.0.content": "Hello.",
            "llm.request.functions.0.name": "sky",
            "llm.request.functions.0.parameters": '{"type": "object"}',
        }
        found = of(said)

        assert conversation(found).system == "Be brief."
        assert [each.content for each in conversation(found).messages] == ["Hi", "Are you there?"]
        assert conversation(found).tools == (Tool(name="sky", parameters={"type": "object"}),)
        assert found.output == "Hello."

    def test_one_prompt_as_text_stays_text(self) -> None:
        found = of({**SLIM, "gen_ai.prompt": "Say {hello}", "gen_ai.completion": "hello"})

        assert (found.input, found.output) == ("Say {hello}", "hello")

    def test_content_of_the_vercel_sdk(self) -> None:
        call = {"type": "tool-call", "toolCallId": "c1", "toolName": "sky", "input": {"town": "Ulm"}}
        result = {"type": "tool-result", "toolCallId": "c1", "toolName": "sky", "output": {"sky": "rain"}}
        messages = [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
            {"role": "assistant", "content": [call]},
            {"role": "tool", "content": [result]},
        ]
        said = {**SLIM, "ai.prompt.messages": json.dumps(messages), "ai.response.text": "Rain."}
        found = of(said)

        assert conversation(found).messages[1:] == (
            Message(
                role="assistant",
                tool_calls=(ToolCall(name="sky", arguments='{"town": "Ulm"}', id="c1"),),
            ),
            Message(role="tool", content='{"sky": "rain"}', tool_call_id="c1"),
        )
        assert (conversation(found).system, found.output) == ("Be brief.", "Rain.")

    def test_content_in_the_events_of_even_earlier(self) -> None:
        events = [
            ("gen_ai.content.prompt", {"gen_ai.prompt": '[{"role": "user", "content": "Hi"}]'}),
            (
                "gen_ai.content.completion",
                {"gen_ai.completion": '[{"role": "assistant", "content": "Hello."}]'},
            ),
        ]

        assert of(SLIM, events=events).output == "Hello."


class TestOpenInference:
    def test_flat_names_make_a_conversation(self) -> None:
        found = of(OPENINFERENCE)

        assert conversation(found).messages == (
            Message(
                role="user",
                content=(Text(text="What is this?"), Image(url="https://example.com/p.png")),
            ),
        )
        assert conversation(found).tools == (Tool(name="zoom"),)
        assert (found.output, found.tool_calls) == ("A cat.", (ToolCall(name="zoom", arguments="{}"),))

    def test_cost_tags_metadata_and_feedback_go_to_their_fields(self) -> None:
        found = of(OPENINFERENCE)

        assert (found.cost, found.tags, found.columns["metadata.plan"]) == (0.25, ("photo",), "pro")
        assert (found.feedback, found.columns["feedback"]) == ("down", "thumbs=0")
        assert (found.user, found.session) == ("ann", "s1")

    def test_a_plain_prompt_stays_text(self) -> None:
        said = {"openinference.span.kind": "LLM", "input.value": "{not json", "output.value": "yes"}

        assert (of(said).input, of(said).output) == ("{not json", "yes")

    def test_json_becomes_what_it_says(self) -> None:
        body = {"messages": [{"role": "user", "content": "Hi"}], "model": "m"}
        said = {
            "openinference.span.kind": "LLM",
            "input.value": json.dumps(body),
            "input.mime_type": "application/json",
        }

        assert conversation(of(said)).messages == (Message(role="user", content="Hi"),)

    def test_retrieved_documents_become_context(self) -> None:
        said = {
            **OPENINFERENCE,
            "retrieval.documents.0.document.id": "d1",
            "retrieval.documents.0.document.content": "Cats have tails.",
        }

        assert conversation(of(said)).context == (Document(text="Cats have tails.", id="d1"),)


class TestWhichSpans:
    def test_agents_tools_and_embeddings_yield_nothing(self) -> None:
        others = [
            {"gen_ai.operation.name": "invoke_agent", "gen_ai.request.model": "m"},
            {"openinference.span.kind": "RETRIEVER"},
            {"gen_ai.operation.name": "embeddings", "gen_ai.request.model": "m"},
            {"openinference.span.kind": "RERANKER"},
            {"http.request.method": "POST"},
        ]

        assert list(OTLP.read(request(*(span(said, f"{n}") for n, said in enumerate(others))))) == []

    def test_a_call_seen_twice_is_read_once_the_inner_one(self) -> None:
        outer = span(TODAY, "a1" * 8)
        between = span({"openinference.span.kind": "CHAIN"}, "b1" * 8, parent="a1" * 8)
        inner = span(TODAY, "c1" * 8, parent="b1" * 8)

        assert record(OTLP, request(inner, between, outer)).id == "c1" * 8

    def test_the_outer_one_is_read_where_the_inner_one_has_no_content(self) -> None:
        bare = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"}
        spans = (span(bare, "c1" * 8, parent="a1" * 8), span(TODAY, "a1" * 8))

        assert record(OTLP, request(*spans)).id == "a1" * 8
        assert "does not hold what was asked" in refusal(OTLP, request(spans[0]))

    def test_spans_that_are_their_own_ancestors_end(self) -> None:
        one = span(TODAY, "a1" * 8, parent="b1" * 8)
        other = span({"gen_ai.operation.name": "chat"}, "b1" * 8, parent="a1" * 8)

        assert len(list(OTLP.read(request(one, other)))) <= 2

    def test_ids_are_those_of_a_trace_only(self) -> None:
        one, other = span(TODAY), {**span(TODAY), "traceId": "ef" * 16}

        assert len([each for each in OTLP.read(request(one, other)) if isinstance(each, TrafficRecord)]) == 2

    def test_each_span_without_an_id_is_told(self) -> None:
        found = list(OTLP.read(request(span(TODAY, ""), span(TODAY, ""))))
        assert [type(each).__name__ for each in found] == ["MappingError", "MappingError"]

    def test_one_bad_span_does_not_lose_the_others(self) -> None:
        bad = span({**TODAY, "gen_ai.input.messages": "no list"}, "c1" * 8)
        found = list(OTLP.read(request(bad, span(TODAY))))

        assert sorted(type(each).__name__ for each in found) == ["MappingError", "TrafficRecord"]

    def test_an_error_says_what_broke(self) -> None:
        found = of(TODAY, status={"code": 2, "message": "it broke"})

        assert found.error == "it broke"
        assert of({**TODAY, "error.type": "429"}).error == "429"

    def test_evaluations_in_events_are_feedback_of_a_machine(self) -> None:
        said = {"gen_ai.evaluation.name": "relevance", "gen_ai.evaluation.score.value": 0.2}
        found = of(TODAY, events=[("gen_ai.evaluation.result", said)])

        assert (found.feedback, found.columns["feedback"]) == ("score:low", "relevance=0.2")

    def test_logs_are_refused_with_the_reason(self) -> None:
        with pytest.raises(MappingError, match="logs or metrics"):
            list(OTLP.read({"resourceLogs": []}))

    def test_a_span_without_a_name_is_refused(self) -> None:
        assert "no identifier" in refusal(OTLP, request(span(TODAY, "")))
