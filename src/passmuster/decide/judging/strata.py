"""Which verdicts belong together: the strata from which replies are drawn for people, and within which a judge is corrected."""

import math

from passmuster.metrics.metric import Bounds
from passmuster.records.rating import Drawn

PARTS = 5
"""Equal parts of a scale."""


def stratum_of(value: float, bounds: Bounds, *, binary: bool) -> str:
    """Return the stratum of a verdict: itself where a judge passes or fails, else one of five equal parts of its scale.

    Args:
        value: The verdict, in the metric's unit.
        bounds: The least and the greatest verdict; where they are infinite there is one stratum.
        binary: Whether the judge passes or fails.

    Example:
        >>> stratum_of(1.0, (0.0, 1.0), binary=True), stratum_of(4.4, (1.0, 5.0), binary=False)
        ('pass', '4.2 to 5')
    """
    low, high = bounds
    if binary:
        return "pass" if value == high else "fail"
    if not (math.isfinite(low) and math.isfinite(high)):
        return "all"
    width = (high - low) / PARTS
    part = min(PARTS - 1, max(0, int((value - low) / width)))
    return f"{low + part * width:g} to {low + (part + 1) * width:g}"


def owner(item: Drawn) -> str:
    """Return whose an item is: a candidate's, or that of two which are compared, in either order."""
    return item.candidate if item.second_by is None else " / ".join(sorted((item.candidate, item.second_by)))
