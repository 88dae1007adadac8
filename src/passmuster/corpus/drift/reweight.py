"""The cases of a corpus in the mix of today's traffic."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from passmuster.records.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class TodaysMix:
    """Cases with the weights that today's traffic gives them.

    `covered` is the share of today's traffic in cells that have cases, in [0, 1]; `left_out` counts the cases that lie
    where there is no traffic any more.
    """

    cases: tuple[Case, ...]
    covered: float
    left_out: int


def todays_mix(cases: Sequence[Case], cells: Sequence[str | None], traffic: Mapping[str, float]) -> TodaysMix:
    """Weight cases so that each cell counts as much as it holds of today's traffic.

    Within a cell, cases keep the weights that they have among themselves: post-stratification (Holt and Smith 1979).
    What lies in cells without a case is not covered, and no weight can make up for it.

    Args:
        cases: Those that estimate production.
        cells: The cell of each; None where it is unknown.
        traffic: The share of today's traffic in each cell; adds up to 1.

    Example:
        >>> cases = [Case(id="1", input="x"), Case(id="2", input="y"), Case(id="3", input="z")]
        >>> found = todays_mix(cases, ["a", "a", "b"], {"a": 0.2, "b": 0.6, "new": 0.2})
        >>> [round(case.weight, 2) for case in found.cases], round(found.covered, 2)
        ([0.38, 0.38, 2.25], 0.8)
    """
    known = [case.weight for case in cases if case.weight is not None]
    usual = sum(known) / len(known) if known else 1.0
    own = [usual if case.weight is None else case.weight for case in cases]
    held: defaultdict[str, float] = defaultdict(float)
    for cell, weight in zip(cells, own, strict=True):
        if cell is not None and traffic.get(cell, 0.0) > 0:
            held[cell] += weight
    covered = sum(share for cell, share in traffic.items() if held.get(cell, 0.0) > 0)
    kept = [
        (case, cell, weight)
        for case, cell, weight in zip(cases, cells, own, strict=True)
        if cell is not None and held[cell] > 0
    ]
    scale = len(kept) / covered if covered > 0 else 0.0
    return TodaysMix(
        cases=tuple(
            replace(case, weight=weight / held[cell] * traffic[cell] * scale) for case, cell, weight in kept
        ),
        covered=covered,
        left_out=len(cases) - len(kept),
    )
