"""How many cases of a sample each stratum gets.

Neyman 1934, "On the two different aspects of the representative method": with n_h in proportion to N_h * s_h the
estimate of the whole has the least variance; with equal deviations s_h that is proportional allocation.
"""

import math
from collections.abc import Mapping

from passmuster.errors import UsageError

USUAL_MINIMUM = 30
"""Cases of each stratum from which a rate in it says anything; nearly free for the estimate of the whole."""


def usual_minimum(total: int, strata: int) -> int:
    """Return the least cases of a stratum where nobody says: 30, but minima take at most half of the sample.

    Example:
        >>> usual_minimum(500, 4), usual_minimum(500, 77), usual_minimum(10, 9)
        (30, 3, 1)
    """
    return max(1, min(USUAL_MINIMUM, total // (2 * max(strata, 1))))


def allocate(
    sizes: Mapping[str, int],
    total: int,
    *,
    minimum: int = 1,
    deviations: Mapping[str, float] | None = None,
    available: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Return how many of `total` cases each stratum gets, by name.

    Every stratum gets at least `minimum` of its items, or all of them where it has fewer; above that in proportion to its
    size, or to size times standard deviation. A stratum that cannot give its part gives all that it has, and the
    others share the rest. Together they are `total`, or all that is available.

    Args:
        sizes: Items of each stratum in the traffic.
        total: Cases wanted.
        minimum: Cases of each stratum, at least; 1 or more, since a stratum without any cannot be estimated.
        deviations: The standard deviation of a score in each stratum, for Neyman allocation; a stratum that is
            not in it has the mean of those that are.
        available: Items of each stratum that can be drawn; default: all of them.

    Raises:
        UsageError: where even the minima are more than `total`.

    Example:
        >>> allocate({"web": 900, "phone": 90, "mail": 10}, 100)
        {'mail': 1, 'phone': 9, 'web': 90}
        >>> allocate({"web": 900, "phone": 100}, 100, deviations={"web": 0.1, "phone": 0.9})
        {'phone': 50, 'web': 50}
    """
    most = {name: min(size, (available or sizes)[name]) for name, size in sizes.items() if size}
    least = {name: min(max(minimum, 1), most[name]) for name in most}
    if sum(least.values()) > total:
        raise UsageError(
            f"{total} cases are too few for {len(most)} strata of at least {max(minimum, 1)} each",
            hint=f"Ask for {sum(least.values())} or more, for a smaller minimum, or for fewer strata.",
        )
    if sum(most.values()) <= total:
        return dict(sorted(most.items()))
    parts = _parts(sizes, deviations or {}, most)
    shares = _filled(parts, least, most, total)
    return _whole(shares, least, most, total)


def _parts(
    sizes: Mapping[str, int], deviations: Mapping[str, float], most: Mapping[str, int]
) -> dict[str, float]:
    """Return what each stratum's part is in proportion to."""
    known = [deviations[name] for name in most if name in deviations]
    usual = sum(known) / len(known) if known else 1.0
    parts = {name: sizes[name] * deviations.get(name, usual) for name in most}
    return parts if sum(parts.values()) > 0 else {name: float(sizes[name]) for name in most}


def _filled(
    parts: Mapping[str, float], least: Mapping[str, int], most: Mapping[str, int], total: int
) -> dict[str, float]:
    """Return the shares `scale * part`, kept between least and most, that add up to `total`.

    Their sum grows with the scale, so it is found by halving.
    """

    def at(scale: float) -> dict[str, float]:
        return {name: min(max(scale * parts[name], least[name]), most[name]) for name in most}

    low, high = 0.0, 1.0
    while sum(at(high).values()) < total and high < math.ldexp(1.0, 200):
        high *= 2
    for _ in range(300):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(at(middle).values()) < total else (low, middle)
    return at(high)


def _whole(
    shares: Mapping[str, float], least: Mapping[str, int], most: Mapping[str, int], total: int
) -> dict[str, int]:
    """Round so that the sum is right: the largest remainders are rounded up, equal ones by name."""
    counts = {
        name: min(max(math.floor(share + 1e-9), least[name]), most[name]) for name, share in shares.items()
    }
    order = sorted(shares, key=lambda name: (counts[name] - shares[name], name))
    left = total - sum(counts.values())
    while left > 0:
        open_strata = [name for name in order if counts[name] < most[name]]
        for name in open_strata[:left]:
            counts[name] += 1
        left = total - sum(counts.values())
    return dict(sorted(counts.items()))
