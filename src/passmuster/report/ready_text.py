"""The readiness checklist in the terminal, and as Markdown to commit or to send."""

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from passmuster.records.readiness import ItemStatus, ReadyItem, ReadyReport
from passmuster.report.escape import visible
from passmuster.report.markdown import cell

MARKS: dict[ItemStatus, tuple[str, str]] = {
    "done": ("done", "green"),
    "missing": ("MISSING", "bold red"),
    "not needed": ("not needed", "dim"),
    "not available": ("n/a", "dim"),
}
"""How each status is written, and its colour: the word alone says it."""

_WIDTH = 11
_INDENT = _WIDTH + 2


def render_ready(report: ReadyReport, console: Console) -> None:
    """Print the checklist: each item in a line or two, with what settles it where it is missing."""
    about = "" if report.candidate is None else f" · {report.candidate}"
    console.print(Text(visible(f"{report.task}{about} · is it ready for production?"), style="bold"))
    console.print()
    for item in report.items:
        word, style = MARKS[item.status]
        line = Text(f"{word:>{_WIDTH}}  ", style=style)
        line.append(visible(item.name), style="bold")
        console.print(line)
        _indented(console, f"{item.question} {item.finding}")
        for fact in item.evidence:
            _indented(console, fact, style="dim")
        for step in item.fix:
            # A command that is broken over two lines cannot be copied.
            console.print(Text(f"{'':{_INDENT}}-> {visible(step)}", style="cyan"), soft_wrap=True)
    console.print()
    console.print(Text(summary(report), style="bold"))


def _indented(console: Console, text: str, style: str = "") -> None:
    console.print(Padding(Text(visible(text), style=style), (0, 0, 0, _INDENT)))


def summary(report: ReadyReport) -> str:
    """Return how the list stands, in a sentence.

    Example:
        >>> item = ReadyItem(name="holdout", question="?", status="missing", finding="There is none.")
        >>> summary(ReadyReport(schema_version=1, task="t", generated="", candidate=None, items=(item,)))
        'Not ready: 0 of 1 is done, 1 is missing.'
    """
    done, needless = report.count("done"), report.count("not needed")
    missing, unknown = report.count("missing"), report.count("not available")
    parts = [f"{done} of {len(report.items)} {'is' if len(report.items) == 1 else 'are'} done"]
    if needless:
        parts.append(f"{needless} {'is' if needless == 1 else 'are'} not needed")
    if missing:
        parts.append(f"{missing} {'is' if missing == 1 else 'are'} missing")
    if unknown:
        parts.append(f"{unknown} cannot be looked at by this release")
    head = "Not ready" if missing else "Nothing is missing, as far as can be told" if unknown else "Ready"
    return f"{head}: {', '.join(parts)}."


def ready_markdown(report: ReadyReport) -> str:
    """Return the checklist as Markdown: a list of boxes, checked where an item is done."""
    lines = [f"# Is {cell(report.task)} ready for production?", "", cell(summary(report)), ""]
    for item in report.items:
        lines += _markdown_item(item)
    lines += ["", f"Looked up {cell(report.generated)}."]
    return "\n".join(lines) + "\n"


def _markdown_item(item: ReadyItem) -> list[str]:
    box = "x" if item.status in {"done", "not needed"} else " "
    unknown = " (not available)" if item.status == "not available" else ""
    lines = [f"- [{box}] **{cell(item.name)}**{unknown}: {cell(item.question)} {cell(item.finding)}"]
    lines += [f"  - {cell(fact)}" for fact in item.evidence]
    lines += [f"  - to do: {cell(step)}" for step in item.fix]
    return lines
