"""One case of what says the same: which one, what it weighs, and what is never merged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.duplicates import near_duplicates
from passmuster.corpus.personal.pseudonyms import Pseudonyms
from passmuster.records.case import Case
from passmuster.workflows.corpus.clean import clean

LONG = " ".join(f"word{number}" for number in range(40))


def same(case: Case) -> Case:
    return case


def test_the_one_that_says_most_is_kept_and_takes_over_the_weight() -> None:
    cases = [
        Case(id="1", input="a", weight=2.0),
        Case(id="2", input="a", reference="x", weight=3.0),
        Case(id="3", input="a", reference="x", stratum="s", weight=4.0),
        Case(id="4", input="b", weight=7.0),
    ]

    kept, result = clean(cases, same, None)

    assert [(case.id, case.weight) for case in kept] == [("3", 9.0), ("4", 7.0)]
    assert (result.before, result.after, result.exact, result.near, result.conflicting) == (4, 2, 2, 0, 0)
    assert (result.merged[0].kept, result.merged[0].removed, result.merged[0].exact) == (
        "3",
        ("2", "1"),
        True,
    )


def test_of_equal_inputs_with_different_references_one_of_each_is_kept() -> None:
    cases = [
        Case(id=str(n), input="a", reference=reference) for n, reference in enumerate(["x", "y", "x", None])
    ]

    kept, result = clean(cases, same, None)

    assert sorted(str(case.reference) for case in kept) == ["x", "y"]
    assert (result.conflicting, result.exact) == (1, 2)


def test_near_duplicates_are_taken_out_where_that_is_wanted() -> None:
    cases = [Case(id="1", input=LONG), Case(id="2", input=f"{LONG} more"), Case(id="3", input="else")]

    assert [case.id for case in clean(cases, same, near_duplicates)[0]] == ["1", "3"]
    assert [case.id for case in clean(cases, same, None)[0]] == ["1", "2", "3"]


def test_pseudonyms_come_first_so_that_one_person_written_twice_is_one_case() -> None:
    names = Pseudonyms(b"0123456789abcdef")
    cases = [Case(id="1", input="I am Jo@example.com"), Case(id="2", input="I am jo@example.com")]

    kept, result = clean(cases, names.case, None)

    assert [case.id for case in kept] == ["1"]
    assert (result.changed, result.exact) == (2, 1)


def test_without_duplicates_no_case_changes() -> None:
    cases = [Case(id="1", input="a"), Case(id="2", input="b", weight=3.0)]

    assert clean(cases, same, None)[0] == cases


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from([None, "x", "y"]), st.floats(0.5, 9)), max_size=12
    )
)
def test_weights_inputs_and_references_are_all_still_there(rows: list[tuple[str, str | None, float]]) -> None:
    cases = [
        Case(id=str(n), input=text, reference=reference, weight=weight)
        for n, (text, reference, weight) in enumerate(rows)
    ]

    kept, result = clean(cases, same, None)

    assert sum(case.weight or 0 for case in kept) == pytest.approx(sum(weight for _, _, weight in rows))
    assert {case.input for case in kept} == {case.input for case in cases}
    assert {(c.input, c.reference) for c in kept if c.reference} == {
        (c.input, c.reference) for c in cases if c.reference
    }
    assert result.after == len(kept) == len({(c.input, c.reference) for c in kept})
