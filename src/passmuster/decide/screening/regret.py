"""What it costs to have taken the leaderboard's first, on the own task."""

import numpy as np

from passmuster.decide.measured import FloatArray
from passmuster.decide.screening.own import OwnScores
from passmuster.decide.seed import SEED
from passmuster.records.score import Estimate
from passmuster.records.screening import Regret
from passmuster.stats.fay_herriot import linked_means
from passmuster.stats.rank_agreement import normal_scores
from passmuster.stats.student import student_quantile

DRAWS = 4000
LEVEL = 0.95
METHOD = "multiple comparisons with the best, simultaneous t over cases"


def regret_of(own: OwnScores, public: FloatArray) -> Regret:
    """Return how much better the own best is than the leaderboard's first of these candidates.

    The interval is that of "the best less the first" whoever the best is: the differences of all candidates to the first
    are bounded at once, and the largest bound each way is taken (multiple comparisons with the best: Hsu 1981, "Simultaneous
    confidence intervals for all distances from the best", Annals of Statistics 9(5)). `luck` is the winner's curse: the
    measured mean of the own best less what is left of it where means are shrunk towards what the leaderboard says.

    Args:
        own: Scores of candidates that the leaderboard has, at least four.
        public: One public figure a candidate, more is better; of several first the one listed first is taken.

    Example:
        >>> scores = np.repeat(np.array([[0.5, 0.6, 0.7, 0.8]]), 100, axis=0)
        >>> found = regret_of(OwnScores(names=tuple("abcd"), scores=scores, metric="m"), np.array([4.0, 3.0, 2.0, 1.0]))
        >>> found.first, found.best, round(found.regret.value, 6)
        ('a', 'd', 0.3)
    """
    means = own.means()
    ours = own.sign * means.value
    first, best = int(np.argmax(public)), int(np.argmax(ours))
    rng = np.random.default_rng([SEED, len(public), 1])
    gaps = ours - ours[first]
    turn = np.eye(len(ours))
    turn[:, first] -= 1.0
    spread = turn @ means.covariance @ turn.T
    errors = np.sqrt(np.maximum(np.diag(spread), 0.0))
    reach = _reach(spread, errors, means.units, rng)
    low = max(0.0, float((gaps - reach * errors).max()))
    high = max(0.0, float((gaps + reach * errors).max()))
    return Regret(
        first=own.names[first],
        best=own.names[best],
        first_score=float(means.value[first]),
        best_score=float(means.value[best]),
        regret=Estimate(value=float(gaps[best]), low=low, high=high, n=len(own.scores), method=METHOD),
        luck=_luck(own, public, best, rng),
    )


def _luck(own: OwnScores, public: FloatArray, best: int, rng: np.random.Generator) -> float:
    """Return by how much the best mean falls where means are shrunk towards what the leaderboard says."""
    if np.ptp(public) == 0:
        return 0.0
    linear, means = own.linear(), own.means()
    drawn = linked_means(linear.value, linear.covariance, normal_scores(public), rng, DRAWS).means[:, best]
    lost = max(0.0, float(linear.value[best] - drawn.mean()))
    there, here = np.sqrt(linear.covariance[best, best]), np.sqrt(means.covariance[best, best])
    return lost * float(here / there) if there > 0 else 0.0


def _reach(spread: FloatArray, errors: FloatArray, units: int, rng: np.random.Generator) -> float:
    """Return how many standard errors hold all differences at once."""
    varies = errors > 0
    if not varies.any() or units < 2:
        return 0.0
    scaled = spread[np.ix_(varies, varies)] / np.outer(errors[varies], errors[varies])
    values, vectors = np.linalg.eigh(scaled)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    largest = np.abs(rng.normal(size=(DRAWS, len(root))) @ root.T).max(axis=1)
    stretch = student_quantile((1 + LEVEL) / 2, units - 1) / 1.959963984540054
    return float(np.quantile(largest, LEVEL)) * float(stretch)
