"""Whether an LLM is worth it, as tables: against every rival, per stratum, and what it brings with it."""

from dataclasses import dataclass, replace

from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.decision import Worth
from passmuster.records.record import Record
from passmuster.records.score import Difference
from passmuster.records.worth import Burden, WorthStatus
from passmuster.report import figures
from passmuster.report.escape import label
from passmuster.report.rows import Column, name, sentence
from passmuster.report.views import Cell, Grid, Line, columns_of, plain, tags, time, words

_ANSWERS = {"yes": "worth an LLM", "no": "poor candidate", "narrow": "narrow"}
_STATES = {"yes": "pass", "no": "fail", "narrow": "undecided"}
"""The word that picks shape and colour."""

_SHOWN = {"gain": "a gain", "loss": "a loss", "neither": "neither"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthView(Record):
    """The answer in sentences, and its tables; a table without lines is None."""

    sentence: str
    brings: str
    rivals: Grid | None
    strata: Grid | None
    burdens: Grid | None
    margin: str
    llm: str
    rival: str
    looks: int


def worth(comparison: Comparison) -> WorthView | None:
    """Return what the page says of it; None where there is no LLM or no rival."""
    found = comparison.decision.worth
    if found is None:
        return None
    return WorthView(
        sentence=sentence(found.sentence),
        brings=sentence(found.brings),
        rivals=_rivals(comparison, found),
        strata=_strata(found),
        burdens=_burdens(comparison, found),
        margin=f"{found.margin * 100:.3g}",
        llm=name(found.llm),
        rival=name(found.baseline),
        looks=len(found.strata),
    )


def _rivals(comparison: Comparison, found: Worth) -> Grid | None:
    lines = tuple(
        _line(
            comparison,
            rival.name,
            (
                _gap(rival.difference),
                words(_SHOWN[rival.shown]),
                plain(None if rival.times_the_cost is None else f"{rival.times_the_cost:.3g}"),
                _answer(rival.status),
                words("stated" if rival.stated else rival.difference.method),
            ),
        )
        for rival in found.rivals
    )
    heads = ("candidate", "LLM adds, points (95%)", "shown", "times the cost", "answer", "method")
    return _grid(heads, lines, {"LLM adds, points (95%)", "times the cost"})


def _strata(found: Worth) -> Grid | None:
    lines = tuple(
        Line(
            name=label(each.stratum),
            tags=(),
            chosen=False,
            cells=(
                plain(f"{each.difference.n:,}"),
                _gap(each.difference),
                words(_SHOWN[each.shown]),
                _answer(each.status),
            ),
        )
        for each in found.strata
    )
    heads = ("stratum", "cases", "LLM adds, points (95%)", "shown", "answer")
    return _grid(heads, lines, {"cases", "LLM adds, points (95%)"})


def _burdens(comparison: Comparison, found: Worth) -> Grid | None:
    lines = tuple(_line(comparison, each.name, _burden(each)) for each in found.burdens)
    heads = (
        "candidate",
        "p50",
        "p95",
        "$ a task",
        "$ a month",
        "upkeep $ a month",
        "flips",
        "outages",
        "rate limits",
    )
    return _grid(heads, lines, set(heads[1:]))


def _burden(each: Burden) -> tuple[Cell, ...]:
    month = None if each.cost_per_month is None else each.cost_per_month.value
    return (
        time(each.latency_p50),
        time(each.latency_p95),
        _known(figures.money(each.cost_per_task.value), each.cost_per_task.value),
        _known(figures.money(month), month),
        plain(figures.money(each.upkeep)),
        _share(None if each.flips is None else each.flips.value),
        _share(each.outages),
        _share(each.rate_limited),
    )


def _share(value: float | None) -> Cell:
    return plain(None if value is None else figures.percent(value))


def _known(text: str, value: float | None) -> Cell:
    return plain(None if value is None else text)


def _gap(difference: Difference) -> Cell:
    ends = (difference.low, difference.high)
    span = "" if None in ends else f"[{', '.join(map(_points, ends))}]"
    return Cell(text=_points(difference.value), range=span, value=repr(difference.value))


def _points(value: float | None) -> str:
    return figures.points(value).removesuffix(" points")


def _answer(status: WorthStatus) -> Cell:
    return words(_ANSWERS[status], state=_STATES[status])


def _line(comparison: Comparison, candidate: str, cells: tuple[Cell, ...]) -> Line:
    row: CandidateReport | None = next(
        (each for each in comparison.candidates if each.name == candidate), None
    )
    chosen = candidate == comparison.decision.chosen
    marks = () if row is None else tags(comparison, row)
    return Line(name=name(candidate), tags=marks, chosen=chosen, cells=cells)


def _grid(heads: tuple[str, ...], lines: tuple[Line, ...], numeric: set[str]) -> Grid | None:
    return Grid(heads=tuple((head, head in numeric) for head in heads), lines=lines) if lines else None


def rival_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return the rivals as columns of text; empty where there is nothing."""
    found = worth(comparison)
    return columns_of(None if found is None else found.rivals, "rival")


def stratum_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return the strata as columns of text; empty where there is nothing."""
    found = worth(comparison)
    made = columns_of(None if found is None else found.strata, "stratum")
    return tuple(replace(each, title="stratum") if each.key == "candidate" else each for each in made)


def burden_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return what the two bring with them as columns of text; empty where there is nothing."""
    found = worth(comparison)
    return columns_of(None if found is None else found.burdens, "burden")
