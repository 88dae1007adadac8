"""Completions of text, as OpenAI wrote them before chat, and embeddings."""

import base64
import math
import struct
from itertools import accumulate

from passmuster.adapters.simulator.asked import (
    Asked,
    BadRequestError,
    JsonObject,
    member,
    named_model,
    whole_number,
)
from passmuster.adapters.simulator.chance import stream
from passmuster.adapters.simulator.openai_chat import DONE
from passmuster.adapters.simulator.openai_surface import OpenAISurface, completion_usage
from passmuster.adapters.simulator.surface import Answer, compact, event
from passmuster.records.case import Conversation, Message

DIMENSIONS = 256
MOST_DIMENSIONS = 8192
MOST_INPUTS = 2048


class Completions(OpenAISurface):
    """`POST /v1/completions`; the prompt counts as one message of the user."""

    name = "completions"

    def read(self, raw: JsonObject, model: str | None) -> Asked:
        """Return what is asked."""
        prompt = raw.get("prompt")
        if isinstance(prompt, list) and len(prompt) == 1:
            prompt = prompt[0]
        if not isinstance(prompt, str):
            message = "Invalid 'prompt': expected one text."
            raise BadRequestError(message, "prompt")
        return Asked(
            model=named_model(raw, model),
            conversation=Conversation(messages=(Message(role="user", content=prompt),)),
            stream=raw.get("stream") is True,
            usage_in_stream=member(raw, "stream_options").get("include_usage") is True,
            logprobs=isinstance(raw.get("logprobs"), int) and raw.get("logprobs") is not False,
            max_tokens=whole_number(raw, "max_tokens"),
        )

    def whole(self, answer: Answer) -> bytes:
        """Return a completion."""
        body = _head(answer) | {"choices": [_choice(answer, answer.reply.text, answer.tokens, done=True)]}
        return compact(body if answer.usage is None else body | {"usage": completion_usage(answer.usage)})

    def opening(self, answer: Answer) -> bytes:  # noqa: ARG002 - the port gives it
        """Return nothing: a stream of text begins with its first token."""
        return b""

    def piece(self, answer: Answer, token: str, index: int) -> bytes:  # noqa: ARG002 - the port gives it
        """Return the chunk that brings a token."""
        return event(_head(answer) | {"choices": [_choice(answer, token, (token,), done=False)]})

    def closing(self, answer: Answer) -> bytes:
        """Return the last chunks: finish reason, usage where it was asked for, and the end."""
        events = event(_head(answer) | {"choices": [_choice(answer, "", (), done=True)]})
        if answer.asked.usage_in_stream and answer.usage is not None:
            events += event(_head(answer) | {"choices": [], "usage": completion_usage(answer.usage)})
        return events + DONE


class Embeddings(OpenAISurface):
    """`POST /v1/embeddings`: vectors of length 1 that belong to the model and the text, and mean nothing."""

    name = "embeddings"

    def read(self, raw: JsonObject, model: str | None) -> Asked:
        """Return what is asked."""
        given = raw.get("input")
        inputs = [given] if isinstance(given, str) else given
        if not isinstance(inputs, list) or not 0 < len(inputs) <= MOST_INPUTS:
            message = f"Invalid 'input': expected a text, or 1 to {MOST_INPUTS} of them."
            raise BadRequestError(message, "input")
        texts = tuple(text for text in inputs if isinstance(text, str) and text)
        dimensions = whole_number(raw, "dimensions")
        if len(texts) < len(inputs):
            message = "Invalid 'input': every one must be a text that is not empty."
            raise BadRequestError(message, "input")
        if dimensions is not None and dimensions > MOST_DIMENSIONS:
            message = f"Invalid 'dimensions': expected at most {MOST_DIMENSIONS}."
            raise BadRequestError(message, "dimensions")
        return Asked(
            model=named_model(raw, model),
            conversation=Conversation(messages=tuple(Message(role="user", content=text) for text in texts)),
            inputs=texts,
            dimensions=dimensions,
            base64=raw.get("encoding_format") == "base64",
        )

    def whole(self, answer: Answer) -> bytes:
        """Return the vectors."""
        size = answer.asked.dimensions or DIMENSIONS
        data: list[JsonObject] = []
        for index, text in enumerate(answer.asked.inputs):
            vector = embedding(answer.asked.model, text, size)
            told: object = vector
            if answer.asked.base64:
                told = base64.b64encode(struct.pack(f"<{size}f", *vector)).decode("ascii")
            data.append({"object": "embedding", "index": index, "embedding": told})
        body: JsonObject = {"object": "list", "data": data, "model": answer.model}
        if answer.usage is not None:
            body["usage"] = {"prompt_tokens": answer.usage.input, "total_tokens": answer.usage.input}
        return compact(body)

    def opening(self, answer: Answer) -> bytes:
        """Return everything: vectors are not streamed."""
        return self.whole(answer)

    def piece(self, answer: Answer, token: str, index: int) -> bytes:  # noqa: ARG002 - the port gives it
        """Return nothing."""
        return b""

    def closing(self, answer: Answer) -> bytes:  # noqa: ARG002 - the port gives it
        """Return nothing."""
        return b""


def embedding(model: str, text: str, dimensions: int) -> list[float]:
    """Return the vector of a text: always the same, of length 1.

    Example:
        >>> round(sum(value * value for value in embedding("m", "a text", 64)), 9)
        1.0
    """
    drawing = stream(model, text, "embedding")
    values = [drawing.gauss(0.0, 1.0) for _ in range(dimensions)]
    length = math.hypot(*values)
    return [value / length for value in values]


def _head(answer: Answer) -> JsonObject:
    return {
        "id": f"cmpl-{answer.id}",
        "object": "text_completion",
        "created": 0,
        "model": answer.model,
        "system_fingerprint": answer.fingerprint,
    }


def _choice(answer: Answer, text: str, tokens: tuple[str, ...], *, done: bool) -> JsonObject:
    logprobs = None
    if answer.logprob is not None and tokens:
        logprobs = {
            "tokens": tokens,
            "token_logprobs": [answer.logprob] * len(tokens),
            "top_logprobs": None,
            "text_offset": [0, *accumulate(map(len, tokens[:-1]))],
        }
    reason = answer.reply.finish_reason if done else None
    return {"index": 0, "text": text, "logprobs": logprobs, "finish_reason": reason}
