"""Cases that are newer than what a candidate was trained on."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from passmuster.records.case import Case


def aged(cases: Sequence[Case], cutoff: float) -> NDArray[np.bool_]:
    """Return which cases were asked at the cut-off or later; one without a time was not.

    Example:
        >>> aged([Case(id="1", input="x", time=5.0), Case(id="2", input="y", time=1.0)], 2.0).tolist()
        [True, False]
    """
    return np.array([case.time is not None and case.time >= cutoff for case in cases], dtype=np.bool_)
