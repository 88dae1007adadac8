from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.store.case_rows import case_rows
from passmuster.adapters.store.rows import read_case
from passmuster.records.case import Case, case_digest
from passmuster.records.digest import digest

TEXT = st.text(st.characters(categories=None), max_size=20)
MAYBE = st.none() | TEXT
CASES = st.builds(
    Case,
    id=TEXT,
    input=TEXT | st.dictionaries(TEXT, TEXT, max_size=2),
    reference=MAYBE
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.lists(TEXT, max_size=2),
    category=st.sampled_from(["typical", "edge"]),
    stratum=MAYBE,
    group=MAYBE,
    tags=st.lists(TEXT, max_size=2).map(tuple),
)


def rows(*cases: Case, served: Any = (), known: bool = False) -> list[tuple[Any, ...]]:
    return list(case_rows(cases, served, lambda _: known))


@given(CASES)
def test_a_row_has_the_digests_of_its_case_and_all_of_it(case: Case) -> None:
    ((key, version, content),) = rows(case)

    assert (key, version) == (case_digest(case), digest(case))
    assert read_case(content) == case


def test_digests_that_a_run_has_are_not_computed_again() -> None:
    served = (("1", "its own", 0), ("2", "", 0), ("another", "of another", 0))
    cases = [Case(id=str(number), input="a") for number in range(1, 5)]

    assert [row[0] for row in rows(*cases, served=served)] == ["its own", *[case_digest(cases[0])] * 3]


def test_what_is_costly_to_encode_is_left_out_where_it_is_known() -> None:
    assert rows(Case(id="1", input={"a": "b"}), known=True) == []
    assert len(rows(Case(id="1", input={"a": "b"}))) == 1
