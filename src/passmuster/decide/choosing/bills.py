"""What a candidate's tasks cost and bring, in sums: the terms of the equations that say what would change a decision."""

from dataclasses import dataclass

import numpy as np

from passmuster.decide.choosing.figures import UNSURE_COSTS, Standing
from passmuster.records.task import Success


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """US dollars of one task in parts, and the successes it brings.

    `tokens` grow with the price, `review` with the share `reviewed`, `silent` is the stated loss of wrong answers that
    nobody notices, `rest` is everything else. `right` is the share of tasks that succeed.
    """

    name: str
    tokens: float
    review: float
    silent: float
    rest: float
    right: float
    reviewed: float = 0.0

    @property
    def per_task(self) -> float:
        """US dollars of one task."""
        return self.tokens + self.review + self.silent + self.rest

    @property
    def per_success(self) -> float:
        """US dollars of one success: what is lowest is chosen.

        Example:
            >>> bill = Bill(name="a", tokens=0.01, review=0.80, silent=0.0, rest=0.0, right=0.92, reviewed=0.4)
            >>> round(bill.per_success, 4)
            0.8804
        """
        return self.per_task / self.right


def bill_of(standing: Standing, success: Success) -> Bill | None:
    """Return a candidate's bill over the cases whose cost and success are known; None where there are none."""
    report = standing.report
    value = report.cost.per_success.value
    if value is None or report.cost.basis in UNSURE_COSTS:
        return None
    if report.cost.basis == "stated":
        return _stated(standing.name, report.cost.per_task.value, value)
    item = standing.measured
    right = item.successes(success)
    known = ~np.isnan(item.costs()) & ~np.isnan(right)
    own = np.ones(int(known.sum())) if item.weights is None else item.weights[known]
    asked = item.asked
    means = {
        name: float(np.average(item.per_case(np.where(asked, cells, np.nan))[known], weights=own))
        for name, cells in item.cost.components().items()
    }
    looked = item.per_case(np.where(asked, item.columns.reviewed.astype(np.float64), np.nan))[known]
    return Bill(
        name=standing.name,
        tokens=means.pop("tokens"),
        review=means.pop("review"),
        silent=means.pop("silent_failure"),
        rest=sum(means.values()),
        right=float(np.average(right[known], weights=own)),
        reviewed=float(np.average(looked, weights=own)),
    )


def _stated(name: str, per_task: float | None, per_success: float) -> Bill | None:
    if per_task is None or per_success <= 0:
        return None
    return Bill(name=name, tokens=0.0, review=0.0, silent=0.0, rest=per_task, right=per_task / per_success)
