"""Choices drawn from known strengths, for tests of what is made of them."""

import math
from collections.abc import Mapping

import numpy as np

from passmuster.records.rating import Choice, Chosen


def drawn_choices(
    strengths: Mapping[str, float],
    *,
    cases: int,
    each: int = 1,
    raters: int = 5,
    first: float = 0.0,
    seed: int = 0,
) -> list[Choice]:
    """Return `each` choices on every case between two candidates at random; `first` is what the place adds."""
    rng = np.random.default_rng(seed)
    names = sorted(strengths)
    made = []
    for number in range(cases * each):
        one, other = rng.choice(names, 2, replace=False).tolist()
        odds = strengths[one] - strengths[other] + first
        chosen: Chosen = "first" if rng.random() < 1 / (1 + math.exp(-odds)) else "second"
        case = str(number // each)
        made.append(
            Choice(
                case=case,
                first=f"{one} on {case}",
                second=f"{other} on {case}",
                first_by=one,
                second_by=other,
                metric="better",
                chosen=chosen,
                rater=f"rater {rng.integers(raters)}",
                kind="human",
                time=1_760_000_000.0 + number,
            )
        )
    return made
