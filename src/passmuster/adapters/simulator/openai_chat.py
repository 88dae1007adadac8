"""Chat completions as OpenAI writes them."""

from typing import Literal

from passmuster.adapters.simulator.asked import Asked, JsonObject, Problem, member, named_model, whole_number
from passmuster.adapters.simulator.conversations import chat_conversation
from passmuster.adapters.simulator.surface import Answer, Counted, compact, event, openai_error

DONE = b"data: [DONE]\n\n"


class ChatCompletions:
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

    def error(self, problem: Problem) -> bytes:
        """Return the body of an error."""
        return openai_error(problem)

    def whole(self, answer: Answer) -> bytes:
        """Return a chat completion."""
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": answer.reply.text, "refusal": None},
            "logprobs": _logprobs(answer, answer.tokens),
            "finish_reason": answer.reply.finish_reason,
        }
        body = _head(answer, "chat.completion") | {"choices": [choice]}
        return compact(body if answer.usage is None else body | {"usage": chat_usage(answer.usage)})

    def opening(self, answer: Answer) -> bytes:
        """Return the first chunk: the role, and no text yet."""
        return _chunk(answer, {"role": "assistant", "content": ""}, (), None)

    def piece(self, answer: Answer, token: str) -> bytes:
        """Return the chunk that brings a token."""
        return _chunk(answer, {"content": token}, (token,), None)

    def closing(self, answer: Answer) -> bytes:
        """Return the last chunks: finish reason, usage where it was asked for, and the end."""
        events = _chunk(answer, {}, (), answer.reply.finish_reason)
        if answer.asked.usage_in_stream and answer.usage is not None:
            usage = chat_usage(answer.usage)
            events += event(_head(answer, "chat.completion.chunk") | {"choices": [], "usage": usage})
        return events + DONE


def chat_usage(used: Counted) -> JsonObject:
    """Return the usage of a completion."""
    return {
        "prompt_tokens": used.input,
        "completion_tokens": used.output,
        "total_tokens": used.input + used.output,
        "prompt_tokens_details": {"cached_tokens": used.cached},
        "completion_tokens_details": {"reasoning_tokens": used.reasoning},
    }


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
    if answer.logprob is None:
        return None
    content = [
        {
            "token": token,
            "logprob": answer.logprob,
            "bytes": list(token.encode("utf-8", "replace")),
            "top_logprobs": [],
        }
        for token in tokens
    ]
    return {"content": content, "refusal": None}
