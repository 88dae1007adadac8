"""Allocation: where each further rating is worth most, and never more than there are."""

from collections import Counter
from math import inf, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.records.rating import Drawn
from passmuster.workflows.rating.drawing import (
    DrawWish,
    allocate,
    deviations,
    draw_items,
    populations,
    spread,
)


def item(number: int, candidate: str = "a", stratum: str = "") -> Drawn:
    return Drawn(
        case=str(number), input="i", candidate=candidate, reply=f"{candidate} {number}", stratum=stratum
    )


def variance(sizes: list[int], spreads: list[float], given_: list[int]) -> float:
    return sum(
        (size * dev) ** 2 / n if n else inf for size, dev, n in zip(sizes, spreads, given_, strict=True)
    )


@given(
    sizes=st.lists(st.integers(1, 40), min_size=2, max_size=2),
    spreads=st.lists(st.floats(0.05, 0.5), min_size=2, max_size=2),
    number=st.integers(2, 30),
)
def test_no_other_split_of_two_strata_has_a_smaller_variance(
    sizes: list[int], spreads: list[float], number: int
) -> None:
    found = allocate(number, sizes, spreads, [0, 0])
    total = min(number, sum(sizes))
    others = [
        [one, total - one] for one in range(total + 1) if one <= sizes[0] and 0 <= total - one <= sizes[1]
    ]

    assert sum(found) == total
    assert variance(sizes, spreads, found) <= min(variance(sizes, spreads, each) for each in others) * (
        1 + 1e-9
    )


def test_it_is_neymans_share() -> None:
    sizes, spreads = [700, 200, 100], [0.2, 0.5, 0.3]
    whole = sum(size * dev for size, dev in zip(sizes, spreads, strict=True))
    found = allocate(120, sizes, spreads, [0, 0, 0])

    assert all(
        abs(each - 120 * size * dev / whole) <= 1
        for each, size, dev in zip(found, sizes, spreads, strict=True)
    )


def test_what_was_drawn_before_counts() -> None:
    assert allocate(10, [500, 500], [0.5, 0.5], [20, 10]) == [0, 10]
    assert allocate(10, [50, 12], [0.1, 0.5], [0, 10]) == [9, 1]


def test_a_stratum_without_a_rating_comes_first() -> None:
    assert allocate(1, [900, 1], [0.5, 1e-9], [50, 0]) == [0, 1]


def test_the_pilot_evens_strata_out_and_fills_up_from_the_others() -> None:
    assert spread(20, [0, 0], [50, 50]) == [10, 10]
    assert spread(20, [6, 0], [50, 50]) == [4, 10]
    assert spread(20, [0, 0], [3, 4]) == [3, 4]
    assert spread(20, [15, 15], [50, 50]) == [0, 0]


def test_deviations_of_grades_lean_on_all_strata_where_few_are_known() -> None:
    found = deviations([[3.0, 3.0, 3.0], [1.0, 5.0], []], binary=False)

    # The sum of squares is 8 within 3 degrees of freedom: 8/3 pooled.
    assert found == pytest.approx([sqrt(8 / 9), sqrt((8 + 8 / 3) / 2), sqrt(8 / 3)])
    assert deviations([[], []], binary=False) == [1.0, 1.0]


@given(number=st.integers(1, 60), seed=st.integers(0, 99))
def test_a_number_is_shared_evenly_among_candidates(number: int, seed: int) -> None:
    whole = [item(n, name, str(n % 2)) for name in "abc" for n in range(30)]
    found = draw_items(whole, (), {}, DrawWish(number=number, seed=seed), binary=True)
    counts = Counter(each.candidate for each in found)

    assert len(set(found)) == len(found) == number
    assert max(counts.values()) - min(counts[name] for name in "abc") <= 1


def test_what_a_candidate_does_not_have_the_others_give() -> None:
    whole = [item(n, "a") for n in range(3)] + [item(n, name) for name in "bc" for n in range(30)]
    counts = Counter(each.candidate for each in draw_items(whole, (), {}, DrawWish(number=23), binary=True))

    assert counts == {"a": 3, "b": 10, "c": 10}
    assert len(draw_items(whole, (), {}, DrawWish(number=1000), binary=True)) == 63


def test_every_reply_of_a_stratum_is_as_likely_as_the_others() -> None:
    # 400 draws of 5 of 20: each reply is expected 100 times with a deviation of 8.7; a false alarm beyond 4.6 of them has a
    # chance below 1 in 10,000 over the twenty.
    whole = [item(number) for number in range(20)]
    seen = Counter(
        each.case
        for seed in range(400)
        for each in draw_items(whole, (), {}, DrawWish(number=5, seed=seed), binary=True)
    )

    assert all(60 <= seen[str(number)] <= 140 for number in range(20))


def test_populations_count_every_reply_by_whose_it_is_and_its_stratum() -> None:
    assert populations([item(1, "a", "0"), item(2, "a", "1"), item(3, "b", "1")]) == {
        "a": {"0": 1, "1": 1},
        "b": {"1": 1},
    }


def alike(number: int, candidate: str, repeat: int = 0) -> Drawn:
    return Drawn(case=str(number), input="i", candidate=candidate, reply=f"both {number}", repeat=repeat)


def test_what_was_drawn_of_one_candidate_is_drawn_of_another_who_gave_the_same_as_often_as_the_rest() -> None:
    whole = [alike(n, name) for name in "ab" for n in range(20)] + [item(n, "b") for n in range(20, 40)]
    taken = [alike(n, "a") for n in range(20)]
    found = draw_items(whole, taken, {}, DrawWish(number=40), binary=True)

    assert Counter(each.candidate for each in found) == {"b": 40}


def test_a_reply_given_three_times_has_no_more_chances_than_one_given_once() -> None:
    # 400 draws of 10 of 20 cases, half of which got the same reply three times: 2,000 of the 4,000 are of these with a
    # deviation of 23; beyond 100 of them the chance of a false alarm is 1 in 50,000.
    whole = [alike(n, "a", repeat) for n in range(10) for repeat in range(3)]
    whole += [item(n, "a") for n in range(10, 20)]
    draws = [draw_items(whole, (), {}, DrawWish(number=10, seed=seed), binary=True) for seed in range(400)]

    assert all(len({each.case for each in found}) == 10 for found in draws)
    assert abs(sum(int(each.case) < 10 for found in draws for each in found) - 2000) < 100
    assert (
        draw_items(whole, [alike(n, "a") for n in range(10)], {}, DrawWish(number=99), binary=True)[0].repeat
        == 0
    )
