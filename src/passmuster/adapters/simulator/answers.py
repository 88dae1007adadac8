"""Where a simulated model's answers come from: recordings, a rule over the reference, or one fixed text."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from passmuster.adapters.simulator.chance import chance
from passmuster.adapters.simulator.profiles import RuleAnswers
from passmuster.adapters.simulator.spoil import Pool, invented, spoilt
from passmuster.records.case import Conversation
from passmuster.records.digest import canonical, digest
from passmuster.records.record import Json, Record

REFUSAL = "I'm sorry, but I can't help with that."
PROSE = "Sure! Here is what I found:\n\n{answer}\n\nLet me know if you need anything else."


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedReply(Record):
    """A reply as it was recorded, or made up: times in seconds, tokens as counted then; None is unknown."""

    text: str
    seconds: float | None = None
    first_token: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    confidence: float | None = None
    finish_reason: str = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Record):
    """What a model is asked: `digest` is of the conversation, `turn` counts its earlier answers to it from 0.

    `attempt` counts from 1 how often this turn has been asked, `again` how often this very attempt was made before:
    times are drawn anew for each, answers are not.
    """

    model: str
    seed: int
    digest: str
    turn: int
    conversation: Conversation
    attempt: int = 1
    again: int = 0


class AnswerSource(Protocol):
    """Knows a model's answers."""

    def answer(self, question: Question) -> RecordedReply | None:
        """Return the answer, always the same to an equal question; None where there is none."""


class Recorded:
    """Recorded replies by digest of the conversation: several to one are served in order, again and again."""

    def __init__(self, replies: Mapping[str, Sequence[RecordedReply]]) -> None:
        self._replies = replies

    def answer(self, question: Question) -> RecordedReply | None:
        """Return the reply of this turn."""
        replies = self._replies.get(question.digest)
        return replies[question.turn % len(replies)] if replies else None


class Constant:
    """One text to everything."""

    def __init__(self, text: str) -> None:
        self._reply = RecordedReply(text=text)

    def answer(self, question: Question) -> RecordedReply | None:  # noqa: ARG002 - the port gives it
        """Return the text."""
        return self._reply


class Rule:
    """References by digest of the conversation, spoilt by a profile; equal questions get equal answers."""

    def __init__(self, references: Mapping[str, Json], profile: RuleAnswers) -> None:
        self._references = references
        self._profile = profile
        self._pool = Pool(references.values())

    def answer(self, question: Question) -> RecordedReply | None:
        """Return the reference of this conversation as this model would answer it, in JSON or as plain text."""
        if question.digest not in self._references:
            return None
        profile, key = self._profile, (question.seed, question.model, question.digest)
        reference = self._references[question.digest]
        if chance(*key, "refusal") < profile.refusal:
            return RecordedReply(text=REFUSAL, confidence=self._confidence(key, right=False))
        answer = self._spoil(reference, question, key)
        text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        right = canonical(answer) == canonical(reference)
        if chance(*key, "malformed") < profile.malformed:
            text = _misshapen(text, chance(*key, "how malformed"))
        return RecordedReply(text=text, confidence=self._confidence(key, right=right))

    def _spoil(self, reference: Json, question: Question, key: tuple[object, ...]) -> Json:
        profile, right = self._profile, self._right(question.conversation)
        if not isinstance(reference, Mapping):
            wrong = chance(*key, "field", "") >= right
            return spoilt(reference, self._pool.of(""), *key) if wrong else reference
        answer = dict(reference)
        for name, value in reference.items():
            if name == profile.citation:
                if chance(*key, "citation") < profile.invented_citation:
                    answer[name] = invented(value, prompt_text(question.conversation), *key)
            elif chance(*key, "field", name) >= right:
                answer[name] = spoilt(value, self._pool.of(name), *key, name)
        return answer

    def _right(self, conversation: Conversation) -> float:
        """Return the chance of a field to be right, with what the prompt adds to it."""
        profile = self._profile
        text = prompt_text(conversation) if profile.lifts else ""
        lift = sum(more for part, more in profile.lifts.items() if part in text)
        if profile.shots and any(message.role == "assistant" for message in conversation.messages):
            lift += profile.shots
        return min(1.0, max(0.0, profile.right + lift))

    def _confidence(self, key: tuple[object, ...], *, right: bool) -> float | None:
        stated = self._profile.confidence
        if stated is None:
            return None
        mean = stated.right if right else stated.wrong
        return min(0.999, max(0.001, mean + stated.spread * (2 * chance(*key, "confidence") - 1)))


def prompt_digest(conversation: Conversation) -> str:
    """Return the digest under which recordings and references are kept: of what reaches the endpoint.

    It equals `records.digest` of a rendered conversation of plain text; retrieved context has been rendered
    into the messages by then and does not count.
    """
    return digest(
        Conversation(messages=conversation.messages, system=conversation.system, tools=conversation.tools)
    )


def prompt_text(conversation: Conversation) -> str:
    """Return all text of a conversation, for looking things up in it."""
    texts = [conversation.system or ""]
    for message in conversation.messages:
        parts = message.content if isinstance(message.content, tuple) else ()
        texts.append(message.content if isinstance(message.content, str) else "")
        texts.extend(getattr(part, "text", "") for part in parts)
    return "\n".join(texts)


def _misshapen(text: str, drawn: float) -> str:
    if drawn < 0.5:
        return text[: max(1, int(len(text) * (0.3 + drawn)))]
    fence = re.match(r"[\[{]", text)
    return PROSE.format(answer=f"```json\n{text}\n```" if fence else text)
