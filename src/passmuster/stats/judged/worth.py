"""What a judge is worth in ratings, and which replies to have rated: said before anybody rates."""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

from passmuster.records.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth(Record):
    """What a judge adds to n ratings: the interval is `width_ratio` as wide, as if `extra` more had been made."""

    correlation: float
    n: int
    rest: int
    width_ratio: float
    extra: float


def worth(correlation: float, n: int, rest: int) -> Worth:
    """Return what a judge is worth beside n ratings: width ratio sqrt(1 - rho^2 N / (n + N)).

    That is the variance of the tuned prediction-powered mean over that of the ratings alone (Angelopoulos, Duchi and
    Zrnic 2023, arXiv 2311.01453, section 6). `extra` is n / ratio^2 - n, infinite for a perfect judge of endless replies.

    Args:
        correlation: Of the judge's values with people's, -1 to 1; one below 0 is worth nothing.
        n: Ratings by people.
        rest: Judged replies that nobody rates.

    Raises:
        ValueError: for a correlation outside -1 to 1, or negative counts.

    Example:
        >>> found = worth(0.66, 100, 1900)
        >>> round(found.width_ratio, 3), round(found.extra)
        (0.766, 71)
    """
    if not -1 <= correlation <= 1 or n < 0 or rest < 0:
        message = f"a correlation of {correlation} with {n} ratings and {rest} other replies"
        raise ValueError(message)
    used = max(0.0, correlation) ** 2 * (rest / (n + rest) if n + rest else 0.0)
    ratio = math.sqrt(1 - used)
    extra = n / (1 - used) - n if used < 1 else math.inf
    return Worth(correlation=correlation, n=n, rest=rest, width_ratio=ratio, extra=extra)


def correlation_of_rates(share: float, sensitivity: float, specificity: float) -> float:
    """Return the correlation of a pass/fail judge with people (phi), from how often each is right.

    Args:
        share: Of replies that people pass.
        sensitivity: Of these, the share that the judge passes.
        specificity: Of the others, the share that the judge fails.

    Example:
        >>> round(correlation_of_rates(0.8, 0.9, 0.8), 3)
        0.656
    """
    passed = share * sensitivity + (1 - share) * (1 - specificity)
    spread = share * (1 - share) * passed * (1 - passed)
    return share * (1 - share) * (sensitivity + specificity - 1) / math.sqrt(spread) if spread > 0 else 0.0


def neyman(
    shares: Sequence[float],
    deviations: Sequence[float],
    n: int,
    *,
    least: int = 0,
    most: Sequence[int] | None = None,
) -> tuple[int, ...]:
    """Return how many replies of each stratum to rate so that the error is least: n_h ~ share x deviation.

    Source: Neyman 1934, Journal of the Royal Statistical Society 97, 558-625; in whole numbers by Wright 2012, The
    American Statistician 66, 217-224. They add up to n, or to all that there is.

    Args:
        shares: The share of each stratum in the judged replies.
        deviations: The standard deviation of people's ratings in each; where all are 0, shares decide.
        n: How many to rate in all.
        least: At least so many of each stratum, where it has them and n allows.
        most: How many replies each stratum has; None: enough.

    Raises:
        ValueError: for different numbers of strata, or anything negative.

    Example:
        >>> neyman([0.8, 0.2], [0.2, 0.5], 100)
        (62, 38)
        >>> neyman([0.8, 0.2], [0.2, 0.5], 100, most=[1000, 20])
        (80, 20)
    """
    room = [n] * len(shares) if most is None else [min(n, each) for each in most]
    if not len(shares) == len(deviations) == len(room) or n < 0 or min([*shares, *deviations, *room, 0]) < 0:
        message = f"{len(shares)} shares, {len(deviations)} deviations and {len(room)} sizes for {n} ratings"
        raise ValueError(message)
    wanted = [share * deviation for share, deviation in zip(shares, deviations, strict=True)]
    if not any(wanted):
        wanted = list(shares)
    floor = min(least, n // max(1, len(room)))
    given = [min(floor, size) for size in room]
    _fill(given, wanted, room, n)
    return tuple(given)


def _fill(given: list[int], wanted: list[float], room: list[int], n: int) -> None:
    """Give what is left, one by one, to the stratum where one more takes most from the variance sum w^2 / n_h."""

    def gain(place: int) -> tuple[float, float]:
        size, weight = given[place], wanted[place]
        return (-(weight**2) / (size * (size + 1)) if size else (-math.inf if weight else 0.0), -weight)

    waiting = [(*gain(place), place) for place in range(len(given)) if given[place] < room[place]]
    heapq.heapify(waiting)
    for _ in range(n - sum(given)):
        if not waiting:
            return
        place = heapq.heappop(waiting)[2]
        given[place] += 1
        if given[place] < room[place]:
            heapq.heappush(waiting, (*gain(place), place))
