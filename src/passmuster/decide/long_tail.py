"""Where few replies take many times as long as most: the reason of a verdict names that tail."""

from dataclasses import dataclass, replace

from passmuster.decide.phrases import seconds
from passmuster.records.comparison import LatencyReport, VerdictReport
from passmuster.records.record import Record

TIMES = 5.0
"""How many times the median the slow end is, from which on it is a tail."""

LEAST = 0.5
"""Seconds that lie between the two at least: nobody waits for less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail(Record):
    """A slow end of latencies.

    Attributes:
        middle: The median, in seconds.
        slow: What one reply in `one_in` takes at least, in seconds.
        one_in: 100, or 20 where p99 cannot be told.
    """

    middle: float
    slow: float
    one_in: int

    @property
    def told(self) -> str:
        """What a manager reads of it, once, of the candidate that is chosen."""
        return (
            f"its tail is long: half of its replies come within {seconds(self.middle)}, but one in {self.one_in} takes"
            f" {seconds(self.slow)} or more ({self._times} times as long)"
        )

    @property
    def brief(self) -> str:
        """The same in a list of many candidates."""
        quantile = 100 - 100 // self.one_in
        return (
            f"long tail: p50 {seconds(self.middle)}, p{quantile} {seconds(self.slow)} ({self._times} times)"
        )

    @property
    def _times(self) -> str:
        return f"{self.slow / self.middle:.0f}"


def long_tail(latency: LatencyReport) -> Tail | None:
    """Return the slow end of a candidate's latencies; None where it is no tail.

    The slow end is p99, or p95 where p99 cannot be told from so few replies. It is a tail where it is `TIMES` the median or
    more, `LEAST` seconds above it, and where the lower end of its interval says at least half of that, too.

    Example:
        >>> from passmuster.records.comparison import Load
        >>> from passmuster.records.score import Estimate
        >>> p50, p99 = Estimate(value=0.4, low=0.39, high=0.41), Estimate(value=4.0, low=3.6, high=4.4)
        >>> load = Load(source="measured", mean_in_flight=None, max_in_flight=None)
        >>> long_tail(LatencyReport(p50=p50, p95=p50, p99=p99, first_token_p50=None, first_token_p95=None, load=load)).brief
        'long tail: p50 0.4 s, p99 4 s (10 times)'
    """
    slow, one_in = (latency.p99, 100) if latency.p99.value is not None else (latency.p95, 20)
    middle = latency.p50.value
    if middle is None or slow.value is None or middle <= 0:
        return None
    times = slow.value / middle
    surely = (slow.low or 0.0) / middle
    if times < TIMES or surely < TIMES / 2 or slow.value - middle < LEAST:
        return None
    return Tail(middle=middle, slow=slow.value, one_in=one_in)


def with_tail(verdict: VerdictReport, latency: LatencyReport) -> VerdictReport:
    """Return a verdict whose sentence names the tail of the latencies, and whose reason does so in a few words."""
    tail = long_tail(latency)
    if tail is None:
        return verdict
    sentence = f"{verdict.sentence} {tail.told[0].upper()}{tail.told[1:]}." if verdict.sentence else ""
    return replace(verdict, reason=f"{verdict.reason}; {tail.brief}", sentence=sentence)
