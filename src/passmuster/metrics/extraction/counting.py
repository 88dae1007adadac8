"""Counting what is right, what was answered and what the reference holds, kind by kind."""

from collections.abc import Iterable, Mapping

from passmuster.metrics.metric import shown
from passmuster.records.record import Json

MOST_SHOWN = 20
"""Items of each list that a score keeps."""

MOST_KINDS = 100
"""Kinds that one score tells apart where the answer makes their names."""

OTHERS = "(others)"
"""The kind of what belongs to none that is known."""


def f1(right: float, answered: float, reference: float) -> float:
    """Return F1 in [0, 1]; 1 where nothing was answered and nothing is there.

    It is 2 right / (answered + reference), which is the harmonic mean of precision and recall.

    Example:
        >>> f1(1, 2, 2), f1(0, 0, 0)
        (0.5, 1.0)
    """
    whole = answered + reference
    return 2 * right / whole if whole else 1.0


class Tallies:
    """Counts by kind in the making, with the names of what is not right."""

    def __init__(self) -> None:
        self._counts: dict[str, list[float]] = {}

    def add(self, kind: str, *, right: float = 0, answered: float = 0, reference: float = 0) -> None:
        """Count something of a kind."""
        if kind not in self._counts and len(self._counts) >= MOST_KINDS:
            kind = OTHERS
        triple = self._counts.setdefault(kind, [0, 0, 0])
        for place, value in enumerate((right, answered, reference)):
            triple[place] += value

    @property
    def counts(self) -> dict[str, list[float]]:
        """Kind -> [right, answered, in the reference]."""
        return self._counts

    @property
    def value(self) -> float:
        """F1 of all kinds together."""
        right, answered, reference = (
            sum(each[place] for each in self._counts.values()) for place in range(3)
        )
        return f1(right, answered, reference)


def unreadable(counts: Mapping[str, list[float]], reason: str) -> dict[str, Json]:
    """Return the details of a reply that cannot be read: nothing answered, and why."""
    empty = {kind: [0, 0, each[2]] for kind, each in counts.items() if each[2]}
    return {"counts": empty, "unreadable": True, "reason": reason}


def listed(texts: Iterable[str]) -> list[Json]:
    """Return the first of some texts, each as a score keeps it.

    Example:
        >>> len(listed("abc" * 20))
        20
    """
    return [shown(text) for text, _ in zip(texts, range(MOST_SHOWN), strict=False)]
