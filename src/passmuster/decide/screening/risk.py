"""The chance that the best on the own task is among those that a leaderboard dropped, by simulation of the own scores."""

from collections.abc import Sequence
from math import sqrt

import numpy as np

from passmuster.decide.measured import BoolArray, FloatArray
from passmuster.decide.screening.own import OwnScores
from passmuster.records.score import Direction
from passmuster.records.screening import FEWEST_MODELS, Basis, Risk
from passmuster.stats.arrays import IntArray
from passmuster.stats.fay_herriot import linked_means
from passmuster.stats.rank_agreement import normal_scores

DRAWS = 20_000
MOST_CELLS = 8_000_000
ASSUMED = 0.7
"""The correlation that is assumed where nobody knows it, and the middle one of those that are shown beside."""

OTHERS = (0.9, 0.7, 0.5)
REACH = 1.959963984540054


class Worlds:
    """Draws of what the own scores of a table's models may be: one row a draw, one column a model.

    Args:
        basis: Where they come from.
        drawn: The draws; more is better.
        assumes: What they rest on, in a sentence.
        correlation: Between the normal scores of both, with its 95% interval where it was measured.
        asked: The models with own scores, the best so far first.
    """

    def __init__(
        self,
        basis: Basis,
        drawn: FloatArray,
        assumes: str,
        correlation: tuple[float, float | None, float | None] | None = None,
        asked: Sequence[int] = (),
    ) -> None:
        self.basis = basis
        self.assumes = assumes
        self.correlation = correlation
        self.asked = asked
        self._drawn = drawn

    def winners(self, eligible: BoolArray) -> IntArray:
        """Return how often each model is the best of those that may be."""
        best = np.where(eligible, self._drawn, -np.inf).argmax(axis=1)
        return np.bincount(best, minlength=self._drawn.shape[1])

    @property
    def draws(self) -> int:
        """How many there are."""
        return len(self._drawn)

    def risk(self, eligible: BoolArray, kept: BoolArray) -> Risk:
        """Return the chance that the best of those that may be is not among those that are kept."""
        if not eligible.any():
            return Risk(basis=self.basis, risk=0.0, error=0.0, assumes="nobody is left to choose from")
        wins = self.winners(eligible)
        share = float(wins[~kept].sum()) / self.draws
        value, low, high = self.correlation or (None, None, None)
        return Risk(
            basis=self.basis,
            risk=share,
            error=REACH * sqrt(max(share * (1 - share), 1 / self.draws) / self.draws),
            assumes=self.assumes,
            correlation=value,
            low=low,
            high=high,
            models=len(self.asked) or None,
        )


def _number_of(models: int) -> int:
    return max(1000, min(DRAWS, MOST_CELLS // max(models, 1)))


def stated_worlds(
    public: FloatArray, correlation: float, rng: np.random.Generator, basis: Basis = "stated"
) -> Worlds:
    """Draw own scores that agree with the public order to a stated degree (a Gaussian copula).

    Args:
        public: One figure a model, more is better.
        correlation: Between the normal scores of both, from 0 to 1; Kendall's tau is 2/pi of its arc sine.
        rng: Draws.
        basis: `stated` by the user, or `assumed`.

    Example:
        >>> worlds = stated_worlds(np.arange(50.0), 0.7, np.random.default_rng(0))
        >>> every = np.ones(50, dtype=bool)
        >>> 0.1 < worlds.risk(every, np.arange(50) >= 40).risk < 0.4
        True
    """
    x = normal_scores(public)
    noise = rng.normal(size=(_number_of(len(x)), len(x)))
    drawn = correlation * x + sqrt(max(0.0, 1 - correlation**2)) * noise
    who = "you state" if basis == "stated" else "is assumed"
    tau = 2 / np.pi * np.arcsin(correlation)
    return Worlds(
        basis,
        drawn,
        f"a correlation of {correlation:.2f} (tau {tau:.2f}) between public and own order, which {who},"
        " alike over the whole table",
        (correlation, None, None),
    )


def measured_worlds(
    public: FloatArray, places: Sequence[int], own: OwnScores, rng: np.random.Generator
) -> Worlds | None:
    """Draw own scores of all models of a table from those of some; None below six, or where they say nothing.

    Those of models with own scores are what these scores leave open, those of the others lie around the line through them.
    Six to twenty models leave much open of that line. Averaged over all of it the risk is told too low where the leaderboard
    says little of the task, so only the half of what is possible counts in which it says less; and no leaderboard is taken to
    say the opposite of what it says.

    Args:
        public: One figure a model, more is better.
        places: Which models the own scores are of, column by column.
        own: The own scores.
        rng: Draws.
    """
    x = normal_scores(public)
    if len(places) < FEWEST_MODELS or np.ptp(x[list(places)]) == 0:
        return None
    means, asked = own.linear(), list(places)
    found = linked_means(means.value, means.covariance, x[asked], rng, 2 * _number_of(len(x)))
    correlations = found.slope / np.sqrt(found.slope**2 + found.spread**2)
    low, middle, high = (float(each) for each in np.quantile(correlations, [0.025, 0.5, 0.975]))
    less = correlations <= middle
    slope, centre = np.maximum(found.slope[less], 0.0)[:, None], x[asked].mean()
    level = (found.intercept + found.slope * centre)[
        less, None
    ]  # a flatter line turns around where models were asked
    noise = rng.normal(size=(len(slope), len(x)))
    drawn = level + slope * (x - centre) + found.spread[less, None] * noise
    drawn[:, asked] = found.means[less]
    return Worlds(
        "measured",
        drawn,
        f"what your scores of {len(places)} of its models say of the others, that these lie around the same line; of what they"
        " leave open the half that speaks less for the leaderboard",
        (middle, low, high),
        [asked[place] for place in np.argsort(-means.value, kind="stable")],
    )


def table_worlds(values: FloatArray, errors: FloatArray, rng: np.random.Generator) -> Worlds | None:
    """Draw what the table itself would have said, had it been made again; None where it tells no errors.

    Args:
        values: One figure a model, more is better.
        errors: The standard error of each; NaN where unknown.
        rng: Draws.
    """
    if np.isnan(errors).any():
        return None
    drawn = values + errors * rng.normal(size=(_number_of(len(values)), len(values)))
    return Worlds(
        "table",
        drawn,
        "that your task is the leaderboard's, and only its own noise stands between: the least that it is",
    )


def side_of(direction: Direction) -> float:
    """Return 1 where more is better, -1 where less is."""
    return 1.0 if direction == "higher" else -1.0
