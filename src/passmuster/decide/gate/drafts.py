"""Rows in the making: what is shown of one hangs on how many are looked at, so that all are finished together."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from passmuster.records.gate import GateLine
from passmuster.stats.families import holm


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A row that needs the corrected p-value of "it is no worse" to be finished.

    `p` is the one before the correction, None where it cannot be tested. `counts` says whether it is one of those that are
    looked at for an alarm: what is refused, not measurable or for sanity only is not.
    """

    p: float | None
    finish: Callable[[float | None], GateLine]
    counts: bool = True


def fixed(line: GateLine) -> Draft:
    """Return a row that nothing is to be tested of."""
    return Draft(p=None, finish=lambda _adjusted: line, counts=False)


def finished(drafts: Iterable[Draft]) -> tuple[GateLine, ...]:
    """Return the rows, corrected by Holm over all of them together.

    Without any change one of them is shown to be worse with a chance of alpha at most, whatever they are of.
    """
    rows = list(drafts)
    corrected = iter(holm([row.p for row in rows if row.counts]))
    return tuple(row.finish(next(corrected) if row.counts else None) for row in rows)
