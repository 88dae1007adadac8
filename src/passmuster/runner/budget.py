"""The account that is never overdrawn: every call reserves the most it can cost before it is made."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping


class Budget:
    """What a run and each of its candidates may still spend, in US dollars.

    A call is made only after `reserve` has set aside the most that it can cost; `settle` replaces that by what
    it did cost. So the sum of what was paid, of what may have been billed unseen, and of what calls in flight
    can still cost never passes the limit.

    Args:
        total: For all candidates together; None is no limit.
        caps: For single candidates, by name.
        spent: What earlier parts of the same run have spent, or may have.
        spent_by: The same per candidate.

    Example:
        >>> budget = Budget(1.0)
        >>> asyncio.run(budget.reserve("a", 0.75))
        True
        >>> budget.settle("a", 0.75, paid=0.5)
        >>> budget.left("a"), asyncio.run(budget.reserve("a", 0.75))
        (0.5, False)
    """

    def __init__(
        self,
        total: float | None = None,
        caps: Mapping[str, float] | None = None,
        *,
        spent: float = 0.0,
        spent_by: Mapping[str, float] | None = None,
    ) -> None:
        self._total = total
        self._caps = dict(caps or {})
        self._settled = spent
        self._settled_by = defaultdict(float, spent_by or {})
        self._reserved = 0.0
        self._reserved_by: defaultdict[str, float] = defaultdict(float)
        self._open = 0
        self._changed = asyncio.Event()

    def binds(self, candidate: str) -> bool:
        """Return whether any limit holds for the calls of this candidate."""
        return self._total is not None or candidate in self._caps

    def left(self, candidate: str) -> float | None:
        """Return what this candidate may still reserve; None without a limit."""
        limits = [self._total] if self._total is not None else []
        left = [limit - self._settled - self._reserved for limit in limits]
        if candidate in self._caps:
            own = self._settled_by[candidate] + self._reserved_by[candidate]
            left.append(self._caps[candidate] - own)
        return min(left, default=None)

    def unspent(self, candidate: str) -> float | None:
        """Return what is left for this candidate once calls in flight have ended for nothing; None without a limit."""
        left = [] if self._total is None else [self._total - self._settled]
        if candidate in self._caps:
            left.append(self._caps[candidate] - self._settled_by[candidate])
        return min(left, default=None)

    async def reserve(self, candidate: str, most: float) -> bool:
        """Set aside what a call can cost; waits for calls in flight, and is False once it can never fit."""
        while not self._fits(candidate, most, self._reserved, self._reserved_by[candidate]):
            if not self._fits(candidate, most, 0.0, 0.0):
                return False
            self._changed.clear()
            await self._changed.wait()
        self._reserved += most
        self._reserved_by[candidate] += most
        self._open += 1
        return True

    def settle(self, candidate: str, most: float, *, paid: float, at_risk: float = 0.0) -> None:
        """Give back what was set aside for a call, less what it cost and what it may have cost unseen."""
        self._reserved -= most
        self._reserved_by[candidate] -= most
        self._open -= 1
        if not self._open:
            # What rounding left behind would make a call wait for others of which there are none.
            self._reserved = 0.0
            self._reserved_by.clear()
        self._settled += paid + at_risk
        self._settled_by[candidate] += paid + at_risk
        self._changed.set()

    def _fits(self, candidate: str, most: float, reserved: float, reserved_by: float) -> bool:
        if most <= 0.0:
            return True  # what costs nothing passes no limit, not even one that earlier runs have passed
        total, cap = self._total, self._caps.get(candidate)
        within = total is None or self._settled + reserved + most <= total
        own = self._settled_by[candidate] + reserved_by + most
        return within and (cap is None or own <= cap)
