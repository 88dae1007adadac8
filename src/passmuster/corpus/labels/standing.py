"""Which labels stand: the newest of each annotator on each case, as long as the case is what they looked at."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from passmuster.records.case import Case, case_digest
from passmuster.records.digest import canonical
from passmuster.records.label import Annotator, Label
from passmuster.records.record import Json, Record

MACHINE_TAG = "machine-labelled"
"""The tag of a case whose reference nobody but a machine has given."""


class Who(NamedTuple):
    """An annotator: a person and a machine of one name are two."""

    kind: Annotator
    name: str


OfCase: TypeAlias = Mapping[Who, Label]
"""The labels of a case that stand, by who gave them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing(Record):
    """The labels that stand, by case id, and how many do not.

    `stale` are labels of an input that has changed since, `unknown` those of cases that are not among these,
    `replaced` those whose annotator gave another one later.
    """

    given: Mapping[str, OfCase]
    adjudicated: Mapping[str, Label]
    settled: Mapping[str, Label]
    stale: int = 0
    unknown: int = 0
    replaced: int = 0

    def who(self, kind: Annotator) -> tuple[str, ...]:
        """Return the names of the people, or of the machines, that gave any label."""
        return tuple(sorted({who.name for own in self.given.values() for who in own if who.kind == kind}))

    def of(self, case: str, kind: Annotator) -> list[Label]:
        """Return the labels of a case by people, or by machines, ordered by name."""
        own = self.given.get(case, {})
        return [own[who] for who in sorted(own) if who.kind == kind]


def standing(labels: Iterable[Label], cases: Iterable[Case]) -> Standing:
    """Return the labels of these cases that stand, the later one of a case and annotator taking the earlier's place.

    Example:
        >>> case = Case(id="1", input="x")
        >>> first = Label(case="1", value="a", annotator="ana", kind="human")
        >>> found = standing([first, Label(case="1", value="b", annotator="ana", kind="human")], [case])
        >>> [label.value for label in found.of("1", "human")], found.replaced
        (['b'], 1)
    """
    digests = {case.id: case_digest(case) for case in cases}
    given: defaultdict[str, dict[Who, Label]] = defaultdict(dict)
    words: dict[str, dict[str, Label]] = {"adjudicated": {}, "settled": {}}
    lost: Counter[str] = Counter()
    for label in labels:
        problem = _problem(label, digests)
        if problem is not None:
            lost[problem] += 1
        elif label.stage == "given":
            who = Who(label.kind, label.annotator)
            lost["replaced"] += who in given[label.case]
            given[label.case][who] = label
        else:
            words[label.stage][label.case] = label
    return Standing(
        given=dict(given),
        adjudicated=words["adjudicated"],
        settled=words["settled"],
        stale=lost["stale"],
        unknown=lost["unknown"],
        replaced=lost["replaced"],
    )


def _problem(label: Label, digests: Mapping[str, str]) -> str | None:
    digest = digests.get(label.case)
    if digest is None:
        return "unknown"
    return "stale" if label.input is not None and label.input != digest else None


def label_text(value: Json) -> str:
    """Return a label as people read it: a text without white space around it, anything else as JSON.

    Example:
        >>> label_text(" refund "), label_text(["a", 1]), label_text(True)
        ('refund', '["a",1]', 'true')
    """
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip()
    return canonical(value).decode("utf-8", "surrogatepass")


def label_key(value: Json, *, fold: bool = False) -> str:
    """Return what two labels have in common that are the same; `fold` leaves upper case and runs of blanks out.

    Example:
        >>> label_key("Late  Payment", fold=True) == label_key("late payment", fold=True)
        True
    """
    text = label_text(value)
    return " ".join(text.casefold().split()) if fold else text


def known_labels(cases: Iterable[Case], most: int = 200) -> tuple[str, ...]:
    """Return the labels that references use, sorted; none where references are no labels (objects, long or many texts).

    A list of right answers gives each of them.

    Example:
        >>> known_labels([Case(id="1", input="", reference="b"), Case(id="2", input="", reference=["a", "b"])])
        ('a', 'b')
    """
    found: set[str] = set()
    for case in cases:
        for value in right_answers(case.reference):
            if isinstance(value, Mapping | list | tuple) or len(text := label_text(value)) > _LONGEST:
                return ()
            found.add(text)
            if len(found) > most:
                return ()
    return tuple(sorted(found))


_LONGEST = 200


def right_answers(reference: Json) -> list[Json]:
    """Return the answers that a reference calls right: its parts where it is a list, else itself; none for None."""
    parts = list(reference) if isinstance(reference, list | tuple) else [reference]
    return [part for part in parts if part is not None]


class Twins(NamedTuple):
    """Labels that differ in upper case or blanks only, with how often each was given."""

    forms: tuple[tuple[str, int], ...]


def look_alike(labels: Iterable[Label]) -> list[Twins]:
    """Return the labels that differ in upper case or blanks only: a slip of an annotator, or two labels.

    Example:
        >>> given = [Label(case="1", value=text, annotator="ana", kind="human") for text in ("Spam", "spam", "ham")]
        >>> look_alike(given)
        [Twins(forms=(('Spam', 1), ('spam', 1)))]
    """
    counts = Counter(label_text(label.value) for label in labels if label.value is not None)
    folded: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for text, count in sorted(counts.items()):
        folded[label_key(text, fold=True)].append((text, count))
    return [Twins(tuple(forms)) for forms in folded.values() if len(forms) > 1]


def every(found: Standing) -> Iterator[Label]:
    """Yield every label that stands, case by case."""
    for own in found.given.values():
        yield from own.values()


def unlabelled(cases: Sequence[Case], found: Standing, kind: Annotator = "human") -> list[Case]:
    """Return the cases that nobody of this kind has labelled, and that have no settled reference."""
    return [case for case in cases if not found.of(case.id, kind) and case.id not in found.adjudicated]
