"""The noise floor: how often results flip between two answers of one and the same version."""

import math
from collections.abc import Sequence

import numpy as np

from passmuster.decide.gate.again import Again
from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.phrases import counted
from passmuster.decide.rates import rate_estimate
from passmuster.records.gate import NoiseFloor
from passmuster.records.score import Estimate
from passmuster.records.task import Success


def noise_floor(
    old: Measured, new: Measured, rule: Success, ids: Sequence[str], again: Again | None = None
) -> NoiseFloor | None:
    """Return how often the old version's results flip by themselves, and how many more flipped between the two.

    Repeats of the old version that the store has are held against one another, each pair of them; where there are none, the
    first answer to each case of the sample against the ones that were asked for since. The churn is the share of
    cases that flipped between old and new, averaged over all pairs of their repeats, less that. Its interval
    puts both intervals together (Zou and Donner 2008); cases that waver raise both shares, so that it is rather too wide.
    None where the old version was asked once, and not again.

    Args:
        old: The version of before.
        new: The other one, over the same cases.
        rule: When a trial is a success.
        ids: Of the cases.
        again: Fresh answers.
    """
    own, source = _own(old, rule, ids, again)
    known = int((~np.isnan(own)).sum())
    if not known:
        return None
    rate = rate_estimate(own, old, 0)
    between = _between(old, new, rule)
    return NoiseFloor(
        flip_rate=rate, churn=_less(rate_estimate(between, old, 0), rate), cases=known, source=source
    )


def _own(old: Measured, rule: Success, ids: Sequence[str], again: Again | None) -> tuple[FloatArray, str]:
    """Return the share of differing pairs of the old version's answers to each case, NaN without two, and what they are."""
    cells = old.succeeded(rule)
    stored = _within(cells)
    several = int((~np.isnan(stored)).sum())
    if several or again is None or not again.twice:
        return stored, f"stored repeats of {counted(several, 'case')}"
    found = np.full(len(ids), np.nan)
    first = cells[:, 0]
    for place, name in enumerate(ids):
        fresh = [float(each) for each in again.twice.get(name, ()) if each is not None]
        if fresh and not math.isnan(first[place]):
            found[place] = sum(each != first[place] for each in fresh) / len(fresh)
    asked = int((~np.isnan(found)).sum())
    return found, f"{counted(asked, 'case')} drawn at random, and asked of the old version once more"


def _within(cells: FloatArray) -> FloatArray:
    known = (~np.isnan(cells)).sum(axis=1)
    right = np.nansum(cells, axis=1)
    every = known * (known - 1)
    return np.where(every > 0, 2 * right * (known - right) / np.maximum(every, 1), np.nan)


def _between(old: Measured, new: Measured, rule: Success) -> FloatArray:
    before, after = old.successes(rule), new.successes(rule)
    return np.asarray(before * (1 - after) + after * (1 - before), dtype=np.float64)


def _less(share: Estimate, floor: Estimate) -> Estimate:
    ends = (share.value, share.low, share.high, floor.value, floor.low, floor.high)
    value, low, high, own, own_low, own_high = (math.nan if each is None else each for each in ends)
    if math.isnan(value - own):
        return Estimate(value=None, n=share.n, n_missing=share.n_missing, method="no data")
    return Estimate(
        value=value - own,
        low=max(-1.0, value - own - math.hypot(value - low, own_high - own)),
        high=min(1.0, value - own + math.hypot(high - value, own - own_low)),
        n=share.n,
        n_missing=share.n_missing,
        method="difference of two shares (MOVER)",
    )
