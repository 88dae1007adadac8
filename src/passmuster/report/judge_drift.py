"""What `judge drift` says to people: a verdict for each judge, its checks, and the gap to people beside them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from passmuster.records.judge_drift import DriftReport, DriftStatus, FreshGap, JudgeDrift, Shift
from passmuster.report import figures
from passmuster.report.escape import label, visible
from passmuster.report.rows import Column
from passmuster.report.tables import packed, table

SHOWN = 12
"""Checks and draws that the terminal shows, the newest; the page and the JSON have all."""

_WORDS: dict[DriftStatus, str] = {
    "steady": "no sign that it moved",
    "moved": "MOVED",
    "unknown": "nothing to compare yet",
}


def render_drift(report: DriftReport, console: Console) -> None:
    """Print the drift of each judge."""
    for found in report.judges:
        console.print(Text(headline(found), style="bold"))
        for text in sentences(found):
            console.print(Text(f"  {text}"), soft_wrap=True)
        if len(found.history) > 1:
            _print(_checks(found), console)
        if found.fresh:
            _print(_fresh(found.fresh), console)


def headline(found: JudgeDrift) -> str:
    """Return the verdict on a judge in a line.

    Example:
        >>> headline(JudgeDrift(metric="m", status="steady", judge="v", models=(), alpha=0.01, anchors=60))
        'm: no sign that it moved'
    """
    return f"{label(found.metric)}: {_WORDS[found.status]}"


def drift_line(found: JudgeDrift) -> str:
    """Return the verdict on a judge with the anchors that it rests on, in a line."""
    return f"anchors of {headline(found)} ({figures.count(found.anchors, 'anchor')})"


def sentences(found: JudgeDrift) -> list[str]:
    """Return what there is to say of a judge besides the verdict; what came from outside is escaped."""
    models = ", ".join(label(model) for model in found.models) or "unknown"
    version = visible(found.judge) or "none"
    anchors = figures.count(found.anchors, "anchor")
    told = [f"{anchors}, judge version {version} ({models}), last scored {found.date or 'never'}"]
    told += [
        words(shift, since)
        for shift, since in ((found.since_first, "the first check"), (found.since_last, "the last check"))
        if shift is not None
    ]
    if found.unreadable:
        told.append(f"{figures.count(found.unreadable, 'answer')} could not be read")
    told += [visible(remark) for remark in found.remarks]
    if found.checks:
        told.append(
            f"a judge that has not moved raises an alarm in {figures.percent(found.alpha)} of the calls; "
            f"over {figures.count(found.checks, 'call')}: {figures.percent(found.chance)}"
        )
    if found.status == "moved":
        told.append(
            "Figures of before and after cannot be compared: calibrate it anew (passmuster judge calibrate)"
        )
    return told


def words(shift: Shift, since: str) -> str:
    """Return what a comparison says: the mean shift with its interval, and how many replies went up and down."""
    span = (
        ""
        if shift.low is None
        else f" [{figures.number(shift.low, signed=True)}, {figures.number(shift.high, signed=True)}]"
    )
    return (
        f"since {since} ({day(shift.since)}): {figures.number(shift.value, signed=True)}{span} on {shift.n:,}, "
        f"{shift.up} up, {shift.down} down, p {figures.p_value(shift.p)} ({shift.method})"
        f"{', an alarm' if shift.alarm else ''}"
    )


def day(time: float) -> str:
    """Return a time as its day in UTC.

    Example:
        >>> day(0.0)
        '1970-01-01'
    """
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d")


def moment(time: float) -> str:
    """Return a time to the minute in UTC."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M")


def _print(columns: Sequence[Column], console: Console) -> None:
    for group in packed(columns[0], columns[1:], console.width):
        console.print(table(group, console.width))


def _checks(found: JudgeDrift) -> list[Column]:
    shown = found.history[-SHOWN:]
    return [
        _column("check", (moment(each.time) for each in shown)),
        _column("since first", (figures.interval(each.shift, signed=True) for each in shown), right=True),
        _column("anchors", (f"{each.shift.n:,}" for each in shown), right=True),
        _column("unreadable", (f"{each.unreadable:,}" for each in shown), right=True),
        _column("answered as", (label(", ".join(each.answered) or "-", 40) for each in shown)),
    ]


def _fresh(gaps: Sequence[FreshGap]) -> list[Column]:
    shown = gaps[-SHOWN:]
    return [
        _column("fresh draw", (moment(each.time) for each in shown)),
        _column("people less judge", (figures.interval(each.gap, signed=True) for each in shown), right=True),
        _column("rated", (f"{each.gap.n:,} of {each.drawn:,}" for each in shown), right=True),
        _column("judge version", (label(each.judge or "-") for each in shown)),
    ]


def _column(title: str, cells: Iterable[str], *, right: bool = False) -> Column:
    return Column(key=title, title=title, cells=tuple(cells), right=right)
