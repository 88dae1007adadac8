"""Cases in the mix of today's traffic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.corpus.drift.reweight import todays_mix
from passmuster.records.case import Case

CELLS = st.sampled_from(["a", "b", "c", "d"])


def cases(weights: list[float | None]) -> list[Case]:
    return [Case(id=str(n), input=f"q{n}", weight=weight) for n, weight in enumerate(weights)]


@given(
    st.lists(st.tuples(CELLS, st.one_of(st.none(), st.floats(0.5, 50))), min_size=1, max_size=30),
    st.dictionaries(CELLS, st.floats(0.01, 1), min_size=1),
)
def test_each_cell_counts_as_much_as_it_holds_of_traffic(
    held: list[tuple[str, float | None]], shares: dict[str, float]
) -> None:
    total = sum(shares.values())
    traffic = {cell: share / total for cell, share in shares.items()}
    cells = [cell for cell, _ in held]
    found = todays_mix(cases([weight for _, weight in held]), cells, traffic)
    by_id = {str(n): cell for n, cell in enumerate(cells)}
    covered = {cell for cell in traffic if cell in cells}
    assert found.covered == pytest.approx(sum(traffic[cell] for cell in covered))
    assert found.left_out == sum(cell not in traffic for cell in cells)
    whole = sum(case.weight or 0.0 for case in found.cases)
    assert whole == pytest.approx(len(found.cases))
    for cell in covered:
        own = sum(case.weight or 0.0 for case in found.cases if by_id[case.id] == cell)
        assert own / whole == pytest.approx(traffic[cell] / found.covered)


def test_within_a_cell_cases_keep_their_own_weights() -> None:
    found = todays_mix(cases([10.0, 30.0, 5.0]), ["a", "a", "b"], {"a": 0.5, "b": 0.5})
    first, second, third = (case.weight or 0.0 for case in found.cases)
    assert second == pytest.approx(3 * first)
    assert first + second == pytest.approx(third)


def test_only_weights_change_so_that_stored_trials_still_fit() -> None:
    given = cases([1.0, 2.0])
    found = todays_mix(given, ["a", "b"], {"a": 0.1, "b": 0.9})
    assert [(case.id, case.input) for case in found.cases] == [(case.id, case.input) for case in given]


def test_traffic_that_lies_elsewhere_altogether_covers_nothing() -> None:
    found = todays_mix(cases([1.0]), ["a"], {"b": 1.0})
    assert (found.cases, found.covered, found.left_out) == ((), 0, 1)


def test_a_case_of_no_known_cell_is_left_out() -> None:
    assert todays_mix(cases([1.0, 1.0]), [None, "a"], {"a": 1.0}).left_out == 1
