"""The gate: every row, and what they say together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from passmuster.decide.gate.compared import Compared
from passmuster.decide.gate.confirming import confirmed
from passmuster.decide.gate.costs import cost_drafts
from passmuster.decide.gate.drafts import finished
from passmuster.decide.gate.latency import latency_drafts
from passmuster.decide.gate.levels import gravest
from passmuster.decide.gate.lines import quality_drafts
from passmuster.decide.gate.sides import Sides, sides_of
from passmuster.decide.gate.slices import slice_lines
from passmuster.decide.gate.words import label, short
from passmuster.decide.phrases import counted, seconds
from passmuster.records.gate import GRAVITY, Finding, GateLine, GateReport, Level, LineKind, ModeCheck

SCHEMA_VERSION = 1
DAY = 86_400.0
_KINDS: tuple[LineKind, ...] = ("quality", "failures", "latency", "cost")
"""The kinds of rows, those first that a user notices most."""


def gate_report(compared: Compared) -> GateReport:
    """Say how much worse a change makes things, and whether it may pass.

    The level of the whole is the gravest of all rows, of the regression cases and of what asking again found. What is missing
    never passes.

    Args:
        compared: Both versions over the same cases.
    """
    task, sides = compared.task, sides_of(compared.main)
    changed = compared.old_side.digest != compared.new_side.digest
    latency, of_latency = latency_drafts(sides, task.gate, task.alpha, changed=changed)
    cost, of_cost = cost_drafts(sides, task)
    lines = finished([*quality_drafts(compared, sides), *latency, *cost])
    slices, of_slices = slice_lines(compared, sides)
    lines, slices = confirmed(compared, sides, lines, slices)
    if compared.unasked:
        lines, slices = (tuple(_unasked(line) for line in rows) for rows in (lines, slices))
    whole = _Whole(compared, sides, lines, (*slices, *compared.triage.discovered))
    triage = compared.triage
    return GateReport(
        schema_version=SCHEMA_VERSION,
        task=task.name,
        generated=compared.generated,
        old=compared.old_side,
        new=compared.new_side,
        corpus=compared.corpus,
        cases=sides.cases,
        level=whole.level,
        finding=whole.finding,
        sentence=whole.sentence(),
        policy=task.gate,
        reasons=whole.reasons,
        lines=whole.lines,
        slices=whole.slices,
        modes=triage.modes,
        flips=triage.flips,
        changes=triage.changes,
        floor=triage.floor,
        left_out={**compared.left_out, **sides.left_out},
        more_cases=whole.more_cases,
        notes=(*compared.notes, *triage.notes, *of_latency, *of_cost, *of_slices),
        spend=triage.spend,
    )


def _unasked(line: GateLine) -> GateLine:
    """Return a row of the very same trials: no number of cases could tell more of a difference that is none."""
    if line.level in ("investigate", "undecided") and line.p is not None and line.change.value == 0:
        return replace(line, level="pass", more_cases=None, reason="the very same trials on both sides")
    return line


@dataclass(frozen=True, slots=True)
class _Whole:
    """All rows together."""

    compared: Compared
    sides: Sides
    lines: tuple[GateLine, ...]
    slices: tuple[GateLine, ...]

    @property
    def told(self) -> list[tuple[Level, str]]:
        """What each row, mode and look at single cases says of the change, the gravest first.

        Within a level what a user is told wrongly comes before what it takes and costs: regression cases, cases that fail
        for good, quality, failures, latency, cost.
        """
        found = [*self._of_old(), *self._of_modes(), *self._of_triage(), *self._of_rows()]
        return sorted(found, key=lambda each: GRAVITY.index(each[0]))

    @property
    def level(self) -> Level:
        """The gravest level."""
        return gravest(level for level, _ in self.told)

    @property
    def reasons(self) -> tuple[str, ...]:
        """What the level hangs on."""
        return tuple(reason for level, reason in self.told if level != "pass")

    @property
    def finding(self) -> Finding:
        """What is said of the change: that it made things worse, that nothing is shown to be worse, or neither."""
        triage = self.compared.triage
        modes = any(mode.level == "block" for mode in triage.modes)
        if modes or triage.finding == "systematic" or any(self._worse(line) for line in self._verdict):
            return "systematic"
        if all(level in ("pass", "investigate") for level, _ in self.told) or triage.settled:
            return "noise"
        return "unknown"

    @property
    def more_cases(self) -> int | None:
        """How many more cases settle what is undecided; None where nothing is, or no number would."""
        open_rows = [line for line in self._verdict if line.level == "undecided"]
        needed = [line.more_cases for line in open_rows]
        known = [each for each in needed if each is not None]
        if not open_rows:
            return self.compared.triage.more_cases
        return max(known) if len(known) == len(needed) else None

    def sentence(self) -> str:
        """Say in words for everybody whether the change may pass, and why."""
        name, cases = self.compared.new_side.name, counted(self.sides.cases, "case")
        first = next(iter(self.reasons), "")
        more = (
            "" if self.more_cases is None else f" About {counted(self.more_cases, 'more case')} would tell."
        )
        if self.level == "pass" and self.compared.unasked:
            return (
                f"{name} is as it was frozen, and was not asked since: there is no change to hold against it."
            )
        return {
            "pass": f"{name} is not shown to be worse in anything on {cases}, and drops that matter are excluded.",
            "investigate": f"{name} may go out, and somebody should look into this: {first}.",
            "block": f"{name} must not go out as it is: {first}.",
            "undecided": f"{name} may be worse or not: {first}.{more}",
            "refused": f"{name} cannot be compared with the old version: {first}.",
        }[self.level]

    @property
    def _verdict(self) -> Sequence[GateLine]:
        return [line for line in (*self.lines, *self.slices) if not line.sanity]

    def _worse(self, line: GateLine) -> bool:
        """Say whether a row is shown to be worse by what is not harmless."""
        if line.level == "block":
            return True
        level = self.compared.task.gate.false_discovery if line.slice else self.compared.task.alpha
        shown = line.adjusted_p is not None and line.adjusted_p <= level
        return line.level == "investigate" and shown

    def _of_rows(self) -> Iterator[tuple[Level, str]]:
        if not any(line.kind == "quality" for line in self._verdict):
            yield "undecided", "no metric of the verdict could be compared"
        for line in sorted(self._verdict, key=lambda each: _KINDS.index(each.kind)):
            yield line.weight, f"{label(line)}: {line.reason}"

    def _of_modes(self) -> Iterator[tuple[Level, str]]:
        for mode in self.compared.triage.modes:
            yield mode.level, f"failure mode {short(mode.mode)}: {_mode_reason(mode)}"

    def _of_triage(self) -> Iterator[tuple[Level, str]]:
        triage = self.compared.triage
        if triage.level is not None:
            yield triage.level, next(iter(triage.reasons), "cases that were right fail for good")

    def _of_old(self) -> Iterator[tuple[Level, str]]:
        limit, side = self.compared.task.gate.baseline_age, self.compared.old_side
        if limit is None:
            return
        if side.age_days is None:
            yield "refused", "it is not known how old the baseline is"
        elif side.age_days * DAY > limit:
            told = f"{side.age_days:,.0f} days old, and may be {seconds(limit)} old at most"
            yield "refused", f"the baseline is {told}; freeze a newer one with `passmuster baseline`"


def _mode_reason(mode: ModeCheck) -> str:
    parts = []
    if mode.failed:
        fail = "fails" if len(mode.failed) == 1 else "fail"
        parts.append(f"{len(mode.failed):,} of {counted(mode.cases, 'regression case')} {fail}")
    if mode.untested:
        have = "has" if len(mode.untested) == 1 else "have"
        parts.append(f"{len(mode.untested):,} of {counted(mode.cases, 'regression case')} {have} no result")
    if not parts and mode.level == "investigate":
        return "a regression case failed, and did not when it was asked again"
    return "; ".join(parts) or "every regression case is right"
