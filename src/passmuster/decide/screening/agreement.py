"""Public columns held against the own task: who orders the models as it does, and what taking the first would have cost."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from passmuster.decide.measured import FloatArray
from passmuster.decide.screening.names import settled
from passmuster.decide.screening.own import OwnScores
from passmuster.decide.screening.regret import regret_of
from passmuster.decide.screening.words import agreement_sentence, column_sentence
from passmuster.decide.seed import SEED
from passmuster.records.leaderboard import ModelMatch, PublicColumn, PublicTable
from passmuster.records.score import Estimate
from passmuster.records.screening import (
    FEWEST_MODELS,
    AgreementReport,
    AgreementStatus,
    ColumnReport,
    ModelPoint,
    PartAgreement,
    RankAgreement,
)
from passmuster.stats.fay_herriot import FEWEST, linked_means
from passmuster.stats.rank_agreement import (
    kendall_tau,
    kendall_taus,
    max_corrected,
    normal_scores,
    permutation_p,
    spearman_rho,
    spearman_rhos,
)

DRAWS = 2000
ALPHA = 0.05
WIDE = 0.5
"""Share of the models of the widest column that a column must have to be the best: fewer are another question."""

METHOD = "true means drawn by a model of Fay and Herriot"


class _Entry(NamedTuple):
    """A public column with the candidates that it has: `public` is turned so that more is better."""

    table: str
    column: PublicColumn
    names: tuple[str, ...]
    models: tuple[str, ...]
    public: FloatArray


def agreement_report(
    own: OwnScores, tables: Sequence[PublicTable], matches: Sequence[ModelMatch], above: float | None = 80.0
) -> AgreementReport:
    """Hold every public column that has a direction against the own scores.

    Args:
        own: Scores of the own candidates.
        tables: Public tables.
        matches: Who is who.
        above: Public scores from which models count as the top; of shares it is in percent. None: nobody looks at the top.
    """
    entries = [entry for table in tables for entry in _entries(own, table, settled(matches, table.name))]
    reports = [_column(own, entry, above) for entry in entries]
    able = [place for place, report in enumerate(reports) if report.status != "too few"]
    corrected, shares = _together(own, [entries[place] for place in able])
    for place, p, share in zip(able, corrected, shares, strict=True):
        reports[place] = _judged(reports[place], p, share)
    ranked = tuple(sorted(reports, key=_order))
    best = next((each for each in ranked if each.status == "agrees" and each.best_share is not None), None)
    return AgreementReport(
        metric=own.metric,
        direction=own.direction,
        cases=len(own.scores),
        columns=ranked,
        best=None if best is None else f"{best.table}: {best.column}",
        sentence=agreement_sentence(ranked, best),
        notes=_notes(own),
    )


def _order(report: ColumnReport) -> tuple[int, bool, float]:
    """Put what is shown first, of that what is wide enough to be compared, of that what agrees best."""
    tau = report.overall.tau.value
    place = {"agrees": 0, "not shown": 1, "too few": 2}[report.status]
    return place, report.best_share is None, 0.0 if tau is None else -tau


def _notes(own: OwnScores) -> tuple[str, ...]:
    missing = np.isnan(own.scores).mean(axis=0)
    gaps = [f"{name} ({share:.0%})" for name, share in zip(own.names, missing, strict=True) if share > 0.05]
    return (f"scores are missing on more than 5 % of the cases of {', '.join(gaps)}",) if gaps else ()


def _entries(own: OwnScores, table: PublicTable, who: Mapping[str, str]) -> list[_Entry]:
    made = []
    for column in table.columns:
        if column.direction is None:
            continue
        values = table.values(column.name)
        names = tuple(name for name in own.names if who.get(name) in values)
        if not names:
            continue
        sign = 1.0 if column.direction == "higher" else -1.0
        public = np.array([sign * values[who[name]] for name in names])
        made.append(_Entry(table.name, column, names, tuple(who[name] for name in names), public))
    return made


def _column(own: OwnScores, entry: _Entry, above: float | None) -> ColumnReport:
    here = own.of(entry.names)
    overall = rank_agreement(here, entry.public)
    few = len(entry.names) < FEWEST_MODELS or overall.tau.value is None
    sign = 1.0 if entry.column.direction == "higher" else -1.0
    slices = (
        ()
        if few
        else tuple(
            PartAgreement(
                name=name, agreement=rank_agreement(here.within(places), entry.public), cases=len(places)
            )
            for name, places in own.slices.items()
        )
    )
    status: AgreementStatus = "too few" if few else "not shown"
    report = ColumnReport(
        table=entry.table,
        column=entry.column.name,
        direction=entry.column.direction or "higher",
        status=status,
        overall=overall,
        above=None if few or above is None else _above(here, entry, above),
        slices=slices,
        regret=None if few else regret_of(here, entry.public),
        points=_points(here, entry, sign),
    )
    return replace(report, sentence=column_sentence(report))


def _above(here: OwnScores, entry: _Entry, limit: float) -> PartAgreement | None:
    """Return the agreement among the models above a public score; of shares the limit is in percent."""
    if not entry.column.share:
        return None
    scale = 0.01 if entry.public.max() <= 1 else 1.0
    top = entry.public >= limit * scale
    names = [name for name, in_it in zip(entry.names, top, strict=True) if in_it]
    found = rank_agreement(here.of(names), entry.public[top])
    return PartAgreement(name=f"public score of {limit:g} % and more", agreement=found, limit=limit)


def _points(here: OwnScores, entry: _Entry, sign: float) -> tuple[ModelPoint, ...]:
    if not entry.names:
        return ()
    estimates = here.estimates()
    values = np.array([here.sign * (each.value or 0.0) for each in estimates])
    public_ranks, own_ranks = _ranks(entry.public), _ranks(values)
    return tuple(
        ModelPoint(
            candidate=name,
            model=model,
            public=float(sign * public),
            own=estimate,
            public_rank=float(ranks[0]),
            own_rank=float(ranks[1]),
        )
        for name, model, public, estimate, ranks in zip(
            entry.names,
            entry.models,
            entry.public,
            estimates,
            zip(public_ranks, own_ranks, strict=True),
            strict=True,
        )
    )


def _ranks(values: FloatArray) -> FloatArray:
    """Return ranks from 1 for the greatest, ties sharing the middle."""
    above = (values[None, :] > values[:, None]).sum(axis=1)
    same = (values[None, :] == values[:, None]).sum(axis=1)
    return np.asarray(1 + above + (same - 1) / 2, dtype=np.float64)


def rank_agreement(own: OwnScores, public: FloatArray, draws: int = DRAWS) -> RankAgreement:
    """Return how alike the own scores and a public column order the candidates.

    Args:
        own: The own scores.
        public: One figure a candidate, more is better.
        draws: Draws of the true means for the intervals.

    Example:
        >>> scores = np.repeat(np.linspace(0.2, 0.9, 8)[None, :], 50, axis=0)
        >>> own = OwnScores(names=tuple("abcdefgh"), scores=scores, metric="accuracy")
        >>> rank_agreement(own, np.arange(8.0)).tau.value
        1.0
    """
    scored = np.asarray(~np.isnan(own.scores).all(axis=0), dtype=np.bool_)
    if not scored.all():
        names = [name for name, there in zip(own.names, scored, strict=True) if there]
        own, public = own.of(names), public[scored]
    n = len(public)
    if n < 2:
        nothing = Estimate(value=None, n=n, method="too few models")
        return RankAgreement(models=n, tau=nothing, rho=nothing)
    rng = np.random.default_rng([SEED, n])
    means = own.means()
    ours = own.sign * means.value
    tau, rho = kendall_tau(public, ours), spearman_rho(public, ours)
    p = permutation_p(public, ours, rng)
    bounds: list[tuple[float, float] | None] = [None, None]
    likely = None
    if n >= FEWEST and tau is not None:
        linear = own.linear()
        drawn = linked_means(linear.value, linear.covariance, normal_scores(public), rng, draws).means
        taus, rhos = kendall_taus(public, drawn), spearman_rhos(public, drawn)
        bounds, likely = [_ends(taus), _ends(rhos)], float(np.median(taus))
    return RankAgreement(
        models=n,
        tau=_estimate(tau, bounds[0], n),
        rho=_estimate(rho, bounds[1], n),
        likely=likely,
        p=None if p is None else p.p,
        exact=None if p is None else p.exact,
    )


def _ends(values: FloatArray) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def _estimate(value: float | None, ends: tuple[float, float] | None, n: int) -> Estimate:
    if value is None:
        return Estimate(value=None, n=n, method="all the same")
    if ends is None:
        return Estimate(value=value, n=n, method="too few models for an interval")
    return Estimate(value=value, low=ends[0], high=ends[1], n=n, method=METHOD)


def _together(own: OwnScores, entries: Sequence[_Entry]) -> tuple[FloatArray, FloatArray]:
    """Return for each column its p-value corrected for all, and the share of resamples in which it agrees best."""
    if not entries:
        return np.empty(0), np.empty(0)
    names = [name for name in own.names if any(name in entry.names for entry in entries)]
    here = own.of(names)
    table = np.full((len(names), len(entries)), np.nan)
    for place, entry in enumerate(entries):
        table[[names.index(name) for name in entry.names], place] = entry.public
    rng = np.random.default_rng([SEED, len(entries)])
    corrected = max_corrected(table, here.sign * here.means().value, rng)
    drawn = here.sign * here.resampled(DRAWS, rng)
    taus = np.stack(
        [
            kendall_taus(entry.public, drawn[:, ~np.isnan(table[:, place])])
            for place, entry in enumerate(entries)
        ],
        axis=1,
    )
    most = max(len(entry.names) for entry in entries)
    wide = np.array([len(entry.names) >= WIDE * most for entry in entries])
    first = np.where(wide, np.nan_to_num(taus, nan=-2.0), -3.0)
    best = first == first.max(axis=1, keepdims=True)
    shares = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
    return corrected, np.where(wide, shares, np.nan)


def _judged(report: ColumnReport, p: float, share: float) -> ColumnReport:
    shown = not np.isnan(p) and p <= ALPHA
    status: AgreementStatus = "agrees" if shown else "not shown"
    made = replace(
        report,
        status=status,
        corrected_p=None if np.isnan(p) else float(p),
        best_share=None if np.isnan(share) else float(share),
    )
    return replace(made, sentence=column_sentence(made))
