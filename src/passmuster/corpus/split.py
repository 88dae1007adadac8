"""Dividing cases into train, eval and holdout without a leak."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from passmuster.corpus.clusters import Clusters
from passmuster.errors import UsageError
from passmuster.records.case import Case, Split, case_digest
from passmuster.records.digest import canonical, digest

TOLERANCE = 1e-9
"""Room for rounding in shares and targets."""

DEFAULT_SHARES: Mapping[Split, float] = {"train": 0.7, "eval": 0.2, "holdout": 0.1}


def split(
    cases: Sequence[Case],
    groups: Sequence[int],
    shares: Mapping[Split, float] = DEFAULT_SHARES,
    seed: int = 0,
) -> dict[str, Split]:
    """Return the split of each case by its id.

    Cases with equal input, of one `group`, or of one near-duplicate group stay together, and so does a case with
    its `parent`, also by way of others: they are a cluster. In each stratum (`stratum`, else the reference) every split is within one
    cluster of its share; where a choice is left, it evens out the whole corpus. The same seed gives the same
    split, whatever the order of the rows.

    Args:
        cases: The cases; ids are unique.
        groups: The near-duplicate group of each case.
        shares: A share in [0, 1] for each split; they add up to 1.
        seed: Which of the many such splits.

    Raises:
        UsageError: for shares that are no shares, or groups of another number than cases.

    Example:
        >>> cases = [Case(id=str(n), input=f"question {n}", reference="yes") for n in range(10)]
        >>> sorted(split(cases, range(10), seed=1).values())
        ['eval', 'eval', 'holdout', 'train', 'train', 'train', 'train', 'train', 'train', 'train']
    """
    _check(cases, shares, groups)
    strata: defaultdict[str, list[list[Case]]] = defaultdict(list)
    for cluster in _clusters(cases, groups):
        strata[_stratum(cluster)].append(cluster)
    result: dict[str, Split] = {}
    carry: dict[Split, float] = dict.fromkeys(shares, 0.0)
    for name in sorted(strata):
        size = sum(len(cluster) for cluster in strata[name])
        open_places = {side: share * size for side, share in shares.items()}
        for cluster in sorted(strata[name], key=lambda cluster: _lot(cluster, seed)):
            side = _choose(open_places, carry, len(cluster))
            open_places[side] -= len(cluster)
            result.update((case.id, side) for case in cluster)
        carry = {side: carry[side] + open_places[side] for side in shares}
    return {case.id: result[case.id] for case in cases}


def _check(cases: Sequence[Case], shares: Mapping[Split, float], groups: Sequence[int]) -> None:
    total = sum(shares.values())
    if any(not 0 <= share <= 1 for share in shares.values()) or abs(total - 1) > TOLERANCE:
        text = ", ".join(f"{name} {share}" for name, share in shares.items())
        raise UsageError(f"the shares {text or 'of a split'} add up to {total:g}, not to 1")
    if len(groups) != len(cases):
        raise UsageError(f"{len(groups)} near-duplicate groups for {len(cases)} cases: one each is needed")


def _clusters(cases: Sequence[Case], groups: Sequence[int]) -> Iterable[list[Case]]:
    clusters = Clusters(len(cases))
    first: dict[tuple[str, object], int] = {}
    for item, (case, group) in enumerate(zip(cases, groups, strict=True)):
        keys: list[tuple[str, object]] = [("near", group), ("input", case_digest(case)), ("id", case.id)]
        if case.parent is not None:
            keys.append(("id", case.parent))
        if case.group is not None:
            keys.append(("group", case.group))
        for key in keys:
            clusters.unite(first.setdefault(key, item), item)
    return ([cases[item] for item in members] for members in clusters.members())


def _stratum(cluster: Sequence[Case]) -> str:
    """Return the stratum that most cases of a cluster have, the first by name where that is a tie."""
    counts = Counter(_label(case) for case in cluster)
    return min(counts, key=lambda name: (-counts[name], name))


def _label(case: Case) -> str:
    if case.stratum is not None:
        return case.stratum
    scalar = isinstance(case.reference, str | int | float)
    return canonical(case.reference).decode("utf-8", "surrogatepass") if scalar else ""


def _lot(cluster: Sequence[Case], seed: int) -> str:
    """Return what a cluster draws: it hangs on the seed and its first id only, so new cases move few others."""
    return digest({"seed": seed, "first": min(case.id for case in cluster)})


def _choose(open_places: Mapping[Split, float], carry: Mapping[Split, float], size: int) -> Split:
    """Return the side that takes a cluster.

    Where it fits, it goes to the side with the most room. Else some side must take more than its share: of
    those with room left, the one that fell shortest in the corpus so far. Each side then ends less than one
    cluster from its share: it takes one only while it has room, and once a cluster did not fit, its room was
    less than that cluster.
    """
    most = max(open_places, key=lambda side: open_places[side])
    if open_places[most] >= size - TOLERANCE:
        return most
    room = [side for side, places in open_places.items() if places > TOLERANCE] or [most]
    return max(room, key=lambda side: open_places[side] + carry[side])
