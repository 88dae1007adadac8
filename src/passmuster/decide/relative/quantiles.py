"""Latencies against the incumbent's: the ratio of two quantiles, by exact bounds of both."""

import numpy as np

from passmuster.decide.bar_tests import BarTest, limit_of, not_testable
from passmuster.decide.measured import FAILED, FloatArray, Measured
from passmuster.decide.phrases import counting
from passmuster.decide.rates import quantile_estimate
from passmuster.decide.relative.pairs import Pair
from passmuster.decide.relative.shares import NO_PAIRS
from passmuster.records.task import Bar
from passmuster.stats.intervals import binomial_p_greater, binomial_p_less, effective_sample
from passmuster.stats.power import cases_to_fail, cases_to_pass
from passmuster.stats.weighted import effective_cases

THRESHOLDS = 24
"""Times at which both are looked at: more would change little, and each is a column of numbers over all cases."""

OTHER_SOURCE = "times of different kinds (measured, recorded, simulated, cached) are not compared"


def quantile_ratio_test(bar: Bar, pair: Pair, q: float, *, first_token: bool) -> BarTest:
    """Test that a quantile of the latency is at most so many times the incumbent's.

    For every time t: where the incumbent's quantile is at least t and the candidate's at most `limit` x t, the bar is met. Each
    of the two is shown by an exact binomial test of a share, at half the level, as the best t is looked for (a bound
    of one quantile beside the bound of the other, Bonferroni). Nothing is assumed of how times are distributed or of
    how those of a case go together; that costs power beside a test that assumes it. A failed trial is slower than any time.
    """
    cases = pair.candidate.cases
    if pair.candidate.source != pair.incumbent.source:
        return not_testable(bar, None, OTHER_SOURCE, cases)
    mine, theirs = (_times(item, first_token=first_token) for item in (pair.candidate, pair.incumbent))
    known = ~np.isnan(mine) & ~np.isnan(theirs)
    if not known.any() or not np.isfinite(theirs[known]).any():
        return not_testable(bar, None, NO_PAIRS if not known.any() else "no times recorded", cases)
    test = _Bounds(bar, pair, q, (mine, theirs), known)
    shown = [
        quantile_estimate(np.where(known, each, np.nan), q, pair.candidate).value for each in (mine, theirs)
    ]
    failed = int((pair.candidate.columns.state == FAILED).sum())
    return BarTest(
        bar=bar,
        columns=test.columns,
        p_values=test.p_values,
        value=None if None in shown or not shown[1] else float(shown[0] or 0.0) / float(shown[1]),
        method="exact binomial bounds of both quantiles",
        more=test.more,
        note=counting(failed, "failed trial", "as too slow") if failed else None,
    )


def _times(measured: Measured, *, first_token: bool) -> FloatArray:
    """Return the seconds of each case's first repeat with a reply; infinite where every repeat failed."""
    seconds = measured.first_tokens() if first_token else measured.latencies()
    lost = np.isnan(seconds) & (measured.failed == 1.0)
    return np.where(lost, np.inf, seconds)


class _Bounds:
    """Counts of both sides below a number of times, and what they prove."""

    def __init__(
        self, bar: Bar, pair: Pair, q: float, times: tuple[FloatArray, FloatArray], known: np.ndarray
    ) -> None:
        self.q, self.upper, factor = q, bar.at_most is not None, limit_of(bar)
        mine, theirs = times
        self.at = _thresholds(theirs[known], q)
        weights = known * (
            np.ones(known.size) if pair.weights is None else pair.weights / pair.weights[known].mean()
        )
        self.worth = _worth(pair, known, theirs, float(np.quantile(theirs[known], q, method="lower")))
        parts: list[FloatArray] = [weights]
        for at in self.at:
            # The one is shown to be below its quantile by times under it, the other to be above by times up to it.
            parts += [theirs < at, mine <= factor * at, theirs <= at, mine < factor * at]
        self.columns = np.stack(
            [parts[0], *(np.where(known, part, 0.0) * weights for part in parts[1:])], axis=1
        )

    def p_values(self, sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the p-values of "does not meet" and of "meets"."""
        n = sums[..., :1] * self.worth
        under, within, up_to, below = (
            np.minimum(sums[..., 1 + place :: 4] * self.worth, n) for place in range(4)
        )
        good = np.maximum(
            np.asarray(binomial_p_less(under, n, self.q)), np.asarray(binomial_p_greater(within, n, self.q))
        )
        bad = np.maximum(
            np.asarray(binomial_p_greater(up_to, n, self.q)), np.asarray(binomial_p_less(below, n, self.q))
        )
        found = np.minimum(2 * good.min(axis=-1), 1.0), np.minimum(2 * bad.min(axis=-1), 1.0)
        return found if self.upper else (found[1], found[0])

    def more(self, level: float) -> int | None:
        """Return how many more cases settle it if the shares at the best of these times are the true ones."""
        sums = self.columns.sum(axis=0)
        n = float(sums[0])
        shares = [np.clip(sums[1 + place :: 4] / n, 0.0, 1.0) for place in range(4)]
        needs = []
        for low, high in ((shares[0], shares[1]), (shares[2], shares[3])):
            below, above = (low, high) if low is shares[0] else (high, low)
            needs += [
                self._both(float(one), float(other), level) for one, other in zip(below, above, strict=True)
            ]
        found = [need for need in needs if need is not None]
        return max(1, int(np.ceil(min(found) / self.worth - n))) if found else None

    def _both(self, below: float, above: float, level: float) -> int | None:
        fail, reach = cases_to_fail(below, self.q, level / 2), cases_to_pass(above, self.q, level / 2)
        return None if fail is None or reach is None else max(fail, reach)


def _thresholds(times: FloatArray, q: float) -> FloatArray:
    """Return times around the quantile, from far below to far above what chance moves it by."""
    n = times.size
    steps = np.linspace(-4.0, 4.0, THRESHOLDS)
    ranks = np.clip(np.round(q * n + steps * np.sqrt(q * (1 - q) * n)), 1, n).astype(int) - 1
    ordered = np.sort(times)[np.unique(ranks)]
    return np.asarray(np.unique(ordered[np.isfinite(ordered)]), dtype=np.float64)


def _worth(pair: Pair, known: np.ndarray, theirs: FloatArray, at: float) -> float:
    """Return how many independent, equally weighted cases one is worth, where they are grouped or weighted."""
    worth = 1.0
    if pair.weights is not None:
        worth *= effective_cases(pair.weights[known]) / float(known.sum())
    if pair.groups is not None:
        sample = effective_sample((theirs[known] <= at).astype(float), pair.groups[known])
        worth *= min(1.0, sample.size / float(known.sum()))
    return worth
