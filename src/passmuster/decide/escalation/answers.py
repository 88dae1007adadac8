"""What a candidate's first replies came to, case by case: right or wrong, with what a task costs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.measured import FAILED, REPLIED, BoolArray, FloatArray, Measured
from passmuster.records.task import Success


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The first repeat of each case: in production there is one reply.

    `wrong` is 1 or 0 where that is known, and 1 where a reply could not be scored; NaN where there is nothing to compare
    it with, or nobody was asked. `cost` is in US dollars a task, without review.
    """

    replied: BoolArray
    failed: BoolArray
    wrong: FloatArray
    unscored: BoolArray
    cost: FloatArray
    weights: FloatArray | None
    groups: NDArray[np.int64] | None

    @property
    def labelled(self) -> BoolArray:
        """The cases of which it is known whether they were answered well."""
        return ~np.isnan(self.wrong)

    def weight(self, cases: BoolArray) -> float:
        """Return how many cases of traffic these stand for."""
        return float(cases.sum() if self.weights is None else self.weights[cases].sum())

    def weights_of(self, cases: BoolArray) -> FloatArray | None:
        """Return the weights of these cases; None where all are alike."""
        return None if self.weights is None else self.weights[cases]

    def groups_of(self, cases: BoolArray) -> NDArray[np.int64] | None:
        """Return the groups of these cases; None where all stand alone."""
        return None if self.groups is None else self.groups[cases]

    def mean(self, values: FloatArray, cases: BoolArray) -> float | None:
        """Return the mean over those of the cases where it is known, by their weights; None where it never is."""
        known = cases & ~np.isnan(values)
        if not known.any():
            return None
        return float(np.average(values[known], weights=self.weights_of(known)))


def answers_of(measured: Measured, success: Success) -> Answers:
    """Return what a candidate's first replies came to.

    Args:
        measured: The candidate over the cases.
        success: When a reply is right.
    """
    state = measured.columns.state[:, 0]
    replied, failed = np.equal(state, REPLIED), np.equal(state, FAILED)
    right = measured.succeeded(success)[:, 0]
    unscored = measured.unscored_cells(success.metric)[:, 0] & np.isnan(right)
    cells = measured.cost.total() - measured.cost.events()
    return Answers(
        replied=replied,
        failed=failed,
        wrong=np.where(unscored, 1.0, 1.0 - right),
        unscored=unscored,
        cost=measured.per_case(np.where(measured.asked, cells, np.nan)),
        weights=measured.weights,
        groups=measured.groups,
    )
