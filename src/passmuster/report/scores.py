"""What `score` prints: a row a candidate, a column a metric, and below what could not be scored."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from passmuster.records.scored import CandidateScores, ScoredMetric
from passmuster.report import figures
from passmuster.report.escape import label
from passmuster.report.rows import UNCHECKED, Column
from passmuster.report.tables import packed, table


def render_scores(
    candidates: Sequence[CandidateScores], metrics: Sequence[ScoredMetric], console: Console
) -> None:
    """Print the scores, the metrics with their versions, in as many tables as the width takes."""
    first = Column(key="candidate", title="candidate", cells=tuple(label(each.name) for each in candidates))
    for group in packed(first, _columns(candidates, metrics), console.width):
        console.print(table(group, console.width))
    for text in (*_judged(metrics), *_unscored(candidates)):
        console.print(Text(text))


def _columns(candidates: Sequence[CandidateScores], metrics: Sequence[ScoredMetric]) -> list[Column]:
    made = [
        Column(
            key="trials", title="trials", cells=tuple(f"{each.trials:,}" for each in candidates), right=True
        ),
        Column(
            key="failed", title="failed", cells=tuple(f"{each.failed:,}" for each in candidates), right=True
        ),
    ]
    for place, metric in enumerate(metrics):
        unchecked = "" if metric.judge is None else UNCHECKED
        cells = tuple(figures.number(each.metrics[place].mean) + unchecked for each in candidates)
        title = f"{label(metric.name)} v{metric.version}"
        made.append(Column(key=f"metric:{metric.name}", title=title, cells=cells, right=True))
    return made


def _judged(metrics: Sequence[ScoredMetric]) -> list[str]:
    """Return what is to be known of figures that are a judge's."""
    return [
        f"  ? {label(metric.name)} is what the judge (version {metric.judge}) says alone; compare shows what people make of it"
        for metric in metrics
        if metric.judge is not None
    ]


def _unscored(candidates: Sequence[CandidateScores]) -> list[str]:
    """Return why there are no scores, each reason once for all metrics and candidates that share it."""
    shared: dict[tuple[tuple[str, ...], str, int], list[str]] = {}
    for each in candidates:
        found: dict[tuple[str, int], list[str]] = {}
        for summary in each.metrics:
            for kind, count in summary.failures.items():
                found.setdefault((kind, count), []).append(label(summary.metric))
        for (kind, count), metrics in found.items():
            shared.setdefault((tuple(metrics), kind, count), []).append(label(each.name))
    return [
        f"  {', '.join(names)}: {', '.join(metrics)} not scored in {count:,}: {label(kind)}"
        for (metrics, kind, count), names in shared.items()
    ]
