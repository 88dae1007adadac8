"""What users showed of the answers they got: retries, complaints, escalations."""

import re
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping

from passmuster.corpus.ngrams import words
from passmuster.records.case import Conversation
from passmuster.records.proposal import Reason
from passmuster.records.text import input_text
from passmuster.records.traffic import TrafficRecord

FEEDBACK: Mapping[str, tuple[float, str, str]] = {
    "complained": (5, "complaint", "the user complained"),
    "escalated": (4, "escalation", "it was handed to a person"),
    "down": (3, "feedback", "the user gave it a thumb down"),
    "score:low": (3, "feedback", "the user gave it a low score"),
    "edited": (2, "feedback", "the user edited the answer"),
    "retried": (2, "retry", "the user asked the same again"),
}
"""Feedback that makes a case: how strong, the reason, and in words."""

ALIKE = 0.5
"""The shared part of two sets of words from which the second question repeats the first."""
WITHIN = 1_800.0
"""Seconds between the two, at most."""
_SESSIONS = 2_000
_BACK = 3
"""Sessions that are held to look back on, and questions of each."""
_MOST_WORDS = 400
_FEWEST_WORDS = 3

_COMPLAINTS = re.compile(
    r"\b(?:that'?s|this is|it'?s|you'?re)\W+(?:\w+\W+)?(?:wrong|incorrect|not what i (?:asked|meant|wanted)|useless|no help)\b"
    r"|\byou (?:did not|didn'?t|don'?t|do not) (?:answer|understand|listen|read)\b"
    r"|\b(?:speak|talk) to (?:a |an |your |the )?(?:real )?(?:human|person|manager|supervisor|agent)\b"
    r"|\bi (?:already|just) (?:told|asked|said)\b|\bas i (?:already )?said\b"
    r"|\bdas (?:ist|war) (?:falsch|nicht richtig|nicht (?:das )?was ich)\b|\b(?:einen|mit einem) (?:menschen|mitarbeiter)\b"
    r"|\bce n'est pas (?:ce que|correct|la bonne)\b|\bparler \u00e0 (?:un|une) (?:humain|personne|conseill\w+)\b"
    r"|\b(?:eso|esto) no es (?:lo que|correcto)\b|\bhablar con (?:una persona|un humano|un agente)\b"
    r"|\bnon \u00e8 (?:quello che|corretto)\b|\bn\u00e3o (?:foi|\u00e9) (?:isso|o que)\b|\bdat klopt niet\b"
    r"|\u044d\u0442\u043e \u043d\u0435\u043f\u0440\u0430\u0432\u0438\u043b\u044c\u043d\u043e|\u043d\u0435 \u0442\u043e, \u0447\u0442\u043e \u044f|\u56de\u7b54\u9519\u4e86|\u4e0d\u5bf9|\u8f6c\u4eba\u5de5|\u9055\u3044\u307e\u3059",
    flags=re.IGNORECASE,
)
_READ = 4_000


def shown_by_user(record: TrafficRecord) -> Iterator[Reason]:
    """Yield what a record says of how its user took the answer, and whether the call failed.

    Example:
        >>> [reason.words for reason in shown_by_user(TrafficRecord(id="1", input="x", feedback="escalated"))]
        ['it was handed to a person']
    """
    if record.feedback is not None and record.feedback in FEEDBACK:
        strength, kind, said = FEEDBACK[record.feedback]
        yield Reason(kind=kind, words=said, value=strength)
    if record.error:
        yield Reason(kind="error", words=f"the call failed: {record.error[:80]}", value=1)
    if isinstance(record.input, Conversation):
        turns = [message for message in record.input.messages if message.role == "user"]
        for turn in turns[1:]:
            text = turn.content if isinstance(turn.content, str) else ""
            if hit := _COMPLAINTS.search(text[:_READ]):
                words = " ".join(hit.group().split())
                yield Reason(kind="complaint", words=f"the user says {words!r} of the answer before", value=4)
                break


class AskedAgain:
    """Looks back over the sessions for questions that were asked again in other words.

    The same words again are marked at the import already. It holds the last questions of some thousand sessions.
    """

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, deque[tuple[TrafficRecord, frozenset[str]]]] = OrderedDict()

    def look(self, record: TrafficRecord) -> Iterator[tuple[TrafficRecord, Reason]]:
        """Take in a record, and yield the one before that it repeats, with the shared part of their words in [0, 1].

        Example:
            >>> again = AskedAgain()
            >>> first = TrafficRecord(id="1", input="Where is my new card please?", session="s")
            >>> list(again.look(first))
            []
            >>> second = TrafficRecord(id="2", input="But where is my new card?", session="s")
            >>> [reason.words for _, reason in again.look(second)]
            ['the user asked again in other words (71% of the words are the same)']
        """
        who = record.session or record.user
        if who is None:
            return
        own = frozenset(words(input_text(record.input))[:_MOST_WORDS])
        before = self._sessions.pop(who, None) or deque(maxlen=_BACK)
        for earlier, held in reversed(before):
            shared = _shared(own, held)
            if ALIKE <= shared < 1 and _soon(earlier.time, record.time):
                said = f"the user asked again in other words ({shared:.0%} of the words are the same)"
                yield earlier, Reason(kind="retry", words=said, value=shared)
                break
        before.append((record, own))
        self._sessions[who] = before
        if len(self._sessions) > _SESSIONS:
            self._sessions.popitem(last=False)


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    if min(len(one), len(other)) < _FEWEST_WORDS:
        return 0.0
    both = len(one & other)
    return both / (len(one) + len(other) - both)


def _soon(first: float | None, second: float | None) -> bool:
    return first is None or second is None or abs(second - first) <= WITHIN
