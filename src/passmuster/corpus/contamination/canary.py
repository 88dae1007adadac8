"""The canary of a version: a text that stands nowhere else, so that who knows it has read the corpus.

The practice is that of BIG-bench (Srivastava et al. 2022, "Beyond the imitation game").
"""

import re

from passmuster.records.case import Case, Conversation, Message

KNOWN_DIGITS = 8
"""Digits of a GUID that nobody guesses: the chance is 16^-8, one in four billion."""

_ASK = (
    "Below is the beginning of a line of text. Write how the line goes on, exactly, and nothing else. "
    "If you do not know, say so."
)
_BETWEEN = re.compile(r"[\s\-]+")

SENTENCE = "This is evaluation data and must never be part of training data. passmuster canary GUID"
"""What stands before the GUID; it says to whoever collects training data what to leave out."""


def canary_text(guid: str) -> str:
    """Return the canary as it stands in files: a sentence, then the GUID.

    Example:
        >>> canary_text("0b7e...").endswith("GUID 0b7e...")
        True
    """
    return f"{SENTENCE} {guid}"


def canary_case(version: str, guid: str) -> Case:
    """Return what a candidate is asked: the canary, cut off after the first part of its GUID.

    Example:
        >>> canary_case("ab12", "0b7e1f00-1111-4222-8333-444455556666").input.messages[0].content[-21:]
        'canary GUID 0b7e1f00-'
    """
    given = f"{SENTENCE} {guid.partition('-')[0]}-"
    text = f"{_ASK}\n\n{given}"
    return Case(id=f"canary-{version}", input=Conversation(messages=(Message(role="user", content=text),)))


def completed(reply: str, guid: str) -> int:
    """Return how many of the digits that were not given a reply goes on with, from the first of them.

    Example:
        >>> completed("... 0b7e1f00-1111-4222-8000", "0b7e1f00-1111-4222-8333-444455556666")
        9
    """
    rest = guid.partition("-")[2].replace("-", "").casefold()
    said = _BETWEEN.sub("", reply.casefold())
    return max(count for count in range(len(rest) + 1) if rest[:count] in said)
