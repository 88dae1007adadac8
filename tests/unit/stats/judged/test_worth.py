import itertools
import math

import numpy as np
import pytest

from passmuster.stats.judged.worth import correlation_of_rates, neyman, worth


def test_a_judge_that_knows_nothing_is_worth_no_rating() -> None:
    assert (worth(0.0, 100, 1900).width_ratio, worth(0.0, 100, 1900).extra) == (1.0, 0.0)
    assert worth(-0.8, 100, 1900).extra == 0.0


def test_a_perfect_judge_is_worth_all_replies_that_it_judged() -> None:
    assert worth(1.0, 100, 1900).extra == pytest.approx(1900)


def test_the_judge_of_the_methods_table_narrows_the_interval_to_three_quarters() -> None:
    rho = correlation_of_rates(0.8, 0.9, 0.8)
    assert worth(rho, 100, 1900).width_ratio == pytest.approx(0.77, abs=0.02)


def test_a_judge_of_chance_has_no_correlation() -> None:
    assert correlation_of_rates(0.8, 0.7, 0.3) == pytest.approx(0)
    assert correlation_of_rates(1.0, 0.7, 0.3) == 0


@pytest.mark.parametrize(("correlation", "n", "rest"), [(1.2, 1, 1), (0.5, -1, 1), (0.5, 1, -1)])
def test_what_cannot_be_is_refused(correlation: float, n: int, rest: int) -> None:
    with pytest.raises(ValueError, match="correlation"):
        worth(correlation, n, rest)


@pytest.mark.parametrize(
    ("shares", "deviations"), [((0.8, 0.2), (0.2, 0.5)), ((0.5, 0.3, 0.2), (0.1, 0.4, 0.2))]
)
def test_no_other_whole_numbers_give_a_smaller_error(
    shares: tuple[float, ...], deviations: tuple[float, ...]
) -> None:
    def variance(sizes: tuple[int, ...]) -> float:
        return sum((w * s) ** 2 / n for w, s, n in zip(shares, deviations, sizes, strict=True))

    every = (sizes for sizes in itertools.product(range(1, 31), repeat=len(shares)) if sum(sizes) == 30)
    assert variance(neyman(shares, deviations, 30)) == pytest.approx(min(map(variance, every)))


def test_every_stratum_has_its_least_and_none_has_more_than_there_are() -> None:
    assert neyman([0.99, 0.01], [0.5, 0.1], 40, least=10) == (30, 10)
    assert neyman([0.5, 0.5], [0.5, 0.5], 40, most=[5, 1000]) == (5, 35)
    assert neyman([0.5, 0.5], [0.5, 0.5], 40, most=[5, 6]) == (5, 6)
    assert neyman([0.9, 0.1], [0.5, 0.5], 3, least=10) == (2, 1)


def test_where_no_spread_is_known_the_shares_decide() -> None:
    first, second = neyman([0.75, 0.25], [0, 0], 40)
    assert (first, second) == (30, 10)


def test_a_stratum_without_spread_gets_what_the_others_cannot_take() -> None:
    assert neyman([0.5, 0.5], [0.5, 0.0], 40, most=[30, 30]) == (30, 10)


def test_nothing_to_share_out() -> None:
    assert neyman([], [], 10) == ()
    assert neyman([0.5, 0.5], [1, 1], 0) == (0, 0)


@pytest.mark.parametrize(
    ("shares", "deviations", "n"), [([1.0], [1.0, 2.0], 3), ([1.0], [-1.0], 3), ([1.0], [1.0], -1)]
)
def test_numbers_that_do_not_fit_are_refused(shares: list[float], deviations: list[float], n: int) -> None:
    with pytest.raises(ValueError, match="ratings"):
        neyman(shares, deviations, n)


def test_the_extra_ratings_are_what_the_ratio_says() -> None:
    found = worth(0.6, 50, 950)
    assert math.sqrt(50 / (50 + found.extra)) == pytest.approx(found.width_ratio)


def test_few_ratings_are_shared_out_as_well_as_they_can_be() -> None:
    rng = np.random.default_rng(6)
    for _ in range(40):
        weights, n = rng.random(3), int(rng.integers(6, 14))
        every = [(a, b, n - a - b) for a in range(1, n) for b in range(1, n - a) if n - a - b >= 1]
        least = min(float((weights**2 / np.array(sizes)).sum()) for sizes in every)
        found = neyman(weights.tolist(), [1.0, 1.0, 1.0], n)
        assert float((weights**2 / np.array(found)).sum()) == pytest.approx(least)
