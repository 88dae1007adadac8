"""What a report says of the cases: where they came from, how old they are, and those measured apart."""

from collections.abc import Mapping

from passmuster.records.comparison import ApartReport, CandidateReport, Comparison, CorpusReport
from passmuster.report import figures
from passmuster.report.escape import label, visible
from passmuster.report.rows import Column, mark, name, ordered
from passmuster.report.views import Cell, Grid, estimate, line, plain

_BASIS = {
    "production": "from production",
    "typical": "typical ones, none of them from production",
    "all": "of pools only, none of them typical",
}
_WORDS = {"prior_system": "a prior system", "expert": "experts"}


def origins(corpus: CorpusReport) -> str:
    """Return the share of each origin, the largest first.

    Example:
        >>> origins_of({"production": 90, "synthetic": 10})
        '90 % production, 10 % synthetic'
    """
    return origins_of(corpus.origins)


def origins_of(counts: Mapping[str, int]) -> str:
    """Return the share of each origin in words; nothing for no cases."""
    total = sum(counts.values())
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{figures.percent(number / total)} {_WORDS.get(key, key)}" for key, number in ranked)


def summary(corpus: CorpusReport) -> str:
    """Return in one sentence or two what the figures rest on: cases, origins, weights, age, coverage, holdout."""
    scored = corpus.cases if corpus.scored is None else corpus.scored
    carry = f"the figures are of {figures.count(scored, 'case')} {_BASIS.get(corpus.basis, corpus.basis)}"
    parts = [carry + ("" if scored == corpus.cases else f", out of {corpus.cases:,}")]
    if corpus.effective is not None:
        parts.append(f"weighted back to traffic, worth {corpus.effective:,.0f} equally weighted ones")
    if corpus.origins and (len(corpus.origins) > 1 or "production" not in corpus.origins):
        parts.append(f"origins: {origins(corpus)}")
    parts.append(age(corpus))
    if corpus.coverage is not None:
        parts.append(f"coverage: {figures.percent(corpus.coverage)} of the traffic last looked at")
    if corpus.ledger is not None:
        parts.append(f"ledger of the holdout ends in {corpus.ledger[:16]}")
    text = "; ".join(parts)
    return text[0].upper() + text[1:] + "."


def age(corpus: CorpusReport) -> str:
    """Return how old the cases are."""
    if corpus.age_days is None:
        return "age unknown"
    days = figures.count(round(corpus.age_days), "day")
    return f"half of them asked within the last {days}" if corpus.age_days >= 0.5 else "asked today"


def apart_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return the successes on cases measured apart, as columns of text; none where there are no such cases."""
    if not comparison.apart:
        return ()
    rows = ordered(comparison)
    found = [{each.candidate: each for each in part.candidates} for part in comparison.apart]
    return (
        Column(key="candidate", title="  candidate", cells=tuple("  " + name(row) for row in rows)),
        *(
            Column(
                key=f"apart:{part.name}",
                title=f"{visible(part.name)} ({part.cases:,})",
                cells=tuple(_success(known.get(row.name)) for row in rows),
            )
            for part, known in zip(comparison.apart, found, strict=True)
        ),
    )


def _success(found: ApartReport | None) -> str:
    return figures.MISSING if found is None else figures.interval(found.success) + mark(found.success)


def apart(comparison: Comparison) -> Grid | None:
    """Return the table of cases measured apart: per population success, the first metric and failed trials."""
    if not comparison.apart:
        return None
    heads = [("candidate", False)]
    for part in comparison.apart:
        heads += [(f"{label(part.name)} ({part.cases:,})", True), ("failed", True)]
    found = [{each.candidate: each for each in part.candidates} for part in comparison.apart]
    lines = []
    for row in ordered(comparison):
        cells = [cell for known in found for cell in _cells(row, known)]
        lines.append(line(comparison, row, cells))
    return Grid(heads=tuple(heads), lines=tuple(lines))


def _cells(row: CandidateReport, known: Mapping[str, ApartReport]) -> tuple[Cell, Cell]:
    found = known.get(row.name)
    if found is None:
        return plain(None), plain(None)
    return estimate(found.success), plain(figures.percent(found.failures.value) + mark(found.failures))
