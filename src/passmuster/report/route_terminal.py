"""What `route` says to people: which route to take, if any, and every one that was looked at."""

from rich.console import Console
from rich.text import Text

from passmuster.records.routing import RouteReport, RoutingReport
from passmuster.report.escape import label, visible
from passmuster.report.route_view import (
    account,
    alike,
    asked,
    beside,
    deciding,
    header,
    misses,
    rows,
    rule_lines,
    seen_words,
)
from passmuster.report.tables import packed, table


def render_routing(report: RoutingReport, console: Console) -> None:
    """Print the report."""
    _say(console, header(report))
    _say(console, visible(report.sentence), "bold")
    made = deciding(report)
    for group in packed(made[0], made[1:-1], console.width, verdict=made[-1]):
        console.print()
        console.print(table(group, console.width))
    _each(report, console)
    for curve in report.curves:
        console.print()
        _say(console, curve_words(report, curve.stages))
    if report.notes:
        console.print()
    for text in report.notes:
        _say(console, visible(text))


def _each(report: RoutingReport, console: Console) -> None:
    """Print who each route asks, but for those that ask the same one for all as the best single candidate."""
    same = alike(report)
    for row in rows(report):
        if row in same:
            continue
        console.print()
        _say(console, label(row.name, 60), "bold")
        for line in [*rule_lines(row), account(row), *_more(row), *misses(row)]:
            _say(console, f"  {line}")
    if same:
        console.print()
        _say(console, f"As {report.best.name}: {', '.join(label(row.name, 60) for row in same)}.")


def _more(row: RouteReport) -> list[str]:
    return [] if row.kind == "single" else [f"asked: {asked(row)}", *beside(row), *seen_words(row)]


def curve_words(report: RoutingReport, stages: tuple[str, ...]) -> str:
    """Return in a sentence what the signal of a cascade is worth."""
    curve = next(each for each in report.curves if each.stages == stages)
    names = " -> ".join(label(name, 60) for name in stages)
    lift = curve.lift
    if lift.value is None or lift.low is None or lift.high is None:
        return f"{names}: {label(curve.signal, 60)} tells no two cases apart."
    worth = "is worth something" if lift.low > 0 else "is not shown to be worth anything"
    return (
        f"{names}: {label(curve.signal, 60)} {worth}: {100 * lift.value:+.1f} points [{100 * lift.low:+.1f}, "
        f"{100 * lift.high:+.1f}] over sending the same share of cases on at random, averaged over shares."
    )


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True)
