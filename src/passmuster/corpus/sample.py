"""Taking some of the cases."""

import hashlib
from array import array
from collections.abc import Sequence

from passmuster.corpus.keys import KeyedCases
from passmuster.errors import UsageError
from passmuster.records.case import Case


def first_cases(cases: Sequence[Case], limit: int | None, seed: int = 0) -> Sequence[Case]:
    """Return `limit` of the cases, in their own order; all for None.

    They are the first ones of an order that depends on `seed` and on the input of each case only: strata
    mix, every candidate gets the same ones, a higher limit adds to a lower one, and so do new cases.

    Raises:
        UsageError: for a limit below 1.

    Example:
        >>> cases = [Case(id=str(n), input=str(n)) for n in range(9)]
        >>> {case.id for case in first_cases(cases, 3)} < {case.id for case in first_cases(cases, 5)}
        True
    """
    if limit is None:
        return cases
    if limit < 1:
        raise UsageError(f"a run needs at least one case, got a limit of {limit}")
    keyed = KeyedCases.of(cases)
    if limit >= len(keyed):
        return keyed

    def place(position: int) -> tuple[bytes, str]:
        name, own = keyed.keys[position]
        return hashlib.sha256(f"{seed}:{own}".encode()).digest(), name

    # Eight bytes a case decide; the whole place, with the id, only among those that tie with the last one.
    lots = array("Q", (int.from_bytes(place(position)[0][:8], "big") for position in range(len(keyed))))
    last = sorted(lots)[limit - 1]
    taken = [position for position, lot in enumerate(lots) if lot < last]
    tied = sorted((position for position, lot in enumerate(lots) if lot == last), key=place)
    return keyed.chosen(sorted(taken + tied[: limit - len(taken)]))
