"""Which cases may be sent to a candidate: a model behind somebody else's door must not see everything."""

from collections.abc import Iterator, Mapping

from passmuster.corpus.personal.find import has_personal_data
from passmuster.records.candidate import Egress
from passmuster.records.case import Case
from passmuster.records.digest import plain

PERSONAL = "personal_data"
"""The tag of a case that holds personal data, whatever its text looks like."""
CLEARED = "no_personal_data"
"""The tag of a case of which a person says that it holds none, although it looks like it."""


def may_receive(egress: Egress | None, case: Case) -> bool:
    """Return whether a case may be sent under these rules.

    Example:
        >>> closed = Egress(personal_data=False)
        >>> may_receive(closed, Case(id="1", input="Write to jo@example.com"))
        False
        >>> may_receive(closed, Case(id="2", input="Which plan is cheapest?"))
        True
    """
    if egress is None:
        return True
    if egress.strata and case.stratum not in egress.strata:
        return False
    return egress.personal_data or not holds_personal_data(case)


def holds_personal_data(case: Case) -> bool:
    """Return whether a case is tagged as holding personal data, or its input looks like it."""
    if PERSONAL in case.tags:
        return True
    if CLEARED in case.tags:
        return False
    # Text by text, as it will be read: written as JSON, a line break would end in a letter and hide what follows.
    return any(map(has_personal_data, _texts(plain(case.input))))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            # The name of a field says what it holds: {"phone": "467 3395"}.
            yield from (f"{name}: {text}" for text in _texts(item))
            yield str(name)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif value is not None:
        yield str(value)
