"""New cases beside old ones: the old keep their side, and nothing that belongs together is parted."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passmuster.adapters.duplicates import near_duplicates
from passmuster.corpus.additions import split_beside
from passmuster.corpus.duplicates import jaccard, shingles
from passmuster.errors import UsageError
from passmuster.records.case import Case, Split

SHARES: dict[Split, float] = {"train": 0.7, "eval": 0.3}
law = settings(suppress_health_check=[HealthCheck.too_slow])


def case(name: str, text: str, group: str | None = None, stratum: str | None = None) -> Case:
    return Case(id=name, input=text, group=group, stratum=stratum)


def own_groups(count: int) -> Sequence[int]:
    return range(count)


def test_a_new_case_goes_where_its_group_is() -> None:
    old: dict[Split, list[Case]] = {"train": [case("1", "a", "jo")], "eval": [case("2", "b", "al")]}
    new = [case("3", "c", "al"), case("4", "d", "jo")]
    assert split_beside(old, new, own_groups(4), SHARES).sides == {"3": "eval", "4": "train"}


def test_it_goes_where_its_near_duplicate_is_also_by_way_of_another_new_one() -> None:
    old: dict[Split, list[Case]] = {"eval": [case("1", "a")]}
    new = [case("2", "b", "jo"), case("3", "c", "jo")]
    assert split_beside(old, new, [0, 0, 1], {"train": 1.0}).sides == {"2": "eval", "3": "eval"}


def test_what_hangs_together_with_both_sides_is_left_out() -> None:
    old: dict[Split, list[Case]] = {"train": [case("1", "a", "jo")], "eval": [case("2", "b")]}
    new = [case("3", "b", "jo"), case("4", "z")]
    found = split_beside(old, new, own_groups(4), {"train": 1.0})
    assert found.left_out == ("3",)
    assert found.sides == {"4": "train"}


def test_a_case_stays_with_its_parent() -> None:
    old: dict[Split, list[Case]] = {"eval": [case("1", "a")]}
    child = Case(id="2", input="b", parent="1")
    assert split_beside(old, [child], own_groups(2), {"train": 1.0}).sides == {"2": "eval"}


def test_what_everybody_knows_from_a_pool_is_no_holdout() -> None:
    old: dict[Split, list[Case]] = {"train": [case("t", "x", "jo")]}
    new = [case("1", "a"), case("2", "b", "al"), case("3", "c"), case("4", "d"), case("5", "e", "jo")]
    pool = [
        case("p", "a"),
        case("q", "z", "al"),
        Case(id="r", input="y", parent="3"),
        case("s", "w", "jo"),
    ]
    found = split_beside(old, new, own_groups(10), {"holdout": 1.0}, pools=pool)
    assert found.sides == {"1": "eval", "2": "eval", "3": "eval", "4": "holdout", "5": "train"}
    assert (found.clusters, found.left_out) == (5, ())


def test_an_id_that_is_used_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="'1' is used by 2 cases"):
        split_beside({"train": [case("1", "a")]}, [case("1", "b")], own_groups(2), SHARES)
    with pytest.raises(UsageError, match="1 near-duplicate groups for 2 cases"):
        split_beside({"train": [case("1", "a")]}, [case("2", "b")], [0], SHARES)


TEXTS = st.lists(
    st.text("abc", max_size=3) | st.lists(st.sampled_from("abcd"), min_size=4, max_size=20).map(" ".join),
    max_size=16,
)


@st.composite
def bodies(draw: st.DrawFn) -> list[Case]:
    return [
        case(
            f"case {number}",
            text,
            draw(st.sampled_from([None, None, "g", "h"])),
            draw(st.sampled_from(["s", "t"])),
        )
        for number, text in enumerate(draw(TEXTS))
    ]


@law
@given(bodies(), st.integers(0, 16), st.integers(0, 99))
def test_growing_a_split_moves_no_old_case_and_parts_nothing(cases: list[Case], cut: int, seed: int) -> None:
    first, new = cases[:cut], cases[cut:]
    groups = near_duplicates([str(each.input) for each in first])
    begun = split_beside({}, first, groups, {"train": 0.6, "eval": 0.4}, seed)
    assert begun.sides.keys() == {each.id for each in first}
    old: dict[Split, list[Case]] = {"train": [], "eval": []}
    for each in first:
        old[begun.sides[each.id]].append(each)
    every = [*old["train"], *old["eval"], *new]
    grown = split_beside(old, new, near_duplicates([str(each.input) for each in every]), SHARES, seed)

    placed = {**begun.sides, **grown.sides}
    assert grown.sides.keys() | set(grown.left_out) == {each.id for each in new}
    assert not grown.sides.keys() & set(grown.left_out)
    for one, other in combinations([each for each in every if each.id in placed], 2):
        alike = jaccard(shingles(str(one.input)), shingles(str(other.input))) > 0.8
        if alike or (one.group is not None and one.group == other.group) or one.input == other.input:
            assert placed[one.id] == placed[other.id]


@law
@given(bodies(), st.integers(0, 99), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(cases: list[Case], seed: int, shuffled: Any) -> None:
    other = list(cases)
    shuffled.shuffle(other)
    one = split_beside({}, cases, near_duplicates([str(each.input) for each in cases]), SHARES, seed)
    two = split_beside({}, other, near_duplicates([str(each.input) for each in other]), SHARES, seed)
    assert one.sides == two.sides
