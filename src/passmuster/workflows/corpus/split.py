"""`corpus split`: new cases to their sides, without a leak."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from passmuster.corpus.additions import split_beside
from passmuster.errors import UsageError
from passmuster.records.case import Case, Category, Split
from passmuster.records.sampling import SplitCounts
from passmuster.records.text import input_text

SIDES: tuple[Split, ...] = ("train", "eval", "holdout")


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitOrder:
    """How new cases are parted: shares that add up to 1, and a seed."""

    shares: Mapping[Split, float]
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """Cases on their sides: old and new ones together on train and eval, and the holdout, which is new.

    `pools` has the new cases that are not typical, by their category.
    """

    sides: Mapping[Split, Sequence[Case]]
    pools: Mapping[Category, Sequence[Case]]
    left_out: Sequence[Case]
    strata: tuple[SplitCounts, ...]
    new: Mapping[Split, int]
    before: int
    clusters: int
    largest: int
    duplicates: int


def part(
    new: Sequence[Case],
    old: Mapping[Split, Sequence[Case]],
    order: SplitOrder,
    near_duplicates: Callable[[Sequence[str]], Sequence[int]],
    pools: Sequence[Case] = (),
) -> Parted:
    """Return the cases on their sides.

    Edge, adversarial and regression cases are pools of their own and go to no side. Old cases stay where they are, and new
    ones that hang together with them go there, too. What hangs together with a case of a pool is no holdout: everybody
    may read the pools.

    Args:
        new: The cases to part.
        old: The cases of each open side so far.
        order: Shares and seed.
        near_duplicates: Returns the near-duplicate group of each text.
        pools: The cases of all pools so far, and of what waits to come to one.

    Raises:
        UsageError: where there is nothing to part, and where an id is used twice.

    Example:
        >>> cases = [Case(id=str(n), input=f"question {n}") for n in range(10)]
        >>> parted = part(cases, {}, SplitOrder(shares={"train": 0.8, "eval": 0.2}, seed=1), lambda texts: range(10))
        >>> {side: len(held) for side, held in parted.sides.items()}
        {'train': 8, 'eval': 2}
    """
    typical = [case for case in new if case.category == "typical"]
    if not new:
        raise UsageError("there are no cases to split", hint="Draw some first: passmuster corpus sample N")
    standing = [case for cases in old.values() for case in cases]
    special = [*pools, *(case for case in new if case.category != "typical")]
    groups = near_duplicates([input_text(case.input) for case in [*standing, *typical, *special]])
    placed = split_beside(old, typical, groups, order.shares, order.seed, special)
    sides = {
        side: [*old.get(side, ()), *(case for case in typical if placed.sides.get(case.id) == side)]
        for side in SIDES
        if side in order.shares or old.get(side)
    }
    apart: defaultdict[Category, list[Case]] = defaultdict(list)
    for case in new:
        if case.category != "typical":
            apart[case.category].append(case)
    left_out = set(placed.left_out)
    sizes = Counter(groups[: len(standing) + len(typical)])
    return Parted(
        sides=sides,
        pools=dict(apart),
        left_out=[case for case in typical if case.id in left_out],
        strata=_counted(sides),
        new=Counter(placed.sides.values()),
        before=len(standing),
        clusters=placed.clusters,
        largest=placed.largest,
        duplicates=sum(size for size in sizes.values() if size > 1),
    )


def _counted(sides: Mapping[Split, Iterable[Case]]) -> tuple[SplitCounts, ...]:
    """Return how many cases of each stratum are on each side, the largest stratum first."""
    counts: defaultdict[str, Counter[Split]] = defaultdict(Counter)
    for side, cases in sides.items():
        for case in cases:
            counts[case.stratum or ""][side] += 1
    ordered = sorted(counts, key=lambda name: (-counts[name].total(), name))
    return tuple(
        SplitCounts(name=name, **{str(side): counts[name][side] for side in SIDES}) for name in ordered
    )


def shares_of(text: str, *, holdout: bool) -> dict[Split, float]:
    """Return the shares that `70/20/10` says; without a holdout train and eval share its part between them.

    Raises:
        UsageError: for anything that is not three numbers of which some are above zero.

    Example:
        >>> shares_of("70/20/10", holdout=True)
        {'train': 0.7, 'eval': 0.2, 'holdout': 0.1}
        >>> shares_of("60/20/20", holdout=False)
        {'train': 0.75, 'eval': 0.25}
    """
    try:
        parts = [float(part) for part in text.split("/")]
    except ValueError:
        parts = []
    if len(parts) != len(SIDES) or not all(0 <= part < float("inf") for part in parts):
        raise UsageError(f"{text!r} are no shares", hint="Train, eval and holdout, such as 70/20/10.")
    wanted = dict(zip(SIDES, parts, strict=True))
    if not holdout:
        del wanted["holdout"]
    total = sum(wanted.values())
    if not total:
        raise UsageError(f"{text!r} leaves nothing to train and eval", hint="Such as 70/20/10.")
    return {side: part / total for side, part in wanted.items()}
