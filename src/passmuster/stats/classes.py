"""Figures per class: confusion matrix, precision, recall, F1, and their means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.intervals import LEVEL, korn_graubard, wilson
from passmuster.stats.weighted import weighted_rate_interval

_ROUNDING = 1e-12


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
            f1=_mapped(_proportion(int(h), int(a + p - h), level)),
        )
        for label, h, a, p in zip(found.labels, hits, actual, predicted, strict=True)
    )


def dependent_class_figures(
    answers: tuple[IntArray, IntArray],
    labels: Sequence[str],
    weights: FloatArray | None = None,
    clusters: IntArray | None = None,
    level: float = LEVEL,
) -> tuple[ClassFigures, ...]:
    """Return `class_figures` of answers that are not independent, or stand for different numbers of cases.

    Each figure is a share of some of the answers, so that its interval is the one of a share: Korn and Graubard's
    over clusters, Wilson's on the effective size for weights (`stats.weighted`).

    Args:
        answers: The places in `labels` of right and answered label of each; -1 for an answer that is none of them.
        labels: The labels.
        weights: How many cases each answer stands for.
        clusters: The number of each answer's cluster.
        level: Of confidence.
    """
    right, answered = answers
    made = []
    for place, label in enumerate(labels):
        actual, said = right == place, answered == place
        hit = (actual & said).astype(np.float64)
        precision, recall, joint = (
            _share(
                hit[some],
                None if weights is None else weights[some],
                None if clusters is None else clusters[some],
                level,
            )
            for some in (said, actual, said | actual)
        )
        made.append(
            ClassFigures(
                label=label,
                n=recall.n,
                predicted=precision.n,
                precision=precision,
                recall=recall,
                f1=_mapped(joint),
            )
        )
    return tuple(made)


def _share(
    hits: FloatArray, weights: FloatArray | None, clusters: IntArray | None, level: float
) -> Proportion:
    if not hits.size or (weights is None and clusters is None):
        return _proportion(int(hits.sum()), hits.size, level)
    if weights is None:
        low, high = korn_graubard(hits, [] if clusters is None else clusters, level)
    else:
        low, high = weighted_rate_interval(hits, weights, clusters, level)
    return Proportion(value=float(np.average(hits, weights=weights)), low=low, high=high, n=hits.size)


def _proportion(part: int, whole: int, level: float) -> Proportion:
    if whole == 0:
        return Proportion(value=None, low=None, high=None, n=0)
    low, high = wilson(part, whole, level)
    return Proportion(value=part / whole, low=low, high=high, n=whole)


def _mapped(joint: Proportion) -> Proportion:
    """F1 = 2 J / (1 + J) with J = hits / union: a rising map, so the interval of J maps to that of F1."""
    value, low, high = (None if x is None else 2 * x / (1 + x) for x in (joint.value, joint.low, joint.high))
    return Proportion(value=value, low=low, high=high, n=joint.n)


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


def averages(hits: FloatArray, answered: FloatArray, actual: FloatArray) -> dict[str, FloatArray]:
    """Return the figures over all classes, from counts per class in the last axis: shape (..., classes) -> (...).

    What is in `actual` but not in `answered` was answered with none of the labels. They are those of scikit-learn
    with `labels` given and `zero_division=0`:

    - `accuracy`; `balanced_accuracy`, the mean recall of the classes that are a reference;
    - `mcc`, Matthews' correlation for several classes (Gorodkin 2004), in [-1, 1], 0 where it has no value; all
      answers outside the labels are one class of it;
    - `macro_` precision, recall and f1, means over the classes that occur; `micro_`, over all answers (an answer
      outside the labels is no prediction); `weighted_`, means weighted by how often a class is the reference.

    NaN where there is no case.

    Example:
        >>> found = averages(np.array([8.0, 7.0]), np.array([11.0, 9.0]), np.array([10.0, 10.0]))
        >>> {name: round(float(value), 3) for name, value in found.items() if "macro" not in name}
        {'accuracy': 0.75, 'balanced_accuracy': 0.75, 'mcc': 0.503, 'micro_precision': 0.75, 'micro_recall': 0.75, 'micro_f1': 0.75, 'weighted_precision': 0.753, 'weighted_recall': 0.75, 'weighted_f1': 0.749}
    """
    right, said, all_cases = hits.sum(axis=-1), answered.sum(axis=-1), actual.sum(axis=-1)
    each = {
        "precision": _ratio(hits, answered),
        "recall": _ratio(hits, actual),
        "f1": _ratio(2 * hits, answered + actual),
    }
    seen, known = (answered + actual) > 0, actual > 0
    found = {
        "accuracy": _ratio(right, all_cases, np.nan),
        "balanced_accuracy": _ratio((each["recall"] * known).sum(axis=-1), known.sum(axis=-1), np.nan),
        "mcc": _mcc(hits, answered, actual),
    }
    for name, values in each.items():
        found[f"macro_{name}"] = _ratio((values * seen).sum(axis=-1), seen.sum(axis=-1), np.nan)
    found["macro_f1"] = macro_f1(hits, answered, actual)
    found["micro_precision"] = np.where(all_cases > 0, _ratio(right, said), np.nan)
    found["micro_recall"] = found["accuracy"]
    found["micro_f1"] = _ratio(2 * right, said + all_cases, np.nan)
    for name, values in each.items():
        found[f"weighted_{name}"] = _ratio((values * actual).sum(axis=-1), all_cases, np.nan)
    return found


def _ratio(part: FloatArray, whole: FloatArray, without: float = 0.0) -> FloatArray:
    some = whole > 0
    return np.where(some, part / np.where(some, whole, 1.0), without)


def _mcc(hits: FloatArray, answered: FloatArray, actual: FloatArray) -> FloatArray:
    cases = actual.sum(axis=-1)
    outside = cases - answered.sum(axis=-1)
    right = hits.sum(axis=-1) * cases - (answered * actual).sum(axis=-1)
    told = cases**2 - (answered**2).sum(axis=-1) - outside**2
    spread = cases**2 - (actual**2).sum(axis=-1)
    # Counts may be weighted, so that a difference of equal sums is not quite 0.
    clear = np.minimum(told, spread) > _ROUNDING * cases**2
    value = np.clip(right / np.sqrt(np.where(clear, told, 1.0) * np.where(clear, spread, 1.0)), -1.0, 1.0)
    return np.where(cases > 0, np.where(clear, value, 0.0), np.nan)
