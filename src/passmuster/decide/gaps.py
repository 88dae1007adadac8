"""The pauses between the pieces of streamed replies, counted in so fine classes that quantiles can be read off.

A million replies have a hundred million gaps; none is kept. A class is all numbers that share the first bits
of their 32-bit form, so a quantile is right to 0.05%, at a megabyte for a candidate.
"""

import math
from collections.abc import Sequence

import numpy as np

from passmuster.records.comparison import GapReport

_DROPPED = 13
_CLASSES = 2 ** (31 - _DROPPED)
_LONGEST = 1e9
_ROUNDING = 1e-9


class Gaps:
    """Seconds between pieces, counted.

    Example:
        >>> gaps = Gaps()
        >>> gaps.add([0.01] * 99 + [0.5])
        >>> round(gaps.quantile(0.5), 3), round(gaps.quantile(0.99), 3), gaps.n
        (0.01, 0.5, 100)
    """

    def __init__(self) -> None:
        self._counts = np.zeros(_CLASSES, dtype=np.int32)
        self.n = 0

    def add(self, seconds: Sequence[float]) -> None:
        """Count these gaps; what is below 0 counts as 0, what is above 30 years as that."""
        bits = np.clip(seconds, 0.0, _LONGEST).astype(np.float32).view(np.uint32)
        np.add.at(self._counts, (bits & 0x7FFFFFFF) >> _DROPPED, 1)
        self.n += len(seconds)

    def quantile(self, q: float) -> float:
        """Return the order statistic of rank floor(q n) + 1, right to 0.05%; 0 where there are no gaps."""
        rank = min(math.floor(q * self.n + _ROUNDING), self.n - 1)
        place = int(np.searchsorted(self._counts.cumsum(), rank + 1))
        if place in (0, _CLASSES):
            return 0.0
        middle = np.array([(place << _DROPPED) + (1 << (_DROPPED - 1))], dtype=np.uint32)
        return float(middle.view(np.float32)[0])

    def report(self) -> GapReport:
        """Return what is shown of the gaps."""
        return GapReport(p50=self.quantile(0.5), p95=self.quantile(0.95), p99=self.quantile(0.99), n=self.n)
