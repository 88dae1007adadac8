"""Parting new cases beside old ones, which keep their side."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from passmuster.corpus.clusters import Clusters
from passmuster.corpus.split import DEFAULT_SHARES, split
from passmuster.errors import UsageError
from passmuster.records.case import Case, Split, case_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where new cases went.

    `sides` has the side of each new case that has one, by its id; `left_out` the ids of those that hang together with old
    cases of several sides. `clusters` counts what stays together among old and new ones, `largest` the cases of the largest of these.
    """

    sides: Mapping[str, Split]
    left_out: tuple[str, ...]
    clusters: int
    largest: int


def split_beside(
    old: Mapping[Split, Sequence[Case]],
    new: Sequence[Case],
    groups: Sequence[int],
    shares: Mapping[Split, float] = DEFAULT_SHARES,
    seed: int = 0,
    pools: Sequence[Case] = (),
) -> Placed:
    """Return the side of each new case: that of the old cases which it hangs together with, else a fresh one.

    Cases hang together by equal input, by `group`, as near-duplicates and with their `parent`, also by way of others.
    Where that leads to old cases of several sides, any side would be a leak: such cases are left out. What hangs
    together with a case of a pool, which everybody may read, goes to eval where no old case says otherwise, since a
    holdout would be known by it. All others are parted among themselves as `split` does it.

    Args:
        old: The cases of each side so far.
        new: The new ones; no id is an old one.
        groups: The near-duplicate group of each old case, side by side in the order of `old`, then of each new one,
            then of each in a pool.
        shares: Shares of the new cases; they add up to 1.
        seed: Which of the many such splits.
        pools: The cases of pools, old and new, and others that everybody may read; ids may stand twice.

    Raises:
        UsageError: for shares that are no shares, groups of another number than cases, and an id that is used
            by two of them.

    Example:
        >>> old, new = Case(id="1", input="a", group="jo"), Case(id="2", input="b", group="jo")
        >>> split_beside({"eval": [old]}, [new], [0, 1]).sides
        {'2': 'eval'}
    """
    standing = [(case, side) for side, cases in old.items() for case in cases]
    every = [*(case for case, _ in standing), *new, *pools]
    if len(groups) != len(every):
        raise UsageError(f"{len(groups)} near-duplicate groups for {len(every)} cases: one each is needed")
    last = len(standing) + len(new)
    _refuse_twins(every[:last])
    numbers = _together(every, groups)
    taken: dict[int, set[Split]] = {}
    for number, (_, side) in zip(numbers, standing, strict=False):
        taken.setdefault(number, set()).add(side)
    own = numbers[len(standing) : last]
    for number in numbers[last:]:
        taken.setdefault(number, {"eval"})
    free = [place for place, number in enumerate(own) if number not in taken]
    fresh = (
        split([new[place] for place in free], [own[place] for place in free], shares, seed) if free else {}
    )
    sides: dict[str, Split] = {}
    left_out: list[str] = []
    for case, number in zip(new, own, strict=True):
        there = taken.get(number, set())
        if len(there) > 1:
            left_out.append(case.id)
        else:
            sides[case.id] = next(iter(there)) if there else fresh[case.id]
    sizes = Counter(numbers[:last])
    return Placed(
        sides=sides,
        left_out=tuple(left_out),
        clusters=len(sizes),
        largest=max(sizes.values(), default=0),
    )


def _refuse_twins(cases: Sequence[Case]) -> None:
    name, count = Counter(case.id for case in cases).most_common(1)[0] if cases else ("", 0)
    if count > 1:
        raise UsageError(
            f"the id {name!r} is used by {count} cases", hint="Every case needs an id of its own."
        )


def _together(cases: Sequence[Case], groups: Sequence[int]) -> list[int]:
    """Return the cluster of each case."""
    clusters = Clusters(len(cases))
    first: dict[tuple[str, object], int] = {}
    for item, (case, group) in enumerate(zip(cases, groups, strict=True)):
        for key in _ties(case, group):
            clusters.unite(first.setdefault(key, item), item)
    return clusters.numbers()


def _ties(case: Case, group: int) -> Iterable[tuple[str, object]]:
    """Yield what a case has in common with those that it stays together with."""
    yield from (("near", group), ("input", case_digest(case)), ("id", case.id))
    if case.parent is not None:
        yield ("id", case.parent)
    if case.group is not None:
        yield ("group", case.group)
