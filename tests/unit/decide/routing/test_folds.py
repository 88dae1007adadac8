"""Folds: groups whole, slices spread, and nothing judged by what it helped to choose."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from passmuster.decide.routing.folds import FIRST, FOLDS, folds_of, steps


def test_no_fold_is_judged_with_what_was_chosen_on_it_or_on_a_later_one() -> None:
    for step in steps():
        circle = [(step.order + place) % FOLDS for place in range(FOLDS)]
        assert step.judged not in step.chosen_on
        assert list(step.chosen_on) == circle[: circle.index(step.judged)]
        assert len(step.chosen_on) >= FIRST


def test_every_fold_is_judged_as_often_as_any_other() -> None:
    assert set(Counter(step.judged for step in steps()).values()) == {FOLDS - FIRST}


@given(
    st.lists(st.tuples(st.integers(-1, 4), st.integers(0, 12)), min_size=1, max_size=80), st.integers(0, 99)
)
def test_the_cases_of_a_group_are_in_one_fold(rows: list[tuple[int, int]], seed: int) -> None:
    slices, groups = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    found = folds_of(slices, groups, np.random.default_rng(seed))

    assert found.min() >= 0
    assert found.max() < FOLDS
    assert all(len(set(found[groups == group].tolist())) == 1 for group in set(groups.tolist()))


def test_each_slice_is_spread_over_all_folds() -> None:
    slices = np.repeat([0, 1, 2], [100, 50, 30])
    found = folds_of(slices, None, np.random.default_rng(1))

    for number in (0, 1, 2):
        counts = np.bincount(found[slices == number], minlength=FOLDS)
        assert counts.max() - counts.min() <= 1


def test_another_seed_gives_other_folds_and_the_same_one_the_same() -> None:
    slices = np.zeros(100, dtype=np.int64)
    one, same, other = (folds_of(slices, None, np.random.default_rng(seed)) for seed in (1, 1, 2))

    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
