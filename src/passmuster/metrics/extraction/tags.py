"""Entities out of tags, one tag a token: BIO and its relatives."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from passmuster.metrics.extraction.mentions import Mention

Scheme: TypeAlias = Literal["conll", "strict"]

OUTSIDE = "O"


def entities(tags: Sequence[str], scheme: Scheme = "conll") -> list[Mention]:
    """Return the entities that tags mark, as spans of tokens.

    `conll` reads what the scorer of CoNLL-2000 and seqeval's default read: an I- that follows no B- or I- of its type
    begins an entity itself; E- and S- of BIOES end one. `strict` is IOB2 as seqeval's strict mode reads it: an
    entity begins with B- only, and what follows without one is none. A tag is `O`, or a letter and a type.

    Example:
        >>> [(e.label, e.start, e.end) for e in entities(["I-per", "I-per", "O", "B-loc"])]
        [('per', 0, 2), ('loc', 3, 4)]
        >>> [(e.label, e.start, e.end) for e in entities(["I-per", "I-per", "O", "B-loc"], "strict")]
        [('loc', 3, 4)]
    """
    found = []
    start, before = None, (OUTSIDE, "")
    for place, tag in enumerate((*tags, OUTSIDE)):
        now = _split(tag)
        if start is not None and _ends(before, now):
            found.append(Mention(label=before[1], start=start, end=place))
            start = None
        if _begins(before, now, scheme):
            start = place
        before = now
    return found


def is_tag(text: object) -> bool:
    """Return whether something is a tag: `O`, or one of B, I, E, S, L, U with a type.

    Example:
        >>> is_tag("B-person"), is_tag("person")
        (True, False)
    """
    return isinstance(text, str) and (text == OUTSIDE or (text[:1] in set("BIESLU") and text[1:2] == "-"))


def _split(tag: str) -> tuple[str, str]:
    """Return prefix and type; L- and U- of BILOU are E- and S- of BIOES."""
    prefix, _, label = tag.partition("-")
    if prefix == OUTSIDE:
        return OUTSIDE, ""
    return {"L": "E", "U": "S"}.get(prefix, prefix), label


def _ends(before: tuple[str, str], now: tuple[str, str]) -> bool:
    """Return whether an entity that runs ends before this tag."""
    return before[0] in {"E", "S"} or now[0] in {"B", "S", OUTSIDE} or before[1] != now[1]


def _begins(before: tuple[str, str], now: tuple[str, str], scheme: Scheme) -> bool:
    """Return whether an entity begins with this tag."""
    if now[0] == OUTSIDE or scheme == "strict":
        return now[0] == "B"
    return now[0] in {"B", "S"} or before[0] in {"E", "S", OUTSIDE} or before[1] != now[1]
