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


def macro_f1(hits: FloatArray, answered: FloatArray, actual: FloatArray) -> FloatArray:
    """Return the mean F1 over the classes that occur, from counts per class in the last axis.

    Shape (..., classes) -> (...), so thousands of resamples are one call. A class that is neither reference
    nor answer is left out; NaN where no class occurs.

    >>> float(macro_f1(np.array([8.0, 7.0]), np.array([11.0, 9.0]), np.array([10.0, 10.0]))).__round__(4)
    0.7494
    """
    both = answered + actual
    seen = both > 0
    each = np.where(seen, 2 * hits / np.where(seen, both, 1.0), 0.0)
    count = seen.sum(axis=-1)
    return np.where(count > 0, each.sum(axis=-1) / np.maximum(count, 1), np.nan)


def confusion_macro_f1(found: Confusion) -> float | None:
    """Return the macro F1 of a confusion matrix; None where no class occurs."""
    matrix = found.matrix.astype(np.float64)
    value = float(macro_f1(np.diagonal(matrix), matrix.sum(axis=0), matrix.sum(axis=1) + found.outside))
    return None if np.isnan(value) else value
