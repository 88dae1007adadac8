"""Cost against quality of a cascade at every threshold, and what its signal is worth."""

from collections.abc import Sequence

import numpy as np

from passmuster.decide.measured import FloatArray
from passmuster.decide.routing.chains import ANY, TWO_STAGES, Stage, spent, thresholds, walk
from passmuster.decide.routing.ground import Ground
from passmuster.records.routing import RouteCurve, RoutePoint
from passmuster.records.score import Estimate
from passmuster.stats.clusters import ratio_sums, with_effective_units, with_pseudo_scores
from passmuster.stats.margins import with_pseudo_differences
from passmuster.stats.student import student_quantile

NEVER = float("inf")
"""The least of a signal that no reply reaches."""


def curve_of(ground: Ground, names: Sequence[str], signal: str) -> RouteCurve:
    """Return a cascade of two at every threshold.

    Nothing is chosen by how good it is: every point stands for itself. `lift` is the mean over all points but the ends of
    what the cascade has more than sending as many cases on at random would, which is a mean over cases.

    Args:
        ground: The cases.
        names: The cheap candidate and the strong one.
        signal: What the signal of the cheap one is called.
    """
    cheap, strong = (ground.names.index(name) for name in names)
    gaps, points = [], []
    for least in (*thresholds(ground, names[0], TWO_STAGES), NEVER):
        chain = (Stage(cheap, least), Stage(strong))
        found = walk(ground, chain)
        good = ground.quality[found.final, np.arange(ground.cases)]
        share = float(np.average(found.final == strong, weights=ground.weights))
        dear = float(np.average(spent(ground, found), weights=ground.weights)) if ground.priced else None
        told = None if least in (ANY, NEVER) else least
        points.append(RoutePoint(share=share, least=(told,), quality=mean_of(ground, good), cost=dear))
        if least not in (ANY, NEVER):
            gaps.append(good - (1 - share) * ground.quality[cheap] - share * ground.quality[strong])
    lift = np.mean(gaps, axis=0) if gaps else np.full(ground.cases, np.nan)
    return RouteCurve(
        stages=tuple(names), signal=signal, points=tuple(points), lift=mean_of(ground, lift, signed=True)
    )


def mean_of(ground: Ground, values: FloatArray, *, signed: bool = False) -> Estimate:
    """Return the mean of one value per case with its 95% interval by t with two pseudo-values.

    Args:
        ground: The cases, with their groups and weights.
        values: In [0, 1], or where they are `signed` in [-1, 1].
        signed: Whether they are differences.
    """
    if np.isnan(values).any() or not values.size:
        return Estimate(value=None, n=0, n_missing=ground.cases, method="no data")
    sums = ratio_sums(values * ground.worth, ground.worth, ground.groups)
    own = sums if ground.weights is None else with_effective_units(sums)
    found = with_pseudo_differences(own) if signed else with_pseudo_scores(own)
    half = student_quantile(0.975, max(1, int(float(found.units)) - 1)) * float(found.standard_error())
    centre = float(found.value())
    method = f"t with two pseudo-{'differences' if signed else 'scores'}"
    return Estimate(
        value=float(sums.value()),
        low=max(-1.0 if signed else 0.0, centre - half),
        high=min(1.0, centre + half),
        n=int(values.size),
        method=method + ("" if ground.groups is None else ", clustered by group"),
    )
