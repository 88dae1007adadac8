"""`corpus sample`: cases drawn from traffic in one pass, with the weights that make their mean estimate production."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from passmuster.corpus.sampling.allocation import allocate, usual_minimum
from passmuster.corpus.sampling.reservoir import Drawn, StratifiedReservoir
from passmuster.errors import UsageError
from passmuster.records.case import Case, Conversation, Origin
from passmuster.records.digest import digest
from passmuster.records.record import Json, Record
from passmuster.records.sampling import DrawnStratum
from passmuster.records.traffic import TrafficRecord

ALL = "all"
"""The one stratum of traffic that is not parted; its cases have none."""

_GROUPS = ("auto", "user", "session", "none")
_COLUMNS_KEPT = 1_000

_OBJECT = 700
"""Bytes that a record takes besides its texts, about."""

_WIDE = 2
"""Bytes that a character takes in memory where a text is not plain Latin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleOrder(Record):
    """What is to be drawn.

    `minimum` is the least of each stratum (None: 30, at most half of the sample for all), `only` the strata to
    draw from (none named: all). `group` says what keeps cases together: the `user`, the `session`, the user or else the
    session (`auto`), nothing (`none`), or a column of the traffic.
    """

    size: int
    seed: int = 0
    minimum: int | None = None
    only: tuple[str, ...] = ()
    origin: Literal["production", "prior_system"] = "production"
    group: str = "auto"
    room: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was drawn: new cases, the weights of known ones that changed, and the strata."""

    cases: tuple[Case, ...]
    weights: Mapping[str, float]
    strata: tuple[DrawnStratum, ...]
    traffic: int
    minimum: int
    bounded: bool


def sample(
    records: Iterable[TrafficRecord],
    order: SampleOrder,
    *,
    stratum: Callable[[TrafficRecord], str] | None = None,
    deviations: Mapping[str, float] | None = None,
    known: Collection[str] = (),
    apart: Collection[str] = (),
) -> Draft:
    """Draw cases from traffic, which is gone through once and never held.

    A case of stratum h weighs N_h / n_h: how many records of traffic it stands for, so that the weighted mean of a
    score is that of the traffic. Records that are cases already are not drawn again; together with the new
    ones they are a sample of the same traffic, and their weights become those of the larger sample.

    Args:
        records: The traffic.
        order: What to draw.
        stratum: Says where a record belongs; None: all in one.
        deviations: Standard deviations of a score by stratum, for Neyman allocation; None: proportional.
        known: The ids of cases that the corpus has, of those that are typical and of the same origin.
        apart: The ids of its other cases, which are not drawn either.

    Raises:
        UsageError: for traffic without records, for a size that cannot cover the strata, and for a stratum to
            draw from, or something to keep cases together, that there is not.

    Example:
        >>> traffic = [TrafficRecord(id=str(n), input=f"question {n}") for n in range(100)]
        >>> draft = sample(traffic, SampleOrder(size=4))
        >>> len(draft.cases), draft.cases[0].weight
        (4, 25.0)
    """
    passed = _passed(records, order, stratum, known, apart)
    reservoir, met, total = passed.reservoir, passed.met, passed.total
    _check_group(order.group, passed.columns)
    sizes = _chosen(reservoir.sizes(), order.only, total)
    minimum = usual_minimum(order.size, len(sizes)) if order.minimum is None else order.minimum
    available = reservoir.available()
    wanted = allocate(sizes, order.size, minimum=minimum, deviations=deviations, available=available)
    strata = _strata(passed, wanted, order.only)
    drawn = reservoir.draw(wanted)
    weights = {each.name: each.weight for each in strata if each.weight is not None}
    return Draft(
        cases=tuple(_cases(drawn, weights, order, known, one=stratum is None)),
        weights={name: weights[own] for name, own in met.items() if wanted.get(own)},
        strata=strata,
        traffic=total,
        minimum=minimum,
        bounded=reservoir.bounded,
    )


class _Pass(NamedTuple):
    """What one pass over the traffic gave.

    Samples; the stratum of each case that was met again, and how many records of each stratum were such cases;
    columns; and how many records there are.
    """

    reservoir: StratifiedReservoir[TrafficRecord]
    met: Mapping[str, str]
    again: Mapping[str, int]
    columns: Collection[str]
    total: int


def _passed(
    records: Iterable[TrafficRecord],
    order: SampleOrder,
    stratum: Callable[[TrafficRecord], str] | None,
    known: Collection[str],
    apart: Collection[str],
) -> _Pass:
    bound = {} if order.room is None else {"room": order.room}
    reservoir: StratifiedReservoir[TrafficRecord] = StratifiedReservoir(order.size, order.seed, **bound)
    met: dict[str, str] = {}
    again = Counter[str]()
    columns: set[str] = set()
    total = 0
    for record in records:
        total += 1
        if len(columns) < _COLUMNS_KEPT:
            columns.update(record.columns)
        name = reservoir.name_of(ALL if stratum is None else stratum(record))
        if record.id in known:
            again[name] += 1
            for case in _cases_of(record.id, known):
                met.setdefault(case, name)
        elif record.id not in apart:
            reservoir.offer(name, record, record_size(record))
    if not total:
        raise UsageError(
            "there is no traffic to draw from",
            hint="Bring some in: passmuster corpus import LOGS.jsonl",
        )
    return _Pass(reservoir, met, again, columns, total)


def _cases_of(record: str, known: Collection[str]) -> Iterable[str]:
    """Return the ids of the known cases that came from records of this id, which logs may give to several."""
    name, turn = record, 1
    while name in known:
        yield name
        turn += 1
        name = f"{record}-{turn}"


def _check_group(group: str, columns: Collection[str]) -> None:
    if group not in (*_GROUPS, *columns):
        raise UsageError(
            f"nothing called {group!r} keeps records together",
            hint=f"It is one of {', '.join(_GROUPS)}, or a column: {', '.join(sorted(columns)[:20]) or 'there are none'}",
        )


def _chosen(sizes: Mapping[str, int], only: Sequence[str], total: int) -> Mapping[str, int]:
    if not sizes:
        raise UsageError(
            f"all {total:,} records of the traffic are cases already",
            hint="Bring in newer traffic: passmuster corpus import LOGS.jsonl",
        )
    for name in only:
        if name not in sizes:
            known = ", ".join(sorted(sizes, key=lambda each: -sizes[each])[:20])
            raise UsageError(f"no record of the traffic is in stratum {name!r}", hint=f"The largest: {known}")
    return {name: sizes[name] for name in only} if only else sizes


def _strata(passed: _Pass, wanted: Mapping[str, int], only: Sequence[str]) -> tuple[DrawnStratum, ...]:
    """Return the strata, the largest first, with what each of their cases stands for."""
    found = []
    sizes, cases = passed.reservoir.sizes(), Counter(passed.met.values())
    for name in sorted({*sizes, *passed.again}):
        if only and name not in only:
            continue
        before, drawn = cases[name], wanted.get(name, 0)
        traffic = sizes.get(name, 0) + passed.again.get(name, 0)
        weight = traffic / (before + drawn) if drawn else None
        found.append(DrawnStratum(name=name, traffic=traffic, drawn=drawn, before=before, weight=weight))
    return tuple(sorted(found, key=lambda each: (-each.traffic, each.name)))


def _cases(
    drawn: Sequence[Drawn[TrafficRecord]],
    weights: Mapping[str, float],
    order: SampleOrder,
    known: Collection[str],
    *,
    one: bool,
) -> Iterable[Case]:
    taken = set(known)
    for each in drawn:
        name, turn = each.item.id, 1
        while name in taken:  # logs may give one id to several records
            turn += 1
            name = f"{each.item.id}-{turn}"
        taken.add(name)
        case = case_of(each.item, order.origin, order.group)
        stratum = None if one else each.stratum
        yield replace(case, id=name, stratum=stratum, weight=weights[each.stratum])


def case_of(record: TrafficRecord, origin: Origin = "production", group: str = "auto") -> Case:
    """Return a record of traffic as a case: what production answered is no reference, and is left out.

    Who asked stands in it as a digest only, which keeps together what belongs together.

    Example:
        >>> case_of(TrafficRecord(id="7", input="Where is my card?", user="jo", feedback="down")).feedback
        'down'
    """
    member = _member(record, group)
    return Case(
        id=record.id,
        input=record.input,
        reference=record.reference,
        group=None if member is None else digest({"group": member})[:16],
        tags=record.tags,
        origin=origin,
        time=record.time,
        feedback=record.feedback,
    )


def _member(record: TrafficRecord, group: str) -> Json:
    if group in record.columns:
        return record.columns[group]
    if group == "auto":
        return record.session if record.user is None else record.user
    return {"user": record.user, "session": record.session}.get(group)


def record_size(record: TrafficRecord) -> int:
    """Return about how many bytes a record takes in memory."""
    size = _OBJECT + (0 if record.output is None else len(record.output))
    if isinstance(record.input, str):
        text = len(record.input)
    elif isinstance(record.input, Conversation):
        text = sum(
            len(message.content) for message in record.input.messages if isinstance(message.content, str)
        )
        text += len(record.input.system or "") + sum(len(document.text) for document in record.input.context)
    else:
        text = sum(len(str(value)) for value in record.input.values())
    return size + _WIDE * text
