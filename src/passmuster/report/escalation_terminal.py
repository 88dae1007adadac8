"""What `escalate` says to people: what may go out unseen, the signals beside one another, and the trade-off."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich.console import Console
from rich.text import Text

from passmuster.records.escalation import EscalationReport, RiskPoint, SignalReport
from passmuster.report import figures
from passmuster.report.commands import cases_behind
from passmuster.report.escape import label, visible
from passmuster.report.rows import Column
from passmuster.report.tables import packed, table

_ON_THE_PAGE = frozenset({"AURC", "best AURC", "Brier", "p"})
"""Columns that only the page and Markdown have: a terminal is narrow, and what follows does not hang on them."""

_SHORT = {"wrong / 1k tasks": "wrong / 1k", "$ / 1k tasks": "$ / 1k"}


def render_escalation(report: EscalationReport, console: Console) -> None:
    """Print the report, the answer first."""
    _say(console, head(report))
    _say(console, visible(report.sentence), "bold")
    if report.signals:
        console.print()
        _print(signal_columns(report), console)
    shown = chosen_signal(report)
    if shown is not None and shown.points:
        console.print()
        _say(console, f"{label(shown.name, 60)}: what follows from each threshold, in 1,000 tasks")
        _print(point_columns(shown, named=False), console)
    console.print()
    for text in notes(report):
        _say(console, text)
    for what, command in commands(report):
        _say(console, f"{what}: {command}")


def head(report: EscalationReport) -> str:
    """Return in a line whose replies it is about, and what must hold."""
    return (
        f"{visible(report.task)} · {label(report.candidate, 60)} · {figures.count(report.cases, 'case')} · "
        f"wrong {figures.percent(report.error_rate.value)} {interval(report.error_rate.low, report.error_rate.high)} by "
        f"{label(report.success, 60)} · target {figures.percent(report.target)}, chance of an error "
        f"{figures.percent(report.delta)}"
    )


def interval(low: float | None, high: float | None) -> str:
    """Return the ends of an interval of a share, in percent."""
    return "" if low is None or high is None else f"[{figures.percent(low)}, {figures.percent(high)}]"


def chosen_signal(report: EscalationReport) -> SignalReport | None:
    """Return the signal whose thresholds are shown: the best, else the leading one, else the first."""
    wanted = report.best or report.leading
    return next((each for each in report.signals if each.name == wanted), next(iter(report.signals), None))


def notes(report: EscalationReport) -> list[str]:
    """Return what the tables do not say: which signals are no use, which were not there, what the guarantee rests on."""
    said = [visible(each.sentence) for each in report.signals if not _is_in_the_table(each)]
    absent = []
    for why in dict.fromkeys(report.absent.values()):
        names = ", ".join(label(name, 60) for name, own in report.absent.items() if own == why)
        absent.append(f"{names} ({visible(why)})")
    if absent:
        said.append(f"Not there: {'; '.join(absent)}.")
    counted = [
        (report.failed, "task without a reply is escalated", "tasks without a reply are escalated"),
        (report.unlabelled, "reply without a label is left out", "replies without a label are left out"),
    ]
    said += [figures.count(number, one, many) + "." for number, one, many in counted if number]
    return said + [f"{visible(text[:1].upper() + text[1:])}." for text in report.remarks]


def _is_in_the_table(signal: SignalReport) -> bool:
    """Return whether the table says all of it: a usable signal with its threshold, or the labels that one takes."""
    return signal.usable and (signal.certified is not None or signal.more_labels is not None)


def commands(report: EscalationReport) -> list[tuple[str, str]]:
    """Return what can be typed to see the cases behind the figures: what it shows, and the command."""
    shown = chosen_signal(report)
    other = shown.of if shown is not None and shown.kind == "agreement" else None
    wanted = [
        (f"What {label(name, 60)} got wrong", cases_behind(name, "wrong"))
        for name in dict.fromkeys([report.candidate, other, report.to])
        if name is not None
    ]
    return [(what, command) for what, command in wanted if command is not None]


def signal_columns(report: EscalationReport) -> list[Column]:
    """Return the signals beside one another."""
    rows = report.signals
    certified = [each.certified for each in rows]
    return [
        _column("signal", (label(each.name, 60) for each in rows)),
        _column("AUROC (95%)", (figures.interval(each.auroc, compact=True) for each in rows), right=True),
        _column(
            "accepted", (figures.percent(each.coverage) if each else "-" for each in certified), right=True
        ),
        _column("more labels", (_more(each) for each in rows), right=True),
        _column("AURC", (figures.number(each.aurc) for each in rows), right=True),
        _column("best AURC", (figures.number(each.aurc_best) for each in rows), right=True),
        _column("Brier", (_brier(each) for each in rows), right=True),
        _column("replies", (f"{each.n:,}" for each in rows), right=True),
    ]


def point_columns(signal: SignalReport, *, named: bool = True) -> list[Column]:
    """Return what follows from each threshold of a signal, which is `named` in each."""
    rows = signal.points
    name = "" if named else f"{signal.name} "
    made = [
        _column("goes out where", (label(each.rule.removeprefix(name), 60) for each in rows)),
        _column("accepted", (figures.percent(each.coverage) for each in rows), right=True),
        _column(
            "wrong of these",
            (f"{figures.percent(each.risk)} {interval(each.low, each.high)}" for each in rows),
            right=True,
        ),
        _column("p", (figures.p_value(each.p) for each in rows), right=True),
        _column("certified", (_certified(each, signal) for each in rows)),
        _column("wrong / 1k tasks", (_wrong(each) for each in rows), right=True),
    ]
    if any(each.cost_per_task is not None for each in rows):
        made.append(_column("$ / 1k tasks", (cost_text(each) for each in rows), right=True))
    return made


def cost_text(point: RiskPoint) -> str:
    """Return what 1,000 tasks cost with those escalated."""
    return "-" if point.cost_per_task is None else figures.money(1000 * point.cost_per_task)


def _certified(point: RiskPoint, signal: SignalReport) -> str:
    """Return whether a threshold is certified, and which of them is the one to take."""
    if point == signal.certified:
        return "this one"
    return "yes" if point.certified else "no"


def _wrong(point: RiskPoint) -> str:
    return "-" if point.wrong_per_thousand is None else f"{point.wrong_per_thousand:,.0f}"


def _brier(signal: SignalReport) -> str:
    return "-" if signal.calibration is None else figures.interval(signal.calibration.brier, compact=True)


def _more(signal: SignalReport) -> str:
    return "-" if signal.more_labels is None else f"{signal.more_labels:,}"


def _column(title: str, cells: Iterable[str], *, right: bool = False) -> Column:
    return Column(key=title, title=title, cells=tuple(cells), right=right)


def _print(columns: Sequence[Column], console: Console) -> None:
    shown = [
        replace(column, title=_SHORT.get(column.title, column.title))
        for column in columns
        if column.title not in _ON_THE_PAGE
        and not (column.title == "replies" and len(set(column.cells)) == 1)
    ]
    for group in packed(shown[0], shown[1:], console.width):
        console.print(table(group, console.width))


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True)
