"""What holds for any corpus."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passmuster.adapters.duplicates import near_duplicates
from passmuster.corpus.conflicts import find_conflicts
from passmuster.corpus.duplicates import jaccard, shingles
from passmuster.corpus.split import _clusters, _stratum, split
from passmuster.corpus.versions.content import content_digest
from passmuster.project.corpora import split_cases
from passmuster.records.case import Case, Split

law = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # shared machines stall

TEXTS = st.lists(
    st.text("abc", max_size=3) | st.lists(st.sampled_from("abcd"), min_size=4, max_size=30).map(" ".join),
    max_size=25,
)
SHARES = st.lists(st.integers(0, 10), min_size=3, max_size=3).filter(any)


@st.composite
def corpora(draw: st.DrawFn) -> list[Case]:
    return [
        Case(
            id=f"case {number}",
            input=text,
            reference=draw(st.sampled_from(["a", "b", 1, True, None])),
            stratum=draw(st.sampled_from([None, None, "s", "t"])),
            group=draw(st.sampled_from([None, None, None, "g", "h"])),
        )
        for number, text in enumerate(draw(TEXTS))
    ]


def as_shares(parts: Sequence[int]) -> dict[Split, float]:
    train, held, sealed = (part / sum(parts) for part in parts)
    return {"train": train, "eval": held, "holdout": sealed}


def partition(numbers: Sequence[int], names: Sequence[Any]) -> set[frozenset[Any]]:
    members: defaultdict[int, set[Any]] = defaultdict(set)
    for number, name in zip(numbers, names, strict=True):
        members[number].add(name)
    return {frozenset(names) for names in members.values()}


@law
@given(TEXTS, st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_groups_are_exactly_what_hangs_together_by_near_duplicates(
    texts: list[str], threshold: float
) -> None:
    groups = near_duplicates(texts, threshold)
    sets = [shingles(text) for text in texts]
    parent = list(range(len(texts)))
    for a, b in combinations(range(len(texts)), 2):
        if jaccard(sets[a], sets[b]) >= threshold:
            old, new = parent[a], parent[b]
            parent = [new if root == old else root for root in parent]
    assert partition(groups, range(len(texts))) == partition(parent, range(len(texts)))


@law
@given(corpora(), SHARES, st.integers(0, 2**63), st.randoms(use_true_random=False))
def test_a_split_is_a_partition_that_row_order_does_not_change(
    cases: list[Case], parts: list[int], seed: int, shuffled: Any
) -> None:
    sides = split_cases(cases, as_shares(parts), seed)
    assert list(sides) == [case.id for case in cases]
    other = list(cases)
    shuffled.shuffle(other)
    assert split_cases(other, as_shares(parts), seed) == sides


@law
@given(corpora(), SHARES)
def test_nothing_that_belongs_together_is_parted(cases: list[Case], parts: list[int]) -> None:
    sides = split_cases(cases, as_shares(parts))
    for one, other in combinations(cases, 2):
        same_group = one.group is not None and one.group == other.group
        if same_group or jaccard(shingles(str(one.input)), shingles(str(other.input))) > 0.8:
            assert sides[one.id] == sides[other.id]


@law
@given(corpora(), SHARES)
def test_each_stratum_is_within_one_cluster_of_its_shares(cases: list[Case], parts: list[int]) -> None:
    shares = as_shares(parts)
    groups = near_duplicates([str(case.input) for case in cases])
    sides = split(cases, groups, shares)
    strata: defaultdict[str, list[list[Case]]] = defaultdict(list)
    for cluster in _clusters(cases, groups):
        strata[_stratum(cluster)].append(cluster)
    for clusters in strata.values():
        inside = [case for cluster in clusters for case in cluster]
        found = Counter(sides[case.id] for case in inside)
        largest = max(map(len, clusters))
        for side, share in shares.items():
            assert abs(found[side] - share * len(inside)) < largest + 1e-6


@law
@given(corpora(), st.randoms(use_true_random=False))
def test_a_digest_and_conflicts_ignore_row_order(cases: list[Case], shuffled: Any) -> None:
    other = list(cases)
    shuffled.shuffle(other)
    assert content_digest(other) == content_digest(cases)
    assert find_conflicts(other) == find_conflicts(cases)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@law
@given(
    corpora().filter(bool),
    st.fixed_dictionaries(
        {},
        optional={
            "input": st.text() | st.dictionaries(st.text(), JSON),
            "reference": JSON,
            "category": st.sampled_from(["typical", "edge", "adversarial", "regression"]),
            "stratum": st.none() | st.text(),
            "group": st.none() | st.text(),
            "tags": st.lists(st.text(), max_size=2).map(tuple),
        },
    ),
)
def test_a_digest_changes_exactly_when_a_field_does(cases: list[Case], change: dict[str, Any]) -> None:
    changed = replace(cases[0], **change)
    equal = repr(changed) == repr(cases[0])
    assert (content_digest([changed, *cases[1:]]) == content_digest(cases)) is equal
