"""What `screen` found, as tables of text: shared by the terminal, Markdown and the page."""

from collections.abc import Iterator, Sequence

from passmuster.records.score import Estimate
from passmuster.records.screening import (
    FEWEST_MODELS,
    AgreementReport,
    ColumnReport,
    FilterReport,
    PartAgreement,
    RankAgreement,
    Regret,
    Risk,
    ScreenedModel,
    ScreenReport,
)
from passmuster.report import figures
from passmuster.report.escape import label, visible
from passmuster.report.judge_view import Grid

SHOWN = 8
"""Columns and models beyond those that are kept that a terminal shows; the JSON has all."""

_NAME = 34
_BASES = {"measured": "measured", "stated": "stated", "table": "the table's own noise", "assumed": "assumed"}


def grids(report: ScreenReport, most: int | None = None) -> Iterator[Grid]:
    """Yield the tables of a report; `most` lines where it says so."""
    if report.filter is not None:
        yield kept_grid(report.filter)
        dropped = dropped_grid(report.filter, most)
        if dropped.rows:
            yield dropped
        yield risk_grid(report.filter)
    if report.agreement is not None and report.agreement.columns:
        yield columns_grid(report.agreement, most)
        best = best_column(report.agreement)
        if best is not None and (best.slices or best.above is not None):
            yield parts_grid(best)


def best_column(found: AgreementReport) -> ColumnReport | None:
    """Return the column that is looked at first: the best, else the first with a verdict."""
    return next((each for each in found.columns if each.status != "too few"), None)


def kept_grid(found: FilterReport) -> Grid:
    """Return the models that are kept."""
    heads = [("model", False), ("rank", True), (label(found.column, 20), True), ("may be best", True)]
    heads += [("$ / M in", True), ("$ / M out", True), ("context", True), ("not known", False)]
    rows = [_model(model) for model in found.models if model.kept]
    yours = (
        "; * is a candidate of yours" if any(model.kept and model.candidate for model in found.models) else ""
    )
    return Grid("kept", "Kept", f"{found.rule}, of {visible(found.table)}{yours}", tuple(heads), tuple(rows))


def _model(model: ScreenedModel) -> tuple[str, ...]:
    return (
        label(model.model, _NAME) + ("" if model.candidate is None else " *"),
        figures.MISSING if model.rank is None else str(model.rank),
        _public(model),
        figures.percent(model.best),
        _price(model.input_price),
        _price(model.output_price),
        figures.MISSING if model.context is None else f"{model.context:,}",
        visible(", ".join(model.unknown)) or "",
    )


def _public(model: ScreenedModel) -> str:
    figure = model.public
    if figure is None:
        return figures.MISSING
    ends = "" if figure.low is None or figure.high is None else f" [{figure.low:g}, {figure.high:g}]"
    return f"{figure.value:,.6g}{ends}"


def _price(value: float | None) -> str:
    return figures.MISSING if value is None else f"{value:,.3g}"


def dropped_grid(found: FilterReport, most: int | None = None) -> Grid:
    """Return the models that are not kept, with why."""
    dropped = [model for model in found.models if not model.kept]
    rows = [
        (
            label(model.model, _NAME),
            figures.MISSING if model.rank is None else str(model.rank),
            _public(model),
            figures.percent(model.best),
            visible(model.why or ""),
        )
        for model in dropped[:most]
    ]
    beyond = "" if len(rows) == len(dropped) else f"the first {len(rows)} of {len(dropped)}"
    heads = (
        ("model", False),
        ("rank", True),
        (label(found.column, 20), True),
        ("may be best", True),
        ("why", False),
    )
    return Grid("dropped", "Not kept", beyond, heads, tuple(rows))


def risk_grid(found: FilterReport) -> Grid:
    """Return the risk, and what it would be under other assumptions."""
    rows = tuple(_risk(risk) for risk in (found.risk, *found.risks))
    heads = (("rests on", False), ("correlation", True), ("the best is dropped", True), ("assumes", False))
    hint = "the chance that the best on your task is among the dropped; each line under another assumption"
    return Grid("risk", "Risk", hint, heads, rows)


def _risk(risk: Risk) -> tuple[str, ...]:
    ends = "" if risk.low is None or risk.high is None else f" [{risk.low:.2f}, {risk.high:.2f}]"
    value = figures.MISSING if risk.correlation is None else f"{risk.correlation:.2f}{ends}"
    return _BASES[risk.basis], value, figures.percent(risk.risk), visible(risk.assumes)


def columns_grid(found: AgreementReport, most: int | None = None) -> Grid:
    """Return each public column against the own task, the best first."""
    able = [column for column in found.columns if column.status != "too few"]
    few = len(found.columns) - len(able)
    rows = [_column(column) for column in able[:most]]
    heads = [("column", False), ("models", True), ("tau (95%)", True), ("without noise", True), ("rho", True)]
    heads += [("p, corrected", True), ("best in", True), ("above", True), ("regret of its first", True)]
    told = [f"the first {len(rows)} of {len(able)}"] if len(rows) < len(able) else []
    told += [f"{few} columns have too few of your models for a verdict"] if few else []
    return Grid("columns", f"Against {label(found.metric)}", "; ".join(told), tuple(heads), tuple(rows))


def _column(column: ColumnReport) -> tuple[str, ...]:
    overall = column.overall
    return (
        f"{label(column.table)}: {label(column.column)}",
        str(overall.models),
        coefficient(overall.tau),
        figures.MISSING if overall.likely is None else f"{overall.likely:+.2f}",
        coefficient(overall.rho, ends=False),
        figures.p_value(column.corrected_p),
        figures.percent(column.best_share),
        _part(column.above),
        regret(column.regret),
    )


def _part(part: PartAgreement | None) -> str:
    if part is None or not part.agreement.models:
        return figures.MISSING
    if part.agreement.models < FEWEST_MODELS:
        return f"too few ({part.agreement.models})"
    return f"{coefficient(part.agreement.tau, ends=False)} ({part.agreement.models} over {part.limit:g})"


def coefficient(figure: Estimate, *, ends: bool = True) -> str:
    """Return a coefficient with two decimals and its interval.

    Example:
        >>> coefficient(Estimate(value=0.5, low=0.25, high=0.75))
        '+0.50 [+0.25, +0.75]'
    """
    if figure.value is None:
        return figures.MISSING
    if not ends or figure.low is None or figure.high is None:
        return f"{figure.value:+.2f}"
    return f"{figure.value:+.2f} [{figure.low:+.2f}, {figure.high:+.2f}]"


def regret(found: Regret | None) -> str:
    """Return what the leaderboard's first costs."""
    return figures.MISSING if found is None else figures.interval(found.regret)


def parts_grid(column: ColumnReport) -> Grid:
    """Return the agreement of one column by slice, and among the top."""
    parts: Sequence[PartAgreement] = (*([column.above] if column.above else []), *column.slices)
    rows = tuple(
        (
            label(part.name, _NAME),
            figures.MISSING if part.cases is None else f"{part.cases:,}",
            *_agreement(part.agreement),
        )
        for part in parts
    )
    heads = [("part", False), ("cases", True), ("models", True), ("tau (95%)", True), ("rho (95%)", True)]
    title = f"{label(column.table)}: {label(column.column)}, part by part"
    return Grid("parts", title, "p is not corrected for the number of parts", (*heads, ("p", True)), rows)


def _agreement(found: RankAgreement) -> tuple[str, ...]:
    return str(found.models), coefficient(found.tau), coefficient(found.rho), figures.p_value(found.p)
