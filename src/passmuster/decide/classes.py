"""Averages over the classes of a metric whose answers are labels, macro F1 first: it is what bars look at."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.bar_tests import BarTest
from passmuster.decide.labels import Classes
from passmuster.decide.measured import NO_LABEL, FloatArray, LabelArray, Measured
from passmuster.decide.seed import SEED
from passmuster.records.score import Difference, Estimate
from passmuster.records.task import Bar
from passmuster.stats.classes import averages, macro_f1
from passmuster.stats.clusters import cluster_numbers, student_tail
from passmuster.stats.intervals import LEVEL
from passmuster.stats.paired import paired_mean_interval
from passmuster.stats.power import cases_to_fail_mean, cases_to_pass_mean
from passmuster.stats.resample import resample_weights
from passmuster.stats.student import student_quantile
from passmuster.stats.weighted import effective_cases

REPETITIONS = 1000
_NO_SPREAD = 1e-9
_DENSE = 0.1

Draws: TypeAlias = Mapping[str, FloatArray]
"""Each average over the classes in every resample."""


def class_columns(measured: Measured, classes: Classes) -> FloatArray:
    """Return per case: present, then per label whether it is a hit, was answered, and is the reference.

    Sums of these columns are all that F1 needs. Repeats of a case share its weight, which is one where cases
    stand for as many of traffic; a failed trial answers no label, so it counts against its class.
    """
    k = len(classes.labels)
    columns = np.zeros((measured.cases, 1 + 3 * k))
    truths, found = right_labels(classes), measured.columns.labels[classes.metric]
    asked = measured.asked & (truths != NO_LABEL)[:, None]
    count = asked.sum(axis=1)
    columns[:, 0] = count > 0
    share = 1 / np.maximum(count, 1)
    for repeat in range(measured.layout.repeats):
        used = np.flatnonzero(asked[:, repeat])
        right, answered = found.right[used, repeat], found.answered[used, repeat]
        right = np.where(right == NO_LABEL, truths[used], right)
        columns[used, 1 + 2 * k + right] += share[used]
        said = answered != NO_LABEL
        used, right, answered = used[said], right[said], answered[said]
        columns[used, 1 + k + answered] += share[used]
        columns[used, 1 + answered] += np.where(answered == right, share[used], 0.0)
    return columns if measured.weights is None else columns * measured.weights[:, None]


def right_labels(classes: Classes) -> LabelArray:
    """Return the number of each case's right label, `NO_LABEL` where it has no reference."""
    places = {label: place for place, label in enumerate(classes.labels)}
    return np.array(
        [NO_LABEL if truth is None else places[truth] for truth in classes.truths], dtype=np.int32
    )


def columns_macro_f1(sums: FloatArray) -> FloatArray:
    """Return macro F1 from sums of `class_columns`, shape (..., 1 + 3 k) -> (...)."""
    hits, answered, actual = np.split(sums[..., 1:], 3, axis=-1)
    return macro_f1(hits, answered, actual)


def columns_averages(sums: FloatArray) -> dict[str, FloatArray]:
    """Return every average over the classes from sums of `class_columns`, shape (..., 1 + 3 k) -> (...)."""
    hits, answered, actual = np.split(sums[..., 1:], 3, axis=-1)
    return averages(hits, answered, actual)


class _Table:
    """`class_columns` whose zeros are passed over: of many classes a case has at most three that concern it."""

    def __init__(self, columns: FloatArray) -> None:
        self._columns = columns
        used = np.count_nonzero(columns) > _DENSE * columns.size
        self._rows = None if used else [np.flatnonzero(column) for column in columns.T]

    def sums(self, weights: FloatArray) -> FloatArray:
        """Return the sums of the columns under each row of weights."""
        if self._rows is None:
            return np.asarray(weights @ self._columns, dtype=np.float64)
        found = np.empty((len(weights), self._columns.shape[1]))
        for place, rows in enumerate(self._rows):
            found[:, place] = weights[:, rows] @ self._columns[rows, place]
        return found


def resampled_averages(columns: Sequence[FloatArray], groups: NDArray[np.int64] | None) -> list[Draws]:
    """Return the averages over the same `REPETITIONS` resamples of the cases for each of these `class_columns`."""
    rng = np.random.default_rng(SEED)
    tables = [_Table(each) for each in columns]
    parts: list[list[FloatArray]] = [[] for _ in columns]
    for weights in resample_weights(len(columns[0]), REPETITIONS, rng, groups):
        dense = np.asarray(weights, dtype=np.float64)
        for part, table in zip(parts, tables, strict=True):
            part.append(table.sums(dense))
    return [columns_averages(np.concatenate(part)) for part in parts]


def resampled_macro_f1(columns: Sequence[FloatArray], groups: NDArray[np.int64] | None) -> list[FloatArray]:
    """Return macro F1 over these resamples."""
    return [draws["macro_f1"] for draws in resampled_averages(columns, groups)]


def macro_f1_estimate(
    columns: FloatArray,
    groups: NDArray[np.int64] | None,
    resampled: FloatArray | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Estimate macro F1 with a bootstrap interval over cases (whole groups where they are grouped).

    `resampled` is what `resampled_macro_f1` says of these columns, where that is known.
    """
    draws = resampled_macro_f1([columns], groups)[0] if resampled is None else resampled
    value = float(columns_macro_f1(columns.sum(axis=0)))
    found = _estimate(value, columns, groups, draws, level=level)
    return replace(found, method=f"macro F1, {found.method}") if found.value is not None else found


def average_estimates(
    columns: FloatArray, groups: NDArray[np.int64] | None, draws: Draws, level: float = LEVEL
) -> dict[str, Estimate]:
    """Estimate every average over the classes, each with a bootstrap interval over cases or whole groups."""
    values = columns_averages(columns.sum(axis=0))
    lowest = {"mcc": -1.0}
    return {
        name: _estimate(float(values[name]), columns, groups, resampled, lowest.get(name, 0.0), level=level)
        for name, resampled in draws.items()
    }


def _estimate(
    value: float,
    columns: FloatArray,
    groups: NDArray[np.int64] | None,
    draws: FloatArray,
    lowest: float = 0.0,
    *,
    level: float,
) -> Estimate:
    n = int(np.count_nonzero(columns[:, 0]))
    if n == 0:
        return Estimate(value=None, n=0, n_missing=len(columns), method="no data")
    tail = round((1 - level) / 2, 12)
    low, high = np.nanquantile(draws, (tail, 1 - tail))
    if high - low < _NO_SPREAD:
        units, width = _units(columns[:, 0], groups), 1.0 - lowest
        centre, error = _with_pseudo_scores((value - lowest) / width, 0.0, units)
        half = student_quantile((1 + level) / 2, max(1, round(units) + 1)) * float(error)
        low = lowest + width * max(0.0, float(centre) - half)
        high = lowest + width * min(1.0, float(centre) + half)
    return Estimate(
        value=value,
        low=min(value, float(low)),
        high=max(value, float(high)),
        n=n,
        n_missing=len(columns) - n,
        method="bootstrap over cases",
    )


def macro_f1_difference(
    first: FloatArray,
    second: FloatArray,
    groups: NDArray[np.int64] | None,
    resampled: tuple[FloatArray, FloatArray] | None = None,
) -> Difference:
    """Estimate the difference of two macro F1 on their common cases, by the same resamples for both.

    `resampled` is what `resampled_macro_f1` says of both; it holds only where both have the same cases.
    """
    common = (first[:, 0] > 0) & (second[:, 0] > 0)
    n = int(common.sum())
    if n == 0:
        return Difference(value=None, n=0, n_missing=len(first), method="no common cases")
    a, b = first, second
    if n < max(np.count_nonzero(first[:, 0]), np.count_nonzero(second[:, 0])):
        a, b = first * common[:, None], second * common[:, None]
        resampled = None
    drawn_a, drawn_b = resampled or resampled_macro_f1([a, b], groups)
    differences = drawn_a - drawn_b
    low, high = np.nanquantile(differences, (0.025, 0.975))
    value = float(columns_macro_f1(a.sum(axis=0)) - columns_macro_f1(b.sum(axis=0)))
    if high - low < _NO_SPREAD:
        alike = np.full(max(2, math.floor(_units(a[:, 0] * common, groups))), value)
        low, high = paired_mean_interval(alike) or (-1.0, 1.0)
    beyond = min(float((differences <= 0).mean()), float((differences >= 0).mean()))
    return Difference(
        value=value,
        low=float(low),
        high=float(high),
        p=min(1.0, max(2 * beyond, 2 / REPETITIONS)),
        n=n,
        n_missing=len(first) - n,
        method="paired bootstrap of macro F1",
    )


def _units(sizes: FloatArray, groups: NDArray[np.int64] | None) -> float:
    """Return how many independent cases of equal weight those of this size are worth."""
    used = sizes > 0
    totals = (
        sizes[used] if groups is None else np.bincount(cluster_numbers(groups[used]), weights=sizes[used])
    )
    return effective_cases(totals)


def _with_pseudo_scores(
    value: float | FloatArray, error: float | FloatArray, units: float | FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the mean of so many scores with this mean and standard error after adding a 0 and a 1, and its error."""
    mean = np.asarray(value, dtype=np.float64)
    centre = (units * mean + 1) / (units + 2)
    squares = units * (units * error**2 + (mean - centre) ** 2) + centre**2 + (1 - centre) ** 2
    return centre, np.sqrt(squares / ((units + 2) * (units + 1)))


def macro_f1_test(
    bar: Bar,
    columns: FloatArray,
    groups: NDArray[np.int64] | None,
    resampled: FloatArray | None = None,
) -> BarTest:
    """Make the test of a bar on macro F1: t, with the standard error of the bootstrap and two pseudo-scores.

    Near the ceiling resamples hardly vary, and where every answer is right not at all: as for a mean of scores, a 0
    and a 1 then stand for what was not seen.
    """
    at_least = bar.at_least is not None
    limit = bar.at_least if bar.at_least is not None else bar.at_most or 0.0
    value = float(columns_macro_f1(columns.sum(axis=0)))
    draws = resampled_macro_f1([columns], groups)[0] if resampled is None else resampled
    error, units = float(np.nanstd(draws, ddof=1)), _units(columns[:, 0], groups)
    n, total = float(np.count_nonzero(columns[:, 0])), float(columns[:, 0].sum())
    sign = 1.0 if at_least else -1.0

    def p_values(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        # Sums over more cases than these, such as those of a run that is still to come, have a smaller error.
        growth = sums[..., 0] / max(total, 1e-300)
        size = units * growth
        centre, spread = _with_pseudo_scores(
            columns_macro_f1(sums), error / np.sqrt(np.maximum(growth, 1e-300)), size
        )
        distance, degrees = sign * (centre - limit), np.asarray(size + 1)
        return student_tail(distance, spread, degrees), student_tail(-distance, spread, degrees)

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
        method="t test with two pseudo-scores, bootstrap standard error",
        more=more,
    )
