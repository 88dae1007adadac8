"""Precision, recall and F1 of named entities: `entity_f1`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import Extract, Step, normalise, read_answer
from passmuster.metrics.extraction.counting import OTHERS, listed, unreadable
from passmuster.metrics.extraction.mentions import Keys, Mention, Read, read_mentions
from passmuster.metrics.extraction.overlap import Entity, Mode, Place, compared
from passmuster.metrics.extraction.tags import Scheme, entities, is_tag
from passmuster.metrics.json_text import FENCE, find_json
from passmuster.metrics.metric import UNIT, Bounds, Summary, no_reference, shown
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.text import input_text
from passmuster.records.trial import Reply

By: TypeAlias = Literal["span", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityF1(Record):
    """F1 of the entities of an answer, as seqeval and the scorer of CoNLL count them.

    Entities are JSON, or tags of tokens where the reference is a list of tags.

    Args:
        mode: `exact` counts an entity where label and place are those of the reference; `partial` counts one of the
            label that overlaps as a half, `type` as a whole.
        by: What the place is: `span` or `text`. None: the span where the reference gives it of every entity.
        labels: The labels that there are; what an answer labels otherwise is of the kind `(others)`. None: any.
        scheme: How tags are read: an I- without B- begins an entity (`conll`) or is none (`strict`).
        normalise: What does not count in texts and labels.
        distinct: Whether an entity that is named twice counts once.
        keys: What the parts of an entity are called in JSON.
        extract: Where the entities stand in the reply. None: the reply is JSON, has it in a ``` fence, or is tags.

    Example:
        >>> case = Case(id="1", input="", reference={"person": ["Ada Byron"], "place": ["London"]})
        >>> EntityF1().score(case, Reply(text='{"person": ["Ada"], "place": ["London"]}')).value
        0.5
        >>> EntityF1(mode="partial").score(case, Reply(text='{"person": ["Ada"], "place": ["London"]}')).value
        0.75
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "counts"

    name: str = "entity_f1"
    mode: Mode = "exact"
    by: By | None = None
    labels: tuple[str, ...] | None = None
    scheme: Scheme = "conll"
    normalise: tuple[Step, ...] = ()
    distinct: bool = False
    keys: Keys = field(default_factory=Keys)
    extract: Extract | None = None
    _known: frozenset[str] = field(init=False, repr=False, compare=False, default=frozenset())

    def __post_init__(self) -> None:
        if self.labels is not None and not self.labels:
            raise ConfigurationError("entity_f1 has no labels", hint="labels: [person, place]")
        known = frozenset(normalise(label, self.normalise) for label in self.labels or ())
        object.__setattr__(self, "_known", known)

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return F1 in [0, 1] with counts by label and what is wrong, missed and invented."""
        tags = _tags(case.reference)
        expected = self._expected(case, tags)
        if isinstance(expected, ScoreFailure):
            return expected
        by = "span" if tags is not None else self.by or _given(expected)
        references, broken = self._entities(expected, by, case)
        if broken:
            return _wrong(case, broken[0])
        found = self._answered(reply.text, None if tags is None else len(tags))
        if isinstance(found, Unreadable):
            counts = compared([], references, self.mode)[0].counts
            return Score(value=0.0, details=unreadable(counts, found.reason))
        answers, broken = self._entities(found, by, case)
        tallies, explained = compared(answers, references, self.mode)
        if broken:
            tallies.add(OTHERS, answered=float(len(broken)))
            explained["malformed"] = listed(broken)
        return Score(value=tallies.value, details={"counts": tallies.counts, **explained})

    def _expected(self, case: Case, tags: Sequence[str] | None) -> list[Read] | ScoreFailure:
        if tags is None and case.reference is None:
            return no_reference(case)
        found: list[Read] | Unreadable = (
            list(entities(tags, self.scheme))
            if tags is not None
            else read_mentions(case.reference, self.keys)
        )
        if isinstance(found, Unreadable):
            return _wrong(case, found.reason)
        named = (each.label for each in found if isinstance(each, Mention))
        foreign = next((label for label in named if not self._is_known(label)), None)
        if foreign is not None:
            return _wrong(case, f"{shown(foreign)!r} is none of the labels {', '.join(self.labels or ())}")
        return found

    def _is_known(self, label: str) -> bool:
        return self.labels is None or normalise(label, self.normalise) in self._known

    def _answered(self, text: str, tokens: int | None) -> list[Read] | Unreadable:
        value: Json | Unreadable = find_json(text)
        if self.extract is not None:
            value = read_answer(text, self.extract)
            text = value if isinstance(value, str) else text
            value = find_json(value) if isinstance(value, str) else value
        if tokens is None:
            return value if isinstance(value, Unreadable) else read_mentions(value, self.keys)
        tags = _written(text) if isinstance(value, Unreadable) else _tags(value)
        if tags is None:
            return Unreadable(reason="the answer is no list of tags")
        if len(tags) != tokens:
            return Unreadable(reason=f"{len(tags)} tags for {tokens} tokens")
        return list(entities(tags, self.scheme))

    def _entities(
        self, mentions: Sequence[Read], by: By | None, case: Case
    ) -> tuple[list[Entity], list[str]]:
        """Return what is compared of each mention, and why some have nothing to compare."""
        text = "" if by == "span" else input_text(case.input)
        made: dict[Entity, int] = {}
        broken = []
        for mention in mentions:
            if isinstance(mention, Unreadable):
                broken.append(mention.reason)
                continue
            place: Place | None = None if by == "text" else _span(mention)
            place = place if place or by == "span" else self._text(mention, text)
            if not place:
                broken.append(f"an entity without a {by or 'place'}: {mention.label}")
                continue
            label = normalise(mention.label, self.normalise)
            entity = Entity(label=label if self._is_known(mention.label) else OTHERS, place=place)
            made[entity] = 1 if self.distinct else made.get(entity, 0) + 1
        return [entity for entity, count in made.items() for _ in range(count)], broken

    def _text(self, mention: Mention, text: str) -> str | None:
        if mention.text is not None:
            return normalise(mention.text, self.normalise)
        piece = text[mention.start : mention.end]
        return normalise(piece, self.normalise) if piece else None


def _span(mention: Mention) -> tuple[int, int] | None:
    return None if mention.start is None or mention.end is None else (mention.start, mention.end)


def _given(expected: Sequence[Read]) -> By | None:
    """Return what the reference says of its entities; None where it has none, and anything is wrong."""
    spans = [isinstance(each, Mention) and each.start is not None for each in expected]
    return ("span" if all(spans) else "text") if spans else None


def _wrong(case: Case, reason: str) -> ScoreFailure:
    return ScoreFailure(kind="wrong_reference", message=f"the reference of case {case.id!r}: {reason}")


def _tags(value: Json) -> list[str] | None:
    """Return the tags that a list holds, alone or each behind its token; None where they are none."""
    if not isinstance(value, list | tuple) or not value:
        return None
    tags = [item[-1] if isinstance(item, list | tuple) and len(item) == 2 else item for item in value]
    return [str(tag) for tag in tags] if all(map(is_tag, tags)) else None


def _written(text: str) -> list[str] | None:
    """Return the tags of a text: one a line behind its token as in CoNLL's files, or words between blanks."""
    lines = [line.split() for line in text.splitlines() if not line.lstrip().startswith(FENCE)]
    words = [word for line in lines for word in line]
    if not all(map(is_tag, words)):
        words = [line[-1] for line in lines if line]
    return words if words and all(map(is_tag, words)) else None
