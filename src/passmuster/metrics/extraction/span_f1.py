"""How much of the text an answer marks is what the reference marks: `span_f1`."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

from passmuster.metrics.answers import Extract, as_text, read_answer
from passmuster.metrics.extraction.counting import OTHERS, Tallies, listed, unreadable
from passmuster.metrics.extraction.mentions import Keys, Mention, Read, read_mentions
from passmuster.metrics.json_text import find_json
from passmuster.metrics.metric import UNIT, Bounds, Summary, no_reference
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.text import input_text
from passmuster.records.trial import Reply

Unit: TypeAlias = Literal["character", "token", "span"]
Interval: TypeAlias = tuple[int, int]

UNLABELLED = "span"
MOST_SPANS = 5000
"""Spans that are looked for in the input; an answer with more is taken for an attack, and cannot be read."""

TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanF1(Record):
    """F1 of the characters, tokens or whole spans that an answer marks in the input.

    Args:
        unit: What is counted: each `character` or `token` that a span covers, once however often it is marked, or
            the `span` with both its bounds. Tokens are runs of letters and digits, and single other signs.
        keys: What the parts of a span are called in JSON; label and text may be left out.
        extract: Where the spans stand in the reply. None: the reply is JSON, or has it in a ``` fence.

    Example:
        >>> case = Case(id="1", input="Table for two, please", reference=["for two"])
        >>> answer = Reply(text='[{"start": 0, "end": 13}]')
        >>> [round(SpanF1(unit=unit).score(case, answer).value, 3) for unit in ("character", "token", "span")]
        [0.7, 0.8, 0.0]
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "counts"

    name: str = "span_f1"
    unit: Unit = "character"
    keys: Keys = field(default_factory=Keys)
    extract: Extract | None = None

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return F1 in [0, 1] with counts by label, and the spans that are not in the input."""
        if case.reference is None:
            return no_reference(case)
        text = input_text(case.input)
        expected = self._spans(case.reference, text)
        if isinstance(expected, Unreadable) or expected[1]:
            reason = (
                expected.reason if isinstance(expected, Unreadable) else f"not in the input: {expected[1][0]}"
            )
            return ScoreFailure(
                kind="wrong_reference", message=f"the reference of case {case.id!r}: {reason}"
            )
        found = self._answered(reply.text, text)
        if isinstance(found, Unreadable):
            return Score(
                value=0.0, details=unreadable(self._counted({}, expected[0], text).counts, found.reason)
            )
        answers, outside = found
        tallies = self._counted(answers, expected[0], text)
        if outside:
            tallies.add(OTHERS, answered=float(len(outside)))
        return Score(value=tallies.value, details={"counts": tallies.counts, "invented": listed(outside)})

    def _answered(self, reply: str, text: str) -> tuple[dict[str, list[Interval]], list[str]] | Unreadable:
        value: Json | Unreadable = (
            find_json(reply) if self.extract is None else read_answer(reply, self.extract)
        )
        if self.extract is not None and isinstance(value, str):
            value = find_json(value)
        return value if isinstance(value, Unreadable) else self._spans(value, text)

    def _spans(self, value: Json, text: str) -> tuple[dict[str, list[Interval]], list[str]] | Unreadable:
        """Return the spans of each label, and what is no span of the text."""
        if isinstance(value, list | tuple):
            mentions: list[Read] | Unreadable = [self._span(item) for item in value]
        else:
            mentions = read_mentions(value, self.keys)
        if isinstance(mentions, Unreadable):
            return mentions
        if len(mentions) > MOST_SPANS:
            return Unreadable(reason=f"more than {MOST_SPANS} spans")
        spans: dict[str, list[Interval]] = {}
        outside: list[str] = []
        seen: dict[tuple[str, str], int] = {}
        for mention in mentions:
            interval = None if isinstance(mention, Unreadable) else _place(mention, text, seen)
            if isinstance(mention, Unreadable) or interval is None:
                outside.append(mention.reason if isinstance(mention, Unreadable) else _shown(mention))
            else:
                spans.setdefault(mention.label, []).append(interval)
        return spans, outside

    def _span(self, item: Json) -> Read:
        """Read a text, a pair of numbers, or what a list of entities may hold."""
        if isinstance(item, str):
            return Mention(label=UNLABELLED, text=item)
        if isinstance(item, list | tuple) and len(item) == 2 and not isinstance(item[0], str):
            item = [*item, UNLABELLED]
        if isinstance(item, Mapping) and self.keys.label not in item:
            item = {**item, self.keys.label: UNLABELLED}
        read = read_mentions([item], self.keys)
        return read if isinstance(read, Unreadable) else read[0]

    def _counted(
        self,
        answers: Mapping[str, Sequence[Interval]],
        references: Mapping[str, Sequence[Interval]],
        text: str,
    ) -> Tallies:
        tallies = Tallies()
        tokens = [match.span() for match in TOKEN.finditer(text)] if self.unit == "token" else []
        for label in (*references, *(label for label in answers if label not in references)):
            one, other = answers.get(label, ()), references.get(label, ())
            if self.unit == "token":
                one, other = (_token_spans(spans, tokens) for spans in (one, other))
            counts = _whole(one, other) if self.unit == "span" else _covered(one, other)
            tallies.add(label, right=counts[0], answered=counts[1], reference=counts[2])
        return tallies


def _place(mention: Mention, text: str, seen: dict[tuple[str, str], int]) -> Interval | None:
    """Return where a span lies in the text: as it says, or at the next place for its label where its words stand."""
    if mention.start is not None and mention.end is not None:
        return (mention.start, mention.end) if mention.end <= len(text) else None
    words = (mention.text or "").strip()
    key = (mention.label, words)  # a text may have two labels
    start = text.find(words, seen.get(key, 0)) if words else -1
    if start < 0:
        return None
    seen[key] = start + len(words)
    return start, start + len(words)


def _shown(mention: Mention) -> str:
    return mention.text if mention.text is not None else as_text([mention.start, mention.end])


def _whole(one: Sequence[Interval], other: Sequence[Interval]) -> tuple[int, int, int]:
    return (Counter(one) & Counter(other)).total(), len(one), len(other)


def _covered(one: Sequence[Interval], other: Sequence[Interval]) -> tuple[int, int, int]:
    """Return how many places both cover, and how many each does."""
    first, second = _merged(one), _merged(other)
    both = place = 0
    for start, end in first:
        while place < len(second) and second[place][1] <= start:
            place += 1
        at = place
        while at < len(second) and second[at][0] < end:
            both += min(end, second[at][1]) - max(start, second[at][0])
            at += 1
    sizes = [sum(end - start for start, end in spans) for spans in (first, second)]
    return both, sizes[0], sizes[1]


def _merged(spans: Sequence[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _token_spans(spans: Sequence[Interval], tokens: Sequence[Interval]) -> list[Interval]:
    """Return the tokens that spans touch, as spans of tokens; one between tokens touches none."""
    starts, ends = [start for start, _ in tokens], [end for _, end in tokens]
    touched = [(bisect_right(ends, start), bisect_left(starts, end)) for start, end in spans]
    return [(first, last) for first, last in touched if first < last]
