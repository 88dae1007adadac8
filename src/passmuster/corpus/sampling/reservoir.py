"""Uniform samples of streams whose length nobody knows, drawn in one pass.

Algorithm L of Li 1994, "Reservoir-sampling algorithms of time complexity O(n(1+log(N/n)))", ACM Transactions on
Mathematical Software 20(4): it draws how many items to pass over, so an item that is not taken costs one comparison.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from passmuster.errors import UsageError
from passmuster.records.digest import digest

T = TypeVar("T")

OTHER = "other"
"""The stratum of what comes after the last name that is kept apart."""

MOST_STRATA = 200
"""Strata that are kept apart; what has another name after these falls into `other`."""

ROOM = 128 << 20
"""Bytes, about, that the items of all reservoirs may take together."""

_LOOK_EVERY = 1024
_SLACKS = (16.0, 8.0, 4.0, 2.0, 1.5)
"""How many times what a stratum would need, were the stream to end now, is held where room gets scarce."""
_KEPT = 30
"""Items of each stratum that are held as long as such slack is enough."""
_SHRUNK = 0.75


class Reservoir(Generic[T]):
    """Holds a uniform sample of at most `size` of the items that were offered so far.

    Each item offered has the same chance `min(1, size / seen)` of being held, and so has each subset.

    Args:
        size: The most items to hold; at least 1.
        chance: Where randomness comes from; it is this reservoir's alone.

    Example:
        >>> reservoir = Reservoir(3, np.random.default_rng(1))
        >>> for number in range(1000):
        ...     reservoir.offer(number)
        >>> reservoir.seen, len(reservoir.held)
        (1000, 3)
    """

    def __init__(self, size: int, chance: np.random.Generator) -> None:
        if size < 1:
            raise UsageError(f"a reservoir holds at least one item, not {size}")
        self.size = size
        self.seen = 0
        """Items offered so far."""
        self.held: list[tuple[int, T]] = []
        """The sample: each item with its number in the stream, from 1."""
        self._chance = chance
        self._largest = 1.0
        self._next = 0

    def offer(self, item: T) -> None:
        """Take the next item of the stream into account."""
        self.seen += 1
        if self.seen <= self.size:
            self.held.append((self.seen, item))
            if self.seen == self.size:
                self._largest = self._uniform() ** (1 / self.size)
                self._skip()
        elif self.seen == self._next:
            self.held[int(self._chance.integers(self.size))] = (self.seen, item)
            self._largest *= self._uniform() ** (1 / self.size)
            self._skip()

    def shrink(self, size: int) -> None:
        """Hold no more than `size` items from now on; which ones leave is a matter of chance.

        The sample stays uniform. Of n uniform keys the `size` smallest are those held, so the largest key
        among them, by which algorithm L goes on, is again drawn as that order statistic: Beta(size, n - size + 1).
        """
        if size >= self.size:
            return
        self.size = size
        if self.seen < size:
            return
        kept = sorted(self._chance.choice(len(self.held), size, replace=False).tolist())
        self.held = [self.held[place] for place in kept]
        self._largest = float(self._chance.beta(size, self.seen - size + 1))
        self._skip()

    def _uniform(self) -> float:
        return 1.0 - float(self._chance.random())  # in (0, 1]: its logarithm is finite

    def _skip(self) -> None:
        """Draw which item is taken next: the one after a geometric number of others."""
        keep = math.log1p(-self._largest) if self._largest < 1 else -math.inf
        passed = 0 if keep == -math.inf else math.inf if keep == 0 else math.log(self._uniform()) / keep
        self._next = self.seen + 1 + (int(passed) if passed < 1 << 62 else 1 << 62)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn(Generic[T]):
    """An item of the sample, and how many of the stream's items it stands for."""

    item: T
    stratum: str
    weight: float
    number: int


class StratifiedReservoir(Generic[T]):
    """A reservoir for each stratum, of one stream, in bounded memory.

    How large a stratum is nobody knows before the end, and the last one may turn out to be nearly all of the traffic.
    So each holds up to `size` items, and `draw` thins them to what they were allotted: an item of
    stratum h is in the sample with the chance n_h / N_h, exactly.

    At most `most_strata * size` items are held. Where these would take more than `room` bytes, reservoirs are made
    smaller: first to some multiple of their share so far, and if need be below it. That depends on sizes of the
    stream's items alone and not on which of them are held, so the samples stay uniform.

    Args:
        size: How many items the whole sample is to have.
        seed: From 0; the same seed and stream give the same sample.
        most_strata: Strata kept apart, in order of their first item; all later ones are `other`.
        room: Bytes that all held items may take.

    Example:
        >>> reservoir = StratifiedReservoir(2, seed=1)
        >>> for number in range(100):
        ...     reservoir.offer("even" if number % 2 == 0 else "odd", number)
        >>> reservoir.sizes()
        {'even': 50, 'odd': 50}
        >>> [drawn.weight for drawn in reservoir.draw({"even": 1, "odd": 1})]
        [50.0, 50.0]
    """

    def __init__(self, size: int, seed: int, *, most_strata: int = MOST_STRATA, room: int = ROOM) -> None:
        if size < 1:
            raise UsageError(f"a sample has at least one case, not {size}")
        if seed < 0:
            raise UsageError(f"a seed is a whole number from 0, not {seed}")
        self.size = size
        """The most items that a stratum may hold."""
        self.seen = 0
        """Items offered so far."""
        self.bounded = False
        """Whether reservoirs had to be made smaller for lack of room."""
        self._slack = math.inf
        self._seed = seed
        self._most = most_strata
        self._room = room
        self._names: set[str] = set()
        self._strata: dict[str, Reservoir[tuple[int, T]]] = {}
        self._bytes: dict[str, int] = {}

    def offer(self, stratum: str, item: T, size: int = 0) -> None:
        """Take the next item of the stream into account.

        Args:
            stratum: Where it belongs.
            item: What is held where it is taken.
            size: About how many bytes it takes; 0 where nobody needs a bound.
        """
        self.seen += 1
        stratum = self.name_of(stratum)
        reservoir = self._strata.get(stratum) or self._opened(stratum)
        reservoir.offer((self.seen, item))
        self._bytes[stratum] += size
        if not self.seen % _LOOK_EVERY:
            self._make_room()

    def name_of(self, stratum: str) -> str:
        """Return under which name a stratum is kept, `other` for one that comes up after the last that is kept apart.

        What is asked for keeps its place, as what is offered does: so items of the stream that are not offered belong
        where they would.
        """
        if stratum not in self._names:
            if len(self._names) >= self._most - 1:
                return OTHER
            self._names.add(stratum)
        return stratum

    def _opened(self, name: str) -> "Reservoir[tuple[int, T]]":
        # By its name, so that the order in which strata come up changes nothing.
        own = int(digest({"stratum": name}), 16)
        self._strata[name] = Reservoir(self.size, np.random.default_rng([self._seed, own]))
        self._bytes[name] = 0
        return self._strata[name]

    def _make_room(self) -> None:
        while self._expected() > self._room and any(each.size > 1 for each in self._strata.values()):
            self.bounded = True
            lower = [slack for slack in _SLACKS if slack < self._slack]
            self._slack = lower[0] if lower else self._slack * _SHRUNK
            least = _KEPT if lower else 1
            for reservoir in self._strata.values():
                needed = self._slack * self.size * reservoir.seen / self.seen
                reservoir.shrink(max(least, math.ceil(needed)))

    def _expected(self) -> float:
        """Return the bytes that are held when every item is as large as its stratum's mean."""
        return sum(
            min(reservoir.seen, reservoir.size) * self._bytes[name] / reservoir.seen
            for name, reservoir in self._strata.items()
        )

    def sizes(self) -> dict[str, int]:
        """Return how many items of the stream belong to each stratum, by name."""
        return {name: self._strata[name].seen for name in sorted(self._strata)}

    def available(self) -> dict[str, int]:
        """Return how many items of each stratum a sample can have."""
        return {name: len(self._strata[name].held) for name in sorted(self._strata)}

    def draw(self, wanted: Mapping[str, int]) -> list[Drawn[T]]:
        """Return the sample, in the order of the stream: so many items of each stratum, chosen by chance.

        Raises:
            UsageError: for more than a stratum has.
        """
        found: list[Drawn[T]] = []
        for name in sorted(wanted):
            held: Sequence[tuple[int, tuple[int, T]]] = self._strata[name].held
            number = wanted[name]
            if number > len(held):
                raise UsageError(f"stratum {name!r} has {len(held)} items to draw from, not {number}")
            if number:
                own = int(digest({"thinned": name}), 16)
                chosen = np.random.default_rng([self._seed, own]).choice(len(held), number, replace=False)
                weight = self._strata[name].seen / number
                places = (held[place][1] for place in chosen.tolist())
                found += [Drawn(item=item, stratum=name, weight=weight, number=at) for at, item in places]
        return sorted(found, key=lambda drawn: drawn.number)
