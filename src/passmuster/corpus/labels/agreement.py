"""How far the annotators of a corpus agree: people among themselves, and machines with people, each apart."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from passmuster.corpus.labels.standing import (
    MACHINE_TAG,
    OfCase,
    Standing,
    Who,
    label_key,
    label_text,
    look_alike,
    right_answers,
)
from passmuster.errors import UsageError
from passmuster.records.case import Case
from passmuster.records.label import Annotator, Label
from passmuster.records.record import Json, Record
from passmuster.records.score import Estimate
from passmuster.stats.agreement import (
    MISSING,
    Level,
    Votes,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    raw_agreement,
    votes_of_codes,
    with_interval,
)
from passmuster.stats.arrays import FloatArray, IntArray

PAIRS_SHOWN = 10
"""Pairs of labels that annotators confuse, at most."""
MOST_PAIRS = 45
"""Pairs of annotators, at most, of which each is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale(Record):
    """How labels are apart: `nominal`, `ordinal` (in this `order`, or by number), or `interval` (by number).

    `fold` takes labels as the same that differ in upper case or blanks only. `seed` is that of the resamples.
    """

    level: Level = "nominal"
    order: tuple[str, ...] = ()
    fold: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PairAgreement(Record):
    """Two annotators on the cases that both labelled: the share of equal labels, and Cohen's kappa."""

    first: str
    second: str
    raw: Estimate
    kappa: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion(Record):
    """Two labels that were given to the same case, and how many pairs of annotators gave them."""

    first: str
    second: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatorFigures(Record):
    """One annotator: labels given, cases left without an answer, agreement with the other people and the references.

    `saw` counts the labels that were given with somebody else's answer in sight.
    """

    name: str
    kind: Annotator
    labels: int
    unanswered: int
    saw: int
    with_people: Estimate
    with_references: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAgreement(Record):
    """How far people agree, and how far machines agree with them; the two are never one figure.

    `people` has the coefficients by name: `raw`, `cohen_kappa` (two people) or `fleiss_kappa` (more), `gwet_ac1`,
    `krippendorff_alpha`. `machines` pairs each machine with what most people say. `cases` counts those with any
    label by people.
    """

    level: Level
    labels: tuple[str, ...]
    cases: int
    people: Mapping[str, Estimate]
    pairs: tuple[PairAgreement, ...]
    machines: tuple[PairAgreement, ...]
    annotators: tuple[AnnotatorFigures, ...]
    confusions: tuple[Confusion, ...]
    notes: tuple[str, ...] = ()


class _Table:
    """The labels of people as codes: one row a case, one column a person."""

    def __init__(self, cases: Sequence[Case], found: Standing, scale: Scale) -> None:
        self.scale = scale
        self.cases = [case for case in cases if found.given.get(case.id)]
        self.given: list[OfCase] = [found.given[case.id] for case in self.cases]
        self.rng = np.random.default_rng(scale.seed)
        keys: dict[str, Json] = {}
        for own in self.given:
            for label in own.values():
                if label.value is not None:
                    keys.setdefault(self.key(label.value), label.value)
        self.labels, self.numbers = _ordered(keys, scale)
        self._codes = {key: number for number, key in enumerate(self.labels)}

    def key(self, value: Json) -> str:
        return label_key(value, fold=self.scale.fold)

    def code(self, value: Json) -> int:
        return MISSING if value is None else self._codes.get(self.key(value), MISSING)

    def column(self, who: Who) -> IntArray:
        given = (own.get(who) for own in self.given)
        return np.array([MISSING if label is None else self.code(label.value) for label in given], np.int64)

    def codes(self, names: Sequence[str], kind: Annotator = "human") -> IntArray:
        columns = [self.column(Who(kind, name)) for name in names]
        empty = np.empty((len(self.cases), 0), dtype=np.int64)
        return np.stack(columns, axis=1) if columns else empty

    def votes(self, codes: IntArray) -> Votes:
        return votes_of_codes(codes, self.numbers)

    def votes_of_people(self, codes: IntArray) -> Votes:
        """Return the votes among the labels that people use: one of a machine alone is no category of theirs."""
        if self.scale.order:
            return self.votes(codes)
        used = np.unique(codes[codes != MISSING])
        own = np.where(codes == MISSING, MISSING, np.searchsorted(used, codes))
        return votes_of_codes(own, self.numbers[used])

    def references(self, given: IntArray) -> IntArray:
        """Return for each case the code of its reference, beside those that an annotator gave.

        Where the reference calls several answers right, the annotator's own is it if it is one of them; a
        reference that nobody gave has a code of its own.
        """
        return np.array(
            [self._reference(case, code) for case, code in zip(self.cases, given.tolist(), strict=True)],
            np.int64,
        )

    def _reference(self, case: Case, given: int) -> int:
        gold = _gold(case)
        if gold is None:
            return MISSING
        right = {self._codes.get(self.key(value)) for value in (gold, *right_answers(gold))}
        return given if given in right else len(self.labels)

    @property
    def groups(self) -> list[str] | None:
        """The group of each case where cases share one; None where all are alone."""
        own = [f"g:{case.group}" if case.group else f"c:{case.id}" for case in self.cases]
        return own if len(set(own)) < len(own) else None


def agreement(cases: Sequence[Case], found: Standing, scale: Scale | None = None) -> LabelAgreement:
    """Return how far the labels of these cases agree.

    Raises:
        UsageError: where an ordinal or interval scale does not fit the labels.

    Example:
        >>> from passmuster.corpus.labels.standing import standing
        >>> cases = [Case(id=str(number), input=str(number)) for number in range(8)]
        >>> given = [(case.id, "a" if number < 5 else "b", "ana") for number, case in enumerate(cases)]
        >>> given += [(case.id, "a" if number < 4 else "b", "ben") for number, case in enumerate(cases)]
        >>> labels = [Label(case=c, value=v, annotator=n, kind="human") for c, v, n in given]
        >>> came = agreement(cases, standing(labels, cases))
        >>> came.people["raw"].value, came.people["cohen_kappa"].value, came.confusions[0].count
        (0.875, 0.75, 1)
    """
    table = _Table(cases, found, scale or Scale())
    people, machines = found.who("human"), found.who("machine")
    codes = table.codes(people)
    majority = _majority(codes, len(table.labels))
    pairs = list(combinations(range(len(people)), 2))[:MOST_PAIRS]
    return LabelAgreement(
        level=table.scale.level,
        labels=table.labels,
        cases=int((codes != MISSING).any(axis=1).sum()),
        people=_coefficients(table, codes) if len(people) > 1 else {},
        pairs=tuple(
            _pair(table, people[one], people[two], codes[:, [one, two]])
            for one, two in pairs
            if len(people) > 2 and _overlap(codes[:, [one, two]])
        ),
        machines=tuple(
            _pair(
                table, name, "most people", np.stack([table.column(Who("machine", name)), majority], axis=1)
            )
            for name in machines
        ),
        annotators=tuple(
            _figures(table, who, people)
            for who in [
                *(Who("human", name) for name in people),
                *(Who("machine", name) for name in machines),
            ]
        ),
        confusions=_confusions(table, codes),
        notes=tuple(_notes(table, found, people, codes)),
    )


def _ordered(keys: Mapping[str, Json], scale: Scale) -> tuple[tuple[str, ...], FloatArray]:
    """Return the labels in their order, with the number of each.

    Raises:
        UsageError: for labels that the scale has no place for.
    """
    if scale.level == "nominal" or not keys:
        return tuple(sorted(keys)), np.arange(len(keys), dtype=np.float64)
    if scale.order:
        order = [label_key(text, fold=scale.fold) for text in scale.order]
        strange = [key for key in keys if key not in order]
        if strange:
            raise UsageError(
                f"the order does not say where {strange[0]!r} stands",
                hint=f"It says: {', '.join(scale.order)}",
            )
        return tuple(order), np.arange(len(order), dtype=np.float64)
    numbers = {key: _number(value, scale.level) for key, value in keys.items()}
    ranked = sorted(numbers, key=lambda key: numbers[key])
    return tuple(ranked), np.array([numbers[key] for key in ranked])


def _number(value: Json, level: Level) -> float:
    try:
        number = float(label_text(value))
    except ValueError:
        number = float("nan")
    if not np.isfinite(number):
        wish = "Name them from low to high: --order LOW,MIDDLE,HIGH" if level == "ordinal" else "Take nominal"
        raise UsageError(f"{label_text(value)[:60]!r} is no number, and the scale is {level}", hint=wish)
    return number


def _coefficients(table: _Table, codes: IntArray) -> dict[str, Estimate]:
    votes = table.votes_of_people(codes)
    alpha = krippendorff_alpha(votes, table.scale.level)
    found = {"raw": raw_agreement(votes)}
    if codes.shape[1] == 2:
        found["cohen_kappa"] = cohen_kappa(codes)
    else:
        found["fleiss_kappa"] = fleiss_kappa(votes)
    found |= {"gwet_ac1": gwet_ac1(votes), "krippendorff_alpha": alpha}
    return {
        name: with_interval(coefficient, votes, table.rng, table.groups)
        for name, coefficient in found.items()
    }


def _pair(table: _Table, first: str, second: str, codes: IntArray) -> PairAgreement:
    votes = table.votes(codes)
    return PairAgreement(
        first=first,
        second=second,
        raw=with_interval(raw_agreement(votes), votes, table.rng, table.groups),
        kappa=with_interval(cohen_kappa(codes), votes, table.rng, table.groups),
    )


def _overlap(codes: IntArray) -> bool:
    return bool((codes != MISSING).all(axis=1).any())


def _majority(codes: IntArray, categories: int) -> IntArray:
    """Return the label that more than half of those who answered gave each case, `MISSING` where there is none."""
    if not codes.size or not categories:
        return np.full(len(codes), MISSING, dtype=np.int64)
    counts = np.stack([(codes == label).sum(axis=1) for label in range(categories)], axis=1)
    best = counts.argmax(axis=1)
    clear = 2 * counts.max(axis=1) > counts.sum(axis=1)
    return np.where(clear, best, MISSING).astype(np.int64)


def _figures(table: _Table, who: Who, people: Sequence[str]) -> AnnotatorFigures:
    own = [labels[who] for labels in table.given if who in labels]
    others = [name for name in people if Who("human", name) != who]
    mine, theirs = table.column(who), _majority(table.codes(others), len(table.labels))
    return AnnotatorFigures(
        name=who.name,
        kind=who.kind,
        labels=sum(label.value is not None for label in own),
        unanswered=sum(label.value is None for label in own),
        saw=sum(label.saw is not None for label in own),
        with_people=_raw(table, mine, theirs),
        with_references=_raw(table, mine, table.references(mine)),
    )


def _gold(case: Case) -> Json:
    """Return the reference; none where a machine gave it, with which that machine would agree."""
    return None if MACHINE_TAG in case.tags else case.reference


def _raw(table: _Table, first: IntArray, second: IntArray) -> Estimate:
    votes = votes_of_codes(np.stack([first, second], axis=1))
    return with_interval(raw_agreement(votes), votes, table.rng, table.groups)


def _confusions(table: _Table, codes: IntArray) -> tuple[Confusion, ...]:
    counts: Counter[tuple[int, int]] = Counter()
    for row in codes.tolist():
        given = [code for code in row if code != MISSING]
        counts.update((min(pair), max(pair)) for pair in combinations(given, 2) if pair[0] != pair[1])
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:PAIRS_SHOWN]
    return tuple(
        Confusion(first=table.labels[one], second=table.labels[two], count=count)
        for (one, two), count in ranked
    )


def _notes(table: _Table, found: Standing, people: Sequence[str], codes: IntArray) -> list[str]:
    notes = []
    given: list[Label] = [label for own in table.given for label in own.values()]
    if len(people) < 2:
        notes.append("fewer than two people have labelled cases: nothing can be said of their agreement")
    elif not _several(codes):
        notes.append("no case was labelled by two people: export some with an overlap")
    saw = sum(label.saw is not None and label.kind == "human" for label in given)
    if saw:
        notes.append(f"{saw:,} labels of people were given with another answer in sight: they agree too well")
    for twins in look_alike(given)[:3] if not table.scale.fold else ():
        forms = ", ".join(f"{text!r} ({count:,})" for text, count in twins.forms[:3])
        notes.append(f"labels that differ in upper case or blanks only: {forms}; --fold takes them as one")
    if found.stale:
        notes.append(f"{found.stale:,} labels are of an input that has changed since, and are left out")
    if found.unknown:
        notes.append(f"{found.unknown:,} labels are of cases that are not open, and are left out")
    return notes


def _several(codes: IntArray) -> bool:
    return bool(((codes != MISSING).sum(axis=1) > 1).any())
