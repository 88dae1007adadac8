"""Which stratum gets how many cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.corpus.sampling.allocation import allocate, usual_minimum
from passmuster.errors import UsageError

SIZES = st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(1, 10_000), min_size=1)


@given(SIZES, st.integers(1, 3000), st.integers(1, 40))
def test_the_parts_add_up_and_keep_their_bounds(sizes: dict[str, int], total: int, minimum: int) -> None:
    least = sum(min(minimum, size) for size in sizes.values())
    if least > total:
        with pytest.raises(UsageError, match="too few"):
            allocate(sizes, total, minimum=minimum)
        return
    found = allocate(sizes, total, minimum=minimum)
    assert sum(found.values()) == min(total, sum(sizes.values()))
    assert all(min(minimum, sizes[name]) <= found[name] <= sizes[name] for name in sizes)


@given(SIZES, st.integers(1, 3000))
def test_a_part_is_within_one_case_of_its_share_where_nothing_binds(
    sizes: dict[str, int], total: int
) -> None:
    whole = sum(sizes.values())
    shares = {name: total * size / whole for name, size in sizes.items()}
    if total > whole or min(shares.values()) < 1:
        return
    found = allocate(sizes, total)
    assert all(abs(found[name] - shares[name]) < 1 + 1e-6 for name in sizes)


def test_neyman_allocation_gives_more_to_what_varies_more() -> None:
    sizes = {"calm": 500, "wild": 500}
    assert allocate(sizes, 100, deviations={"calm": 0.1, "wild": 0.4}) == {"calm": 20, "wild": 80}


def test_a_stratum_whose_deviation_nobody_knows_has_the_mean_of_the_others() -> None:
    sizes = {"a": 100, "b": 100, "c": 100}
    assert allocate(sizes, 60, deviations={"a": 0.1, "b": 0.3}) == {"a": 10, "b": 30, "c": 20}


def test_where_no_score_varies_the_parts_are_proportional() -> None:
    assert allocate({"a": 300, "b": 100}, 40, deviations={"a": 0.0, "b": 0.0}) == {"a": 30, "b": 10}


def test_what_a_stratum_cannot_give_the_others_share() -> None:
    sizes = {"a": 5, "b": 1000, "c": 1000}
    found = allocate(sizes, 105, deviations={"a": 9.0, "b": 0.1, "c": 0.1})
    assert found == {"a": 5, "b": 50, "c": 50}
    assert allocate({"a": 900, "b": 100}, 100, available={"a": 20, "b": 100}) == {"a": 20, "b": 80}


def test_all_of_a_small_traffic_is_taken() -> None:
    assert allocate({"a": 3, "b": 2}, 100, minimum=30) == {"a": 3, "b": 2}


def test_too_few_cases_are_refused_with_the_number_that_would_do() -> None:
    with pytest.raises(UsageError, match="Ask for 60 or more"):
        allocate({"a": 100, "b": 100}, 59, minimum=30)


@given(st.integers(1, 5000), st.integers(1, 300))
def test_usual_minima_never_take_more_than_half_unless_each_stratum_needs_one(
    total: int, strata: int
) -> None:
    minimum = usual_minimum(total, strata)
    assert 1 <= minimum <= 30
    assert minimum == 1 or minimum * strata <= total / 2
