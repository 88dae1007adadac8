"""`corpus diff`: what changed between two versions, and what that did to the scores of stored candidates."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from passmuster.corpus.populations import Basis, populations
from passmuster.corpus.versions.content import corpus_version
from passmuster.records.case import Case, case_digest
from passmuster.records.comparison import CandidateReport
from passmuster.records.record import Record
from passmuster.records.score import Difference, Estimate
from passmuster.records.trial import Trial
from passmuster.records.version import VersionDiff, VersionScores
from passmuster.stats.unpaired import difference_interval
from passmuster.workflows.compare import Question, rows

_NOTHING = 1e-9
"""A difference that is rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff(Record):
    """What changed from one version to another, and what the stored trials say of it."""

    before: str
    after: str
    changes: VersionDiff
    scores: tuple[VersionScores, ...] = ()


def scores(
    question: Question, before: Sequence[Case], after: Sequence[Case], trials: Callable[[], Iterable[Trial]]
) -> tuple[VersionScores, ...]:
    """Return what each candidate with trials scores on two bodies of cases, and on what they share.

    Cases are common where id and input are the same. The figures are those that `compare` would show of each
    body: of the cases that estimate production, weighted where they have weights; of all typical ones where no
    case of the two does.

    Args:
        question: Task, metrics and candidates; its corpus says only where the cases lie.
        before: The scored cases of the earlier version.
        after: Those of the later one.
        trials: Reads the stored trials of the candidates, each time it is called.
    """
    basis = populations([*before, *after]).basis
    earlier, later = _keyed(_main(before, basis)), _keyed(_main(after, basis))
    bodies = {
        "before": list(earlier.values()),
        "after": list(later.values()),
        "common_before": [case for key, case in earlier.items() if key in later],
        "common_after": [case for key, case in later.items() if key in earlier],
        "new": [case for key, case in later.items() if key not in earlier],
        "gone": [case for key, case in earlier.items() if key not in later],
    }
    found = {name: _reports(question, cases, trials) for name, cases in bodies.items()}
    names = [metric.name for metric in question.metrics]
    return tuple(
        _scores(candidate.name, metric, {name: found[name].get(candidate.name) for name in bodies})
        for candidate in question.candidates
        if any(candidate.name in reports for reports in found.values())
        for metric in names
    )


def _main(cases: Iterable[Case], basis: Basis) -> Iterator[Case]:
    """Yield the cases that carry the figures: the same kind in both versions, and in each part of them."""
    for case in cases:
        if basis == "all" or (case.category == "typical" and basis in ("typical", case.origin)):
            yield case


def _keyed(cases: Iterable[Case]) -> dict[tuple[str, str], Case]:
    return {(case.id, case_digest(case)): case for case in cases}


def _reports(
    question: Question, cases: Sequence[Case], trials: Callable[[], Iterable[Trial]]
) -> dict[str, CandidateReport]:
    if not cases:
        return {}
    asked = replace(question, corpus=corpus_version(cases, question.corpus.path))
    found = rows(asked, trials(), generated="")
    return {file.candidate.name: file.candidate for file in found if file.candidate.n}


def _scores(candidate: str, metric: str, reports: dict[str, CandidateReport | None]) -> VersionScores:
    figures = {name: _figure(report, metric) for name, report in reports.items()}
    harder = _difference(figures["new"], figures["common_after"])
    return VersionScores(
        candidate=candidate,
        metric=metric,
        before=figures["before"],
        after=figures["after"],
        common_before=figures["common_before"],
        common_after=figures["common_after"],
        new=figures["new"],
        gone=figures["gone"],
        harder=harder,
        step=_step(figures, harder),
    )


def _figure(report: CandidateReport | None, metric: str) -> Estimate:
    found = None if report is None else report.metrics.get(metric)
    return Estimate(value=None, method="no data") if found is None else found


def _difference(first: Estimate, second: Estimate) -> Difference:
    one, other = _ends(first), _ends(second)
    if one is None or other is None:
        return Difference(value=None, n=first.n, n_missing=first.n_missing, method="no data")
    low, high = difference_interval(one, other)
    return Difference(
        value=one[0] - other[0],
        low=low,
        high=high,
        n=first.n,
        n_missing=first.n_missing,
        method="square-and-add",
    )


def _ends(figure: Estimate) -> tuple[float, float, float] | None:
    if figure.value is None or figure.low is None or figure.high is None:
        return None
    return figure.value, figure.low, figure.high


def _step(figures: Mapping[str, Estimate], harder: Difference) -> Difference:
    """Return the difference of the new cases times their share of the later version, which is that of weights."""
    after, common, new = (figures[name] for name in ("after", "common_after", "new"))
    if after.value is None or common.value is None or None in (harder.value, harder.low, harder.high):
        return Difference(value=None, n=new.n, n_missing=new.n_missing, method="no data")
    value, gap = after.value - common.value, harder.value or 0.0
    share = value / gap if abs(gap) > _NOTHING else new.n / (new.n + common.n)
    low, high = sorted((share * (harder.low or 0.0), share * (harder.high or 0.0)))
    return replace(harder, value=value, low=low, high=high, method="square-and-add, by their share")
