"""What is asked again after a failed call, how often, and after which wait."""

from dataclasses import dataclass
from typing import Protocol

from passmuster.records.trial import FailureKind

RETRIED: frozenset[FailureKind] = frozenset(
    {"rate_limit", "server_error", "connection", "timeout", "malformed"}
)
"""The kinds of failure that may pass by themselves; no other 4xx is among them."""


class Uniform(Protocol):
    """Where jitter comes from: `random.Random`, a numpy Generator, or anything else with its `random`."""

    def random(self) -> float:
        """Return the next number in [0, 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often a failed call is made again; waits in seconds grow from `first` by `factor` up to `longest`.

    A wait is drawn evenly between 0 and that bound ("full jitter", M. Brooker, AWS Architecture Blog 2015),
    so that calls which failed together do not come back together. `retry_after` of the endpoint is a lower
    bound of the wait, obeyed up to `longest_asked`.

    `attempts` are the calls of a trial, but being told to slow down is no failure of the trial: such answers
    count apart, up to `rate_limited`. `trial` is how many seconds a whole trial may take, waits included.
    """

    attempts: int = 5
    rate_limited: int = 30
    kinds: frozenset[FailureKind] = RETRIED
    first: float = 0.5
    factor: float = 2.0
    longest: float = 30.0
    longest_asked: float = 120.0
    trial: float = 900.0

    def retries(self, kind: FailureKind, made: int, rate_limited: int = 0) -> bool:
        """Return whether a trial whose latest call failed this way is asked again.

        `made` counts its calls so far without those that were answered "slow down", `rate_limited` these.

        Example:
            >>> policy = RetryPolicy(attempts=2)
            >>> policy.retries("timeout", 1), policy.retries("timeout", 2), policy.retries("rate_limit", 0, 9)
            (True, False, True)
        """
        if kind not in self.kinds:
            return False
        return rate_limited < self.rate_limited if kind == "rate_limit" else made < self.attempts

    def wait(self, made: int, retry_after: float | None, uniform: Uniform) -> float:
        """Return the seconds to wait after call number `made` (from 1).

        Example:
            >>> class Highest:
            ...     def random(self) -> float:
            ...         return 1.0
            >>> RetryPolicy().wait(3, None, Highest()), RetryPolicy().wait(1, 7.0, Highest())
            (2.0, 7.0)
        """
        bound = min(self.longest, self.first * self.factor ** min(made - 1, 60))
        drawn = uniform.random() * bound
        return max(drawn, min(retry_after or 0.0, self.longest_asked))
