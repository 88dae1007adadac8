"""What stored candidates score under the mix of today's traffic, and whether the decision would be another."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

from passmuster.corpus.drift.report import Observed, Reweighted, ReweightedScore
from passmuster.corpus.drift.reweight import TodaysMix, todays_mix
from passmuster.corpus.populations import populations
from passmuster.corpus.sampling.strata import MISSING
from passmuster.corpus.sampling.topics import TopicSpace
from passmuster.records.case import Case
from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.score import Estimate
from passmuster.records.text import input_text
from passmuster.workflows.corpus.drift import Watched

Compare: TypeAlias = Callable[[Sequence[Case]], Comparison | None]
"""Compares the stored candidates on these cases; None where nothing is stored."""


def reweighted(
    scored: Sequence[Case], found: Watched, space: TopicSpace | None, compare: Compare
) -> Reweighted | None:
    """Compare the stored candidates under today's mix; None where there is no mix, or nothing stored.

    Args:
        scored: The cases that the project scores.
        found: Both sides, with their cells.
        space: The topics, where cells are topics.
        compare: Asks nobody: it scores stored trials.
    """
    if found.by is None:
        return None
    main = populations(scored).main
    cases = [scored[place] for place in main.positions]
    mix = todays_mix(cases, _cells_of(cases, found, space), _shares(found.traffic))
    if not mix.cases:
        return None
    before, today = compare(cases), compare(mix.cases)
    if before is None or today is None:
        return None
    return _reweighted(before, today, mix)


def _cells_of(cases: Sequence[Case], found: Watched, space: TopicSpace | None) -> list[str | None]:
    if found.by == "strata":
        return [case.stratum or MISSING for case in cases]
    known = {each.id: each.cell for each in found.corpus}
    if space is None:
        return [known.get(case.id) for case in cases]
    places = space.place([input_text(case.input) for case in cases])[0]
    return [space.names[place] for place in places.tolist()]


def _shares(side: Sequence[Observed]) -> dict[str, float]:
    counts = Counter(each.cell for each in side if each.cell is not None)
    return {name: count / counts.total() for name, count in counts.items()}


def _reweighted(before: Comparison, today: Comparison, mix: TodaysMix) -> Reweighted:
    metric = next(report.name for report in before.metrics if report.primary)
    now = {report.name: report for report in today.candidates}
    return Reweighted(
        covered=mix.covered,
        scores=tuple(
            ReweightedScore(
                candidate=report.name,
                metric=metric,
                corpus=_figure(report, metric),
                today=_figure(now[report.name], metric),
                verdict=report.verdict.status,
                verdict_today=now[report.name].verdict.status,
            )
            for report in before.candidates
            if report.n
        ),
        status=before.decision.status,
        chosen=before.decision.chosen,
        status_today=today.decision.status,
        chosen_today=today.decision.chosen,
    )


def _figure(report: CandidateReport, metric: str) -> Estimate:
    return report.metrics.get(metric, Estimate(value=None, method="no data"))
