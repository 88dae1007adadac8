"""The chance of a decision: the decision rule itself, applied to simulated runs.

All bars of a candidate (intersection-union), Holm over the candidates, the cheapest of those that pass; a run in
which every candidate is shown to miss a bar is decided, too.
"""

from collections.abc import Sequence

import numpy as np

from passmuster.decide.measured import BoolArray
from passmuster.decide.planning.drawn import Drawn
from passmuster.records.decision import Leading
from passmuster.records.plan import Chance, Headroom
from passmuster.stats.families import holm_matrix
from passmuster.stats.intervals import binomial_p_greater

FINALISTS = 3
HEADROOMS = (0.02, 0.05, 0.08)
"""How far above its bar the best candidate may be, where nothing is known of any."""


def chance_of_decision(drawn: Drawn, alpha: float, finalists: Sequence[str] = ()) -> Chance:
    """Return in which share of the simulated runs a decision is reached.

    Args:
        drawn: The simulated runs (`draw_runs`).
        alpha: The chance of any false pass that the verdicts keep.
        finalists: Who alone may pass; none: everybody.

    Example:
        >>> from passmuster.decide.planning.drawn import Unknown, draw_runs
        >>> chance_of_decision(draw_runs([Unknown(names=("a",))], 100, seed=1), 0.05).total
        0.0
    """
    family = drawn.in_family & _among(drawn, finalists)
    passes = _passes(drawn, family, alpha)
    decided = passes.any(axis=1)
    # Who is no finalist, or cannot be tested, is not shown to fail by that.
    none = ~decided & (drawn.misses <= alpha).all(axis=1) & bool(drawn.names)
    total = float((decided | none).mean())
    return Chance(
        cases=drawn.cases,
        family=int(family.sum()),
        finalists=tuple(name for name in drawn.names if name in finalists),
        decided=float(decided.mean()),
        none=float(none.mean()),
        total=total,
        error=2 * float(np.sqrt(total * (1 - total) / drawn.repetitions)),
        chosen=_chosen(drawn, passes),
        passing=_shares(drawn, passes.mean(axis=0)),
        repetitions=drawn.repetitions,
    )


def likely_finalists(drawn: Drawn, alpha: float, size: int = FINALISTS) -> tuple[str, ...]:
    """Return those that would pass most often, were they a family of this size; () where there are no more than that.

    They must be named by what is known from elsewhere: whoever picks them by replies to the cases that then test
    them voids the error rate.

    Example:
        >>> from passmuster.decide.planning.drawn import Unknown, draw_runs
        >>> likely_finalists(draw_runs([Unknown(names=("a", "b"))], 100, seed=1), 0.05)
        ()
    """
    if int(drawn.in_family.sum()) <= size:
        return ()
    alone = np.where(drawn.in_family, (drawn.p <= alpha / size).mean(axis=0), -1.0)
    nearest = np.where(drawn.in_family, -np.median(drawn.p, axis=0), -np.inf)
    order = sorted(range(len(drawn.names)), key=lambda index: (-alone[index], -nearest[index]))
    kept = [index for index in order[:size] if alone[index] > 0]
    return tuple(drawn.names[index] for index in sorted(kept)) if len(kept) == size else ()


def chances_by_headroom(cases: int, limit: float, family: int, alpha: float) -> tuple[Headroom, ...]:
    """Return how likely the best candidate is to pass, by how far it truly is above the bar, where nothing else is known.

    The others are taken not to pass and the other bars to be met. Exact, by the binomial distribution; heights that
    would be above 1 are left out.

    Args:
        cases: How many cases the run has.
        limit: The bar, as a share in (0, 1).
        family: How many candidates the correction covers.
        alpha: The chance of any false pass.

    Example:
        >>> [(each.above, round(each.all_candidates, 2)) for each in chances_by_headroom(200, 0.70, 14, 0.05)]
        [(0.02, 0.01), (0.05, 0.11), (0.08, 0.4)]
    """
    return tuple(
        Headroom(
            above=above,
            all_candidates=_power(cases, limit, limit + above, alpha / max(family, 1)),
            three_finalists=_power(cases, limit, limit + above, alpha / max(min(family, FINALISTS), 1)),
            alone=_power(cases, limit, limit + above, alpha),
        )
        for above in HEADROOMS
        if limit + above <= 1
    )


def _power(cases: int, limit: float, rate: float, level: float) -> float:
    counts = np.arange(cases + 1, dtype=np.float64)
    enough = counts[binomial_p_greater(counts, cases, limit) <= level]
    return float(binomial_p_greater(enough[0], cases, rate)) if enough.size else 0.0


def _among(drawn: Drawn, finalists: Sequence[str]) -> BoolArray:
    return np.array([not finalists or name in finalists for name in drawn.names], dtype=np.bool_)


def _passes(drawn: Drawn, family: BoolArray, alpha: float) -> BoolArray:
    passes = np.zeros(drawn.p.shape, dtype=np.bool_)
    if family.any():
        passes[:, family] = holm_matrix(drawn.p[:, family]) <= alpha
    return passes


def _chosen(drawn: Drawn, passes: BoolArray) -> tuple[Leading, ...]:
    """Return who is the cheapest of those that pass, in which share of the runs; unknown prices come last."""
    known = np.where(np.isinf(drawn.prices), np.finfo(np.float64).max, drawn.prices)
    some = passes.any(axis=1)
    if not some.any():
        return ()
    best = np.where(passes, known, np.inf)[some].argmin(axis=1)
    counts = np.bincount(best, minlength=len(drawn.names))
    return _shares(drawn, counts / drawn.repetitions)


def _shares(drawn: Drawn, shares: np.ndarray) -> tuple[Leading, ...]:
    order = sorted(range(len(drawn.names)), key=lambda index: (-shares[index], drawn.names[index]))
    return tuple(
        Leading(name=drawn.names[index], share=float(shares[index])) for index in order if shares[index] > 0
    )
