"""Where personal data stands in a text."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.records.record import Record

PersonalKind: TypeAlias = Literal[
    "mail", "phone", "iban", "card", "ip", "ssn", "key", "person", "place", "other"
]
"""What an identifier is; the last three are found by a model only, never by form."""


LETTERS = r"A-Za-z_\d\u00aa-\u024f\u0370-\u052f"
r"""Inside a character class: what continues a word. Scripts without blanks between words do not, so \w will not do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span(Record):
    """Characters `start` to `end` of a text, the last one not included."""

    start: int
    end: int
    kind: PersonalKind


def apart(spans: Iterable[Span]) -> list[Span]:
    """Return spans of which no two overlap, by place: of two that do, the one named first stays.

    Example:
        >>> apart([Span(start=3, end=9, kind="card"), Span(start=5, end=12, kind="phone")])
        [Span(start=3, end=9, kind='card')]
    """
    starts: list[int] = []
    kept: dict[int, Span] = {}
    for span in spans:
        place = bisect_left(starts, span.end)
        if span.end > span.start and (not place or kept[starts[place - 1]].end <= span.start):
            starts.insert(bisect_left(starts, span.start), span.start)
            kept[span.start] = span
    return [kept[start] for start in starts]
