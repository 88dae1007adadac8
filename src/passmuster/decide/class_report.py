"""One candidate's classes as the report shows them: the confusion matrix, and the figures of each class and of all."""

from dataclasses import replace

import numpy as np

from passmuster.decide.classes import Draws, average_estimates, right_labels
from passmuster.decide.labels import Classes
from passmuster.decide.measured import (
    FAILED,
    NO_LABEL,
    REPLIED,
    SCORED,
    BoolArray,
    FloatArray,
    LabelArray,
    Measured,
)
from passmuster.decide.trial_rows import TrialRows, trial_rows
from passmuster.records.classes import Classification, ClassReport
from passmuster.records.score import Estimate
from passmuster.stats.classes import (
    ClassFigures,
    Confusion,
    Proportion,
    class_figures,
    dependent_class_figures,
)

WEAK = 0.15
"""A class whose F1 lies this far or more under the accuracy is called weak, where it is the reference of a case."""

_ROUNDING = 1e-9


def classification(
    measured: Measured, classes: Classes, columns: FloatArray, draws: Draws
) -> Classification | None:
    """Return the figures of each class and over all, and the confusion matrix; None where no answer was scored.

    A trial that ended without a reply is a wrong answer of its class here, as it is in macro F1; in the matrix it
    is counted apart. So is a reply that the metric could not score, which in the matrix is none of the labels.

    Args:
        measured: The candidate's trials.
        classes: The labels, and the right one of each case.
        columns: Its `class_columns`.
        draws: What `resampled_averages` says of them.
    """
    found = measured.columns.labels[classes.metric]
    code, state = measured.columns.scores[classes.metric].code, measured.columns.state
    truths = np.broadcast_to(right_labels(classes)[:, None], code.shape)
    replied, failed = ((state == each) & (truths != NO_LABEL) for each in (REPLIED, FAILED))
    if not (replied & (code == SCORED)).any():
        return None
    right = np.where(found.right == NO_LABEL, truths, found.right)
    counted = _counts(right[replied], found.answered[replied], classes.labels)
    used = replied | failed
    rows = trial_rows(measured, used)
    figures = _figures(rows, right[used], found.answered[used], classes.labels)
    averages = average_estimates(columns, measured.groups, draws)
    accuracy = averages["accuracy"].value
    return Classification(
        metric=classes.metric,
        labels=classes.labels,
        matrix=tuple(tuple(int(count) for count in line) for line in counted.matrix),
        outside=tuple(int(count) for count in counted.outside),
        failed=tuple(np.bincount(truths[failed], minlength=len(classes.labels)).tolist()),
        classes=tuple(_report(each, accuracy, _method(rows)) for each in figures),
        averages=averages,
    )


def _report(figures: ClassFigures, accuracy: float | None, method: str) -> ClassReport:
    f1 = figures.f1.value
    return ClassReport(
        label=figures.label,
        n=figures.n,
        predicted=figures.predicted,
        precision=_estimate(figures.precision, method),
        recall=_estimate(figures.recall, method),
        f1=_estimate(figures.f1, f"{method} on TP / (TP + FP + FN), mapped"),
        weak=figures.n > 0 and f1 is not None and accuracy is not None and f1 <= accuracy - WEAK + _ROUNDING,
    )


def _figures(
    rows: TrialRows, right: LabelArray, answered: LabelArray, labels: tuple[str, ...]
) -> tuple[ClassFigures, ...]:
    if rows.weights is None and rows.clusters is None:
        return class_figures(_counts(right, answered, labels))
    answers = right.astype(np.int64), answered.astype(np.int64)
    made = dependent_class_figures(answers, labels, rows.weights, rows.clusters)
    return tuple(_of_cases(each, rows, right == place, answered == place) for place, each in enumerate(made))


def _of_cases(figures: ClassFigures, rows: TrialRows, actual: BoolArray, said: BoolArray) -> ClassFigures:
    """Return the figures with the n of cases: repeats are trials of the same case, and no new ones."""
    own, named, either = (len(np.unique(rows.cases[some])) for some in (actual, said, actual | said))
    return replace(
        figures,
        n=own,
        precision=replace(figures.precision, n=named),
        recall=replace(figures.recall, n=own),
        f1=replace(figures.f1, n=either),
    )


def _method(rows: TrialRows) -> str:
    own = "Wilson" if rows.clusters is None else "Korn-Graubard"
    return own if rows.weights is None else f"weighted {own}"


def _counts(right: LabelArray, answered: LabelArray, labels: tuple[str, ...]) -> Confusion:
    width = len(labels) + 1
    cells = np.bincount(
        right * width + np.where(answered == NO_LABEL, len(labels), answered), minlength=len(labels) * width
    )
    table = cells.reshape(len(labels), width)
    return Confusion(labels=labels, matrix=table[:, :-1], outside=table[:, -1])


def _estimate(share: Proportion, method: str) -> Estimate:
    return Estimate(value=share.value, low=share.low, high=share.high, n=share.n, method=method)
