"""How a text ends: does it answer, or does it decline, ask, hand over, give up, hedge or break off?

A text is looked at where such things are said: at its first 2,000 characters and its last 400. All patterns run
in time linear in that, whatever the text is.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

from passmuster.metrics.answers import PATTERNS
from passmuster.metrics.endings import words
from passmuster.records.outcomes import EndingKind
from passmuster.records.record import Record

HEAD = 2000
TAIL = 400
FIRST = 4
"""Sentences within which a reply that declines says so."""
SHORT = 400
"""Characters up to which a question back is all that there is."""
CONTENT = 60
"""Characters from which what follows "however" is an answer."""
CODE = re.compile(r"```|<!doctype|<html|</?\w+>|^\s*(?:def|class|import|select)\b", re.MULTILINE)
LISTED = re.compile(r'```|"|^\s*(?:[0-9]+[.)]|[-*])\s', re.MULTILINE)
SENTENCE = re.compile(r"(?<=[.!?:;])\s+|\n+")
BLANKS = re.compile(r"[^\S\n]+")
WRAPPED = re.compile(r"(?<=[a-zI,]) ?\n(?!(?:def|class|import|select)\b)(?=[a-z])")
"""A line that was broken for its length: the sentence goes on in the next one."""
CREATIVE = ('"', "'", "“", "«", "dear ", "subject:", "user:", "once upon")
SAID = 80
"""Characters of the words that are kept as the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending(Record):
    """How a reply ends; `said` is what it was told by, `declines` whether it declines at least in part."""

    kind: EndingKind
    said: str = ""
    declines: bool = False


def read_text(text: str, *, whole: bool = False) -> Ending:
    """Return how a text ends; `whole` says that it is known not to have been cut.

    Example:
        >>> read_text("I'm sorry, but I can't help with that.").kind
        'refusal'
        >>> read_text("Which of the two invoices do you mean?").kind
        'clarification'
        >>> read_text("The total is 12.50 EUR.").kind
        'answer'
    """
    text = text.strip()
    if not text:
        return Ending(kind="empty", said="")
    head = plain(text[:HEAD])
    found = _said(head, len(text))
    if found is not None:
        return found
    if not whole and (cut := broken_off(text)):
        return Ending(kind="truncated", said=cut)
    hedge = _match("HEDGES", head) or _match("HEDGES", plain(text[-TAIL:]))
    return (
        Ending(kind="hedged", said=hedge[:SAID]) if hedge and not _creative(head) else Ending(kind="answer")
    )


def plain(text: str) -> str:
    r"""Return text in lower case, with plain apostrophes, single blanks and whole sentences, without emphasis.

    Example:
        >>> plain("I **can\u2019t**  help\nwith that")
        "i can't help with that"
    """
    text = BLANKS.sub(" ", text.encode("utf-8", "replace").decode("utf-8").replace("*", ""))
    return WRAPPED.sub(" ", text).lower().replace("\u2019", "'").replace("\u2018", "'").strip()


def broken_off(text: str) -> str:
    """Return why a text seems to break off, an empty text where it does not.

    Example:
        >>> broken_off("It was late. " * 9 + "The main reasons are price and"), broken_off("Done.")
        ("ends on 'and'", '')
    """
    tail = text[-TAIL:].rstrip()
    if text.count("```") % 2:
        return "a code fence is open"
    last = tail.split()[-1] if tail.split() else ""
    if last.lower() in words.LAST_WORDS and len(text) > SHORT // 4:
        return f"ends on {last!r}"
    if last[-1:] in (",", "(", "[", "{") and len(text) > SHORT // 4:
        return f"ends on {last[-1]!r}"
    for opening, closing in ("{}", "[]", "()"):
        inside = tail.rpartition(opening)[2] if opening in tail else ""
        if inside and closing not in inside and text.count(opening) > text.count(closing):
            return f"{opening!r} is open"
    return ""


def _said(head: str, length: int) -> Ending | None:
    """Return what the first sentences say; None where they begin an answer."""
    if _creative(head):
        return None
    sentences = [each for each in SENTENCE.split(head) if each][:FIRST]
    start = " ".join(sentences)
    escalated = _match("ESCALATES", start) if length <= 2 * SHORT else ""
    if escalated:
        return Ending(kind="escalation", said=escalated[:SAID], declines=True)
    for number, sentence in enumerate(sentences):
        limit = _match("DECLINES", sentence)
        gave_up = _match("GAVE_UP", sentence)
        if (limit or gave_up) and not _only_persona(sentence, head):
            rest = head[head.find(sentence) :] if number else head
            return _limited(limit, gave_up, rest, length)
    return _without_limit(sentences, head, length)


def _limited(limit: str, gave_up: str, rest: str, length: int) -> Ending:
    """Return the ending of a reply that says what it does not do: does it go on to answer?"""
    said = (gave_up or limit)[:SAID]
    goes_on = _goes_on(rest, length)
    asks = _match("ASKS", rest[: 2 * SHORT])
    if asks and length <= 2 * SHORT and not (goes_on and length > SHORT):
        return Ending(kind="clarification", said=asks[:SAID], declines=True)
    if goes_on:
        return Ending(kind="hedged", said=said, declines=True)
    return Ending(kind="gave_up" if gave_up else "refusal", said=said, declines=True)


def _goes_on(rest: str, length: int) -> bool:
    on_principle = _match("PRINCIPLES", rest[: SHORT // 2])
    place = _place("RELENTS" if on_principle else "CONTINUES", rest)
    if place is None:
        return False
    after = rest[place:]
    if length - len(rest) + len(after) < CONTENT:
        return False
    elsewhere = _match("ELSEWHERE", after[: SHORT // 2])
    return (
        not elsewhere or len(after) > SHORT or bool(CODE.search(after) or _match("RELENTS", after[:CONTENT]))
    )


def _without_limit(sentences: list[str], head: str, length: int) -> Ending | None:
    asks = _match("ASKS", head) if length <= SHORT and not LISTED.search(head) else ""
    if asks:
        return Ending(kind="clarification", said=asks[:SAID])
    if (
        length <= SHORT
        and len(sentences) < FIRST
        and _match("APOLOGISES", head)
        and _match("WENT_WRONG", head)
    ):
        return Ending(kind="apology", said=_match("APOLOGISES", head)[:SAID])
    return None


def _only_persona(sentence: str, head: str) -> bool:
    """Return whether a reply only says that it is no person, and goes on."""
    return (
        bool(_match("PERSONA", sentence)) and len(head) - head.find(sentence) - len(sentence) > CONTENT // 2
    )


def _creative(head: str) -> bool:
    return head.startswith(CREATIVE)


@lru_cache(maxsize=16)
def _pattern(table: str) -> Any:
    parts = [part for each in getattr(words, table).values() for part in each]
    return compiled("|".join(f"(?:{part})" for part in parts))


def compiled(pattern: str) -> Any:
    """Return a compiled RE2 pattern; what compiles it is loaded with the first one.

    Raises:
        ConfigurationError: where RE2 does not take it.
    """
    return import_module(PATTERNS).compile_pattern(pattern)


def _match(table: str, text: str) -> str:
    found = _pattern(table).search(text)
    return str(found.group()) if found else ""


def _place(table: str, text: str) -> int | None:
    found = _pattern(table).search(text)
    return found.start() if found else None
