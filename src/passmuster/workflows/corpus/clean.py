"""`passmuster corpus clean`: pseudonyms for personal data, and one case of what says the same."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from passmuster.records.case import Case, case_digest
from passmuster.records.digest import canonical
from passmuster.records.record import Record
from passmuster.records.text import input_text

Groups = Callable[[Sequence[str]], Sequence[int]]
"""Returns the near-duplicate group of each text."""

SHOWN = 20
"""Examples that a result holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged(Record):
    """A case that stands for others now, and whether all of them are exactly equal to it."""

    kept: str
    removed: tuple[str, ...]
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanResult(Record):
    """What was cleaned: cases before and after, duplicates taken out, identifiers replaced by kind.

    `conflicting` counts groups that say the same and have different references: a case of each is kept.
    """

    path: str
    before: int
    after: int
    exact: int
    near: int
    conflicting: int
    changed: int
    personal: dict[str, int] = field(default_factory=dict)
    detector: str = "built-in"
    merged: tuple[Merged, ...] = ()
    written: bool = True


def clean(
    cases: Sequence[Case], scrub: Callable[[Case], Case], near: Groups | None
) -> tuple[list[Case], CleanResult]:
    """Return the cases without personal data and duplicates, and what was done; the order stays.

    Of cases that say the same the one that says most of itself is kept: with a reference, then with most fields,
    then the first. It takes over the weight of the others, so that what it stands for stays the same. Cases of one
    text with different references are kept, one of each: which of them is right is for people to say.

    Args:
        cases: The cases.
        scrub: Puts pseudonyms.
        near: Groups near-duplicates, exactly equal ones among them; None takes out exactly equal ones only.

    Example:
        >>> twins = [Case(id="1", input="a"), Case(id="2", input="a", reference="x"), Case(id="3", input="b")]
        >>> kept, result = clean(twins, lambda case: case, None)
        >>> [(case.id, case.weight) for case in kept], result.exact
        ([('2', 2.0), ('3', 1.0)], 1)
    """
    scrubbed = [scrub(case) for case in cases]
    changed = sum(one != other for one, other in zip(cases, scrubbed, strict=True))
    groups = _grouped(scrubbed, near)
    merged, gone = [], {}
    exact = near_count = conflicting = 0
    for members in groups:
        answers = _by_reference([scrubbed[place] for place in members])
        conflicting += len(answers) > 1
        for same in answers:
            kept = max(same, key=_says)
            others = [case for case in same if case is not kept]
            if others:
                equal = [case for case in others if case_digest(case) == case_digest(kept)]
                exact, near_count = exact + len(equal), near_count + len(others) - len(equal)
                gone.update({id(case): kept for case in others})
                removed = tuple(case.id for case in others)
                merged.append(Merged(kept=kept.id, removed=removed, exact=len(equal) == len(others)))
    left = _weighed(scrubbed, gone)
    return left, CleanResult(
        path="",
        before=len(cases),
        after=len(left),
        exact=exact,
        near=near_count,
        conflicting=conflicting,
        changed=changed,
        merged=tuple(merged[:SHOWN]),
    )


def _grouped(cases: Sequence[Case], near: Groups | None) -> Iterable[list[int]]:
    keys: Sequence[object] = (
        [case_digest(case) for case in cases]
        if near is None
        else near([input_text(case.input) for case in cases])
    )
    groups: dict[object, list[int]] = {}
    for place, key in enumerate(keys):
        groups.setdefault(key, []).append(place)
    return [members for members in groups.values() if len(members) > 1]


def _by_reference(cases: Sequence[Case]) -> list[list[Case]]:
    """Return the cases parted by reference; those without one belong to the first that has some."""
    found: dict[bytes, list[Case]] = {}
    bare = [case for case in cases if case.reference is None]
    for case in cases:
        if case.reference is not None:
            found.setdefault(canonical(case.reference), []).append(case)
    if not found:
        return [bare]
    first = next(iter(found.values()))
    first.extend(bare)
    return list(found.values())


def _says(case: Case) -> tuple[bool, int]:
    known = (case.stratum, case.group, case.time, case.feedback, case.mode, case.expect, *case.tags)
    return case.reference is not None, sum(each is not None for each in known)


def _weighed(cases: Sequence[Case], gone: dict[int, Case]) -> list[Case]:
    """Return the cases that are left, each with the weight of those it stands for; a missing weight counts as 1."""
    if not gone:
        return list(cases)
    weights = {id(case): case.weight or 1.0 for case in cases if id(case) not in gone}
    for case in cases:
        if id(case) in gone:
            weights[id(gone[id(case)])] += case.weight or 1.0
    return [replace(case, weight=weights[id(case)]) for case in cases if id(case) not in gone]
