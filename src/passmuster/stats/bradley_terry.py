"""Bradley-Terry: one strength per player out of who won against whom, with intervals that know the prompts and raters."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.clusters import Clusters
from passmuster.stats.logistic import fit
from passmuster.stats.student import student_quantile

ELO_STEP = 400 / math.log(10)
"""Elo points of one unit of strength (Elo 1978: ten to one are 400 points)."""

ELO_MIDDLE = 1000.0
"""Elo points of an average player."""

LEVEL = 0.95
_DRAWS = 20_000
_BLOCK = 4_000_000


@dataclass(frozen=True, slots=True)
class Games:
    """Who met whom, and how it ended: a row a game.

    `first` and `second` are numbers of players from 0, `won` what the first one got: 1, 0, or 0.5 for a tie.
    """

    first: IntArray
    second: IntArray
    won: FloatArray
    players: int

    def of(self, rows: FloatArray | IntArray) -> "Games":
        """Return the games of these rows only."""
        return Games(self.first[rows], self.second[rows], self.won[rows], self.players)


@dataclass(frozen=True, slots=True)
class Strengths:
    """How strong each player is, in log-odds: one of strength a beats one of b with odds exp(a - b) to 1.

    `values` have the mean 0, so that a strength is one against an average player; `covariance` is theirs. `effects`
    are the log-odds of the further columns, `effect_errors` their standard errors. `degrees` are those of a t
    (None: many).

    `separated`: some player, or group, never lost a point to the rest, or a column foretells who wins; then strengths
    are without bound, the values are those of a small ridge, and errors are not to be shown.
    """

    values: FloatArray
    covariance: FloatArray
    effects: FloatArray
    effect_errors: FloatArray
    degrees: int | None
    separated: bool

    @property
    def errors(self) -> FloatArray:
        """The standard error of each strength."""
        return np.sqrt(np.diag(self.covariance))

    def apart(self) -> tuple[FloatArray, FloatArray]:
        """Return the difference of strengths of every two players (row less column), and its standard error."""
        variances = np.diag(self.covariance)
        square = variances[:, None] + variances[None, :] - 2 * self.covariance
        return self.values[:, None] - self.values[None, :], np.sqrt(square.clip(min=0.0))

    def quantile(self, level: float = LEVEL) -> float:
        """Return by how many standard errors an interval reaches to either side."""
        many = 10_000
        return student_quantile((1 + level) / 2, min(self.degrees or many, many))


def strengths(
    games: Games, *, clusters: Sequence[Clusters] = (), columns: FloatArray | None = None
) -> Strengths:
    """Return the maximum-likelihood strengths of the Bradley-Terry model (Bradley and Terry 1952).

    It is a logistic regression on one column per player, +1 for the first and -1 for the second; a tie counts as half
    a win for each. Errors are cluster-robust: games of the same prompt, or by the same rater, are not independent.

    Args:
        games: All players are connected by games (`islands` finds one island).
        clusters: A key per game, of one kind or of two (prompts; raters); with two, errors are at least those of
            either. None: games are taken as independent.
        columns: Further columns, one row a game, such as how much longer the first reply is (style control: Chiang et
            al. 2024, section 4), or a column of ones for the advantage of being shown first.

    Raises:
        ValueError: where there are fewer than two players, or not all of them are connected.

    Example:
        >>> games = Games(np.array([0, 0, 0, 1]), np.array([1, 1, 1, 0]), np.array([1, 1, 0.5, 0.5]), 2)
        >>> found = strengths(games)
        >>> found.values.round(4).tolist()  # three points to one: log 3, half of it to either side
        [0.5493, -0.5493]
    """
    if games.players < 2 or len(set(islands(games).tolist())) > 1:
        raise ValueError("strengths need two players or more, all of them connected by games")
    extra = np.zeros((len(games.won), 0)) if columns is None else columns
    found = fit(np.hstack([_design(games), extra]), games.won, clusters=clusters, widest=True)
    turned = games.players - 1
    centre = np.vstack([np.eye(turned), np.zeros((1, turned))]) - 1 / games.players
    return Strengths(
        centre @ found.coefficients[:turned],
        centre @ found.covariance[:turned, :turned] @ centre.T,
        found.coefficients[turned:],
        found.errors[turned:],
        None if found.clusters is None else max(found.clusters - 1, 1),
        found.separated,
    )


def _design(games: Games) -> FloatArray:
    """Return a column for each player but the last, to whom the others are compared."""
    rows = np.arange(len(games.won))
    design = np.zeros((len(rows), games.players))
    np.add.at(design, (rows, games.first), 1.0)
    np.add.at(design, (rows, games.second), -1.0)
    return design[:, :-1]


def islands(games: Games) -> IntArray:
    """Return a number for each player: equal for those whom games connect, directly or through others.

    >>> islands(Games(np.array([0]), np.array([2]), np.array([1.0]), 4)).tolist()
    [0, 1, 0, 2]
    """
    return _components(games, np.ones(len(games.won), dtype=np.bool_), "weak")


def ladders(games: Games) -> IntArray:
    """Return a number for each player: equal for those who took points from one another in a circle.

    Finite strengths exist where there is one number only (Ford 1957): else some group never lost a point to the rest.

    >>> ladders(Games(np.array([0, 1, 2]), np.array([1, 0, 0]), np.array([1.0, 1.0, 0.0]), 3)).tolist()
    [0, 0, 1]
    """
    return _components(games, games.won > 0, "strong")


def _components(games: Games, forward: np.ndarray[tuple[int], np.dtype[np.bool_]], kind: str) -> IntArray:
    backward = games.won < 1
    starts = np.r_[games.first[forward], games.second[backward]]
    ends = np.r_[games.second[forward], games.first[backward]]
    graph = sparse.coo_matrix((np.ones(len(starts)), (starts, ends)), shape=(games.players, games.players))
    labels = csgraph.connected_components(graph.tocsr(), directed=True, connection=kind)[1]
    seen: dict[int, int] = {}
    return np.array([seen.setdefault(int(label), len(seen)) for label in labels], dtype=np.int64)


def joint_quantile(found: Strengths, rng: np.random.Generator, level: float = LEVEL) -> float:
    """Return how many standard errors make the intervals of all differences of two players true at once.

    It is the quantile of the largest |difference| / error of two players, drawn from the estimated distribution of
    all strengths (Hothorn, Bretz and Westfall 2008, section 3), a multivariate t.

    Args:
        found: Strengths with errors.
        rng: Draws it.
        level: How often all intervals are to be true.

    >>> games = Games(np.tile([0, 1, 2], 40), np.tile([1, 2, 0], 40), np.tile([1, 0.0, 1, 0, 0.5], 24), 3)
    >>> 2.2 < joint_quantile(strengths(games), np.random.default_rng(1)) < 2.45  # Tukey's for three is 2.34
    True
    """
    first, second = np.triu_indices(len(found.values), 1)
    errors = found.apart()[1][first, second]
    some = errors > 0
    if not some.any():
        return found.quantile(level)
    values, vectors = np.linalg.eigh(found.covariance)
    root = vectors * np.sqrt(values.clip(min=0.0))
    largest = []
    left = _DRAWS
    while left > 0:
        size = min(left, max(1, _BLOCK // len(errors)))
        drawn = rng.standard_normal((size, len(values))) @ root.T
        ratios = np.abs(drawn[:, first[some]] - drawn[:, second[some]]) / errors[some]
        scale = 1.0 if found.degrees is None else np.sqrt(rng.chisquare(found.degrees, size) / found.degrees)
        largest.append(ratios.max(axis=1) / scale)
        left -= size
    return float(np.quantile(np.concatenate(largest), level))
