"""Who is dropped from a race for the best on the primary metric, and when it is over."""

from collections.abc import Mapping

from passmuster.decide.measured import FloatArray
from passmuster.records.stopped import Stop, StopReason, Until
from passmuster.stats.sequential.race import Race


class BestRace:
    """A race, block by block; everybody who is still in it is asked the same cases.

    Args:
        until: The candidates, alpha and within which difference they are as good as equal.
        totals: How many cases each candidate has in all.
    """

    def __init__(self, until: Until, totals: Mapping[str, int]) -> None:
        self.until = until
        self._totals = totals
        self._race = Race.of(len(until.family), alpha=until.level, within=until.within)
        self._ending = self._race.ending()

    @property
    def live(self) -> tuple[str, ...]:
        """Who is still in the race, in the order of the family; all of them once it is over."""
        return tuple(name for name, lives in zip(self.until.family, self._race.live, strict=True) if lives)

    @property
    def is_over(self) -> bool:
        """Whether one is left, or those that are cannot be told apart by more than does not matter."""
        return self._ending is not None

    def after(
        self, scores: FloatArray, cases: Mapping[str, int], sizes: FloatArray | None = None
    ) -> tuple[Stop, ...]:
        """Take in a block and return who stops at the look that follows it.

        Args:
            scores: One row a unit, one column a candidate of the family, in [0, 1]; NaN is missing.
            cases: How many cases each candidate was asked.
            sizes: What each unit weighs, as a share of the largest; 1 each without.
        """
        before = self.live
        self._race = self._race.after(scores, sizes)
        self._ending = self._race.ending()
        leader = self.until.family[self._race.leader()]
        live = self.live
        stops = [self._stop(name, "dropped", cases, leader) for name in before if name not in live]
        if self._ending == "tie":
            others = [name for name in live if name != leader]
            stops += [self._stop(name, "tied", cases, leader) for name in others]
        if self._ending is not None:
            stops.append(self._stop(leader, "best" if self._ending == "one left" else "tied", cases, None))
        return tuple(stop for stop in stops if stop.cases < stop.of)

    def chosen(self) -> tuple[str, ...]:
        """Return the one that is left or all of a tie, the leader first; nobody where it is not over."""
        if self._ending is None:
            return ()
        leader = self.until.family[self._race.leader()]
        return (leader, *(name for name in self.live if name != leader))

    def _stop(self, name: str, reason: StopReason, cases: Mapping[str, int], by: str | None) -> Stop:
        return Stop(candidate=name, reason=reason, cases=cases[name], of=self._totals[name], by=by)
