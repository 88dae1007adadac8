"""Who was stopped before all cases were asked, when and why."""

from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.stopped import Stop, Stopped
from passmuster.report import figures
from passmuster.report.escape import label
from passmuster.report.rows import CUT_SHORT, Column, columns, name, ordered, primary
from passmuster.report.views import Cell, Grid, columns_of, estimate, line, plain, words

KEY = (
    "stopped early: the interval of a score holds whenever a run stops. A plain mean does not: of a candidate that was stopped"
    " for how it looked it is too low, of one that passed early too high. Times, failures and costs are those of the cases so"
    " far, and their intervals are as if that number had been fixed."
)
"""What the mark behind a figure of a stopped candidate means."""


def stopped(comparison: Comparison) -> Grid | None:
    """Return who was stopped, in the order of the matrix; None where the run asked everything."""
    if comparison.stopped is None:
        return None
    metric = primary(comparison)
    title = "score" if metric is None else f"{label(metric.name)} (95%, at any look)"
    heads = (("candidate", False), ("cases asked", True), (title, True), ("why no more", False))
    rows = ((row, comparison.stopped.stop_of(row.name)) for row in ordered(comparison))
    lines = tuple(
        line(comparison, row, _cells(comparison, row, stop)) for row, stop in rows if stop is not None
    )
    return Grid(heads=heads, lines=lines) if lines else None


def _cells(comparison: Comparison, row: CandidateReport, stop: Stop) -> list[Cell]:
    metric = primary(comparison)
    figure = None if metric is None else row.metrics.get(metric.name)
    return [
        plain(f"{stop.cases:,} of {stop.of:,}"),
        estimate(figure),
        words(_why(stop)),
    ]


def _why(stop: Stop) -> str:
    bar, by = label(stop.bar or "a bar"), name(stop.by) if stop.by else "nobody left"
    return {
        "hopeless": f"could hardly be shown to meet {bar}",
        "untestable": f"{bar} cannot be tested",
        "passed": "has passed, whatever the rest brings",
        "not_needed": f"{by} costs less and has passed",
        "dropped": f"shown not to be the best ({by} led)",
        "best": "the best: all others were dropped",
        "tied": f"{by} is not worse by more than does not matter",
    }[stop.reason]


def stopped_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return the same as columns of text; empty where nothing was stopped."""
    return columns_of(stopped(comparison), "stopped")


def stopped_words(comparison: Comparison) -> str:
    """Return in a sentence how the run went; empty where it asked everything."""
    found = comparison.stopped
    return "" if found is None else _run_words(found)


def _run_words(found: Stopped) -> str:
    until = found.until
    aim = "the cheapest that meets every bar" if until.aim == "bars" else "the best"
    asked = f"{found.trials:,} of {found.full:,} trials"
    ended = "" if found.finished else " It has not ended."
    return (
        f"The run asked until {aim} was known: {asked}, in {figures.count(found.looks, 'look')}, cases in the order of seed"
        f" {until.seed}, in blocks of {until.block}; each of {len(until.family)} candidates tested at {until.level:.2g}.{ended}"
    )


def has_cut_short(comparison: Comparison) -> bool:
    """Say whether any figure of the matrix bears the mark of a candidate that was stopped."""
    return any(CUT_SHORT in cell for column in columns(comparison) for cell in column.cells)
