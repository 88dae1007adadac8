"""The gate as Markdown, for a comment or a job's summary: what matters most first, shortened where there is no room."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from passmuster.records.gate import GRAVITY, GateReport
from passmuster.records.record import Record
from passmuster.report.gate_tables import flips_grid, lines_grid, modes_grid, slices_grid
from passmuster.report.gate_words import (
    changes_said,
    commands,
    flips_by_interest,
    floor_said,
    gravest,
    header,
    left_out_said,
    notes,
    provenance,
    reasons,
    said,
    verdict,
)
from passmuster.report.github import SUMMARY_LIMIT
from passmuster.report.markdown import cell, code
from passmuster.report.views import Grid

FLIPS_SHOWN = 200
SLICES_SHOWN = 400

_SIGNS = {
    "pass": "\N{WHITE HEAVY CHECK MARK}",
    "block": "\N{CROSS MARK}",
    "investigate": "\N{LEFT-POINTING MAGNIFYING GLASS}",
    "undecided": "\N{BLACK QUESTION MARK ORNAMENT}",
    "refused": "\N{NO ENTRY SIGN}",
}
_MORE = "*{:,} more {} left out here: `passmuster gate --json` has all.*"
_ROOM = 200
"""Bytes kept for the words that say what is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block(Record):
    """A part of the text: a head, and rows of which as many stand as there is room for."""

    head: str
    rows: tuple[str, ...] = ()
    noun: str = "rows"
    beyond: int = 0


def gate_markdown(report: GateReport, *, limit: int = SUMMARY_LIMIT) -> str:
    """Return the gate as Markdown of at most `limit` bytes (UTF-8); every cell is escaped.

    Where there is no room for all, whole rows are left out from the end, and it is said how many. Under 4,000 bytes only the
    verdict is sure to stand.

    Example:
        >>> from passmuster.records.gate import GatePolicy, GateReport, GateSide
        >>> side = GateSide(name="a", digest="0")
        >>> found = GateReport(schema_version=1, task="t", generated="", old=side, new=side, corpus="", cases=0,
        ...     level="pass", finding="noise", sentence="Nothing is worse.", policy=GatePolicy())
        >>> len(gate_markdown(found, limit=5000).encode()) <= 5000
        True
    """
    room = limit
    made: list[str] = []
    for block in _blocks(report):
        text = _fitted(block, room)
        if text is None:
            made += [] if made else [f"## {_SIGNS[report.level]} {cell(verdict(report))}"]
            made.append("*The rest is left out: `passmuster gate --json` has all.*")
            break
        made.append(text)
        room -= len(text.encode()) + 2
    return "\n\n".join(made) + "\n"


def _fitted(block: _Block, room: int) -> str | None:
    """Return the block with as many of its rows as there is room for; None where not even its head fits."""
    size = len(block.head.encode()) + _ROOM
    if size > room:
        return None
    kept = []
    for row in block.rows:
        size += len(row.encode()) + 1
        if size > room:
            break
        kept.append(row)
    text = "\n".join((block.head, *kept))
    beyond = len(block.rows) - len(kept) + block.beyond
    return text if not beyond else f"{text}\n\n{_MORE.format(beyond, block.noun)}"


def _blocks(report: GateReport) -> Iterator[_Block]:
    """Yield the parts, the most important first."""
    yield _Block(
        head=f"## {_SIGNS[report.level]} {cell(verdict(report))}\n\n**{cell(said(report.sentence))}**\n\n"
        f"{cell(header(report))}"
    )
    yield from _bullets("", reasons(report))
    yield _table("### Old beside new", lines_grid(report), "rows")
    if report.modes:
        modes = sorted(report.modes, key=lambda mode: GRAVITY.index(mode.level))
        yield _table("### Regression cases, by failure mode", modes_grid(modes), "failure modes")
    if report.slices:
        rows = gravest(report.slices)
        heading = f"### Slices\n\n{sum(row.level == 'pass' for row in rows):,} of {len(rows):,} pass."
        yield _table(heading, slices_grid(rows[:SLICES_SHOWN]), "slices", len(rows) - SLICES_SHOWN)
    yield from _flips(report)
    told = [text for text in (floor_said(report), left_out_said(report)) if text is not None]
    yield from _bullets("### What to know", [*told, *notes(report)])
    typed = [f"- {cell(what)}: {code(command)}" for what, command in commands(report)]
    if typed:
        yield _Block(head="### What is behind it\n", rows=tuple(typed), noun="commands")
    facts = [f"{what}: {value}" for what, value in provenance(report)]
    yield from _bullets("### Provenance", facts)


def _flips(report: GateReport) -> Iterator[_Block]:
    summary = changes_said(report)
    if summary is None:
        return
    found = flips_by_interest(report.flips)
    heading = f"### Cases that changed\n\n{cell(summary)}"
    if not found:
        yield _Block(head=heading)
        return
    yield _table(heading, flips_grid(found[:FLIPS_SHOWN]), "cases", len(found) - FLIPS_SHOWN)


def _bullets(heading: str, texts: Sequence[str]) -> Iterator[_Block]:
    if texts:
        first, *others = [f"- {cell(text)}" for text in texts]
        head = f"{heading}\n\n{first}" if heading else first
        yield _Block(head=head, rows=tuple(others), noun="lines")


def _table(heading: str, grid: Grid, noun: str, beyond: int = 0) -> _Block:
    heads = [head for head, _ in grid.heads]
    first = "| " + " | ".join(cell(head) for head in heads) + " |"
    marks = "|" + "".join(" ---: |" if number else " --- |" for _, number in grid.heads)
    return _Block(
        head=f"{heading}\n\n{first}\n{marks}", rows=tuple(_rows(grid)), noun=noun, beyond=max(0, beyond)
    )


def _rows(grid: Grid) -> Iterator[str]:
    for line in grid.lines:
        texts = [" · ".join((line.name, *line.tags))]
        texts += [
            f"{_SIGNS[each.text.split()[0]]} {each.text}"
            if _is_level(each.text, head)
            else f"{each.text} {each.range}"
            for each, (head, _) in zip(line.cells, grid.heads[1:], strict=True)
        ]
        yield "| " + " | ".join(cell(text.strip()) for text in texts) + " |"


def _is_level(text: str, head: str) -> bool:
    return head == "level" and bool(text) and text.split(maxsplit=1)[0] in _SIGNS
