"""What comes back from embeddings: a vector."""

import base64
import json
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace

from passmuster.adapters.providers.openai.reply import name_of
from passmuster.adapters.providers.wire.errors import UnreadableError, error_in_answer, parse_object
from passmuster.adapters.tokens import read_usage
from passmuster.records.record import Json
from passmuster.records.trial import Reply, Usage

FLOAT_BYTES = 4
"""A number in a vector that is sent as base64: 32 bits, the least important byte first."""


@dataclass(slots=True)
class Vector:
    """The first vector of an answer; a reply holds it as JSON text: `[0.1,-0.2]`."""

    numbers: list[float] | None = None
    model: Json = None
    reported: Json = None
    done: bool = False

    def event(self, data: bytes) -> bool:
        """Refuse a stream: there is none here.

        Raises:
            UnreadableError: always.
        """
        message = f"a stream came back where a vector was asked for: {data[:80]!r}"
        raise UnreadableError(message)

    def whole(self, body: bytes) -> None:
        """Take an answer.

        Raises:
            UnreadableError: where it holds no vector, or says that the call failed.
        """
        parsed = parse_object(body)
        if parsed.get("error"):
            raise error_in_answer(parsed["error"])
        self.model = parsed.get("model")
        self.reported = parsed.get("usage")
        data = parsed.get("data")
        first = data[0] if isinstance(data, list) and data else None
        self.numbers = _numbers(first.get("embedding") if isinstance(first, dict) else None)

    def usage(self) -> Usage | None:
        """Return the tokens that were reported; a vector has no output tokens, whatever is reported of them."""
        reported = read_usage(self.reported)
        if self.numbers is None:
            return reported
        return replace(reported or Usage(), output=0, reasoning=None)

    def reply(self, clean: Callable[[str], str]) -> Reply:
        """Return the vector as compact JSON text.

        Raises:
            UnreadableError: where there is none.
        """
        if self.numbers is None:
            message = "the answer is no vector"
            raise UnreadableError(message)
        text = json.dumps(self.numbers, separators=(",", ":"))
        return Reply(text=text, model=name_of(self.model, clean))


def _numbers(value: Json) -> list[float]:
    if isinstance(value, str):
        return _decoded(value)
    if not isinstance(value, list) or not value:
        message = "the answer has no embedding"
        raise UnreadableError(message)
    for number in value:
        if type(number) not in {int, float} or not _is_finite(number):
            message = f"a number of the embedding is {str(number)[:40]!r}"
            raise UnreadableError(message)
    return value


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _decoded(text: str) -> list[float]:
    try:
        raw = base64.b64decode(text, validate=True)
        numbers = list(struct.unpack(f"<{len(raw) // FLOAT_BYTES}f", raw))
    except (ValueError, struct.error) as problem:
        message = f"the embedding is no base64 of 32-bit numbers: {text[:40]!r}"
        raise UnreadableError(message) from problem
    return _numbers(numbers)
