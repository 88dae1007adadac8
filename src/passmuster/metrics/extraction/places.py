"""What can be cited in an input: clauses, pages and documents by their names, spans, and the words themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.metrics.answers import Step, as_text, normalise
from passmuster.metrics.extraction.citation_exists import LONGEST_CITATION
from passmuster.metrics.patterns import WORK, compile_pattern
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case, Conversation
from passmuster.records.record import Json, Record
from passmuster.records.text import input_text

Cites: TypeAlias = Literal["place", "quote", "span"]

LOOSE: tuple[Step, ...] = ("case", "space")
"""What does not count when a quotation is looked for."""


TELLING = 3
"""Words of a quotation that tell a place, however much longer the other one is."""

DEEPEST = 10
"""Levels of places within places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places(Record):
    """The text of a case, and its places by name."""

    text: str
    named: Mapping[str, str]
    loose: str

    def find(self, citation: str, cites: Cites) -> str | None:
        """Return the text of what is cited; None where there is no such place."""
        if cites == "span":
            span = read_span(citation)
            return None if span is None or span[1] > len(self.text) else self.text[span[0] : span[1]]
        if cites == "quote":
            return citation if normalise(citation, LOOSE) in self.loose else None
        return self.named.get(citation)


def places_of(case: Case, cites: Cites, pattern: str | None) -> Places | Unreadable:
    """Return what can be cited in a case: what a pattern names in its group 1, and the documents of the context.

    A named place reaches to the next one that is not below it: clause 4 holds 4.1 and ends before 5.
    """
    text = input_text(case.input, instructions=pattern is not None).encode("utf-8", "replace").decode("utf-8")
    loose = normalise(text, LOOSE) if cites == "quote" else ""
    if cites != "place":
        return Places(text=text, named={}, loose=loose)
    context = case.input.context if isinstance(case.input, Conversation) else ()
    named = {bare(document.id): document.text for document in context if document.id is not None}
    marks = [] if pattern is None else _marks(pattern, text)
    if isinstance(marks, Unreadable):
        return marks
    for name, piece in _pieces(marks, text).items():
        named[name] = f"{named[name]}\n{piece}" if name in named else piece
    return Places(text=text, named=named, loose=loose)


def bare(citation: str) -> str:
    """Return a citation without white space around it and without a final dot.

    Example:
        >>> bare(" 4.2. ")
        '4.2'
    """
    return citation.strip().rstrip(".")


def read_span(citation: str) -> tuple[int, int] | None:
    """Return the span that is written as `start-end`, in characters.

    Example:
        >>> read_span("12-40"), read_span("40-12")
        ((12, 40), None)
    """
    start, _, end = citation.partition("-")
    if not (start.isdecimal() and end.isdecimal()) or len(citation) > LONGEST_CITATION:
        return None
    return (int(start), int(end)) if int(start) < int(end) else None


def cited_texts(value: Json, cites: Cites) -> list[str]:
    """Return the citations that a JSON value holds: one, or each of a list; a span may be two numbers or an object."""
    if cites == "span":
        items = [value] if isinstance(value, Mapping) or _is_pair(value) else value
        items = items if isinstance(items, list | tuple) else [items]
        return [_written(item) for item in items if item is not None]
    items = value if isinstance(value, list | tuple) else [value]
    texts = [
        as_text(item) for item in items if item is not None and not isinstance(item, list | tuple | Mapping)
    ]
    return [text.strip() if cites == "quote" else bare(text) for text in texts]


def one_place(one: str, other: str, cites: Cites) -> bool:
    """Return whether two citations are of one place.

    Names must be equal. Of two quotations one may hold the other, if it is three words or half of it at least: a letter
    stands in any. Of two spans each must cover half of the other.

    Example:
        >>> one_place("due on 5 May", "It is due on 5 May 2026.", "quote"), one_place("on", "It is due on 5 May", "quote")
        (True, False)
    """
    if cites == "place":
        return one == other
    if cites == "quote":
        shorter, longer = sorted((normalise(one, LOOSE), normalise(other, LOOSE)), key=len)
        telling = 2 * len(shorter) >= len(longer) or len(shorter.split()) >= TELLING
        return bool(shorter) and telling and shorter in longer
    spans = read_span(one), read_span(other)
    if spans[0] is None or spans[1] is None:
        return False
    (start, end), (begin, stop) = spans[0], spans[1]
    return 2 * (min(end, stop) - max(start, begin)) >= max(end - start, stop - begin)


def _marks(pattern: str, text: str) -> list[tuple[str, int]] | Unreadable:
    compiled = compile_pattern(pattern)
    most = max(WORK // max(len(text), 1), 1)
    marks = []
    for count, match in enumerate(compiled.finditer(text)):
        if count >= most:
            return Unreadable(reason=f"more than {most} matches of the pattern in {len(text)} characters")
        name = match.group(1) if compiled.groups else match.group()
        if name is not None:
            marks.append((bare(name), match.start()))
    return marks


def _pieces(marks: list[tuple[str, int]], text: str) -> dict[str, str]:
    """Return the text of each place, from its name to the next name that is not below it."""
    pieces: dict[str, str] = {}
    open_places: list[tuple[str, int]] = []
    for name, start in (*marks, ("", len(text))):
        while open_places and not (name and len(open_places) < DEEPEST and _below(name, open_places[-1][0])):
            ended, begin = open_places.pop()
            piece = text[begin:start]
            pieces[ended] = f"{pieces[ended]}\n{piece}" if ended in pieces else piece
        open_places.append((name, start))
    return pieces


def _below(name: str, above: str) -> bool:
    return name.startswith((f"{above}.", f"{above}("))


def _is_pair(value: Json) -> bool:
    return (
        isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(item, int) for item in value)
    )


def _written(item: Json) -> str:
    if isinstance(item, Mapping):
        item = [item.get("start"), item.get("end")]
    return "-".join(map(as_text, item)) if isinstance(item, list | tuple) else as_text(item).strip()
