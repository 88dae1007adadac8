"""The mix of strata, topics or languages: its shift between corpus and traffic, tested and said."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from passmuster.corpus.drift.report import CellShift, Observed, clusters_of
from passmuster.corpus.sampling.strata import MISSING
from passmuster.stats.arrays import FloatArray
from passmuster.stats.chi_square import (
    cluster_effect,
    effective_size,
    homogeneity,
    smallest_shift,
    whole_counts,
)

LARGE_Z = 2.0
"""Standard errors from which a cell is named among those that grew or shrank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MixShift:
    """The shift of a mix: its p-value, the cells with the largest change first, and the sizes that the test used."""

    p: float
    moved: float
    smallest: float | None
    cells: tuple[CellShift, ...]
    corpus_size: float
    traffic_size: float
    merged: int


def mix_shift(
    corpus: Sequence[Observed],
    traffic: Sequence[Observed],
    rng: np.random.Generator,
    *,
    alpha: float = 0.05,
    open_ended: bool = True,
) -> MixShift:
    """Compare the corpus's weighted shares with those of traffic.

    The corpus counts for as many independent cases as its weighted shares are worth: cases that were drawn by the very
    strata that are compared give the exact shares of the traffic they were drawn from. Users and sessions are clusters,
    which make both sides worth less; where the corpus stands for traffic that is not here, its users are taken to repeat
    themselves as much as today's do.

    Args:
        corpus: The cases that estimate production.
        traffic: Today's records.
        rng: Draws the random tables.
        alpha: The level for the smallest shift that would have been shown with 80% power.
        open_ended: Whether what is new has a cell of its own, as a new stratum does; else, as with topics, that shift
            is one into a cell of usual size.

    Raises:
        ValueError: where a side is empty.
    """
    names = sorted({each.cell or MISSING for side in (corpus, traffic) for each in side})
    place = {name: number for number, name in enumerate(names)}
    own, other = (
        np.array([place[each.cell or MISSING] for each in side], dtype=np.int64) for side in (corpus, traffic)
    )
    weights = observed_weights(corpus)
    effect = cluster_effect(other, clusters_of(traffic))
    size = effective_size(own, weights, [each.drawn_by for each in corpus])
    own_effect = cluster_effect(own, clusters_of(corpus), weights)
    size /= own_effect if weights is None else max(effect, own_effect)
    shares = np.bincount(own, weights=weights, minlength=len(names))
    shares = shares / shares.sum()
    today = np.bincount(other, minlength=len(names)) / other.size
    other_size = other.size / effect
    found = homogeneity(whole_counts(shares, size), whole_counts(today, other_size), rng)
    return MixShift(
        p=found.p,
        moved=float(np.abs(shares - today).sum() / 2),
        smallest=smallest_shift(
            shares, size, other_size, held=0.0 if open_ended else 1 / np.count_nonzero(shares), alpha=alpha
        ),
        cells=_cells(names, (own, other), (shares, today), (size, other_size)),
        corpus_size=size,
        traffic_size=other_size,
        merged=found.merged,
    )


def observed_weights(side: Sequence[Observed]) -> FloatArray | None:
    """Return how many cases of traffic each stands for, None where none says so.

    A case that does not say it, among others that do, stands for as many as these on average.
    """
    known = np.array([np.nan if each.weight is None else each.weight for each in side], dtype=np.float64)
    if np.isnan(known).all():
        return None
    return np.where(np.isnan(known), np.nanmean(known), known)


def _cells(
    names: Sequence[str],
    codes: tuple[np.ndarray, np.ndarray],
    shares: tuple[FloatArray, FloatArray],
    sizes: tuple[float, float],
) -> tuple[CellShift, ...]:
    counts = [Counter(each.tolist()) for each in codes]
    pooled = (shares[0] * sizes[0] + shares[1] * sizes[1]) / sum(sizes)
    error = np.sqrt(pooled * (1 - pooled) * (1 / sizes[0] + 1 / sizes[1]))
    found = [
        CellShift(
            name=name,
            corpus=float(shares[0][number]),
            traffic=float(shares[1][number]),
            cases=counts[0][number],
            records=counts[1][number],
            z=float((shares[1][number] - shares[0][number]) / error[number]) if error[number] > 0 else None,
        )
        for number, name in enumerate(names)
    ]
    return tuple(sorted(found, key=lambda cell: (-abs(cell.traffic - cell.corpus), cell.name)))


def grown(cells: Sequence[CellShift]) -> list[CellShift]:
    """Return the cells that hold clearly more of today's traffic than of the corpus, the largest change first.

    Where none stands out alone, the one that grew most.
    """
    more = [cell for cell in cells if cell.traffic > cell.corpus]
    clear = [cell for cell in more if (cell.z or 0.0) >= LARGE_Z]
    return clear or more[:1]
