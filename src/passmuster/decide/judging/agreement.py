"""How far any metric agrees with people: the figures that a reader needs side by side, each with its interval.

Kappa falls where nearly all replies are good, and a share hides which way a metric errs: no figure stands alone.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passmuster.decide.judging.shares import share_of
from passmuster.records.score import Estimate
from passmuster.stats.agreement import cohen_kappa, gwet_ac1, votes_of_codes, with_interval
from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import Clusters, cluster_numbers
from passmuster.stats.judged.association import alpha, associated, gap, kendall, pearson, spearman

SEED = 20
"""Of the resamples behind kappa and AC1: the same ratings always give the same interval."""

_HALF = 0.5


def verdict_agreement(
    values: ArrayLike, people: ArrayLike, *, groups: Clusters | None = None
) -> Mapping[str, Estimate]:
    """Return how far a pass/fail metric agrees with people: raw agreement, both rates, kappa and AC1.

    `sensitivity` is the share of what people passed that the metric passes, `specificity` of what they failed that it fails: one
    less these are its error rates. Replies on which raters are evenly split are left out. Where rated replies were
    drawn by verdict, `stats.judged.rates` weighs the two rates back.

    Args:
        values: 1 or 0 a reply, NaN where the metric gave none.
        people: The mean of what people said, 0 to 1, NaN where nobody rated.
        groups: One key a reply; those of one case or document are not independent.

    Example:
        >>> found = verdict_agreement([1, 1, 0, 0] * 25, [1, 0, 0, 0] * 25)
        >>> {name: round(each.value, 2) for name, each in found.items()}
        {'raw agreement': 0.75, 'sensitivity': 1.0, 'specificity': 0.67, 'kappa': 0.5, 'AC1': 0.53}
    """
    said, human, rows = _both(values, people)
    decided = human != _HALF
    said, truth, rows = said[decided], human[decided] > _HALF, rows[decided]
    missing = int((~np.isnan(np.asarray(values, dtype=np.float64))).sum()) - len(said)
    units = None if groups is None else cluster_numbers(np.asarray(groups)[rows])
    codes = np.stack([said > _HALF, truth], axis=1).astype(np.int64)
    votes = votes_of_codes(codes, categories=2)
    kappa, ac1 = (
        with_interval(each, votes, np.random.default_rng(SEED), units)
        for each in (cohen_kappa(codes), gwet_ac1(votes))
    )
    same = (codes[:, 0] == codes[:, 1]).astype(np.float64)
    return {
        "raw agreement": _share(same, units, missing),
        "sensitivity": _share(same[truth], None if units is None else units[truth], missing),
        "specificity": _share(same[~truth], None if units is None else units[~truth], missing),
        "kappa": _with_missing(kappa, missing),
        "AC1": _with_missing(ac1, missing),
    }


def score_agreement(
    values: ArrayLike, people: ArrayLike, *, groups: Clusters | None = None, same_unit: bool = True
) -> Mapping[str, Estimate]:
    """Return how far a graded metric agrees with people: Pearson, Spearman and Kendall's tau-b.

    Where both are in one unit, Krippendorff's alpha (interval) and the mean gap (metric minus people) as well: a metric may
    go up and down with people and still be a point too kind.

    Args:
        values: The metric's value of each reply, NaN where it gave none.
        people: The mean of what people said, NaN where nobody rated.
        groups: One key a reply; those of one case or document are not independent.
        same_unit: Whether both are on one scale.

    Example:
        >>> found = score_agreement([2, 3, 4, 5, 5] * 10, [1, 2, 3, 4, 5] * 10)
        >>> {name: round(each.value, 2) for name, each in found.items()}
        {'Pearson': 0.97, 'Spearman': 0.97, "Kendall's tau-b": 0.95, 'alpha': 0.78, 'mean gap': 0.8}
    """
    figures = {"Pearson": pearson, "Spearman": spearman, "Kendall's tau-b": kendall}
    if same_unit:
        figures |= {"alpha": alpha, "mean gap": gap}
    return {name: associated(figure, values, people, groups=groups) for name, figure in figures.items()}


def _both(values: ArrayLike, people: ArrayLike) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    said, human = np.asarray(values, dtype=np.float64), np.asarray(people, dtype=np.float64)
    rows = np.flatnonzero(~np.isnan(said) & ~np.isnan(human))
    return said[rows], human[rows], rows.astype(np.int64)


def _share(same: FloatArray, units: NDArray[np.int64] | None, missing: int) -> Estimate:
    found = share_of(same, units, missing=missing)
    return found if found.n else replace(found, note="no such reply is rated")


def _with_missing(found: Estimate, missing: int) -> Estimate:
    return Estimate(
        value=found.value,
        low=found.low,
        high=found.high,
        n=found.n,
        n_missing=missing,
        method=found.method,
        note=found.note,
    )
