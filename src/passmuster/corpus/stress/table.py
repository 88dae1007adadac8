"""Every transform by its name, and the cases that they make."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from passmuster.corpus.ngrams import words
from passmuster.corpus.stress import ambiguous, malformed, scripts
from passmuster.corpus.stress.limits import LEVELS, PLACES, filled
from passmuster.corpus.stress.made import Made, Material, Transform
from passmuster.errors import UsageError
from passmuster.records.case import Case, case_digest
from passmuster.records.record import Record
from passmuster.records.text import input_text

GENERATOR = "passmuster stress"
"""What made them, as the cases say it."""

_TABLE = (
    Transform("cut_off", "malformed", "clarification", "the end of the text is missing", malformed.cut_off),
    Transform("broken_encoding", "malformed", "answer", "wrongly decoded, or characters lost", malformed.broken_encoding),
    Transform("wrong_nesting", "malformed", "answer", "one level too deep", malformed.wrong_nesting),
    Transform("empty", "malformed", "clarification", "nothing, or blanks only", malformed.empty),
    Transform("field_removed", "ambiguous", "clarification", "without what it turns on", ambiguous.field_removed),
    Transform("field_doubled", "ambiguous", "clarification", "a second value, of another case", ambiguous.field_doubled),
    Transform("conflicting_requirements", "conflicting", "clarification", "two demands that contradict", ambiguous.conflicting_requirements),
    *(
        Transform(
            f"limit_{level}_{place}",
            "limit",
            "escalation" if level > 100 else "answer",
            f"{level}% of the context limit, the input {place}",
            filled(level, place),
        )
        for level in LEVELS
        for place in PLACES
    ),
    Transform("other_script", "script", "answer", "in Cyrillic or Greek letters, or in Latin ones", scripts.other_script),
    Transform("wide_letters", "script", "answer", "in fullwidth letters", scripts.wide_letters),
    Transform("look_alikes", "script", "answer", "some letters replaced by ones that look the same", scripts.look_alikes),
    Transform("right_to_left", "script", "answer", "in Hebrew or Arabic letters, or its direction turned", scripts.right_to_left),
    Transform("mixed_scripts", "script", "answer", "words in several scripts", scripts.mixed_scripts),
)  # fmt: skip

TRANSFORMS: Mapping[str, Transform] = {transform.name: transform for transform in _TABLE}


def chosen_transforms(names: Sequence[str] = ()) -> tuple[Transform, ...]:
    """Return the transforms of these names or kinds, all for none.

    Raises:
        UsageError: for a name that is neither.

    Example:
        >>> [transform.name for transform in chosen_transforms(["ambiguous", "empty"])]
        ['empty', 'field_removed', 'field_doubled']
    """
    kinds = {transform.kind for transform in _TABLE}
    for name in names:
        if name not in TRANSFORMS and name not in kinds:
            raise UsageError(
                f"there is no transform {name!r}",
                hint=f"kinds: {', '.join(sorted(kinds))}; transforms: {', '.join(TRANSFORMS)}",
            )
    return tuple(each for each in _TABLE if not names or each.name in names or each.kind in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stressed(Record):
    """A case that a transform made, and what was changed in words; `case` is None where it does not apply."""

    transform: str
    parent: str
    case: Case | None
    change: str


def material_of(cases: Sequence[Case], limit: int | None = None, per_token: float = 4.0) -> Material:
    """Return what transforms may use of the cases of one split.

    Args:
        cases: All of that split.
        limit: The context limit in tokens.
        per_token: Characters of a token.
    """
    known = Counter(word for case in cases for word in set(words(input_text(case.input))))
    return Material(cases, known, limit, per_token)


def stressed(case: Case, transform: Transform, material: Material, seed: int) -> Stressed:
    """Return what a transform makes of a case; the same case, transform, seed and material give the same.

    A reference is kept only where an answer is still expected. Group, stratum and tags are those of the parent.

    Example:
        >>> parent = Case(id="7", input="Where is my new card?", reference="card_arrival")
        >>> made = stressed(parent, TRANSFORMS["cut_off"], material_of([parent]), seed=1)
        >>> made.case.id, made.case.parent, made.case.expect, made.case.reference
        ('7~cut_off~1', '7', 'clarification', None)
    """
    made = transform.apply(case, _random(seed, transform.name, case.id), material)
    if made is None:
        return Stressed(transform=transform.name, parent=case.id, case=None, change="does not apply to it")
    child = _child(case, transform, made, seed)
    if case_digest(child) == case_digest(case):
        return Stressed(transform=transform.name, parent=case.id, case=None, change="would leave it as it is")
    return Stressed(transform=transform.name, parent=case.id, case=child, change=made.change)


def stress(
    parents: Iterable[Case], transforms: Sequence[Transform], material: Material, seed: int
) -> Iterator[Stressed]:
    """Yield what each transform makes of each parent."""
    for parent in parents:
        for transform in transforms:
            yield stressed(parent, transform, material, seed)


def _child(case: Case, transform: Transform, made: Made, seed: int) -> Case:
    return Case(
        id=f"{case.id}~{transform.name}~{seed}",
        input=made.input,
        reference=case.reference if transform.expect == "answer" else None,
        category="adversarial",
        stratum=case.stratum,
        group=case.group,
        tags=case.tags,
        origin="synthetic",
        generator=GENERATOR,
        parent=case.id,
        transform=transform.name,
        expect=transform.expect,
    )


def _random(seed: int, transform: str, parent: str) -> np.random.Generator:
    content = f"{seed}\0{transform}\0{parent}".encode("utf-8", "surrogatepass")
    return np.random.default_rng(int.from_bytes(hashlib.sha256(content).digest()[:16]))
