"""Chat completions as OpenAI writes them."""

from typing import Literal

from passmuster.adapters.simulator.asked import Asked, JsonObject, member, named_model, whole_number
from passmuster.adapters.simulator.conversations import chat_conversation
from passmuster.adapters.simulator.openai_surface import OpenAISurface, completion_usage, token_logprobs
from passmuster.adapters.simulator.surface import Answer, compact, event

DONE = b"data: [DONE]\n\n"


class ChatCompletions(OpenAISurface):
    """`POST /v1/chat/completions`."""

    name = "chat.completions"

    def read(self, raw: JsonObject, model: str | None) -> Asked:
        """Return what is asked."""
        return Asked(
            model=named_model(raw, model),
            conversation=chat_conversation(raw),
            stream=raw.get("stream") is True,
            usage_in_stream=member(raw, "stream_options").get("include_usage") is True,
            logprobs=raw.get("logprobs") is True,
            max_tokens=whole_number(raw, "max_completion_tokens", "max_tokens"),
        )

    def whole(self, answer: Answer) -> bytes:
        """Return a chat completion."""
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": answer.reply.text, "refusal": None},
            "logprobs": _logprobs(answer, answer.tokens),
            "finish_reason": answer.reply.finish_reason,
        }
        body = _head(answer, "chat.completion") | {"choices": [choice]}
        return compact(body if answer.usage is None else body | {"usage": completion_usage(answer.usage)})

    def opening(self, answer: Answer) -> bytes:
        """Return the first chunk: the role, and no text yet."""
        return _chunk(answer, {"role": "assistant", "content": ""}, (), None)

    def piece(self, answer: Answer, token: str, index: int) -> bytes:  # noqa: ARG002 - the port gives it
        """Return the chunk that brings a token."""
        return _chunk(answer, {"content": token}, (token,), None)

    def closing(self, answer: Answer) -> bytes:
        """Return the last chunks: finish reason, usage where it was asked for, and the end."""
        events = _chunk(answer, {}, (), answer.reply.finish_reason)
        if answer.asked.usage_in_stream and answer.usage is not None:
            usage = completion_usage(answer.usage)
            events += event(_head(answer, "chat.completion.chunk") | {"choices": [], "usage": usage})
        return events + DONE


def _chunk(answer: Answer, delta: JsonObject, tokens: tuple[str, ...], finish_reason: str | None) -> bytes:
    choice = {
        "index": 0,
        "delta": delta,
        "logprobs": _logprobs(answer, tokens) if tokens else None,
        "finish_reason": finish_reason,
    }
    return event(_head(answer, "chat.completion.chunk") | {"choices": [choice]})


def _head(answer: Answer, kind: Literal["chat.completion", "chat.completion.chunk"]) -> JsonObject:
    return {
        "id": f"chatcmpl-{answer.id}",
        "object": kind,
        "created": 0,
        "model": answer.model,
        "system_fingerprint": answer.fingerprint,
    }


def _logprobs(answer: Answer, tokens: tuple[str, ...]) -> JsonObject | None:
    content = token_logprobs(answer, tokens)
    return None if content is None else {"content": content, "refusal": None}
