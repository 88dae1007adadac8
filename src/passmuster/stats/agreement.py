"""How far annotators agree, beyond what chance would give them: one number each, with a bootstrap interval.

Cases are resampled, or whole groups of them; annotators are taken as they are. Every coefficient is a function of
sums over cases, so that all resamples are computed at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from passmuster.records.score import Estimate
from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.clusters import Clusters, cluster_numbers
from passmuster.stats.intervals import wilson
from passmuster.stats.resample import BLOCK_CELLS, resample_weights

Level: TypeAlias = Literal["nominal", "ordinal", "interval"]

MISSING = -1
"""The code of a label that was not given."""

REPETITIONS = 2000
CONFIDENCE = 0.95
_NO_WIDTH = 1e-12


@dataclass(frozen=True, slots=True)
class Votes:
    """The labels of each case by category; who gave them does not matter.

    `counts` has one row a case and one column a category (sparse), `numbers` the value of each category, by which
    ordinal categories are ordered and interval ones are apart.
    """

    counts: Any
    numbers: FloatArray

    @property
    def sizes(self) -> FloatArray:
        """Labels of each case."""
        return np.asarray(self.counts.sum(axis=1), dtype=np.float64).ravel()

    def __len__(self) -> int:
        """Return how many cases there are."""
        return int(self.counts.shape[0])

    @property
    def categories(self) -> int:
        """How many categories there are, used or not."""
        return int(self.counts.shape[1])

    def of(self, rows: NDArray[np.bool_]) -> "Votes":
        """Return the votes of these cases only."""
        return Votes(self.counts[np.flatnonzero(rows)], self.numbers)

    @property
    def agreeing(self) -> FloatArray:
        """The ordered pairs of labels of a case that are the same, of size (size - 1)."""
        squares = self.counts.multiply(self.counts).sum(axis=1)
        return np.asarray(squares, dtype=np.float64).ravel() - self.sizes


def votes_of_codes(
    codes: IntArray, numbers: FloatArray | None = None, categories: int | None = None
) -> Votes:
    """Return the votes in a table of codes: one row a case, one column an annotator, `MISSING` for no label.

    Args:
        codes: Categories from 0.
        numbers: The value of each category; default: its code.
        categories: How many there are; default: as many as the codes or the numbers say.

    >>> votes_of_codes(np.array([[0, 0, 1], [1, 1, MISSING]])).sizes.tolist()
    [3.0, 2.0]
    """
    known = int(codes.max(initial=-1)) + 1
    width = max(known, categories or 0, 0 if numbers is None else len(numbers))
    rows, columns = np.nonzero(codes != MISSING)
    shape = (codes.shape[0], width)
    cells = (np.ones(len(rows)), (rows, codes[rows, columns]))
    counts = sparse.csr_matrix(cells, shape=shape)  # equal cells are added up
    return Votes(counts, np.arange(width, dtype=np.float64) if numbers is None else numbers)


def votes_of_counts(counts: FloatArray, numbers: FloatArray | None = None) -> Votes:
    """Return the votes where only their counts are known: one row a case, one column a category."""
    table = np.asarray(counts, dtype=np.float64)
    own = np.arange(table.shape[1], dtype=np.float64) if numbers is None else numbers
    return Votes(sparse.csr_matrix(table), own)


Coefficient: TypeAlias = Callable[[FloatArray], FloatArray]
"""Weights of cases, one row a resample -> the coefficient of each resample, NaN where it is not defined."""


def raw_agreement(votes: Votes) -> Coefficient:
    """Return the share of pairs of labels of a case that are the same, averaged over cases.

    >>> float(raw_agreement(votes_of_counts(np.array([[2.0, 0], [1, 1]])))(np.ones((1, 2)))[0])
    0.5
    """
    sizes = votes.sizes
    paired = sizes >= 2
    shares = np.divide(votes.agreeing, sizes * (sizes - 1), where=paired, out=np.zeros_like(sizes))

    def value(weights: FloatArray) -> FloatArray:
        return _ratio(weights @ shares, weights @ paired.astype(np.float64))

    return value


def fleiss_kappa(votes: Votes) -> Coefficient:
    """Return Fleiss' kappa (Fleiss 1971, Psychological Bulletin 76, 378-382).

    Where cases have different numbers of labels, a case counts once in the agreement that is seen and each label
    once in that of chance; cases with fewer than two labels are left out.
    """
    used = votes.of(votes.sizes >= 2)
    kept = votes.sizes >= 2
    seen = raw_agreement(used)

    def value(weights: FloatArray) -> FloatArray:
        own = weights[:, kept]
        totals = _totals(used, own)
        chance = _ratio((totals**2).sum(axis=1), totals.sum(axis=1) ** 2)
        return _beyond(seen(own), chance)

    return value


def gwet_ac1(votes: Votes) -> Coefficient:
    """Return Gwet's AC1 (Gwet 2008, British Journal of Mathematical and Statistical Psychology 61, 29-48).

    It stays near the raw agreement where nearly all cases have one label, where kappa falls. Categories count
    whether or not anybody used them. Cases with one label count in chance only.
    """
    seen = raw_agreement(votes)
    sizes = votes.sizes
    given = sizes > 0
    inverse = np.divide(1.0, sizes, where=given, out=np.zeros_like(sizes))
    categories = votes.categories

    def value(weights: FloatArray) -> FloatArray:
        if categories < 2:
            return np.full(len(weights), np.nan)
        shares = _totals(votes, weights * inverse)
        shares = _ratio(shares, (weights @ given.astype(np.float64))[:, None])
        chance = (shares * (1 - shares)).sum(axis=1) / (categories - 1)
        return _beyond(seen(weights), chance)

    return value


def krippendorff_alpha(votes: Votes, level: Level = "nominal") -> Coefficient:
    """Return Krippendorff's alpha (Krippendorff 2018, Content Analysis, 4th edition, chapter 12).

    Labels may be missing; cases with fewer than two are left out. `nominal` takes all differences as equal,
    `ordinal` counts the labels between two (squared), `interval` takes the squared difference of the numbers.
    An ordinal difference is that of mid-ranks: sum(n_g for g from c to k) - (n_c + n_k) / 2.
    """
    kept = votes.sizes >= 2
    used = votes.of(kept)
    if not kept.any():
        return lambda weights: np.full(len(weights), np.nan)
    if level == "nominal":
        return _on(kept, _nominal(used))
    if level == "interval":
        return _on(kept, _interval(used))
    return _on(kept, _ordinal(used))


def _on(kept: NDArray[np.bool_], coefficient: Coefficient) -> Coefficient:
    return lambda weights: coefficient(weights[:, kept])


def _nominal(votes: Votes) -> Coefficient:
    sizes = votes.sizes
    apart = (sizes * (sizes - 1) - votes.agreeing) / (sizes - 1)

    def value(weights: FloatArray) -> FloatArray:
        totals = _totals(votes, weights)
        n = totals.sum(axis=1)
        return _alpha(weights @ apart, n**2 - (totals**2).sum(axis=1), n)

    return value


def _interval(votes: Votes) -> Coefficient:
    sizes = votes.sizes
    # From the middle: the same alpha, and no digits are lost where numbers are large and alike.
    numbers = votes.numbers - _mean(votes)
    sums, squares = votes.counts @ numbers, votes.counts @ numbers**2
    apart = 2 * (sizes * squares - sums**2) / (sizes - 1)

    def value(weights: FloatArray) -> FloatArray:
        n = weights @ sizes
        expected = 2 * (n * (weights @ squares) - (weights @ sums) ** 2)
        return _alpha(weights @ apart, expected, n)

    return value


def _ordinal(votes: Votes) -> Coefficient:
    order = np.argsort(votes.numbers, kind="stable")
    width = votes.categories
    together = _coincidences(votes)

    def value(weights: FloatArray) -> FloatArray:
        totals = _totals(votes, weights)[:, order]
        ranks = np.empty_like(totals)
        ranks[:, order] = np.cumsum(totals, axis=1) - totals / 2
        totals[:, order] = totals.copy()
        n = totals.sum(axis=1)
        ranks -= _ratio((totals * ranks).sum(axis=1), n)[:, None]
        squares = totals * ranks**2
        cells = np.asarray((together.T @ weights.T).T).reshape(-1, width, width)
        apart = 2 * (squares.sum(axis=1) - np.einsum("bc,bcd,bd->b", ranks, cells, ranks))
        expected = 2 * (n * squares.sum(axis=1) - (totals * ranks).sum(axis=1) ** 2)
        return _alpha(apart, expected, n)

    # A block of resamples holds one table of categories each.
    rows = max(1, BLOCK_CELLS // max(1, width**2))
    return lambda weights: np.concatenate(
        [value(weights[start : start + rows]) for start in range(0, max(1, len(weights)), rows)]
    )


def _coincidences(votes: Votes) -> Any:
    """Return, for each case, how often each category stands beside each (sparse, one column a pair of them).

    A case of n labels gives each of them 1 / (n - 1) of every other: the rows of the coincidence matrix add up to
    the labels of a category.
    """
    counts = votes.counts.tocoo()
    share = 1 / np.maximum(votes.sizes - 1, 1)
    shape = (counts.nnz, len(votes))
    placed = sparse.csr_matrix((np.ones(counts.nnz), (np.arange(counts.nnz), counts.row)), shape=shape)
    # Each label of a case beside each label of the same case.
    left, right = (placed @ placed.T).tocoo().coords
    cells = counts.data[left] * (counts.data[right] - (left == right)) * share[counts.row[left]]
    columns = counts.col[left].astype(np.int64) * votes.categories + counts.col[right]
    return sparse.csr_matrix((cells, (counts.row[left], columns)), shape=(len(votes), votes.categories**2))


def _mean(votes: Votes) -> float:
    totals = np.asarray(votes.counts.sum(axis=0), dtype=np.float64).ravel()
    return float(totals @ votes.numbers / totals.sum()) if totals.sum() else 0.0


def _alpha(observed: FloatArray, expected: FloatArray, n: FloatArray) -> FloatArray:
    """Return 1 - D_o / D_e from the sums of both: observed / n over expected / (n (n - 1))."""
    return 1 - _ratio(observed * (n - 1), expected)


def cohen_kappa(codes: IntArray) -> Coefficient:
    """Return Cohen's kappa of two annotators (Cohen 1960, Educational and Psychological Measurement 20, 37-46).

    Args:
        codes: One row a case, two columns; cases that one of the two did not label are left out.
    """
    kept = (codes != MISSING).all(axis=1)
    both = codes[kept]
    categories = int(both.max(initial=-1)) + 1
    same = (both[:, 0] == both[:, 1]).astype(np.float64)
    first, second = (votes_of_codes(both[:, [side]], categories=categories) for side in (0, 1))

    def value(weights: FloatArray) -> FloatArray:
        own = weights[:, kept]
        n = own.sum(axis=1)
        chance = _ratio((_totals(first, own) * _totals(second, own)).sum(axis=1), n**2)
        return _beyond(_ratio(own @ same, n), chance)

    return value


def _totals(votes: Votes, weights: FloatArray) -> FloatArray:
    """Return the labels of each category in each resample."""
    return np.asarray((votes.counts.T @ weights.T).T, dtype=np.float64)


def _beyond(seen: FloatArray, chance: FloatArray) -> FloatArray:
    return _ratio(seen - chance, 1 - chance)


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    below = np.broadcast_to(below, above.shape)
    result = np.full(above.shape, np.nan)
    # What rounding leaves of a zero is no denominator.
    np.divide(above, below, where=np.abs(below) > 1e-12, out=result)
    return result


def point(coefficient: Coefficient, n: int) -> float | None:
    """Return the coefficient of these n cases; None where it is not defined.

    >>> codes = np.array([[0, 0], [0, 1], [1, 1], [1, 1]])
    >>> point(cohen_kappa(codes), 4)
    0.5
    """
    value = float(coefficient(np.ones((1, n)))[0]) if n else float("nan")
    return None if np.isnan(value) else value


def with_interval(
    coefficient: Coefficient,
    votes: Votes,
    rng: np.random.Generator,
    clusters: Clusters | None = None,
    repetitions: int = REPETITIONS,
) -> Estimate:
    """Return a coefficient with its 95% percentile bootstrap interval over cases, or over groups of them.

    `n` counts the cases with two labels or more, `n_missing` the others. Where all labels agree, resampling
    cannot say how sure that is: the raw agreement then has a Wilson bound (over groups, where there are some), the
    others have no interval; neither has any where all cases, or the only one, disagree alike.

    Args:
        coefficient: Of these votes.
        votes: The labels.
        rng: The seed of the resamples.
        clusters: The group of each case; cases of one are drawn together.
        repetitions: How many resamples.

    >>> votes = votes_of_codes(np.array([[0, 0], [0, 1], [1, 1], [1, 1]] * 25))
    >>> found = with_interval(raw_agreement(votes), votes, np.random.default_rng(1))
    >>> found.value, found.n, 0.6 < found.low < 0.75 < found.high < 0.9
    (0.75, 100, True)
    """
    paired = votes.sizes >= 2
    n, total = int(paired.sum()), len(votes)
    value = point(coefficient, total)
    if value is None:
        note = "nobody labelled the same case" if n == 0 else "not defined: all labels are the same"
        return Estimate(value=None, n=n, n_missing=total - n, note=note)
    if not (votes.sizes * (votes.sizes - 1) > votes.agreeing)[paired].any():
        units = n if clusters is None else len(np.unique(cluster_numbers(clusters)[paired]))
        low = float(wilson(float(units), float(units))[0])
        of = f"{n:,} cases" if units == n else f"{n:,} cases of {units:,} groups"
        note = f"no disagreement in {of}: the raw agreement is at least {low:.3f} (Wilson)"
        return Estimate(value=value, n=n, n_missing=total - n, method="none", note=note)
    drawn = _resampled(coefficient, total, rng, clusters, repetitions)
    defined = drawn[~np.isnan(drawn)]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(defined, [tail, 1 - tail]).tolist()
    if high - low < _NO_WIDTH:
        note = f"all resamples of {n:,} {'case' if n == 1 else 'cases'} are alike: no interval"
        return Estimate(value=value, n=n, n_missing=total - n, method="none", note=note)
    lost = len(drawn) - len(defined)
    warning = f"not defined in {lost / len(drawn):.0%} of the resamples" if lost > 0.01 * len(drawn) else None
    method = "bootstrap of cases" if clusters is None else "bootstrap of groups"
    return Estimate(
        value=value, low=low, high=high, n=n, n_missing=total - n, method=f"percentile {method}", note=warning
    )


def _resampled(
    coefficient: Coefficient,
    n: int,
    rng: np.random.Generator,
    clusters: Clusters | None,
    repetitions: int,
) -> FloatArray:
    blocks = resample_weights(n, repetitions, rng, clusters, BLOCK_CELLS)
    return np.concatenate([coefficient(block.astype(np.float64)) for block in blocks])
