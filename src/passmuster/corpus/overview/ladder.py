"""The ladder: what a corpus of some size can show, and which sizes are worth having."""

import math
from collections.abc import Iterable, Sequence

from passmuster.records.case import Case
from passmuster.records.description import Rung
from passmuster.stats.intervals import wilson
from passmuster.stats.paired_power import smallest_gap
from passmuster.stats.power import rate_to_pass

RUNGS: tuple[tuple[int, str], ...] = (
    (100, "a start"),
    (200, "compare candidates"),
    (500, "ready for production"),
    (1_000, "tell close ones apart"),
)
"""Cases that estimate production, and what for."""

DISCORDANCE = 0.2
"""The share of cases that exactly one of two candidates gets right, where nothing is known."""

BAR = 0.85
"""The bar at which a rung says how far above it a candidate must be."""

PER_STRATUM = 30
"""Cases of a major stratum, at least: 30 to 50 are usual."""

MAJOR = 0.05
"""The share of the traffic from which a stratum is a major one."""


def ladder(effective: float, discordance: float = DISCORDANCE, bar: float = BAR) -> tuple[Rung, ...]:
    """Return the rungs, with what each can show at 80% power and an error rate of 5%.

    Args:
        effective: As many equally weighted cases as there are.
        discordance: The share of cases that exactly one of two candidates gets right, in (0, 1].
        bar: A bar in (0, 1).

    Example:
        >>> [(rung.cases, rung.reached, round(rung.between, 3)) for rung in ladder(250)]
        [(100, True, 0.124), (200, True, 0.088), (500, False, 0.056), (1000, False, 0.04)]
    """
    return tuple(
        rung(cases, purpose, discordance, bar, reached=effective >= cases) for cases, purpose in RUNGS
    )


def rung(cases: int, purpose: str, discordance: float, bar: float, *, reached: bool) -> Rung:
    """Return what so many cases can show.

    Example:
        >>> rung(500, "here", 0.2, 0.85, reached=True).width < 0.04
        True
    """
    passing = rate_to_pass(cases, bar)
    low, high = wilson(round(bar * cases), max(cases, 1))
    return Rung(
        cases=cases,
        purpose=purpose,
        reached=reached,
        between=smallest_gap(cases, discordance),
        above=None if passing is None else passing - bar,
        width=float(high - low) / 2,
    )


def effective_size(cases: Iterable[Case]) -> float:
    """Return as how many equally weighted cases these estimate a mean: (sum w)^2 / sum w^2 (Kish 1965, Survey Sampling).

    A case without a weight counts as one of mean weight.

    Example:
        >>> effective_size([Case(id="1", input="a", weight=1.0), Case(id="2", input="b", weight=3.0)])
        1.6
    """
    known = [case.weight for case in cases]
    given = [weight for weight in known if weight is not None]
    usual = math.fsum(given) / len(given) if given else 1.0
    weights = [usual if weight is None else weight for weight in known]
    squares = math.fsum(weight * weight for weight in weights)
    # Rounded, or a hundred equal weights come to 99.99... and miss their rung.
    return round(math.fsum(weights) ** 2 / squares, 9) if squares else 0.0


def next_rung(rungs: Sequence[Rung], target: int) -> Rung | None:
    """Return the lowest rung that is not reached, up to a target; None where all of these are.

    Example:
        >>> next_rung(ladder(250), 500).cases
        500
    """
    return next((each for each in rungs if not each.reached and each.cases <= target), None)
