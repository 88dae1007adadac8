"""From labels to references: what people agree on, what a person must decide, and what nobody but a machine has said."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from passmuster.corpus.labels.standing import MACHINE_TAG, Standing, label_key, label_text, right_answers
from passmuster.records.case import Case
from passmuster.records.label import Annotator, Label
from passmuster.records.record import Json, Record

How: TypeAlias = Literal["adjudicated", "unanimous", "majority", "single", "machine"]
Why: TypeAlias = Literal[
    "no majority", "too few people", "nobody could tell", "one person against the reference"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleRule(Record):
    """When labels make a reference.

    `least` people must have looked at the case, and more than half of them say the same; one who could not tell
    counts against. One person alone does not overrule a reference that came from elsewhere. `machines` names the machines whose labels are taken where no person has looked. `fold` takes
    labels as the same that differ in upper case or blanks only.
    """

    least: int = 1
    machines: tuple[str, ...] = ()
    fold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Record):
    """A reference that labels decide; `was` is the one before, `votes` how many said what."""

    case: str
    was: Json
    value: Json
    how: How
    kind: Annotator
    by: tuple[str, ...]
    votes: Mapping[str, int]

    @property
    def relabelled(self) -> bool:
        """Whether the case had another reference before."""
        return self.was is not None and label_text(self.was) != label_text(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute(Record):
    """A case that a person must decide: who of the people said what, what machines said, and the reference of today."""

    case: str
    why: Why
    people: Mapping[str, tuple[str, ...]]
    machines: Mapping[str, tuple[str, ...]]
    reference: Json = None
    could_not_tell: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement(Record):
    """What labels come to: references to write, those that stand as they are, and what is left.

    `machine_only` are the cases which only a machine has labelled, and which the rule does not take; `unlabelled`
    the cases without any label.
    """

    changed: tuple[Change, ...] = ()
    confirmed: tuple[Change, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    machine_only: tuple[str, ...] = ()
    unlabelled: int = 0


def settle(cases: Sequence[Case], found: Standing, rule: SettleRule) -> Settlement:
    """Return what the labels of these cases come to.

    Example:
        >>> from passmuster.corpus.labels.standing import standing
        >>> cases = [Case(id="1", input="x"), Case(id="2", input="y")]
        >>> given = [("1", "a", "ana"), ("1", "a", "ben"), ("2", "a", "ana"), ("2", "b", "ben")]
        >>> labels = [Label(case=c, value=v, annotator=n, kind="human") for c, v, n in given]
        >>> came = settle(cases, standing(labels, cases), SettleRule())
        >>> [(each.case, each.value, each.how) for each in came.changed], came.disputes[0].why
        ([('1', 'a', 'unanimous')], 'no majority')
    """
    changed: list[Change] = []
    confirmed: list[Change] = []
    disputes: list[Dispute] = []
    machine_only: list[str] = []
    bare = 0
    for case in cases:
        outcome = _outcome(case, found, rule)
        if isinstance(outcome, Dispute):
            disputes.append(outcome)
        elif isinstance(outcome, Change):
            (confirmed if _stands(case, outcome, fold=rule.fold) else changed).append(outcome)
        elif found.of(case.id, "machine"):
            machine_only.append(case.id)
        else:
            bare += 1
    return Settlement(
        changed=tuple(changed),
        confirmed=tuple(confirmed),
        disputes=tuple(disputes),
        machine_only=tuple(machine_only),
        unlabelled=bare,
    )


def _stands(case: Case, outcome: Change, *, fold: bool) -> bool:
    """Return whether the reference says this already, or calls it one of several right answers."""
    right = [case.reference, *right_answers(case.reference)]
    said = label_key(outcome.value, fold=fold)
    marked = MACHINE_TAG in case.tags
    return (
        case.reference is not None
        and said in {label_key(value, fold=fold) for value in right}
        and marked == (outcome.kind == "machine")
    )


def _outcome(case: Case, found: Standing, rule: SettleRule) -> Change | Dispute | None:
    word = found.adjudicated.get(case.id)
    people = found.of(case.id, "human")
    if word is not None and word.value is None:
        return _dispute(case, "nobody could tell", [*people, word], found)
    if word is not None:
        return _change(case, word.value, "adjudicated", [word], people or [word])
    if people:
        return _by_people(case, people, found, rule)
    taken = [label for label in found.of(case.id, "machine") if label.annotator in rule.machines]
    answered = [label for label in taken if label.value is not None]
    if answered and len({label_key(label.value, fold=rule.fold) for label in answered}) == 1:
        return _change(case, answered[0].value, "machine", answered, answered)
    return None


def _by_people(case: Case, people: Sequence[Label], found: Standing, rule: SettleRule) -> Change | Dispute:
    sides: defaultdict[str, list[Label]] = defaultdict(list)
    for label in people:
        if label.value is not None:
            sides[label_key(label.value, fold=rule.fold)].append(label)
    if not sides:
        return _dispute(case, "nobody could tell", people, found)
    if len(people) < rule.least:
        return _dispute(case, "too few people", people, found)
    largest = max(sides.values(), key=len)
    if 2 * len(largest) <= len(people):
        return _dispute(case, "no majority", people, found)
    how: How = "majority"
    if len(largest) == len(people):
        how = "unanimous" if len(people) > 1 else "single"
    outcome = _change(case, _commonest(largest), how, largest, people)
    if how == "single" and _from_elsewhere(case, found) and not _stands(case, outcome, fold=rule.fold):
        return _dispute(case, "one person against the reference", people, found)
    return outcome


def _from_elsewhere(case: Case, found: Standing) -> bool:
    """Return whether the reference is a voice of its own, and was not made of these labels or by a machine."""
    if case.reference is None or MACHINE_TAG in case.tags:
        return False
    made = found.settled.get(case.id)
    return made is None or label_text(made.value) != label_text(case.reference) or made.was == case.reference


def _commonest(labels: Sequence[Label]) -> Json:
    """Return the form of a label that most wrote, the first of equals."""
    texts = [label_text(label.value) for label in labels]
    best = max(sorted(set(texts)), key=texts.count)
    value = labels[texts.index(best)].value
    return best if isinstance(value, str) else value


def _change(case: Case, value: Json, how: How, deciding: Sequence[Label], all_: Sequence[Label]) -> Change:
    votes: dict[str, int] = {}
    for label in all_:
        text = "could not tell" if label.value is None else label_text(label.value)
        votes[text] = votes.get(text, 0) + 1
    return Change(
        case=case.id,
        was=case.reference,
        value=value,
        how=how,
        kind=deciding[0].kind,
        by=tuple(label.annotator for label in deciding),
        votes=dict(sorted(votes.items())),
    )


def _dispute(case: Case, why: Why, people: Sequence[Label], found: Standing) -> Dispute:
    return Dispute(
        case=case.id,
        why=why,
        people=_sides(people),
        machines=_sides(found.of(case.id, "machine")),
        reference=case.reference,
        could_not_tell=tuple(label.annotator for label in people if label.value is None),
    )


def _sides(labels: Sequence[Label]) -> dict[str, tuple[str, ...]]:
    sides: defaultdict[str, list[str]] = defaultdict(list)
    for label in labels:
        if label.value is not None:
            sides[label_text(label.value)].append(label.annotator)
    return {text: tuple(names) for text, names in sorted(sides.items())}


def settled_case(case: Case, change: Change) -> Case:
    """Return a case with the reference that was settled; a tag says where only a machine has given it.

    Example:
        >>> own = Change(case="1", was=None, value="a", how="machine", kind="machine", by=("m",), votes={"a": 1})
        >>> settled_case(Case(id="1", input="x"), own).tags
        ('machine-labelled',)
    """
    tags = tuple(tag for tag in case.tags if tag != MACHINE_TAG)
    if change.kind == "machine":
        tags = (*tags, MACHINE_TAG)
    return replace(case, reference=change.value, tags=tags)


def settled_label(case: Case, change: Change, digest: str, time: float) -> Label:
    """Return the line that keeps where a reference came from."""
    counted = ", ".join(f"{count} {text[:60]}" for text, count in change.votes.items())
    return Label(
        case=case.id,
        value=change.value,
        annotator=f"{change.how} of {', '.join(change.by)}"[:200],
        kind=change.kind,
        time=time,
        input=digest,
        note=counted[:500],
        stage="settled",
        was=change.was,
        by=change.by,
    )
