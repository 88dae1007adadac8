"""Leaderboards beside a comparison: no part of a verdict, but a warning where they say the opposite of what was measured."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from passmuster.decide.phrases import counted
from passmuster.decide.screening.names import settled
from passmuster.records.comparison import CandidateReport, Comparison, MetricReport
from passmuster.records.leaderboard import ModelMatch, PublicTable

MOST_NAMED = 60
"""Candidates that are looked at pair by pair."""


def leaderboard_cautions(
    comparison: Comparison, tables: Sequence[PublicTable], found: Sequence[ModelMatch]
) -> tuple[str, ...]:
    """Return a warning for each table whose leading column contradicts the primary metric.

    It does where the 95% intervals of two candidates lie apart, and the column puts them in the other order.

    Args:
        comparison: What was measured.
        tables: Public tables.
        found: Who is who.
    """
    metric = next((each for each in comparison.metrics if each.primary), None)
    if metric is None:
        return ()
    told = (_contradiction(comparison, metric, table, settled(found, table.name)) for table in tables)
    return tuple(warning for warning in told if warning is not None)


def _contradiction(
    comparison: Comparison, metric: MetricReport, table: PublicTable, who: Mapping[str, str]
) -> str | None:
    column = table.column(table.lead or "")
    if column is None or column.direction is None:
        return None
    values = table.values(column.name)
    sign = 1.0 if column.direction == "higher" else -1.0
    rows = [row for row in comparison.candidates if who.get(row.name) in values][:MOST_NAMED]
    turned = [
        (better, worse)
        for better, worse in _shown(rows, metric)
        if sign * values[who[better.name]] < sign * values[who[worse.name]]
    ]
    if not turned:
        return None
    better, worse = max(turned, key=lambda pair: abs(_value(pair[0], metric) - _value(pair[1], metric)))
    return (
        f"{table.name}: {column.name} (public, for sanity only) contradicts {metric.name} in"
        f" {counted(len(turned), 'pair')} of candidates: {better.name} is shown to be better than {worse.name} here"
        f" ({_value(better, metric):.3f} and {_value(worse, metric):.3f}), and stands behind it there. Your own cases"
        " decide; see passmuster screen."
    )


def _shown(
    rows: Sequence[CandidateReport], metric: MetricReport
) -> Iterator[tuple[CandidateReport, CandidateReport]]:
    """Yield the pairs whose intervals lie apart, the better one first."""
    for one, other in combinations(rows, 2):
        first, second = one.metrics[metric.name], other.metrics[metric.name]
        if first.low is None or first.high is None or second.low is None or second.high is None:
            continue
        if first.low > second.high:
            yield (one, other) if metric.direction == "higher" else (other, one)
        elif second.low > first.high:
            yield (other, one) if metric.direction == "higher" else (one, other)


def _value(row: CandidateReport, metric: MetricReport) -> float:
    return row.metrics[metric.name].value or 0.0
