"""A ranking as one self-contained HTML file."""

from markupsafe import Markup

from passmuster.records.ranking import RankedReport, Ranking
from passmuster.records.record import Json
from passmuster.report import figures
from passmuster.report.escape import visible
from passmuster.report.page import page_environment, page_resource, policy
from passmuster.report.plots import Spec, chart, draw
from passmuster.report.ranking_view import basis, elo, headline, left_out, met, rank, remarks, swayed
from passmuster.report.rows import name
from passmuster.report.views import Cell, Grid, Line, estimate, plain, words

PICTURE_LIMIT = 60
"""Candidates that the pictures and the matrix show, the strongest ones; the JSON has all."""

RATERS_LIMIT = 50
"""Raters that the page names; the JSON names all."""

_KINDS = ["may be the best", "is not the best", "without an interval"]
_SHAPES = ["diamond", "circle", "square"]
_COLOURS = ["var(--chosen)", "var(--muted)", "var(--undecided)"]


def render_ranking_page(found: Ranking) -> str:
    """Return the page of a ranking.

    All that comes from files is escaped, and the page's Content-Security-Policy allows only the one style whose digest
    it names; there is no script.
    """
    css = page_resource("report.css")
    context: dict[str, Json] = {
        "css": Markup(css),  # noqa: S704  # our own file, no content in it
        "policy": policy(css, ""),
        "title": headline(found),
        "kicker": basis(found),
        "remarks": remarks(found),
        "picture": _safe(strengths_svg(found)),
        "table": _table(found),
        "matrix": _matrix(found) if found.meetings else None,
        "sways": [(visible(what), text) for what, text in swayed(found)],
        "styled": None if found.styled is None else f"{found.styled:,}",
        "left_out": left_out(found),
        "beyond": max(0, len(found.candidates) - PICTURE_LIMIT),
        "provenance": _provenance(found),
    }
    return page_environment().get_template("ranking.jinja").render(context)


def _safe(svg: str | None) -> Markup | None:
    return None if svg is None else Markup(svg)  # noqa: S704  # rebuilt from an allow-list by report.svg


def strengths_svg(found: Ranking) -> str | None:
    """Return the picture of the strengths with their intervals; None where there are none."""
    rows = [row for row in found.candidates if row.strength.value is not None][:PICTURE_LIMIT]
    if not rows:
        return None
    several = len(found.islands) > 1  # without a common scale: the axis is one, the groups are not
    names = _told_apart(
        [name(row.candidate) + (f" (group {row.island + 1})" if several else "") for row in rows]
    )
    data = [_point(row, shown) for row, shown in zip(rows, names, strict=True)]
    x: Spec = {
        "type": "quantitative",
        "scale": {"zero": False, "nice": True},
        "axis": {"tickCount": 6},
        "title": "strength in log-odds against an average candidate, 95% interval",
    }
    colour: Spec = _scale(_COLOURS)
    interval: Spec = {
        "mark": {"type": "rule", "strokeWidth": 2.5, "opacity": 0.75, "strokeCap": "round"},
        "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
        "encoding": {"x": {"field": "low", **x}, "x2": {"field": "high"}, "color": colour},
    }
    point: Spec = {
        "mark": {"type": "point", "filled": True, "size": 75, "opacity": 1},
        "encoding": {
            "x": {"field": "value", **x},
            "shape": _scale(_SHAPES),
            "color": colour,
            "description": {"field": "tip"},
        },
    }
    return draw(
        chart([interval, point], data, list(names)),
        title="Strengths",
        description="The strength of each candidate with its 95% interval; a diamond may be the best.",
        name="strengths-plot",
    )


def _told_apart(names: list[str]) -> list[str]:
    """Return names of which no two are equal, although they were cut."""
    seen: dict[str, int] = {}
    made = []
    for each in names:
        seen[each] = seen.get(each, 0) + 1
        made.append(each if seen[each] == 1 else f"{each} ({seen[each]})")
    return made


def _point(row: RankedReport, shown: str) -> dict[str, Json]:
    kind = _KINDS[2] if row.first is None else _KINDS[0] if row.first == 1 else _KINDS[1]
    return {
        "name": shown,
        "kind": kind,
        "value": row.strength.value,
        "low": row.strength.low,
        "high": row.strength.high,
        "tip": f"{shown}: {figures.interval(row.strength, signed=True)}, rank {rank(row)}, {kind}",
    }


def _scale(values: list[str]) -> Spec:
    return {"field": "kind", "type": "nominal", "scale": {"domain": _KINDS, "range": values}, "legend": None}


def _table(found: Ranking) -> Grid:
    heads: list[tuple[str, bool]] = [("candidate", False), ("rank", True), ("strength", True), ("Elo", True)]
    adjusted = any(row.adjusted is not None for row in found.candidates)
    heads += [("style held equal", True)] if adjusted else []
    heads += [("points", True), ("won", True), ("tied", True), ("lost", True), ("cases", True)]
    heads += [("group", True)] if len(found.islands) > 1 else []
    lines = tuple(_line(found, row, adjusted=adjusted) for row in found.candidates)
    return Grid(heads=tuple(heads), lines=lines)


def _line(found: Ranking, row: RankedReport, *, adjusted: bool) -> Line:
    cells: list[Cell] = [plain(rank(row)), estimate(row.strength, signed=True), plain(elo(row.elo))]
    cells += [estimate(row.adjusted, signed=True)] if adjusted else []
    counts = (row.wins, row.ties, row.losses, row.cases)
    cells += [estimate(row.points), *(plain(f"{number:,}") for number in counts)]
    cells += [plain(str(row.island + 1))] if len(found.islands) > 1 else []
    return Line(name=name(row.candidate), tags=(), chosen=row.first == row.last == 1, cells=tuple(cells))


def _matrix(found: Ranking) -> Grid:
    names = [row.candidate for row in found.candidates[:PICTURE_LIMIT]]
    cells = met(found)
    heads = (("preferred to", False), *((name(each), True) for each in names))
    lines = tuple(
        Line(
            name=name(one),
            tags=(),
            chosen=False,
            cells=tuple(_cell(cells.get((one, other)), same=one == other) for other in names),
        )
        for one in names
    )
    return Grid(heads=heads, lines=lines)


def _cell(found: tuple[str, str] | None, *, same: bool) -> Cell:
    if found is None:
        return words("") if same else Cell(text=figures.MISSING, why="They were not compared.")
    return Cell(text=found[0], range=found[1])


def _provenance(found: Ranking) -> list[tuple[str, str]]:
    whose = "people" if found.source == "people" else visible(found.source)
    return [
        ("Choices", f"{found.choices:,} on {found.cases:,} cases, of {whose}"),
        ("Raters", _raters(found)),
        ("Question", visible(found.metric)),
        ("Judge version", visible(found.judge) if found.judge is not None else "no judge of this project"),
        ("Method", visible(found.method)),
        ("Ranks", f"true of all candidates at once with 95%; seed {found.seed}"),
        ("Newest choice", "not stated" if found.date is None else visible(found.date)),
        ("Generated", "not stated" if found.generated is None else visible(found.generated)),
        ("Schema version", str(found.schema_version)),
    ]


def _raters(found: Ranking) -> str:
    names = ", ".join(visible(each) for each in found.raters[:RATERS_LIMIT]) or "none"
    beyond = len(found.raters) - RATERS_LIMIT
    return names if beyond <= 0 else f"{names} and {beyond:,} more"
