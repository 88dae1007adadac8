"""The LLM against its rival in each stratum of the cases."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.adding.margin import gain_shown, oriented, worth_status
from passmuster.decide.measured import BoolArray, Measured
from passmuster.decide.rates import metric_difference
from passmuster.decide.slices import restricted
from passmuster.records.worth import WorthStratum

FEWEST_CASES = 10
"""A stratum with fewer cases that both answered is left out: its interval would say nothing."""

MOST_STRATA = 100
_STRATUM = "stratum "


def members_of(slices: Mapping[str, NDArray[np.int64]], cases: int) -> dict[str, BoolArray]:
    """Return the cases of each stratum, from the places of those of each slice; nothing where there are fewer than two.

    Example:
        >>> slices = {"stratum a": np.array([0]), "stratum b": np.array([1]), "tag c": np.array([0, 1])}
        >>> {name: found.tolist() for name, found in members_of(slices, 2).items()}
        {'a': [True, False], 'b': [False, True]}
    """
    found = {}
    for name, places in slices.items():
        if name.startswith(_STRATUM):
            own = np.zeros(cases, dtype=np.bool_)
            own[places] = True
            found[name.removeprefix(_STRATUM)] = own
    return found if 1 < len(found) <= MOST_STRATA else {}


def strata_of(
    llm: Measured,
    rival: Measured,
    metric: str,
    members: Mapping[str, BoolArray],
    margin: float,
    *,
    lower_is_better: bool = False,
) -> tuple[WorthStratum, ...]:
    """Return the difference in each stratum, the largest gain first; each interval is 95% of its own stratum."""
    found: list[tuple[float, WorthStratum]] = []
    for name, own in members.items():
        gap = metric_difference(restricted(llm, own), restricted(rival, own), metric)
        gain = oriented(gap, lower_is_better=lower_is_better)
        if gain is None or gap.n < FEWEST_CASES:
            continue
        value, low, high = gain
        stratum = WorthStratum(
            stratum=name,
            difference=gap,
            status=worth_status(low, high, margin),
            shown=gain_shown(low, high),
        )
        found.append((value, stratum))
    return tuple(stratum for _, stratum in sorted(found, key=lambda each: (-each[0], each[1].stratum)))
