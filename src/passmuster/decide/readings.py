"""What a bar counts in each case, and how much better it could be where that is not known."""

from dataclasses import dataclass

import numpy as np

from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.outcomes import RATES, turn_rates
from passmuster.records.task import Bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """One number per case, the greater the better: the worst and the best reading; NaN where a case says nothing.

    They are shares of `width`, how far apart the least and the greatest value of the metric are. `sign` is -1 where less of
    the metric is better: where the bar is one from above. `least` is the worst value of the
    metric: that of a case which counts 0.
    """

    worst: FloatArray
    best: FloatArray
    width: float
    sign: float
    least: float


def readings(bar: Bar, measured: Measured) -> Readings | None:
    """Return what a bar on a share or a score counts, None for a metric whose values have no bounds.

    A trial without a reply counts as the worst value of a metric; a reply without a score as the worst and as the best.

    Raises:
        KeyError: for a metric that the task does not have.
    """
    if bar.metric == "failure_rate":
        good = 1 - measured.failed
        return Readings(worst=good, best=good, width=1.0, sign=-1.0, least=1.0)
    if bar.metric in RATES:
        worst, best = turn_rates(measured, bar.metric)
        return Readings(worst=1 - worst, best=1 - best, width=1.0, sign=-1.0, least=1.0)
    low, high = measured.bounds(bar.metric)
    if not np.isfinite(high - low):
        return None
    bad, good_value = (low, high) if bar.at_least is not None else (high, low)
    worst = measured.tested(bar.metric, failed=bad, unknown=bad)
    best = measured.tested(bar.metric, failed=bad, unknown=good_value)
    sign = 1.0 if bar.at_least is not None else -1.0
    shares = (np.abs(each - bad) / (high - low) for each in (worst, best))
    return Readings(worst=next(shares), best=next(shares), width=high - low, sign=sign, least=bad)
