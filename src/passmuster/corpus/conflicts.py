"""Cases that contradict one another."""

from collections import defaultdict
from collections.abc import Iterable

from passmuster.records.case import Case, case_digest
from passmuster.records.corpus import Conflict
from passmuster.records.digest import canonical


def find_conflicts(cases: Iterable[Case]) -> tuple[Conflict, ...]:
    """Return the groups of cases with equal input and references that differ, ordered by case id.

    The references of a conflict stand in the order of its cases: texts as they are, anything else as JSON. A
    case without a reference contradicts nobody.

    Example:
        >>> find_conflicts([Case(id="1", input="x", reference="a"), Case(id="2", input="x", reference="b")])
        (Conflict(cases=('1', '2'), references=('a', 'b')),)
    """
    same_input: defaultdict[str, list[Case]] = defaultdict(list)
    for case in sorted(cases, key=lambda case: case.id):
        if case.reference is not None:
            same_input[case_digest(case)].append(case)
    groups = [group for group in same_input.values() if len({canonical(c.reference) for c in group}) > 1]
    return tuple(
        Conflict(
            cases=tuple(case.id for case in group),
            references=tuple(_shown(case.reference) for case in group),
        )
        for group in groups
    )


def _shown(reference: object) -> str:
    return reference if isinstance(reference, str) else canonical(reference).decode("utf-8", "surrogatepass")
