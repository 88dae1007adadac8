"""What the gate's report says, in words: shared by the terminal, Markdown, the page and the files for CI."""

import re
from collections.abc import Iterable, Sequence
from shlex import quote

from passmuster.records.gate import GRAVITY, Change, Flip, GateLine, GateReport, GateSide, Level
from passmuster.records.score import Estimate
from passmuster.report import figures
from passmuster.report.commands import can_be_typed
from passmuster.report.escape import label, line

HEADLINES: dict[Level, str] = {
    "block": "Blocked",
    "investigate": "Look before you let it through",
    "undecided": "Cannot tell yet",
    "refused": "Cannot be compared",
    "pass": "Passes",
}

CHANGES: dict[Change, str] = {
    "silent": "silent: wrong now, and nothing shows it",
    "loud": "loud: it fails now",
    "format": "format only: another text, as right",
    "fixed": "fixed: right now",
}
"""The ways in which the result of a case changes, the gravest first."""

_TITLES = {
    "failure_rate": "failures",
    "loud_failure_rate": "loud failures",
    "cost_per_task": "cost per task",
    "cost_per_success": "cost per success",
}
_FINDINGS = {
    "systematic": "systematic: it made things worse",
    "noise": "noise: nothing is shown to be worse",
    "unknown": "unknown: that cannot be told yet",
}
_STATES = {"pass": "pass", "block": "fail", "investigate": "investigate", "undecided": "undecided"}
_COMMAND = re.compile(
    r"::(?=(?:error|warning|notice|debug|group|endgroup|echo|add-mask|add-path|add-matcher|remove-matcher|"
    r"save-state|set-env|set-output|stop-commands)\b)|##(?=\w*\[)",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"^[^:()]{1,80}\([^()]{1,80}, 95% [^()]{1,60}\): ")
"""What a reason begins with where it says the figures again: old, new, and the change with its interval."""
_NAME = 48
_SENTENCE = 600
_NOTES = 50
_LONGEST = 2000
_SHOWN_CASES = 3


def shown(text: str, limit: int = _NAME) -> str:
    """Return a name for a table: one harmless line that no CI system takes for a command of its own.

    GitHub's runner obeys `::error::` at the beginning of a line, also of one that was wrapped, and `##[error]` anywhere;
    others obey `##vso[` and `##teamcity[`.

    Example:
        >>> shown("::error::gone"), shown("a ##[error]b"), shown("test_it.py::test_one")
        (': :error::gone', 'a # #[error]b', 'test_it.py::test_one')
    """
    return _uncommanded(label(text, limit))


def said(text: str, limit: int = _SENTENCE) -> str:
    """Return a sentence as one harmless line, as `shown` does a name."""
    return _uncommanded(line(text, limit))


def _uncommanded(text: str) -> str:
    return _COMMAND.sub(lambda found: f"{found[0][0]} {found[0][0]}", text)


def header(report: GateReport) -> str:
    """Return what is compared, in a line."""
    return (
        f"{shown(report.task)} · gate · new {side(report.new)} beside old {side(report.old)} · "
        f"corpus {shown(report.corpus, 12)} · {figures.count(report.cases, 'case')}"
    )


def side(found: GateSide) -> str:
    """Return who answered and where the results are from, with their age."""
    known = []
    if found.path is not None:
        known.append(shown(found.path))
    if found.age_days is not None:
        known.append(f"{age(found.age_days)} old")
    return shown(found.name) + (f" ({', '.join(known)})" if known else "")


def age(days: float) -> str:
    """Return an age in the unit that suits it.

    Example:
        >>> age(0.2), age(1.0), age(12.4)
        ('under a day', '1 day', '12 days')
    """
    return "under a day" if days < 1 else figures.count(round(days), "day")


def verdict(report: GateReport) -> str:
    """Return the level and the finding in a few words."""
    return f"{HEADLINES[report.level]} · {_FINDINGS[report.finding]}"


def state(level: Level, *, sanity: bool = False) -> str:
    """Return the word that picks the shape and the colour of a level; nothing for a row that is shown only."""
    return "" if sanity else _STATES.get(level, "refused")


def level_words(found: GateLine) -> str:
    """Return the level of a row, with the cases that would settle it; one for sanity has none."""
    if found.sanity:
        return "shown only"
    more = figures.more_cases(found.more_cases, "more case") if found.level == "undecided" else None
    return found.level if more is None else f"{found.level} ({more})"


def title(found: GateLine) -> str:
    """Return what a row of the table is called.

    Example:
        >>> from passmuster.records.gate import GateLine
        >>> some = Estimate(value=None)
        >>> title(GateLine(name="latency_p95", kind="latency", level="pass", old=some, new=some, change=some))
        'latency p95'
    """
    known = _TITLES.get(found.name)
    if known is None and found.kind == "latency" and found.name.startswith(("latency_", "first_token_")):
        known = shown(found.name.replace("_", " "))
    name = shown(found.name) if known is None else known
    return name + (" (lower is better)" if found.kind == "quality" and found.direction == "lower" else "")


def amount(found: GateLine, value: float | None) -> str:
    """Return one value of a row in its unit: seconds, dollars, a share, or a plain number."""
    if found.kind == "latency":
        return figures.seconds(value)
    if found.kind == "cost":
        return figures.money(value)
    return figures.percent(value) if found.kind == "failures" else figures.number(value)


def difference(found: GateLine, value: float | None) -> str:
    """Return by how much a row changed: in points for failures, in per cent of the old for latency and cost."""
    if value is None:
        return figures.MISSING
    if found.kind == "quality":
        return figures.number(value, signed=True)
    if found.kind == "failures":
        return f"{value * 100:+.1f} points"
    return part(value)


def part(value: float) -> str:
    """Return a part of the old value as signed per cent.

    Example:
        >>> part(0.224), part(-0.013), part(0.0)
        ('+22 %', '-1.3 %', '+0.0 %')
    """
    hundred = value * 100
    return f"{hundred:+,.{1 if abs(hundred) < 9.95 else 0}f} %"


def span(found: GateLine, figure: Estimate, *, change: bool = False) -> str:
    """Return the interval of one of a row's figures in brackets; nothing where there is none."""
    if figure.value is None or figure.low is None or figure.high is None:
        return ""
    if change and found.kind == "failures":  # the unit stands at the value
        return f"[{figure.low * 100:+.1f}, {figure.high * 100:+.1f}]"
    say = difference if change else amount
    return f"[{say(found, figure.low)}, {say(found, figure.high)}]"


def changed(found: GateLine) -> str:
    """Return by how much a row changed, with its interval."""
    return f"{difference(found, found.change.value)} {span(found, found.change, change=True)}".strip()


def unsaid(report: GateReport) -> list[tuple[str, str]]:
    """Return why rows do not pass, where the reasons of the whole gate do not say it already: the row, and why."""
    told = " ".join(each[:_LONGEST] for each in report.reasons[:_NOTES])
    return [
        (title(row), why(row))
        for row in report.lines
        if row.level != "pass" and row.reason and row.reason not in told
    ]


def why(found: GateLine) -> str:
    """Return what a row's reason says beyond the figures that stand beside it in a table.

    Example:
        >>> from passmuster.records.gate import GateLine
        >>> some = Estimate(value=None)
        >>> reason = "0.88 to 0.86 (-1.9 points, 95% -3.5 to -1.0): a drop is shown"
        >>> why(GateLine(name="f", kind="quality", level="pass", old=some, new=some, change=some, reason=reason))
        'a drop is shown'
    """
    return said(_FIGURES.sub("", found.reason, count=1))


def p_value(found: GateLine) -> str:
    """Return the p-value of "it is no worse", corrected where it was."""
    return figures.p_value(found.p if found.adjusted_p is None else found.adjusted_p)


def gravest(found: Iterable[GateLine]) -> list[GateLine]:
    """Return rows with the gravest level first; within a level the core ones, then the larger change for the worse."""
    return sorted(found, key=lambda row: (GRAVITY.index(row.level), row.role == "edge", -worse(row)))


def worse(found: GateLine) -> float:
    """Return the change of a row with a positive sign where it is for the worse; 0 where it is not known."""
    value = found.change.value
    if value is None:
        return 0.0
    return value if lower_is_better(found) else -value


def lower_is_better(found: GateLine) -> bool:
    """Return whether a rise is for the worse."""
    return found.kind != "quality" or found.direction == "lower"


def slice_name(found: GateLine) -> str:
    """Return the name of a row's slice."""
    return shown(found.slice or "all cases", 80)


def slice_tags(found: GateLine) -> tuple[str, ...]:
    """Return what must be known of a slice beside its name."""
    return (
        *(("edge",) if found.role == "edge" else ()),
        *(("found",) if found.discovered else ()),
    )


def named(cases: Sequence[str], most: int = 10) -> str:
    """Return cases by name, the first of them, and how many more there are.

    Example:
        >>> named(("a", "b", "c"), 2)
        'a, b and 1 more'
    """
    listed = ", ".join(shown(each, 60) for each in cases[:most])
    beyond = len(cases) - most
    return listed if beyond <= 0 else f"{listed} and {beyond:,} more"


def flips_by_interest(found: Iterable[Flip]) -> list[Flip]:
    """Return what flipped, with those that fail for good first, then the silent ones."""
    order = list(CHANGES)
    return sorted(
        found,
        key=lambda flip: (not flip.regressed, order.index(flip.change), flip.regressed is False, flip.case),
    )


def changes_said(report: GateReport) -> str | None:
    """Return how many cases changed in which way, and how many of them fail for good; None where nothing is known."""
    counts = [f"{report.changes[kind]:,} {kind}" for kind in CHANGES if report.changes.get(kind)]
    if not counts and not report.flips:
        return None if not report.changes else "No case has another result."
    asked = [flip for flip in report.flips if flip.regressed is not None]
    lost = regressed(report)
    again = f" Of {len(asked):,} that were asked again, {len(lost):,} fail for good." if asked else ""
    who = f" They are {named([flip.case for flip in lost])}." if lost else ""
    return f"Changed: {', '.join(counts) or figures.count(len(report.flips), 'case')}.{again}{who}"


def regressed(report: GateReport) -> list[Flip]:
    """Return the cases that the new version fails for good, in the order of their names."""
    return sorted((flip for flip in report.flips if flip.regressed), key=lambda flip: flip.case)


def regressed_count(report: GateReport) -> int | None:
    """Return how many cases the new version fails for good; None where one that is wrong now was not judged again."""
    open_ = any(flip.regressed is None and flip.change in ("silent", "loud") for flip in report.flips)
    return None if open_ else len(regressed(report))


def floor_said(report: GateReport) -> str | None:
    """Return how often results flip without any change, and how many flipped beyond that; None where it is not known."""
    found = report.floor
    if found is None:
        return None
    source = f" ({said(found.source)})" if found.source else ""
    return (
        f"The old version beside itself flips {_shares(found.flip_rate)} of "
        f"{figures.count(found.cases, 'case')}{source}; beyond that floor {_shares(found.churn)} flipped."
    )


def _shares(figure: Estimate) -> str:
    if figure.value is None:
        return f"an unknown share ({said(figure.note)})" if figure.note else "an unknown share"
    if figure.low is None or figure.high is None:
        return _share(figure.value)
    return f"{_share(figure.value)} [{_share(figure.low)}, {_share(figure.high)}]"


def _share(value: float) -> str:
    """Return a share that may be below 0: churn is a difference."""
    return ("-" if value < 0 else "") + figures.percent(abs(value))


def left_out_said(report: GateReport) -> str | None:
    """Return how many could not be compared, by reason; None where everything was."""
    listed = [f"{count:,} ({said(why, 200)})" for why, count in report.left_out.items() if count]
    return f"Not compared: {', '.join(listed)}." if listed else None


def notes(report: GateReport) -> tuple[str, ...]:
    """Return what else a reader must know."""
    return tuple(said(each) for each in report.notes[:_NOTES])


def reasons(report: GateReport) -> tuple[str, ...]:
    """Return what the level hangs on, the gravest first; not what the sentence says already."""
    return tuple(said(each) for each in report.reasons[:_NOTES] if each not in report.sentence[:_LONGEST])


def commands(report: GateReport) -> tuple[tuple[str, str], ...]:
    """Return what can be typed to see the cases behind the figures: what it shows, and the command."""
    new = report.new.name
    grave = {row.kind for row in (*report.lines, *report.slices) if row.level in ("block", "investigate")}
    wanted = [
        ("what the new version gets wrong", "wrong", "quality" in grave),
        ("what it fails to answer", "failed", "failures" in grave),
        ("where it is slowest", "slowest", "latency" in grave),
    ]
    made = [
        (what, f"passmuster show --of {quote(new)} --cases {which}")
        for what, which, there in wanted
        if there and _can_be_typed(new)
    ]
    cases = [flip.case for flip in regressed(report) if _can_be_typed(flip.case)][:_SHOWN_CASES]
    made += [("a case that fails for good", f"passmuster show latest {quote(case)}") for case in cases]
    return tuple(made)


def _can_be_typed(name: str) -> bool:
    """Return whether a shell hands the name over as it is: nothing hidden in it, not read as a command."""
    return can_be_typed(name) and name == _uncommanded(name)


def provenance(report: GateReport) -> list[tuple[str, str]]:
    """Return what the figures can be found again by."""
    return [
        ("Old", _origin(report.old)),
        ("New", _origin(report.new)),
        ("Corpus", shown(report.corpus, 80)),
        ("Cases of both", f"{report.cases:,}"),
        ("Levels", _levels(report)),
        (
            "Spent on asking again",
            "not known, or nothing was asked" if report.spend is None else figures.money(report.spend),
        ),
        ("Generated", shown(report.generated)),
        ("Schema version", str(report.schema_version)),
    ]


def _origin(found: GateSide) -> str:
    facts = (
        ("model", found.model),
        ("prompt", found.prompt),
        ("asked", found.asked),
        ("from", found.path),
        ("corpus", found.corpus),
    )
    known = [f"{what} {shown(value, 80)}" for what, value in facts if value]
    digest = [f"digest {shown(found.digest, 12)}"] if found.digest else []
    counted = [figures.count(found.trials, "trial")] if found.trials else []
    return ", ".join([shown(found.name), *known, *digest, *counted])


def _levels(report: GateReport) -> str:
    policy = report.policy
    return (
        f"quality is looked into from {figures.points(policy.investigate, signed=False)} less, blocked from "
        f"{figures.points(policy.block, signed=False)} less; latency from {part(policy.latency)} and cost from "
        f"{part(policy.cost)}, sustained in {policy.sustained} of {policy.blocks} blocks; slices: "
        f"{figures.percent(policy.false_discovery)} of the alarms may be false; it fails from {policy.fail_on} on"
    )
