"""What it costs to send the unsure replies on, and how many wrong answers still go out."""

import math
from dataclasses import dataclass

import numpy as np

from passmuster.decide.escalation.answers import Answers
from passmuster.decide.measured import BoolArray
from passmuster.records.escalation import EscalationPolicy
from passmuster.records.judged import JudgeReport
from passmuster.records.task import ProductionCall, Review

MINUTES = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalating:
    """Who gets the replies that are not accepted: a person at a price for each, or another candidate.

    `answered` says that the other one has answered every task already, as a signal that compares with it needs.
    """

    price: float | None
    other: Answers | None = None
    answered: bool = False

    def cost(self, own: Answers, accepted: BoolArray, tasks: BoolArray, extra: float | None) -> float | None:
        """Return the US dollars of a task, escalated ones included; None where a part is unknown.

        Args:
            own: The candidate's answers: all tasks pay for them.
            accepted: The tasks whose reply goes out.
            tasks: All of them.
            extra: What the signal itself costs on each task.
        """
        base = own.mean(own.cost, tasks)
        rest = tasks & ~accepted
        price = self.price if self.other is None else self._price_of(own, rest)
        if not rest.any():
            price = extra = 0.0  # nobody needs to look at the signal then
        if base is None or extra is None or price is None:
            return None
        return base + extra + price * own.weight(rest) / own.weight(tasks)

    def wrong(self, own: Answers, accepted: BoolArray, tasks: BoolArray) -> float | None:
        """Return how many of 1,000 tasks get a wrong answer: accepted ones, and those that the other got wrong.

        What a person answers is none of them. None where it is not known how the other one answered.
        """
        total = own.weight(tasks)
        if not total:
            return None
        out = own.weight(accepted & (own.wrong == 1.0))
        rest = tasks & ~accepted
        if self.other is not None and rest.any():
            share = self.other.mean(self.other.wrong, rest)
            if share is None:
                return None
            out += share * own.weight(rest)
        return 1000.0 * out / total

    def _price_of(self, own: Answers, rest: BoolArray) -> float | None:
        """Return what the other candidate costs on the tasks that it gets."""
        if self.other is None or self.answered or not rest.any():
            return 0.0
        return own.mean(self.other.cost, rest)


def price_of_person(policy: EscalationPolicy, reviews: tuple[Review, ...]) -> float | None:
    """Return what a person's look costs in US dollars: as the policy says, else the dearest review of the task.

    Example:
        >>> price_of_person(EscalationPolicy(minutes=3, hourly=40), ())
        2.0
    """
    if policy.minutes is not None and policy.hourly is not None:
        return policy.minutes / MINUTES * policy.hourly
    prices = [review.minutes / MINUTES * review.hourly for review in reviews]
    return max(prices, default=None)


def cost_of_judging(judge: JudgeReport, kind: str, calls: tuple[ProductionCall, ...]) -> float | None:
    """Return what it costs in US dollars to ask a judge about a reply; None where a question's price is unknown.

    Args:
        judge: What is known of it: what a question to each of its scorers cost in the mean.
        kind: Of the metric: `pairwise` asks in both orders.
        calls: Those of the task in production; what they ask the same scorers is paid already.

    Example:
        >>> panel = JudgeReport(
        ...     metric="m",
        ...     asks=("a", "b"),
        ...     models=("x", "y"),
        ...     version="1",
        ...     question="q",
        ...     costs={"a": 0.002, "b": 0.001},
        ... )
        >>> cost_of_judging(panel, "pairwise", ())
        0.006
        >>> cost_of_judging(panel, "judge", (ProductionCall(name="guard", scorer="a"),))
        0.001
    """
    if not set(judge.asks) <= judge.costs.keys():
        return None
    questions = 2.0 if kind == "pairwise" else 1.0
    asked = dict.fromkeys(judge.asks, 0.0)
    for call in calls:
        if call.scorer in asked:
            asked[call.scorer] += call.share
    return math.fsum(judge.costs[name] * max(0.0, questions - share) for name, share in asked.items())


def cost_of_other(own: Answers, other: Answers | None, tasks: BoolArray) -> float | None:
    """Return what it costs to ask another candidate on every task, as its agreement needs."""
    return None if other is None else own.mean(np.asarray(other.cost), tasks)
