"""The tables of the gate's report: layout only, every figure is the record's."""

from collections.abc import Sequence

from passmuster.records.gate import Flip, GateLine, GateReport, ModeCheck
from passmuster.records.score import Estimate
from passmuster.report import figures
from passmuster.report.gate_words import (
    CHANGES,
    amount,
    difference,
    level_words,
    named,
    p_value,
    said,
    shown,
    slice_name,
    slice_tags,
    span,
    state,
    title,
    why,
)
from passmuster.report.views import Cell, Grid, Line, plain, words


def lines_grid(report: GateReport) -> Grid:
    """Return the table of all cases: old beside new."""
    heads = (
        ("figure", False),
        ("old", True),
        ("new", True),
        ("change (95%)", True),
        ("p", True),
        ("level", False),
        ("why", False),
    )
    return Grid(heads=heads, lines=tuple(_line(each, title(each), ()) for each in report.lines))


def slices_grid(found: Sequence[GateLine]) -> Grid:
    """Return the table of the slices, in the given order; `pooled` is the change drawn towards that of all slices."""
    heads = (
        ("slice", False),
        ("figure", False),
        ("cases", True),
        ("old", True),
        ("new", True),
        ("change (95%)", True),
        ("pooled", True),
        ("p", True),
        ("level", False),
        ("why", False),
    )
    return Grid(heads=heads, lines=tuple(_slice(each) for each in found))


def _slice(found: GateLine) -> Line:
    row = _line(found, slice_name(found), slice_tags(found))
    more = (words(title(found)), plain(f"{found.change.n:,}"))
    pooled = plain(difference(found, found.pooled))
    return Line(
        name=row.name,
        tags=row.tags,
        chosen=False,
        cells=(*more, *row.cells[:3], pooled, *row.cells[3:]),
    )


def _line(found: GateLine, name: str, tags: tuple[str, ...]) -> Line:
    cells = (
        _figure(found, found.old),
        _figure(found, found.new),
        Cell(
            text=difference(found, found.change.value),
            range=span(found, found.change, change=True),
            why=said(found.change.note or ""),
        ),
        plain(p_value(found)),
        Cell(text=level_words(found), status=state(found.level, sanity=found.sanity), number=False),
        words(why(found)),
    )
    return Line(name=name, tags=tags, chosen=False, cells=cells)


def _figure(found: GateLine, figure: Estimate) -> Cell:
    return Cell(text=amount(found, figure.value), range=span(found, figure), why=said(figure.note or ""))


def modes_grid(found: Sequence[ModeCheck]) -> Grid:
    """Return the regression cases by failure mode."""
    heads = (
        ("failure mode", False),
        ("severity", False),
        ("cases", True),
        ("fail", True),
        ("no result", True),
        ("level", False),
        ("which", False),
        ("link", False),
    )
    return Grid(heads=heads, lines=tuple(_mode(each) for each in found))


def _mode(found: ModeCheck) -> Line:
    which = named(found.failed) or named(found.untested)
    cells = (
        words(shown(found.severity or figures.MISSING)),
        plain(f"{found.cases:,}"),
        plain(f"{len(found.failed):,}"),
        plain(f"{len(found.untested):,}"),
        Cell(text=found.level, status=state(found.level), number=False),
        words(which),
        words(shown(found.link or figures.MISSING, 120)),
    )
    return Line(name=shown(found.mode), tags=(), chosen=False, cells=cells)


def flips_grid(found: Sequence[Flip]) -> Grid:
    """Return the cases whose result changed, and what both versions said when they were asked again."""
    heads = (
        ("case", False),
        ("change", False),
        ("slice", False),
        ("failure mode", False),
        ("old right", True),
        ("new right", True),
        ("fails for good", False),
    )
    return Grid(heads=heads, lines=tuple(_flip(each) for each in found))


def _flip(found: Flip) -> Line:
    where = shown(found.category) + ("" if found.stratum is None else f", {shown(found.stratum)}")
    cells = (
        words(CHANGES[found.change]),
        words(where),
        words(shown(found.failure_mode or figures.MISSING)),
        plain(_of_times(found.old_right, found.asked)),
        plain(_of_times(found.new_right, found.asked)),
        Cell(text=_for_good(found), status="fail" if found.regressed else "", number=False),
    )
    return Line(name=shown(found.case, 60), tags=(), chosen=False, cells=cells)


def _of_times(right: int | None, asked: int) -> str:
    return figures.MISSING if right is None else f"{right} of {asked}"


def _for_good(found: Flip) -> str:
    return {True: "yes", False: "no", None: "not asked again"}[found.regressed]
