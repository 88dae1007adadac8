"""A plan in the terminal: the cost, the chance of a decision, and what the cases can show."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from passmuster.records.decision import HOPELESS
from passmuster.records.plan import BarPlan, CandidatePlan, CasesNeeded, Chance, MarginPlan, Plan
from passmuster.report import figures
from passmuster.report.escape import label, visible

WIDEST = 32
MOST_ROWS = 40
"""Lines of a table that grows with bars or candidates; the JSON has them all."""


def render_plan(plan: Plan, console: Console) -> None:
    """Print a plan."""
    _say(console, _headline(plan), style="bold")
    _say(console, _cost(plan))
    _print(console, _candidates(plan.candidates))
    for text in (*_chance(plan), *plan.advice):
        _say(console, text)
    _print(console, _bars(plan.bars, plan))
    _say(console, _difference(plan))
    _print(console, _margins(plan.margins))
    _print(console, _needs(plan.needs))


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(visible(text), style=style), soft_wrap=True)


def _print(console: Console, table: Table | None) -> None:
    if table is not None:
        console.print()
        console.print(table)
        console.print()


def _headline(plan: Plan) -> str:
    count = figures.count(plan.corpus_cases, "case")
    even = round(plan.effective)
    weighted = f", worth {even:,} of equal weight" if even < plan.cases else ""
    other = "" if plan.cases == plan.corpus_cases else f" · as if there were {plan.cases:,}"
    who = figures.count(len(plan.candidates), "candidate")
    return f"{plan.task} · corpus {plan.corpus[:8]} ({plan.split}, {count}{weighted}){other} · {who}"


def _cost(plan: Plan) -> str:
    likely = "an unknown amount" if plan.expected is None else f"about {figures.money(plan.expected)}"
    worst = "" if plan.worst is None else f", at most {figures.money(plan.worst)} without retries"
    time = "" if not plan.seconds else f", about {_duration(plan.seconds)}"
    return f"{figures.count(plan.trials, 'trial')} to ask: {likely}{worst}{time}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:,.0f} min" if seconds < 5400 else f"{seconds / 3600:,.1f} h"


def _candidates(rows: Sequence[CandidatePlan]) -> Table | None:
    open_rows = [row for row in rows if row.trials]
    columns = [
        ("to ask", [f"{row.trials:,}" for row in open_rows]),
        ("stored", [f"{row.stored:,}" for row in open_rows]),
        ("tokens in", [_tokens(row.input_tokens) for row in open_rows]),
        ("tokens out", [_tokens(row.output_tokens) for row in open_rows]),
        ("expected", [figures.money(row.expected) for row in open_rows]),
        ("at most", [figures.money(row.worst) for row in open_rows]),
        ("time", [figures.MISSING if row.seconds is None else _duration(row.seconds) for row in open_rows]),
    ]
    telling = [(head, cells) for head, cells in columns if set(cells) - {figures.MISSING, "0", "$0"}]
    if not open_rows:
        return None
    table = _table("candidate", *(head for head, _ in telling), left=("known",))
    for place, row in enumerate(open_rows):
        table.add_row(label(row.name, WIDEST), *(cells[place] for _, cells in telling), row.known)
    return table


def _tokens(number: float | None) -> str:
    return figures.MISSING if number is None else f"{number:,.0f}"


def _chance(plan: Plan) -> Iterable[str]:
    count = figures.count(plan.cases, "case")
    if plan.chance is not None:
        yield f"Chance of a decision with these {count}: {_percent(plan.chance)}{_parts(plan.chance)}."
        if plan.with_finalists is not None:
            named = _listed(plan.with_finalists.finalists)
            yield f"With {named} named as finalists beforehand: {_percent(plan.with_finalists)}{_parts(plan.with_finalists)}."
    for each in plan.headroom:
        yield (
            f"Chance of a decision with these {count} if the best candidate is {figures.points(each.above, signed=False)} above"
            f" the bar on {plan.headroom_bar}: {each.all_candidates:.0%} ({each.three_finalists:.0%} among 3 finalists,"
            f" {each.alone:.0%} alone)."
        )
    if plan.assumed:
        yield f"Taken to be met where nothing is stated: {'; '.join(plan.assumed)}."


def _percent(chance: Chance) -> str:
    return f"{chance.total:.0%} (+-{max(1, round(chance.error * 100))})"


def _parts(chance: Chance) -> str:
    parts = [f"{each.name} chosen {each.share:.0%}" for each in chance.chosen[:3] if each.share >= 0.005]
    if chance.none >= 0.005:
        parts.append(f"all shown to fail {chance.none:.0%}")
    return f": {', '.join(parts)}" if parts else ""


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _bars(bars: Sequence[BarPlan], plan: Plan) -> Table | None:
    if not bars:
        return None
    family = plan.family
    heads = [f"among {family}"] if family > 1 else []
    heads += ["among 3"] if family > 3 else []
    sizes = [f"{bar.cases:,}" for bar in bars]
    heads = [*(["cases"] if len(set(sizes)) > 1 else []), *heads, "alone"]
    table = _table("true figure that passes in 80% of runs", *heads, wrapped=True)
    for bar, size in zip(bars[:MOST_ROWS], sizes, strict=False):
        shown = [bar.among_all] if family > 1 else []
        shown += [bar.among_finalists] if family > 3 else []
        cells = [size] if len(set(sizes)) > 1 else []
        cells += [_rate(bar, each) for each in (*shown, bar.alone)]
        table.add_row(label(bar.bar, WIDEST + 16), *cells)
    _rest(table, len(bars))
    return table


def _rate(bar: BarPlan, value: float | None) -> str:
    if value is None:
        return figures.MISSING
    return f"{value:.1%} within" if bar.within else figures.number(value)


def _difference(plan: Plan) -> str:
    found = plan.discordance
    ends = "" if found.low is None or found.high is None else f" [{found.low:.0%}, {found.high:.0%}]"
    source = {"pilot": "in the pilot", "stated": "by what is expected"}.get(found.known, "as is usual")
    basis = f"exactly one of two candidates is right on {found.value:.0%}{ends} of the cases {source}"
    if found.difference is None:
        return f"No difference between two candidates can be shown with so few cases, if {basis}."
    margin = (
        ""
        if found.margin is None
        else f"; an equally good one is shown not to be worse by {figures.points(found.margin, signed=False)}"
    )
    return f"Smallest difference of two candidates that is shown in 80% of runs: {figures.points(found.difference, signed=False)}{margin} ({basis})."


def _margins(rows: Sequence[MarginPlan]) -> Table | None:
    if not rows:
        return None
    table = _table("to show", "cases", "interval", wrapped=True)
    for row in rows:
        table.add_row(
            label(f"{row.what} ({figures.points(row.margin, signed=False)})", 2 * WIDEST),
            _cases(row.cases),
            _ends(row.low, row.high),
        )
    return table


def _needs(rows: Sequence[CasesNeeded]) -> Table | None:
    if not rows:
        return None
    names = list(dict.fromkeys(row.candidate for row in rows))
    shown = [_deciding([row for row in rows if row.candidate == name]) for name in names[:MOST_ROWS]]
    piloted = any(row.low is not None for row in shown)
    heads = ("is at", "cases needed", *(("interval",) if piloted else ()))
    table = _table("candidate", *heads, left=("to show that it", "known"))
    for row in shown:
        table.add_row(
            label(row.candidate, WIDEST),
            f"{row.value:.1%} within" if row.within else figures.number(row.value),
            _cases(row.cases),
            *((_ends(row.low, row.high),) if piloted else ()),
            f"{row.shows} {label(row.bar, WIDEST)}",
            row.known,
        )
    _rest(table, len(names))
    return table


def _rest(table: Table, rows: int) -> None:
    if rows > MOST_ROWS:
        table.add_row(f"and {rows - MOST_ROWS:,} more (--json)")


def _deciding(rows: Sequence[CasesNeeded]) -> CasesNeeded:
    """Return the bar that a verdict waits for: one shown miss is a fail, a pass needs every bar."""
    missed = [row for row in rows if row.shows == "misses"]
    if missed:
        return min(missed, key=_number)
    return max(rows, key=_number)


def _number(row: CasesNeeded) -> float:
    return float("inf") if row.cases is None else row.cases


def _cases(number: int | None) -> str:
    if number is None or number > HOPELESS:
        return "too close to tell"
    return f"{number:,}"


def _ends(low: int | None, high: int | None) -> str:
    if low is None:
        return figures.MISSING
    return f"{low:,} or more" if high is None or high > HOPELESS else f"{low:,} to {high:,}"


def _table(first: str, *numeric: str, left: Sequence[str] = (), wrapped: bool = False) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column(first, no_wrap=not wrapped)
    for head in numeric:
        table.add_column(head, justify="right", no_wrap=True)
    for head in left:
        table.add_column(head)
    return table
