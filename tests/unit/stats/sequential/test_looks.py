import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.stats.sequential.looks import looks, unit_scores, unit_sizes


@given(st.lists(st.integers(0, 12), max_size=60), st.integers(0, 50), st.integers(1, 25))
def test_every_case_comes_once_and_groups_stay_whole(groups: list[int], seed: int, block: int) -> None:
    found = looks(groups, seed, block)
    assert sorted(case for each in found for case in each) == list(range(len(groups)))
    where = {case: place for place, each in enumerate(found) for case in each}
    assert len({(groups[case], place) for case, place in where.items()}) == len(set(groups))
    assert all(len(each) >= block for each in found[:-1])
    assert all(each for each in found)


def test_the_order_is_that_of_the_seed() -> None:
    assert looks(range(100), 1) == looks(range(100), 1)
    assert looks(range(100), 1) != looks(range(100), 2)
    assert [len(each) for each in looks(range(90), 1)] == [20, 20, 20, 20, 10]


def test_every_group_is_as_likely_to_come_first() -> None:
    """2,000 orders of four groups of unlike sizes: 500 each, standard error 19; the band is 5 of them."""
    groups = ["a"] * 10 + ["b"] * 5 + ["c", "d"]
    first = [groups[looks(groups, seed, 1)[0][0]] for seed in range(2000)]
    assert all(abs(first.count(name) - 500) < 97 for name in "abcd")


def test_no_case_gives_no_look_and_an_empty_block_is_refused() -> None:
    assert looks([], 1) == ()
    with pytest.raises(ValueError, match="at least one case"):
        looks("ab", 1, 0)


def test_totals_of_units_are_in_proportion_to_means_over_cases() -> None:
    rng = np.random.default_rng(1)
    scores, groups, weights = rng.uniform(size=(40, 3)), rng.integers(0, 9, 40), rng.uniform(1, 4, 40)
    totals = unit_scores(scores, groups, weights.tolist())
    means = np.average(scores, axis=0, weights=weights)
    assert totals.shape == (np.unique(groups).size, 3)
    assert totals.max() <= 1
    assert totals.sum(axis=0) / totals.sum() == pytest.approx(means / means.sum(), abs=1e-12)


def test_cases_alone_are_themselves() -> None:
    scores = np.random.default_rng(2).uniform(size=(7, 2))
    assert unit_scores(scores).tolist() == scores.tolist()


def test_what_is_missing_stays_missing_and_the_largest_unit_is_of_the_corpus() -> None:
    found = unit_scores([[1.0, np.nan], [1.0, 1.0], [0.0, 1.0]], "aab", largest=4)
    assert found[0].tolist() == pytest.approx([0.5, np.nan], nan_ok=True)
    assert found[1].tolist() == [0.0, 0.25]
    with pytest.raises(ValueError, match="more than the largest"):
        unit_scores([[1.0], [1.0]], "aa", largest=1)
    assert unit_scores(np.zeros((0, 2))).shape == (0, 2)


def test_sizes_of_units_are_their_totals_when_everything_is_right() -> None:
    groups, weights = list("abacb"), [1.0, 2.0, 3.0, 0.5, 1.0]
    assert (
        unit_sizes(5, groups, weights).tolist()
        == unit_scores(np.ones((5, 1)), groups, weights)[:, 0].tolist()
    )
    assert unit_sizes(3).tolist() == [1.0, 1.0, 1.0]
    assert unit_sizes(0).tolist() == []
