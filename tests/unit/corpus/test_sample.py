"""Some of the cases, always the same ones."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.corpus.sample import first_cases
from passmuster.errors import UsageError
from passmuster.records.case import Case, case_digest


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(limit: int) -> None:
    with pytest.raises(UsageError, match="at least one case"):
        first_cases([Case(id="1", input="x")], limit)


def test_limits_grow_into_one_another_and_mix_the_corpus() -> None:
    cases = [
        Case(id=f"{number:04}", input=str(number), stratum="ab"[number >= 500]) for number in range(1000)
    ]

    few, more = first_cases(cases, 50), first_cases(cases, 100)

    assert {case.id for case in few} < {case.id for case in more}
    assert 30 <= sum(case.stratum == "a" for case in more) <= 70
    assert [case.id for case in more] == sorted(case.id for case in more)
    assert first_cases(cases, 50, seed=1) != few
    assert first_cases(list(reversed(cases)), 50) == tuple(reversed(few))
    assert first_cases(cases, 5000) == tuple(cases)
    assert first_cases(cases, None) is cases


@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=30), st.integers(1, 31), st.integers(0, 3))
def test_they_are_the_first_by_the_lot_of_their_input_and_then_by_id(
    inputs: list[str], limit: int, seed: int
) -> None:
    cases = [Case(id=f"{len(inputs) - number:02}", input=text) for number, text in enumerate(inputs)]

    def place(case: Case) -> tuple[bytes, str]:
        return hashlib.sha256(f"{seed}:{case_digest(case)}".encode()).digest(), case.id

    taken = {case.id for case in sorted(cases, key=place)[:limit]}
    assert list(first_cases(cases, limit, seed)) == [case for case in cases if case.id in taken]
