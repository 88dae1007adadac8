"""Slices of the cases: which cases a bar is about, and a candidate on these alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from passmuster.decide.measured import ABSENT, NO_SCORE, NO_TURN, BoolArray, Measured, Scored
from passmuster.decide.slice_rule import SliceRule
from passmuster.records.case import Case
from passmuster.records.task import Bar

EMPTY = "no case is in the slice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sliced:
    """A bar with the cases that it is about; None as `members` is all of them.

    `apart` says that these are of the cases that are measured apart, such as edge cases: nothing else is in the slice.
    """

    bar: Bar
    members: BoolArray | None = None
    apart: bool = False

    def of(self, measured: Measured) -> Measured:
        """Return the candidate on the cases of the bar alone; it is one of the cases that `apart` says."""
        return measured if self.members is None else restricted(measured, self.members)


def sliced_bars(
    bars: Sequence[Bar], named: Mapping[str, str], cases: Sequence[Case], apart: Sequence[Case] = ()
) -> tuple[Sliced, ...]:
    """Return the bars, each with the cases that it is about, and a bar on each value of something as one of each.

    A slice is one of the cases that estimate production. Where none of these is in it, it is one of the cases of other
    categories, which are measured apart: `category == 'edge'` speaks of those.

    Args:
        bars: Of the task.
        named: The task's slices: name -> expression.
        cases: Those that the figures are of.
        apart: Those of other categories.

    Example:
        >>> cases = [Case(id="1", input="", stratum="a"), Case(id="2", input="", stratum="b")]
        >>> bars = sliced_bars([Bar(metric="accuracy", at_least=0.5, each="stratum")], {}, cases)
        >>> [(found.bar.slice, found.members.tolist()) for found in bars]
        [('stratum a', [True, False]), ('stratum b', [False, True])]
    """
    made: list[Sliced] = []
    for bar in bars:
        if bar.each is not None:
            made += _every(bar, bar.each, cases, apart)
        elif bar.slice is not None:
            rule = SliceRule(named.get(bar.slice, bar.slice), "bars")
            made.append(_placed(bar, _known(rule), cases, apart))
        else:
            made.append(Sliced(bar=bar))
    return tuple(made)


def _every(
    bar: Bar,
    each: Literal["category", "stratum", "tag"],
    cases: Sequence[Case],
    apart: Sequence[Case],
) -> Iterator[Sliced]:
    values = dict.fromkeys(value for some in (cases, apart) for case in some for value in _values(case, each))
    if not values:  # a floor under nothing is no floor: the bar stands, and meets nobody
        members = np.zeros(len(cases), dtype=np.bool_)
        yield Sliced(bar=replace(bar, slice=f"any {each}", each=None), members=members)
    for value in values:
        one = replace(bar, slice=f"{each} {value}", each=None)
        yield _placed(one, lambda case, value=value: value in _values(case, each), cases, apart)  # type: ignore[misc]  # a default binds the value


def _values(case: Case, each: Literal["category", "stratum", "tag"]) -> tuple[str, ...]:
    if each == "tag":
        return case.tags
    value = case.category if each == "category" else case.stratum
    return () if value is None else (value,)


def _known(rule: SliceRule) -> Callable[[Case], bool]:
    """Ask a rule once for all cases that it cannot tell apart."""
    seen: dict[tuple[object, ...], bool] = {}

    def holds(case: Case) -> bool:
        key = (case.category, case.stratum, case.tags)
        if key not in seen:
            seen[key] = rule.holds(case)
        return seen[key]

    return holds


def _placed(bar: Bar, holds: Callable[[Case], bool], cases: Sequence[Case], apart: Sequence[Case]) -> Sliced:
    members = _members(holds, cases)
    if members.any() or not len(apart):
        return Sliced(bar=bar, members=members)
    others = _members(holds, apart)
    return Sliced(bar=bar, members=others, apart=True) if others.any() else Sliced(bar=bar, members=members)


def _members(holds: Callable[[Case], bool], cases: Sequence[Case]) -> BoolArray:
    return np.fromiter((holds(case) for case in cases), dtype=np.bool_, count=len(cases))


def restricted(measured: Measured, members: BoolArray) -> Measured:
    """Return a candidate as if only some of the cases had been asked; its columns keep a row for every case."""
    outside = ~members
    columns = measured.columns
    state, turn = columns.state.copy(), columns.turn.copy()
    state[outside] = ABSENT
    if turn.size:
        turn[outside] = NO_TURN
    scores = {}
    for name, found in columns.scores.items():
        value, code = found.value.copy(), found.code.copy()
        value[outside], code[outside] = np.nan, NO_SCORE
        scores[name] = Scored(value=value, code=code)
    return replace(measured, columns=replace(columns, state=state, turn=turn, scores=scores))
