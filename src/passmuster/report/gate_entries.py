"""What the gate checked, one entry each, for the files that machines read: the gravest first, each with a lasting name."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.errors import Place
from passmuster.records.gate import GRAVITY, Flip, GateLine, GateReport, Level, ModeCheck, fails
from passmuster.records.record import Record
from passmuster.report import figures
from passmuster.report.gate_words import (
    CHANGES,
    amount,
    changed,
    gravest,
    level_words,
    named,
    regressed,
    said,
    shown,
    slice_name,
    title,
)

Outcome: TypeAlias = Literal["passed", "failure", "error", "skipped"]
"""How an entry ends in the words of CI: `skipped` is what is to be looked at and holds nothing up."""

_FIRST = ("gate", "regression", "quality", "slice", "failures", "latency", "cost", "case")
"""The kinds of entries, those first that a user notices most; single cases, which may be thousands, last."""
_KINDS = {"regression": "regression cases of", "slice": "slice", "case": "case"}

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Places(Record):
    """Where in the repository to point at: the candidate in the project file, and cases by their id where that is known."""

    candidate: Place = field(default_factory=lambda: Place("passmuster.yaml", 1))
    cases: Mapping[str, Place] = field(default_factory=dict)

    def of(self, case: str | None) -> Place:
        """Return the place of a case, or of the candidate where that of the case is not known."""
        return self.candidate if case is None else self.cases.get(case, self.candidate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Record):
    """Something that the gate checked: `kind` and `name` as people read them, `key` the same from run to run.

    `counts_as` is the level that it has in the whole gate, None where that is its own.
    """

    kind: str
    name: str
    level: Level
    message: str
    key: str
    case: str | None = None
    severity: str | None = None
    counts_as: Level | None = None

    @property
    def weight(self) -> Level:
        """The level by which it ends: that which it has in the whole gate."""
        return self.counts_as or self.level

    @property
    def title(self) -> str:
        """What it is about, with its kind where the name alone does not say it."""
        return f"{_KINDS[self.kind]} {self.name}" if self.kind in _KINDS else self.name


def entries(report: GateReport) -> tuple[Entry, ...]:
    """Return the whole gate first, then rows, failure modes, slices and the cases that fail for good, the gravest first.

    Rows that are shown for sanity only are none: nothing hangs on them.
    """
    first, *others = _entries(report)
    others.sort(key=lambda each: (GRAVITY.index(each.level), _FIRST.index(each.kind)))
    return (first, *others)


def outcome(report: GateReport, level: Level, *, allow_undecided: bool = False) -> Outcome:
    """Return how an entry of this level ends.

    Nothing is red in a gate that lets the change through, and nothing that is not decided is green: it is an `error`
    where it holds the change up, and `skipped` where it does not.
    """
    if level == "pass":
        return "passed"
    if not holds_up(report, allow_undecided=allow_undecided):
        return "skipped"
    if level in ("undecided", "refused"):
        return "skipped" if allow_undecided else "error"
    return "failure" if level == "block" or report.policy.fail_on == "investigate" else "skipped"


def holds_up(report: GateReport, *, allow_undecided: bool = False) -> bool:
    """Return whether the change does not get through: it fails, or it is undecided and that is not allowed."""
    return fails(report) or (report.level in ("undecided", "refused") and not allow_undecided)


def lasting(*parts: str) -> str:
    """Return a name that is the same from run to run: 40 hexadecimal digits of SHA-256.

    Example:
        >>> len(lasting("gate", "complaints", "exact_match"))
        40
    """
    text = "\0".join(parts)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:40]


def printable(text: str) -> str:
    r"""Return `text` without what XML 1.0 has no place for, each such character written out.

    Example:
        >>> printable("a\ufffeb")
        'a\\ufffeb'
    """
    return _NOT_XML.sub(lambda found: found[0].encode("ascii", "backslashreplace").decode("ascii"), text)


def _entries(report: GateReport) -> Iterator[Entry]:
    sentence = said(report.sentence)
    yield Entry(
        kind="gate",
        name=f"the change of {shown(report.task)}",
        level=report.level,
        message=sentence,
        key=lasting(report.task, "gate"),
    )
    for row in _checked(report.lines):
        yield _line(report, row)
    for mode in report.modes:
        yield _mode(report, mode)
    for row in gravest(_checked(report.slices)):
        yield _line(report, row)
    for flip in regressed(report):
        yield _case(report, flip)


def _checked(rows: Sequence[GateLine]) -> list[GateLine]:
    return [row for row in rows if not row.sanity]


def _line(report: GateReport, row: GateLine) -> Entry:
    of_slice = row.slice is not None
    told = f"{amount(row, row.old.value)} before, {amount(row, row.new.value)} now, change {changed(row)}"
    why = said(row.reason) if row.reason else told
    return Entry(
        kind="slice" if of_slice else row.kind,
        name=f"{slice_name(row)}: {title(row)}" if of_slice else title(row),
        level=row.level,
        counts_as=row.counts_as,
        message=f"{level_words(row)}: {why}",
        key=lasting(report.task, row.kind, row.name, row.slice or "", "slice" if of_slice else "all"),
    )


def _mode(report: GateReport, mode: ModeCheck) -> Entry:
    facts = []
    if mode.failed:
        fail = "fails" if len(mode.failed) == 1 else "fail"
        facts.append(f"{len(mode.failed):,} of {_cases(mode)} {fail}: {named(mode.failed)}")
    if mode.untested:
        have = "has" if len(mode.untested) == 1 else "have"
        facts.append(f"{len(mode.untested):,} of {_cases(mode)} {have} no result: {named(mode.untested)}")
    if not facts and mode.level != "pass":
        facts.append("a case of it failed, and did not when it was asked again")
    if mode.link:
        facts.append(f"see {shown(mode.link, 120)}")
    return Entry(
        kind="regression",
        name=shown(mode.mode),
        level=mode.level,
        message=f"{mode.level}: {'; '.join(facts) or 'no case of it fails'}",
        key=lasting(report.task, "mode", mode.mode),
        case=next(iter((*mode.failed, *mode.untested)), None),
        severity=mode.severity,
    )


def _cases(mode: ModeCheck) -> str:
    return figures.count(mode.cases, "regression case")


def _case(report: GateReport, flip: Flip) -> Entry:
    times = (
        "" if flip.new_right is None else f"; right {flip.new_right} of {flip.asked} times when asked again"
    )
    before = "" if flip.old_right is None else f", the old version {flip.old_right}"
    mode = "" if flip.failure_mode is None else f"; failure mode {shown(flip.failure_mode)}"
    return Entry(
        kind="case",
        name=shown(flip.case, 80),
        level="block",
        message=f"it fails for good. {CHANGES[flip.change]}{times}{before}{mode}",
        key=lasting(report.task, "case", flip.case),
        case=flip.case,
    )
