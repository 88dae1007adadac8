"""Which cases carry the figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.corpus.populations import cases_of, populations, weights_of
from passmuster.records.case import Case, Category, Origin

CATEGORIES: tuple[Category, ...] = ("typical", "edge", "adversarial", "regression")
ORIGINS: tuple[Origin, ...] = ("production", "prior_system", "expert", "synthetic")


def case(number: int, category: Category = "typical", origin: Origin = "production") -> Case:
    return Case(id=str(number), input=f"text {number}", category=category, origin=origin)


@given(st.lists(st.tuples(st.sampled_from(CATEGORIES), st.sampled_from(ORIGINS)), max_size=30))
def test_every_case_is_in_one_population(kinds: list[tuple[Category, Origin]]) -> None:
    cases = [case(number, *kind) for number, kind in enumerate(kinds)]
    found = populations(cases)

    assert sorted(p for part in found.every for p in part.positions) == list(range(len(cases)))
    assert all(list(part.positions) == sorted(part.positions) for part in found.every)
    assert len(found.main.positions) > 0 or not cases


def test_only_typical_cases_from_production_estimate_it() -> None:
    cases = [case(0), case(1, "edge"), case(2, "typical", "expert"), case(3, "regression"), case(4)]
    found = populations(cases)

    assert found.basis == "production"
    assert [each.id for each in cases_of(found.main, cases)] == ["0", "4"]
    assert [part.name for part in found.apart] == ["edge", "regression", "expert"]


def test_without_production_the_typical_cases_carry_the_figures() -> None:
    found = populations([case(0, "typical", "expert"), case(1, "typical", "synthetic"), case(2, "edge")])
    assert (found.basis, list(found.main.positions)) == ("typical", [0, 1])
    assert [part.name for part in found.apart] == ["edge"]


def test_a_corpus_of_pools_is_measured_as_a_whole() -> None:
    found = populations([case(0, "regression"), case(1, "edge")])
    assert (found.basis, list(found.main.positions), found.apart) == ("all", [0, 1], ())


def test_cases_of_the_whole_corpus_are_the_very_same() -> None:
    cases = [case(0), case(1)]
    assert cases_of(populations(cases).main, cases) is cases


def test_weights_are_scaled_and_missing_ones_are_the_average() -> None:
    cases = [Case(id=str(n), input="x", weight=weight) for n, weight in enumerate((3.0, 1.0, None))]
    found = weights_of(cases)
    assert found is not None
    assert found == pytest.approx(np.array([1.5, 0.5, 1.0]))


def test_equal_weights_are_none() -> None:
    assert weights_of([case(0), case(1)]) is None
    assert weights_of([Case(id=str(n), input="x", weight=0.1) for n in range(3)]) is None


def test_huge_weights_are_weights_too() -> None:
    found = weights_of(
        [Case(id=str(n), input="x", weight=weight) for n, weight in enumerate((1.5e308, 5e307))]
    )
    assert found is not None
    assert found == pytest.approx(np.array([1.5, 0.5]))
