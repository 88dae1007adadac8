"""Ratings and choices as looks: who said what of which reply, in one form for both."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from passmuster.decide.judging.book import WORTH
from passmuster.records.case import Case, case_digest
from passmuster.records.label import Annotator
from passmuster.records.rating import Choice, Rating
from passmuster.records.record import Record

UNKNOWN = "of cases that are not here"
STALE = "of an input that has changed since"
SAME = "choices between a reply and itself"


class Item(NamedTuple):
    """What was looked at: a reply to a case, or two of them, whichever was shown first."""

    case: str
    first: str
    second: str | None = None


class Look(NamedTuple):
    """What one rater said of one item, in the metric's unit; of a pair, what the choice is worth to `item.first`."""

    rater: str
    kind: Annotator
    item: Item
    value: float | None
    parts: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks(Record):
    """All looks in the order in which they came, the group of each case, and what was left out and why."""

    looks: tuple[Look, ...]
    groups: Mapping[str, str]
    left_out: Mapping[str, int]


def looks_of(said: Iterable[Rating | Choice], metric: str, cases: Sequence[Case]) -> Looks:
    """Return the looks that answer the question of a metric about these cases as they are now.

    Example:
        >>> case = Case(id="7", input="?")
        >>> one = Choice(case="7", first="b", second="a", metric="m", chosen="first", rater="ana", kind="human")
        >>> looks_of([one], "m", [case]).looks[0][2:4]
        (Item(case='7', first='a', second='b'), 0.0)
    """
    known = {case.id: case for case in cases}
    digests: dict[str, str] = {}
    found: list[Look] = []
    left: Counter[str] = Counter()
    for each in said:
        if each.metric != metric:
            continue
        case = known.get(each.case)
        if case is None:
            left[UNKNOWN] += 1
        elif each.input not in {None, digests.setdefault(case.id, case_digest(case))}:
            left[STALE] += 1
        elif isinstance(each, Choice) and each.first == each.second:
            left[SAME] += 1
        else:
            found.append(_look(each))
    groups = {case.id: f"c:{case.id}" if case.group is None else f"g:{case.group}" for case in known.values()}
    return Looks(looks=tuple(found), groups=groups, left_out=dict(left))


def _look(said: Rating | Choice) -> Look:
    if isinstance(said, Rating):
        return Look(said.rater, said.kind, Item(said.case, said.reply), said.value, said.parts)
    first, second = sorted((said.first, said.second))
    worth = None if said.chosen is None else WORTH[said.chosen]
    if worth is not None and first != said.first:
        worth = 1 - worth
    return Look(said.rater, said.kind, Item(said.case, first, second), worth, {})
