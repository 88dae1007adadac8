"""Regression cases: the hard gate, by failure mode."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from passmuster.decide.gate.again import Again, fails_for_good
from passmuster.decide.gate.compared import Laid
from passmuster.decide.gate.flips import result
from passmuster.decide.phrases import counted
from passmuster.records.failure_mode import FailureMode
from passmuster.records.gate import Level, ModeCheck
from passmuster.records.task import Success

NO_MODE = "no failure mode named"
"""Under what regression cases stand that name none; they are as hard a gate."""

SEVEREST = ("critical", "high", "medium", "low")


def mode_checks(
    laid: Iterable[Laid], rule: Success, again: Again | None = None, modes: Sequence[FailureMode] = ()
) -> tuple[ModeCheck, ...]:
    """Return the regression cases by failure mode, the gravest first: none of them may fail for good.

    A case fails for good where most of its fresh answers are wrong; where it was not asked again, where its stored result is.
    One that was not asked, or whose reply nobody could judge, leaves its mode undecided. One that failed, and did not when
    it was asked again, is to be looked into.

    Args:
        laid: All cases, by population; those of the category `regression` count.
        rule: When a trial is a success.
        again: Fresh answers.
        modes: What is known of failure modes.
    """
    known = {mode.name: mode for mode in modes}
    found: dict[str, dict[str, Level]] = {}
    for part in laid:
        stored = result(part.new, rule)
        for place, case in enumerate(part.cases):
            if case.category == "regression":
                own = found.setdefault(case.mode or NO_MODE, {})
                own[case.id] = _case(float(stored[place]), case.id, again)
    checks = [_check(name, levels, known) for name, levels in found.items()]
    return tuple(sorted(checks, key=_gravest))


def unguarded(checks: Sequence[ModeCheck], modes: Sequence[FailureMode]) -> list[str]:
    """Return a sentence on the failure modes that no regression case guards; nothing where there are none."""
    have = {check.mode for check in checks}
    bare = [f"{mode.name} ({mode.severity})" for mode in modes if mode.name not in have]
    if not bare:
        return []
    return [f"no regression case guards {counted(len(bare), 'failure mode')}: {', '.join(bare)}"]


def _case(stored: float, name: str, again: Again | None) -> Level:
    fresh = None if again is None else again.new.get(name)
    lasts = None if again is None or fresh is None else fails_for_good(fresh, again.times)
    if np.isnan(stored):
        return {None: "undecided", True: "block", False: "pass"}[lasts]  # type: ignore[return-value]  # levels, all of them
    if stored == 1.0:
        return "pass"
    return "investigate" if lasts is False else "block"


def _check(name: str, levels: Mapping[str, Level], known: Mapping[str, FailureMode]) -> ModeCheck:
    mode = known.get(name)
    every = set(levels.values())
    order: tuple[Level, ...] = ("block", "undecided", "investigate", "pass")
    return ModeCheck(
        mode=name,
        level=next(level for level in order if level in every),
        cases=len(levels),
        failed=tuple(case for case, level in levels.items() if level == "block"),
        untested=tuple(case for case, level in levels.items() if level == "undecided"),
        severity=None if mode is None else mode.severity,
        link=None if mode is None else mode.link,
    )


def _gravest(check: ModeCheck) -> tuple[int, int, str]:
    order = ("block", "undecided", "investigate", "pass")
    severity = SEVEREST.index(check.severity) if check.severity in SEVEREST else len(SEVEREST)
    return order.index(check.level), severity, check.mode
