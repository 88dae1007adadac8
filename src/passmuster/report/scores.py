"""What `score` prints: a row a candidate, a column a metric, and below what could not be scored."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from passmuster.records.scored import CandidateScores, ScoredMetric
from passmuster.report import figures
from passmuster.report.escape import label


def render_scores(
    candidates: Sequence[CandidateScores], metrics: Sequence[ScoredMetric], console: Console
) -> None:
    """Print the scores, the metrics with their versions."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("candidate")
    table.add_column("trials", justify="right", overflow="fold")
    table.add_column("failed", justify="right", overflow="fold")
    for metric in metrics:
        table.add_column(f"{label(metric.name)} v{metric.version}", justify="right", overflow="fold")
    for each in candidates:
        cells = [figures.number(summary.mean) for summary in each.metrics]
        table.add_row(Text(label(each.name)), f"{each.trials:,}", f"{each.failed:,}", *cells)
    console.print(table)
    for each in candidates:
        for summary in each.metrics:
            for kind, count in summary.failures.items():
                console.print(
                    Text(
                        f"  {label(each.name)}: {label(summary.metric)} not scored in {count:,}: {label(kind)}"
                    )
                )
