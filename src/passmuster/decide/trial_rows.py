"""Some trials of a candidate one by one, with what makes them dependent: repeats, groups and weights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.measured import BoolArray, FloatArray, Measured

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRows:
    """The case of each trial, its weight (None: all the same) and its cluster (None: all are independent).

    The repeats of a case share its weight, and are a cluster where their case has no group.
    """

    cases: NDArray[np.int64]
    weights: FloatArray | None
    clusters: NDArray[np.int64] | None

    def where(self, some: BoolArray) -> "TrialRows":
        """Return some of the trials."""
        return TrialRows(
            cases=self.cases[some],
            weights=None if self.weights is None else self.weights[some],
            clusters=None if self.clusters is None else self.clusters[some],
        )


def trial_rows(measured: Measured, used: BoolArray) -> TrialRows:
    """Return the trials in `used`, one flag a cell."""
    cases = np.broadcast_to(np.arange(measured.cases)[:, None], used.shape)[used]
    return TrialRows(
        cases=cases, weights=_weights(measured, used, cases), clusters=_clusters(measured, cases)
    )


def _weights(measured: Measured, used: BoolArray, cases: NDArray[np.int64]) -> FloatArray | None:
    own = 1 / used.sum(axis=1)[cases]
    if measured.weights is not None:
        own = own * measured.weights[cases]
    same = not own.size or float(own.max() - own.min()) <= _ROUNDING
    return None if same else np.asarray(own, dtype=np.float64)


def _clusters(measured: Measured, cases: NDArray[np.int64]) -> NDArray[np.int64] | None:
    if measured.groups is not None:
        return measured.groups[cases]
    return cases if measured.layout.repeats > 1 else None
