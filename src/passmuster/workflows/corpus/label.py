"""`corpus label`: what is taken in of labels that come from outside, what people see, and what labels come to."""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal, TypeAlias

from passmuster.corpus.labels.settle import (
    Change,
    Settlement,
    SettleRule,
    settle,
    settled_case,
    settled_label,
)
from passmuster.corpus.labels.standing import (
    Standing,
    known_labels,
    label_key,
    label_text,
    right_answers,
    standing,
    unlabelled,
)
from passmuster.corpus.sample import first_cases
from passmuster.errors import CorpusError, UsageError
from passmuster.records.case import Case, case_digest
from passmuster.records.label import Annotator, Label
from passmuster.records.record import Json, Record

NAMED = 5
"""Ids and labels that are named, at most, where some are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake(Record):
    """What came of labels from outside.

    `labels` are taken, `again` were there already, `unknown` name cases that are not open here, `stale` are of an
    input that has changed, and `blank` rows hold none yet; `strange` are labels that no reference uses, with how
    often each was given. `left` counts what a tool's export says beside, by kind. `who` counts the labels of each annotator.
    """

    labels: tuple[Label, ...]
    again: int = 0
    unknown: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    blank: int = 0
    left: Mapping[str, int] | None = None
    strange: Mapping[str, int] | None = None
    who: Mapping[str, int] | None = None


def take_in(
    incoming: Iterable[Label],
    log: Sequence[Label],
    cases: Sequence[Case],
    *,
    source: str,
    now: float,
    machines: Iterable[str] = (),
) -> Intake:
    """Return what of these labels is new, each with the digest of the input that it is of.

    A label is refused as human where its annotator is known as a machine, and the other way round: nobody may
    pass one off as the other.

    Args:
        incoming: The labels as they came.
        log: The labels that are there.
        cases: The open cases.
        source: The file or tool that they come by.
        now: When they are taken in; the time of a label that states none.
        machines: Names that are no person's, such as those of the project's candidates.

    Raises:
        CorpusError: for an annotator who is known as the other kind.
    """
    kinds: dict[str, Annotator] = dict.fromkeys(machines, "machine")
    kinds |= {label.annotator: label.kind for label in log if label.stage != "settled"}
    digests = {case.id: case_digest(case) for case in cases}
    forms, known = _forms(cases), _newest(log)
    taken: dict[tuple[str, str, str], Label] = {}
    lost: dict[str, list[str]] = {"unknown": [], "stale": []}
    again = 0
    for said in incoming:
        label = replace(said, annotator=unicodedata.normalize("NFC", said.annotator))
        _check_kind(label, kinds)
        digest = digests.get(label.case)
        if digest is None or label.input not in {None, digest}:
            lost["unknown" if digest is None else "stale"].append(label.case)
            continue
        own = replace(
            label,
            value=_typed(label.value, forms),
            input=digest,
            source=label.source or source,
            time=now if label.time is None else label.time,
        )
        key = (own.case, own.annotator, own.stage)
        before = taken.get(key) or known.get(key)
        if before is not None and _same(before, own):
            again += 1
        else:
            taken[key] = own
    return _intake(tuple(taken.values()), again, lost, cases)


def _intake(
    labels: tuple[Label, ...], again: int, lost: Mapping[str, Sequence[str]], cases: Sequence[Case]
) -> Intake:
    return Intake(
        labels=labels,
        again=again,
        unknown=tuple(lost["unknown"]),
        stale=tuple(lost["stale"]),
        strange=_strange(labels, cases),
        who=dict(Counter(label.annotator for label in labels)),
    )


def _newest(log: Iterable[Label]) -> dict[tuple[str, str, str], Label]:
    return {(label.case, label.annotator, label.stage): label for label in log}


def _same(one: Label, other: Label) -> bool:
    mine, theirs = one.value, other.value
    texts = [None if value is None else label_text(value) for value in (mine, theirs)]
    return texts[0] == texts[1] and one.input == other.input


def _check_kind(label: Label, kinds: dict[str, Annotator]) -> None:
    before = kinds.setdefault(label.annotator, label.kind)
    if before != label.kind:
        raise CorpusError(
            f"the labels of {label.annotator!r} are said to be of a {label.kind}, and others to be of a {before}",
            hint="Labels of people and machines are kept apart. Say --kind, or give the annotator another name.",
        )


def typed(labels: Iterable[Label], cases: Iterable[Case]) -> tuple[Label, ...]:
    """Return labels with values of the kind that the references of these cases are: 4 for "4" where they are numbers.

    Example:
        >>> given = Label(case="2", value="4", annotator="gpt", kind="machine")
        >>> typed([given], [Case(id="1", input="x", reference=4)])[0].value
        4
    """
    forms = _forms(cases)
    return tuple(replace(label, value=_typed(label.value, forms)) for label in labels)


def _forms(cases: Iterable[Case]) -> dict[str, Json]:
    """Return the labels of references by how they are written: a sheet holds texts only, a tool may hold numbers."""
    values = [value for case in cases for value in right_answers(case.reference)]
    texts = {label_text(value): value for value in values if isinstance(value, str)}
    return texts | {label_text(value): value for value in values if not isinstance(value, str)}


def _typed(value: Json, forms: Mapping[str, Json]) -> Json:
    if value is None:
        return None
    text = label_text(value)
    if text in forms:
        return forms[text]
    if not isinstance(value, str):
        return value
    if text[:1] in {"{", "["} and any(not isinstance(form, str) for form in forms.values()):
        try:
            found: Json = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return found
    return text


def _strange(labels: Iterable[Label], cases: Iterable[Case]) -> dict[str, int] | None:
    known = {label_key(text) for text in known_labels(cases)}
    if len(known) < 2:
        return None
    texts = (label_text(label.value) for label in labels if label.value is not None)
    return dict(Counter(text for text in texts if label_key(text) not in known).most_common())


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled(Record):
    """What settling comes to: the settlement, the lines for the log, and the cases of each file that changes."""

    settlement: Settlement
    lines: tuple[Label, ...]
    files: Mapping[str, Sequence[Case]]


def settle_files(
    files: Mapping[str, Sequence[Case]], log: Sequence[Label], rule: SettleRule, now: float
) -> Settled:
    """Return what labels come to in these files of cases; a case that stands in two of them changes in both.

    One of that id with another input stays as it is.

    Args:
        files: The open cases by the file that holds them.
        log: All labels.
        rule: When labels make a reference.
        now: When they are settled.
    """
    cases = distinct(files)
    found = standing(log, cases)
    settlement = settle(cases, found, rule)
    by_id = {case.id: case for case in cases}
    changes = {(change.case, case_digest(by_id[change.case])): change for change in settlement.changed}
    fresh = [change for change in settlement.confirmed if _unrecorded(change, found)]
    lines = [
        settled_label(by_id[change.case], change, case_digest(by_id[change.case]), now)
        for change in (*settlement.changed, *fresh)
    ]
    touched = {
        name: tuple(_settled(case, changes) for case in held)
        for name, held in files.items()
        if any((case.id, case_digest(case)) in changes for case in held)
    }
    return Settled(settlement=settlement, lines=tuple(lines), files=touched)


def _settled(case: Case, changes: Mapping[tuple[str, str], Change]) -> Case:
    change = changes.get((case.id, case_digest(case)))
    return case if change is None else settled_case(case, change)


def _unrecorded(change: Change, found: Standing) -> bool:
    """Return whether the log does not say yet that these labels stand behind the reference."""
    last = found.settled.get(change.case)
    return last is None or last.by != change.by or label_text(last.value) != label_text(change.value)


def distinct(files: Mapping[str, Sequence[Case]]) -> list[Case]:
    """Return the cases of all files, each id once, in their order."""
    seen: dict[str, Case] = {}
    for held in files.values():
        for case in held:
            seen.setdefault(case.id, case)
    return list(seen.values())


Which: TypeAlias = Literal["unlabelled", "disputed", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted(Record):
    """Which cases go to annotators: those that nobody has labelled, those in dispute, or all; at most `limit` of them.

    `ids` names the only ones (None: any), `seed` draws those that a limit leaves in.
    """

    which: Which = "unlabelled"
    ids: tuple[str, ...] | None = None
    limit: int | None = None
    seed: int = 0


def to_label(cases: Sequence[Case], log: Sequence[Label], wanted: Wanted) -> list[Case]:
    """Return the cases that annotators are to see, in the order of the corpus.

    Raises:
        UsageError: for an id that no open case has.
    """
    known = {case.id for case in cases}
    for name in wanted.ids or ():
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"There are {len(known):,} open cases."
            raise UsageError(f"no open case is called {name[:100]!r}", hint=hint)
    named = set(known if wanted.ids is None else wanted.ids)
    chosen = [case for case in cases if case.id in named]
    found = standing(log, chosen)
    if wanted.which == "unlabelled":
        chosen = unlabelled(chosen, found)
    elif wanted.which == "disputed":
        disputed = {dispute.case for dispute in settle(chosen, found, SettleRule()).disputes}
        chosen = [case for case in chosen if case.id in disputed]
    return list(first_cases(chosen, wanted.limit, wanted.seed))
