"""Error rates and coverages by seeded simulation; in each, the naive method must fail the same check.

Every docstring states the repetitions and the chance that a right method fails the check with another seed.
What is drawn is in `passmuster.decide.promises`: `passmuster selfcheck` runs the same simulations.
Run with `-s` to see the measured figures.
"""

from collections.abc import Sequence

import numpy as np
import pytest

from passmuster.decide.promises.choosing import just_below_the_bar, late_replies
from passmuster.decide.promises.drawing import share
from passmuster.decide.promises.intervals import (
    UNEQUAL,
    costs_per_success,
    drawn_costs,
    grouped_scores,
    grouped_shares,
    many_sums,
    scores_near_one,
)
from passmuster.stats.classes import Confusion, class_figures
from passmuster.stats.families import holm_matrix
from passmuster.stats.intervals import binomial_p_greater, mean_p_greater
from passmuster.stats.paired import paired_mean_interval
from passmuster.stats.power import cases_to_pass_mean
from passmuster.stats.ratio import paired_ratio_interval, ratio_interval, ratio_p_above, ratio_p_below

pytestmark = pytest.mark.slow


def show(figures: str) -> None:
    """Print the measured figures."""
    print(figures)  # noqa: T201 - docs/statistics.md says that -s shows them


def test_five_candidates_just_below_the_bar_hardly_ever_give_a_false_pass() -> None:
    """2,000 runs; a rule whose true rate is 3.3% exceeds 5% with chance 4e-5; the naive rule is at 96%."""
    found = just_below_the_bar(np.random.default_rng(20), 2000)
    show(f"false pass: Holm {found.rate:.3f}, point estimate {found.naive_rate:.3f}")
    assert found.rate <= 0.05
    assert not found.naive_rate <= 0.05


def test_holm_picks_the_cheapest_good_one_of_five_in_about_70_percent() -> None:
    """4,000 runs, standard error 0.7 points; the band is 3 points: 4 standard errors (6e-5)."""
    rates = np.array([0.75, 0.80, 0.88, 0.90, 0.92])
    right = np.random.default_rng(21).binomial(1000, rates, size=(4000, 5)).astype(float)
    passed = holm_matrix(binomial_p_greater(right, 1000, 0.85)) <= 0.05
    picked = share(passed[:, 2] & ~passed[:, :2].any(axis=1))
    show(f"cheapest good one picked: {picked:.3f}")
    assert picked == pytest.approx(0.70, abs=0.03)


def test_a_candidate_must_show_every_criterion_and_none_is_paid_for() -> None:
    """2,000 runs of five that are good but for 5.1% late replies (limit 5%): each of three criteria at the full 5%.

    Some false pass in 2.9% by exact rates, standard error .4 points; the share shown by most criteria passes nearly always.
    """
    found = late_replies(np.random.default_rng(23), 2000)
    show(f"false pass: every criterion {found.rate:.3f}, most of them {found.naive_rate:.3f}")
    assert found.rate <= 0.05
    assert not found.naive_rate <= 0.05
    assert found.figures["corrected"] < found.rate, "a correction over criteria would only cost power"


@pytest.mark.parametrize("n", [30, 100, 300])
def test_pseudo_scores_keep_the_coverage_near_the_ceiling_where_plain_t_loses_it(n: int) -> None:
    """5,000 runs, standard error 0.3 points; true coverages are .968 and more, limit .95 (below 1e-8)."""
    found = scores_near_one(np.random.default_rng(22 + n), 5000, n)
    passes, plain = found.figures["passes"], found.figures["passes by t"]
    show(
        f"n={n}: missed {found.rate:.3f}, plain t {found.naive_rate:.3f}; false pass {passes:.3f}, t {plain:.3f}"
    )
    assert found.rate <= 0.05
    assert found.naive_rate > 0.06
    assert passes <= 0.05 < plain


EQUAL = {groups: [5] * groups for groups in (20, 50)}


@pytest.mark.parametrize(("name", "sizes"), [("20x5", EQUAL[20]), ("50x5", EQUAL[50]), ("unequal", UNEQUAL)])
def test_korn_graubard_covers_where_ignoring_clusters_fails(name: str, sizes: Sequence[int]) -> None:
    """4,000 runs at ICC .3, rate .85; standard error .35 points; the lowest true coverage is 1.2 points above the limit (4e-4)."""
    found = grouped_shares(np.random.default_rng(30), 4000, sizes)
    show(f"{name}: Korn-Graubard misses {found.rate:.3f}, ignoring clusters {found.naive_rate:.3f}")
    assert 0.025 <= found.rate <= 0.06
    assert found.naive_rate > 0.10


def test_clustered_scores_are_covered_by_cr1() -> None:
    """4,000 runs, 50 clusters of 5, ICC .3: standard error .35 points, limit 1.5 below the true value (2e-5)."""
    found = grouped_scores(np.random.default_rng(31), 4000)
    plain = found.figures["unbounded"]
    show(f"CR1 misses {found.rate:.3f}, unbounded {plain:.3f}, ignoring clusters {found.naive_rate:.3f}")
    assert found.rate <= 0.05
    assert plain <= 0.075
    assert found.naive_rate > 0.10


@pytest.mark.parametrize(("n", "rate"), [(30, 0.3), (100, 0.3), (300, 0.3), (30, 0.9), (100, 0.9)])
def test_cost_per_success_is_covered(n: int, rate: float) -> None:
    """40,000 runs, log-normal costs of a spread of 50%; standard error .1 points, the band is 93.5 to 96.5%."""
    found = costs_per_success(np.random.default_rng(40 + n), 40_000, n, rate)
    show(
        f"n={n}, success {rate}: log-delta misses {found.rate:.4f}, successes as fixed {found.naive_rate:.3f}"
    )
    assert 0.035 <= found.rate <= 0.065
    assert not 0.035 <= found.naive_rate <= 0.065


def test_the_tests_of_a_cost_per_success_agree_with_its_interval() -> None:
    """The tests at the truth do not reject either way exactly where the interval holds it: 200 runs."""
    costs, wins = drawn_costs(np.random.default_rng(70), 200, 30, 0.3)
    sums = many_sums(costs, wins)
    held = (ratio_p_below(1 / 0.3, sums) >= 0.025) & (ratio_p_above(1 / 0.3, sums) >= 0.025)
    for row in range(200):
        interval = ratio_interval(costs[row], wins[row])
        assert held[row] == (interval is not None and interval[0] <= 1 / 0.3 <= interval[1])


def test_the_ratio_of_two_costs_is_covered_when_paired() -> None:
    """2,000 runs of 100 cases; standard error .5 points, limits 93 and 97% are 4 away from the true 95%."""
    rng = np.random.default_rng(45)
    held = []
    for _ in range(2000):
        shared = rng.lognormal(0, 0.7, 100)
        first, second = shared * rng.lognormal(0, 0.1, 100), shared * 1.3 * rng.lognormal(0, 0.1, 100)
        hard = rng.uniform(size=100)
        wins = [(hard + rng.normal(0, 0.1, 100) < rate).astype(float) for rate in (0.7, 0.7)]
        interval = paired_ratio_interval((first, wins[0]), (second, wins[1]))
        held.append(interval is not None and interval[0] <= 1 / 1.3 <= interval[1])
    show(f"ratio of two costs: {share(held):.3f}")
    assert 0.93 <= share(held) <= 0.97


def test_the_sample_size_for_a_mean_gives_about_80_percent_power() -> None:
    """4,000 runs of beta scores: standard error .6 points; the planned number is approximate, band 3 points."""
    mean, sd = 0.80, 0.20
    n = cases_to_pass_mean(mean, sd, 0.75)
    assert n is not None
    whole = mean * (1 - mean) / sd**2 - 1
    scores = np.random.default_rng(51).beta(mean * whole, (1 - mean) * whole, size=(4000, n))
    p = mean_p_greater(scores.sum(axis=1), (scores**2).sum(axis=1), n, 0.75)
    show(f"power at n={n}: {share(p <= 0.05):.3f}")
    assert share(p <= 0.05) == pytest.approx(0.80, abs=0.03)


def test_paired_score_differences_are_covered() -> None:
    """3,000 runs of 100 pairs, 75% of them equal: standard error .4 points, limits 1.7 away (4e-5)."""
    rng = np.random.default_rng(52)
    held, naive = [], []
    for _ in range(3000):
        values = np.where(rng.uniform(size=100) < 0.75, 0.0, rng.uniform(-0.4, 0.6, 100))
        interval = paired_mean_interval(values)
        held.append(interval is not None and interval[0] <= 0.025 <= interval[1])
        other = rng.uniform(0.1, 0.9, 100)  # what the case makes of both
        half = 1.97 * np.sqrt((other.var(ddof=1) + (other + values).var(ddof=1)) / 100)
        naive.append(abs(values.mean() - 0.025) <= half)
    show(f"paired mean: {share(held):.3f}, pairs taken as two samples {share(naive):.3f}")
    assert 0.932 <= share(held) <= 0.968
    assert not 0.932 <= share(naive) <= 0.968


def test_f1_of_a_class_is_covered() -> None:
    """4,000 runs of 200 cases: standard error .35 points; limits 93.5 and 96.5% are 4 away (6e-5)."""
    cells = np.random.default_rng(54).multinomial(200, [0.25, 0.06, 0.04, 0.65], size=4000)
    held = []
    for hits, missed, alarms, rest in cells.tolist():
        matrix = np.array([[hits, missed], [alarms, rest]])
        found = Confusion(labels=("a", "b"), matrix=matrix, outside=np.zeros(2, dtype=np.int64))
        figure = class_figures(found)[0].f1
        held.append(figure.low is not None and figure.high is not None and figure.low <= 5 / 6 <= figure.high)
    show(f"F1 of a class: {share(held):.3f}")
    assert 0.935 <= share(held) <= 0.965
