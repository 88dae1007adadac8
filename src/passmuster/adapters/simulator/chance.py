"""Chance that depends on names, not on the order of requests."""

import hashlib
import random
from statistics import NormalDist

_NORMAL = NormalDist()


def chance(*key: object) -> float:
    """Return the number in (0, 1) that belongs to this key, evenly spread over keys.

    Every purpose has a key of its own, so changing one probability of a profile changes no other draw, and
    raising it only adds to what it already hits.

    Example:
        >>> chance(7, "model", "purpose") == chance(7, "model", "purpose")
        True
    """
    return ((_drawn(key) >> 12) + 0.5) / 2**52


def normal(*key: object) -> float:
    """Return the standard normal number that belongs to this key."""
    return _NORMAL.inv_cdf(chance(*key))


def stream(*key: object) -> random.Random:
    """Return the random numbers that belong to this key, where many are needed."""
    return random.Random(_drawn(key))  # noqa: S311 - a simulation


def _drawn(key: tuple[object, ...]) -> int:
    text = "\x1f".join(f"{type(part).__name__}:{part}" for part in key)
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())
