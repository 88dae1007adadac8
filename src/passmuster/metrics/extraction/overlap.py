"""How many entities of an answer are those of the reference: the same, overlapping, or of the same type."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.metrics.answers import as_text
from passmuster.metrics.extraction.counting import MOST_SHOWN, Tallies
from passmuster.metrics.metric import shown
from passmuster.records.record import Json, Record
from passmuster.stats.matching import best_matching

Mode: TypeAlias = Literal["exact", "partial", "type"]
Place: TypeAlias = str | tuple[int, int]

WORK = 100_000
"""The product of the numbers of entities of one label up to which overlaps are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity(Record):
    """A label, and what is compared: a text, or a span."""

    label: str
    place: Place

    def __str__(self) -> str:
        where = self.place if isinstance(self.place, str) else f"{self.place[0]}-{self.place[1]}"
        return shown(f"{self.label}: {where}")


def compared(answers: list[Entity], references: list[Entity], mode: Mode) -> tuple[Tallies, dict[str, Json]]:
    """Return the counts by label, and what is wrong, missed and invented.

    `exact` counts an entity of the same label and place. `partial` counts one that overlaps as a half, after
    MUC; `type` counts it as a whole. Texts overlap where they share a word.

    Example:
        >>> one, other = Entity(label="date", place="5 May"), Entity(label="date", place="May")
        >>> compared([one], [other], "partial")[0].counts
        {'date': [0.5, 1.0, 1.0]}
    """
    tallies = Tallies()
    alone: list[Entity] = []
    lost: list[Entity] = []
    ours, theirs = _by_label(answers), _by_label(references)
    for label in (*theirs, *(label for label in ours if label not in theirs)):
        one, other = ours.get(label, []), theirs.get(label, [])
        right, unmatched, missed = _exact(one, other) if mode == "exact" else _overlapping(one, other, mode)
        tallies.add(label, right=right, answered=float(len(one)), reference=float(len(other)))
        alone += (Entity(label=label, place=place) for place in unmatched)
        lost += (Entity(label=label, place=place) for place in missed)
    return tallies, _explained(alone, lost)


def _by_label(entities: Iterable[Entity]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for entity in entities:
        found.setdefault(entity.label, []).append(entity.place)
    return found


def _exact(one: list[Place], other: list[Place]) -> tuple[float, list[Place], list[Place]]:
    left = Counter(other)
    alone = []
    for place in one:
        if left[place]:
            left[place] -= 1
        else:
            alone.append(place)
    return float(len(one) - len(alone)), alone, list(left.elements())


def _overlapping(one: list[Place], other: list[Place], mode: Mode) -> tuple[float, list[Place], list[Place]]:
    if len(one) * len(other) > WORK:
        return _exact(one, other)
    share = 0.5 if mode == "partial" else 1.0
    words = {place: set(place.split()) for place in (*one, *other) if isinstance(place, str)}
    weights = [[1.0 if a == b else share * _meet(a, b, words) for b in other] for a in one]
    pairs = best_matching(weights)
    ours, theirs = {row for row, _ in pairs}, {column for _, column in pairs}
    return (
        sum(weights[row][column] for row, column in pairs),
        [place for row, place in enumerate(one) if row not in ours],
        [place for column, place in enumerate(other) if column not in theirs],
    )


def _meet(one: Place, other: Place, words: dict[str, set[str]]) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other or not words[as_text(one)].isdisjoint(words[as_text(other)])
    return max(one[0], other[0]) < min(one[1], other[1])


def _explained(alone: list[Entity], lost: list[Entity]) -> dict[str, Json]:
    """Say of the first entities that are not right whether label or bounds are another's."""
    wrong: list[Json] = []
    invented: list[Json] = []
    left = lost[:MOST_SHOWN]
    for entity in alone[:MOST_SHOWN]:
        near = next((each for each in left if _near(entity, each)), None)
        if near is None:
            invented.append(str(entity))
            continue
        left.remove(near)
        why = "another label" if entity.place == near.place else "other bounds"
        if entity.label != near.label and entity.place != near.place:
            why = "another label, other bounds"
        wrong.append({"answer": str(entity), "reference": str(near), "why": why})
    return {"wrong": wrong, "missed": [str(each) for each in left], "invented": invented}


def _near(one: Entity, other: Entity) -> bool:
    places = [place for place in (one.place, other.place) if isinstance(place, str)]
    return _meet(one.place, other.place, {place: set(place.split()) for place in places})
