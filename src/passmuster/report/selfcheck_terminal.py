"""A self-check in the terminal: each promise with its limit, what was seen, and what the shortcut does."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from passmuster.records.promises import OwnResult, PromiseResult, SelfcheckReport
from passmuster.records.score import Estimate
from passmuster.report.escape import label, visible
from passmuster.report.selfcheck_words import STATES, headline, own_headline, sizes_of, way_of

_STYLES = {"pass": "green", "fail": "bold red", "undecided": "yellow"}
_WIDEST = 36


def render_selfcheck(report: SelfcheckReport, console: Console) -> None:
    """Print a self-check; whatever is not as promised is said in a sentence below the table."""
    console.print(Text(f"passmuster {report.version} · seed {report.seed}", style="dim"))
    if report.promises:
        console.print(_promises(report.promises))
        console.print()
    for each in report.promises:
        if each.state != "holds":
            console.print(Text(f"{each.name}: {each.sentence}", style=_style(each.state)), soft_wrap=True)
    if report.promises:
        console.print(Text(headline(report), style="bold"), soft_wrap=True)
    _own(report, console)


def _own(report: SelfcheckReport, console: Console) -> None:
    said = own_headline(report)
    if said is None:
        return
    if report.promises:
        console.print()
    for way in dict.fromkeys((each.way, each.candidates) for each in report.own):
        rows = [each for each in report.own if (each.way, each.candidates) == way]
        console.print(
            Text(visible(f"{report.task}: {way_of(rows[0])} ({sizes_of(rows[0])} cases)")), soft_wrap=True
        )
        console.print(_own_table(rows))
        console.print()
        for each in rows:
            if each.state != "holds":
                told = visible(f"{each.test}, {each.metric}: {each.sentence}")
                console.print(Text(told, style=_style(each.state)), soft_wrap=True)
    console.print(Text(visible(said), style="bold"), soft_wrap=True)
    if any(each.shortcut for each in report.own):
        console.print(Text(f"thumb: {_thumb(report.own)} would be an alarm", style="dim"), soft_wrap=True)


def _thumb(rows: Sequence[OwnResult]) -> str:
    return next(row.naive for row in rows if row.naive is not None)


def _style(state: str) -> str:
    return next(_STYLES[mark] for name, (_, mark) in STATES.items() if name == state)


def percent(value: float | None) -> str:
    """Return a rate with one decimal.

    Example:
        >>> percent(0.0283), percent(None)
        ('2.8%', '-')
    """
    return "-" if value is None else f"{value:.1%}"


def rate(figure: Estimate) -> str:
    """Return a rate with its interval.

    Example:
        >>> rate(Estimate(value=0.05, low=0.04, high=0.061))
        '5.0% [4.0%, 6.1%]'
    """
    return f"{percent(figure.value)} [{percent(figure.low)}, {percent(figure.high)}]"


def _table(*heads: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column(heads[0], no_wrap=True)
    for head in heads[1:-1]:
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column(heads[-1], no_wrap=True)
    return table


def _promises(rows: Sequence[PromiseResult]) -> Table:
    table = _table("promise", "runs", "errors", "at most", "shortcut", "")
    for row in rows:
        table.add_row(
            row.name,
            f"{row.repetitions:,}",
            rate(row.observed),
            percent(row.limit),
            percent(row.shortcut.value),
            Text(STATES[row.state][0], style=_style(row.state)),
        )
    return table


def _own_table(rows: Sequence[OwnResult]) -> Table:
    table = _table("test", "draws", "false alarms", "at most", "thumb", "")
    for row in rows:
        table.add_row(
            label(f"{row.test}: {row.metric}", _WIDEST),
            f"{row.draws:,}",
            rate(row.alarms),
            percent(row.limit),
            percent(None if row.shortcut is None else row.shortcut.value),
            Text(STATES[row.state][0], style=_style(row.state)),
        )
    return table


def listed(promises: Sequence[Mapping[str, object]], console: Console) -> None:
    """Print the promises by name, with what they say."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("promise", no_wrap=True)
    table.add_column("says")
    table.add_column("at most", justify="right", no_wrap=True)
    for each in promises:
        limit = each["limit"]
        table.add_row(
            str(each["name"]), str(each["says"]), percent(limit if isinstance(limit, float) else None)
        )
    console.print(table)
