"""What holds for any split of a corpus, and for the name of its content."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import combinations
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passmuster.adapters.duplicates import near_duplicates
from passmuster.corpus.duplicates import jaccard, shingles
from passmuster.corpus.versions.content import content_digest
from passmuster.records.case import Case, CaseCheck, KeyPoint
from passmuster.workflows.corpus.split import SIDES, SplitOrder, part, shares_of

law = settings(suppress_health_check=[HealthCheck.too_slow])  # shared machines stall

TEXTS = st.lists(
    st.text("abc", max_size=3) | st.lists(st.sampled_from("abcd"), min_size=4, max_size=30).map(" ".join),
    min_size=1,
    max_size=25,
)


@st.composite
def corpora(draw: st.DrawFn) -> list[Case]:
    return [
        Case(
            id=f"case {number}",
            input=text,
            stratum=draw(st.sampled_from([None, "s", "t"])),
            group=draw(st.sampled_from([None, None, None, "g", "h"])),
            category=draw(st.sampled_from(["typical", "typical", "typical", "edge"])),
        )
        for number, text in enumerate(draw(TEXTS))
    ]


@law
@given(
    cases=corpora(),
    shares=st.sampled_from(["70/20/10", "1/1/1", "0/1/0", "8/2/0"]),
    holdout=st.booleans(),
    seed=st.integers(0, 2**62),
)
def test_every_case_ends_in_exactly_one_place(
    *, cases: list[Case], shares: str, holdout: bool, seed: int
) -> None:
    parted = part(
        cases, {}, SplitOrder(shares=shares_of(shares, holdout=holdout), seed=seed), near_duplicates
    )
    places: list[Sequence[Case]] = [*parted.sides.values(), *parted.pools.values()]
    assert Counter(case.id for place in places for case in place) == Counter(case.id for case in cases)
    assert parted.left_out == []
    assert holdout or not parted.sides.get("holdout")
    assert sum(sum((each.train, each.eval, each.holdout)) for each in parted.strata) == sum(
        case.category == "typical" for case in cases
    )


@law
@given(corpora(), st.integers(0, 2**62))
def test_no_group_and_no_near_duplicate_pair_crosses(cases: list[Case], seed: int) -> None:
    parted = part(cases, {}, SplitOrder(shares=shares_of("5/3/2", holdout=True), seed=seed), near_duplicates)
    sides = {case.id: side for side in SIDES for case in parted.sides.get(side, ())}
    for one, other in combinations([case for case in cases if case.id in sides], 2):
        same = one.group is not None and one.group == other.group
        if same or jaccard(shingles(str(one.input)), shingles(str(other.input))) > 0.8:
            assert sides[one.id] == sides[other.id]


CHANGES: dict[str, Any] = {
    "id": "another",
    "input": {"a": 1},
    "reference": 0,
    "category": "edge",
    "stratum": "s2",
    "group": "g2",
    "tags": ("t",),
    "origin": "expert",
    "generator": "m",
    "time": 1.0,
    "weight": 2.0,
    "parent": "p",
    "transform": "cut",
    "expect": "refusal",
    "feedback": "down",
    "mode": "m1",
    "checks": (CaseCheck(metric="exact_match"),),
    "rubric": "be kind",
    "key_points": (KeyPoint(text="30 days"),),
}


def test_every_field_of_a_case_has_a_change_here() -> None:
    assert CHANGES.keys() == {field.name for field in fields(Case)}


@law
@given(corpora(), st.sampled_from(sorted(CHANGES)), st.data())
def test_the_digest_sees_every_field_of_every_case_and_no_order(
    cases: list[Case], field: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(cases) - 1))
    changed = replace(cases[place], **{field: CHANGES[field]})
    others = [*cases[:place], changed, *cases[place + 1 :]]
    assert (content_digest(others) == content_digest(cases)) is (changed == cases[place])
    assert content_digest(data.draw(st.permutations(others))) == content_digest(others)
