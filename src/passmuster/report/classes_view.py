"""Per-class figures and the confusion matrix of one candidate, as the HTML report shows them."""

from dataclasses import dataclass

from passmuster.records.classes import Classification
from passmuster.records.comparison import CandidateReport
from passmuster.records.record import Record
from passmuster.report import figures
from passmuster.report.escape import label
from passmuster.report.rows import name
from passmuster.report.views import Cell, estimate

MATRIX_LIMIT = 20
CLASSES_LIMIT = 40
CONFUSIONS_LIMIT = 12
SHADES = (0.0, 0.05, 0.2, 0.4, 0.65)
KINDS = ("macro", "micro", "weighted")
FIGURES = ("precision", "recall", "f1")
OVERALL = {"accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "mcc": "Matthews correlation"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaded(Record):
    """A cell of the confusion matrix: a count, its class of shade, and whether it lies on the diagonal."""

    text: str
    shade: str
    hit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassesView(Record):
    """One candidate's classes; `matrix` is empty where there are too many labels to read it.

    Of each row of a class the last entry says whether the class is weak. `failed` says whether the matrix has a
    last column of trials without a reply.
    """

    name: str
    summary: str
    rows: tuple[tuple[str, tuple[Cell, ...], bool], ...]
    averages: tuple[tuple[str, tuple[Cell, ...]], ...]
    overall: tuple[tuple[str, Cell], ...]
    outside: str
    failed: bool
    left_out: int
    labels: tuple[str, ...]
    matrix: tuple[tuple[str, tuple[Shaded, ...]], ...]
    confusions: tuple[tuple[str, str, int], ...]


def classes_view(row: CandidateReport) -> ClassesView | None:
    """Return a candidate's classes, worst F1 first where not all fit; None where it has none."""
    found = row.classification
    if found is None:
        return None
    ranked = list(found.classes)
    if len(ranked) > CLASSES_LIMIT:
        ranked.sort(key=lambda each: -1.0 if each.f1.value is None else each.f1.value)
    shown = ranked[:CLASSES_LIMIT]
    rows = tuple(
        (
            label(each.label, 48),
            (
                Cell(text=f"{each.n:,}"),
                Cell(text=f"{each.predicted:,}"),
                *(estimate(figure) for figure in (each.precision, each.recall, each.f1)),
            ),
            each.weak,
        )
        for each in shown
    )
    confusions = _confusions(found)
    return ClassesView(
        name=name(row),
        summary=_summary(row, found, confusions),
        rows=rows,
        averages=tuple(
            (kind, tuple(estimate(found.averages.get(f"{kind}_{figure}")) for figure in FIGURES))
            for kind in KINDS
            if found.averages
        ),
        overall=tuple(
            (title, estimate(found.averages[key])) for key, title in OVERALL.items() if key in found.averages
        ),
        outside=f"{sum(found.outside):,}",
        failed=any(found.failed),
        left_out=len(ranked) - len(shown),
        labels=tuple(label(each, 24) for each in found.labels) if len(found.labels) <= MATRIX_LIMIT else (),
        matrix=_matrix(found) if len(found.labels) <= MATRIX_LIMIT else (),
        confusions=confusions,
    )


def _summary(
    row: CandidateReport, found: Classification, confusions: tuple[tuple[str, str, int], ...]
) -> str:
    score = figures.interval(row.metrics.get(found.metric))
    text = f"{label(found.metric)} {score}"
    if not confusions:
        return text
    true, said, times = confusions[0]
    return f"{text}; most often {true} taken for {said} ({times:,})"


def _matrix(found: Classification) -> tuple[tuple[str, tuple[Shaded, ...]], ...]:
    made = []
    for i, counts in enumerate(found.matrix):
        failed = found.failed[i] if found.failed else 0
        total = sum(counts) + found.outside[i] + failed
        cells = [_shaded(number, total, hit=i == j) for j, number in enumerate(counts)]
        cells.append(_shaded(found.outside[i], total, hit=False))
        cells += [_shaded(failed, total, hit=False)] if any(found.failed) else []
        made.append((label(found.labels[i], 48), tuple(cells)))
    return tuple(made)


def _shaded(number: int, total: int, *, hit: bool) -> Shaded:
    share = number / total if total else 0.0
    level = sum(share > step for step in SHADES)
    return Shaded(text=f"{number:,}", shade=f"w{level}", hit=hit)


def _confusions(found: Classification) -> tuple[tuple[str, str, int], ...]:
    pairs = [
        (label(found.labels[i], 48), label(found.labels[j], 48), number)
        for i, counts in enumerate(found.matrix)
        for j, number in enumerate(counts)
        if i != j and number
    ]
    pairs += [
        (label(found.labels[i], 48), "none of the labels", number)
        for i, number in enumerate(found.outside)
        if number
    ]
    return tuple(sorted(pairs, key=lambda pair: -pair[2])[:CONFUSIONS_LIMIT])
