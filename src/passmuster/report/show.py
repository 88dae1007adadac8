"""Stored runs and single cases in a terminal: what `runs` and `show` print."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from passmuster.records.comparison import Answer, CaseEvidence
from passmuster.records.run import Run, RunEnd
from passmuster.report import figures
from passmuster.report.escape import cut, label, line, visible
from passmuster.report.json_text import record_json

TEXT_LIMIT = 4000
CELL_LIMIT = 60


def render_runs(runs: Sequence[tuple[Run, RunEnd | None]], console: Console) -> None:
    """Print one line a run, newest first as given; a run without an end was killed or is still running."""
    if not runs:
        console.print(Text("No runs yet. Start one: passmuster run"))
        return
    heads = (
        "run",
        "started (UTC)",
        "task",
        "candidates",
        "cases",
        "asked",
        "reused",
        "failed",
        "spend",
        "status",
    )
    right = {"candidates", "cases", "asked", "reused", "failed", "spend"}
    table = _table(heads, right)
    for run, end in runs:
        table.add_row(*(Text(text) for text in _run_cells(run, end)))
    console.print(table)


def _run_cells(run: Run, end: RunEnd | None) -> tuple[str, ...]:
    started = datetime.fromtimestamp(run.started, UTC).strftime("%Y-%m-%d %H:%M:%S")
    sizes = (label(run.id), started, label(run.task), f"{len(run.candidates):,}", f"{len(run.cases):,}")
    if end is None:
        return (*sizes, *(figures.MISSING for _ in range(4)), "no end recorded")
    spend = "unknown" if end.spend is None else figures.money(end.spend)
    return (*sizes, f"{end.asked:,}", f"{end.reused:,}", f"{end.failed:,}", spend, end.status)


def render_run(run: Run, end: RunEnd | None, console: Console) -> None:
    """Print a run's summary: its plan, how it ended, and its candidates."""
    cells = _run_cells(run, end)
    console.print(Text(f"run {cells[0]} · {cells[2]} · corpus {run.corpus[:8]} · started {cells[1]} UTC"))
    trials = len(run.cases) * len(run.candidates) * run.repeats
    plan = f"{figures.count(len(run.cases), 'case')} x {figures.count(len(run.candidates), 'candidate')}"
    console.print(
        Text(f"plan: {plan} x {figures.count(run.repeats, 'repeat')} = {figures.count(trials, 'trial')}")
    )
    if end is None:
        console.print(Text("no end recorded: it is still running, or it was killed; run again to resume"))
    else:
        ended = f"{end.status}: {cells[5]} asked, {cells[6]} reused, {cells[7]} failed, spend {cells[8]}"
        console.print(Text(f"{ended}, took {figures.seconds(end.ended - run.started)}"))
    table = _table(("candidate", "kind", "provider", "model", "prompt"), set())
    for each in run.candidates:
        prompt = figures.MISSING if each.prompt is None else label(each.prompt.name)
        marked = label(each.name) + (" (simulated)" if each.simulated else "")
        cells = (marked, each.kind, label(each.provider), label(each.model or figures.MISSING), prompt)
        table.add_row(*(Text(text) for text in cells))
    console.print(table)


def render_case(evidence: CaseEvidence, console: Console) -> None:
    """Print one case with its reference and every candidate's answer."""
    place = (
        evidence.category
        if evidence.stratum is None
        else f"{evidence.category} · {line(evidence.stratum, 80)}"
    )
    console.print(Text(f"case {line(evidence.id, 200)} · {place}", style="bold"))
    _block(console, "input", evidence.input)
    _block(console, "reference", reference_text(evidence.reference))
    for answer in evidence.answers:
        right = "right" if answer.candidate in evidence.right else "failed" if answer.failure else "not right"
        scores = ", ".join(f"{label(key)} {figures.number(value)}" for key, value in answer.scores.items())
        console.print()
        console.print(
            Text(f"{label(answer.candidate)}: {right}" + (f" ({scores})" if scores else ""), style="bold")
        )
        _answer(console, answer)


def _answer(console: Console, answer: Answer) -> None:
    if answer.failure is not None:
        _block(console, "failure", answer.failure)
    if answer.text is not None:
        _block(console, "reply", answer.text)
    if answer.answer is not None and answer.answer != answer.text:
        _block(console, "read as", answer.answer)


def render_disagreements(evidence: Sequence[CaseEvidence], console: Console, *, limit: int = 50) -> None:
    """Print the cases that some candidates got right and some did not, one line each."""
    disputed = [each for each in evidence if each.disputed]
    if not disputed:
        console.print(Text(f"No disagreement in {figures.count(len(evidence), 'case')}."))
        return
    table = _table(("case", "reference", "right", "not right", "input"), set())
    for each in disputed[:limit]:
        wrong = [answer.candidate for answer in each.answers if answer.candidate not in each.right]
        reference = line(reference_text(each.reference), CELL_LIMIT)
        cells = (label(each.id), reference, _names(each.right), _names(wrong), _start(each.input))
        table.add_row(*(Text(text) for text in cells))
    console.print(table)
    shown = min(limit, len(disputed))
    console.print(
        Text(
            f"{shown:,} of {figures.count(len(disputed), 'case')} with disagreement shown; one of them: passmuster show RUN CASE"
        )
    )


def reference_text(reference: object) -> str:
    """Return a reference as text: text as it is, anything else as JSON, `-` where there is none."""
    if reference is None:
        return figures.MISSING
    return reference if isinstance(reference, str) else record_json(reference)


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(label(each, 24) for each in names[:4])
    return shown + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _start(text: str) -> str:
    return label(text, CELL_LIMIT)


def _block(console: Console, title: str, text: str) -> None:
    console.print(Text(f"  {title}:", style="dim"))
    for part in visible(cut(text, TEXT_LIMIT), block=True).split("\n"):
        console.print(Text("    " + part.expandtabs(4)), soft_wrap=True, highlight=False)


def _table(heads: Sequence[str], right: set[str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for head in heads:
        table.add_column(head, justify="right" if head in right else "left", overflow="fold")
    return table
