"""The tests of passmuster on one's own trials, where nothing changed: how often do they raise an alarm?"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from passmuster.decide.gate.compared import Compared, Laid
from passmuster.decide.gate.report import gate_report
from passmuster.decide.measured import BoolArray, FloatArray, Measured
from passmuster.decide.promises.dealing import Deck, dealt, repeats_deck, swap_deck
from passmuster.decide.promises.promise import exceeds, generator, share_of, tolerated
from passmuster.decide.relative.bars import relative_test
from passmuster.metrics.metric import Metric
from passmuster.records.case import Case
from passmuster.records.gate import GateSide
from passmuster.records.promises import OwnResult, OwnState
from passmuster.records.task import Bar, Task

DRAWS = 400
"""How often the trials are dealt anew, by default."""

GATE_LIMIT = 0.10
"""The largest share of changes that are none and that the gate blocks."""

GATED = 100
"""Draws of the whole gate, at most: it takes far longer than a single test."""

LEAST_CASES = 30
"""Cases, or groups, below which a test can hardly raise an alarm: that none comes then proves nothing."""

LEAST_DIFFERING = 5
"""Cases that must differ between the sides: with fewer, even if all favour one of them, chance is above 5% (2^-5 = .03)."""

LEAST_SLICE = 10
"""Cases of a slice that the rule of thumb looks at."""

FALL = 0.05
"""The drop of a slice at which the rule of thumb cries alarm."""

Way = Literal["repeats", "swapped"]
Alarm = Callable[[Measured, Measured], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """One's own trials: the candidates over the same cases, and what is asked of them.

    `slices` are the cases of each slice, by name. `pair` names the two whose labels are swapped, `dealt` those whose
    repeats are dealt.
    """

    task: Task
    metrics: tuple[Metric, ...]
    cases: Sequence[Case]
    measured: Mapping[str, Measured]
    pair: tuple[str, str] | None
    dealt: tuple[str, ...]
    slices: Mapping[str, BoolArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    """A test that must not see a difference: `alarm` says whether it does, `differ` which cases it can see one in."""

    test: Literal["compare", "gate"]
    metric: str
    limit: float
    draws: int
    alarm: Alarm
    differ: Callable[[Measured, Measured], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the draws showed: alarms, those of the rule of thumb, and the most cases that differed between the sides."""

    alarms: BoolArray
    thumb: BoolArray | None
    differing: int


def own_results(trials: Trials, seed: int, draws: int = DRAWS) -> Iterator[OwnResult]:
    """Yield what each test says of two versions made of one's own trials that cannot differ.

    Args:
        trials: The trials.
        seed: Of the dealing.
        draws: How often they are dealt; each is one chance of a false alarm.
    """
    for way, names, deck in _decks(trials):
        yield from _results(trials, (way, names, deck), seed, draws)


def _decks(trials: Trials) -> Iterator[tuple[Way, tuple[str, ...], Deck]]:
    for name in trials.dealt:
        deck = repeats_deck(trials.measured[name])
        if deck is not None:
            yield "repeats", (name,), deck
    if trials.pair is not None:
        one, other = (trials.measured[name] for name in trials.pair)
        yield "swapped", trials.pair, swap_deck(one, other)


def _results(
    trials: Trials, what: tuple[Way, tuple[str, ...], Deck], seed: int, draws: int
) -> Iterator[OwnResult]:
    way, names, deck = what
    checks = [*_checks(trials, draws), _gate(trials, draws)]
    alarms = np.zeros((len(checks), draws), dtype=bool)
    thumb, differing = np.zeros(draws, dtype=bool), np.zeros(len(checks), dtype=np.int64)
    rng = generator(seed, f"{way} {' '.join(names)}")
    for draw in range(draws):
        new, old = dealt(deck, rng)
        for place, check in enumerate(checks):
            if draw < check.draws:
                alarms[place, draw] = check.alarm(new, old)
                differing[place] = max(differing[place], np.sum(np.abs(check.differ(new, old)) > 0))
        thumb[draw] = _falls(trials, new, old)
    for place, check in enumerate(checks):
        rule = thumb if check.test == "gate" and trials.slices else None
        seen = _Seen(alarms=alarms[place, : check.draws], thumb=rule, differing=int(differing[place]))
        yield _result(check, what, seen)


def _gate(trials: Trials, draws: int) -> _Check:
    """Return the gate as a whole, which must not block: quality, slices, failures, latency and cost together.

    Nothing is asked again, and judges are taken as they stand.
    """

    def blocks(new: Measured, old: Measured) -> bool:
        sides = (GateSide(name=item.candidate.name, digest="") for item in (old, new))
        question = Compared(
            task=trials.task,
            metrics=trials.metrics,
            main=Laid(cases=trials.cases, old=old, new=new),
            old_side=next(sides),
            new_side=next(sides),
            corpus="",
            generated="",
        )
        return gate_report(question).level == "block"

    primary = trials.metrics[0].name
    return _Check(
        test="gate",
        metric="blocks",
        limit=GATE_LIMIT,
        draws=min(draws, GATED),
        alarm=blocks,
        differ=lambda new, old: _gaps(primary, new, old),
    )


def _checks(trials: Trials, draws: int) -> Iterator[_Check]:
    task = trials.task
    sanity = {spec.name for spec in task.metrics if spec.role == "sanity"}
    bars = [_no_worse(metric) for metric in trials.metrics if metric.name not in sanity]
    bars += [
        Bar(metric=name, at_most=limit, versus="incumbent")
        for name, limit in (("failure_rate", 0.0), ("latency_p95", 1.0), ("cost_per_task", 1.0))
    ]
    for bar in bars:
        yield _Check(
            test="compare",
            metric=bar.metric,
            limit=task.alpha,
            draws=draws,
            alarm=lambda new, old, bar=bar: (  # type: ignore[misc]  # bound now
                relative_test(bar, new, old, task).observed()[0] <= task.alpha
            ),
            differ=lambda new, old, metric=bar.metric: _gaps(metric, new, old),  # type: ignore[misc]  # bound now
        )


def _gaps(metric: str, new: Measured, old: Measured) -> FloatArray:
    """Return by how much the sides differ in each case."""
    if metric == "latency_p95":
        return new.latencies() - old.latencies()
    if metric == "cost_per_task":
        return new.costs() - old.costs()
    if metric == "failure_rate":
        return new.failed - old.failed
    return new.scores(metric) - old.scores(metric)


def _no_worse(metric: Metric) -> Bar:
    if metric.direction == "lower":
        return Bar(metric=metric.name, at_most=0.0, versus="incumbent")
    return Bar(metric=metric.name, at_least=0.0, versus="incumbent")


def _falls(trials: Trials, new: Measured, old: Measured) -> bool:
    """Return whether any slice falls by five points: the rule of thumb."""
    metric = trials.metrics[0]
    low, high = metric.bounds
    width = high - low if np.isfinite(high - low) else 1.0
    sign = -1.0 if metric.direction == "lower" else 1.0
    gaps = sign * (new.scores(metric.name) - old.scores(metric.name)) / width
    return any(
        float(np.mean(some)) <= -FALL
        for members in trials.slices.values()
        if (some := gaps[members & ~np.isnan(gaps)]).size >= LEAST_SLICE
    )


def _result(check: _Check, what: tuple[Way, tuple[str, ...], Deck], seen: _Seen) -> OwnResult:
    way, names, deck = what
    draws, raised = len(seen.alarms), int(seen.alarms.sum())
    units = deck.cases if deck.groups is None else min(deck.cases, deck.groups)
    state = _state(raised, draws, check.limit, few=units < LEAST_CASES or seen.differing < LEAST_DIFFERING)
    return OwnResult(
        test=check.test,
        metric=check.metric,
        way=way,
        candidates=names,
        cases=deck.cases,
        groups=deck.groups,
        differing=seen.differing,
        draws=draws,
        limit=check.limit,
        tolerated=tolerated(draws, check.limit),
        alarms=share_of(raised, draws),
        state=state,
        sentence=_sentence(state, check, seen, units),
        naive=None if seen.thumb is None else "any slice falls by five points or more",
        shortcut=None if seen.thumb is None else share_of(int(seen.thumb.sum()), len(seen.thumb)),
    )


def _state(raised: int, draws: int, limit: float, *, few: bool) -> OwnState:
    if exceeds(raised, draws, limit):
        return "broken"
    return "too_few" if few else "holds"


def _sentence(state: OwnState, check: _Check, seen: _Seen, units: int) -> str:
    draws = len(seen.alarms)
    told = f"{seen.alarms.mean():.1%} of {draws:,} draws raise an alarm, at most {check.limit:.1%} promised"
    if state == "broken":
        return f"Broken: {told}."
    if state == "holds":
        return f"Holds: {told}."
    if units < LEAST_CASES:
        return f"Too few: both sides answered {units} cases or groups, and {LEAST_CASES} are needed; {told}."
    return f"Too few: the sides differ in {seen.differing} cases, and {LEAST_DIFFERING} are needed for an alarm; {told}."
