"""The rows of quality and of failures: each held against two margins, and against no change at all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from passmuster.decide.bar_tests import BarTest
from passmuster.decide.gate.compared import Compared
from passmuster.decide.gate.drafts import Draft, fixed
from passmuster.decide.gate.figures import Figures, figures_of
from passmuster.decide.gate.levels import Evidence, drop_level, is_shown
from passmuster.decide.gate.sides import Sides, change_of
from passmuster.decide.gate.words import moved, needing
from passmuster.decide.measured import REPLIED, TURNS, Measured
from passmuster.decide.outcomes import turn_rates
from passmuster.decide.phrases import counted, figure
from passmuster.decide.rates import rate_estimate
from passmuster.decide.relative.bars import relative_test
from passmuster.decide.relative.shares import NO_PAIRS as UNPAIRED
from passmuster.metrics.metric import Metric
from passmuster.records.gate import GateLine, GatePolicy
from passmuster.records.outcomes import LOUD
from passmuster.records.score import Direction
from passmuster.records.task import Bar, Task

FAILURES, LOUD_FAILURES = "failure_rate", "loud_failure_rate"
SANITY = "for sanity only: shown, and no part of the verdict"
SAME = 1e-9
NO_SHARE = "the old value is 0, and a margin that is a part of it cannot be told"
NO_PAIRS = "no case was asked of both versions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row in the making: its line without a level, and the tests of no change and of both margins.

    `margins` are in the metric's own unit. `why` says why it cannot be tested, where it cannot, and why it does not pass
    where a version has no figure. `gaps` says that some trials failed or have no score.
    """

    line: GateLine
    tests: tuple[BarTest, BarTest, BarTest] | None
    margins: tuple[float, float]
    share: bool
    why: str | None = None
    sanity: bool = False
    gaps: bool = False


def quality_drafts(compared: Compared, sides: Sides) -> list[Draft]:
    """Return a row for each metric and for the failures.

    "It is worse" is corrected over all rows of the gate; "a drop of the margin is excluded" needs no correction, as every
    row must pass.
    """
    policy, alpha = compared.task.gate, compared.task.alpha
    rows = [_metric_row(compared, sides, metric) for metric in compared.metrics]
    rows += _failure_rows(sides, compared.task)
    return [
        fixed(_sanity(row))
        if row.sanity
        else Draft(p=_shown_p(row), finish=partial(_levelled, row, (policy, alpha)))
        for row in rows
    ]


def margins_of(metric: Metric, policy: GatePolicy, old: float | None) -> tuple[float, float] | None:
    """Return both margins in the unit of a metric: parts of the width of its scale.

    Where the scale has no end, they are parts of the old value; None where that is not known or 0.
    """
    low, high = metric.bounds
    width = high - low if np.isfinite(high - low) else abs(old or 0.0)
    return (policy.investigate * width, policy.block * width) if width > 0 else None


def _metric_row(compared: Compared, sides: Sides, metric: Metric) -> Row:
    task, name = compared.task, metric.name
    judge = compared.judges.get(name)
    found = figures_of(sides, name, judged=judge is not None)
    line = _line(name, metric.direction, found)
    sanity = any(spec.name == name and spec.role == "sanity" for spec in task.metrics)
    margins = margins_of(metric, task.gate, found.old.value)
    line = replace(line, margins=margins)
    row = Row(line=line, tests=None, margins=margins or (0.0, 0.0), share=_is_share(metric), sanity=sanity)
    row = replace(row, gaps=any(_has_gaps(item, name) for item in (sides.old, sides.new)))
    row = replace(row, why=(_nothing(found) or _lost(sides, metric, task.gate)) if sides.cases else NO_PAIRS)
    if margins is None or not sides.cases:
        return replace(row, why=row.why or NO_SHARE)
    bars = _bars(name, metric.direction, margins)
    tests = [relative_test(bar, sides.new, sides.old, task, judge) for bar in bars]
    return _tested(row, tests)


def _lost(sides: Sides, metric: Metric, policy: GatePolicy) -> str | None:
    """Say that the new version lost its values of so many cases that they could hide a drop of the upper margin.

    Failed trials and replies without a score count against a version where the scale has ends. What is left out is another
    matter: replies that the metric cannot be had of, and on a scale without ends the others too.
    """
    name = metric.name
    left_out = np.isnan(sides.new.scores(name))
    if np.isfinite(metric.bounds[1] - metric.bounds[0]):
        left_out &= np.isnan(sides.new.tested(name, failed=0.0, unknown=0.0))
    was = ~np.isnan(sides.old.scores(name))
    lost, known = int((was & left_out).sum()), int(was.sum())
    if lost <= policy.block * known:
        return None
    return f"{lost:,} of {counted(known, 'case')} with a value of the old version have none of the new one"


def _has_gaps(item: Measured, metric: str) -> bool:
    return bool(item.failed_on(metric).any()) or item.unscored(metric) > 0


def _is_share(metric: Metric) -> bool:
    return metric.bounds == (0.0, 1.0)


def _nothing(found: Figures) -> str | None:
    """Say whose figure is missing: what is missing never passes, though failed trials can show that it got worse."""
    missing = [side for side, each in (("old", found.old), ("new", found.new)) if each.value is None]
    if len(missing) == 2:
        return "neither version has scores"
    return f"the {missing[0]} version has no scores" if missing else None


def _tested(row: Row, tests: Sequence[BarTest]) -> Row:
    if not all(test.testable for test in tests):
        note = next(test.note for test in tests if not test.testable)
        return replace(row, why=row.why if note is None or note == UNPAIRED else note)
    return replace(row, tests=(tests[0], tests[1], tests[2]))


def _bars(name: str, direction: Direction, margins: tuple[float, float]) -> list[Bar]:
    """Return the bars of no change and of both margins against the version of before."""
    if direction == "lower":
        return [Bar(metric=name, at_most=margin, versus="incumbent") for margin in (0.0, *margins)]
    return [Bar(metric=name, at_least=-margin, versus="incumbent") for margin in (0.0, *margins)]


def _failure_rows(sides: Sides, task: Task) -> list[Row]:
    """Return the rows of trials without a reply, and of all that failed loudly where more than these did."""
    rates = {FAILURES: [item.failed for item in (sides.old, sides.new)]}
    if any(_loud_otherwise(item) for item in (sides.old, sides.new)):
        rates[LOUD_FAILURES] = [turn_rates(item, LOUD_FAILURES)[0] for item in (sides.old, sides.new)]
    rows = []
    for name, (old, new) in rates.items():
        found = Figures(
            old=rate_estimate(old, sides.old, int(np.isnan(old[sides.common]).sum())),
            new=rate_estimate(new, sides.new, int(np.isnan(new[sides.common]).sum())),
            change=change_of(new, old, sides.new),
        )
        margins = task.gate.investigate, task.gate.block
        line = replace(_line(name, "lower", found), kind="failures", margins=margins)
        row = Row(line=line, tests=None, margins=margins, share=True)
        tests = [relative_test(bar, sides.new, sides.old, task) for bar in _bars(name, "lower", margins)]
        rows.append(
            _tested(replace(row, why=_answerless(sides)), tests)
            if sides.cases
            else replace(row, why=NO_PAIRS)
        )
    return rows


def _answerless(sides: Sides) -> str | None:
    """Say that the new version answers nothing: as many failures as before are no reason to let it through."""
    answers = bool((sides.new.columns.state[sides.common] == REPLIED).any())
    return None if answers else "the new version answers nothing"


def _loud_otherwise(item: Measured) -> bool:
    others = [TURNS.index(turn) for turn in LOUD if turn != "failed"]
    return bool(np.isin(item.columns.turn, others).any())


def _line(name: str, direction: Direction, found: Figures) -> GateLine:
    return GateLine(
        name=name,
        kind="quality",
        level="undecided",
        old=found.old,
        new=found.new,
        change=found.change,
        direction=direction,
    )


def _shown_p(row: Row) -> float | None:
    return None if row.tests is None else row.tests[0].observed()[1]


def _sanity(row: Row) -> GateLine:
    p = _shown_p(row)
    return replace(
        row.line, level="pass", sanity=True, p=p, reason=f"{moved(row.line, share=row.share)}; {SANITY}"
    )


def _levelled(row: Row, rule: tuple[GatePolicy, float], adjusted: float | None) -> GateLine:
    if row.tests is None:
        return replace(row.line, reason=row.why or "cannot be tested")
    none, small, large = row.tests
    found = Evidence(adjusted=adjusted, investigate=small.observed()[0], block=large.observed()[0])
    alpha = rule[1]
    level = drop_level(found, alpha)
    more = large.more(alpha) if level == "undecided" else None
    if row.why is not None and level != "block":
        return replace(row.line, reason=row.why)
    line = replace(
        row.line,
        level=level,
        p=none.observed()[1],
        adjusted_p=adjusted,
        p_investigate=found.investigate,
        p_block=found.block,
        more_cases=more,
    )
    return replace(line, reason=_reason(row, line, found, rule))


def _reason(row: Row, line: GateLine, found: Evidence, rule: tuple[GatePolicy, float]) -> str:
    policy, alpha = rule
    word = "rise" if line.direction == "lower" else "drop"
    low, high = (_margin(row, margin, part) for margin, part in _parts(row, policy))
    shown = is_shown(found, alpha)
    told = {
        "pass": f"a {word} of {low} is excluded" + (f", though a {word} is shown" if shown else ""),
        "investigate": f"a {word} of {high} is excluded, one of {low} is not"
        + (f", and a {word} is shown" if shown else f"; no {word} is shown"),
        "block": f"a {word} is shown, and one of {high} is not excluded",
        "undecided": f"no {word} is shown, and one of {high} is not excluded{needing(line.more_cases)}",
    }[line.level if line.level != "refused" else "undecided"]
    notes = "; ".join(dict.fromkeys(test.note for test in row.tests or () if test.note))
    figures = f"{moved(line, share=row.share)}{_read(row)}"
    if row.why is not None and line.change.value is None:
        figures = f"{row.why}; with failed trials as wrong"
    return f"{figures}: {told}" + (f" ({notes})" if notes else "")


def _read(row: Row) -> str:
    """Say by how much it changed where trials that failed or have no score are read against the new version."""
    tested = None if row.tests is None else row.tests[0].value
    if (
        not row.gaps
        or tested is None
        or row.line.change.value is None
        or abs(tested - row.line.change.value) < SAME
    ):
        return ""
    worth = f"{tested * 100:+.1f} points" if row.share else f"{tested:+.3g}"
    return f", {worth} with failed trials as wrong"


def _parts(row: Row, policy: GatePolicy) -> Iterable[tuple[float, float]]:
    return zip(row.margins, (policy.investigate, policy.block), strict=True)


def _margin(row: Row, margin: float, part: float) -> str:
    if row.share:
        return f"{part * 100:g} points"
    return f"{figure(row.line.name, margin)} ({part:.3g} of the scale)"
