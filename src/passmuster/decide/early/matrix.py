"""The matrix and the decision after a run that asked only until it was decided.

The tests are those of the run: each at its share of alpha over the whole family, with what was not asked counted against a pass
and against a miss alike. For the exact test of a share that is right at whatever case a candidate was stopped, since
it can only pass if the test over all cases must. Means of stopped candidates have an interval that holds at every look.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from passmuster.decide.bar_tests import BarTest
from passmuster.decide.choosing.beside import Beside
from passmuster.decide.early.marks import with_caveat
from passmuster.decide.early.words import race_words, run_words, stop_words
from passmuster.decide.matrix import Matrix, Scope
from passmuster.decide.measured import ABSENT, BoolArray, FloatArray, Measured
from passmuster.decide.phrases import counted
from passmuster.decide.requirements import excluded
from passmuster.decide.verdicts import Contender
from passmuster.metrics.metric import Metric
from passmuster.records.comparison import CandidateReport, Check, Comparison
from passmuster.records.corpus import CorpusVersion
from passmuster.records.decision import DecisionReport
from passmuster.records.score import Difference, Estimate
from passmuster.records.stopped import STOPPED_EARLY, Stop, Stopped
from passmuster.records.task import Task
from passmuster.stats.sequential.race import confidence_sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyRun:
    """The run that a comparison goes by: how it went, and which of the main cases it was to ask."""

    stopped: Stopped
    planned: BoolArray


class StoppedMatrix(Matrix):
    """A comparison in the making whose trials are those of a run that stopped early.

    Args:
        task: As for every comparison.
        metrics: As for every comparison.
        corpus: As for every comparison.
        measured: As for every comparison.
        scope: As for every comparison.
        early: The run.
    """

    def __init__(
        self,
        task: Task,
        metrics: Sequence[Metric],
        corpus: CorpusVersion,
        measured: Sequence[Measured],
        scope: Scope,
        early: EarlyRun,
    ) -> None:
        super().__init__(task, metrics, corpus, measured, scope)
        self._stopped = early.stopped
        self._left_out = ~early.planned
        ours = set(early.stopped.until.family)
        nothing = np.zeros_like(early.planned)
        self._unseen = {
            item.candidate.name: unseen(item, early.planned) if item.candidate.name in ours else nothing
            for item in measured
        }

    def comparison(self, generated: str) -> Comparison:
        """Return the finished comparison, with what was stopped; `generated` says when it was made."""
        return replace(super().comparison(generated), stopped=self._stopped)

    def contenders(self, generated: str) -> list[Contender]:
        """Return each candidate with the tests of its bars; who came later and may pass makes the family larger."""
        found = super().contenders(generated)
        able = [each.measured for each in found if not excluded(each.requirements)]
        self._family = family_of(self._stopped, able, self.task.finalists)
        return found

    def _tests(self, item: Measured, generated: str) -> Sequence[BarTest]:
        missing = self._unseen[item.candidate.name]
        return tuple(without_rest(test, missing) for test in super()._tests(item, generated))

    def _reports(self, contenders: Sequence[Contender], generated: str) -> list[CandidateReport]:
        found = [self._told(report) for report in super()._reports(contenders, generated)]
        cut = {name for name, missing in self._unseen.items() if missing.any()}
        return [replace(report, dominated_by=_without(report, cut)) for report in found]

    def _told(self, report: CandidateReport) -> CandidateReport:
        stop = self._stopped.stop_of(report.name)
        unasked = int(self._unseen[report.name].sum())
        if stop is None and not unasked:
            return report
        why = _why(stop, unasked, self._stopped)
        verdict = replace(report.verdict, stopped=stop)
        if verdict.status == "undecided" and not (verdict.more_ratings or verdict.undeclared):
            sentence = f"{report.name} is undecided: it {why}."
            verdict = replace(
                verdict, reason=why, sentence=sentence, more_cases=None, p=None, adjusted_p=None
            )
        note = f"{STOPPED_EARLY}: {report.n:,} of {report.n + unasked:,} cases"
        checks = tuple(_closed(check, note) for check in report.checks)
        told = replace(report, verdict=verdict, checks=checks)
        # Plain figures of the cases so far, which would say more than is known.
        if not unasked:
            return told
        bare = replace(told, classification=None, outcomes=None, variance=None, tail=None)
        return with_caveat(bare, note)

    def _estimate(self, item: Measured, metric: str) -> Estimate:
        found = super()._estimate(item, metric)
        missing = int(self._unseen[item.candidate.name].sum())
        if found.value is None or not missing:
            return found
        whole = {*self.classes, *self.counted, *self.judges}
        ends = None if metric in whole else always_valid(item, metric)
        note = f"{STOPPED_EARLY}: {found.n:,} of {found.n + missing:,} cases"
        if ends is None:
            return replace(found, low=None, high=None, method="none: stopped early", note=note)
        return replace(found, low=ends[0], high=ends[1], method="confidence sequence", note=note)

    def _difference(self, first: Measured, second: Measured, metric: str) -> Difference:
        names = (first.candidate.name, second.candidate.name)
        if any(self._unseen[name].any() for name in names):
            # Whoever was stopped for how it looked looks worse than it is, beside anybody.
            return Difference(value=None, n=0, method="none: stopped early")
        return super()._difference(first, second, metric)

    def _beside(self, reports: Sequence[CandidateReport]) -> Beside:
        cut = frozenset(name for name, missing in self._unseen.items() if missing.any())
        return super()._beside(reports).without(cut)

    def _decision(
        self,
        contenders: Sequence[Contender],
        reports: Sequence[CandidateReport],
        generated: str,
        beside: Beside,
    ) -> DecisionReport:
        found = super()._decision(contenders, reports, generated, beside)
        race = race_words(self._stopped, self.primary)
        reason = found.reason
        if found.status == "undecided" and race is None and self._stopped.finished:
            reason = nobody_words(reports, self._stopped)
        if race is not None:
            reason = f"{race} {reason}" if self.task.bars else race
        warnings = (*self._of_other_cases(found.chosen), *found.warnings)
        return replace(found, reason=f"{reason} {run_words(self._stopped)}", warnings=warnings)

    def _of_other_cases(self, chosen: str | None) -> Iterator[str]:
        """Yield how many cases the run was not about, where no other warning says that they are missing."""
        stop = None if chosen is None else self._stopped.stop_of(chosen)
        asked = [item for item in self.measured.values() if item.account.asked]
        missing = [unseen(item, self._left_out) for item in asked]
        count = int(np.any(missing, axis=0).sum()) if missing else 0
        if count and (chosen is None or stop is not None):
            yield (
                f"{counted(count, 'case')} came after the run that asked until it was decided, or were left out of it:"
                " the decision is not about them. To ask them: passmuster run --until-decided."
            )


def unseen(item: Measured, planned: BoolArray) -> BoolArray:
    """Return which of the planned cases a candidate may receive and was never asked."""
    absent = np.equal(item.columns.state, ABSENT).all(axis=1)
    open_to = planned if item.withheld is None else planned & ~item.withheld
    return np.asarray(absent & open_to)


def _without(report: CandidateReport, cut: Collection[str]) -> tuple[str, ...]:
    """Return who dominates a candidate, of those that were asked everything."""
    return () if report.name in cut else tuple(name for name in report.dominated_by if name not in cut)


def family_of(stopped: Stopped, measured: Sequence[Measured], finalists: Collection[str]) -> int:
    """Return how many candidates the correction is over: those of the run, and any that came later and could pass."""
    later = {
        item.candidate.name
        for item in measured
        if item.account.asked and (not finalists or item.candidate.name in finalists)
    }
    return max(1, len({*stopped.until.family, *later}))


def without_rest(test: BarTest, missing: BoolArray) -> BarTest:
    """Return the test in which every case that was not asked counts against a pass, and against a miss.

    The exact test of a share keeps its form. Any other can settle nothing before all cases were asked.
    """
    if not missing.any() or not test.testable:
        return test
    if test.share is None or test.bar.slice is not None or test.bar.each is not None:
        is_fixed = not test.columns.any()  # a test of the cases themselves, which no answer changes
        return test if is_fixed else replace(test, p_values=_open_p_values)
    columns = test.columns.copy()
    columns[: len(missing)][missing] = (1.0, 0.0, 1.0)
    return replace(test, columns=columns)


def _open_p_values(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
    ones = np.ones(sums.shape[:-1])
    return ones, ones


def always_valid(item: Measured, metric: str, level: float = 0.95) -> tuple[float, float] | None:
    """Return the interval of a mean that holds at every look; None for a metric whose values have no bounds."""
    low, high = item.bounds(metric)
    if not np.isfinite(high - low):
        return None
    scores = (item.scores(metric) - low) / (high - low)
    known = ~np.isnan(scores)
    own = np.ones(item.cases) if item.weights is None else item.weights
    groups = np.arange(item.cases) if item.groups is None else item.groups
    _, unit = np.unique(groups, return_inverse=True)
    weights = np.bincount(unit[known], weights=own[known], minlength=int(unit.max()) + 1)
    totals = np.bincount(unit[known], weights=(own * np.nan_to_num(scores))[known], minlength=len(weights))
    seen = weights > 0
    largest = float(np.bincount(unit, weights=own).max())
    means = np.clip(totals[seen] / weights[seen], 0.0, 1.0)
    ends = confidence_sequence(means, level, weights=weights[seen], largest=largest)
    return low + ends[0] * (high - low), low + ends[1] * (high - low)


def nobody_words(reports: Sequence[CandidateReport], stopped: Stopped) -> str:
    """Return why nobody is chosen though nobody is asked any more."""
    hopeless = sum(each.reason == "hopeless" for each in stopped.stops)
    count = f"{hopeless} of {len(reports)}" if hopeless else f"None of the {len(reports)}"
    if not hopeless:
        return f"{count} candidates is shown to meet every bar, and no case is left that could show it."
    return (
        f"No candidate is shown to meet every bar. {count} were stopped because they could hardly have been;"
        " the others were asked every case."
    )


def _why(stop: Stop | None, unasked: int, stopped: Stopped) -> str:
    if stop is not None:
        return stop_words(stop, stopped.until.within)
    if not stopped.finished:
        return f"has {unasked:,} cases left: the run that asks until it is decided has not ended"
    return f"was given up with {unasked:,} cases left"


def _closed(check: Check, note: str) -> Check:
    """Return a check that asks for no more cases, since nobody is asked any more, and says on how many its figure rests."""
    return replace(check, more_cases=None, note=note if check.note is None else f"{note}; {check.note}")
