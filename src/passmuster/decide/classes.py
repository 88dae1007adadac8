"""Per-class figures and macro F1 of a metric whose answers are labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from passmuster.decide.bars import BarTest
from passmuster.decide.measured import FloatArray, Measured, Row
from passmuster.metrics.metric import LabelMetric
from passmuster.records.case import Case
from passmuster.records.comparison import Classification, ClassReport
from passmuster.records.score import Difference, Estimate, Score
from passmuster.records.task import Bar
from passmuster.stats.classes import Proportion, class_figures, confusion, macro_f1
from passmuster.stats.power import cases_to_fail_mean, cases_to_pass_mean
from passmuster.stats.resample import resample_weights

REPETITIONS = 1000
SEED = 20261120


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """The labels of a metric, sorted, and the right one of each case (None where it has no reference)."""

    metric: str
    labels: tuple[str, ...]
    truths: tuple[str | None, ...]


def classes_of(metric: LabelMetric, cases: Sequence[Case]) -> Classes:
    """Return the labels that the references of these cases use."""
    truths = tuple(metric.label(case) for case in cases)
    return Classes(
        metric=metric.name,
        labels=tuple(sorted({label for label in truths if label is not None})),
        truths=truths,
    )


def class_columns(measured: Measured, classes: Classes) -> FloatArray:
    """Return per case: present, then per label whether it is a hit, was answered, and is the reference.

    Sums of these columns are all that F1 needs. Repeats of a case share its weight of one; a failed trial
    answers no label, so it counts against its class.
    """
    index = {label: position for position, label in enumerate(classes.labels)}
    k = len(classes.labels)
    columns = np.zeros((len(classes.truths), 1 + 3 * k))
    for columns_of_case, truth, rows in zip(columns, classes.truths, measured.rows, strict=True):
        asked = [row for row in rows if row.asked]
        if not asked or truth is None:
            continue
        columns_of_case[0] = 1
        for row in asked:
            right, answered = _labels_of(row, classes.metric, truth)
            columns_of_case[1 + 2 * k + index.get(right, index[truth])] += 1 / len(asked)
            if answered in index:
                columns_of_case[1 + k + index[answered]] += 1 / len(asked)
                columns_of_case[1 + index[answered]] += float(answered == right) / len(asked)
    return columns


def _labels_of(row: Row, metric: str, truth: str) -> tuple[str, str | None]:
    """Return the right label and the answered one; of several right labels, the score says which counted."""
    score = row.scores.get(metric)
    if not isinstance(score, Score):
        return truth, None
    right = score.details.get("reference")
    return right if isinstance(right, str) else truth, score.answer


def columns_macro_f1(sums: FloatArray) -> FloatArray:
    """Return macro F1 from sums of `class_columns`, shape (..., 1 + 3 k) -> (...)."""
    hits, answered, actual = np.split(sums[..., 1:], 3, axis=-1)
    return macro_f1(hits, answered, actual)


def _resampled(columns: Sequence[FloatArray], groups: NDArray[np.int64] | None) -> list[FloatArray]:
    rng = np.random.default_rng(SEED)
    parts: list[list[FloatArray]] = [[] for _ in columns]
    for weights in resample_weights(len(columns[0]), REPETITIONS, rng, groups):
        dense = np.asarray(weights, dtype=np.float64)
        for part, matrix in zip(parts, columns, strict=True):
            part.append(columns_macro_f1(dense @ matrix))
    return [np.concatenate(part) for part in parts]


def macro_f1_estimate(columns: FloatArray, groups: NDArray[np.int64] | None) -> Estimate:
    """Estimate macro F1 with a bootstrap interval over cases (whole groups where they are grouped)."""
    n = int(columns[:, 0].sum())
    if n == 0:
        return Estimate(value=None, n=0, n_missing=len(columns), method="no data")
    low, high = np.nanquantile(_resampled([columns], groups)[0], (0.025, 0.975))
    value = float(columns_macro_f1(columns.sum(axis=0)))
    return Estimate(
        value=value,
        low=min(value, float(low)),
        high=max(value, float(high)),
        n=n,
        n_missing=len(columns) - n,
        method="macro F1, bootstrap over cases",
    )


def macro_f1_difference(
    first: FloatArray, second: FloatArray, groups: NDArray[np.int64] | None
) -> Difference:
    """Estimate the difference of two macro F1 on their common cases, by the same resamples for both."""
    common = (first[:, 0] > 0) & (second[:, 0] > 0)
    a, b = first * common[:, None], second * common[:, None]
    n = int(common.sum())
    if n == 0:
        return Difference(value=None, n=0, n_missing=len(first), method="no common cases")
    resampled_a, resampled_b = _resampled([a, b], groups)
    differences = resampled_a - resampled_b
    low, high = np.nanquantile(differences, (0.025, 0.975))
    beyond = min(float((differences <= 0).mean()), float((differences >= 0).mean()))
    return Difference(
        value=float(columns_macro_f1(a.sum(axis=0)) - columns_macro_f1(b.sum(axis=0))),
        low=float(low),
        high=float(high),
        p=min(1.0, max(2 * beyond, 2 / REPETITIONS)),
        n=n,
        n_missing=len(first) - n,
        method="paired bootstrap of macro F1",
    )


def macro_f1_test(bar: Bar, columns: FloatArray, groups: NDArray[np.int64] | None) -> BarTest:
    """Make the test of a bar on macro F1: normal, with the standard error of the bootstrap."""
    at_least = bar.at_least is not None
    limit = bar.at_least if bar.at_least is not None else bar.at_most or 0.0
    value = float(columns_macro_f1(columns.sum(axis=0)))
    error = max(float(np.nanstd(_resampled([columns], groups)[0], ddof=1)), 1e-9)
    n = float(columns[:, 0].sum())
    sign = 1.0 if at_least else -1.0

    def p_values(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        z = sign * (columns_macro_f1(sums) - limit) / error
        return ndtr(-z), ndtr(z)

    def more(level: float) -> int | None:
        search = cases_to_pass_mean if sign * (value - limit) > 0 else cases_to_fail_mean
        mean, target = (value, limit) if at_least else (1 - value, 1 - limit)
        total = None if value == limit else search(mean, error * n**0.5, target, level)
        return None if total is None else max(1, int(np.ceil(total - n)))

    return BarTest(
        bar=bar,
        columns=columns,
        p_values=p_values,
        value=value,
        method="z test, bootstrap standard error",
        more=more,
    )


def classification(measured: Measured, classes: Classes) -> Classification | None:
    """Return per-class precision, recall and F1 with the confusion matrix over all trials with a reply."""
    labels = classes.labels
    pairs = [
        _labels_of(row, classes.metric, truth)
        for truth, rows in zip(classes.truths, measured.rows, strict=True)
        for row in rows
        if truth is not None and isinstance(row.scores.get(classes.metric), Score)
    ]
    pairs = [(right, answered) for right, answered in pairs if right in labels]
    if not pairs:
        return None
    found = confusion(pairs, labels)
    return Classification(
        metric=classes.metric,
        labels=labels,
        matrix=tuple(tuple(int(count) for count in line) for line in found.matrix),
        outside=tuple(int(count) for count in found.outside),
        classes=tuple(
            ClassReport(
                label=item.label,
                n=item.n,
                predicted=item.predicted,
                precision=_estimate(item.precision, "Wilson"),
                recall=_estimate(item.recall, "Wilson"),
                f1=_estimate(item.f1, "Wilson on TP / (TP + FP + FN), mapped"),
            )
            for item in class_figures(found)
        ),
    )


def _estimate(share: Proportion, method: str) -> Estimate:
    return Estimate(value=share.value, low=share.low, high=share.high, n=share.n, method=method)
