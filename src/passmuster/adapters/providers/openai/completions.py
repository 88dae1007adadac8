"""What comes back from completions, the surface of models that go on with a text."""

from collections.abc import Callable
from dataclasses import dataclass, field

from passmuster.adapters.providers.openai.logprobs import confidence, read_columns, read_logprobs
from passmuster.adapters.providers.openai.reply import DONE, first_choice, name_of, text_of
from passmuster.adapters.providers.wire.errors import (
    UnreadableError,
    check_finish,
    error_in_answer,
    parse_object,
)
from passmuster.adapters.tokens import read_usage
from passmuster.records.record import Json
from passmuster.records.trial import Reply, TokenLogprob, Usage


@dataclass(slots=True)
class Continuation:
    """A text that is still being written, from the events of a stream or one body: both look alike."""

    text: list[str] = field(default_factory=list)
    logprobs: list[Json] = field(default_factory=list)
    finish_reason: Json = None
    model: Json = None
    fingerprint: Json = None
    reported: Json = None
    begun: bool = False
    done: bool = False
    streamed: bool = False

    def event(self, data: bytes) -> bool:
        """Take an event of a stream; return whether it brought text."""
        self.streamed = True
        if data.strip() == DONE:
            self.done = True
            return False
        return self._take(parse_object(data))

    def whole(self, body: bytes) -> None:
        """Take a whole completion."""
        self._take(parse_object(body))

    def usage(self) -> Usage | None:
        """Return the tokens that were reported, None for none."""
        return read_usage(self.reported)

    def reply(self, clean: Callable[[str], str]) -> Reply:
        """Return what was written, each text through `clean`.

        Raises:
            UnreadableError: where the answer has no choice, a stream was cut off, or the server gave up.
        """
        if not self.begun:
            message = "the answer has no choices"
            raise UnreadableError(message)
        reason = name_of(self.finish_reason, clean)
        if self.streamed and not self.done and reason is None:
            message = "the stream was cut off before its end"
            raise UnreadableError(message)
        check_finish(reason)
        logprobs = self._logprobs(clean)
        return Reply(
            text=clean("".join(self.text)),
            finish_reason=reason,
            confidence=confidence(logprobs),
            logprobs=logprobs,
            model=name_of(self.model, clean),
            fingerprint=name_of(self.fingerprint, clean),
        )

    def _take(self, body: dict[str, Json]) -> bool:
        if body.get("error"):
            raise error_in_answer(body["error"])
        self.model = body.get("model") or self.model
        self.fingerprint = body.get("system_fingerprint") or self.fingerprint
        self.reported = body.get("usage") or self.reported
        choice = first_choice(body.get("choices"))
        if choice is None:
            return False
        if not isinstance(choice.get("text"), str) and not self.streamed:
            message = "the first choice has no text"
            raise UnreadableError(message)
        self.begun = True
        self.finish_reason = choice.get("finish_reason") or self.finish_reason
        if isinstance(choice.get("logprobs"), dict):
            self.logprobs.append(choice["logprobs"])
        text = text_of(choice.get("text"))
        self.text.append(text)
        return bool(text)

    def _logprobs(self, clean: Callable[[str], str]) -> tuple[TokenLogprob, ...] | None:
        # Some servers give the newer form here, too.
        newer = [part["content"] for part in self.logprobs if isinstance(part, dict) and "content" in part]
        if newer:
            lists = [part for part in newer if isinstance(part, list)]
            return read_logprobs([item for part in lists for item in part], clean)
        return read_columns(self.logprobs, clean)
