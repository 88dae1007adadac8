"""Where few replies take many times as long as most: the reason of a verdict names that tail."""

from dataclasses import replace

from passmuster.decide.phrases import seconds
from passmuster.records.comparison import LatencyReport, VerdictReport

TIMES = 5.0
"""How many times the median the slow end is, from which on it is a tail."""

LEAST = 0.5
"""Seconds that lie between the two at least: nobody waits for less."""


def long_tail(latency: LatencyReport) -> str | None:
    """Return what is to be said of the slow end of a candidate's latencies; None where it is no tail.

    The slow end is p99, or p95 where p99 cannot be told from so few replies. It is a tail where it is `TIMES` the median or
    more, `LEAST` seconds above it, and where the lower end of its interval says at least half of that, too.

    Example:
        >>> from passmuster.records.comparison import Load
        >>> from passmuster.records.score import Estimate
        >>> p50, p99 = Estimate(value=0.4, low=0.39, high=0.41), Estimate(value=4.0, low=3.6, high=4.4)
        >>> load = Load(source="measured", mean_in_flight=None, max_in_flight=None)
        >>> long_tail(LatencyReport(p50=p50, p95=p50, p99=p99, first_token_p50=None, first_token_p95=None, load=load))
        'its tail is long: half of its replies come within 0.4 s, but one in 100 takes 4 s or more (10 times as long)'
    """
    slow, one_in = (latency.p99, 100) if latency.p99.value is not None else (latency.p95, 20)
    middle = latency.p50.value
    if middle is None or slow.value is None or middle <= 0:
        return None
    times = slow.value / middle
    surely = (slow.low or 0.0) / middle
    if times < TIMES or surely < TIMES / 2 or slow.value - middle < LEAST:
        return None
    return (
        f"its tail is long: half of its replies come within {seconds(middle)}, but one in {one_in} takes"
        f" {seconds(slow.value)} or more ({times:.0f} times as long)"
    )


def with_tail(verdict: VerdictReport, latency: LatencyReport) -> VerdictReport:
    """Return a verdict whose reason and sentence name the tail of the latencies, where there is one."""
    told = long_tail(latency)
    if told is None:
        return verdict
    sentence = f"{verdict.sentence} {told[0].upper()}{told[1:]}." if verdict.sentence else verdict.sentence
    return replace(verdict, reason=f"{verdict.reason}; {told}", sentence=sentence)
