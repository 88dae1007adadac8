"""High stakes: no candidate passes before people have looked at enough of its replies, and not long ago."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from shlex import quote
from typing import TypeAlias

import numpy as np

from passmuster.decide.phrases import counted
from passmuster.decide.slice_rule import SliceRule
from passmuster.decide.verdicts import Judged
from passmuster.records.case import Case
from passmuster.records.comparison import VerdictReport
from passmuster.records.task import Stakes

_ALL = "all cases"
_DAY = 86400.0
_HOUR = 3600.0

Looks: TypeAlias = Mapping[str, Sequence[tuple[int, float]]]
"""Candidate -> the place of the case and the time of the newest rating of each of its replies that people rated."""


def with_stakes(
    judged: Iterable[Judged], stakes: Stakes, looks: Looks, cases: Sequence[Case], generated: str, metric: str
) -> list[Judged]:
    """Return the verdicts; a pass without a recent look of people is undecided, and says what is missing.

    In each slice (without slices: over all cases) `ratings` of the candidate's replies must have been rated by people not
    longer ago than `within`; a slice with fewer cases that the candidate may receive needs as many as it has. A rating without a time counts for none.

    Args:
        judged: The contenders with their verdicts.
        stakes: What is asked for.
        looks: What people rated, by candidate.
        cases: The cases that the figures are of.
        generated: When the report is made (ISO 8601).
        metric: Whose question people are best asked.
    """
    slices = _slices(stakes, cases)
    since = _seconds(generated) - stakes.within
    found = []
    for item in judged:
        if item.verdict.status == "pass":
            own = looks.get(item.contender.name, ())
            recent = {place for place, time in own if time >= since}
            withheld = item.contender.measured.withheld
            kept = set() if withheld is None else set(np.flatnonzero(withheld).tolist())
            open_to = {name: places - kept for name, places in slices.items()}
            item = replace(item, verdict=_held(item, stakes, open_to, recent, metric))  # noqa: PLW2901 - the same, held back
        found.append(item)
    return found


def _seconds(generated: str) -> float:
    try:
        return datetime.fromisoformat(generated).timestamp()
    except ValueError:
        return math.inf  # without a date no rating is known to be recent


def _slices(stakes: Stakes, cases: Sequence[Case]) -> dict[str, frozenset[int]]:
    """Return the places of the cases of each slice."""
    if not stakes.slices:
        return {_ALL: frozenset(range(len(cases)))}
    rules = {rule: SliceRule(rule) for rule in stakes.slices}
    places: dict[str, set[int]] = {rule: set() for rule in rules}
    for place, case in enumerate(cases):
        for name, rule in rules.items():
            if rule.holds(case):
                places[name].add(place)
    return {name: frozenset(own) for name, own in places.items()}


def _held(
    item: Judged, stakes: Stakes, slices: Mapping[str, frozenset[int]], recent: set[int], metric: str
) -> VerdictReport:
    missing = {
        name: min(stakes.ratings, len(places)) - len(places & recent) for name, places in slices.items()
    }
    lacking = [name for name, number in missing.items() if number > 0]
    empty = [name for name, places in slices.items() if not places]
    if not lacking and not empty:
        return item.verdict
    parts = [
        f"{counted(missing[name], 'more of its replies', 'more of its replies')} to be rated by people"
        + ("" if name == _ALL else f" where {name}")
        for name in lacking
    ]
    parts += [f"no case lies where {name}" for name in empty]
    more = max((missing[name] for name in lacking), default=None)
    command = (
        f"; passmuster rate draw --metric {quote(metric)} --fresh --replies {more} --only {quote(item.contender.name)}"
        if more is not None
        else ""
    )
    reason = (
        f"meets every bar, but the stakes are high ({stakes.ratings} ratings in the last "
        f"{span(stakes.within)}): {', '.join(parts)}{command}"
    )
    return replace(item.verdict, status="undecided", reason=reason, more_ratings=more)


def span(seconds: float) -> str:
    """Return a time in words of days or hours.

    Example:
        >>> span(30 * 86400.0), span(43200.0)
        ('30 days', '12 hours')
    """
    if seconds >= _DAY:
        return counted(round(seconds / _DAY), "day")
    return counted(max(1, round(seconds / _HOUR)), "hour")
