"""Two figures of different cases: the interval of their difference."""


def difference_interval(
    first: tuple[float, float, float], second: tuple[float, float, float]
) -> tuple[float, float]:
    """Return the interval of a difference from value, low and high of each of two independent figures.

    Square-and-add: with Wilson intervals it is method 10 of Newcombe 1998 ("Interval estimation for the
    difference between independent proportions"), for others the MOVER of Zou and Donner 2008.

    Example:
        >>> low, high = difference_interval((0.7, 0.5725, 0.8034), (0.6, 0.4618, 0.7239))
        >>> print(f"{low:.3f} {high:.3f}")
        -0.078 0.273
    """
    (one, one_low, one_high), (two, two_low, two_high) = first, second
    value = one - two
    down: float = ((one - one_low) ** 2 + (two_high - two) ** 2) ** 0.5
    up: float = ((one_high - one) ** 2 + (two - two_low) ** 2) ** 0.5
    return value - down, value + up
