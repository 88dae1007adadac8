"""What is asked again after a failed call, how often, and after which wait."""

from dataclasses import dataclass
from typing import Protocol

from passmuster.records.trial import FailureKind

RETRIED: frozenset[FailureKind] = frozenset(
    {"rate_limit", "server_error", "connection", "timeout", "malformed"}
)
"""The kinds of failure that may pass by themselves; no other 4xx is among them."""


class Uniform(Protocol):
    """Where jitter comes from: a numpy Generator, or anything else with its `random`."""

    def random(self) -> float:
        """Return the next number in [0, 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """At most `attempts` calls a trial; waits in seconds grow from `first` by `factor` up to `longest`.

    A wait is drawn evenly between 0 and that bound ("full jitter", M. Brooker, AWS Architecture Blog 2015),
    so that calls which failed together do not come back together. `retry_after` of the endpoint is a lower
    bound of the wait, obeyed up to `longest_asked`.
    """

    attempts: int = 5
    kinds: frozenset[FailureKind] = RETRIED
    first: float = 0.5
    factor: float = 2.0
    longest: float = 30.0
    longest_asked: float = 120.0

    def retries(self, kind: FailureKind, made: int) -> bool:
        """Return whether a trial whose call number `made` (from 1) failed this way is asked again."""
        return kind in self.kinds and made < self.attempts

    def wait(self, made: int, retry_after: float | None, uniform: Uniform) -> float:
        """Return the seconds to wait after call number `made` (from 1).

        Example:
            >>> class Highest:
            ...     def random(self) -> float:
            ...         return 1.0
            >>> RetryPolicy().wait(3, None, Highest()), RetryPolicy().wait(1, 7.0, Highest())
            (2.0, 7.0)
        """
        bound = min(self.longest, self.first * self.factor ** (made - 1))
        drawn = uniform.random() * bound
        return max(drawn, min(retry_after or 0.0, self.longest_asked))
