"""Reservoirs give each item the same chance, whatever the stream does."""

from collections import Counter

import numpy as np
import pytest
import scipy.stats

from passmuster.corpus.sampling.reservoir import OTHER, Reservoir, StratifiedReservoir
from passmuster.errors import UsageError

LEVEL = 1e-4
"""The chance of a false alarm of each test of uniformity here; seeds are fixed, so that they never flicker."""


def uniform(counts: Counter[int], items: int, taken: int, rounds: int) -> float:
    """Return the p-value of "each item is taken equally often": n - 1 degrees, corrected for the fixed sample size."""
    expected = rounds * taken / items
    found = np.array([counts[item] for item in range(items)])
    statistic = ((found - expected) ** 2).sum() / (expected * (1 - taken / items))
    return float(scipy.stats.chi2.sf(statistic * (items - 1) / items, items - 1))


def test_fewer_items_than_room_are_all_held() -> None:
    reservoir: Reservoir[str] = Reservoir(5, np.random.default_rng(0))
    for item in "abc":
        reservoir.offer(item)
    assert reservoir.held == [(1, "a"), (2, "b"), (3, "c")]


@pytest.mark.parametrize(("items", "size"), [(20, 1), (20, 5), (50, 49)])
def test_each_item_is_held_equally_often(items: int, size: int) -> None:
    counts: Counter[int] = Counter()
    rounds = 4000
    for seed in range(rounds):
        reservoir: Reservoir[int] = Reservoir(size, np.random.default_rng(seed))
        for item in range(items):
            reservoir.offer(item)
        counts.update(item for _, item in reservoir.held)
    assert uniform(counts, items, size, rounds) > LEVEL


@pytest.mark.parametrize("at", [3, 10, 18])
def test_a_reservoir_made_smaller_midway_stays_uniform(at: int) -> None:
    counts: Counter[int] = Counter()
    rounds = 6000
    for seed in range(rounds):
        reservoir: Reservoir[int] = Reservoir(9, np.random.default_rng(seed))
        for item in range(24):
            reservoir.offer(item)
            if item == at:
                reservoir.shrink(4)
        assert len(reservoir.held) == 4
        counts.update(item for _, item in reservoir.held)
    assert uniform(counts, 24, 4, rounds) > LEVEL


def test_making_it_larger_is_not_possible() -> None:
    reservoir: Reservoir[int] = Reservoir(2, np.random.default_rng(0))
    for item in range(5):
        reservoir.offer(item)
    reservoir.shrink(7)
    assert (reservoir.size, len(reservoir.held)) == (2, 2)


def test_the_same_seed_gives_the_same_sample_and_another_one_another() -> None:
    def sample(seed: int) -> list[int]:
        reservoir: StratifiedReservoir[int] = StratifiedReservoir(20, seed)
        for item in range(1000):
            reservoir.offer(f"s{item % 3}", item)
        return [drawn.item for drawn in reservoir.draw({"s0": 5, "s1": 5, "s2": 5})]

    assert sample(1) == sample(1)
    assert sample(1) != sample(2)
    assert sample(1) == sorted(sample(1))


def test_weights_add_up_to_the_traffic_and_say_what_a_case_stands_for() -> None:
    reservoir: StratifiedReservoir[int] = StratifiedReservoir(30, 1)
    for item in range(1000):
        reservoir.offer("rare" if item < 10 else "usual", item)
    drawn = reservoir.draw({"rare": 5, "usual": 25})
    assert Counter(each.weight for each in drawn) == {2.0: 5, 39.6: 25}
    assert sum(each.weight for each in drawn) == pytest.approx(1000)


def test_strata_beyond_the_bound_fall_into_other() -> None:
    reservoir: StratifiedReservoir[int] = StratifiedReservoir(2, 1, most_strata=3)
    for item in range(100):
        reservoir.offer(str(item), item)
    assert reservoir.sizes() == {"0": 1, "1": 1, OTHER: 98}


def test_a_stratum_cannot_give_more_than_it_holds() -> None:
    reservoir: StratifiedReservoir[int] = StratifiedReservoir(2, 1)
    reservoir.offer("a", 1)
    with pytest.raises(UsageError, match="has 1 items to draw from, not 2"):
        reservoir.draw({"a": 2})


def test_large_items_make_the_reservoirs_smaller_and_what_is_held_stays_below_the_room() -> None:
    reservoir: StratifiedReservoir[bytes] = StratifiedReservoir(500, 1, room=100_000)
    for item in range(20_000):
        content = bytes(1000 if item % 2 else 10)
        reservoir.offer(f"s{item % 4}", content, len(content))
    held = sum(len(item) for each in reservoir._strata.values() for _, (_, item) in each.held)
    assert reservoir.bounded
    assert 60_000 < held < 130_000


def test_where_room_is_scarce_a_stratum_keeps_what_its_share_needs() -> None:
    """1,000 are wanted and there is room for 1,500: the usual stratum needs 900 of them."""
    reservoir: StratifiedReservoir[int] = StratifiedReservoir(1_000, 1, room=1_500_000)
    for item in range(50_000):
        reservoir.offer("rare" if item % 10 == 0 else "usual", item, 1_000)
    available = reservoir.available()
    assert reservoir.bounded
    assert available["usual"] >= 900
    assert available["rare"] >= 100
    assert sum(available.values()) <= 1_500


def test_a_single_item_that_is_larger_than_the_room_leaves_one_of_each_stratum() -> None:
    reservoir: StratifiedReservoir[int] = StratifiedReservoir(50, 1, room=10)
    for item in range(5_000):
        reservoir.offer(str(item % 2), item, 1_000)
    assert reservoir.available() == {"0": 1, "1": 1}


def test_a_smaller_reservoir_does_not_prefer_small_items() -> None:
    """10 % of 6,000 items are large; 400 samples of 20 hold 800 of them, give or take 5 times 27 (a chance of 1e-6)."""
    large = 0
    for seed in range(400):
        reservoir: StratifiedReservoir[int] = StratifiedReservoir(100, seed, room=5_000)
        for item in range(6_000):
            size = 1000 if item % 10 == 0 else 100
            reservoir.offer("all", size, size)
        assert reservoir.bounded
        large += sum(drawn.item == 1000 for drawn in reservoir.draw({"all": 20}))
    assert abs(large - 800) < 135


def test_a_sample_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="at least one"):
        StratifiedReservoir(0, 1)
    with pytest.raises(UsageError, match="from 0"):
        StratifiedReservoir(1, -1)
    with pytest.raises(UsageError, match="at least one"):
        Reservoir(0, np.random.default_rng(1))
