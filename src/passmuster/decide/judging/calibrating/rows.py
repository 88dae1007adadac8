"""Judged replies in rows: what the judge said, what people said, and what might have moved the judge."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from passmuster.decide.judging.corrected import LEAST_RATINGS
from passmuster.records.record import Record
from passmuster.stats.arrays import FloatArray, IntArray

Swapped: TypeAlias = Literal["consistent", "first", "second"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedReply(Record):
    """One judged reply.

    `group` is what its case is clustered by, `repeat` tells several replies to it apart, `value` the judge's value (None: `failure` is the kind of score failure),
    `human` the mean of people's ratings, None where nobody rated it; `drawn` says whether a random draw chose it for them,
    `stands` how many replies it stands for then, beside others of its draw (`decide.judging.book.Rated.drawn_for`).
    `stratum` is the one that it would be drawn from. `length` counts the characters of the reply, `other_length` those of
    the reply that it was compared with. `akin` marks a candidate of the judge's own model or family. `swapped` is what
    pairwise judges did with the sides exchanged, one each. `weight` is how many cases of traffic the case stands for.
    """

    candidate: str
    case: str
    group: str
    repeat: int = 0
    value: float | None = None
    failure: str | None = None
    human: float | None = None
    raters: frozenset[str] = field(default_factory=frozenset)
    drawn: bool = False
    stands: float = 1.0
    newest: float | None = None
    stratum: str = ""
    length: int = 0
    other_length: int | None = None
    akin: bool = False
    swapped: tuple[Swapped, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit(Record):
    """The unit of a judge: the bounds of its values, and whether each is one of the two."""

    bounds: tuple[float, float]
    binary: bool = False
    pairwise: bool = False

    @property
    def width(self) -> float:
        """From the least value to the greatest."""
        return self.bounds[1] - self.bounds[0]

    def share(self, values: FloatArray) -> FloatArray:
        """Return values as shares of the scale, from 0 to 1."""
        return (values - self.bounds[0]) / self.width


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The replies that have a judgement and a rating, as columns.

    `weights` lead back from the rated replies to all judged ones: those of a stratum from which few were drawn count for
    the others of it. They are the weights of the cases times `stands_for`, how many judged replies of its `stratum`
    (a number from 0) each rated one stands for.
    """

    rows: tuple[JudgedReply, ...]
    judge: FloatArray
    human: FloatArray
    weights: FloatArray
    stands_for: FloatArray
    stratum: IntArray

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.rows)

    @property
    def groups(self) -> list[str]:
        """The cluster of each: replies to the same case, or to cases of one group, belong together."""
        return [row.group for row in self.rows]

    @property
    def raters(self) -> int:
        """How many people rated any of them."""
        return len(frozenset[str]().union(*(row.raters for row in self.rows)))


def judged(rows: Sequence[JudgedReply]) -> list[JudgedReply]:
    """Return the rows with a judgement."""
    return [row for row in rows if row.value is not None]


def drawn_at_random(rows: Sequence[JudgedReply]) -> bool:
    """Return whether the ratings that count are of replies that a random draw chose: all of them, or enough."""
    rated = [row for row in judged(rows) if row.human is not None]
    drawn = sum(row.drawn for row in rated)
    return drawn >= LEAST_RATINGS or drawn == len(rated)


def trusted(rows: Sequence[JudgedReply]) -> list[JudgedReply]:
    """Return the rated rows that may speak for the others: those drawn at random, where there are enough; else all.

    Nobody knows what replies that somebody picked stand for.
    """
    rated = [row for row in judged(rows) if row.human is not None]
    return [row for row in rated if row.drawn] if drawn_at_random(rows) else rated


def beside(rows: Sequence[JudgedReply]) -> Beside:
    """Return judgements and ratings of the same replies.

    Example:
        >>> row = JudgedReply(candidate="a", case="1", group="1", value=1.0, human=0.0, stratum="1")
        >>> more = JudgedReply(candidate="a", case="2", group="2", value=1.0, stratum="1")
        >>> beside([row, more]).weights.tolist()
        [2.0]
    """
    rated = trusted(rows)
    drawn = drawn_at_random(rows)
    beside_others = [row.stands if drawn else 1.0 for row in rated]
    there, chosen = _weights(judged(rows)), _weights(rated, beside_others)
    stands_for = [
        share * there[_stratum(row)] / chosen[_stratum(row)]
        for row, share in zip(rated, beside_others, strict=True)
    ]
    numbers = {stratum: number for number, stratum in enumerate(chosen)}
    own = np.array([row.weight for row in rated], dtype=np.float64)
    return Beside(
        rows=tuple(rated),
        judge=np.array([row.value for row in rated], dtype=np.float64),
        human=np.array([row.human for row in rated], dtype=np.float64),
        weights=own * np.array(stands_for, dtype=np.float64),
        stands_for=np.array(stands_for, dtype=np.float64),
        stratum=np.array([numbers[_stratum(row)] for row in rated], dtype=np.int64),
    )


def _stratum(row: JudgedReply) -> tuple[str, str]:
    return row.candidate, row.stratum


def _weights(rows: Sequence[JudgedReply], shares: Sequence[float] = ()) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = defaultdict(float)
    for row, share in zip(rows, shares or [1.0] * len(rows), strict=True):
        found[_stratum(row)] += row.weight * share
    return found


def moments(found: Beside) -> FloatArray:
    """Return, for each reply, what the correlation of judge and people is made of: 1, x, y, x squared, y squared and xy."""
    # Around the middle, so that squares of like numbers lose no digits.
    x, y = found.judge - found.judge.mean(), found.human - found.human.mean()
    return np.column_stack([np.ones_like(x), x, y, x * x, y * y, x * y])
