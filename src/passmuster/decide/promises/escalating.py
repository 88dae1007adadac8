"""Escalation: how often a certified threshold lets more errors through than it says."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from passmuster.decide.escalation.answers import Answers
from passmuster.decide.escalation.one_signal import Asked, risk_points
from passmuster.decide.escalation.pricing import Escalating
from passmuster.decide.promises.promise import Count, Promise
from passmuster.records.escalation import RiskPoint, Signal
from passmuster.stats.arrays import FloatArray

TARGET, DELTA = 0.10, 0.10
SURE = (7.43, 1.6)
"""The beta distribution of the chances that replies are right: 17.7% are wrong, and 62% could be accepted at 10%."""


def share_beyond(threshold: float) -> float:
    """Return the true share of replies that a threshold accepts."""
    return 1.0 - float(betainc(*SURE, threshold))


def risk_beyond(threshold: float) -> float:
    """Return the true share of errors among the replies that a threshold accepts.

    The model is calibrated: of replies that are sure by c, a share of 1 - c is wrong. Then the share follows from
    tails of beta distributions, E[1 - C; C >= t] = b / (a + b) P(Beta(a, b + 1) >= t).

    Example:
        >>> round(risk_beyond(0.0), 3), risk_beyond(0.9) < 0.07
        (0.177, True)
    """
    a, b = SURE
    accepted = share_beyond(threshold)
    wrong = b / (a + b) * (1.0 - float(betainc(a, b + 1, threshold)))
    return wrong / accepted if accepted > 0 else 0.0


def answers(
    wrong: FloatArray, groups: NDArray[np.int64] | None = None, weights: FloatArray | None = None
) -> Answers:
    """Return replies of which it is known which are wrong; none failed, and none cost anything."""
    none = np.zeros(wrong.size, dtype=np.bool_)
    return Answers(
        replied=~none,
        failed=none,
        wrong=wrong,
        unscored=none,
        cost=np.zeros(wrong.size),
        weights=weights,
        groups=groups,
    )


def drawn_replies(rng: np.random.Generator, n: int) -> tuple[FloatArray, FloatArray]:
    """Draw how sure a calibrated model is of its replies, and which are wrong."""
    sure = rng.beta(*SURE, n)
    return sure, (rng.random(n) > sure).astype(np.float64)


def points_of(own: Answers, values: FloatArray, level: float = DELTA) -> tuple[RiskPoint, ...]:
    """Return what `escalate` says of each threshold of a signal."""
    asked = Asked(answers=own, target=TARGET, level=level, to=Escalating(price=None))
    return risk_points(Signal(name="s", kind="confidence"), values, own.replied, asked)


def certified(own: Answers, values: FloatArray, level: float = DELTA) -> float | None:
    """Return the widest threshold that is certified, None where none is."""
    found = [point.threshold for point in points_of(own, values, level) if point.certified]
    return found[-1] if found else None


def strictest(own: Answers, values: FloatArray) -> float:
    """Return the p-value of the strictest threshold, with which a sequence begins."""
    return points_of(own, values)[0].p


def looks_good(own: Answers, values: FloatArray) -> float | None:
    """Return the lowest threshold beyond which the share of errors seen is within the target: the shortcut."""
    order = np.argsort(-values)
    seen = np.cumsum(own.wrong[order]) / np.arange(1, values.size + 1)
    good = np.flatnonzero(seen <= TARGET)
    return float(values[order][good[-1]]) if good.size else None


@dataclass(kw_only=True)
class Thresholds:
    """Thresholds over some runs: how many let more errors through than promised, what they accept, how many there are."""

    runs: int = 0
    beyond: int = 0
    none: int = 0
    accepted: float = 0.0

    def add(self, threshold: float | None) -> None:
        """Count the threshold of one more run."""
        self.runs += 1
        self.none += threshold is None
        if threshold is not None:
            self.beyond += risk_beyond(threshold) > TARGET
            self.accepted += share_beyond(threshold)

    @property
    def violated(self) -> float:
        """The share of runs whose threshold lets more errors through."""
        return self.beyond / self.runs

    @property
    def coverage(self) -> float:
        """The mean share of replies that is accepted."""
        return self.accepted / self.runs


def thresholds(rng: np.random.Generator, runs: int, n: int = 500) -> Count:
    """Draw replies of a calibrated model: an error is a threshold whose true risk is above the target of 10%.

    The shortcut takes the widest coverage whose own risk looks good enough. In `figures`: the mean `coverage`, and in
    how many runs there was `none`, of the certified and of the naive thresholds.
    """
    own, naive = Thresholds(), Thresholds()
    for _ in range(runs):
        sure, wrong = drawn_replies(rng, n)
        own.add(certified(answers(wrong), sure))
        naive.add(looks_good(answers(wrong), sure))
    figures = {
        "coverage": own.coverage,
        "none": own.none / runs,
        "naive coverage": naive.coverage,
        "naive none": naive.none / runs,
    }
    return Count(runs=runs, errors=own.beyond, naive=naive.beyond, figures=figures)


PROMISES = (
    Promise(
        name="escalation",
        says="A certified threshold keeps the errors among unseen replies within the target, but for one time in ten.",
        counts="runs whose threshold accepts replies of which more than the target of 10% are wrong",
        naive="the widest threshold whose errors on the same cases are within the target",
        used=("escalate",),
        limit=DELTA,
        repetitions=1500,
        simulate=thresholds,
    ),
)
