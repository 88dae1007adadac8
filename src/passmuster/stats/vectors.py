"""Vectors of texts: how close two of them are."""

from collections.abc import Sequence
from math import fsum, sqrt


def cosine(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return the cosine of the angle between two vectors, in [-1, 1]; None where one of them is zero.

    The sums are exact before they are rounded once, so the figure is the same on every machine, and a vector
    with itself gives 1.

    Raises:
        ValueError: for vectors of different lengths.

    Example:
        >>> cosine([3.0, 4.0], [3.0, 4.0]), cosine([1.0, 0.0], [0.0, 2.0]), cosine([0.0], [1.0])
        (1.0, 0.0, None)
    """
    one, other = _scaled(one), _scaled(other)
    squares = fsum(x * x for x in one), fsum(y * y for y in other)
    product = fsum(x * y for x, y in zip(one, other, strict=True))
    if not squares[0] or not squares[1]:
        return None
    return max(-1.0, min(1.0, product / sqrt(squares[0] * squares[1])))


def _scaled(vector: Sequence[float]) -> Sequence[float]:
    """Return the vector with its greatest number at most 1, where the product of two squares would leave the range of floats."""
    largest = max(map(abs, vector), default=0.0)
    if 1e-70 < largest < 1e70 or not largest:
        return vector
    return [number / largest for number in vector]
