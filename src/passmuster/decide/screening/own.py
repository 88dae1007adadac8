"""The own scores that a leaderboard is held against: one row a case, one column a candidate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.slice_rule import SliceRule
from passmuster.decide.success import success_rule
from passmuster.decide.tail import slices_of
from passmuster.metrics.metric import Bounds
from passmuster.records.case import Case
from passmuster.records.score import Direction, Estimate
from passmuster.records.task import Task
from passmuster.stats.arrays import IntArray
from passmuster.stats.clusters import Clusters, cluster_numbers
from passmuster.stats.resample import resample_weights
from passmuster.stats.shrunk import shrunk_covariance
from passmuster.stats.student import student_quantile

FEWEST_CASES = 30
"""A slice with fewer is left out: the order of its means is noise."""

MOST_SLICES = 40


class OwnMeans(NamedTuple):
    """Means of the candidates, and the covariance of their errors over the cases; `units` were drawn."""

    value: FloatArray
    covariance: FloatArray
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnScores:
    """Scores of candidates over the same cases: rows are cases, columns candidates, NaN where there is none.

    `metric` is what they are scores of; `groups` numbers the group of each case, `weights` says how many cases of traffic
    each stands for; `slices` are places of cases by name, `bounds` the ends of the scale.
    """

    names: tuple[str, ...]
    scores: FloatArray
    metric: str
    direction: Direction = "higher"
    groups: Clusters | None = None
    weights: FloatArray | None = None
    slices: Mapping[str, IntArray] = field(default_factory=dict)
    bounds: Bounds = (0.0, 1.0)

    @property
    def sign(self) -> float:
        """1 where more is better, -1 where less is."""
        return 1.0 if self.direction == "higher" else -1.0

    def of(self, names: Sequence[str]) -> "OwnScores":
        """Return the scores of these candidates, in this order."""
        return self._with([self.names.index(name) for name in names], names)

    def _with(self, places: Sequence[int], names: Sequence[str]) -> "OwnScores":
        return OwnScores(
            names=tuple(names),
            scores=self.scores[:, list(places)],
            metric=self.metric,
            direction=self.direction,
            groups=self.groups,
            weights=self.weights,
            slices=self.slices,
            bounds=self.bounds,
        )

    def within(self, places: IntArray) -> "OwnScores":
        """Return the scores on these cases only."""
        groups = None if self.groups is None else np.asarray(self.groups)[places]
        return OwnScores(
            names=self.names,
            scores=self.scores[places],
            metric=self.metric,
            direction=self.direction,
            groups=groups,
            weights=None if self.weights is None else self.weights[places],
            bounds=self.bounds,
        )

    def means(self) -> OwnMeans:
        """Return the means over the cases that each has a score on, and the covariance of their errors.

        Two cases are added to the covariance, one at each end of a bounded scale, so that somebody who is right on all is
        not taken to be so for certain (as in an interval of one mean). Its correlations are drawn towards their mean, the more
        so the fewer cases there are: else some difference of many models looks sure by chance.
        """
        known = ~np.isnan(self.scores)
        own = np.ones(len(self.scores)) if self.weights is None else self.weights
        size = np.where(known, own[:, None], 0.0).sum(axis=0)
        filled = np.where(known, self.scores, 0.0)
        value = (filled * own[:, None]).sum(axis=0) / size
        parts = np.where(known, (filled - value) * own[:, None], 0.0) / size
        if self.groups is not None:
            numbers = cluster_numbers(self.groups)
            parts = np.stack([np.bincount(numbers, weights=column) for column in parts.T], axis=1)
        units = len(parts)
        if all(np.isfinite(self.bounds)):
            ends = np.array(self.bounds)[:, None]
            parts = np.concatenate([parts, (ends - value) / units])
        scale = len(parts) ** 2 / max(len(parts) - 1, 1)
        return OwnMeans(value=value, covariance=shrunk_covariance(parts) * scale, units=units)

    def linear(self) -> OwnMeans:
        """Return the means on a scale on which they may lie on a line, more is better, with the covariance there.

        Of a bounded scale these are log-odds (a case added at each end): near its end a better model gains less and less.
        """
        found = self.means()
        low, high = self.bounds
        if not (np.isfinite(low) and np.isfinite(high)):
            return OwnMeans(self.sign * found.value, found.covariance, found.units)
        share = ((found.value - low) / (high - low) * found.units + 1) / (found.units + 2)
        slope = 1 / (share * (1 - share) * (high - low))
        value = self.sign * np.log(share / (1 - share))
        return OwnMeans(value, found.covariance * np.outer(slope, slope), found.units)

    def resampled(self, repetitions: int, rng: np.random.Generator) -> FloatArray:
        """Return the means over other draws of the cases (whole groups): one row a draw, NaN where nobody was drawn."""
        known = ~np.isnan(self.scores)
        own = np.ones(len(self.scores)) if self.weights is None else self.weights
        tops, bottoms = np.where(known, self.scores, 0.0) * own[:, None], known * own[:, None]
        made = []
        for block in resample_weights(len(self.scores), repetitions, rng, self.groups):
            drawn = np.asarray(block, dtype=np.float64)
            with np.errstate(invalid="ignore", divide="ignore"):
                made.append((drawn @ tops) / (drawn @ bottoms))
        return np.concatenate(made)

    def estimates(self) -> tuple[Estimate, ...]:
        """Return each candidate's mean with its 95% interval."""
        means = self.means()
        reach = student_quantile(0.975, max(means.units - 1, 1)) * np.sqrt(np.diag(means.covariance))
        low, high = self.bounds
        n = (~np.isnan(self.scores)).sum(axis=0)
        return tuple(
            Estimate(
                value=float(value),
                low=max(low, float(value - half)),
                high=min(high, float(value + half)),
                n=int(count),
                n_missing=len(self.scores) - int(count),
                method="t over cases, two cases added",
            )
            for value, half, count in zip(means.value, reach, n, strict=True)
        )


def own_scores(
    task: Task, measured: Sequence[Measured], cases: Sequence[Case], direction: Direction
) -> OwnScores:
    """Return the scores in the task's first metric of the candidates that have any; where it has none, their successes.

    Args:
        task: Whose first metric it is.
        measured: The candidates over the cases.
        cases: Those that estimate production.
        direction: Which end of that metric is better.
    """
    metric = task.metrics[0].name
    columns = [item.scores(metric) for item in measured]
    bounds = measured[0].bounds(metric) if measured else (0.0, 1.0)
    if columns and all(np.isnan(column).all() for column in columns):
        rule = success_rule(task)
        columns = [item.successes(rule) for item in measured]
        metric, direction, bounds = f"success ({rule.metric})", "higher", (0.0, 1.0)
    able = [place for place, column in enumerate(columns) if not np.isnan(column).all()]
    shape = (len(cases), 0)
    return OwnScores(
        names=tuple(measured[place].candidate.name for place in able),
        scores=np.stack([columns[place] for place in able], axis=1) if able else np.empty(shape),
        metric=metric,
        direction=direction,
        groups=measured[0].groups if measured else None,
        weights=measured[0].weights if measured else None,
        slices=_slices(task, cases),
        bounds=bounds,
    )


def _slices(task: Task, cases: Sequence[Case]) -> dict[str, IntArray]:
    """Return the strata, the tags and the task's own slices that are large enough, the largest first."""
    found = dict(slices_of(cases))
    for name, rule in task.slices.items():
        holds = SliceRule(rule).holds
        found[name] = np.array([place for place, case in enumerate(cases) if holds(case)], dtype=np.int64)
    large = {name: places for name, places in found.items() if FEWEST_CASES <= len(places) < len(cases)}
    most = sorted(large, key=lambda name: -len(large[name]))[:MOST_SLICES]
    return {name: places for name, places in large.items() if name in most}
