"""Has a share fallen since a baseline? Looked at day after day, with a false alarm once in so many days at most.

An e-detector (Shin, Ramdas and Rinaldo 2022, arXiv 2203.03532): M_t = (M_{t-1} + 1) L_t, where L_t is an e-value of the
day, whose mean is at most 1 as long as nothing has fallen. An alarm is raised at M_t >= days, and then the mean time to
a false alarm is at least that many days, whatever the numbers of cases of each day are. A test a day at level .05
raises one every few weeks.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray

DROPS = (0.03, 0.05, 0.08, 0.12)
"""How far the share may have fallen: the detector is quickest for these, and as safe for any other."""

BETS = (0.05, 0.1, 0.2, 0.4)
"""Shares of its capital that are staked on a paired difference being negative."""

_LEAST = 1e-3
"""A fallen share of 0 would be ruled out for ever by one success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """A detector after some days; it is a value, and `after` returns the next one.

    Attributes:
        days: The mean time to a false alarm is at least so many looks.
        logs: For each alternative the logarithm of its statistic, along the last axis; before the first look -inf.
        looks: How many looks there were.

    Example:
        >>> detector = Detector.new(days=365)
        >>> for successes in [45, 44, 46] + [38] * 10:
        ...     detector = detector.after_share(successes, 50, base=0.9)
        >>> bool(detector.alarm)
        True
    """

    days: float
    logs: FloatArray
    looks: int = 0

    @classmethod
    def new(cls, *, days: float, shape: tuple[int, ...] = ()) -> "Detector":
        """Return a detector before its first look, or an array of them.

        Args:
            days: The mean time to a false alarm, at least 1.
            shape: How many are looked at side by side.

        Raises:
            ValueError: for fewer than one day.
        """
        if not days >= 1:
            message = f"a false alarm in {days} days is one a day and more"
            raise ValueError(message)
        return cls(days=days, logs=np.full((*shape, 1), -np.inf))

    @property
    def evidence(self) -> FloatArray:
        """The statistic: the mean over the alternatives; an alarm from `days` on."""
        return np.asarray(np.exp(np.logaddexp.reduce(self.logs, axis=-1)) / self.logs.shape[-1])

    @property
    def alarm(self) -> np.ndarray:
        """Whether there is one now."""
        return np.asarray(self.evidence >= self.days)

    def after_share(self, successes: ArrayLike, cases: ArrayLike, *, base: float) -> "Detector":
        """Return the detector after a look at some cases, of which so many succeeded.

        The e-value is the likelihood ratio of a share that fell by one of `DROPS` to the share of the baseline; where the
        share is at least that of the baseline its mean is at most 1.

        Args:
            successes: How many succeeded since the last look.
            cases: Of how many; 0 where there were none.
            base: The share of the baseline, in (0, 1): a lower bound of it makes the alarm the safer.

        Raises:
            ValueError: for a baseline of 0 or 1, or more successes than cases.
        """
        k, n = np.asarray(successes, dtype=np.float64), np.asarray(cases, dtype=np.float64)
        if not 0 < base < 1:
            message = f"a share of {base} cannot be held against a fallen one"
            raise ValueError(message)
        if (k > n).any() or (k < 0).any():
            message = "there are more successes than cases, or fewer than none"
            raise ValueError(message)
        fallen = np.array([max(base - drop, min(_LEAST, base / 2)) for drop in DROPS])
        logs = k[..., None] * np.log(fallen / base) + (n - k)[..., None] * np.log((1 - fallen) / (1 - base))
        return self._after(logs)

    def after_differences(self, differences: ArrayLike) -> "Detector":
        """Return the detector after a look at paired differences, new minus old on the same cases, in [-1, 1].

        The e-value is the capital of bets that they are negative; where their mean is at least 0 its mean is at most 1.

        Args:
            differences: One a case, along the last axis; NaN where a case says nothing.

        Raises:
            ValueError: for a difference outside of [-1, 1].
        """
        found = np.asarray(differences, dtype=np.float64)
        known = np.where(np.isnan(found), 0.0, found)
        if (np.abs(known) > 1).any():
            message = "differences of more than 1 are none of shares"
            raise ValueError(message)
        return self._after(np.stack([np.log1p(-bet * known).sum(axis=-1) for bet in BETS], axis=-1))

    def _after(self, logs: FloatArray) -> "Detector":
        return replace(self, logs=np.logaddexp(self.logs, 0.0) + logs, looks=self.looks + 1)
