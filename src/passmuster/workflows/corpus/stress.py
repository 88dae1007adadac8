"""`passmuster corpus stress`: adversarial cases out of the corpus's own inputs, as proposals."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from passmuster.corpus.stress.made import Transform
from passmuster.corpus.stress.table import Stressed, chosen_transforms, material_of, stressed
from passmuster.errors import UsageError
from passmuster.records.case import Case
from passmuster.records.proposal import Proposal, Reason
from passmuster.records.record import Record

PARENTS = 3
"""Parents of each transform, unless said otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StressOrder(Record):
    """What to make: which transforms (names or kinds; all for none), of how many parents or of which, by which seed.

    `limit` is the context limit in tokens, of `per_token` characters each; without it the transforms that fill a
    context are left out.
    """

    transforms: tuple[str, ...] = ()
    parents: int = PARENTS
    cases: tuple[str, ...] = ()
    seed: int = 0
    limit: int | None = None
    per_token: float = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformCount(Record):
    """What became of one transform: cases made, made before, and parents that it does not apply to."""

    name: str
    kind: str
    expect: str
    does: str
    made: int = 0
    known: int = 0
    unfit: int = 0
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StressResult(Record):
    """The proposals, and what became of each transform."""

    seed: int
    split: str
    parents: int
    transforms: tuple[TransformCount, ...]
    proposals: tuple[Proposal, ...]


def propose_stress(
    cases: Sequence[Case],
    order: StressOrder,
    known: Collection[str],
    split: Literal["train", "eval"] | None = "eval",
) -> StressResult:
    """Return proposals made of these cases, all of one split; the same order gives the same.

    Each transform takes the parents that come first in an order drawn for it; those that it does not apply to are
    passed over.

    Args:
        cases: All cases of the split: parents, and what other parts of an input are taken from.
        order: What to make.
        known: Ids of cases that exist already, or were proposed before; none is proposed twice.
        split: That of the cases; an accepted case stays on its side.

    Raises:
        UsageError: for an unknown transform or case, and where there are no cases.
    """
    if not cases:
        raise UsageError(
            "there are no cases to make others of",
            hint="First: passmuster corpus sample, then passmuster corpus split",
        )
    transforms = chosen_transforms(order.transforms)
    named = _named(cases, order.cases)
    material = material_of(cases, order.limit, order.per_token)
    proposals: list[Proposal] = []
    counts = []
    for transform in transforms:
        if transform.kind == "limit" and order.limit is None:
            counts.append(_count(transform, note="needs the context limit: --context-limit TOKENS"))
            continue
        parents = named or _drawn(cases, transform.name, order.seed)
        made = (stressed(parent, transform, material, order.seed) for parent in parents)
        fresh, tally = _taken(made, known, len(named) or order.parents)
        proposals += [_proposal(each, case, order.seed, split) for each, case in fresh]
        counts.append(_count(transform, made=tally["made"], known=tally["known"], unfit=tally["unfit"]))
    return StressResult(
        seed=order.seed,
        split=split or "none",
        parents=len({proposal.case.parent for proposal in proposals}),
        transforms=tuple(counts),
        proposals=tuple(proposals),
    )


def _taken(
    made: Iterable[Stressed], known: Collection[str], wanted: int
) -> tuple[list[tuple[Stressed, Case]], dict[str, int]]:
    """Return the first new cases of a transform, and how many were made, known before, and unfit."""
    fresh: list[tuple[Stressed, Case]] = []
    before = unfit = 0
    for each in made:
        if each.case is None:
            unfit += 1
        elif each.case.id in known:
            before += 1
        else:
            fresh.append((each, each.case))
        if len(fresh) + before >= wanted:
            break
    return fresh, {"made": len(fresh), "known": before, "unfit": unfit}


def _named(cases: Sequence[Case], names: Sequence[str]) -> list[Case]:
    by_id = {case.id: case for case in cases}
    missing = [name for name in names if name not in by_id]
    if missing:
        raise UsageError(
            f"there is no case {missing[0]!r} in this split", hint=f"it has {len(cases):,} cases; see --split"
        )
    return [by_id[name] for name in names]


def _drawn(cases: Sequence[Case], transform: str, seed: int) -> list[Case]:
    """Return the cases in an order that depends on seed, transform and id only; made cases are no parents."""

    def lot(case: Case) -> bytes:
        content = f"{seed}\0{transform}\0{case.id}".encode("utf-8", "surrogatepass")
        return hashlib.sha256(content).digest()

    return sorted((case for case in cases if case.transform is None), key=lot)


def _count(
    transform: Transform, *, made: int = 0, known: int = 0, unfit: int = 0, note: str | None = None
) -> TransformCount:
    return TransformCount(
        name=transform.name,
        kind=transform.kind,
        expect=transform.expect,
        does=transform.does,
        made=made,
        known=known,
        unfit=unfit,
        note=note,
    )


def _proposal(made: Stressed, case: Case, seed: int, split: Literal["train", "eval"] | None) -> Proposal:
    words = f"{made.change} (of case {made.parent}, seed {seed})"
    return Proposal(
        case=case, reasons=(Reason(kind=made.transform, words=words),), source="stress", split=split
    )
