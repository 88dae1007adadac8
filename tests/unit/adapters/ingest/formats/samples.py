"""A value of each format, written from the fields that its makers document."""

import json
from collections.abc import Sequence
from typing import Any

START, END = 1_700_000_000_000_000_000, 1_700_000_002_000_000_000


def any_value(given: Any) -> dict[str, Any]:
    if isinstance(given, bool):
        return {"boolValue": given}
    if isinstance(given, int):
        return {"intValue": str(given)}
    if isinstance(given, float):
        return {"doubleValue": given}
    if isinstance(given, list):
        return {"arrayValue": {"values": [any_value(each) for each in given]}}
    if isinstance(given, dict):
        return {"kvlistValue": {"values": attributes(given)}}
    return {"stringValue": given}


def attributes(said: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": name, "value": any_value(each)} for name, each in said.items()]


def span(
    said: dict[str, Any],
    name: str = "ab" * 8,
    parent: str = "",
    events: Sequence[tuple[str, dict[str, Any]]] = (),
    **more: Any,
) -> dict[str, Any]:
    return {
        "traceId": "cd" * 16,
        "spanId": name,
        "parentSpanId": parent,
        "name": "chat m",
        "startTimeUnixNano": str(START),
        "endTimeUnixNano": str(END),
        "attributes": attributes(said),
        "events": [{"name": each, "attributes": attributes(inner)} for each, inner in events],
        **more,
    }


def request(*spans: dict[str, Any]) -> dict[str, Any]:
    resource = {"attributes": attributes({"service.name": "shop", "host.name": "h1"})}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": list(spans)}]}]}


TODAY: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "m",
    "gen_ai.response.model": "m-2026",
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.usage.input_tokens": 10,
    "gen_ai.usage.output_tokens": 5,
    "gen_ai.usage.cache_read.input_tokens": 4,
    "gen_ai.response.time_to_first_chunk": 0.5,
    "gen_ai.conversation.id": "s1",
    "user.id": "ann",
    "gen_ai.system_instructions": [{"type": "text", "content": "Be brief."}],
    "gen_ai.input.messages": json.dumps(
        [
            {"role": "user", "parts": [{"type": "text", "content": "Weather in Ulm?"}]},
            {
                "role": "assistant",
                "parts": [{"type": "tool_call", "id": "c1", "name": "sky", "arguments": {"town": "Ulm"}}],
            },
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "result": "rain"}]},
        ]
    ),
    "gen_ai.output.messages": [
        {"role": "assistant", "parts": [{"type": "text", "content": "Rain."}], "finish_reason": "stop"}
    ],
    "gen_ai.tool.definitions": [{"type": "function", "name": "sky", "parameters": {"type": "object"}}],
}
OPENINFERENCE: dict[str, Any] = {
    "openinference.span.kind": "LLM",
    "llm.model_name": "m",
    "llm.token_count.prompt": 10,
    "llm.token_count.completion": 5,
    "llm.cost.total": 0.25,
    "llm.input_messages.0.message.role": "user",
    "llm.input_messages.0.message.contents.0.message_content.type": "text",
    "llm.input_messages.0.message.contents.0.message_content.text": "What is this?",
    "llm.input_messages.0.message.contents.1.message_content.type": "image",
    "llm.input_messages.0.message.contents.1.message_content.image.image.url": "https://example.com/p.png",
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.content": "A cat.",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "zoom",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": "{}",
    "llm.tools.0.tool.json_schema": '{"type": "function", "function": {"name": "zoom", "parameters": {}}}',
    "session.id": "s1",
    "user.id": "ann",
    "metadata": '{"plan": "pro"}',
    "tag.tags": ["photo"],
    "annotations.0.annotation.name": "thumbs",
    "annotations.0.annotation.score": 0,
    "annotations.0.annotation.annotator_kind": "HUMAN",
}
COMPLETION: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_700_000_000,
    "model": "m-2026",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "total_tokens": 15,
        "prompt_tokens_details": {"cached_tokens": 4},
    },
}
ASKED: list[dict[str, Any]] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hi"},
]
LITELLM_PAYLOAD: dict[str, Any] = {
    "id": "call-1",
    "trace_id": "s1",
    "call_type": "acompletion",
    "status": "success",
    "model": "gpt-x",
    "model_group": "small",
    "messages": ASKED,
    "response": COMPLETION,
    "response_cost": 0.002,
    "prompt_tokens": 10,
    "completion_tokens": 5,
    "total_tokens": 15,
    "startTime": 1_700_000_000.0,
    "completionStartTime": 1_700_000_000.5,
    "endTime": 1_700_000_002.0,
    "cache_hit": False,
    "request_tags": ["web", "beta"],
    "end_user": "ann",
    "model_parameters": {"temperature": 0},
    "metadata": {
        "user_api_key_hash": "secret",
        "requester_metadata": {"plan": "pro", "feedback": "thumbs_down"},
    },
}
SPEND_LOG: dict[str, Any] = {
    "request_id": "call-2",
    "call_type": "acompletion",
    "api_key": "hash-of-a-key",
    "spend": 0.002,
    "total_tokens": 15,
    "prompt_tokens": 10,
    "completion_tokens": 5,
    "startTime": "2023-11-14T22:13:20.000Z",
    "endTime": "2023-11-14T22:13:22.000Z",
    "completionStartTime": "2023-11-14T22:13:22.000Z",
    "model": "gpt-x",
    "user": "team-a",
    "end_user": "ann",
    "session_id": "s1",
    "metadata": "{}",
    "cache_hit": "False",
    "request_tags": '["web"]',
    "messages": "{}",
    "response": json.dumps(COMPLETION),
    "proxy_server_request": json.dumps({"model": "small", "messages": ASKED}),
    "requester_ip_address": "10.0.0.1",
}
OBSERVATION: dict[str, Any] = {
    "id": "obs-1",
    "trace_id": "trace-1",
    "type": "GENERATION",
    "name": "answer",
    "environment": "production",
    "input": json.dumps(ASKED),
    "output": '{"role": "assistant", "content": "Hello."}',
    "provided_model_name": "m",
    "usage_details": {"input": 10, "input_cached_tokens": 90, "output": 5, "total": 105},
    "cost_details": {"input": 0.001, "output": 0.001, "total": 0.002},
    "start_time": "2023-11-14 22:13:20.000000",
    "completion_start_time": "2023-11-14 22:13:20.500000",
    "end_time": "2023-11-14 22:13:22.000000",
    "level": "DEFAULT",
    "status_message": None,
    "metadata": {"plan": "pro"},
    "session_id": "s1",
    "user_id": "ann",
    "tags": ["web"],
}
SCORE: dict[str, Any] = {
    "id": "score-1",
    "trace_id": "trace-1",
    "observation_id": None,
    "name": "user-feedback",
    "value": 1,
    "data_type": "NUMERIC",
    "source": "API",
    "timestamp": "2023-11-14 22:14:00.000000",
}
PHOENIX_ROW: dict[str, Any] = {
    "name": "ChatCompletion",
    "span_kind": "LLM",
    "start_time": "2023-11-14T22:13:20+00:00",
    "end_time": "2023-11-14T22:13:22+00:00",
    "status_code": "OK",
    "context.span_id": "ab" * 8,
    "context.trace_id": "cd" * 16,
    "attributes.llm.model_name": "m",
    "attributes.llm.token_count.prompt": 10.0,
    "attributes.llm.token_count.completion": 5.0,
    "attributes.llm.input_messages": [{"message.role": "user", "message.content": "Hi"}],
    "attributes.llm.output_messages": [{"message": {"role": "assistant", "content": "Hello."}}],
    "attributes.session.id": "s1",
    "attributes.metadata": {"plan": "pro"},
    "eval.Relevance.label": "relevant",
    "eval.Relevance.score": 1.0,
}
PROMPTFOO_CONFIG: dict[str, Any] = {
    "prompts": ["Say hello to {{name}}"],
    "providers": ["openai:m"],
    "defaultTest": {"vars": {"tone": "kind"}, "assert": [{"type": "latency", "threshold": 1000}]},
    "tests": [
        {
            "description": "greets",
            "vars": {"name": "Ann"},
            "assert": [{"type": "equals", "value": "Hello {{name}}"}, {"type": "icontains", "value": "ann"}],
            "metadata": {"area": "greeting"},
        }
    ],
}
INSPECT_SAMPLE: dict[str, Any] = {
    "id": 7,
    "epoch": 1,
    "input": [{"role": "user", "content": "2 + 2?", "source": "input"}],
    "target": ["4"],
    "metadata": {"level": "easy"},
    "output": {"model": "m", "choices": []},
    "scores": {"match": {"value": "C", "answer": "4"}},
}
LABEL_STUDIO_TASK: dict[str, Any] = {
    "id": 3,
    "data": {"text": "My parcel never came.", "case_id": "17"},
    "annotations": [
        {
            "id": 1,
            "completed_by": {"id": 5, "email": "ann@example.com"},
            "was_cancelled": False,
            "ground_truth": False,
            "created_at": "2023-11-14T22:13:20.000000Z",
            "result": [
                {
                    "from_name": "label",
                    "to_name": "text",
                    "type": "choices",
                    "value": {"choices": ["delivery"]},
                }
            ],
        },
        {"id": 2, "completed_by": 6, "was_cancelled": True, "result": []},
    ],
    "predictions": [
        {
            "model_version": "m-1",
            "score": 0.8,
            "result": [
                {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["refund"]}}
            ],
        }
    ],
}
ARGILLA_RECORD: dict[str, Any] = {
    "id": "17",
    "status": "completed",
    "fields": {"text": "My parcel never came."},
    "metadata": {"case_id": "17"},
    "suggestions": {"label": {"value": "refund", "score": 0.8, "agent": "m-1"}},
    "responses": {
        "label": [{"value": "delivery", "user_id": "ann"}, {"value": "delivery", "user_id": "bob"}]
    },
    "vectors": {},
}
SAMPLES: list[tuple[str, dict[str, Any]]] = [
    ("otlp", request(span(TODAY))),
    ("otlp", request(span(OPENINFERENCE))),
    ("openinference", PHOENIX_ROW),
    ("litellm", LITELLM_PAYLOAD),
    ("litellm", SPEND_LOG),
    ("langfuse", {**OBSERVATION, "scores": [SCORE]}),
    (
        "langfuse",
        {
            "id": "trace-1",
            "timestamp": "2023-11-14T22:13:20.000Z",
            "userId": "ann",
            "sessionId": "s1",
            "observations": [OBSERVATION, {"id": "obs-2", "type": "SPAN"}],
            "scores": [SCORE],
        },
    ),
    ("label-studio", LABEL_STUDIO_TASK),
    ("argilla", ARGILLA_RECORD),
    ("promptfoo", PROMPTFOO_CONFIG),
    ("promptfoo", {"name": "Ann", "__expected": "contains: Ann", "__metadata:area": "greeting"}),
    ("inspect", INSPECT_SAMPLE),
    ("inspect", {"version": 2, "status": "success", "eval": {"task": "t"}, "samples": [INSPECT_SAMPLE]}),
    (
        "openai-batch",
        {
            "custom_id": "r1",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": "m", "messages": ASKED},
        },
    ),
    ("openai-evals", {"input": ASKED, "ideal": "Hello."}),
    ("openai-evals", {"item": {"ticket": "My monitor is black.", "correct_label": "Hardware"}}),
    ("openai-fine-tune", {"messages": [*ASKED, {"role": "assistant", "content": "Hello."}]}),
    (
        "openai-fine-tune",
        {
            "input": {"messages": ASKED},
            "preferred_output": [{"role": "assistant", "content": "Hello."}],
            "non_preferred_output": [{"role": "assistant", "content": "Go away."}],
        },
    ),
    (
        "openai-chat",
        {
            "model": "m",
            "messages": ASKED,
            "response": COMPLETION,
            "latency_ms": 2000,
            "feedback": "👎",
            "user_id": "ann",
        },
    ),
    ("openai-chat", {**COMPLETION, "messages": ASKED}),
    (
        "openai-chat",
        {
            "object": "response",
            "id": "resp_1",
            "created_at": 1_700_000_000,
            "model": "m",
            "instructions": "Be brief.",
            "input": "Hi",
            "output": [
                {
                    "type": "message",
                    "role": "assistant",
                    "content": [{"type": "output_text", "text": "Hello."}],
                }
            ],
            "usage": {"input_tokens": 10, "output_tokens": 5},
        },
    ),
]
