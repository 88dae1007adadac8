"""What is found out of a candidate whose answers are labels: figures of each class, and over all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from passmuster.records.record import Record
from passmuster.records.score import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassReport(Record):
    """One class: `n` cases with this reference, however often repeated, `predicted` replies with this label.

    The n of its figures count cases too. `weak` says that its F1 lies 15 points or more under the candidate's accuracy.
    """

    label: str
    n: int
    predicted: int
    precision: Estimate
    recall: Estimate
    f1: Estimate
    weak: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification(Record):
    """Figures per class and over all, and the confusion matrix: `matrix[i][j]` trials of `labels[i]` answered `labels[j]`.

    `outside` counts, per row, answers that are none of the labels (a class of their own in the matrix), `failed`
    trials that ended without a reply: both are wrong answers of their class. `averages` has `accuracy`,
    `balanced_accuracy`, `mcc`, and precision, recall and F1 as `macro_`, `micro_` and `weighted_`.
    """

    metric: str
    labels: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]
    outside: tuple[int, ...]
    classes: tuple[ClassReport, ...]
    failed: tuple[int, ...] = ()
    averages: Mapping[str, Estimate] = field(default_factory=dict)
