"""What a judge says when it is asked the same again, and when a reply says the same at greater length."""

from collections.abc import Sequence
from math import sqrt
from statistics import fmean
from typing import NamedTuple

import numpy as np

from passmuster.decide.judging.calibrating.rows import Unit
from passmuster.decide.judging.shares import share_of
from passmuster.records.calibration import PaddingShift, Steadiness
from passmuster.records.score import Estimate
from passmuster.stats.paired import mcnemar_mid_p, paired_mean_interval, paired_mean_p, tango_interval

_CLOSE = 1e-9


class Twice(NamedTuple):
    """Two values that a judge gave; None where it gave none. `group` is what the case is clustered by."""

    group: str
    before: float | None
    after: float | None


class Padded(NamedTuple):
    """The values of a reply as it is and at greater length; None where the judge gave none. Lengths are in characters."""

    group: str
    plain: float | None
    padded: float | None
    length: int
    padded_length: int


def steadiness(again: Sequence[Twice]) -> Steadiness | None:
    """Return how steady a judge is; None where nothing could be compared.

    The standard deviation of one judgement is that of the differences by the square root of two: half of their mean
    square (Bland and Altman 1996, BMJ 313, 744).

    Example:
        >>> found = steadiness([Twice("1", 4.0, 4.0), Twice("2", 3.0, 5.0)])
        >>> found.same.value, found.deviation
        (0.5, 1.0)
    """
    both = [
        (each.before, each.after, each.group)
        for each in again
        if each.before is not None and each.after is not None
    ]
    if not both:
        return None
    same = [abs(after - before) <= _CLOSE for before, after, _ in both]
    return Steadiness(
        n=len(both),
        same=share_of(same, [group for *_, group in both]),
        deviation=sqrt(fmean((after - before) ** 2 for before, after, _ in both) / 2),
        unread=len(again) - len(both),
    )


def padding_shift(probe: Sequence[Padded], unit: Unit) -> PaddingShift | None:
    """Return how far greater length moves the value of the same content; None where nothing could be compared.

    Of a judge that passes or fails: the mid-p McNemar test with Tango's interval (1998); else the paired t. Replies to
    cases of one group are clustered.

    Example:
        >>> probe = [Padded(str(n), 3.0, 4.0 + n % 2, 100, 250) for n in range(10)]
        >>> found = padding_shift(probe, Unit(bounds=(1, 5)))
        >>> found.shift.value, found.longer, found.p < 0.001
        (1.5, 2.5, True)
    """
    both = [
        (each.group, each.plain, each.padded)
        for each in probe
        if each.plain is not None and each.padded is not None
    ]
    if not both:
        return None
    groups = [group for group, _, _ in both]
    shares = np.array([padded - plain for _, plain, padded in both]) / unit.width
    value = float(shares.mean()) * unit.width
    if unit.binary and len(set(groups)) == len(groups):
        better, worse = float((shares > 0).sum()), float((shares < 0).sum())
        within: tuple[float, float] | None = tango_interval(better, worse, float(len(both)))
        p: float | None = mcnemar_mid_p(better, worse)
    else:
        within = paired_mean_interval(shares, clusters=groups)
        p = paired_mean_p(shares, clusters=groups)
    low, high = (None, None) if within is None else (within[0] * unit.width, within[1] * unit.width)
    return PaddingShift(
        n=len(both),
        shift=Estimate(
            value=value, low=low, high=high, n=len(both), method="McNemar" if unit.binary else "paired t"
        ),
        p=p,
        longer=fmean(each.padded_length / max(each.length, 1) for each in probe),
        unread=len(probe) - len(both),
    )
