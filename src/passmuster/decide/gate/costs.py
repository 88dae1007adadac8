"""The rows of cost: of a task and of a success, held against the old ones by their paired ratio."""

from dataclasses import replace
from functools import partial

import numpy as np

from passmuster.decide.costs.estimate import Costed, cost_estimate, costed
from passmuster.decide.gate.drafts import Draft, fixed
from passmuster.decide.gate.levels import near_limit
from passmuster.decide.gate.sides import Sides
from passmuster.decide.gate.words import moved, needing
from passmuster.decide.measured import Measured
from passmuster.decide.phrases import counted
from passmuster.decide.relative.ratios import cost_ratio_test
from passmuster.decide.success import success_rule
from passmuster.records.gate import GateLine
from passmuster.records.score import Estimate
from passmuster.records.task import Bar, Task
from passmuster.stats.student import student_quantile
from passmuster.stats.two_ratios import TwoRatios, two_ratio_columns

_ROUNDING = 1e-9
"""Costs that all rose by just the limit are no proof that they rose by less."""

COSTS = ("cost_per_task", "cost_per_success")


def cost_drafts(sides: Sides, task: Task) -> tuple[list[Draft], tuple[str, ...]]:
    """Return the rows of cost, and what a reader must know where nothing is known of either version's.

    A rise is blocked where it is shown (t on the log of the paired ratio, corrected over all rows of the gate), one of the
    limit is not excluded, and the estimate lies nearer to the limit than to none.
    """
    bases = [item.basis for item in (sides.old, sides.new)]
    if bases == ["unknown", "unknown"]:
        return [], ("The cost of neither version is known: it is not compared.",)
    lines = [_line(sides, task, name) for name in COSTS]
    if "unknown" in bases:
        which = "old" if bases[0] == "unknown" else "new"
        return [fixed(replace(lines[0], reason=f"the cost of the {which} version is not known"))], ()
    free = _free(lines[0])
    if free is not None:
        return [fixed(free)], ()
    found = [_tests(sides, task, name) for name in COSTS]
    return [
        Draft(p=None if tests is None else tests[0], finish=partial(_levelled, line, tests, (sides, task)))
        for line, tests in zip(lines, found, strict=True)
    ], ()


def _line(sides: Sides, task: Task, name: str) -> GateLine:
    both = [_costed(item, task, name) for item in (sides.old, sides.new)]
    old, new = (
        replace(found, n_missing=max(0, sides.cases - found.n))
        for found in (
            cost_estimate(each, item, item.basis)
            for each, item in zip(both, (sides.old, sides.new), strict=True)
        )
    )
    return GateLine(
        name=name,
        kind="cost",
        level="undecided",
        old=old,
        new=new,
        change=_ratio(both[1], both[0], sides),
        direction="lower",
    )


def _costed(item: Measured, task: Task, name: str) -> Costed:
    return costed(item, item.successes(success_rule(task)) if name == "cost_per_success" else None)


def _ratio(new: Costed, old: Costed, sides: Sides) -> Estimate:
    """Estimate by which part the cost rose on the common cases."""
    known = new.known & old.known
    n = int(known.sum())
    if n == 0:
        return Estimate(value=None, n_missing=sides.cases, method="no common cases")
    table = two_ratio_columns(
        (new.expected, new.successes),
        (old.expected, old.successes),
        known,
        sides.new.groups,
        sides.new.weights,
    )
    sums = TwoRatios(table.sum(axis=0))
    log, error = (float(each) for each in sums.log_quotient())
    method = "log of the paired ratio"
    if not np.isfinite(log) or not np.isfinite(error):
        return Estimate(value=None, n=n, n_missing=sides.cases - n, method=method)
    half = student_quantile(0.975, max(1, int(float(sums.units)) - 1)) * error
    low, value, high = (float(np.expm1(log + way * half)) for way in (-1, 0, 1))
    return Estimate(value=value, low=low, high=high, n=n, n_missing=sides.cases - n, method=method)


def _free(line: GateLine) -> GateLine | None:
    """Return the row of a version that cost nothing: no part of nothing can be told."""
    if line.old.value != 0.0 or line.new.value is None:
        return None
    if line.new.value == 0.0:
        return replace(line, level="pass", reason="neither version costs anything")
    return replace(line, level="block", reason="the old version cost nothing, and the new one does")


def _tests(sides: Sides, task: Task, name: str) -> tuple[float, float, int | None] | None:
    """Return the p-values of "it did not rise" and of "it rose by the limit", and the cases that would settle the latter."""
    none, limit = (
        cost_ratio_test(Bar(metric=name, at_most=most, versus="incumbent"), sides.pair, task)
        for most in (1.0 + _ROUNDING, (1.0 + task.gate.cost) * (1 - _ROUNDING))
    )
    if not (none.testable and limit.testable):
        return None
    return none.observed()[1], limit.observed()[0], limit.more(task.alpha)


def _levelled(
    line: GateLine,
    tests: tuple[float, float, int | None] | None,
    asked: tuple[Sides, Task],
    adjusted: float | None,
) -> GateLine:
    sides, task = asked
    if tests is None or line.change.value is None:
        lacking = [
            side for side, item in (("old", sides.old), ("new", sides.new)) if not _any_success(item, task)
        ]
        few = (
            f"{counted(line.change.n, 'case')} of both, too few to tell"
            if line.change.n
            else "no common cases"
        )
        why = f"the {' and the '.join(lacking)} version never succeeds" if lacking else few
        return replace(line, reason=why)
    p, p_block, more = tests
    by, alpha = f"{task.gate.cost:.0%}", task.alpha
    shown, excluded = adjusted is not None and adjusted <= alpha, p_block <= alpha
    line = replace(line, p=p, adjusted_p=adjusted, p_block=p_block)
    if excluded:
        line = replace(line, level="pass")
        told = f"a rise of {by} is excluded" + (", though a rise is shown" if shown else "")
    elif shown:
        near = near_limit(line.change.value or 0.0, task.gate.cost)
        line = replace(line, level="block" if near else "investigate")
        told = f"a rise is shown, and one of {by} is not excluded"
    else:
        line = replace(line, more_cases=more)
        told = f"no rise is shown, and one of {by} is not excluded{needing(more)}"
    return replace(line, reason=f"{moved(line, share=False)}: {told}")


def _any_success(item: Measured, task: Task) -> bool:
    return bool(np.nansum(item.successes(success_rule(task))) > 0)
