"""The Pareto front of quality, cost per success and p95: who is beaten in nothing by anyone who beats him in something."""

import numpy as np

from passmuster.decide.choosing.figures import Figures
from passmuster.decide.measured import BoolArray, FloatArray
from passmuster.records.choice import FrontPlace

COST, P95 = "cost_per_success", "latency_p95"


def front(figures: Figures, primary: str) -> tuple[FrontPlace, ...]:
    """Return where every candidate stands of which quality and cost are known, those on the front first.

    A p95 that is unknown of one of two is no reason for or against either of them.
    """
    metrics = (primary, COST, P95)
    signs = np.array([1.0 if figures.direction(metric) == "higher" else -1.0 for metric in metrics])
    seen = np.column_stack([figures.observed(metric) for metric in metrics]) * signs
    able = np.flatnonzero(~np.isnan(seen[:, :2]).any(axis=1))
    if not able.size:
        return ()
    drawn = np.stack([figures.draws(metric)[:, able] for metric in metrics], axis=-1) * signs
    by = beaten(seen[able])
    lost = np.zeros(len(able))
    for each in drawn:
        lost += beaten(each).any(axis=0)
    names = [figures.names[index] for index in able]
    places = [
        FrontPlace(
            name=name,
            on=not by[:, index].any(),
            share=1 - float(lost[index]) / len(drawn),
            beaten_by=tuple(names[other] for other in np.flatnonzero(by[:, index])),
        )
        for index, name in enumerate(names)
    ]
    return tuple(sorted(places, key=lambda place: (not place.on, -place.share, place.name)))


def beaten(positions: FloatArray) -> BoolArray:
    """Return who (rows) beats whom (columns): as good in all that is known of both, and better in one; more is better.

    Example:
        >>> beaten(np.array([[0.9, -1.0], [0.8, -2.0], [0.95, -3.0]])).tolist()
        [[False, True, False], [False, False, False], [False, False, False]]
    """
    first, second = positions[:, None, :], positions[None, :, :]
    unknown = np.isnan(first) | np.isnan(second)
    return np.asarray(((first >= second) | unknown).all(axis=-1) & (first > second).any(axis=-1))
