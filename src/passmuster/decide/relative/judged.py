"""What a judge says of a candidate against what it says of the incumbent, both corrected by people's ratings."""

from dataclasses import replace

import numpy as np

from passmuster.decide.bar_tests import BarTest, limit_of
from passmuster.decide.judging.bars import JudgedFigure, judged_figure
from passmuster.decide.judging.corrected import judged_rows
from passmuster.decide.measured import FloatArray
from passmuster.decide.relative.pairs import Pair, more_cases
from passmuster.records.judged import JudgeReport
from passmuster.records.task import Bar
from passmuster.stats.clusters import student_tail


def judged_difference_test(bar: Bar, pair: Pair, judge: JudgeReport) -> BarTest | None:
    """Test the difference of two corrected figures; None where the judge is to be taken at its word.

    Both were rated by people, mostly on different replies, so the two errors are added as if the cases were different
    ones, too: cases that are hard for both make the true error smaller, so that this is on the safe side. Without enough
    ratings of either side the bar is undecided.
    """
    sides = []
    for item, whose in ((pair.candidate, ""), (pair.incumbent, "the incumbent: ")):
        found = judged_figure(bar, item, judge, judged_rows(item, bar.metric))
        if found is None or isinstance(found, BarTest):
            return None if found is None else replace(found, value=None, note=f"{whose}{found.note}")
        sides.append(found)
    mine, theirs = sides
    columns = np.hstack([mine.columns, theirs.columns])
    test = _Difference(mine, theirs, limit_of(bar))
    totals = columns.sum(axis=0)
    observed = test.p_values(totals)
    both = float(observed[0]), float(observed[1])
    n = float(np.count_nonzero(pair.candidate.present))
    return BarTest(
        bar=bar,
        columns=columns,
        p_values=test.p_values,
        value=float(test.figures(totals, (None, None))[0]),
        method=f"t test of the difference, errors added as if unpaired, {mine.words}",
        more=lambda level: more_cases(n, both, level),
    )


class _Difference:
    """The difference of two figures as a function of the sums of both."""

    def __init__(self, mine: JudgedFigure, theirs: JudgedFigure, limit: float) -> None:
        self.mine, self.theirs, self.limit = mine, theirs, limit

    def p_values(self, sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the p-values; what could not be judged counts against what would be shown."""
        found = []
        worst, best = self.mine.worst, self.mine.best
        for way, unknown in ((self.mine.sign, (worst, best)), (-self.mine.sign, (best, worst))):
            value, error, degrees = self.figures(sums, unknown)
            found.append(student_tail(way * (value - self.limit), error, degrees))
        return found[0], found[1]

    def figures(
        self, sums: FloatArray, unknown: tuple[float | None, float | None]
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the difference, its standard error and the degrees of freedom of the smaller side."""
        split = self.mine.columns.shape[1]
        one = self.mine.figure(sums[..., :split], unknown=unknown[0])
        other = self.theirs.figure(sums[..., split:], unknown=unknown[1])
        return one[0] - other[0], np.hypot(one[1], other[1]), np.minimum(one[2], other[2])
