"""Types shared by functions that take one number or an array of them."""

from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

Numbers = TypeVar("Numbers", float, FloatArray)
"""A number or an array of numbers: what the first argument is, the result is too."""


def shaped(values: object, like: Numbers) -> Numbers:
    """Return `values` as an array where `like` is one, else as a plain float.

    >>> shaped(np.float64(0.5), 3.0)
    0.5
    """
    array = np.asarray(values, dtype=np.float64)
    return array if isinstance(like, np.ndarray) else float(array)
