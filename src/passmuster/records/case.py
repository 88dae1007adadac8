"""Cases: one input with what is known about it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.digest import DIGEST_LENGTH, canonical
from passmuster.records.record import Json, Record, made_often

Category: TypeAlias = Literal["typical", "edge", "adversarial", "regression"]
Split: TypeAlias = Literal["train", "eval", "holdout"]
Origin: TypeAlias = Literal["production", "prior_system", "expert", "synthetic"]
Expect: TypeAlias = Literal["answer", "refusal", "escalation", "clarification"]
Role: TypeAlias = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Record):
    """A piece of text in a message."""

    text: str
    type: Literal["text"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(Record):
    """An image in a message: a web address, or base64 data with its media type."""

    url: str | None = None
    data: str | None = None
    media_type: str | None = None
    type: Literal["image"] = "image"


Part: TypeAlias = Text | Image


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall(Record):
    """A tool that a model asked for; `arguments` is the JSON text as the model wrote it."""

    name: str
    arguments: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(Record):
    """A tool that a model may call; `parameters` is a JSON Schema."""

    name: str
    description: str | None = None
    parameters: Mapping[str, Json] = field(default_factory=dict)


@made_often
@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Record):
    """One turn of a conversation."""

    role: Role
    content: str | tuple[Part, ...] = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Record):
    """A piece of retrieved context."""

    text: str
    id: str | None = None
    title: str | None = None


@made_often
@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation(Record):
    """Messages with system text, tools and retrieved context; also what a provider is given."""

    messages: tuple[Message, ...]
    system: str | None = None
    tools: tuple[Tool, ...] = ()
    context: tuple[Document, ...] = ()

    @property
    def images(self) -> tuple[Image, ...]:
        """The images of its messages, in order."""
        parts = [part for each in self.messages if not isinstance(each.content, str) for part in each.content]
        return tuple(part for part in parts if isinstance(part, Image))


Input: TypeAlias = str | Mapping[str, Json] | Conversation
"""Text, named fields, or a conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCheck(Record):
    """What an answer to one case must be: a metric with its options, met from a value on.

    It is met where the value is at least `at_least` and at most `at_most`; where neither is given, where it is 1.
    `negate` turns that round. `reference` is what it compares with, instead of the case's. `name` is how it is
    shown; default: the metric's name.
    """

    metric: str
    options: Mapping[str, Json] = field(default_factory=dict)
    reference: Json = None
    name: str | None = None
    weight: float = 1.0
    at_least: float | None = None
    at_most: float | None = None
    negate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPoint(Record):
    """What an answer must say: in these words, or in any of `others`."""

    text: str
    weight: float = 1.0
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Record):
    """One input with its reference (the gold answer), where it belongs, and where it came from.

    `stratum` is the part of traffic it stands for, `group` the user, session or document it came from:
    cases of one group are never split and are clustered in every interval. Only typical cases whose `origin`
    is `production` estimate production; `generator` names what made a synthetic one. `time` is when it
    was asked, in seconds since the epoch; `weight` how many cases of traffic it stands for. `parent` and
    `transform` name the case that it was made from, and how; `expect` how an answer should end. `feedback` is
    what users showed of the answer they got, in one word; `mode` the failure mode that a regression case guards.
    `checks`, `rubric` (what a judge is told) and `key_points` say what is right for this case alone.
    """

    id: str
    input: Input
    reference: Json = None
    category: Category = "typical"
    stratum: str | None = None
    group: str | None = None
    tags: tuple[str, ...] = ()
    origin: Origin = "production"
    generator: str | None = None
    time: float | None = None
    weight: float | None = None
    parent: str | None = None
    transform: str | None = None
    expect: Expect | None = None
    feedback: str | None = None
    mode: str | None = None
    checks: tuple[CaseCheck, ...] = ()
    rubric: str | None = None
    key_points: tuple[KeyPoint, ...] = ()


def case_digest(case: Case) -> str:
    """Return the digest of what a model is given: the input with its context and tools, nothing else.

    Example:
        >>> case_digest(Case(id="1", input="a")) == case_digest(Case(id="2", input="a", reference="b"))
        True
    """
    # The digest of {"input": ...}, which stores hold since the first version.
    content = b'{"input":' + canonical(case.input) + b"}"
    return hashlib.sha256(content).hexdigest()[:DIGEST_LENGTH]
