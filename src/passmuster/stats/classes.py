"""Figures per class: confusion matrix, precision, recall, F1, and their means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.intervals import LEVEL, wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Counts of cases: `matrix[i, j]` of `labels[i]` were answered `labels[j]`, `outside[i]` none of them."""

    labels: tuple[str, ...]
    matrix: IntArray
    outside: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """A figure in [0, 1] with its interval; `n` is the count below the line; all None where that is 0."""

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFigures:
    """One class: `n` cases have it as reference, `predicted` answers name it."""

    label: str
    n: int
    predicted: int
    precision: Proportion
    recall: Proportion
    f1: Proportion


def confusion(pairs: Iterable[tuple[str, str | None]], labels: Sequence[str]) -> Confusion:
    """Count pairs of (reference, answer); an answer that is no label, or None, counts as outside.

    Raises:
        ValueError: where a reference is none of the labels.

    >>> found = confusion([("a", "a"), ("a", "b"), ("b", "maybe")], ["a", "b"])
    >>> found.matrix.tolist(), found.outside.tolist()
    ([[1, 1], [0, 0]], [0, 1])
    """
    places = {label: place for place, label in enumerate(labels)}
    cells = np.zeros((len(labels), len(labels) + 1), dtype=np.int64)
    for reference, answer in pairs:
        if reference not in places:
            raise ValueError(f"the reference {reference!r} is none of the labels {list(labels)}")
        cells[places[reference], -1 if answer is None else places.get(answer, -1)] += 1
    return Confusion(labels=tuple(labels), matrix=cells[:, :-1], outside=cells[:, -1])


def _proportion(part: int, whole: int, level: float) -> Proportion:
    if whole == 0:
        return Proportion(value=None, low=None, high=None, n=0)
    low, high = wilson(part, whole, level)
    return Proportion(value=part / whole, low=low, high=high, n=whole)


def _f1(hits: int, union: int, level: float) -> Proportion:
    """F1 = 2 J / (1 + J) with J = hits / union: a rising map, so the interval of J maps to that of F1."""
    share = _proportion(hits, union, level)
    value, low, high = (None if x is None else 2 * x / (1 + x) for x in (share.value, share.low, share.high))
    return Proportion(value=value, low=low, high=high, n=union)


def class_figures(found: Confusion, level: float = LEVEL) -> tuple[ClassFigures, ...]:
    """Return precision, recall (Wilson) and F1 (Wilson on TP / (TP + FP + FN), mapped) of each class.

    An answer outside the labels is a false negative of its reference and a false positive of nothing.

    >>> found = confusion([("a", "a"), ("a", "b"), ("b", "b")], ["a", "b"])
    >>> [figures.f1.value for figures in class_figures(found)]
    [0.6666666666666666, 0.6666666666666666]
    """
    hits = np.diagonal(found.matrix)
    actual = found.matrix.sum(axis=1) + found.outside
    predicted = found.matrix.sum(axis=0)
    return tuple(
        ClassFigures(
            label=label,
            n=int(a),
            predicted=int(p),
            precision=_proportion(int(h), int(p), level),
            recall=_proportion(int(h), int(a), level),
            f1=_f1(int(h), int(a + p - h), level),
        )
        for label, h, a, p in zip(found.labels, hits, actual, predicted, strict=True)
    )


def accuracy(found: Confusion, level: float = LEVEL) -> Proportion:
    """Return the share of cases answered with their reference, with its Wilson interval."""
    whole = int(found.matrix.sum() + found.outside.sum())
    return _proportion(int(np.trace(found.matrix)), whole, level)


def _macro_f1(matrix: FloatArray, outside: FloatArray) -> FloatArray:
    """Return the mean F1 over the classes that occur, for each matrix of a stack; NaN where none does."""
    hits = np.diagonal(matrix, axis1=-2, axis2=-1)
    both = matrix.sum(axis=-1) + outside + matrix.sum(axis=-2)
    seen = both > 0
    each = np.where(seen, 2 * hits / np.where(seen, both, 1.0), 0.0)
    count = seen.sum(axis=-1)
    return np.where(count > 0, each.sum(axis=-1) / np.maximum(count, 1), np.nan)


def macro_f1(found: Confusion) -> float | None:
    """Return the mean of the classes' F1; a class that is neither reference nor answer is left out.

    None where no class occurs.
    """
    value = float(_macro_f1(found.matrix.astype(np.float64), found.outside.astype(np.float64)))
    return None if np.isnan(value) else value


def macro_f1_interval(
    found: Confusion, rng: np.random.Generator, level: float = LEVEL, repetitions: int = 2000
) -> tuple[float, float] | None:
    """Return the percentile bootstrap interval of macro-F1: the matrix's cells are drawn again.

    It is widened to hold the estimate where the resamples' bias would leave that out. None where macro-F1
    is None.
    """
    value = macro_f1(found)
    if value is None:
        return None
    cells = np.concatenate([found.matrix, found.outside[:, None]], axis=1)
    total = int(cells.sum())
    drawn = rng.multinomial(total, cells.ravel() / total, size=repetitions)
    stack = drawn.reshape(repetitions, *cells.shape).astype(np.float64)
    figures = _macro_f1(stack[:, :, :-1], stack[:, :, -1])
    low, high = np.quantile(figures, [(1 - level) / 2, (1 + level) / 2])
    return min(float(low), value), max(float(high), value)
