"""Is the LLM worth it, against the best rival that is none and against the process of today?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from passmuster.decide.adding.burdens import burden, burden_sentence
from passmuster.decide.adding.margin import (
    gain_shown,
    oriented,
    people_sentence,
    people_status,
    worth_sentence,
    worth_status,
)
from passmuster.decide.adding.strata import strata_of
from passmuster.decide.measured import BoolArray, Measured
from passmuster.decide.phrases import dollars
from passmuster.decide.requirements import excluded
from passmuster.records.comparison import CandidateReport
from passmuster.records.decision import Worth
from passmuster.records.score import Difference, Estimate
from passmuster.records.worth import WorthRival, WorthStratum


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What the question rests on: the rows, the metric and the margin, and what tells two candidates apart.

    `strata` are the cases of each stratum, where figures can be told by stratum.
    """

    reports: Sequence[CandidateReport]
    primary: str
    margin: float
    difference: Callable[[str, str], Difference]
    measured: Mapping[str, Measured] = field(default_factory=dict)
    strata: Mapping[str, BoolArray] = field(default_factory=dict)
    lower_is_better: bool = False


def worth(grounds: Grounds) -> Worth | None:
    """Compare the best LLM with the best baseline; None where one of the two is missing, or the metric is no share.

    An LLM that is shown to miss a bar is none that could be used, so it counts only where all of them are. Who misses a
    requirement is neither of the two. People take the baseline's place where there is none.
    `yes` needs the lower end of the paired difference above the margin, `no` its upper end below it.
    """
    usable = [report for report in grounds.reports if report.verdict.status != "fail"]
    llm = _best(replace(grounds, reports=usable), ("llm",)) or _best(grounds, ("llm",))
    if llm is None or any(grounds.primary in item.layout.bounds for item in grounds.measured.values()):
        return None
    rivals = [
        found
        for report in grounds.reports
        if report.kind != "llm" and (found := _rival(llm, report, grounds)) is not None
    ]
    best = _best(grounds, ("baseline",)) or _best(grounds, ("manual",))
    main = next((rival for rival in rivals if best is not None and rival.name == best.name), None)
    gain = None if main is None else oriented(main.difference, lower_is_better=grounds.lower_is_better)
    if best is None or main is None or gain is None:
        return None
    said = (llm.name, best.name, gain, grounds.margin)
    told = (
        people_sentence(*said, _cost(llm, main.name, grounds))
        if main.kind == "manual"
        else worth_sentence(*said)
    )
    burdens = tuple(
        burden(report, grounds.measured[report.name])
        for report in (llm, best)
        if report.name in grounds.measured
    )
    return Worth(
        status=main.status,
        llm=llm.name,
        baseline=best.name,
        difference=main.difference,
        margin=grounds.margin,
        sentence=told,
        shown=main.shown,
        rivals=tuple(rivals),
        strata=_strata(llm.name, best.name, grounds),
        burdens=burdens,
        brings=burden_sentence(*burdens) if len(burdens) == 2 else "",
    )


def _strata(llm: str, rival: str, grounds: Grounds) -> tuple[WorthStratum, ...]:
    ours, theirs = grounds.measured.get(llm), grounds.measured.get(rival)
    if ours is None or theirs is None or not grounds.strata:
        return ()
    return strata_of(
        ours,
        theirs,
        grounds.primary,
        grounds.strata,
        grounds.margin,
        lower_is_better=grounds.lower_is_better,
    )


def _best(grounds: Grounds, kinds: tuple[str, ...]) -> CandidateReport | None:
    scored = [
        report for report in grounds.reports if report.kind in kinds and _value(report, grounds) is not None
    ]
    sign = -1.0 if grounds.lower_is_better else 1.0
    return max(scored, key=lambda report: sign * (_value(report, grounds) or 0.0), default=None)


def _value(report: CandidateReport, grounds: Grounds) -> float | None:
    figure = report.metrics.get(grounds.primary)
    return None if figure is None or excluded(report.requirements) else figure.value


def _rival(llm: CandidateReport, report: CandidateReport, grounds: Grounds) -> WorthRival | None:
    if _value(report, grounds) is None:
        return None
    figure = report.metrics[grounds.primary]
    stated = figure.method == "stated"
    gap = (
        _against_stated(llm.metrics[grounds.primary], figure)
        if stated
        else grounds.difference(llm.name, report.name)
    )
    gain = oriented(gap, lower_is_better=grounds.lower_is_better)
    if gain is None:
        return None
    _, low, high = gain
    times, cheaper = _cost(llm, report.name, grounds)
    people = report.kind == "manual"
    return WorthRival(
        name=report.name,
        kind=report.kind,
        difference=gap,
        status=people_status(low, high, grounds.margin, cheaper=cheaper)
        if people
        else worth_status(low, high, grounds.margin),
        shown=gain_shown(low, high),
        times_the_cost=times,
        stated=stated,
    )


def _cost(llm: CandidateReport, rival: str, grounds: Grounds) -> tuple[float | None, bool | None]:
    """Return the LLM's cost of a success in the rival's, and whether its interval lies below the rival's, or not below."""
    other = next(report for report in grounds.reports if report.name == rival)
    ours, theirs = llm.cost.per_success, other.cost.per_success
    known = {llm.cost.basis, other.cost.basis}.isdisjoint(("unknown", "lower_bound"))
    if ours.value is None or not theirs.value or not known:
        return None, None
    times = ours.value / theirs.value
    if (ours.value if ours.high is None else ours.high) < (
        theirs.value if theirs.low is None else theirs.low
    ):
        return times, True
    dearer = (ours.value if ours.low is None else ours.low) >= (
        theirs.value if theirs.high is None else theirs.high
    )
    return times, False if dearer else None


def _against_stated(ours: Estimate, theirs: Estimate) -> Difference:
    """Return a figure minus one that is only stated: the interval is that of what was measured."""
    stated = theirs.value or 0.0
    if ours.value is None:
        return Difference(value=None, n=0, n_missing=ours.n_missing, method="no data")
    return Difference(
        value=ours.value - stated,
        low=None if ours.low is None else ours.low - stated,
        high=None if ours.high is None else ours.high - stated,
        n=ours.n,
        n_missing=ours.n_missing,
        method="against a stated figure",
    )


def versus_manual(name: str, reports: Sequence[CandidateReport]) -> str | None:
    """Say so where this candidate, reviews included, costs more per success than the process of today."""
    manual = next((report for report in reports if report.kind == "manual"), None)
    chosen = next((report for report in reports if report.name == name), None)
    if manual is None or chosen is None or name == manual.name:
        return None
    ours, today = chosen.cost.per_success.value, manual.cost.per_success.value
    if ours is None or today is None or ours <= today:
        return None
    return (
        f"Costs more than doing it by hand: {dollars(ours)} a success for {chosen.name}, reviews included,"
        f" against {dollars(today)} for {manual.name}."
    )
