"""What a case's versions said when they were asked again: fresh answers, which nothing was chosen by.

A case that flipped was chosen because it flipped, so what it said then says too much. Whatever is told of it from here
on rests on answers that were given afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.measured import BoolArray, FloatArray
from passmuster.records.case import Case
from passmuster.stats.signs import sign_flip_p

Answers: TypeAlias = Mapping[str, Sequence[bool | None]]
"""Id of a case -> whether each fresh answer to it is right; None is an answer that nobody can judge."""

CONFIRM = 0.2
"""The p-value of fresh answers from which on they do not confirm a drop: one of five rows without a change still would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Fresh answers of both versions, by the id of the case.

    `old` and `new` are to cases that flipped, and to regression cases that failed: `times` each, fewer where a budget
    ended it. `twice` are answers of the old version to cases that were drawn beforehand, whatever was said of them: its
    noise. `notes` say what could not be asked, a sentence each; `spend` is US dollars, None where a part
    is unknown, or nothing was asked.
    """

    old: Answers = field(default_factory=dict)
    new: Answers = field(default_factory=dict)
    twice: Answers = field(default_factory=dict)
    times: int = 3
    notes: tuple[str, ...] = ()
    spend: float | None = None


def fails_for_good(answers: Sequence[bool | None] | None, times: int) -> bool | None:
    """Return whether most of so many fresh answers are wrong; None where too few of them are known to tell.

    Example:
        >>> fails_for_good((False, True, False), 3), fails_for_good((True, None, True), 3), fails_for_good((False,), 3)
        (True, False, None)
    """
    most, known = times // 2 + 1, [] if answers is None else [each for each in answers if each is not None]
    if known.count(False) >= most:
        return True
    return False if known.count(True) >= most else None


def rights(answers: Sequence[bool | None] | None) -> int | None:
    """Return how many fresh answers are right; None where there is none."""
    return None if not answers else sum(each is True for each in answers)


def more_right(again: Again, ids: Sequence[str]) -> FloatArray:
    """Return of each case (id) how many more fresh answers of the new version are right than of the old one.

    The first answer of the one is held against the first of the other, and so on: as many of each. NaN where no two
    are known.
    """
    found = np.full(len(ids), np.nan)
    for place, name in enumerate(ids):
        both = [
            float(new) - float(old)
            for new, old in zip(again.new.get(name, ()), again.old.get(name, ()), strict=False)
            if new is not None and old is not None
        ]
        if both:
            found[place] = sum(both)
    return found


def fresh_p(
    fresh: Mapping[str, float],
    cases: Sequence[Case],
    members: BoolArray | None = None,
    groups: NDArray[np.int64] | None = None,
) -> float | None:
    """Return the one-sided p-value of "as right as before" by the fresh answers to some cases; None where none flipped.

    Args:
        fresh: Id of a flipped case -> how many more of its fresh answers are right than of the old version's.
        cases: All cases.
        members: Those of them that it is about; None is all.
        groups: The group of each, where cases are grouped.
    """
    inside = np.ones(len(cases), dtype=np.bool_) if members is None else members
    values = np.array([fresh.get(case.id, np.nan) for case in cases])
    values[~inside] = np.nan
    if np.isnan(values).all():
        return None
    found = sign_flip_p(values, groups)
    return 0.5 if found is None else found
