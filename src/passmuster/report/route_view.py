"""Routes as columns and sentences, for the terminal, Markdown and the page."""

from collections.abc import Iterable, Sequence

from passmuster.records.routing import Ratio, RouteReport, RouteRule, RouteStage, RoutingReport
from passmuster.records.score import Difference
from passmuster.report import figures
from passmuster.report.escape import label, visible
from passmuster.report.rows import Column, name

SHOWN = {"gain": "gain", "cheaper": "cheaper", "no_gain": "no gain", "worse": "worse"}
"""How the status of a route is said."""

RULES_LIMIT = 30
"""Rules of a route that are told; the JSON has all."""

_WIDE = 60


def header(report: RoutingReport) -> str:
    """Return in a line what routes were judged on."""
    by = "no slices" if report.slice_by is None else f"by {report.slice_by} ({len(report.slices)})"
    return (
        f"{visible(report.task)} · {figures.count(report.cases, 'case')} known of all "
        f"{figures.count(len(report.candidates), 'candidate')} · quality: {label(report.quality, _WIDE)} · {by} · "
        f"about as good: {figures.points(report.margin, signed=False)}"
    )


def rows(report: RoutingReport) -> tuple[RouteReport, ...]:
    """Return the single candidates that routes are held against, and the routes."""
    cheapest = () if report.cheapest is None else (report.cheapest,)
    return (report.best, *cheapest, *report.routes)


def columns(report: RoutingReport) -> tuple[Column, ...]:
    """Return the routes beside one another, each with the figures of cases that it was not chosen on."""
    found = rows(report)
    made = [
        _column("candidate", "route", (title(row, report) for row in found), right=False),
        _column("quality", "quality (95%)", (figures.interval(row.quality) for row in found)),
        _column("gain", "gain, points (95%)", (gain(row, report) for row in found)),
        _column("seen", "seen", (seen(row, report) for row in found)),
        _column("ratio", "cost x (95%)", (ratio(row.cost_ratio, row, report) for row in found)),
        _column("cost", "$ / 1k tasks", (_thousand(row.cost_per_task.value) for row in found)),
        _column("p95", "p95", (figures.seconds(row.latency_p95.value) for row in found)),
        _column("failed", "failed", (figures.percent(row.failure_rate.value) for row in found)),
        _column("changed", "moved", (_changed(row, report) for row in found)),
        _column("status", "shown", (status(row) for row in found), right=False),
    ]
    return tuple(made)


def title(row: RouteReport, report: RoutingReport) -> str:
    """Return the name of a route, with a star where it is recommended."""
    return ("* " if row.name == report.recommended else "") + label(row.name, _WIDE)


def deciding(report: RoutingReport) -> tuple[Column, ...]:
    """Return the columns that decide, for a narrow place; `account` and `seen_words` say the others of each route."""
    return tuple(
        each for each in columns(report) if each.key in {"candidate", "quality", "gain", "ratio", "status"}
    )


def account(row: RouteReport) -> str:
    """Return what a route costs and how long it takes, in a line."""
    return (
        f"{_thousand(row.cost_per_task.value)} for 1,000 tasks, p50 {figures.seconds(row.latency_p50.value)}, "
        f"p95 {figures.seconds(row.latency_p95.value)}, failed {figures.percent(row.failure_rate.value)}"
    )


def seen_words(row: RouteReport) -> list[str]:
    """Return what a route seems to gain on the cases that it was chosen on, in a sentence."""
    if row.seen_gain is None:
        return []
    return [f"on the cases that it was chosen on it seems to gain {100 * row.seen_gain:+.1f} points"]


def misses(row: RouteReport) -> list[str]:
    """Return the bars that a route is shown to miss, in a sentence."""
    missed = [visible(check.bar) for check in row.checks if check.status == "misses"]
    return [f"misses {', '.join(missed)}"] if missed else []


def candidate_columns(report: RoutingReport) -> tuple[Column, ...]:
    """Return the candidates on the same cases."""
    found = report.candidates
    return (
        _column("candidate", "candidate", (name(row.name) for row in found), right=False),
        _column("quality", "quality (95%)", (figures.interval(row.quality) for row in found)),
        _column("cost", "$ / 1k tasks", (_thousand(row.cost_per_task.value) for row in found)),
        _column("p95", "p95", (figures.seconds(row.latency_p95.value) for row in found)),
        _column("signal", "signal", (label(row.signal or "-") for row in found), right=False),
    )


def gain(row: RouteReport, report: RoutingReport) -> str:
    """Return how much better a route is than the best single candidate."""
    return figures.MISSING if row.name == report.best.name else difference(row.gain)


def difference(found: Difference | None) -> str:
    """Return a difference of shares in points, with its interval.

    Example:
        >>> difference(Difference(value=0.031, low=0.01, high=0.052)), difference(None)
        ('+3.1 [+1.0, +5.2]', '-')
    """
    if found is None or found.value is None or found.low is None or found.high is None:
        return figures.MISSING
    ends = (
        round(100 * each, 1) + 0.0 for each in (found.value, found.low, found.high)
    )  # no minus before a zero
    value, low, high = (f"{each:+.1f}" for each in ends)
    return f"{value} [{low}, {high}]"


def seen(row: RouteReport, report: RoutingReport) -> str:
    """Return what a route seems to gain on the cases that it was chosen on."""
    hidden = row.seen_gain is None or row.name == report.best.name
    return figures.MISSING if hidden or row.seen_gain is None else f"{100 * row.seen_gain:+.1f}"


def ratio(found: Ratio, row: RouteReport, report: RoutingReport) -> str:
    """Return what a route costs over what the best single candidate does."""
    if found.value is None or found.low is None or found.high is None or row.name == report.best.name:
        return figures.MISSING
    return f"{found.value:.2g} [{found.low:.2g}, {found.high:.2g}]"


def status(row: RouteReport) -> str:
    """Return what is shown of a route, in a word."""
    if row.kind == "single":
        return figures.MISSING
    return SHOWN[row.status]


def alike(report: RoutingReport) -> tuple[RouteReport, ...]:
    """Return the routes that ask the same candidate for all as the best single one, on every part of the cases."""
    return tuple(
        row for row in rows(report)[1:] if row.changed == 0 and row.kind != "cascade" and len(row.rules) == 1
    )


def rule_lines(row: RouteReport) -> list[str]:
    """Return who a route asks, a line for each slice with its own."""
    lines = [f"{_slice(rule, row)}: {stages(rule.stages)}" for rule in row.rules[:RULES_LIMIT]]
    more = len(row.rules) - len(lines)
    return [*lines, f"and {more:,} more"] if more > 0 else lines


def _slice(rule: RouteRule, row: RouteReport) -> str:
    if rule.slice is None:
        return "all" if len(row.rules) == 1 else f"all others ({figures.count(rule.cases, 'case')})"
    return f"{label(rule.slice, _WIDE)} ({figures.count(rule.cases, 'case')})"


def stages(found: Sequence[RouteStage]) -> str:
    """Return who is asked, one after another, and when a reply stands.

    Example:
        >>> stages([RouteStage(candidate="small", signal="confidence", least=0.8), RouteStage(candidate="large")])
        'small where confidence >= 0.8, else large'
    """
    said = []
    for place, stage in enumerate(found):
        words = name(stage.candidate)
        if stage.least is not None:
            words += f" where {label(stage.signal or 'its signal', _WIDE)} >= {stage.least:.4g}"
        elif place < len(found) - 1:
            words += " unless it fails"
        said.append(words)
    return ", else ".join(said)


def asked(row: RouteReport) -> str:
    """Return the share of cases that each candidate is asked."""
    shares = list(row.asked.items())[:8]
    return ", ".join(f"{name(each)} {figures.percent(share)}" for each, share in shares)


def beside(row: RouteReport) -> list[str]:
    """Return how a route stands beside the incumbent, and a cascade beside its strong candidate, in sentences."""
    said = []
    if row.last is not None and row.versus_last is not None:
        cost = row.cost_versus_last
        price = "" if cost.value is None else f", cost x {cost.value:.2g} [{cost.low:.2g}, {cost.high:.2g}]"
        said.append(f"beside {name(row.last)} alone {difference(row.versus_last)} points{price}")
    if row.versus_incumbent is not None:
        said.append(f"beside the incumbent {difference(row.versus_incumbent)} points")
    return said


def _changed(row: RouteReport, report: RoutingReport) -> str:
    return figures.MISSING if row.name == report.best.name else figures.percent(row.changed)


def _thousand(value: float | None) -> str:
    return "unknown" if value is None else figures.money(1000 * value)


def _column(key: str, title: str, cells: Iterable[str], *, right: bool = True) -> Column:
    return Column(key=key, title=title, cells=tuple(cells), right=right)
