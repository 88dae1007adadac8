"""Metrics for sanity only: no part of a verdict, but a warning where they say the opposite of what decides."""

from collections.abc import Callable, Sequence
from itertools import combinations

from passmuster.decide.phrases import counted
from passmuster.metrics.metric import Metric
from passmuster.records.score import Difference
from passmuster.records.task import Task

MOST_NAMED = 20
"""Candidates that are looked at pair by pair, the first of the file: a warning names the worst pair and their number."""


def sanity_cautions(
    task: Task,
    metrics: Sequence[Metric],
    names: Sequence[str],
    difference: Callable[[str, str, str], Difference],
) -> tuple[str, ...]:
    """Return a warning for each metric for sanity only that contradicts the primary one.

    It does where of two candidates the one is shown to be better in the primary metric, and the other in this: both 95%
    intervals of the paired differences leave 0 out, in opposite directions.

    Args:
        task: Whose metrics say what they are for.
        metrics: The task's metrics, the primary one first.
        names: The candidates that were asked.
        difference: Returns how much better the first of two candidates is than the second in a metric.
    """
    sanity = {spec.name for spec in task.metrics if spec.role == "sanity"}
    pairs = list(combinations(names[:MOST_NAMED], 2))
    return tuple(
        warning
        for metric in metrics
        if metric.name in sanity
        for warning in _contradiction(metrics[0], metric, pairs, difference)
    )


def _contradiction(
    primary: Metric,
    other: Metric,
    pairs: Sequence[tuple[str, str]],
    difference: Callable[[str, str, str], Difference],
) -> list[str]:
    found = []
    for one, second in pairs:
        ours, theirs = difference(one, second, primary.name), difference(one, second, other.name)
        sides = _side(ours, primary), _side(theirs, other)
        if sides[0] * sides[1] < 0:
            better, worse, sign = (one, second, 1.0) if sides[0] > 0 else (second, one, -1.0)
            gaps = sign * (ours.value or 0.0), sign * (theirs.value or 0.0)
            found.append((abs(gaps[1]), better, worse, gaps))
    if not found:
        return []
    _, better, worse, gaps = max(found)
    told = (
        f"{other.name} (for sanity only) contradicts {primary.name} in {counted(len(found), 'pair')} of candidates:"
        f" {better} is shown to be better than {worse} in {primary.name} ({gaps[0]:+.3f}) and worse in {other.name}"
        f" ({gaps[1]:+.3f}). One of the two does not measure the job: read cases before you trust the decision."
    )
    return [told]


def _side(found: Difference, metric: Metric) -> int:
    """Return 1 where the first is shown to be better, -1 where the second is, else 0."""
    if found.low is None or found.high is None or found.low <= 0 <= found.high:
        return 0
    return (1 if found.low > 0 else -1) * (1 if metric.direction == "higher" else -1)
