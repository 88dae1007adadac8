"""Shares and scores against the incumbent's: paired differences, by Tango's score test or by t."""

from dataclasses import replace

import numpy as np

from passmuster.decide.bar_tests import BarTest, PValues, limit_of, not_testable
from passmuster.decide.measured import FloatArray
from passmuster.decide.phrases import counted
from passmuster.decide.readings import Readings, readings
from passmuster.decide.relative.pairs import Pair, more_cases
from passmuster.records.task import Bar
from passmuster.stats.clusters import ratio_columns, student_tail, sums_of, with_effective_units
from passmuster.stats.margins import with_pseudo_differences
from passmuster.stats.paired import tango_p_inferior, tango_p_noninferior

NO_PAIRS = "no case was asked of both it and the incumbent"


def difference_test(bar: Bar, pair: Pair) -> BarTest:
    """Test how much better (or worse) than the incumbent it does, case by case.

    A case counts where both were asked. Pass/fail cases, each of them alone: Tango's score test. Everything else: t of the
    differences, over groups where cases are grouped, always with two pseudo-differences. What is not known of a reply counts
    against what would be shown: of the candidate the one way, of the incumbent the other.
    """
    mine, theirs = readings(bar, pair.candidate), readings(bar, pair.incumbent)
    if mine is None or theirs is None:
        return _unbounded_test(bar, pair)
    known = ~np.isnan(mine.worst) & ~np.isnan(theirs.worst)
    if not known.any():
        return not_testable(bar, None, NO_PAIRS, known.size)
    limit = mine.sign * limit_of(bar) / mine.width
    whole = all(_whole(each[known]) for each in (mine.worst, mine.best, theirs.worst, theirs.best))
    alone = pair.groups is None and pair.weights is None
    test = (_tango if whole and alone else _mean)(bar, pair, (mine, theirs), known, limit)
    shown = np.average(
        (mine.worst - theirs.worst)[known], weights=None if pair.weights is None else pair.weights[known]
    )
    return replace(
        test, value=float(shown) * mine.sign * mine.width + 0.0, note=_note(pair, (mine, theirs), known)
    )


def _whole(values: FloatArray) -> bool:
    return bool(np.isin(values, (0.0, 1.0)).all())


def _note(pair: Pair, both: tuple[Readings, Readings], known: np.ndarray) -> str | None:
    unsure = int(sum((each.best != each.worst)[known].sum() for each in both))
    parts = [f"{counted(unsure, 'unscored trial')} counted against either side"] if unsure else []
    mine, theirs = (np.asarray(item.present) > 0 for item in (pair.candidate, pair.incumbent))
    alone, untold = int((mine & ~theirs).sum()), int((mine & theirs & ~known).sum())
    if alone:
        parts.append(f"{counted(alone, 'case')} left out: asked of it and not of the incumbent")
    if untold:
        parts.append(f"{counted(untold, 'case')} left out: without a reference, or not of the metric's kind")
    return "; ".join(parts) or None


def _tango(bar: Bar, pair: Pair, both: tuple[Readings, Readings], known: np.ndarray, limit: float) -> BarTest:
    del pair
    mine, theirs = both
    columns = np.zeros((known.size, 5))
    columns[:, 0] = known
    for place, gap in ((1, mine.worst - theirs.best), (3, mine.best - theirs.worst)):
        columns[known, place] = gap[known] > 0
        columns[known, place + 1] = gap[known] < 0

    def p_values(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        n, better, worse, at_best, at_worst = (sums[..., place] for place in range(5))
        return (
            np.asarray(tango_p_noninferior(better, worse, n, -limit)),
            np.asarray(tango_p_inferior(at_best, at_worst, n, -limit)),
        )

    return _finished(bar, columns, p_values, "Tango's score test, paired", float(known.sum()))


def _mean(bar: Bar, pair: Pair, both: tuple[Readings, Readings], known: np.ndarray, limit: float) -> BarTest:
    mine, theirs = both
    sizes = known * (np.ones(known.size) if pair.weights is None else pair.weights)
    gaps = (mine.worst - theirs.best, mine.best - theirs.worst)
    columns = np.hstack(
        [ratio_columns(np.nan_to_num(gap) * sizes, sizes, pair.groups, known) for gap in gaps]
    )

    def p_values(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        found = []
        for sign, part in zip((1.0, -1.0), np.split(sums, 2, axis=-1), strict=True):
            some = sums_of(part)
            some = with_pseudo_differences(some if pair.weights is None else with_effective_units(some))
            distance = sign * (some.value() - limit)
            found.append(student_tail(distance, some.standard_error(), some.units - 1))
        return found[0], found[1]

    method = ("weighted " if pair.weights is not None else "") + "paired t with two pseudo-differences"
    method += "" if pair.groups is None else ", clustered by group"
    return _finished(bar, columns, p_values, method, float(known.sum()))


def _unbounded_test(bar: Bar, pair: Pair) -> BarTest:
    """Test the mean difference of values without bounds by t, which claims no more than the sign test can."""
    sign, limit = (1.0 if bar.at_least is not None else -1.0), limit_of(bar)
    gaps = pair.candidate.scores(bar.metric) - pair.incumbent.scores(bar.metric)
    known = ~np.isnan(gaps)
    if not known.any():
        return not_testable(bar, None, NO_PAIRS, known.size)
    sizes = known * (np.ones(known.size) if pair.weights is None else pair.weights)
    columns = ratio_columns(np.nan_to_num(gaps) * sizes, sizes, pair.groups, known)

    def p_values(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        some = sums_of(sums)
        some = some if pair.weights is None else with_effective_units(some)
        distance, error, least = sign * (some.value() - limit), some.standard_error(), 0.5**some.units
        tails = [student_tail(way * distance, error, some.units - 1) for way in (1.0, -1.0)]
        return np.maximum(tails[0], least), np.maximum(tails[1], least)

    test = _finished(bar, columns, p_values, "paired t, at least the sign test's p", float(known.sum()))
    return replace(test, value=float(np.average(gaps[known], weights=sizes[known])))


def _finished(bar: Bar, columns: FloatArray, p_values: PValues, method: str, n: float) -> BarTest:
    test = BarTest(
        bar=bar, columns=columns, p_values=p_values, value=None, method=method, more=lambda _level: None
    )
    found = test.observed()
    return replace(test, more=lambda level: more_cases(n, found, level))
