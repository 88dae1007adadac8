"""A candidate beside the incumbent, and what every test of the two needs."""

from dataclasses import dataclass

import numpy as np

from passmuster.decide.measured import FloatArray, Measured
from passmuster.stats.margins import cases_to_settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A candidate and the incumbent, laid out over the same cases."""

    candidate: Measured
    incumbent: Measured

    @property
    def groups(self) -> np.ndarray | None:
        """The number of each case's group, where cases are grouped."""
        return self.candidate.groups

    @property
    def weights(self) -> FloatArray | None:
        """How many cases of traffic each stands for, where they differ."""
        return self.candidate.weights


def more_cases(n: float, found: tuple[float, float], level: float) -> int | None:
    """Return how many more cases settle a test at a level, from both of its p-values with `n` cases.

    Where it leans to "meets" these are the cases that show it, else those that show that it misses.
    """
    p, p_misses = found
    total = cases_to_settle(n, min(p, p_misses), level)
    return None if total is None or min(p, p_misses) > 0.5 else max(1, int(np.ceil(total - n)))
