"""All that stands beside the decision: the weighing, the front, what would change it, and break-even."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np

from passmuster.decide.choosing.bills import Bill, bill_of
from passmuster.decide.choosing.figures import MARGINAL, Figures, Standing
from passmuster.decide.choosing.front import front
from passmuster.decide.choosing.turning import (
    loss_points,
    outpriced,
    price_points,
    priced_out,
    review_points,
    volume_points,
)
from passmuster.decide.choosing.weights import Weights, turning_weights, weigh
from passmuster.decide.costs.bars import COSTS
from passmuster.decide.costs.break_even import break_even, standing_for_volume
from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.verdicts import adjusted_for
from passmuster.records.break_even import BreakEvenReport
from passmuster.records.choice import ChoiceReport, TurningPoint, Weighing
from passmuster.records.comparison import CandidateReport
from passmuster.records.decision import DecisionReport
from passmuster.records.stopped import STOPPED_EARLY
from passmuster.records.task import Task

Retest = Callable[[Measured], float]
"""The largest p-value of a candidate's bars on costs, with its trials as they would be at other prices."""


class Beside:
    """What a comparison says besides its decision.

    Args:
        task: Weights, cost model and alpha.
        primary: The metric that quality is measured by.
        figures: The candidates' figures.
        fixed: How many candidates Bonferroni's correction is over; None is Holm's, over those that could pass.
    """

    def __init__(self, task: Task, primary: str, figures: Figures, fixed: int | None = None) -> None:
        self.task = task
        self.primary = primary
        self.figures = figures
        self.fixed = fixed

    def without(self, cut: frozenset[str]) -> "Beside":
        """Return the same without the figures of candidates that were not asked everything."""
        return Beside(self.task, self.primary, self.figures.without(cut), self.fixed)

    @property
    def reports(self) -> tuple[CandidateReport, ...]:
        """The rows of the matrix."""
        return tuple(each.report for each in self.figures.standings)

    @cached_property
    def _weights(self) -> Weights | None:
        return Weights(self.task.weights, self.figures) if self.task.weights else None

    @property
    def decides(self) -> bool:
        """Whether the weights choose."""
        return self.task.choose == "weights" and bool(self.task.weights)

    @cached_property
    def weighing(self) -> Weighing | None:
        """The candidates by weight; None without weights."""
        if self._weights is None:
            return None
        passes = np.array([report.verdict.status == "pass" for report in self.reports])
        return weigh(self._weights, passes, decides=self.decides)

    def order(self, names: tuple[str, ...]) -> Callable[[FloatArray], FloatArray] | None:
        """Return what gives, in resamples of the cases, the figure whose least is chosen; None where that is the cost.

        Args:
            names: The candidates, in the order of the columns that are wanted.
        """
        weights = self._weights
        if weights is None or not self.decides:
            return None
        places = [self.figures.names.index(name) for name in names]
        cases = self.figures.standings[0].measured.cases

        def least(drawn: FloatArray) -> FloatArray:
            found = weights.at([drawn[:, :cases]])[:, places]
            return np.where(np.isnan(found), np.inf, -found)

        return least

    @cached_property
    def break_even(self) -> BreakEvenReport | None:
        """Costs a month over volume; None where nobody pays anything before the first task."""
        cut = self.figures.cut
        costs, left_out = standing_for_volume([row for row in self.reports if row.name not in cut])
        left_out |= dict.fromkeys(sorted(cut), STOPPED_EARLY)
        if not any(report.upkeep > 0 or report.infrastructure is not None for report in costs.values()):
            return None
        return break_even(costs, self.task.cost.monthly_volume, left_out, self.figures.normals(MARGINAL))

    def choice(self, decision: DecisionReport, retest: Retest) -> ChoiceReport | None:
        """Return what stands beside the cheapest; None where no candidate was asked anything."""
        if not any(report.n for report in self.reports):
            return None
        return ChoiceReport(
            weighing=self.weighing,
            front=front(self.figures, self.primary),
            turning=tuple(self._turning(decision, retest)),
        )

    def _turning(self, decision: DecisionReport, retest: Retest) -> Iterator[TurningPoint]:
        if decision.chosen is None:
            return
        if self.decides:
            yield from self._weights_that_turn()
            return
        bills = self._bills()
        chosen = bills.get(decision.chosen)
        if chosen is None:
            return
        passing = [bills[name] for name in decision.passing if name in bills]
        yield from self._prices(chosen, passing, decision, retest)
        yield from self._priced_out(chosen, bills, decision, retest)
        yield from review_points(chosen, passing)
        yield from loss_points(chosen, passing, self.task.cost.silent_failure)
        month = {
            report.name: report.cost.per_month.value
            for report in self.reports
            if report.cost.per_month is not None
            and report.cost.per_month.value is not None
            and report.name not in self.figures.cut
        }
        yield from volume_points(chosen.name, decision.passing, self.break_even, month)

    def _bills(self) -> dict[str, Bill]:
        asked = [standing for standing in self.figures.standings if standing.name not in self.figures.cut]
        found = (bill_of(standing, self.figures.success) for standing in asked)
        return {bill.name: bill for bill in found if bill is not None}

    def _weights_that_turn(self) -> Iterator[TurningPoint]:
        if self.weighing is None:
            return
        for metric, name, now, share in turning_weights(self.weighing):
            yield TurningPoint(
                what="weight",
                of=metric,
                now=now,
                at=share,
                chosen=name,
                sentence=(
                    f"If {metric} weighed {'more' if share > now else 'less'} than {share:.0%} (now {now:.0%}),"
                    f" {name} would be chosen."
                ),
            )

    def _prices(
        self, chosen: Bill, passing: list[Bill], decision: DecisionReport, retest: Retest
    ) -> Iterator[TurningPoint]:
        """Yield the prices of those that pass: the chosen one may miss a bar on costs before another is cheaper."""
        points = list(price_points(chosen, passing))
        standing = next(each for each in self.figures.standings if each.name == chosen.name)
        if not any(check.metric in COSTS for check in standing.report.checks):
            yield from points
            return
        dearer = next((point for point in points if point.of == chosen.name), None)
        without = self._passing(standing.report, 1.0, decision)

        def meets(factor: float) -> bool:
            p_of_costs = retest(priced(standing.measured, factor))
            return chosen.name in self._passing(standing.report, p_of_costs, decision)

        sooner = outpriced(chosen, [each for each in passing if each.name in without], dearer, meets)
        yield from (point for point in points if sooner is None or point is not dearer)
        if sooner is not None:
            yield sooner

    def _passing(
        self, report: CandidateReport, p_of_costs: float, decision: DecisionReport
    ) -> frozenset[str]:
        """Return who passes where the bars on costs of one candidate have another p-value, and all others as they are."""
        rest = [check.p for check in report.checks if check.metric not in COSTS and check.p is not None]
        p_values = {row.name: row.verdict.p for row in self.reports if row.verdict.p is not None}
        p_values[report.name] = max([p_of_costs, *rest])
        adjusted = adjusted_for(p_values, self.fixed)
        able = {*decision.passing, report.name}
        return frozenset(name for name in able if adjusted.get(name, 1.0) <= self.task.alpha)

    def _priced_out(
        self, chosen: Bill, bills: dict[str, Bill], decision: DecisionReport, retest: Retest
    ) -> Iterator[TurningPoint]:
        """Yield the prices of those that miss nothing but bars on costs."""
        if self.task.stakes is not None:
            return  # people would have to rate their replies first
        for standing in self.figures.standings:
            own = bills.get(standing.name)
            if own is None or not _only_costs(standing.report):
                continue

            def meets(factor: float, standing: Standing = standing) -> bool:
                p_of_costs = retest(priced(standing.measured, factor))
                return standing.name in self._passing(standing.report, p_of_costs, decision)

            point = priced_out(chosen, own, meets)
            if point is not None:
                yield point


def _only_costs(report: CandidateReport) -> bool:
    """Return whether bars on costs are all that a candidate does not meet: no price makes up for a declaration."""
    if report.verdict.p is None or report.verdict.undeclared:
        return False
    unmet = [check for check in report.checks if check.status != "meets"]
    return bool(unmet) and all(check.metric in COSTS for check in unmet)


def priced(item: Measured, factor: float) -> Measured:
    """Return a candidate's trials with its token prices times a factor."""
    cost = item.cost
    return replace(item, cost=replace(cost, tokens=cost.tokens * factor))
