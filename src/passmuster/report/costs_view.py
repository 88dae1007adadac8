"""What a task costs, as tables, a picture, columns of text and sentences. Layout only; every figure is a record's."""

from collections.abc import Iterable, Sequence
from math import isclose

from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.costs import COMPONENTS, TOKEN_PARTS, CostReport
from passmuster.records.record import Json
from passmuster.records.score import Estimate
from passmuster.report import figures
from passmuster.report.escape import label
from passmuster.report.plots import ROW, Spec, chart, draw
from passmuster.report.rows import Column, mark, name, ordered, sentence, was_asked
from passmuster.report.views import Cell, Grid, columns_of, dollars, line, plain, words

FAR = 20.0
"""A candidate that costs so many times the dearest of the others would squeeze all others together in the picture."""

WORDS = {"silent_failure": "silent failures", "infrastructure": "machines"}
_LETTERS = {
    "tokens": "T",
    "infrastructure": "M",
    "calls": "C",
    "review": "R",
    "labour": "L",
    "silent_failure": "S",
    "upkeep": "U",
}
_COLOURS = [
    *("var(--chosen)", "var(--pass)", "var(--undecided)", "var(--muted)", "var(--ink)", "var(--fail)"),
    "var(--link)",
]
_ROOM = 0.04  # of the picture's width, below which a segment has no room for its letter
_SAME = 1e-6  # of a figure: a spread that is a rounding
_KNOWN = {"reported": "as reported", "stated": "stated", "unknown": "unknown"}


def costs(comparison: Comparison) -> Grid:
    """Return what a task, a success and a month cost, and what that rests on."""
    rows = _asked(comparison)
    monthly = any(row.cost.volume is not None for row in rows)
    upkeep = any(row.cost.upkeep for row in rows)
    priced = any(row.cost.price_source for row in rows)
    reviewed = any(row.cost.reviewed for row in rows)
    machines = any(row.cost.infrastructure for row in rows)
    heads = ["candidate", "how known", "per 1,000 successes", "per task"]
    heads += ["per month"] if monthly else []
    heads += ["of it upkeep"] if upkeep else []
    heads += ["machines"] if machines else []
    heads += [
        "tokens in",
        "tokens out",
        *(["reviewed"] if reviewed else []),
        *(["price"] if priced else []),
        "note",
    ]
    lines = []
    for row in rows:
        cost = row.cost
        cells = [words(_KNOWN.get(cost.basis, cost.basis.replace("_", " "))), dollars(row, ranged=True)]
        cells.append(money(cost.per_task))
        cells += [money(cost.per_month)] if monthly else []
        cells += [_upkeep(cost)] if upkeep else []
        cells += [words(_machines(cost))] if machines else []
        lines.append(line(comparison, row, [*cells, *_basis_cells(cost, priced=priced, reviewed=reviewed)]))
    texts = {"candidate", "how known", "price", "machines", "note"}
    return Grid(heads=tuple((head, head not in texts) for head in heads), lines=tuple(lines))


def _asked(comparison: Comparison) -> Sequence[CandidateReport]:
    """Return the candidates that have any cost to tell: of one that was never asked nothing is known."""
    return [row for row in ordered(comparison) if was_asked(row)]


def cost_parts(comparison: Comparison) -> Grid | None:
    """Return the parts of the cost of a task, those of the tokens, and what retries took; None without any."""
    rows = _asked(comparison)
    parts = _used(comparison)
    if not parts:
        return None
    tokens = [part for part in TOKEN_PARTS if any(_paid(row.cost.token_parts.get(part)) for row in rows)]
    calls = list(dict.fromkeys(call for row in rows for call in row.cost.calls))
    retries = any(_paid(row.cost.retries) for row in rows)
    heads = [WORDS.get(part, part) for part in parts]
    heads += [f"tokens: {part}" for part in tokens] + [f"call: {label(call)}" for call in calls]
    heads += ["of the tokens retries"] if retries else []
    lines = []
    for row in rows:
        cells = [money(row.cost.components.get(part)) for part in parts]
        cells += [money(row.cost.token_parts.get(part)) for part in tokens]
        cells += [money(row.cost.calls.get(call)) for call in calls]
        cells += [money(row.cost.retries)] if retries else []
        lines.append(line(comparison, row, cells))
    return Grid(heads=(("candidate", False), *((head, True) for head in heads)), lines=tuple(lines))


def costs_svg(comparison: Comparison) -> str | None:
    """Return stacked bars: per candidate what a task costs, part by part, with a letter in each part."""
    rows = _drawn(comparison)
    parts = _used(comparison)
    if not parts or not any(row.cost.per_task.value for row in rows):
        return None
    return draw(
        chart([_BARS, _TEXTS], _segments(rows), [name(row) for row in rows]),
        title="What a task costs",
        description="For each candidate, from the left: "
        + ", ".join(WORDS.get(part, part) for part in parts)
        + ". The figures stand in the table of the parts.",
        name="costs-plot",
    )


_X: Spec = {
    "field": "usd",
    "type": "quantitative",
    "stack": "zero",
    "axis": {"tickCount": 6, "format": "$~g"},
    "title": "US dollars a task, part by part",
}
_BARS: Spec = {
    "mark": {
        "type": "bar",
        "height": ROW - 10,
        "opacity": 0.85,
        "stroke": "var(--paper)",
        "strokeWidth": 1,
    },
    "encoding": {
        "x": _X,
        "order": {"field": "place"},
        "color": {
            "field": "part",
            "type": "nominal",
            "scale": {"domain": list(COMPONENTS), "range": _COLOURS},
            "legend": None,
        },
        "description": {"field": "tip"},
    },
}
_TEXTS: Spec = {
    "mark": {"type": "text", "fontSize": 12, "fontWeight": 600, "color": "var(--paper)"},
    "encoding": {
        "x": {**_X, "bandPosition": 0.5},
        "order": {"field": "place"},
        "detail": {"field": "part"},
        "text": {"field": "letter"},
    },
}


def _segments(rows: Sequence[CandidateReport]) -> list[dict[str, Json]]:
    most = max(row.cost.per_task.value or 0.0 for row in rows)
    made: list[dict[str, Json]] = []
    for row in rows:
        for place, part in enumerate(COMPONENTS):
            found = row.cost.components.get(part)
            if found is None or not found.value:
                continue
            made.append(
                {
                    "name": name(row),
                    "part": part,
                    "place": place,
                    "usd": found.value,
                    "tip": f"{name(row)}: {WORDS.get(part, part)} {figures.money(found.value)}",
                    "letter": _LETTERS[part] if found.value > _ROOM * most else "",
                }
            )
    return made


def cost_key(comparison: Comparison) -> tuple[str, ...]:
    """Return what the letters of the picture mean, those that occur."""
    return tuple(f"{_LETTERS[part]} {WORDS.get(part, part)}" for part in _used(comparison))


def unpictured(comparison: Comparison) -> tuple[str, ...]:
    """Return the candidates that the picture leaves out, each with why."""
    shown = {row.name for row in _drawn(comparison)}
    return tuple(
        f"{name(row)} ({'cost unknown' if row.cost.per_task.value is None else figures.money(row.cost.per_task.value)})"
        for row in _asked(comparison)
        if row.name not in shown
    )


def cost_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return the costs and their parts as columns of text."""
    parts = columns_of(cost_parts(comparison), "cost-part")
    return (*columns_of(costs(comparison), "cost"), *parts[1:])


def money(figure: Estimate | None) -> Cell:
    """Return a cell with US dollars and their interval."""
    if figure is None or figure.value is None:
        note = None if figure is None else figure.note
        return Cell(text=figures.MISSING, why=sentence(note or "not available"))
    text, low, high = (figures.money(each) for each in (figure.value, figure.low, figure.high))
    # Without a spread, as of what is stated, the ends would say the same again.
    same = figure.low is None or figure.high is None or isclose(figure.low, figure.high, rel_tol=_SAME)
    interval = "" if same else f"[{low}, {high}]"
    why = "" if figure.note is None else sentence(figure.note)
    return Cell(text=text + mark(figure), range=interval, value=repr(figure.value), why=why)


def _used(comparison: Comparison) -> list[str]:
    return [part for part in COMPONENTS if any(_told(row.cost, part) for row in _asked(comparison))]


def _told(cost: CostReport, part: str) -> bool:
    """Say whether a part is worth a column: somebody pays for it, or might (its value, or an end of it, is no 0)."""
    found = cost.components.get(part)
    return found is not None and (found.value is None or _paid(found))


def _paid(figure: Estimate | None) -> bool:
    return figure is not None and bool(figure.value or figure.high)


def _drawn(comparison: Comparison) -> list[CandidateReport]:
    rows = [row for row in _asked(comparison) if row.cost.per_task.value is not None]
    others = [row.cost.per_task.value or 0.0 for row in rows if row.kind != "manual"]
    limit = FAR * max(others, default=0.0)
    return [row for row in rows if row.kind != "manual" or not 0 < limit < (row.cost.per_task.value or 0.0)]


def _upkeep(cost: CostReport) -> Cell:
    share = cost.components.get("upkeep")
    a_task = f"({figures.money(share.value)} a task)" if share is not None and share.value else ""
    return Cell(text=figures.money(cost.upkeep), range=a_task, value=repr(cost.upkeep))


def _machines(cost: CostReport) -> str:
    machine = cost.infrastructure
    if machine is None:
        return "none"
    rate = machine.tasks_per_hour.value
    if rate is None:
        return "tasks an hour unknown"
    count = "" if cost.machines is None else f"{cost.machines:,} x "
    how = "as stated"
    if machine.measured:
        how = "measured" + ("" if machine.in_flight is None else f" at {machine.in_flight:.1f} in flight")
    used = "" if machine.utilisation == 1 else f", {figures.percent(machine.utilisation)} used"
    return f"{count}{figures.money(machine.hourly)} an hour, {figures.significant(rate, 3)} tasks an hour each ({how}{used})"


def _basis_cells(cost: CostReport, *, priced: bool, reviewed: bool) -> Iterable[Cell]:
    for tokens in (cost.input_tokens, cost.output_tokens):
        yield plain(None if tokens is None else ("~" if cost.tokens_estimated else "") + f"{tokens:,.1f}")
    if reviewed:
        yield plain(None if cost.reviewed is None else figures.percent(cost.reviewed))
    if priced:
        yield words(_price(cost))
    yield words("" if cost.note is None else sentence(cost.note))


def _price(cost: CostReport) -> str:
    if cost.price_source is None:
        return "none"
    return label(cost.price_source, 80) + (
        "" if cost.price_date is None else f", {label(cost.price_date, 40)}"
    )


def notes_of(rows: Sequence[CandidateReport]) -> tuple[str, ...]:
    """Return what must be known of the costs: the volume that a month is at."""
    volumes = sorted({row.cost.volume for row in rows if row.cost.volume is not None})
    return tuple(f"A month is {volume:,} tasks and 730 hours of machines." for volume in volumes)
