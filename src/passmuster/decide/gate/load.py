"""Whether the times of both versions may be compared: the same kind of times, load and lengths, on the same trials."""

from dataclasses import dataclass

import numpy as np

from passmuster.decide.gate.sides import Sides
from passmuster.decide.measured import REPLIED, BoolArray, FloatArray, Measured
from passmuster.decide.phrases import counted
from passmuster.records.gate import Level

OTHER_LOAD = 0.20
"""By how much the mean number of calls in flight may differ, as a part of the smaller one, from a whole call on."""

OTHER_LENGTH = 0.10
"""By how much the mean tokens of a reply may differ, likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why times cannot be compared, and what a reader must know where they can.

    `counts_as` is the level that the whole gate takes it for, None for its own.
    """

    level: Level | None = None
    counts_as: Level | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()


def timed_cells(sides: Sides, *, first_token: bool = False) -> BoolArray:
    """Return the cells (case, repeat) with a time of both versions, each of the kind that its percentiles are of."""
    some = [_timed(item, first_token=first_token) for item in (sides.old, sides.new)]
    return np.logical_and(*some)


def seconds_of(item: Measured, *, first_token: bool = False) -> FloatArray:
    """Return the seconds of every cell, to the last byte or to the first token."""
    return item.columns.first_token if first_token else item.columns.seconds


def _timed(item: Measured, *, first_token: bool) -> BoolArray:
    seconds = seconds_of(item, first_token=first_token)
    replied = item.from_source(item.source) & np.equal(item.columns.state, REPLIED)
    return np.asarray(replied & (seconds > 0), dtype=np.bool_)


def comparable(sides: Sides, *, changed: bool) -> Verdict:
    """Say whether the times of both may be compared.

    Refused are times of another kind (measured, recorded, simulated, cached), another number of calls in flight
    (`OTHER_LOAD`), another cap on these, and replies or prompts of another length (`OTHER_LENGTH`), all on the trials that
    both have a time of. What only one version recorded leaves it undecided; what neither did is a note. Other lengths hold
    nothing up where the change itself can have made them: the times then are no longer those of the same work, which nobody can
    mend, and the rows of cost show what it costs.

    Args:
        sides: Both versions.
        changed: Whether what decides the replies (model, prompt, parameters) is another.
    """
    if sides.old.source != sides.new.source:
        return Verdict(
            level="refused",
            reason=f"not compared: the times are {sides.old.source} before and {sides.new.source} now",
        )
    cells = timed_cells(sides)
    every = (_caps(sides), _in_flight(sides, cells), *_lengths(sides, cells, changed=changed))
    against = [found for found in every if found.level is not None]
    if against:
        return min(against, key=lambda found: found.counts_as is not None)
    return Verdict(notes=tuple(note for found in every for note in found.notes))


def _caps(sides: Sides) -> Verdict:
    old, new = sides.old.candidate.concurrency, sides.new.candidate.concurrency
    if sides.new.source != "measured" or old == new:
        return Verdict()
    return Verdict(
        level="refused",
        reason=f"not compared: up to {counted(old, 'call')} at once before, up to {new} now;"
        " ask both with the same `concurrency`",
    )


def _in_flight(sides: Sides, cells: BoolArray) -> Verdict:
    old, new = (_mean(item, "in_flight", cells) for item in (sides.old, sides.new))
    if old is None and new is None:
        return Verdict(
            notes=("Neither version recorded how many calls were in flight: the load is not checked.",)
        )
    if old is None or new is None:
        return _one_sided("how many calls were in flight", old)
    # Less than a call apart is the luck of quick replies, which are waited for one at a time or not.
    if abs(new - old) < 1 or not _apart(old, new, OTHER_LOAD):
        return Verdict()
    return Verdict(
        level="refused",
        reason=f"not compared: {old:.3g} calls in flight on average before, {new:.3g} now;"
        " ask both under the same load",
    )


def _lengths(sides: Sides, cells: BoolArray, *, changed: bool) -> list[Verdict]:
    return [_length(sides, cells, column, changed=changed) for column in ("input", "output")]


def _length(sides: Sides, cells: BoolArray, column: str, *, changed: bool) -> Verdict:
    texts = {"input": "prompts", "output": "replies"}[column]
    old, new = (_mean(item, column, cells) for item in (sides.old, sides.new))
    if old is None and new is None:
        return Verdict(
            notes=(f"Neither version recorded the tokens of {texts}: their lengths are not checked.",)
        )
    if old is None or new is None:
        return _one_sided(f"the tokens of {texts}", old)
    guessed = any(_mean(item, "estimated", cells) for item in (sides.old, sides.new))
    if not _apart(old, new, OTHER_LENGTH):
        told = f"The tokens of {texts} are estimated from characters: that their lengths agree is, too."
        return Verdict(notes=(told,) if guessed else ())
    about = "about " if guessed else ""
    why = (
        "the change itself made them so, which holds nothing up; what it costs is in the rows of cost"
        if changed
        else "the version is the same, so that it is not this change that made them so"
    )
    return Verdict(
        level="refused",
        counts_as="investigate" if changed else None,
        reason=f"not compared: {texts} of {about}{old:,.0f} tokens on average before, {about}{new:,.0f} now; {why}",
    )


def _one_sided(what: str, old: float | None) -> Verdict:
    which = "old" if old is None else "new"
    return Verdict(level="undecided", reason=f"the {which} version did not record {what}")


def _apart(old: float, new: float, by: float) -> bool:
    least, most = min(old, new), max(old, new)
    return most > (1 + by) * least * (1 + 1e-9)


def _mean(item: Measured, column: str, cells: BoolArray) -> float | None:
    loads = item.columns.loads
    if loads is None:
        return None
    values = getattr(loads, column)[cells]
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else None
