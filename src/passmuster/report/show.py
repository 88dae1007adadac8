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
from passmuster.report.score_notes import score_notes
from passmuster.report.turn_words import STATES, kind_of_turn, state_of

TEXT_LIMIT = 4000
CELL_LIMIT = 60


def render_runs(runs: Sequence[tuple[Run, RunEnd | None]], console: Console) -> None:
    """Print each run, newest first as given; a run without an end was killed or is still running."""
    if not runs:
        console.print(Text("No runs yet. Start one: passmuster run"))
        return
    for run, end in runs:
        status = "no end recorded" if end is None else end.status
        console.print(Text(label(run.id), style="bold") + Text(f"  {status}", style="not bold"))
        plan = f"{figures.count(len(run.candidates), 'candidate')} x {figures.count(len(run.cases), 'case')}"
        parts = (f"started {_started(run)} UTC", plan, *(() if end is None else (_account(end),)))
        console.print(Text("    " + " · ".join(parts)))
        for note in () if end is None else _notes(end):
            console.print(Text(f"    {note}"))


def _started(run: Run) -> str:
    return datetime.fromtimestamp(run.started, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _account(end: RunEnd) -> str:
    spend = "unknown" if end.spend is None else figures.money(end.spend)
    return f"{end.asked:,} asked, {end.reused:,} reused, {end.failed:,} failed, spend {spend}"


def _notes(end: RunEnd) -> list[str]:
    """Return what else there is to know of a run, a line each."""
    notes = [f"{end.cached:,} of the reused ones came from the cache"] if end.cached else []
    if end.at_risk:
        notes.append(
            f"up to {figures.money(end.at_risk)} more may have been billed: calls without an account"
        )
    notes += [f"{label(name)} was not sent {count:,} trials (egress)" for name, count in end.withheld.items()]
    notes += [
        f"{label(name)} was given up: {line(reason, TEXT_LIMIT)}" for name, reason in end.stopped.items()
    ]
    notes += [line(remark, TEXT_LIMIT) for remark in end.remarks]
    if end.distorted and end.lag is not None:
        names = ", ".join(map(label, end.distorted))
        late = figures.seconds(end.lag.p99)
        notes.append(f"passmuster's own delay (p99 {late}) may have moved the p99 of {names}")
    return notes


def render_run(run: Run, end: RunEnd | None, console: Console) -> None:
    """Print a run's summary: its plan, how it ended, and its candidates."""
    console.print(
        Text(
            f"run {label(run.id)} · {label(run.task)} · corpus {run.corpus[:8]} · started {_started(run)} UTC"
        )
    )
    trials = len(run.cases) * len(run.candidates) * run.repeats
    plan = f"{figures.count(len(run.cases), 'case')} x {figures.count(len(run.candidates), 'candidate')}"
    console.print(
        Text(f"plan: {plan} x {figures.count(run.repeats, 'repeat')} = {figures.count(trials, 'trial')}")
    )
    if end is None:
        console.print(Text("no end recorded: it is still running, or it was killed; run again to resume"))
    else:
        took = figures.seconds(end.ended - run.started)
        console.print(Text(f"{end.status}: {_account(end)}, took {took}"))
        for note in _notes(end):
            console.print(Text(note))
    table = _table(("candidate", "kind", "provider", "model", "prompt"))
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
    if evidence.wanted:
        _block(console, "right is what", "\n".join(evidence.wanted))
    for answer in evidence.answers:
        right = STATES[state_of(evidence, answer)] + kind_of_turn(answer)
        scores = ", ".join(f"{label(key)} {figures.number(value)}" for key, value in answer.scores.items())
        console.print()
        console.print(
            Text(f"{label(answer.candidate)}: {right}" + (f" ({scores})" if scores else ""), style="bold")
        )
        _answer(console, answer)
        for reason in score_notes(answer):
            console.print(Text(f"  {reason}", style="dim"))


def _answer(console: Console, answer: Answer) -> None:
    if answer.failure is not None:
        _block(console, "failure", answer.failure)
    if answer.steps:
        _block(console, "steps", "\n".join(" ".join(step.split("\n")) for step in answer.steps))
    if answer.text is not None:
        _block(console, "reply", answer.text)
    if answer.answer is not None and answer.answer != answer.text:
        _block(console, "read as", answer.answer)


def render_disagreements(
    disputed: Sequence[CaseEvidence], console: Console, *, counts: tuple[int, int]
) -> None:
    """Print cases that some candidates got right and some did not, with who did.

    `counts` are how many there are of them, and of all cases.
    """
    of_them, of_all = counts
    if not disputed:
        console.print(Text(f"No disagreement in {figures.count(of_all, 'case')}."))
        return
    for each in disputed:
        wrong, unknown = _not_right(each)
        reference = line(reference_text(each.reference), CELL_LIMIT)
        console.print(Text(label(each.id), style="bold") + Text(f"  {reference}", style="not bold"))
        console.print(Text(f"    {_start(each.input, console.width - 4)}"), no_wrap=True, overflow="ellipsis")
        said = [("right", each.right), ("not right", wrong), *((("not known", unknown),) if unknown else ())]
        console.print(Text("    " + " · ".join(f"{what}: {_names(names) or '-'}" for what, names in said)))
    many = figures.count(of_them, "case")
    console.print(
        Text(f"{len(disputed):,} of {many} with disagreement shown. One of them: passmuster show latest CASE")
    )


def render_behind(
    cases: Sequence[CaseEvidence], candidate: str, what: str, count: int, console: Console
) -> None:
    """Print the cases behind a candidate's figures, each with what it answered; `count` is how many there are."""
    for case in cases:
        answer = next(each for each in case.answers if each.candidate == candidate)
        reference = line(reference_text(case.reference), CELL_LIMIT)
        took = "" if answer.seconds is None else f"  {figures.seconds(answer.seconds)}"
        console.print(Text(label(case.id), style="bold") + Text(f"  {reference}{took}", style="not bold"))
        console.print(Text(f"    {_start(case.input, console.width - 4)}"), no_wrap=True, overflow="ellipsis")
        said = answer.text if answer.failure is None else answer.failure
        told = STATES[state_of(case, answer)] + kind_of_turn(answer)
        console.print(
            Text(f"    {told}: {_start(said or figures.MISSING, console.width - 8 - len(told))}"),
            no_wrap=True,
            overflow="ellipsis",
        )
    name = label(candidate, CELL_LIMIT)
    many = f"{figures.count(count, 'case')} of {name} ({what})"
    console.print(Text(f"{len(cases):,} of {many} shown. One of them: passmuster show latest CASE"))


def _not_right(case: CaseEvidence) -> tuple[list[str], list[str]]:
    """Return who was not right, and of whom it is not known."""
    states = [(answer.candidate, state_of(case, answer)) for answer in case.answers]
    wrong = [name for name, state in states if state in ("wrong", "failed")]
    return wrong, [name for name, state in states if state == "unknown"]


def reference_text(reference: object) -> str:
    """Return a reference as text: text as it is, anything else as JSON, `-` where there is none."""
    if reference is None:
        return figures.MISSING
    return reference if isinstance(reference, str) else record_json(reference)


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(label(each, 24) for each in names[:4])
    return shown + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _start(text: str, width: int) -> str:
    return label(text, max(20, width))


def _block(console: Console, title: str, text: str) -> None:
    console.print(Text(f"  {title}:", style="dim"))
    for part in visible(cut(text, TEXT_LIMIT), block=True).split("\n"):
        console.print(Text("    " + part.expandtabs(4)), soft_wrap=True, highlight=False)


def _table(heads: Sequence[str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for head in heads:
        table.add_column(head, overflow="fold")
    return table
