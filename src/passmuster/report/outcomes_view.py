"""How candidates fail, as a picture, a table, columns of text and a sentence."""

from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.outcomes import LOUD, OutcomeReport, Turn
from passmuster.records.record import Json
from passmuster.report import figures
from passmuster.report.escape import label
from passmuster.report.plots import ROW, Spec, chart, draw
from passmuster.report.rows import Column, name, ordered
from passmuster.report.turn_words import WORDS
from passmuster.report.views import Cell, Grid, estimate, line, plain

_PARTS = ("correct", "loud", "silent", "unjudged")
_COLOURS = ["var(--pass)", "var(--undecided)", "var(--fail)", "var(--line)"]


def outcomes(comparison: Comparison) -> Grid | None:
    """Return the table: correct, silent and loud failures, each loud kind that occurs, refusals, severity."""
    rows = _judged(comparison)
    if not rows:
        return None
    kinds = [turn for turn in LOUD if any(turn in found.kinds for _, found in rows)]
    graded = any(found.severity is not None for _, found in rows)
    heads = ("candidate", "correct", "silent failures", "loud failures", *(WORDS[turn] for turn in kinds))
    heads += ("refused though an answer is expected", *(("severity",) if graded else ()), "not to be judged")
    lines = []
    for row, found in rows:
        cells = [estimate(found.correct), estimate(found.silent), estimate(found.loud)]
        cells += [_share(found, turn) for turn in kinds]
        cells.append(estimate(found.refusals))
        cells += [estimate(found.severity)] if graded else []
        lines.append(line(comparison, row, [*cells, estimate(found.unjudged)]))
    return Grid(heads=tuple((head, index > 0) for index, head in enumerate(heads)), lines=tuple(lines))


def outcomes_apart(comparison: Comparison) -> Grid | None:
    """Return the same on cases that are measured apart, three columns for each population."""
    parts = [part for part in comparison.apart if any(each.outcomes for each in part.candidates)]
    if not parts:
        return None
    heads = [("candidate", False)]
    for part in parts:
        heads += [(f"{label(part.name)}: {word}", True) for word in ("correct", "silent", "loud")]
    lines = []
    for row in ordered(comparison):
        cells: list[Cell] = []
        for part in parts:
            found = next((each.outcomes for each in part.candidates if each.candidate == row.name), None)
            cells += [
                estimate(None if found is None else getattr(found, key))
                for key in ("correct", "silent", "loud")
            ]
        lines.append(line(comparison, row, cells))
    return Grid(heads=tuple(heads), lines=tuple(lines))


def outcomes_svg(comparison: Comparison) -> str | None:
    """Return stacked bars: per candidate the shares of correct replies, loud and silent failures."""
    rows = [(row, found) for row, found in _judged(comparison) if found.correct.value is not None]
    if not rows:
        return None
    data: list[dict[str, Json]] = []
    for row, found in rows:
        for place, key in enumerate(_PARTS):
            part = getattr(found, key)
            share = None if part is None else part.value
            tip = f"{name(row)}: {key} {figures.percent(share)}"
            data.append({"name": name(row), "part": key, "place": place, "share": share, "tip": tip})
    layer: Spec = {
        "mark": {"type": "bar", "height": ROW - 10, "opacity": 0.85},
        "encoding": {
            "x": {
                "field": "share",
                "type": "quantitative",
                "stack": "zero",
                "scale": {"domain": [0, 1], "clamp": True},
                "axis": {"format": "%", "tickCount": 6},
                "title": "correct, loud failures, silent failures, not to be judged",
            },
            "order": {"field": "place"},
            "color": {
                "field": "part",
                "type": "nominal",
                "scale": {"domain": list(_PARTS), "range": _COLOURS},
                "legend": None,
            },
            "description": {"field": "tip"},
        },
    }
    return draw(
        chart([layer], data, [name(row) for row, _ in rows]),
        title="How candidates fail",
        description="For each candidate, from the left: correct replies, loud and silent failures, and what cannot be judged.",
        name="outcomes-plot",
    )


def outcome_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return the shares as columns of text; none where nothing is known."""
    rows = _judged(comparison)
    if not rows:
        return ()
    columns = [Column(key="candidate", title="  candidate", cells=tuple("  " + name(row) for row, _ in rows))]
    for key, title in (("correct", "correct"), ("silent", "silent"), ("loud", "loud")):
        cells = tuple(figures.interval(getattr(found, key)) for _, found in rows)
        columns.append(Column(key=f"turn:{key}", title=title, cells=cells))
    columns.append(
        Column(key="turn:kinds", title="loud: which", cells=tuple(_kinds(found) or "-" for _, found in rows))
    )
    return tuple(columns)


def outcome_note(comparison: Comparison) -> str | None:
    """Return in a sentence how the chosen candidate fails, or the first one shown; None where nothing is known."""
    decision = comparison.decision
    wanted = decision.chosen or (decision.leading[0].name if decision.leading else None)
    judged = [(row.name, found) for row, found in _judged(comparison) if found.correct.value is not None]
    if not judged:
        return None
    who, found = next((each for each in judged if each[0] == wanted), judged[0])
    kinds = _kinds(found)
    unjudged = "" if found.unjudged is None or not found.unknown else figures.percent(found.unjudged.value)
    return (
        f"{name(who)} is silently wrong in {figures.percent(found.silent.value)}, "
        f"loudly in {figures.percent(found.loud.value)}"
        + (f" ({kinds})" if kinds else "")
        + (f"; {unjudged} cannot be judged" if unjudged else "")
        + "."
    )


def _kinds(found: OutcomeReport) -> str:
    ranked = sorted(found.kinds.items(), key=lambda item: -(item[1].value or 0.0))
    return ", ".join(f"{WORDS[turn]} {figures.percent(share.value)}" for turn, share in ranked)


def _share(found: OutcomeReport, turn: Turn) -> Cell:
    share = found.kinds.get(turn)
    if share is None and found.loud.value is not None:
        return plain(figures.percent(0.0))
    return estimate(share)


def _judged(comparison: Comparison) -> list[tuple[CandidateReport, OutcomeReport]]:
    return [(row, row.outcomes) for row in ordered(comparison) if row.outcomes is not None]
