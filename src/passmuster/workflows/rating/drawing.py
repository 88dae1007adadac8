"""Which replies people are asked about: drawn at random within the strata that a judge's verdicts make."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, sqrt
from typing import NamedTuple, TypeAlias

import numpy as np

from passmuster.decide.judging.strata import owner
from passmuster.records.rating import Drawn
from passmuster.records.record import Record

PILOT = 20
"""Replies of each candidate that are rated before anything is known: 10 of each verdict of a judge that passes or fails."""

Rated: TypeAlias = Mapping["ItemKey", float]
"""What people said, on average, of what was drawn."""


class ItemKey(NamedTuple):
    """What one look is at: a reply to a case, or two of them in either order."""

    case: str
    replies: tuple[str, ...]


def item_key(item: Drawn) -> ItemKey:
    """Return what tells an item from others: its texts, whosever they are.

    Example:
        >>> one = Drawn(case="1", input="i", candidate="a", reply="x", second="y", second_by="b")
        >>> other = Drawn(case="1", input="i", candidate="b", reply="y", second="x", second_by="a")
        >>> item_key(one) == item_key(other)
        True
    """
    texts = (item.reply,) if item.second is None else (item.reply, item.second)
    return ItemKey(item.case, tuple(sorted(texts)))


def populations(replies: Iterable[Drawn]) -> dict[str, dict[str, int]]:
    """Return how many replies each stratum of each owner has."""
    found: dict[str, dict[str, int]] = {}
    for item in replies:
        own = found.setdefault(owner(item), {})
        own[item.stratum] = own.get(item.stratum, 0) + 1
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawWish(Record):
    """How many are drawn, and how.

    `number` counts replies (or pairs) over all owners; None is the pilot, 20 of each. `proportional` draws at
    random over all strata alike, so that the draw is a small picture of the whole.
    """

    number: int | None = None
    seed: int = 0
    proportional: bool = False
    pilot: int = field(default=PILOT)


def draw_items(
    replies: Sequence[Drawn],
    taken: Iterable[Drawn],
    rated: Rated,
    wish: DrawWish,
    *,
    binary: bool,
) -> tuple[Drawn, ...]:
    """Return replies drawn at random, none of which was drawn before for the same owner; their order is random, too.

    Each owner's replies are drawn as though there were no others, or what two gave alike would stand too seldom among
    those of one; it is still one look, whoever it was drawn for. Nor has a reply that was given again to the same
    case more chances than one given once: both are one look, and what is said of it holds for both.

    Each owner gets an even share of the number. Within it, the pilot is spread evenly over the strata; beyond it each further
    reply is of the stratum where it narrows the interval most, given what was drawn already: the optimum allocation
    of Neyman in whole numbers (Wright, "The Equivalence of Neyman Optimum Allocation for Sampling and Equal
    Proportions for Apportioning the U.S. House of Representatives", The American Statistician 66(4), 2012, section 3).

    Args:
        replies: The population, each with its stratum.
        taken: What earlier draws hold.
        rated: The ratings so far.
        wish: How many.
        binary: Whether ratings are 0 or 1.
    """
    rng = np.random.default_rng(wish.seed)
    done = list(taken)
    keys = {(owner(item), item_key(item)) for item in done}
    lanes: dict[str, _Lane] = defaultdict(_Lane)
    for key, item in {(owner(item), item_key(item)): item for item in reversed(replies)}.items():
        lanes[key[0]].add(item, drawn=key in keys)
    names = sorted(lanes)
    shares = _even(wish.number, {name: lanes[name].left for name in names}, rng)
    found: list[Drawn] = []
    for name in names:
        number = wish.pilot if wish.number is None else shares[name]
        found += lanes[name].draw(number, rated, wish, rng, binary=binary)
    return tuple(found[place] for place in rng.permutation(len(found)))


def _even(number: int | None, room: Mapping[str, int], rng: np.random.Generator) -> dict[str, int]:
    """Share a number out evenly, as far as each has so many; who gets one more is drawn."""
    left = number or 0
    mixed = [list(room)[place] for place in rng.permutation(len(room))]
    given: dict[str, int] = {}
    # Who has least comes first, so that what they do not have falls to the others; among equals the order is drawn.
    for turn, name in enumerate(sorted(mixed, key=room.__getitem__)):
        given[name] = min(room[name], left // (len(room) - turn))
        left -= given[name]
    return given


class _Lane:
    """The replies of one owner by stratum: those that can be drawn, and those that were."""

    def __init__(self) -> None:
        self._open: dict[str, list[Drawn]] = defaultdict(list)
        self._done: dict[str, list[Drawn]] = defaultdict(list)

    def add(self, item: Drawn, *, drawn: bool) -> None:
        (self._done if drawn else self._open)[item.stratum].append(item)

    @property
    def left(self) -> int:
        """How many can be drawn."""
        return sum(map(len, self._open.values()))

    def draw(
        self, number: int, rated: Rated, wish: DrawWish, rng: np.random.Generator, *, binary: bool
    ) -> list[Drawn]:
        """Return so many replies, fewer where there are no more."""
        if wish.proportional:
            whole = [item for name in sorted(self._open) for item in self._open[name]]
            return _some(whole, number, rng)
        strata = sorted({*self._open, *self._done})
        room = [len(self._open[name]) for name in strata]
        have = [len(self._done[name]) for name in strata]
        if wish.number is None:
            more = spread(number, have, room)
        else:
            sizes = [one + other for one, other in zip(room, have, strict=True)]
            said = [
                [rated[item_key(item)] for item in self._done[name] if item_key(item) in rated]
                for name in strata
            ]
            more = allocate(number, sizes, deviations(said, binary=binary), have)
        return [
            item
            for name, count in zip(strata, more, strict=True)
            for item in _some(self._open[name], count, rng)
        ]


def _some(items: Sequence[Drawn], number: int, rng: np.random.Generator) -> list[Drawn]:
    return [items[place] for place in rng.permutation(len(items))[:number]]


def spread(number: int, have: Sequence[int], room: Sequence[int]) -> list[int]:
    """Return how many more each stratum gives so that, with what it gave, all have about the same.

    Example:
        >>> spread(20, [0, 0], [900, 4])
        [16, 4]
    """
    more = [0] * len(room)
    for _ in range(number - sum(have)):
        places = [place for place, free in enumerate(room) if more[place] < free]
        if not places:
            break
        more[min(places, key=lambda place: have[place] + more[place])] += 1
    return more


def allocate(number: int, sizes: Sequence[int], spreads: Sequence[float], have: Sequence[int]) -> list[int]:
    """Return how many more replies each stratum gives, where each one narrows the interval most.

    Args:
        number: How many more there are to be.
        sizes: How many replies each stratum has.
        spreads: The standard deviation of ratings in each.
        have: How many each gave already.

    Example:
        >>> allocate(100, [800, 200], [0.3, 0.5], [0, 0])
        [71, 29]
    """
    given = list(have)
    weight = [size * max(spread_, 1e-6) for size, spread_ in zip(sizes, spreads, strict=True)]
    for _ in range(number):
        places = [place for place, size in enumerate(sizes) if given[place] < size]
        if not places:
            break
        given[max(places, key=lambda place: _gain(weight[place], given[place]))] += 1
    return [now - before for now, before in zip(given, have, strict=True)]


def _gain(weight: float, given: int) -> float:
    return inf if given == 0 else weight / sqrt(given * (given + 1))


def deviations(said: Sequence[Sequence[float]], *, binary: bool) -> list[float]:
    """Return the standard deviation of ratings in each stratum, held away from 0 where few are known.

    Example:
        >>> [round(each, 2) for each in deviations([[1.0] * 10, [0.0, 1.0], []], binary=True)]
        [0.21, 0.5, 0.5]
    """
    if binary:
        rates = [(sum(values) + 0.5) / (len(values) + 1) for values in said]
        return [sqrt(rate * (1 - rate)) for rate in rates]
    squares = [
        sum((value - sum(values) / len(values)) ** 2 for value in values) if values else 0.0
        for values in said
    ]
    free = sum(len(values) - 1 for values in said if values)
    pooled = sum(squares) / free if free > 0 and sum(squares) > 0 else 1.0
    return [
        sqrt((square + pooled) / max(1, len(values))) for square, values in zip(squares, said, strict=True)
    ]
