"""A ranking as tables and sentences: who is preferred to whom, how sure that is, and what sways raters."""

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.text import Text

from passmuster.records.ranking import Effect, Meeting, RankedReport, Ranking
from passmuster.records.score import Estimate
from passmuster.report import figures
from passmuster.report.escape import label, visible
from passmuster.report.rows import Column, name, sentence
from passmuster.report.tables import packed, table

MATRIX_LIMIT = 12
"""Candidates up to which the terminal shows the matrix of win rates; the page and the JSON have all."""

_EQUAL = 1e-6


def headline(found: Ranking) -> str:
    """Return who leads, as far as the choices tell.

    Example:
        >>> headline(Ranking(metric="better", source="people", candidates=(), meetings=(), choices=0, cases=0, raters=(),
        ...                  method="", clustered=(), islands=()))
        'No choice can be used'
    """
    if not found.candidates:
        return "No choice can be used"
    if len(found.islands) > 1:
        return f"{len(found.islands)} groups of candidates that were never compared with one another"
    leading = [row for row in found.candidates if row.first == 1]
    if len(leading) == 1:
        return f"{name(leading[0].candidate)} is preferred to all others"
    if not leading:
        return _unranked(found)
    if len(leading) == len(found.candidates):
        return "No candidate is told apart from the best"
    return f"{len(leading)} of {len(found.candidates)} candidates may be the best"


def _unranked(found: Ranking) -> str:
    strongest = [row.strength.value or 0.0 for row in found.candidates[:2]]
    if strongest[0] - strongest[-1] < _EQUAL:
        return "No candidate is told apart from the best"
    return f"{name(found.candidates[0].candidate)} stands first, without an interval"


def basis(found: Ranking) -> str:
    """Return what the ranking rests on, in a line."""
    whose = "people" if found.source == "people" else f"the judge {label(found.source)}"
    version = "" if found.judge is None else f" (version {visible(found.judge)})"
    parts = [
        f"{figures.count(found.choices, 'choice')} of {whose}{version} on {figures.count(found.cases, 'case')}",
        f"question {label(found.metric)}",
        figures.count(len(found.raters), "rater"),
        "date not stated" if found.date is None else f"newest {visible(found.date)}",
        found.method,
    ]
    return " · ".join(parts)


def left_out(found: Ranking) -> str | None:
    """Return how many choices were not used and why; None where all were."""
    parts = [f"{number:,} ({visible(reason)})" for reason, number in found.left_out.items()]
    return f"Not used: {', '.join(parts)}" if parts else None


def rank(row: RankedReport) -> str:
    """Return the ranks that a candidate may have.

    Example:
        >>> some = Estimate(value=0.1)
        >>> rank(RankedReport(candidate="a", island=0, strength=some, elo=some, points=some, wins=1, ties=0, losses=0,
        ...                   cases=1, first=1, last=3))
        '1 to 3'
    """
    if row.first is None or row.last is None:
        return figures.MISSING
    return str(row.first) if row.first == row.last else f"{row.first} to {row.last}"


def elo(figure: Estimate) -> str:
    """Return Elo points with their interval, whole.

    Example:
        >>> elo(Estimate(value=1043.2, low=1010.0, high=1076.5))
        '1,043 [1,010, 1,076]'
    """
    if figure.value is None:
        return figures.MISSING
    text = f"{figure.value:,.0f}"
    both = figure.low is not None and figure.high is not None
    return f"{text} [{figure.low:,.0f}, {figure.high:,.0f}]" if both else text


def columns(found: Ranking) -> tuple[Column, ...]:
    """Return a row for each candidate, the strongest of each island first."""
    rows = found.candidates
    made = [
        Column(key="candidate", title="candidate", cells=tuple(name(row.candidate) for row in rows)),
        _column("rank", "rank", (rank(row) for row in rows)),
        _column("strength", "strength", (figures.interval(row.strength, signed=True) for row in rows)),
        _column("elo", "Elo", (elo(row.elo) for row in rows)),
        _column("points", "points", (figures.interval(row.points) for row in rows)),
        _column("record", "won/tied/lost", (f"{row.wins:,}/{row.ties:,}/{row.losses:,}" for row in rows)),
        _column("cases", "cases", (f"{row.cases:,}" for row in rows)),
    ]
    if any(row.adjusted is not None for row in rows):
        made.append(_column("adjusted", "style held equal", (_signed(row.adjusted) for row in rows)))
    if len(found.islands) > 1:
        made.insert(1, _column("island", "group", (str(row.island + 1) for row in rows)))
    return tuple(made)


def _signed(figure: Estimate | None) -> str:
    return figures.interval(figure, signed=True)


def _column(key: str, title: str, cells: Iterable[str]) -> Column:
    return Column(key=key, title=title, cells=tuple(cells), right=True)


def met(found: Ranking) -> Mapping[tuple[str, str], tuple[str, str]]:
    """Return how often the one was preferred to the other, and its interval with n, from each side."""
    cells: dict[tuple[str, str], tuple[str, str]] = {}
    for meeting in found.meetings:
        cells[meeting.one, meeting.other] = _met(meeting.share, turned=False), _span(meeting, turned=False)
        cells[meeting.other, meeting.one] = _met(meeting.share, turned=True), _span(meeting, turned=True)
    return cells


def _met(share: Estimate, *, turned: bool) -> str:
    return figures.percent(None if share.value is None else 1 - share.value if turned else share.value)


def _span(meeting: Meeting, *, turned: bool) -> str:
    low, high = meeting.share.low, meeting.share.high
    games = f"n {meeting.share.n:,}"
    if low is None or high is None:
        return games
    ends = (1 - high, 1 - low) if turned else (low, high)
    return f"[{figures.percent(ends[0])}, {figures.percent(ends[1])}], {games}"


def matrix_columns(found: Ranking) -> tuple[Column, ...]:
    """Return the win rates: how often the candidate of the row was preferred to that of the column."""
    names = [row.candidate for row in found.candidates]
    cells = met(found)
    first = Column(key="candidate", title="preferred to", cells=tuple(name(each) for each in names))
    rest = (
        _column(
            f"met:{place}",
            label(other, 20),
            (" ".join(cells[each, other]) if (each, other) in cells else figures.MISSING for each in names),
        )
        for place, other in enumerate(names)
    )
    return first, *rest


def swayed(found: Ranking) -> Iterable[tuple[str, str]]:
    """Yield what sways raters besides who it is, with figures: the place, and the style where it was looked at."""
    if found.position is not None and found.position.share is not None:
        share = figures.interval(found.position.share)
        yield "shown first", f"preferred among equals: {share}, p {figures.p_value(found.position.p)}"
    for effect in found.style:
        yield effect.name, _odds(effect)


def _odds(effect: Effect) -> str:
    return f"{figures.interval(effect.effect, signed=True)} log-odds, p {figures.p_value(effect.p)}"


def remarks(found: Ranking) -> tuple[str, ...]:
    """Return what a reader must know, each as one harmless line."""
    return tuple(f"{text[:1].upper()}{text[1:]}." for text in map(sentence, found.remarks))


def render_ranking(found: Ranking, console: Console) -> None:
    """Print the ranking: who leads, the table, the matrix of win rates, what sways raters, and what to know."""
    console.print(Text(headline(found), style="bold"))
    console.print(Text(basis(found), style="dim"), soft_wrap=True)
    if found.candidates:
        _print(columns(found), console)
    if 2 < len(found.candidates) <= MATRIX_LIMIT:
        _print(matrix_columns(found), console)
    sways = tuple(swayed(found))
    if sways:
        console.print()
    for what, text in sways:
        console.print(Text(f"{what}: {text}"), soft_wrap=True)
    notes = [*remarks(found), *filter(None, [left_out(found)])]
    if notes:
        console.print()
    for text in notes:
        console.print(Text(text), soft_wrap=True)


def _print(made: tuple[Column, ...], console: Console) -> None:
    for group in packed(made[0], made[1:], console.width):
        console.print()
        console.print(table(group, console.width))
