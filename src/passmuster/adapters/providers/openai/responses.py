"""What comes back from the Responses API, put together into a reply and its usage."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from passmuster.adapters.providers.openai.logprobs import confidence, read_logprobs
from passmuster.adapters.providers.openai.reply import DONE, Called, name_of, text_of
from passmuster.adapters.providers.wire.errors import UnreadableError, error_in_answer, parse_object
from passmuster.adapters.tokens import read_usage
from passmuster.records.case import ToolCall
from passmuster.records.record import Json
from passmuster.records.trial import Reply, Usage

ENDS = frozenset({"response.completed", "response.incomplete", "response.failed", "response.cancelled"})
"""Events that end a stream; each holds the whole response."""
ENDED = frozenset({"completed", "incomplete", None})
"""What the status of a response is that has an answer; some servers give none."""
REASONS = {"max_output_tokens": "length", "max_tokens": "length"}
"""Why a response is incomplete, in the words of chat completions."""


@dataclass(slots=True)
class _Item:
    """An output item that is still being written: a message, or a call of a tool."""

    texts: dict[int, list[str]] = field(default_factory=dict)
    refusal: list[str] = field(default_factory=list)
    logprobs: list[Json] = field(default_factory=list)
    call: Called | None = None

    def take(self, item: dict[str, Json]) -> None:
        """Take the whole item in place of its pieces."""
        kind = item.get("type")
        if kind == "function_call":
            arguments = text_of(item.get("arguments"))
            if self.call is None or arguments:
                name, number = text_of(item.get("name")), item.get("call_id") or item.get("id")
                self.call = Called(name=[name], arguments=[arguments], id=number)
        elif kind == "message" and item.get("content"):
            self.texts.clear()
            self.refusal.clear()
            self.logprobs.clear()
            content = item["content"]
            for place, part in enumerate(content if isinstance(content, list) else [{"text": content}]):
                self._part(place, part)

    def _part(self, place: int, part: Json) -> None:
        if not isinstance(part, dict):
            return
        self.texts[place] = [text_of(part.get("text"))]
        self.refusal.append(text_of(part.get("refusal")))
        logprobs = part.get("logprobs")
        self.logprobs.extend(logprobs if isinstance(logprobs, list) else [])

    def text(self) -> str:
        """Return the text so far, without what was refused."""
        return "".join(piece for place in sorted(self.texts) for piece in self.texts[place])


@dataclass(slots=True)
class ResponseDraft:
    """A reply that is still being written: from the events of a stream, or from one whole response."""

    items: dict[int, _Item] = field(default_factory=dict)
    ended: dict[str, Json] | None = None
    model: Json = None
    reported: Json = None

    @property
    def done(self) -> bool:
        """Whether the response has ended."""
        return self.ended is not None

    def event(self, data: bytes) -> bool:
        """Take an event of a stream; return whether it brought a piece of the answer that is not empty."""
        if data.strip() == DONE:
            return False
        body = parse_object(data)
        kind = body.get("type")
        if kind == "error" or (body.get("error") and "response" not in body):
            raise error_in_answer(body.get("error") or body)
        response = body.get("response")
        if isinstance(response, dict):
            self._said(response)
            if kind in ENDS:
                self._end(response)
            return False
        return self._piece(kind, body)

    def whole(self, body: bytes) -> None:
        """Take a whole response."""
        response = parse_object(body)
        self._said(response)
        self._end(response)
        if not isinstance(response.get("output"), list):
            message = "the answer has no output"
            raise UnreadableError(message)

    def usage(self) -> Usage | None:
        """Return the tokens that were reported, None for none."""
        return read_usage(self.reported)

    def reply(self, clean: Callable[[str], str]) -> Reply:
        """Return what was written, each text through `clean`; a refusal stands in where there is no text.

        Raises:
            UnreadableError: where a stream was cut off.
        """
        if self.ended is None:
            message = "the stream was cut off before its end"
            raise UnreadableError(message)
        items = [self.items[place] for place in sorted(self.items)]
        found = [logprob for item in items for logprob in item.logprobs]
        logprobs = read_logprobs(found, clean) if found else None
        text = "".join(item.text() for item in items) or "".join(_refused(items))
        calls = tuple([item.call.whole(clean) for item in items if item.call is not None])
        return Reply(
            text=clean(text),
            tool_calls=calls,
            finish_reason=self._reason(calls, clean),
            confidence=confidence(logprobs),
            logprobs=logprobs,
            model=name_of(self.model, clean),
        )

    def _said(self, response: dict[str, Json]) -> None:
        self.model = response.get("model") or self.model
        self.reported = response.get("usage") or self.reported

    def _end(self, response: dict[str, Json]) -> None:
        status = response.get("status")
        if response.get("error") or status == "failed":
            raise error_in_answer(response.get("error") or "the response failed, without a reason")
        if isinstance(status, dict | list) or status not in ENDED:
            message = f"the response has not ended: its status is {str(status)[:40]!r}"
            raise UnreadableError(message)
        self.ended = response
        output = response.get("output")
        for place, item in enumerate(output if isinstance(output, list) else []):
            if isinstance(item, dict):
                self._item(place).take(item)

    def _piece(self, kind: Json, body: dict[str, Json]) -> bool:
        place = body.get("output_index")
        item = self._item(place if isinstance(place, int) else 0)
        if kind == "response.output_text.delta":
            text, logprobs = text_of(body.get("delta")), body.get("logprobs")
            part = body.get("content_index")
            item.texts.setdefault(part if isinstance(part, int) else 0, []).append(text)
            item.logprobs.extend(logprobs if isinstance(logprobs, list) else [])
            return bool(text)
        if kind == "response.refusal.delta":
            item.refusal.append(text_of(body.get("delta")))
            return bool(item.refusal[-1])
        if kind == "response.function_call_arguments.delta" and item.call is not None:
            item.call.arguments.append(text_of(body.get("delta")))
            return bool(item.call.arguments[-1])
        if kind in {"response.output_item.added", "response.output_item.done"}:
            return self._listed(item, body.get("item"))
        return False

    def _listed(self, item: _Item, listed: Json) -> bool:
        if not isinstance(listed, dict):
            return False
        begun = item.call is not None
        item.take(listed)
        return item.call is not None and not begun

    def _item(self, place: int) -> _Item:
        return self.items.setdefault(place, _Item())

    def _reason(self, calls: tuple[ToolCall, ...], clean: Callable[[str], str]) -> str:
        ended = self.ended or {}
        if ended.get("status") == "incomplete":
            details = ended.get("incomplete_details")
            reason = name_of(details.get("reason"), clean) if isinstance(details, dict) else None
            return REASONS.get(reason or "", reason or "incomplete")
        return "tool_calls" if calls else "stop"


def _refused(items: Iterable[_Item]) -> Iterable[str]:
    for item in items:
        yield from item.refusal
