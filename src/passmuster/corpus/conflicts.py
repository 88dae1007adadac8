"""Cases that contradict one another."""

from collections.abc import Sequence

from passmuster.corpus.keys import KeyedCases
from passmuster.records.case import Case
from passmuster.records.corpus import Conflict
from passmuster.records.digest import canonical


def find_conflicts(cases: Sequence[Case]) -> tuple[Conflict, ...]:
    """Return the groups of cases with equal input and references that differ, ordered by case id.

    The references of a conflict stand in the order of its cases: texts as they are, anything else as JSON. A
    case without a reference contradicts nobody.

    Example:
        >>> find_conflicts([Case(id="1", input="x", reference="a"), Case(id="2", input="x", reference="b")])
        (Conflict(cases=('1', '2'), references=('a', 'b')),)
    """
    keyed = KeyedCases.of(cases)
    groups = (_answered(keyed, twins) for twins in keyed.keys.twins())
    found = [_conflict(group) for group in groups if len({text for _, text, _ in group}) > 1]
    return tuple(sorted(found, key=lambda conflict: conflict.cases))


def _answered(cases: Sequence[Case], twins: Sequence[int]) -> list[tuple[str, bytes, object]]:
    """Return id, text and value of the references of these cases, ordered by id."""
    own = ((cases[position].id, cases[position].reference) for position in twins)
    found = [(name, canonical(reference), reference) for name, reference in own if reference is not None]
    return sorted(found, key=lambda each: each[0])


def _conflict(group: Sequence[tuple[str, bytes, object]]) -> Conflict:
    return Conflict(
        cases=tuple(name for name, _, _ in group),
        references=tuple(
            reference if isinstance(reference, str) else text.decode("utf-8", "surrogatepass")
            for _, text, reference in group
        ),
    )
