"""One inner call on its way through the proxy: read along while it passes, and noted at its end."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from passmuster.adapters.providers.anthropic.reply import MessageReader
from passmuster.adapters.providers.openai.completions import Continuation
from passmuster.adapters.providers.openai.embeddings import Vector
from passmuster.adapters.providers.openai.reply import DONE, Draft
from passmuster.adapters.providers.openai.responses import ResponseDraft
from passmuster.adapters.providers.wire.call import Call, whole_usage
from passmuster.adapters.providers.wire.errors import Redactor, UnreadableError
from passmuster.adapters.providers.wire.sse import EventParser
from passmuster.adapters.providers.wire.wire import Reader
from passmuster.records.case import Conversation, Message
from passmuster.records.record import Json
from passmuster.records.trial import Attempt, Failure, FailureKind, Outcome, Reply

READERS: Mapping[str, Callable[[], Reader]] = {
    "chat/completions": Draft,
    "completions": Continuation,
    "responses": ResponseDraft,
    "embeddings": Vector,
    "messages": MessageReader,
}
"""What is let through, by its path below `/v1`, with what reads the answer."""
NO_TEXT = frozenset({"url", "data", "image_url", "file_data"})
"""Where images and files stand in what is asked: they are no text, and their characters are no tokens."""
READ_AT_MOST = 32 * 1024 * 1024
"""Bytes of an answer that are read along; a longer one passes, and its tokens are unknown."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a pipeline asks an endpoint."""

    path: str
    body: bytes
    model: str | None
    text: str
    hide_usage: bool

    @classmethod
    def read(cls, path: str, body: bytes, *, ask_usage: bool) -> "Asked":
        """Read the body of a request; one that is no JSON passes as it is.

        With `ask_usage` a stream of chat completions is asked for its tokens where the pipeline did not do so;
        the event that brings them is then kept from it.
        """
        try:
            parsed = json.loads(body)
        except (ValueError, RecursionError):
            parsed = None
        if not isinstance(parsed, dict):
            return cls(path, body, None, "", hide_usage=False)
        model = parsed.get("model")
        hide = ask_usage and path.endswith("completions") and parsed.get("stream") is True
        hide = hide and not parsed.get("stream_options")
        if hide:
            body = json.dumps({**parsed, "stream_options": {"include_usage": True}}).encode("ascii")
        name = model[:200] if isinstance(model, str) and model else None
        given = [
            parsed.get(key) for key in ("system", "instructions", "messages", "input", "prompt", "tools")
        ]
        return cls(path, body, name, "".join(_texts(given)), hide_usage=hide)


class Passage:
    """What is known of a call so far; `take` is given every piece of the answer, and returns what to pass on."""

    def __init__(self, asked: Asked, redact: Redactor, now: Callable[[], float]) -> None:
        self.asked = asked
        self.call = Call(now())
        self.streamed = False
        self._redact = redact
        self._now = now
        self._reader = READERS[asked.path]()
        self._parser = EventParser()
        self._kept: list[bytes] = []
        self._held = 0
        self._problem: UnreadableError | None = None

    def take(self, data: bytes) -> bytes:
        """Read a piece along and return what the pipeline gets of it.

        Raises:
            UnreadableError: for a stream without an end.
        """
        self._held += len(data)
        if not self.streamed:
            if self._held <= READ_AT_MOST:
                self._kept.append(data)
            return data
        if self._held > READ_AT_MOST:
            self._problem = UnreadableError(f"the stream is longer than {READ_AT_MOST} bytes")
            raise self._problem
        events = self._parser.feed(data)
        if not self.asked.hide_usage:
            for event in events:
                self._event(event)
            return data
        return _events(event for event in events if self._event(event))

    def finish(self) -> bytes:
        """Read the end of the answer and return what of it is still to be passed on."""
        if self.streamed:
            shown = _events([event for event in self._parser.finish() if self._event(event)])
            self.call.ended = self.call.ended or self._now()
            return shown if self.asked.hide_usage else b""
        self.call.ended = self._now()
        try:
            if self._held <= READ_AT_MOST:
                self._reader.whole(b"".join(self._kept))
        except UnreadableError as problem:
            self._problem = problem
        return b""

    def attempt(self, failure: Failure | None = None) -> Attempt:
        """Return the account of the call; without a failure of its own the answer itself says how it ended."""
        if self.call.ended is None:
            self.call.ended = self._now()
        outcome = failure or self._outcome()
        usage = self._reader.usage()
        if isinstance(outcome, Reply) and self._held <= READ_AT_MOST:
            sent = Conversation(messages=(Message(role="user", content=self.asked.text),))
            usage = whole_usage(usage, sent, outcome)
        reported = getattr(self._reader, "model", None)
        attempt = self.call.attempt(outcome, usage)
        return replace(attempt, model=self._redact.clean(reported or self.asked.model or "") or None)

    def failure(self, kind: FailureKind, message: str) -> Failure:
        """Return a failure without secrets."""
        return Failure(kind=kind, message=self._redact.short(message) or kind)

    def _outcome(self) -> Outcome:
        try:
            if self._problem is not None:
                raise self._problem
            if self._held > READ_AT_MOST:
                return Reply(text="")
            return self._reader.reply(self._redact.clean)
        except UnreadableError as problem:
            return self.failure(problem.kind, str(problem))

    def _event(self, event: bytes) -> bool:
        """Read an event; return whether the pipeline gets it."""
        if self._problem is None:
            try:
                if self._reader.event(event):
                    self.call.piece(self._now())
            except UnreadableError as problem:
                self._problem = problem
            if self._reader.done and self.call.ended is None:
                self.call.ended = self._now()
        return not (self.asked.hide_usage and _is_usage_alone(event))


def _events(data: Iterable[bytes]) -> bytes:
    """Return events as a stream has them: each line of one stands behind a `data:` of its own."""
    return b"".join(b"data: " + event.replace(b"\n", b"\ndata: ") + b"\n\n" for event in data)


def _is_usage_alone(event: bytes) -> bool:
    if event.strip() == DONE or b'"usage"' not in event:
        return False
    try:
        body = json.loads(event)
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and bool(body.get("usage")) and body.get("choices") == []


def _texts(value: Json) -> list[str]:
    """Return all texts inside JSON data, without recursion: its depth is not ours."""
    found: list[str] = []
    waiting: list[Json] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, list):
            waiting.extend(reversed(item))
        elif isinstance(item, dict):
            waiting.extend(reversed([part for key, part in item.items() if key not in NO_TEXT]))
    return found
