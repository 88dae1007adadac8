"""Runs that stop early, by seeded simulation: what is saved, what is lost, and how naive rules fail.

Every docstring states the repetitions and the chance that a right method fails the check with another seed.
What is drawn is in `passmuster.decide.promises`: `passmuster selfcheck` runs the same simulations.
Run with `-s` to see the measured figures.
"""

from collections.abc import Sequence

import numpy as np
import pytest

from passmuster.decide.promises.drawing import alike, in_clusters, share
from passmuster.decide.promises.stopping import (
    Ran,
    equal_race,
    graded_stops,
    grouped_stops,
    naive_race,
    raced,
    stopped_intervals,
    stops,
)
from passmuster.stats.arrays import FloatArray
from passmuster.stats.sequential.looks import looks, unit_scores

pytestmark = pytest.mark.slow


def show(figures: str) -> None:
    """Print the measured figures."""
    print(figures)  # noqa: T201 - docs/statistics.md says that -s shows them


@pytest.mark.parametrize(
    ("bar", "total", "rates"),
    [
        (0.85, 1000, [0.75, 0.80, 0.88, 0.90, 0.92]),
        (0.90, 300, [0.80, 0.85, 0.95, 0.96, 0.97]),
    ],
)
def test_on_the_same_draws_stops_save_two_thirds_and_choose_the_same(
    bar: float, total: int, rates: list[float]
) -> None:
    """4,000 runs; by enumeration 69% and 67% are saved and .6 and .1 points lost: no draw comes near the limits."""
    found = stops(np.random.default_rng(60), 4000, (bar, total, rates))
    figures = found.figures
    show(
        f"bar {bar}, {total} cases: full run right {figures['right']:.3f}, stopped {figures['stopped right']:.3f},"
        f" the same choice {figures['the same']:.3f}, calls saved {figures['saved']:.3f}"
    )
    assert figures["saved"] >= 0.65
    assert figures["right"] - 0.02 <= figures["stopped right"]
    assert found.rate <= 0.02
    assert found.rate < found.naive_rate
    assert figures["passed falsely"] == 0


@pytest.mark.parametrize(("mean", "saves"), [(0.70, 0.80), (0.75, 0.40), (0.78, 0.0), (0.80, 0.0)])
def test_graded_scores_lose_less_than_a_point_of_power(mean: float, saves: float) -> None:
    """3,000 runs of 500 beta scores at a bar of .75: standard error of the loss .15 points, limit 1.5."""
    found = graded_stops(np.random.default_rng(61), 3000, mean)
    show(
        f"graded, mean {mean}: full {found.figures['full']:.3f}, lost {found.rate:.3f}, saved {found.figures['saved']:.3f},"
        f" naive loses {found.naive_rate:.3f}"
    )
    assert found.rate <= 0.015
    assert found.figures["saved"] >= saves
    if mean == 0.78:
        assert found.naive_rate > 0.03


@pytest.mark.parametrize(("rate", "saves"), [(0.65, 0.60), (0.75, 0.35), (0.82, 0.0)])
def test_groups_are_stopped_by_their_spread(rate: float, saves: float) -> None:
    """400 runs of 100 groups of 5 at a bar of .75, Korn-Graubard's test at the end; the loss is .1 points, the limit 1.5 (5 errors)."""
    found = grouped_stops(np.random.default_rng(62), 400, rate)
    show(
        f"groups, rate {rate}: full {found.figures['full']:.3f}, lost {found.rate:.3f}, by the mean {found.naive_rate:.3f},"
        f" saved {found.figures['saved']:.3f}"
    )
    assert found.rate <= 0.015
    assert found.figures["saved"] >= saves
    if rate == 0.82:
        assert found.naive_rate > 0.015


def dropped_best(runs: list[Ran], best: Sequence[int]) -> float:
    return share([any(run.dropped[place] for place in best) for run in runs])


def test_a_race_with_gaps_of_ten_points_saves_three_quarters() -> None:
    """400 runs of 1,000 cases; saved .77 with a standard error below .01; the best is dropped in no more than 1%."""
    rng = np.random.default_rng(63)
    draws = [alike(rng, [0.90, 0.80, 0.80, 0.80, 0.80], 1000) for _ in range(400)]
    plain, tie = [raced(each, None) for each in draws], [raced(each, 0.02) for each in draws]
    saved, saved_tie = (1 - share([run.calls for run in runs]) for runs in (plain, tie))
    show(
        f"gaps of 10: saved {saved:.3f}, with ties {saved_tie:.3f}, best dropped {dropped_best(plain, [0]):.4f}"
    )
    assert saved >= 0.70
    assert saved_tie >= saved
    assert dropped_best(plain, [0]) <= 0.05
    assert share([run.leader == 0 for run in tie]) >= 0.99


@pytest.mark.parametrize(
    ("rates", "saves"),
    [([0.90, 0.88, 0.85, 0.82, 0.80], 0.35), ([0.90, 0.86, 0.84, 0.82, 0.80], 0.45)],
)
def test_the_best_of_unlike_ones_stays_where_a_naive_race_drops_it(rates: list[float], saves: float) -> None:
    """400 runs; a method that drops the best in 1% exceeds 5% with chance below 1e-9; naive: about 11 and 5%."""
    rng = np.random.default_rng(64)
    draws = [alike(rng, rates, 1000) for _ in range(400)]
    plain, tie, naive = (
        [f(each) for each in draws] for f in (lambda s: raced(s, None), lambda s: raced(s, 0.02), naive_race)
    )
    figures = [
        (1 - share([run.calls for run in runs]), dropped_best(runs, [0])) for runs in (plain, tie, naive)
    ]
    show(f"{rates}: saved, best dropped: {[(round(a, 3), round(b, 4)) for a, b in figures]}")
    assert figures[0][0] >= saves
    assert figures[1][0] >= figures[0][0]
    assert max(figures[0][1], figures[1][1]) <= 0.01 < figures[2][1]


def test_of_equal_ones_each_is_dropped_in_less_than_5_percent() -> None:
    """600 runs of five: the first is dropped in a true 2%, standard error .6 points; naive: nearly always somebody."""
    found = equal_race(np.random.default_rng(65), 600)
    show(
        f"all equal: the first dropped {found.rate:.4f}, each {found.figures['each dropped']:.4f},"
        f" some {found.figures['some dropped']:.3f}; naive {found.naive_rate:.3f}"
    )
    assert found.rate <= 0.05
    assert found.figures["each dropped"] <= 0.05
    assert found.naive_rate > 0.3


def test_a_tie_names_a_leader_that_is_not_two_points_worse() -> None:
    """400 runs, the second 2 points behind the first: it is named best in a tie in less than 5% (measured: hardly ever)."""
    rng = np.random.default_rng(66)
    runs = [raced(alike(rng, [0.86, 0.84, 0.84, 0.80], 2000), 0.02) for _ in range(400)]
    wrong = share([run.ending == "tie" and run.leader != 0 for run in runs])
    show(
        f"a tie led by one that is 2 points worse: {wrong:.4f}; ended {share([run.ending is not None for run in runs]):.3f}"
    )
    assert wrong <= 0.05


def grouped_race(rng: np.random.Generator, groups: int, size: int) -> tuple[FloatArray, list[int]]:
    """Three equal candidates, each with a rate of its own in each group."""
    parts = np.stack([in_clusters(rng, [size] * groups, 0.8, 0.3) for _ in range(3)], axis=1)
    return parts, np.repeat(np.arange(groups), size).tolist()


def test_groups_are_units_of_the_race_and_ignoring_them_drops_equal_ones() -> None:
    """500 runs of 60 groups of 10 (correlation .3), 1,500 drops: standard error .3 points at a true 1%."""
    rng = np.random.default_rng(67)
    units, cases = [], []
    for _ in range(500):
        scores, keys = grouped_race(rng, 60, 10)
        units.append(raced(unit_scores(scores, keys), None, every=2))
        cases.append(raced(scores, None))
    show(
        f"groups: each dropped {share([r.dropped for r in units]):.4f}, ignored {share([r.dropped for r in cases]):.4f}"
    )
    assert share([run.dropped for run in units]) <= 0.05
    assert share([run.dropped for run in cases]) > 0.05


@pytest.mark.parametrize("shape", ["pass or fail", "graded"])
def test_what_was_stopped_is_covered_by_the_sequence_and_not_by_an_interval_for_one_look(shape: str) -> None:
    """1,500 runs, stopped when an interval lies beside the true mean; the sequence misses in 2% at most: 5% is 8 errors off."""
    found = stopped_intervals(np.random.default_rng(68), 1500, graded=shape == "graded")
    off = found.figures["off"]
    show(
        f"{shape}: sequence misses {found.rate:.3f}, t {found.naive_rate:.3f}; mean of those stopped low off by {off:+.3f}"
    )
    assert found.rate <= 0.05
    assert found.naive_rate > 0.15
    assert off < -0.03


def test_an_order_by_groups_shows_a_random_sample_at_every_look() -> None:
    """2,000 orders of 20 groups; the mean of the first block is that of all groups: standard error .01, band 4 of them."""
    sizes = [1, 9] * 10
    groups = np.repeat(np.arange(20), sizes)
    values = (np.asarray(sizes)[groups] == 9).astype(float)
    heads = [list(looks(groups, seed)[0]) for seed in range(2000)]
    ratio = sum(values[head].sum() for head in heads) / sum(len(head) for head in heads)
    show(f"share of large groups' cases in the first block: {ratio:.3f} of {values.mean():.3f}")
    assert ratio == pytest.approx(values.mean(), abs=0.04)
