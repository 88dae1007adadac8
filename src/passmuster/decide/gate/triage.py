"""What looking at single cases finds: which flipped, which of them stay wrong when asked again, and what that says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from passmuster.decide.gate.again import Again, fails_for_good, more_right, rights
from passmuster.decide.gate.compared import Laid, Triage
from passmuster.decide.gate.discovery import discovered
from passmuster.decide.gate.flips import Flips, flips
from passmuster.decide.gate.floor import noise_floor
from passmuster.decide.gate.modes import mode_checks, unguarded
from passmuster.decide.measured import FloatArray
from passmuster.decide.phrases import counted
from passmuster.decide.success import success_rule
from passmuster.records.failure_mode import FailureMode
from passmuster.records.gate import Change, Flip, Level, ModeCheck, NoiseFloor
from passmuster.records.task import Success, Task
from passmuster.stats.margins import cases_to_settle
from passmuster.stats.paired import paired_mean_p, tango_p_noninferior
from passmuster.stats.signs import sign_flip_p

ALARM = 0.5
"""Part of the task's alpha at which flips that last are an alarm: the tests of the whole table have their own."""
NAMED = 8
"""Cases that a sentence names."""
LISTED = 1000
"""Flips that a report lists; the ones that last come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """The flips after asking again: for each case -1 worse for good, 1 better for good, else 0.

    `open` counts the cases that got worse and could not be judged again. `p` is that of "each case is as likely to be better as
    to be worse", on all answers to each of them; `p_bound` that of "it is worse for good by `block` or more".
    """

    value: FloatArray
    open: int
    both_asked: bool
    p: float | None
    p_bound: float
    more_cases: int | None = None

    @property
    def worse(self) -> int:
        """How many cases are worse for good."""
        return int((self.value < 0).sum())

    @property
    def better(self) -> int:
        """How many cases are better for good."""
        return int((self.value > 0).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """All that triage looks at: the main cases, the others by the name of their population, fresh answers, failure modes."""

    main: Laid
    apart: Mapping[str, Laid] = field(default_factory=dict)
    again: Again | None = None
    modes: Sequence[FailureMode] = ()

    @property
    def parts(self) -> tuple[Laid, ...]:
        """All populations, the main one first."""
        return (self.main, *self.apart.values())


def triage(task: Task, cases: Cases) -> Triage:
    """Return what looking at single cases found.

    The change is *systematic* where the flips show that it is worse: each counts by all answers to it, the first and the
    fresh ones, new less old, so that one that lasts weighs more than one that was luck, and the sum is held against
    all other signs of the cases. Answers to one case are no evidence by themselves: of two steady versions that are equal
    in the whole they all say the same again. It is *noise* where the cases that are worse for good, less those that
    are better for good, are shown to be fewer than the level `block` allows; else it is *unknown*. Where nothing was asked
    again there is no finding. Regression cases and found slices stand beside it, with levels of their own.

    Args:
        task: Its success rule is settled (`with_success`).
        cases: What is looked at.
    """
    rule = success_rule(task)
    found = [flips(part.old, part.new, rule, part.changed) for part in cases.parts]
    fresh = _fresh(cases, found)
    checks = mode_checks(cases.parts, rule, cases.again, cases.modes)
    made = Triage(
        flips=_listed(cases, found),
        changes=_changes(found),
        floor=_floor(cases, rule),
        modes=checks,
        discovered=discovered(cases.main, rule, task.gate.false_discovery, fresh),
        fresh=fresh,
        notes=_notes(cases, found, checks),
        spend=None if cases.again is None else cases.again.spend,
    )
    return _judged(made, task, cases, found[0])


def lasting(main: Laid, found: Flips, again: Again, block: float, alpha: float) -> Lasting:
    """Return what fresh answers made of the flips.

    Args:
        main: The cases that the figures are of.
        found: Which of them flipped.
        again: The fresh answers.
        block: The share of cases that may not be worse.
        alpha: At which level that is shown.
    """
    value, open_ = np.zeros(len(main.cases)), 0
    both_asked = bool(again.old)
    for place in found.places.tolist():
        name = main.cases[place].id
        now = fails_for_good(again.new.get(name), again.times)
        before = fails_for_good(again.old.get(name), again.times)
        if found.worse[place]:
            is_open = now is None or (before is None and both_asked and now)
            open_ += is_open
            # What could not be asked again counts as worse: nobody has seen that it is not.
            value[place] = -1.0 if is_open or (now and not before) else 0.0
        elif now is False and before:
            value[place] = 1.0
    known = ~(np.isnan(found.old) | np.isnan(found.new))
    p_bound = _p_bound(main, value, known, block)
    n = int(known.sum())
    total = None if p_bound > 0.5 else cases_to_settle(n, p_bound, alpha)
    groups = main.old.groups
    moved = found.new - found.old
    if both_asked:
        moved = moved + np.where(
            moved == 0, 0.0, np.nan_to_num(more_right(again, [case.id for case in main.cases]))
        )
    return Lasting(
        value=value,
        open=open_,
        both_asked=both_asked,
        p=sign_flip_p(moved, groups),
        p_bound=p_bound,
        more_cases=None if total is None else max(1, total - n),
    )


def _p_bound(main: Laid, value: FloatArray, known: np.ndarray, block: float) -> float:
    groups, weights = main.old.groups, main.old.weights
    own = value[known]
    if groups is None and weights is None:
        better, worse = int((own > 0).sum()), int((own < 0).sum())
        return float(tango_p_noninferior(better, worse, own.size, block))
    found = paired_mean_p(
        own,
        -block,
        "greater",
        clusters=None if groups is None else groups[known],
        weights=None if weights is None else weights[known],
    )
    return 1.0 if found is None else found


def _judged(made: Triage, task: Task, cases: Cases, found: Flips) -> Triage:
    """Say what the fresh answers say of the change; nothing where nothing was asked again."""
    again, alpha = cases.again, task.alpha
    if again is None or (found.places.size and not again.new):
        return made
    policy = task.gate
    last = lasting(cases.main, found, again, policy.block, alpha)
    if last.p is not None and last.p <= ALARM * alpha and last.worse - last.open > last.better:
        smaller = last.p_bound <= alpha
        reason = f"{_told(last, cases, found)}: {_chance(last.p)}"
        level: Level = "investigate" if smaller else "block"
        return replace(made, finding="systematic", level=level, reasons=(reason,))
    if last.p_bound <= alpha:
        return replace(
            made, finding="noise", settled=True, level="pass", notes=(*made.notes, _told(last, cases, found))
        )
    return replace(
        made, finding="unknown", more_cases=last.more_cases, notes=(*made.notes, _told(last, cases, found))
    )


def _told(last: Lasting, cases: Cases, found: Flips) -> str:
    """Say in a sentence what became of the flips."""
    assert cases.again is not None  # noqa: S101 - asked by the caller
    if not found.places.size:
        return "no result changed, so that no case had to be asked again"
    flipped = counted(found.places.size, "case flipped", "cases flipped")
    asked = f"{flipped}; asked again, {counted(last.worse - last.open, 'is', 'are')} worse for good"
    names = [cases.main.cases[place].id for place in np.flatnonzero(last.value < 0).tolist()]
    asked += f" and {counted(last.better, 'is', 'are')} better for good" if last.both_asked else ""
    asked += f", and {last.open:,} could not be judged again" if last.open else ""
    if not names:
        return asked
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return f"{asked} ({', '.join(names[:NAMED])}{more})"


def _chance(p: float) -> str:
    return "luck alone would do this in less than 1 of 1,000 gates" if p < 0.001 else f"p = {p:.2g}"


def _fresh(cases: Cases, found: Sequence[Flips]) -> dict[str, float]:
    """Return how many more fresh answers to each flipped case are right; nothing where not every flip was asked again."""
    again = cases.again
    if again is None or not (again.old and again.new):
        return {}
    known: dict[str, float] = {}
    for part, own in zip(cases.parts, found, strict=True):
        ids = [part.cases[place].id for place in own.places.tolist()]
        values = dict(zip(ids, more_right(again, ids).tolist(), strict=True))
        if any(value != value for value in values.values()):  # noqa: PLR0124 - NaN is the one that is not itself
            return {}
        known.update(values)
    return known


def _listed(cases: Cases, found: Sequence[Flips]) -> tuple[Flip, ...]:
    """Return the flips: those that last, those that got worse, those that got better."""
    every = [
        _flip(part, own, place, cases.again)
        for part, own in zip(cases.parts, found, strict=True)
        for place in own.places.tolist()
    ]
    order = {True: 0, None: 1, False: 2}
    every.sort(key=lambda flip: (flip.change == "fixed", order[flip.regressed], flip.change != "silent"))
    return tuple(every[:LISTED])


def _flip(part: Laid, found: Flips, place: int, again: Again | None) -> Flip:
    case, change = part.cases[place], found.change(place)
    new = () if again is None else again.new.get(case.id, ())
    old = () if again is None else again.old.get(case.id, ())
    now = None if again is None else fails_for_good(new, again.times)
    before = None if again is None or not old else fails_for_good(old, again.times)
    return Flip(
        case=case.id,
        change=change,
        category=case.category,
        stratum=case.stratum,
        failure_mode=case.mode,
        asked=max(len(new), len(old)),
        old_right=rights(old),
        new_right=rights(new),
        regressed=None if change == "fixed" else _regressed(now=now, before=before, old_asked=bool(old)),
    )


def _regressed(*, now: bool | None, before: bool | None, old_asked: bool) -> bool | None:
    """Say whether the new version fails for good and the old one does not; where that is not asked, it was right."""
    if now is None or not now:
        return now
    return (None if before is None else not before) if old_asked else True


def _changes(found: Sequence[Flips]) -> dict[Change, int]:
    total: dict[Change, int] = {}
    for own in found:
        for name, count in own.counts.items():
            total[name] = total.get(name, 0) + count
    return total


def _floor(cases: Cases, rule: Success) -> NoiseFloor | None:
    main = cases.main
    return noise_floor(main.old, main.new, rule, [case.id for case in main.cases], cases.again)


def _notes(cases: Cases, found: Sequence[Flips], checks: Sequence[ModeCheck]) -> tuple[str, ...]:
    notes = [] if cases.again is None else [*cases.again.notes]
    unknown = sum(own.unknown for own in found)
    if unknown:
        notes.append(
            f"{counted(unknown, 'case')} had a result before and {'has' if unknown == 1 else 'have'} none now"
        )
    flipped = sum(own.places.size for own in found)
    if flipped > LISTED:
        notes.append(f"{flipped:,} cases flipped; the {LISTED:,} gravest are listed")
    return (*notes, *unguarded(checks, cases.modes))
