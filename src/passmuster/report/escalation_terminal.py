"""What `escalate` says to people: what may go out unseen, the signals beside one another, and the trade-off."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from passmuster.records.escalation import EscalationReport, RiskPoint, SignalReport
from passmuster.report import figures
from passmuster.report.escape import label, visible
from passmuster.report.rows import Column
from passmuster.report.tables import packed, table


def render_escalation(report: EscalationReport, console: Console) -> None:
    """Print the report."""
    _say(console, head(report))
    _say(console, visible(report.sentence), "bold")
    if report.signals:
        console.print()
        _print(signal_columns(report), console)
    shown = chosen_signal(report)
    if shown is not None and shown.points:
        console.print()
        _say(console, f"{label(shown.name, 60)}: what follows from each threshold")
        _print(point_columns(shown), console)
    for text in notes(report):
        _say(console, text)


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
    """Return what there is to say of each signal, which were not there, and what the guarantee rests on."""
    said = [visible(each.sentence) for each in report.signals]
    for why in dict.fromkeys(report.absent.values()):
        names = ", ".join(label(name, 60) for name, own in report.absent.items() if own == why)
        said.append(f"Not there: {names} ({visible(why)}).")
    counted = [
        (report.failed, "task without a reply is escalated", "tasks without a reply are escalated"),
        (report.unlabelled, "reply without a label is left out", "replies without a label are left out"),
    ]
    said += [figures.count(number, one, many) + "." for number, one, many in counted if number]
    return said + [f"{visible(text[:1].upper() + text[1:])}." for text in report.remarks]


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


def _rule(point: RiskPoint | None) -> str:
    return "-" if point is None else label(point.rule, 60)


def point_columns(signal: SignalReport) -> list[Column]:
    """Return what follows from each threshold of a signal."""
    rows = signal.points
    made = [
        _column("goes out where", (_rule(each) for each in rows)),
        _column("accepted", (figures.percent(each.coverage) for each in rows), right=True),
        _column(
            "wrong of these",
            (f"{figures.percent(each.risk)} {interval(each.low, each.high)}" for each in rows),
            right=True,
        ),
        _column("p", (figures.p_value(each.p) for each in rows), right=True),
        _column("certified", ("yes" if each.certified else "no" for each in rows)),
        _column("wrong per 1,000 tasks", (_wrong(each) for each in rows), right=True),
    ]
    if any(each.cost_per_task is not None for each in rows):
        made.append(_column("$ / 1k tasks", (cost_text(each) for each in rows), right=True))
    return made


def cost_text(point: RiskPoint) -> str:
    """Return what 1,000 tasks cost with those escalated."""
    return "-" if point.cost_per_task is None else figures.money(1000 * point.cost_per_task)


def _wrong(point: RiskPoint) -> str:
    return "-" if point.wrong_per_thousand is None else f"{point.wrong_per_thousand:,.0f}"


def _brier(signal: SignalReport) -> str:
    return "-" if signal.calibration is None else figures.interval(signal.calibration.brier, compact=True)


def _more(signal: SignalReport) -> str:
    return "-" if signal.more_labels is None else f"{signal.more_labels:,}"


def _column(title: str, cells: Iterable[str], *, right: bool = False) -> Column:
    return Column(key=title, title=title, cells=tuple(cells), right=right)


def _print(columns: Sequence[Column], console: Console) -> None:
    for group in packed(columns[0], columns[1:], console.width):
        console.print(table(group, console.width))


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True)
