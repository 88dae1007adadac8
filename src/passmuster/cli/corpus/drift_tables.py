"""What `passmuster corpus drift` prints for people."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from passmuster.corpus.drift.report import CellShift, Drift, DriftTest, Reweighted
from passmuster.records.score import Estimate
from passmuster.report.escape import visible

_VERDICTS = {"found": "drift found", "none": "no drift found", "unknown": "cannot tell"}
_CELLS = 10
_EXAMPLES = 5
_WIDTH = 90


def print_drift(found: Drift, console: Console) -> None:
    """Print the verdict and what it means first, then the tests, what moved, what is new, and the scores."""
    sides = f"{found.corpus.used:,} cases, {found.traffic.used:,} records of traffic"
    console.print(Text(f"{_VERDICTS[found.status]}: {sides}", style="bold"))
    for line in found.summary:
        console.print(Text(f"  {visible(line)}"), soft_wrap=True)
    console.print(_tests(found.tests))
    if found.cells and found.by is not None:
        _titled(console, f"where traffic lies, by {found.by}", _cells(found.by, found.cells))
    if found.words:
        rows = ((word.word, _percent(word.corpus), _percent(word.traffic)) for word in found.words)
        _titled(
            console, "words that differ, in so many of the texts", _table(("word", "corpus", "today"), rows)
        )
    if found.new is not None and found.new.examples:
        console.print(
            Text("\nlike no case of the corpus, those that are like one another first", style="bold")
        )
        for example in found.new.examples[:_EXAMPLES]:
            console.print(Text(f"  {_short(example.id, 20)}  {_short(example.text, _WIDTH)}"), soft_wrap=True)
    if found.reweighted is not None:
        _scores(found.reweighted, console)


def _tests(tests: Iterable[DriftTest]) -> Table:
    rows = (
        (
            test.name,
            _p(test.p),
            _p(test.adjusted),
            "yes" if test.drift else "no",
            test.effect or test.note or "",
        )
        if test.p is not None
        else (test.name, "-", "-", "-", test.note or "")
        for test in tests
    )
    return _table(("test", "p", "of all", "drift", "effect"), rows, left=(0, 4))


def _cells(by: str, cells: tuple[CellShift, ...]) -> Table:
    rows = [
        (cell.name, _percent(cell.corpus), _percent(cell.traffic), str(cell.records))
        for cell in cells[:_CELLS]
    ]
    if len(cells) > _CELLS:
        rest = cells[_CELLS:]
        shares = sum(cell.corpus for cell in rest), sum(cell.traffic for cell in rest)
        total = sum(cell.records for cell in rest)
        rows.append((f"{len(rest)} more", _percent(shares[0]), _percent(shares[1]), str(total)))
    return _table(({"strata": "stratum", "topics": "topic"}[by], "corpus", "today", "records"), rows)


def _scores(found: Reweighted, console: Console) -> None:
    metric = found.scores[0].metric if found.scores else ""
    rows = (
        (each.candidate, _figure(each.corpus), _figure(each.today), each.verdict, each.verdict_today)
        for each in found.scores
    )
    heads = ("candidate", f"{metric}, corpus", "today's mix", "verdict", "today")
    _titled(console, "stored candidates in today's mix", _table(heads, rows, left=(0, 3, 4)))
    if found.covered < 1:
        console.print(
            Text(
                f"  {_percent(1 - found.covered)} of today's traffic lies where no case is scored: nothing is known of it."
            ),
            soft_wrap=True,
        )
    console.print(Text(f"  {visible(_said(found))}"), soft_wrap=True)


def _said(found: Reweighted) -> str:
    before, today = _decision(found.status, found.chosen), _decision(found.status_today, found.chosen_today)
    if not found.changed:
        return f"The decision stays: {before}."
    if found.status_today == "undecided" and found.status != "undecided":
        return f"The decision for {before} would be open: in today's mix these cases are worth fewer."
    return f"The decision would change: {before} -> {today}."


def _decision(status: str, name: str | None) -> str:
    return name if name is not None else {"none": "none passes"}.get(status, status)


def _figure(figure: Estimate) -> str:
    if figure.value is None:
        return "-"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.2f}"
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"


def _titled(console: Console, title: str, table: Table) -> None:
    console.print(Text(f"\n{title}", style="bold"))
    console.print(table)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]], left: tuple[int, ...] = (0,)) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for place, head in enumerate(heads):
        table.add_column(head, overflow="fold", justify="left" if place in left else "right")
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    return table


def _p(value: float | None) -> str:
    if value is None:
        return "-"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _short(text: str, width: int) -> str:
    line = " ".join(visible(text).split())
    return line if len(line) <= width else f"{line[: width - 1]}…"
