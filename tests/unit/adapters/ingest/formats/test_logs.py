"""Logs of proxies and tracing services: what goes where, and what is refused."""

import pytest
from tests.unit.adapters.ingest.formats.reading import changed, conversation, left_out, record, refusal
from tests.unit.adapters.ingest.formats.samples import (
    ASKED,
    COMPLETION,
    LITELLM_PAYLOAD,
    OBSERVATION,
    PHOENIX_ROW,
    SCORE,
    SPEND_LOG,
)

from passmuster.adapters.ingest.formats.langfuse import LANGFUSE
from passmuster.adapters.ingest.formats.litellm import LITELLM
from passmuster.adapters.ingest.formats.openai_chat import OPENAI_CHAT
from passmuster.adapters.ingest.formats.phoenix import PHOENIX
from passmuster.records.case import Conversation, Message, Tool
from passmuster.records.trial import Usage

BRIEF = Conversation(messages=(Message(role="user", content="Hi"),), system="Be brief.")
USED = Usage(input=10, output=5, cached=4)


class TestLiteLLM:
    def test_the_logging_payload(self) -> None:
        found = record(LITELLM, LITELLM_PAYLOAD)

        assert (found.input, found.output) == (BRIEF, "Hello.")
        assert (found.time, found.seconds, found.first_token) == (1_700_000_000.0, 2.0, 0.5)
        assert (found.usage, found.cost, found.model) == (USED, 0.002, "m-2026")
        assert (found.user, found.session, found.tags) == ("ann", "s1", ("web", "beta"))
        assert (found.feedback, found.columns["metadata.plan"]) == ("down", "pro")
        assert found.columns["model_group"] == "small"

    def test_the_payload_may_be_wrapped(self) -> None:
        assert record(LITELLM, {"standard_logging_object": LITELLM_PAYLOAD}).id == "call-1"

    def test_a_row_of_the_spend_logs(self) -> None:
        found = record(LITELLM, SPEND_LOG)

        assert (found.input, found.output, found.usage) == (BRIEF, "Hello.", USED)
        assert (found.time, found.seconds) == (1_700_000_000.0, 2.0)
        assert found.first_token is None  # nothing was streamed: the answer "began" when the call ended
        assert (found.user, found.session, found.tags) == ("ann", "s1", ("web",))

    def test_keys_and_addresses_do_not_get_into_a_record(self) -> None:
        for value in (LITELLM_PAYLOAD, SPEND_LOG):
            assert not {"secret", "hash-of-a-key", "10.0.0.1"} & set(record(LITELLM, value).columns.values())

    def test_a_failure_has_its_error_and_no_tokens(self) -> None:
        told = {"error_class": "RateLimitError", "error_message": "slow down"}
        failed = changed(
            LITELLM_PAYLOAD,
            status="failure",
            response=None,
            error_information=told,
            prompt_tokens=0,
            completion_tokens=0,
            response_cost=0,
        )
        found = record(LITELLM, failed)

        assert found.error == "RateLimitError: slow down"
        assert (found.output, found.usage, found.cost) == (None, None, None)

    def test_a_cost_of_nothing_is_unknown_unless_the_cache_answered(self) -> None:
        assert record(LITELLM, changed(LITELLM_PAYLOAD, response_cost=0)).cost is None
        assert record(LITELLM, changed(LITELLM_PAYLOAD, response_cost=0, cache_hit=True)).cost == 0

    def test_tools_of_the_request_are_carried(self) -> None:
        tools = [{"type": "function", "function": {"name": "sky", "parameters": {"type": "object"}}}]
        found = record(LITELLM, changed(LITELLM_PAYLOAD, model_parameters={"tools": tools}))

        assert conversation(found).tools == (Tool(name="sky", parameters={"type": "object"}),)

    def test_a_system_prompt_in_parts_stays(self) -> None:
        body = {
            "body": {
                "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]
            }
        }

        found = record(LITELLM, changed(LITELLM_PAYLOAD, messages=ASKED[-1:], proxy_server_request=body))

        assert conversation(found).system == "Be brief."

    def test_system_text_beside_the_messages_is_carried(self) -> None:
        body = {"system": "Be kind.", "messages": [{"role": "user", "content": "Hi"}]}
        found = record(LITELLM, changed(SPEND_LOG, proxy_server_request=body))

        assert conversation(found).system == "Be kind."

    def test_what_was_not_stored_is_refused_with_what_to_do(self) -> None:
        assert "store_prompts_in_spend_logs" in refusal(
            LITELLM, changed(SPEND_LOG, proxy_server_request="{}")
        )

    def test_what_was_redacted_is_refused(self) -> None:
        hidden = [{"role": "user", "content": "redacted-by-litellm"}]

        assert "redact" in refusal(LITELLM, changed(LITELLM_PAYLOAD, messages=hidden))

    def test_embeddings_are_left_out_and_said(self) -> None:
        assert left_out(LITELLM, changed(LITELLM_PAYLOAD, call_type="aembedding")) == [
            "calls of the kind 'aembedding'"
        ]

    def test_a_time_that_is_none_is_named(self) -> None:
        assert refusal(LITELLM, changed(LITELLM_PAYLOAD, startTime="soon")) == "startTime: 'soon' is no time"


class TestLangfuse:
    def test_an_observation(self) -> None:
        found = record(LANGFUSE, OBSERVATION)

        assert (found.id, found.input, found.output) == ("obs-1", BRIEF, "Hello.")
        assert (found.time, found.seconds, found.first_token) == (1_700_000_000.0, 2.0, 0.5)
        assert found.usage == Usage(input=100, output=5, cached=90)
        assert (found.cost, found.model) == (0.002, "m")
        assert (found.user, found.session, found.tags) == ("ann", "s1", ("web",))
        assert found.columns["environment"] == "production"
        assert found.columns["metadata.plan"] == "pro"

    def test_the_names_of_the_api(self) -> None:
        value = {
            "id": "obs-1",
            "traceId": "trace-1",
            "type": "GENERATION",
            "input": ASKED,
            "output": "Hello.",
            "model": "m",
            "usageDetails": {"input": 10, "output": 5, "total": 15},
            "totalCost": 0.002,
            "startTime": "2023-11-14T22:13:20.000Z",
            "endTime": "2023-11-14T22:13:22.000Z",
            "timeToFirstToken": 0.5,
            "level": "ERROR",
            "statusMessage": "cut off",
        }
        found = record(LANGFUSE, value)

        assert (found.input, found.usage) == (BRIEF, Usage(input=10, output=5))
        assert (found.first_token, found.error) == (0.5, "cut off")
        assert [each.id for each in [record(LANGFUSE, {"data": [value], "meta": {}})]] == ["obs-1"]

    def test_a_trace_gives_its_calls_what_it_knows(self) -> None:
        other = changed(SCORE, name="tone", observation_id="obs-9", value=0.1)
        trace = {
            "id": "trace-1",
            "timestamp": "2023-11-14T22:13:20.000Z",
            "userId": "bob",
            "tags": ["app"],
            "observations": [changed(OBSERVATION, user_id=None, tags=None), {"id": "o2", "type": "SPAN"}],
            "scores": [SCORE, other],
        }
        found = record(LANGFUSE, trace)

        assert (found.user, found.tags, found.feedback) == ("bob", ("app",), "up")
        assert found.columns["feedback"] == "user-feedback=1"

    def test_a_trace_without_calls_is_a_record_itself(self) -> None:
        trace = {"id": "t", "timestamp": "2023-11-14T22:13:20Z", "input": {"query": "Hi"}, "output": "Hello."}

        assert record(LANGFUSE, trace).input == "Hi"

    def test_other_observations_are_left_out_and_said(self) -> None:
        assert left_out(LANGFUSE, changed(OBSERVATION, type="SPAN")) == ["observations of the type SPAN"]

    @pytest.mark.parametrize(
        ("score", "word"),
        [
            ({"value": 0}, "down"),
            ({"name": "quality", "value": 0.9}, "score:high"),
            ({"data_type": "BOOLEAN", "value": 1, "name": "accepted"}, "up"),
            ({"data_type": "CATEGORICAL", "value": None, "string_value": "escalated"}, "escalated"),
            ({"data_type": "BOOLEAN", "value": 0, "name": "grounded", "source": "EVAL"}, "score:low"),
            ({"data_type": "CATEGORICAL", "value": None, "string_value": "blue"}, None),
        ],
    )
    def test_scores_are_feedback(self, score: dict[str, object], word: str | None) -> None:
        found = record(LANGFUSE, {**OBSERVATION, "scores": [{**SCORE, **score}]})

        assert found.feedback == word

    def test_a_score_alone_is_refused(self) -> None:
        assert "give the folder" in refusal(LANGFUSE, SCORE)

    def test_an_observation_without_its_input_is_refused(self) -> None:
        assert "does not hold what was asked" in refusal(LANGFUSE, changed(OBSERVATION, input=None))


class TestPhoenix:
    def test_a_row_of_its_table(self) -> None:
        found = record(PHOENIX, PHOENIX_ROW)

        assert conversation(found).messages == (Message(role="user", content="Hi"),)
        assert (found.output, found.model, found.usage) == ("Hello.", "m", Usage(input=10, output=5))
        assert (found.time, found.seconds, found.session) == (1_700_000_000.0, 2.0, "s1")
        assert (found.feedback, found.columns["feedback"]) == ("score:high", "Relevance=1.0")
        assert found.columns["metadata.plan"] == "pro"

    def test_a_span_of_a_console_exporter(self) -> None:
        span = {
            "name": "chat m",
            "context": {"trace_id": "0xCD", "span_id": "0xAB"},
            "start_time": "2023-11-14T22:13:20.000000Z",
            "end_time": "2023-11-14T22:13:22.000000Z",
            "status": {"status_code": "ERROR", "description": "it broke"},
            "attributes": {
                "gen_ai.operation.name": "chat",
                "gen_ai.prompt": "Hi",
                "gen_ai.request.model": "m",
            },
            "events": [],
        }
        found = record(PHOENIX, span)

        assert (found.id, found.columns["trace_id"]) == ("ab", "cd")
        assert (found.input, found.error) == ("Hi", "it broke")

    def test_annotations_of_people_count_before_those_of_machines(self) -> None:
        judged = {"name": "quality", "annotator_kind": "LLM", "result": {"score": 1.0}}
        said = {"name": "user feedback", "annotator_kind": "HUMAN", "result": {"label": "thumbs-down"}}

        assert record(PHOENIX, {**PHOENIX_ROW, "annotations": [judged, said]}).feedback == "down"

    def test_other_spans_are_left_out_and_said(self) -> None:
        assert left_out(PHOENIX, {**PHOENIX_ROW, "span_kind": "CHAIN", "context.span_id": "x"}) == [
            "spans of CHAIN"
        ]


class TestChatLogs:
    def test_a_request_and_its_response(self) -> None:
        value = {
            "id": "r1",
            "request": {"model": "m", "messages": ASKED, "user": "ann"},
            "response": COMPLETION,
            "latency_ms": 2000,
            "session_id": "s1",
            "feedback": {"score": 0, "comment": "wrong"},
            "region": "eu",
        }
        found = record(OPENAI_CHAT, value)

        assert (found.id, found.input, found.output) == ("r1", BRIEF, "Hello.")
        assert (found.usage, found.seconds, found.time) == (USED, 2.0, 1_700_000_000.0)
        assert (found.user, found.session, found.feedback) == ("ann", "s1", "down")
        assert (found.columns["region"], found.columns["finish_reason"]) == ("eu", "stop")

    def test_a_message_of_anthropic(self) -> None:
        asked = {
            "model": "c",
            "system": [{"type": "text", "text": "Be brief."}],
            "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
        }
        said = {
            "id": "msg_1",
            "role": "assistant",
            "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Hello."}],
            "usage": {"input_tokens": 5, "cache_read_input_tokens": 90, "output_tokens": 2},
        }
        found = record(OPENAI_CHAT, {"request": asked, "response": said})

        assert (found.id, found.input, found.output) == ("msg_1", BRIEF, "Hello.")
        assert found.usage == Usage(input=95, output=2, cached=90)

    def test_a_failed_call(self) -> None:
        error = {"type": "invalid_request_error", "message": "too long"}
        found = record(OPENAI_CHAT, {"messages": ASKED, "model": "m", "response": {"error": error}})

        assert (found.output, found.error) == (None, "invalid_request_error: too long")

    def test_messages_that_end_with_the_answer_are_parted(self) -> None:
        said = {"role": "assistant", "content": "Hello."}

        found = record(OPENAI_CHAT, {"messages": [*ASKED, said], "model": "m"})

        assert (found.input, found.output) == (
            record(OPENAI_CHAT, {"messages": ASKED, "model": "m"}).input,
            "Hello.",
        )
        answered = record(OPENAI_CHAT, {"messages": [*ASKED, said], "model": "m", "response": "Bye."})
        assert (conversation(answered).messages[-1].content, answered.output) == ("Hello.", "Bye.")

    def test_a_call_without_a_name_is_named_after_its_content(self) -> None:
        value = {"messages": ASKED, "model": "m"}

        assert record(OPENAI_CHAT, value).id == record(OPENAI_CHAT, dict(value)).id
        assert record(OPENAI_CHAT, {**value, "model": "n"}).id != record(OPENAI_CHAT, value).id

    def test_the_place_of_a_wrong_message_is_named(self) -> None:
        value = {"model": "m", "messages": [*ASKED, {"role": "judge", "content": "x"}]}

        assert refusal(OPENAI_CHAT, value).startswith("body.messages[2].role: 'judge' is no role")
