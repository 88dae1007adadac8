"""The tests of a task's bars for one candidate: which cases each is about, and what it is held against."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from passmuster.decide.bar_tests import BarTest, not_testable, pending_test, stated_test
from passmuster.decide.bars import bar_test
from passmuster.decide.classes import class_columns, macro_f1_test
from passmuster.decide.corpus_report import corpus_test
from passmuster.decide.costs.report import stated_figure
from passmuster.decide.counted import counted_test
from passmuster.decide.judging.bars import judged_test
from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.phrases import counted
from passmuster.decide.relative.bars import relative_test
from passmuster.decide.slices import EMPTY, Sliced, sliced_bars
from passmuster.decide.success import success_rule
from passmuster.records.case import Case
from passmuster.records.corpus import CorpusVersion
from passmuster.records.judged import JudgeReport
from passmuster.records.task import CORPUS_BARS, Bar, Task

Drawn = Callable[[Measured, str], tuple[FloatArray, FloatArray]]
"""Returns the class columns of a candidate on a metric, and the macro F1 of its resamples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Cases of other categories (edge, adversarial, regression) together, and the candidates on them, by name."""

    cases: Sequence[Case] = ()
    measured: Mapping[str, Measured] = field(default_factory=dict)


class BarMaker:
    """Makes the tests of a comparison's bars.

    Args:
        task: Whose bars they are.
        corpus: The corpus version, for the bars on the cases themselves.
        measured: The candidates on the main cases, by name.
        cases: The main cases.
        apart: Those of other categories, for the slices that are of these.
    """

    def __init__(
        self,
        task: Task,
        corpus: CorpusVersion,
        measured: Mapping[str, Measured],
        cases: Sequence[Case],
        apart: Apart | None = None,
    ) -> None:
        self.task = task
        self.corpus = corpus
        self.measured = measured
        self.apart = apart or Apart()
        self.bars = sliced_bars(task.bars, task.slices, cases, self.apart.cases)

    def tests(
        self, item: Measured, generated: str, judges: Mapping[str, JudgeReport], drawn: Drawn
    ) -> Iterator[BarTest]:
        """Yield the test of every bar for a candidate, in the order of the task.

        Args:
            item: The candidate on the main cases.
            generated: When the comparison is made (ISO 8601).
            judges: What is known of the metrics that ask a judge, by metric.
            drawn: Remembers what was drawn for macro F1 on the main cases.
        """
        for sliced in self.bars:
            if sliced.bar.metric in CORPUS_BARS:
                yield corpus_test(sliced.bar, self.corpus, generated, item.cases)
            elif sliced.members is None:
                yield self._test(sliced, item, judges.get(sliced.bar.metric), drawn)
            else:
                yield self._slice_test(sliced, item, judges.get(sliced.bar.metric))

    def cautions(self) -> tuple[str, ...]:
        """Return a warning for each slice of a bar that no case is in."""
        found = [each.bar.slice for each in self.bars if each.members is not None and not each.members.any()]
        return tuple(
            f"No case is in the slice {name}: a bar on it meets nobody. See its expression, and the cases' category,"
            " stratum and tags."
            for name in dict.fromkeys(found)
        )

    def _slice_test(self, sliced: Sliced, item: Measured, judge: JudgeReport | None) -> BarTest:
        own = self.apart.measured[item.candidate.name] if sliced.apart else item
        part = sliced.of(own)
        asked = int(np.count_nonzero(part.present))
        if sliced.members is not None and not sliced.members.any():
            return not_testable(sliced.bar, None, EMPTY, item.cases)
        if not asked:
            return pending_test(sliced.bar, "none of its cases was asked yet", item.cases)
        test = self._test(sliced, part, judge, None)
        where = f"{counted(asked, 'case')} of it" + (", measured apart" if sliced.apart else "")
        note = where if test.note is None else f"{test.note}; {where}"
        test = replace(test, note=note if test.testable else test.note)
        return _beneath(test, item.cases) if sliced.apart else test

    def _test(
        self, sliced: Sliced, item: Measured, judge: JudgeReport | None, drawn: Drawn | None
    ) -> BarTest:
        bar = sliced.bar
        if not item.account.asked:
            return self._stated(bar, item)
        if bar.versus is not None:
            return relative_test(bar, item, self._incumbent(sliced), self.task, judge)
        classes = item.layout.classes.get(bar.metric)
        if classes is not None:
            columns, draws = (
                (class_columns(item, classes), None) if drawn is None else drawn(item, bar.metric)
            )
            known = bool(columns[:, 0].any())
            scored = macro_f1_test(bar, columns, item.groups, draws) if known else None
            return scored or not_testable(bar, None, "no scores", item.cases)
        if bar.metric in item.layout.count_metrics:
            return counted_test(bar, item)
        judged = None if judge is None else judged_test(bar, item, judge)
        return judged or bar_test(bar, item, self.task)

    def _stated(self, bar: Bar, item: Measured) -> BarTest:
        if bar.versus is not None:
            return not_testable(bar, None, "only what was measured is held against the incumbent", item.cases)
        value = stated_figure(bar.metric, item, success_rule(self.task), self.task.cost)
        if value is None:
            note = "nothing is stated" if item.candidate.kind == "manual" else "not asked yet"
            return not_testable(bar, None, note, item.cases)
        return stated_test(bar, value, item.cases)

    def _incumbent(self, sliced: Sliced) -> Measured | None:
        candidates = self.apart.measured if sliced.apart else self.measured
        found = candidates.get(self.task.incumbent or "")
        return None if found is None else sliced.of(found)


def _beneath(test: BarTest, above: int) -> BarTest:
    """Return a test whose cases stand beneath so many others in the table that all tests of a candidate share."""
    rows, width = test.columns.shape
    columns = np.zeros((above + rows, width))
    columns[above:] = test.columns
    return replace(test, columns=columns)
