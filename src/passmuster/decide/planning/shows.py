"""What cases can show: the figures that pass a bar, the differences told apart, and the cases that a question needs."""

import math
from collections.abc import Sequence
from statistics import median

import numpy as np

from passmuster.corpus.overview.ladder import DISCORDANCE
from passmuster.decide.bar_tests import BarTest, limit_of
from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.phrases import bar_text
from passmuster.decide.planning.chance import FINALISTS
from passmuster.decide.planning.stated import AGREEMENT, QUANTILES, RATES, Reading
from passmuster.decide.verdicts import Contender
from passmuster.records.plan import BarPlan, CasesNeeded, Discordance, Known, MarginPlan
from passmuster.records.task import Bar
from passmuster.stats.intervals import wilson
from passmuster.stats.paired_power import (
    discordance_interval,
    noninferiority_cases,
    paired_cases,
    smallest_gap,
    smallest_margin,
)
from passmuster.stats.power import cases_to_fail, cases_to_pass, rate_to_pass

ALMOST = 1 - 1e-9
"""The share of a candidate without any fault: an exact test never sees the whole of 1."""


def bar_plans(
    bars: Sequence[tuple[Bar, float]], shares: frozenset[str], family: int, alpha: float
) -> tuple[BarPlan, ...]:
    """Return which true figures pass which bar with 80% power; bars that are on no share of the cases are left out.

    Args:
        bars: The task's bars, each with as many equally weighted cases as it is about.
        shares: The metrics whose values lie between 0 and 1; a graded one is taken to spread as pass and fail do.
        family: How many candidates the correction covers.
        alpha: The chance of any false pass.

    Example:
        >>> found = bar_plans([(Bar(metric="accuracy", at_least=0.70), 200)], frozenset({"accuracy"}), 14, 0.05)[0]
        >>> round(found.among_all, 3), round(found.among_finalists, 3), round(found.alone, 3), found.least_cases
        (0.811, 0.796, 0.782, 16)
    """
    found = []
    for bar, effective in bars:
        cases = int(effective)
        limit, turned, within = _share_limit(bar, shares)
        if limit is None:
            continue
        levels = (alpha / max(family, 1), alpha / max(min(family, FINALISTS), 1), alpha)
        rates = [rate_to_pass(cases, limit, level) if cases else None for level in levels]
        shown = [None if rate is None else 1 - rate if turned else rate for rate in rates]
        found.append(
            BarPlan(
                bar=bar_text(bar),
                metric=bar.metric,
                limit=limit_of(bar),
                within=within,
                cases=cases,
                among_all=shown[0],
                among_finalists=shown[1],
                alone=shown[2],
                least_cases=cases_to_pass(ALMOST, limit, levels[0]) if 0 < limit < ALMOST else None,
            )
        )
    return tuple(found)


def _share_limit(bar: Bar, shares: frozenset[str]) -> tuple[float | None, bool, bool]:
    """Return what the share of good cases must be, whether the bar is on its opposite, and whether it is on times."""
    limit = limit_of(bar)
    if bar.versus is not None:
        return None, False, False
    if bar.metric.startswith(("latency_", "first_token_")):
        return QUANTILES[bar.metric.rpartition("_")[2]], False, True
    if bar.metric not in shares and bar.metric not in RATES:
        return None, False, False
    turned = bar.at_least is None
    return (1 - limit if turned else limit), turned, False


def discordance_of(
    pilot: Sequence[Measured], metric: str, cases: float, stated: Sequence[float] = ()
) -> Discordance:
    """Return how often exactly one of two candidates is right, and what so many cases show by it.

    From a pilot: the median over all pairs of candidates on a metric that is 0 or 1, with that pair's interval; else from
    the rates that are stated, p + q - 2 P(both right), with the usual correlation; else a usual value.

    Args:
        pilot: Candidates with trials.
        metric: The primary metric.
        cases: As many equally weighted cases as there are.
        stated: The rates of the candidates of which figures are stated.

    Example:
        >>> found = discordance_of([], "accuracy", 200)
        >>> found.value, found.known, round(found.difference, 3)
        (0.2, 'nothing', 0.088)
        >>> found = discordance_of([], "accuracy", 200, [0.75, 0.70])
        >>> round(found.value, 3), found.known
        (0.122, 'stated')
    """
    usable = [item.scores(metric) for item in pilot if item.binary.get(metric)]
    pairs = [_pair(usable[i], usable[j]) for i in range(len(usable)) for j in range(i)]
    pairs = [pair for pair in pairs if pair[1]]
    if pairs:
        middle = median(discordant / n for discordant, n in pairs)
        discordant, n = min(pairs, key=lambda pair: abs(pair[0] / pair[1] - middle))
        value, low, high = discordance_interval(discordant, n)
        return _discordance(value, low, high, cases, "pilot")
    likely = [_by_rates(p, q) for place, p in enumerate(stated) for q in stated[:place]]
    if likely:
        return _discordance(median(likely), None, None, cases, "stated")
    return _discordance(DISCORDANCE, None, None, cases, "nothing")


def _discordance(
    value: float, low: float | None, high: float | None, cases: float, known: Known
) -> Discordance:
    return Discordance(
        value=value,
        low=low,
        high=high,
        known=known,
        difference=smallest_gap(int(cases), value),
        margin=smallest_margin(int(cases), value),
    )


def _by_rates(p: float, q: float) -> float:
    """Return how often exactly one is right; two rates that are far apart cannot agree as much as is usual."""
    both = p * q + AGREEMENT * math.sqrt(p * (1 - p) * q * (1 - q))
    return p + q - 2 * min(both, p, q)


def _pair(first: FloatArray, second: FloatArray) -> tuple[int, int]:
    both = ~np.isnan(first) & ~np.isnan(second)
    return int((first[both] != second[both]).sum()), int(both.sum())


def margin_plans(
    worth: float, bars: Sequence[Bar], shares: frozenset[str], discordance: Discordance
) -> tuple[MarginPlan, ...]:
    """Return the cases that the margins asked need: what an LLM must add, and how much worse than the incumbent it may be.

    Example:
        >>> found = margin_plans(0.05, [], frozenset(), discordance_of([], "accuracy", 200))
        >>> found[0].what, found[0].cases
        ('a difference as large as the margin of worth', 626)
    """
    usual = discordance
    found = [
        MarginPlan(
            what="a difference as large as the margin of worth",
            margin=worth,
            cases=paired_cases(worth, usual.value),
            low=None if usual.low is None else paired_cases(worth, usual.low),
            high=None if usual.high is None else paired_cases(worth, usual.high),
        )
    ]
    for bar in bars:
        if bar.versus is None or bar.metric not in shares:
            continue
        margin = -limit_of(bar) if bar.at_least is not None else limit_of(bar)
        found.append(
            MarginPlan(
                what=f"{bar_text(bar)}, by an equally good candidate",
                margin=margin,
                cases=noninferiority_cases(margin, usual.value),
                low=None if usual.low is None else noninferiority_cases(margin, usual.low),
                high=None if usual.high is None else noninferiority_cases(margin, usual.high),
            )
        )
    return tuple(found)


def needs_of_pilot(item: Contender, alpha: float, family: int) -> list[CasesNeeded]:
    """Return how many cases each bar of a candidate needs, by its trials, with an interval since these are few."""
    found = []
    for test in item.tests:
        if test.share is None or not test.testable:
            continue
        sums = _sums(test)
        known, good = float(sums[0]), float(sums[1])
        if known:
            ends = wilson(good, known)
            found.append(
                _need(item.name, test.bar, test.share, (good / known, *ends), alpha, family, known="pilot")
            )
    return found


def _sums(test: BarTest) -> FloatArray:
    columns = test.columns if test.places is None else test.columns[:, list(test.places)]
    return np.asarray(columns.sum(axis=0))


def needs_of_stated(
    name: str, bars: Sequence[Bar], readings: Sequence[Reading], alpha: float, family: int
) -> list[CasesNeeded]:
    """Return how many cases each bar of a candidate needs, if what is expected of it is true."""
    return [
        _need(name, bar, reading.limit, (reading.share, None, None), alpha, family, known="stated")
        for bar, reading in zip(bars, readings, strict=True)
        if reading.share is not None
    ]


def _need(  # noqa: PLR0913 - what one line of the table is made of
    name: str,
    bar: Bar,
    limit: float,
    figures: tuple[float, float | None, float | None],
    alpha: float,
    family: int,
    *,
    known: str,
) -> CasesNeeded:
    share, low, high = figures
    meets = share > limit
    level = alpha / max(family, 1)

    def cases(rate: float | None) -> int | None:
        if rate is None:
            return None
        rate = min(max(rate, 1 - ALMOST), ALMOST)
        return cases_to_pass(rate, limit, level) if meets else cases_to_fail(rate, limit, alpha)

    nearest, farthest = (low, high) if meets else (high, low)
    return CasesNeeded(
        candidate=name,
        bar=bar_text(bar),
        within=_timed(bar),
        value=share if bar.at_least is not None or _timed(bar) else 1 - share,
        known="pilot" if known == "pilot" else "stated",
        shows="meets" if meets else "misses",
        cases=cases(share),
        low=cases(farthest),
        high=cases(nearest),
    )


def _timed(bar: Bar) -> bool:
    return bar.metric.startswith(("latency_", "first_token_"))


def agreement_of(pilot: Sequence[Measured], metric: str) -> float | None:
    """Return the mean correlation of two candidates' scores over the cases; None without two that vary."""
    rows = [item.scores(metric) for item in pilot]
    found = []
    for i, first in enumerate(rows):
        for second in rows[:i]:
            both = ~np.isnan(first) & ~np.isnan(second)
            if both.sum() > 1 and np.ptp(first[both]) > 0 and np.ptp(second[both]) > 0:
                found.append(float(np.corrcoef(first[both], second[both])[0, 1]))
    return None if not found else min(max(float(np.mean(found)), 0.0), 1.0)
