"""What repeats tell and where candidates do worst, as tables and in a sentence each."""

from collections.abc import Iterable

from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.spread import TailReport, VarianceReport
from passmuster.report import figures
from passmuster.report.escape import label
from passmuster.report.rows import Column, name, ordered
from passmuster.report.views import Cell, Grid, estimate, line, plain, words

SLICES_SHOWN = 12
NAMED = 3
"""Candidates that a sentence is given to; the others stand in the tables."""


def repeats(comparison: Comparison) -> Grid | None:
    """Return a row for each candidate whose cases were repeated; None where none were."""
    found = [(row, row.variance) for row in ordered(comparison) if row.variance is not None]
    if not found:
        return None
    most = max(each.repeats for _, each in found)
    heads = [
        "repeated cases",
        "between cases",
        "standard error",
        "asked once",
        "repeats do not end",
        "best use",
    ]
    heads += ["flips", "one right (pass@1)", f"one of {most} right (pass@{most})"]
    shown = [k for k in (2, 3, 4, 5, most) if any(str(k) in each.pass_all for _, each in found)]
    shown = list(dict.fromkeys(shown))
    heads += [f"all {k} right (pass^{k})" for k in shown]
    lines = tuple(line(comparison, row, _repeat_cells(each, most, shown)) for row, each in found)
    titles = (("candidate", False), *((head, head != "best use") for head in heads))
    return Grid(heads=titles, lines=lines)


def _repeat_cells(found: VarianceReport, most: int, shown: Iterable[int]) -> Iterable[Cell]:
    yield plain(f"{found.cases:,}")
    yield plain(None if found.share_between is None else figures.percent(found.share_between))
    for key in (str(found.repeats), "1", "unlimited"):
        yield plain(None if key not in found.errors else f"{found.errors[key]:.4f}")
    yield words(_best(found))
    yield estimate(found.flips)
    yield estimate(found.pass_at.get("1"))
    yield estimate(found.pass_at.get(str(most)))
    for k in shown:
        yield estimate(found.pass_all.get(str(k)))


def _best(found: VarianceReport) -> str:
    if found.best is None or found.fresh is None:
        return figures.MISSING
    here = f"{found.best.cases:,} cases x {found.best.repeats} ({found.best.standard_error:.4f})"
    if found.fresh.cases == found.best.cases:
        return here
    return f"{here}; with new cases {found.fresh.cases:,} x {found.fresh.repeats} ({found.fresh.standard_error:.4f})"


def tails(comparison: Comparison) -> Grid | None:
    """Return the worst slice and the worst tenth of each candidate; None where nothing is known of any."""
    found = [(row, row.tail) for row in ordered(comparison) if row.tail is not None]
    if not found:
        return None
    heads = (
        ("candidate", False),
        ("worst slice", False),
        ("cases", True),
        ("successes", True),
        ("slices", True),
        ("worst tenth", True),
    )
    return Grid(heads=heads, lines=tuple(line(comparison, row, _tail_cells(each)) for row, each in found))


def _tail_cells(found: TailReport) -> Iterable[Cell]:
    worst = found.slices[0] if found.slices else None
    yield words(figures.MISSING if worst is None else label(worst.name, 48))
    yield plain(None if worst is None else f"{worst.success.n:,}")
    yield estimate(None if worst is None else worst.success)
    yield plain(f"{len(found.slices):,}")
    yield estimate(found.worst_tenth)


def slices(comparison: Comparison) -> Grid | None:
    """Return the successes of the first candidate in its worst slices; None where it has none."""
    row = next((row for row in ordered(comparison) if row.tail is not None and row.tail.slices), None)
    if row is None or row.tail is None:
        return None
    heads = (("candidate", False), ("slice", False), ("cases", True), ("successes", True))
    lines = tuple(
        line(
            comparison,
            row,
            (words(label(each.name, 48)), plain(f"{each.success.n:,}"), estimate(each.success)),
        )
        for each in row.tail.slices[:SLICES_SHOWN]
    )
    return Grid(heads=heads, lines=lines)


def repeat_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return what repeats tell as columns of text; empty without repeats."""
    return _columns(repeats(comparison), "repeat")


def tail_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return where candidates do worst as columns of text; empty where nothing is known."""
    return _columns(tails(comparison), "tail")


def _columns(grid: Grid | None, key: str) -> tuple[Column, ...]:
    if grid is None:
        return ()
    names = Column(key="candidate", title="candidate", cells=tuple(each.name for each in grid.lines))
    rest = (
        Column(
            key=f"{key}:{place}",
            title=title,
            cells=tuple(f"{each.cells[place].text} {each.cells[place].range}".strip() for each in grid.lines),
            right=numeric,
        )
        for place, (title, numeric) in enumerate(grid.heads[1:])
    )
    return names, *rest


def repeat_note(comparison: Comparison) -> str | None:
    """Return in a sentence what the repeats of the first candidates tell; None without repeats."""
    found = [(row, row.variance) for row in ordered(comparison) if row.variance is not None]
    return " ".join(_repeated(row, each) for row, each in found[:NAMED]) or None


def _repeated(row: CandidateReport, found: VarianceReport) -> str:
    most = str(found.repeats)
    parts = [
        f"two repeats end differently in {figures.percent(found.flips.value)} of pairs",
        f"all of {most} right {figures.interval(found.pass_all.get(most))}",
        f"one of {most} right {figures.interval(found.pass_at.get(most))}",
    ]
    if found.share_between is not None:
        parts.append(f"{figures.percent(found.share_between)} of the variance lies between cases")
    return f"{name(row)}: {', '.join(parts)}."


def tail_note(comparison: Comparison) -> str | None:
    """Return in a sentence where the first candidate does worst; None where no slices are known."""
    said = []
    for row in ordered(comparison)[:1]:
        if row.tail is None or not row.tail.slices:
            continue
        worst = row.tail.slices[0]
        of = figures.count(len(row.tail.slices), "slice")
        said.append(
            f"{name(row)}: {label(worst.name, 48)}, {figures.interval(worst.success)} succeed"
            f" (n {worst.success.n:,}, worst of {of})."
        )
    return " ".join(said) or None
