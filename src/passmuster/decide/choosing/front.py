"""The Pareto front of quality, cost per success and p95: who is beaten in nothing by anyone who beats him in something."""

from collections.abc import Sequence

import numpy as np

from passmuster.decide.choosing.figures import UNSURE_COSTS, Figures
from passmuster.decide.measured import BoolArray, FloatArray
from passmuster.records.choice import FrontPlace
from passmuster.records.comparison import CandidateReport

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


def dominated(
    reports: Sequence[CandidateReport], primary: str, *, lower_is_better: bool = False
) -> dict[str, tuple[str, ...]]:
    """Return who beats each candidate in quality, cost per success and p95, of those of which all three are known."""
    sign = -1.0 if lower_is_better else 1.0
    placed = {report.name: place for report in reports if (place := _position(report, primary, sign))}
    names = list(placed)
    by = beaten(np.array([placed[name] for name in names]).reshape(-1, 3))
    return {
        name: tuple(names[other] for other in np.flatnonzero(by[:, index]))
        for index, name in enumerate(names)
    }


def _position(report: CandidateReport, primary: str, sign: float) -> tuple[float, float, float] | None:
    quality = report.metrics.get(primary)
    cost, p95 = report.cost.per_success.value, report.latency.p95.value
    if quality is None or quality.value is None or cost is None or p95 is None:
        return None
    return None if report.cost.basis in UNSURE_COSTS else (sign * quality.value, -cost, -p95)
