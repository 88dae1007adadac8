"""Logistic regression: what moves a share, by Newton's method, with errors that know which rows belong together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import Clusters, cluster_numbers
from passmuster.stats.sandwich import clustered_covariance

SEPARATED_RIDGE = 1e-3
"""The ridge with which separated rows are fitted: they have no finite coefficients without one."""

_STEPS = 100
_HALVINGS = 40
_CLOSE = 1e-11
_SUSPECT = 12.0  # |log-odds| of a row; separated rows are looked for from here on only, as that takes longer
_DIRECTION = 1e-6
_RANK = 1e-14  # of the squares: columns that differ by a part in 10 million are the same
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted logistic regression.

    `coefficients` has one log-odds per column, `covariance` their covariance; both are NaN for a column that the
    rows cannot tell apart from others (a constant beside the intercept). `clusters` is the smallest number of
    clusters of a kind (None: not clustered), from which a t's degrees of freedom come: `clusters - 1`.

    `separated`: some combination of columns foretells the outcome of rows for certain, so that without a ridge there
    are no finite coefficients. They were then fitted with the ridge `ridge`, and `covariance` is the inverse of the
    penalised information whatever the clusters: rows that are fitted exactly leave no residuals to estimate it from.
    """

    coefficients: FloatArray
    covariance: FloatArray
    converged: bool
    separated: bool
    ridge: float
    rows: int
    clusters: int | None = None

    @property
    def errors(self) -> FloatArray:
        """The standard error of each coefficient."""
        return np.sqrt(np.diag(self.covariance))


@dataclass(frozen=True, slots=True)
class _Problem:
    x: FloatArray
    y: FloatArray
    weights: FloatArray
    penalty: FloatArray

    def objective(self, beta: FloatArray) -> float:
        eta = self.x @ beta
        likelihood = self.weights @ (self.y * eta - np.logaddexp(0.0, eta))
        return float(likelihood - self.penalty @ (beta * beta) / 2)

    def within(self, basis: FloatArray) -> "_Problem":
        """Return the problem of the weights of `basis`: a penalty stays one of the coefficients themselves."""
        penalty = (self.penalty[:, None] * basis * basis).sum(axis=0)
        return _Problem(self.x @ basis, self.y, self.weights, penalty)

    def shares(self, beta: FloatArray) -> FloatArray:
        # by tanh, which overflows nowhere
        shares: FloatArray = 0.5 * (1 + np.tanh(self.x @ beta / 2))
        return shares

    def scores(self, beta: FloatArray) -> FloatArray:
        scores: FloatArray = (self.weights * (self.y - self.shares(beta)))[:, None] * self.x
        return scores

    def gradient(self, beta: FloatArray) -> FloatArray:
        gradient: FloatArray = self.scores(beta).sum(axis=0) - self.penalty * beta
        return gradient

    def information(self, beta: FloatArray) -> FloatArray:
        shares = self.shares(beta)
        spread = self.weights * shares * (1 - shares)
        information: FloatArray = (self.x * spread[:, None]).T @ self.x + np.diag(self.penalty)
        return information


def fit(
    x: FloatArray,
    y: FloatArray,
    *,
    weights: FloatArray | None = None,
    clusters: Sequence[Clusters] = (),
    ridge: float = 0.0,
    widest: bool = False,
) -> Fit:
    """Fit the log-odds of `y` as a weighted sum of the columns of `x`, by maximum likelihood.

    There is no intercept unless a column of ones is given. Newton's method, its steps halved where they would go too
    far (McCullagh and Nelder 1989, section 2.5). Errors: the inverse of the information, or, with `clusters`, the
    cluster-robust sandwich (Liang and Zeger 1986; two kinds of clusters: Cameron, Gelbach and Miller 2011).

    Args:
        x: One row an observation, one column a variable.
        y: Between 0 and 1: outcomes, or shares of them (a tie as half a win).
        weights: How much each row counts, not negative; default 1.
        clusters: A key per row, of one kind or of two; none: rows are independent.
        ridge: Half the penalty on the sum of squared coefficients. Separated rows are fitted with `SEPARATED_RIDGE`
            where this is 0.
        widest: With two kinds of clusters, errors are at least those of either kind alone.

    Raises:
        ValueError: where shapes do not match, a number is not finite, or `y` or the weights are out of range.

    >>> x = np.array([[1.0, 0], [1, 0], [1, 0], [1, 1], [1, 1], [1, 1]])
    >>> found = fit(x, np.array([0.0, 0, 1, 0, 1, 1]))
    >>> found.coefficients.round(4).tolist(), found.separated
    ([-0.6931, 1.3863], False)
    """
    problem = _problem(x, y, weights, ridge)
    basis, kept = _basis(problem)
    reduced = problem.within(basis)
    beta, converged = _newton(reduced)
    separated = _is_separated(reduced, beta)
    if separated and not ridge:
        ridge, basis = SEPARATED_RIDGE, np.diag(1 / _scale(problem))
        reduced = _problem(x, y, weights, ridge).within(basis)
        beta, converged = _newton(reduced)
    covariance = _covariance(reduced, beta, () if separated else clusters, widest=widest)
    return Fit(
        np.where(kept, basis @ beta, np.nan),
        np.where(np.outer(kept, kept), basis @ covariance @ basis.T, np.nan),
        converged,
        separated,
        ridge,
        int((problem.weights > 0).sum()),
        min((int(cluster_numbers(each).max(initial=-1)) + 1 for each in clusters), default=None),
    )


def _problem(x: ArrayLike, y: ArrayLike, weights: ArrayLike | None, ridge: float) -> _Problem:
    columns = np.asarray(x, dtype=np.float64)
    outcome = np.asarray(y, dtype=np.float64)
    weight = np.ones_like(outcome) if weights is None else np.asarray(weights, dtype=np.float64)
    if columns.ndim != 2 or outcome.shape != columns.shape[:1] or weight.shape != outcome.shape:
        raise ValueError(f"rows do not match: x {columns.shape}, y {outcome.shape}, weights {weight.shape}")
    if not all(np.isfinite(each).all() for each in (columns, outcome, weight)):
        raise ValueError("every number of a regression is finite: leave out rows where one is missing")
    if outcome.min(initial=0) < 0 or outcome.max(initial=1) > 1:
        raise ValueError("outcomes are between 0 and 1")
    if weight.min(initial=0) < 0 or ridge < 0:
        raise ValueError("weights and the ridge are not negative")
    return _Problem(columns, outcome, weight, np.full(columns.shape[1], float(ridge)))


def _scale(problem: _Problem) -> FloatArray:
    """Return the root mean square of each column: in units of it, numbers are of one size."""
    used = problem.x[problem.weights > 0]
    scale = np.sqrt((used * used).sum(axis=0) / max(len(used), 1))
    return np.where(scale > 0, scale, 1.0)


def _directions(problem: _Problem) -> tuple[FloatArray, FloatArray]:
    """Return the directions in which the rows vary, and those in which they do not, as columns."""
    scale = _scale(problem)
    used = problem.x[problem.weights > 0] / scale
    _, values, vectors = np.linalg.svd(used.T @ used)
    varies = values > _RANK * max(float(values.max(initial=0.0)), _TINY)
    return vectors[varies].T / scale[:, None], vectors[~varies].T / scale[:, None]


def _basis(problem: _Problem) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return what spans the fits, and of each column whether the rows tell its coefficient.

    It is the columns themselves, in units of their size, where all can be told apart.
    """
    size, scale = problem.x.shape[1], _scale(problem)
    if not problem.penalty.any():
        moving, still = _directions(problem)
        if still.shape[1]:
            moved = np.abs(still * scale[:, None]).max(axis=1, initial=0.0)
            return moving, np.asarray(moved <= _DIRECTION, dtype=np.bool_)
    return np.diag(1 / scale), np.ones(size, dtype=np.bool_)


def _newton(problem: _Problem) -> tuple[FloatArray, bool]:
    beta = np.zeros(problem.x.shape[1])
    value = problem.objective(beta)
    for _ in range(_STEPS):
        gradient = problem.gradient(beta)
        step = np.asarray(np.linalg.lstsq(problem.information(beta), gradient, rcond=None)[0], np.float64)
        taken, reached = _halved(problem, beta, step, value)
        if taken is None:
            return beta, bool(gradient @ step <= 1e-8 * max(1.0, abs(value)))
        change, beta, value = float(np.abs(taken - beta).max(initial=0.0)), taken, reached
        if change <= _CLOSE * max(1.0, float(np.abs(beta).max(initial=0.0))):
            return beta, True
    return beta, False


def _halved(
    problem: _Problem, beta: FloatArray, step: FloatArray, value: float
) -> tuple[FloatArray | None, float]:
    slack = 1e-13 * max(1.0, abs(value))  # at the top, rounding may say that it goes down
    for halving in range(_HALVINGS):
        tried = beta + step / 2**halving
        reached = problem.objective(tried)
        if reached >= value - slack:
            return tried, reached
    return None, value


def _is_separated(problem: _Problem, beta: FloatArray) -> bool:
    """Look for a direction that foretells outcomes and is never wrong (Albert and Anderson 1984, section 2).

    It is a linear program (Konis 2007): maximise the sum of the signed margins where none of them is negative.
    """
    used = problem.weights > 0
    x, y = problem.x[used], problem.y[used]
    if not len(y) or float(np.abs(x @ beta).max(initial=0.0)) < _suspect(problem):
        return False
    scale = np.abs(x).max(axis=0)
    x = x / np.where(scale > 0, scale, 1.0)
    certain = (y == 0) | (y == 1)
    margins = np.unique(np.where(y[certain] == 1, 1.0, -1.0)[:, None] * x[certain], axis=0)
    between = np.unique(x[~certain], axis=0)
    found = optimize.linprog(
        -margins.sum(axis=0),
        A_ub=-margins if len(margins) else None,
        b_ub=np.zeros(len(margins)) if len(margins) else None,
        A_eq=between if len(between) else None,
        b_eq=np.zeros(len(between)) if len(between) else None,
        bounds=(-1, 1),
    )
    return bool(found.status == 0 and -found.fun > _DIRECTION)


def _suspect(problem: _Problem) -> float:
    # a ridge holds the coefficients of separated rows back, so that their size says nothing
    return 0.0 if problem.penalty.any() else _SUSPECT


def _covariance(
    problem: _Problem, beta: FloatArray, clusters: Sequence[Clusters], *, widest: bool
) -> FloatArray:
    bread = np.asarray(np.linalg.pinv(problem.information(beta), hermitian=True), np.float64)
    if not clusters:
        return bread
    used = problem.weights > 0
    kinds = [cluster_numbers(each)[used] for each in clusters]
    scores = problem.scores(beta)[used]
    return clustered_covariance(bread, scores, kinds, problem.x.shape[1], widest=widest)
