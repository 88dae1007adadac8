"""Whether a judge says of the same replies what it said before."""

from functools import lru_cache
from typing import Final

import numpy as np

from passmuster.records.judge_drift import Shift
from passmuster.stats.arrays import FloatArray
from passmuster.stats.paired import mcnemar_mid_p, paired_mean_interval, paired_mean_p, tango_interval

FEW: Final = 10
"""With fewer replies that changed, their mean is no normal one: then only up or down is counted."""

MCNEMAR: Final = "mid-p McNemar"
SIGNS: Final = "mid-p sign test"
PAIRED_T: Final = "paired t"


def value_shift(
    before: FloatArray,
    after: FloatArray,
    bounds: tuple[float, float],
    *,
    binary: bool,
    since: float = 0.0,
    limit: float = 0.01,
) -> Shift | None:
    """Return what changed between two scorings of the same replies; None where fewer than two have both values.

    Pass or fail: mid-p McNemar on the replies whose verdict changed, with Tango's interval (`stats.paired`). Values
    on a scale: the paired t, and the mid-p sign test where fewer than `FEW` replies changed at all. Where the judge has not
    changed, either scoring could have come first, so each test keeps its level for judges that vary from call to call;
    replies are asked about one by one, so none makes another one change.

    Args:
        before: The values of the earlier scoring, NaN where there is none.
        after: Those of the later one, in the same order.
        bounds: The least and the greatest value.
        binary: Whether each value is 0 or 1.
        since: When the earlier scoring was, in seconds since the epoch.
        limit: The p-value below which it is an alarm.

    Example:
        >>> before = np.ones(12)
        >>> found = value_shift(before, np.array([0.0] * 8 + [1.0] * 4), (0.0, 1.0), binary=True)
        >>> round(found.value, 2), found.down, round(found.p, 4), found.alarm
        (-0.67, 8, 0.0039, True)
    """
    both = ~(np.isnan(before) | np.isnan(after))
    differences = after[both] - before[both]
    n = int(both.sum())
    if n < 2:
        return None
    up, down = int((differences > 0).sum()), int((differences < 0).sum())
    value = float(differences.mean())
    low: float | None
    high: float | None
    if binary:
        low, high = _interval(up, down, n)
        p, method = mcnemar_mid_p(float(up), float(down)), MCNEMAR
    else:
        low, high, p, method = _graded(differences, bounds[1] - bounds[0], up, down)
    return Shift(
        of="values",
        since=since,
        n=n,
        value=value,
        low=low,
        high=high,
        up=up,
        down=down,
        p=p,
        limit=limit,
        method=method,
    )


def readable_shift(
    before: FloatArray, after: FloatArray, *, since: float = 0.0, limit: float = 0.01
) -> Shift:
    """Return how the share of readable answers changed: a judge that begins to refuse has moved, too.

    Args:
        before: 1 where the answer of the earlier scoring could be read, 0 where not, NaN where none came.
        after: Likewise of the later scoring.
        since: When the earlier scoring was.
        limit: The p-value below which it is an alarm.
    """
    both = ~(np.isnan(before) | np.isnan(after))
    n = int(both.sum())
    differences = after[both] - before[both]
    up, down = int((differences > 0).sum()), int((differences < 0).sum())
    low, high = _interval(up, down, n)
    return Shift(
        of="readable",
        since=since,
        n=n,
        value=float(differences.mean()) if n else 0.0,
        low=low,
        high=high,
        up=up,
        down=down,
        p=mcnemar_mid_p(float(up), float(down)),
        limit=limit,
        method=MCNEMAR,
    )


@lru_cache(maxsize=1024)
def _interval(up: int, down: int, n: int) -> tuple[float, float]:
    """Return Tango's interval; all checks of a judge are told each time, most of them with counts that came before."""
    return tango_interval(float(up), float(down), float(n))


def _graded(
    differences: FloatArray, span: float, up: int, down: int
) -> tuple[float | None, float | None, float, str]:
    shares = differences / span
    interval = paired_mean_interval(shares)
    low, high = (None, None) if interval is None else (interval[0] * span, interval[1] * span)
    if up + down < FEW:
        return low, high, mcnemar_mid_p(float(up), float(down)), SIGNS
    p = paired_mean_p(shares)
    return low, high, 1.0 if p is None else p, PAIRED_T
