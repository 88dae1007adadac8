"""Walking an answer beside its reference, field by field."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from passmuster.metrics.answers import as_text
from passmuster.metrics.extraction.counting import MOST_SHOWN, Tallies
from passmuster.metrics.extraction.rules import FieldRule
from passmuster.metrics.extraction.values import absent, difference
from passmuster.metrics.metric import shown
from passmuster.records.record import Json
from passmuster.stats.matching import Pair, best_matching

Fate: TypeAlias = Literal["right", "wrong", "missed", "invented"]

WORK = 100_000
"""The product of the sizes of two lists up to which every item is compared with every other."""

LETTERS = 50
"""Characters of a text that count as much as one value in the size of a list."""


class Findings:
    """What became of each value: counted by field, and named where it is not right."""

    def __init__(self) -> None:
        self.tallies = Tallies()
        self.fates: Counter[Fate] = Counter()
        self.differing: Counter[str] = Counter()
        self.wrong: list[dict[str, Json]] = []
        self.missed: list[str] = []
        self.invented: list[str] = []

    def value(self, name: str, kind: str, rule: FieldRule, answer: Json, reference: Json) -> None:
        """Compare one value; `name` says where it stands (`items[2].price`), `kind` what it counts for."""
        here, expected = not absent(answer), not absent(reference)
        if not here and not expected:
            return
        reason = difference(rule, answer, reference) if here and expected else None
        self.tallies.add(kind, right=here and expected and reason is None, answered=here, reference=expected)
        if here and expected:
            self.fates["right" if reason is None else "wrong"] += 1
            self.differing[kind] += reason is not None
            if reason is not None and len(self.wrong) < MOST_SHOWN:
                said = {"answer": shown(as_text(answer)), "reference": shown(as_text(reference))}
                self.wrong.append({"field": name, **said, "why": reason})
        else:
            self.fates["invented" if here else "missed"] += 1
            names = self.invented if here else self.missed
            if len(names) < MOST_SHOWN:
                names.append(shown(name))


def compare(found: Findings, name: str, kind: str, rule: FieldRule, pair: tuple[Json, Json]) -> None:
    """Compare an answer with a reference by the rule of their field, part by part.

    A list that should be one and is not is read as a list of one; what should be an object and is not counts as one
    invented value, and its parts as missed.
    """
    answer, reference = pair
    if rule.kind == "nested":
        _compare_objects(found, name, kind, rule, pair)
    elif rule.kind == "list":
        _compare_lists(found, name, kind, rule, (_items(answer), _items(reference)))
    else:
        found.value(name, kind, rule, answer, reference)


def _compare_objects(found: Findings, name: str, kind: str, rule: FieldRule, pair: tuple[Json, Json]) -> None:
    if not isinstance(pair[0], Mapping) and not isinstance(pair[1], Mapping):
        found.value(name, kind, FieldRule(kind="any"), *pair)
        return
    sides: list[Mapping[str, Json]] = []
    for side, value in enumerate(pair):
        if isinstance(value, Mapping):
            sides.append(value)
            continue
        sides.append({})
        if not absent(value):
            given: list[Json] = [None, None]
            given[side] = value
            found.value(name, kind, FieldRule(kind="any"), *given)
    for part, own in rule.parts.items():
        inner = (sides[0].get(part), sides[1].get(part))
        compare(found, f"{name}.{part}", f"{kind}.{part}", own, inner)


def _compare_lists(
    found: Findings, name: str, kind: str, rule: FieldRule, sides: tuple[list[Json], list[Json]]
) -> None:
    item = rule.item
    pairs = _in_place(sides) if rule.in_order else _paired(kind, item, sides)
    for one, other in pairs:
        place = other if one is None else one
        given = (None if one is None else sides[0][one], None if other is None else sides[1][other])
        compare(found, f"{name}[{place}]", kind, item, given)


def _in_place(sides: tuple[list[Json], list[Json]]) -> list[tuple[int | None, int | None]]:
    one, other = map(len, sides)
    return [
        (place if place < one else None, place if place < other else None) for place in range(max(one, other))
    ]


def _paired(
    kind: str, rule: FieldRule, sides: tuple[list[Json], list[Json]]
) -> list[tuple[int | None, int | None]]:
    """Return which items belong together: those that are the same, then those with the most right parts."""
    answers, references = sides
    pairs, left, wanted = _identical(answers, references)
    rest = _best(kind, rule, [answers[place] for place in left], [references[place] for place in wanted])
    pairs += [(left[one], wanted[other]) for one, other in rest]
    taken, given = {one for one, _ in pairs}, {other for _, other in pairs}
    alone = [place for place in range(len(answers)) if place not in taken]
    lost = [place for place in range(len(references)) if place not in given]
    # What is left over on both sides is wrong rather than missed here and invented there.
    wrong = list(zip(alone, lost, strict=False))
    both: list[tuple[int | None, int | None]] = [*sorted(pairs), *wrong]
    return [
        *both,
        *((place, None) for place in alone[len(wrong) :]),
        *((None, place) for place in lost[len(wrong) :]),
    ]


def _identical(
    answers: Sequence[Json], references: Sequence[Json]
) -> tuple[list[Pair], list[int], list[int]]:
    """Pair items that are the same to the letter; return them, and the places of the others on both sides."""
    places: dict[str, list[int]] = {}
    for place in range(len(references) - 1, -1, -1):
        places.setdefault(as_text(references[place]), []).append(place)
    pairs, left = [], []
    for place, answer in enumerate(answers):
        same = places.get(as_text(answer))
        if same:
            pairs.append((place, same.pop()))
        else:
            left.append(place)
    return pairs, left, sorted(place for others in places.values() for place in others)


def _best(kind: str, rule: FieldRule, answers: Sequence[Json], references: Sequence[Json]) -> list[Pair]:
    if _size(answers) * _size(references) > WORK:
        return list(zip(range(len(answers)), range(len(references)), strict=False))
    return best_matching([[_right(kind, rule, one, other) for other in references] for one in answers])


def _right(kind: str, rule: FieldRule, answer: Json, reference: Json) -> float:
    if rule.kind not in {"list", "nested"}:  # an item of a list is never absent
        return float(difference(rule, answer, reference) is None)
    found = Findings()
    compare(found, kind, kind, rule, (answer, reference))
    return float(found.fates["right"])


def _size(value: Json) -> int:
    """Return how many values something holds, long texts counting for several."""
    if isinstance(value, Mapping):
        return sum(1 + _size(part) for part in value.values())
    if isinstance(value, list | tuple):
        return sum(_size(part) for part in value)
    return 1 + (len(value) // LETTERS if isinstance(value, str) else 0)


def _items(value: Json) -> list[Json]:
    if absent(value):
        return []
    return [item for item in value if not absent(item)] if isinstance(value, list | tuple) else [value]
