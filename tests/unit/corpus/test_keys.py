"""Ids, digests and turns of many cases."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.corpus.keys import Joined, KeyedCases, Keys, Pools
from passmuster.records.case import Case, case_digest

CASES = st.lists(st.tuples(st.text(st.characters(), max_size=4), st.sampled_from("abc"))).map(
    lambda pairs: [Case(id=name, input=text) for name, text in pairs]
)


@given(CASES)
def test_keys_are_the_id_and_the_digest_of_each_case(cases: list[Case]) -> None:
    keys = Keys(cases)
    assert list(keys) == [(case.id, case_digest(case)) for case in cases]
    assert [keys[position] for position in range(len(cases))] == list(keys)
    assert keys[1:3] == list(keys)[1:3]


@given(CASES)
def test_twins_are_the_cases_with_one_digest(cases: list[Case]) -> None:
    alike: defaultdict[str, list[int]] = defaultdict(list)
    for position, case in enumerate(cases):
        alike[case_digest(case)].append(position)
    assert sorted(Keys(cases).twins()) == sorted(group for group in alike.values() if len(group) > 1)


@given(CASES)
def test_cases_with_equal_input_take_turns_in_the_order_of_their_ids(cases: list[Case]) -> None:
    ordered = sorted(enumerate(cases), key=lambda each: (each[1].id, each[0]))
    firsts = {
        position: sum(other.input == case.input for _, other in ordered[:place])
        for place, (position, case) in enumerate(ordered)
    }
    pools = Pools(Keys(cases))
    assert list(pools) == [
        (case.id, case_digest(case), firsts[position]) for position, case in enumerate(cases)
    ]
    assert list(pools.turns()) == [
        (digest, first, sum(other.input == case.input for other in cases))
        for case, (_, digest, first) in zip(cases, pools, strict=True)
    ]


@given(CASES, st.data())
def test_chosen_cases_keep_their_keys(cases: list[Case], data: st.DataObject) -> None:
    positions = data.draw(st.lists(st.integers(0, len(cases) - 1)) if cases else st.just([]))
    chosen = KeyedCases(cases).chosen(positions)
    assert chosen == [cases[position] for position in positions]
    assert chosen.keys == Keys(chosen)


@given(CASES, CASES)
def test_joined_cases_are_those_of_both(first: list[Case], second: list[Case]) -> None:
    joined = Joined(first, second)
    assert list(joined) == [joined[position] for position in range(len(joined))] == first + second


def test_keys_are_worked_out_once() -> None:
    keyed = KeyedCases([Case(id="1", input="a")])
    assert KeyedCases.of(keyed) is keyed


def test_they_equal_any_sequence_of_the_same_and_nothing_else() -> None:
    cases = [Case(id="1", input="a"), Case(id="2", input="b")]
    others: list[object] = [cases, tuple(cases), cases[:1], cases[::-1], "ab", 2]
    assert [KeyedCases(cases) == other for other in others] == [True, True, False, False, False, False]


def test_positions_count_from_the_end_too_and_end_somewhere() -> None:
    cases = [Case(id="1", input="a"), Case(id="2", input="b")]
    keyed = KeyedCases(cases)
    assert (keyed[-1], keyed[-2:]) == (cases[1], cases)
    for position in (2, -3):
        with pytest.raises(IndexError):
            keyed[position]
