"""Guided completion: does the name of the source help a candidate to finish its texts?

After Golchin and Surdeanu 2024, "Time travel in LLMs" (arXiv 2308.08493): the first half of a text is given, once
with the name of what it comes from and once without, and ROUGE-L says how near the answer comes to the second half.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from passmuster.corpus.contamination.passages import pieces
from passmuster.corpus.ngrams import words
from passmuster.records.case import Case, Conversation, Message

LEAST_WORDS = 16
"""Words of a text that is cut in two: less than eight say too little of what follows, or of what was answered."""
NEARLY = 0.9
"""ROUGE-L from which an answer is nearly the true second half."""

_ASK = (
    "Here is the first part of a text{source}. Write the second part, word for word as it stands in the original. "
    "Write nothing else.\n\nFirst part:\n{first}\n\nSecond part:\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Halves:
    """The two halves of a case's longest text."""

    case: Case
    first: str
    second: str


def halves(cases: Sequence[Case], limit: int, seed: int = 0) -> list[Halves]:
    """Return the halves of some cases that are long enough, one of each group; the same ones for a seed.

    Example:
        >>> found = halves([Case(id="1", input="one two three four " * 5)], 10)
        >>> len(found[0].first.split()), len(found[0].second.split())
        (10, 10)
    """
    found: dict[str, Halves] = {}
    for case in sorted(cases, key=lambda case: _lot(case, seed)):
        if len(found) == limit:
            break
        text = max(pieces(case.input), key=len, default="")
        if len(words(text)) >= LEAST_WORDS:
            first, second = _cut(text)
            found.setdefault(case.group or f"case {case.id}", Halves(case=case, first=first, second=second))
    return list(found.values())


def completion_case(half: Halves, source: str | None) -> Case:
    """Return the question for the second half, with the name of the source or without."""
    named = "" if source is None else f" from {source}"
    text = _ASK.format(source=named, first=half.first)
    kind = "unnamed" if source is None else "named"
    return Case(
        id=f"completion-{kind}-{half.case.id}",
        input=Conversation(messages=(Message(role="user", content=text),)),
        stratum=half.case.stratum,
        tags=half.case.tags,
    )


def _cut(text: str) -> tuple[str, str]:
    """Cut a text between two words, with as many of them on either side."""
    parts = text.split()
    if len(parts) < 2:  # a script without blanks
        middle = len(text) // 2
        return text[:middle], text[middle:]
    middle = len(parts) // 2
    return " ".join(parts[:middle]), " ".join(parts[middle:])


def _lot(case: Case, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{case.id}".encode("utf-8", "surrogatepass")).hexdigest()
