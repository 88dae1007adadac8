"""Quantiles of Student's t, for intervals of means and ratios."""

import math
from functools import lru_cache
from statistics import NormalDist

_CLOSE = 1e-9  # the next step is the square of it


@lru_cache(maxsize=256)
def student_quantile(probability: float, degrees: int) -> float:
    """Return the quantile of Student's t for a whole number of degrees of freedom from 1.

    For these the distribution is a finite sum (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4), so that an
    interval does not wait for scipy's special functions, which take longer to load than thousands of trials to sum up.

    Raises:
        ValueError: where the probability is not at least 0.5 and below 1, or there are no degrees of freedom.

    >>> round(student_quantile(0.975, 10), 6), round(student_quantile(0.975, 4999), 6)
    (2.228139, 1.960439)
    """
    if not 0.5 <= probability < 1 or degrees < 1:
        raise ValueError(f"there is no quantile {probability} of a t with {degrees} degrees of freedom")
    scale = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(math.pi * degrees)
    quantile, step = NormalDist().inv_cdf(probability), math.inf
    # Newton's method: it starts below the quantile, where the distribution is concave, and so never passes it.
    while step > _CLOSE * quantile:
        density = scale * (1 + quantile * quantile / degrees) ** (-(degrees + 1) / 2)
        step = (2 * probability - 1 - _within(quantile, degrees)) / (2 * density)
        quantile += step
    return quantile


def _within(limit: float, degrees: int) -> float:
    """Return P(|T| <= limit)."""
    sine = limit / math.sqrt(degrees + limit * limit)
    square = degrees / (degrees + limit * limit)
    odd = degrees % 2
    term = total = math.sqrt(square) if odd else 1.0
    for place in range(2 + odd, degrees, 2):
        term *= square * (place - 1) / place
        total += term
    if not odd:
        return sine * total
    return (math.asin(sine) + (sine * total if degrees > 1 else 0.0)) * 2 / math.pi
