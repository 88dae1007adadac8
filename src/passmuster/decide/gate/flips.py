"""Which cases flipped between two versions, and how."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.measured import BoolArray, FloatArray, Measured
from passmuster.records.gate import Change
from passmuster.records.outcomes import LOUD, Turn
from passmuster.records.task import Success


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """How the results of cases changed: one entry a case in each of them.

    `old` and `new` are 1 where that version got the case right, 0 where it did not, NaN where nobody can tell. `loud`
    says where a failure of the new one shows, `reworded` where it gave another text, which is as right.
    """

    old: FloatArray
    new: FloatArray
    loud: BoolArray
    reworded: BoolArray

    @property
    def worse(self) -> BoolArray:
        """The cases that were right and are wrong now."""
        return np.equal(self.old, 1.0) & np.equal(self.new, 0.0)

    @property
    def fixed(self) -> BoolArray:
        """The cases that were wrong and are right now."""
        return np.equal(self.old, 0.0) & np.equal(self.new, 1.0)

    @property
    def places(self) -> NDArray[np.int64]:
        """Where the cases stand whose result changed."""
        return np.flatnonzero(self.worse | self.fixed)

    @property
    def unknown(self) -> int:
        """How many cases the old version has a result on and the new one has none."""
        return int((~np.isnan(self.old) & np.isnan(self.new)).sum())

    @property
    def counts(self) -> dict[Change, int]:
        """How many results changed in each way; a case that was wrong, and is wrong in another way, is none of them."""
        worse = self.worse
        found: dict[Change, int] = {
            "loud": int((worse & self.loud).sum()),
            "silent": int((worse & ~self.loud).sum()),
            "fixed": int(self.fixed.sum()),
            "format": int(self.reworded.sum()),
        }
        return {name: count for name, count in found.items() if count}

    def change(self, place: int) -> Change:
        """Return how the result of a flipped case changed."""
        if self.new[place] == 1.0:
            return "fixed"
        return "loud" if self.loud[place] else "silent"


def flips(old: Measured, new: Measured, rule: Success, reworded: BoolArray | None = None) -> Flips:
    """Return how the results of cases changed, by the success rule of the task.

    A case is right where most of its repeats are; a graded metric flips where it crosses what counts as a success. A
    trial without a reply is wrong, and loud.

    Args:
        old: The version of before.
        new: The other one, laid out over the same cases.
        rule: When a trial is a success.
        reworded: Which cells (case, repeat) got another text; None where that is not known.
    """
    before, after = result(old, rule), result(new, rule)
    changed = np.zeros(old.cases, dtype=np.bool_) if reworded is None else reworded.any(axis=1)
    shown = _share(new, LOUD) > 0
    return Flips(
        old=before,
        new=after,
        loud=shown & (_share(new, LOUD) >= _share(new, ("silent_failure",))),
        reworded=changed & np.equal(before, 1.0) & np.equal(after, 1.0),
    )


def result(measured: Measured, rule: Success) -> FloatArray:
    """Return 1 for each case of which most repeats succeeded, 0 for the others, NaN where nobody can tell."""
    share = measured.successes(rule)
    return np.where(np.isnan(share), np.nan, (share > 0.5).astype(np.float64))


def _share(measured: Measured, turns: tuple[Turn, ...]) -> FloatArray:
    if not measured.columns.turn.size:
        return np.zeros(measured.cases)
    return np.nan_to_num(measured.turned(turns, of_all=True))
