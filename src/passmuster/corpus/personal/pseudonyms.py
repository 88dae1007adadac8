"""Pseudonyms: the same identifier gets the same one all over a corpus, and nobody finds its way back without the key."""

import hashlib
import hmac
import ipaddress
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeAlias

from passmuster.corpus.personal.find import RESERVED_DOMAIN, PersonalKind, Span, find_personal
from passmuster.records.case import Case, Conversation, Document, Image, Input, Message, Part, Tool, ToolCall
from passmuster.records.record import Json
from passmuster.records.traffic import TrafficRecord

Find: TypeAlias = Callable[[str], Sequence[Span]]
"""Returns where personal data stands in a text, by place and without overlap."""

KEY_BYTES = 32
PAIRS = 6
_LETTERS = "bcdefghjkmnpqrstvwxyz"
ROUNDS = 4
"""How often a text is looked through: what is taken out may have hidden what stood beside it."""


def normal(text: str, kind: PersonalKind) -> str:
    """Return the one form of an identifier that is written in several ways.

    Example:
        >>> normal("DE89 3704 0044 0532 0130 00", "iban"), normal("Jo@Example.com", "mail")
        ('DE89370400440532013000', 'jo@example.com')
    """
    if kind in {"card", "ssn", "phone"}:
        written = text.replace("(0)", "") if text.startswith(("+", "00")) else text
        digits = "".join(str(int(character)) for character in written if character.isdecimal())
        international = kind == "phone" and text.startswith(("+", "00"))
        return f"+{digits.removeprefix('00')}" if international else digits
    if kind == "iban":
        return "".join(character for character in text.upper() if character.isalnum())
    if kind == "ip":
        with suppress(ValueError):
            return ipaddress.ip_address(text).compressed
    return text if kind == "key" else " ".join(text.casefold().split())


class Pseudonyms:
    """Puts pseudonyms for personal data in texts and cases, and counts them.

    A pseudonym is the kind of the identifier and a keyed digest (HMAC-SHA256) of its one form: about 46 bits, so
    among 100,000 identifiers two share one with a chance of about one in 17,000. It is never found again.

    Args:
        key: Secret; whoever holds it can test guesses.
        find: Where personal data stands in a text.

    Example:
        >>> names = Pseudonyms(b"secret")
        >>> names.text("Write to Jo@example.com or jo@example.com")
        'Write to mail-t7s4s6y4w5j7@example.invalid or mail-t7s4s6y4w5j7@example.invalid'
    """

    def __init__(self, key: bytes, find: Find = find_personal) -> None:
        self._key = key
        self._find = find
        self.counts: Counter[PersonalKind] = Counter()
        """How many identifiers were replaced, by kind."""

    def name(self, text: str, kind: PersonalKind) -> str:
        """Return the pseudonym of an identifier."""
        content = f"{kind}\0{normal(text, kind)}".encode("utf-8", "surrogatepass")
        number = int.from_bytes(hmac.digest(self._key, content, hashlib.sha256)[:16])
        own = ""
        for _ in range(PAIRS):
            number, place = divmod(number, 10 * len(_LETTERS))
            own += f"{_LETTERS[place // 10]}{place % 10}"
        return f"{kind}-{own}@{RESERVED_DOMAIN}" if kind == "mail" else f"{kind}-{own}"

    def text(self, text: str, before: str = "") -> str:
        """Return a text with pseudonyms; `before` is what says what it is, such as the name of its field."""
        for _ in range(ROUNDS):
            spans = self._spans(text, before)
            if not spans:
                break
            parts, end = [], 0
            for span in spans:
                parts += [text[end : span.start], self.name(text[span.start : span.end], span.kind)]
                end = span.end
                self.counts[span.kind] += 1
            text = "".join([*parts, text[end:]])
        return text

    def _spans(self, text: str, before: str) -> list[Span]:
        if not before:
            return list(self._find(text))
        lead = len(before) + 2
        return [
            replace(span, start=span.start - lead, end=span.end - lead)
            for span in self._find(f"{before}: {text}")
            if span.start >= lead
        ]

    def value(self, value: Json, before: str = "") -> Json:
        """Return a JSON value with pseudonyms in its texts, its whole numbers and the names of its fields."""
        if isinstance(value, str):
            return self.text(value, before)
        if isinstance(value, Mapping):
            return self._fields(value)
        if isinstance(value, list | tuple):
            return [self.value(item, before) for item in value]
        if isinstance(value, int) and not isinstance(value, bool):
            said = self.text(str(value), before)
            return value if said == str(value) else said
        return value

    def _fields(self, fields: Mapping[str, Json]) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for name, item in fields.items():
            own, turn = self.text(name), 1
            while own in found:  # two ways to write one identifier
                turn += 1
                own = f"{self.text(name)} ({turn})"
            found[own] = self.value(item, name)
        return found

    def input(self, value: Input) -> Input:
        """Return an input with pseudonyms in every text that is not an image's data."""
        if isinstance(value, str):
            return self.text(value)
        if not isinstance(value, Conversation):
            return self._fields(value)
        return Conversation(
            messages=tuple(map(self._message, value.messages)),
            system=self._maybe(value.system),
            tools=tuple(map(self._tool, value.tools)),
            context=tuple(map(self._document, value.context)),
        )

    def case(self, case: Case) -> Case:
        """Return a case with pseudonyms in each of its texts, also in its id, group and tags."""
        return replace(
            case,
            id=self.text(case.id),
            input=self.input(case.input),
            reference=self.value(case.reference),
            stratum=self._maybe(case.stratum),
            group=self._maybe(case.group),
            tags=tuple(map(self.text, case.tags)),
            generator=self._maybe(case.generator),
            parent=self._maybe(case.parent),
            transform=self._maybe(case.transform),
            feedback=self._maybe(case.feedback),
            mode=self._maybe(case.mode),
        )

    def record(self, record: TrafficRecord) -> TrafficRecord:
        """Return a record of traffic with pseudonyms in each of its texts."""
        return replace(
            record,
            id=self.text(record.id),
            input=self.input(record.input),
            output=self._maybe(record.output),
            tool_calls=tuple(map(self._call, record.tool_calls)),
            error=self._maybe(record.error),
            user=self._maybe(record.user),
            session=self._maybe(record.session),
            tags=tuple(map(self.text, record.tags)),
            reference=self.value(record.reference),
            columns=self._fields(record.columns),
        )

    def _maybe(self, text: str | None) -> str | None:
        return None if text is None else self.text(text)

    def _message(self, message: Message) -> Message:
        content = message.content
        return Message(
            role=message.role,
            content=self.text(content) if isinstance(content, str) else tuple(map(self._part, content)),
            tool_calls=tuple(map(self._call, message.tool_calls)),
            tool_call_id=self._maybe(message.tool_call_id),
        )

    def _part(self, part: Part) -> Part:
        if isinstance(part, Image):
            return replace(part, url=self._maybe(part.url))
        return replace(part, text=self.text(part.text))

    def _call(self, call: ToolCall) -> ToolCall:
        """Return a call with pseudonyms; its arguments stay as the model wrote them where there is nothing in them."""
        try:
            value = json.loads(call.arguments)
            told = self.value(value)
        except (ValueError, RecursionError):
            own = self.text(call.arguments)
        else:
            own = call.arguments if told == value else json.dumps(told, ensure_ascii=False)
        return ToolCall(name=self.text(call.name), arguments=own, id=self._maybe(call.id))

    def _tool(self, tool: Tool) -> Tool:
        return Tool(
            name=tool.name,
            description=self._maybe(tool.description),
            parameters=self._fields(tool.parameters),
        )

    def _document(self, document: Document) -> Document:
        return Document(
            text=self.text(document.text), id=self._maybe(document.id), title=self._maybe(document.title)
        )
