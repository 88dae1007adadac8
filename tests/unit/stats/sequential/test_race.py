import math
from bisect import bisect_left
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from passmuster.stats.arrays import FloatArray
from passmuster.stats.intervals import wilson
from passmuster.stats.sequential.looks import unit_scores, unit_sizes
from passmuster.stats.sequential.race import ALPHA, BETS, Race, confidence_sequence


def capital(differences: FloatArray, room: float = 0.0) -> float:
    """The mean over the bets of the product of all returns, as the papers write it."""
    returns = [float(np.prod(1 + bet * (differences + room) / (1 + room))) for bet in BETS]
    return sum(returns) / len(returns)


@pytest.mark.parametrize("graded", [False, True])
def test_evidence_is_the_average_capital_of_the_rivals(graded: bool) -> None:  # noqa: FBT001 - a parameter
    rng = np.random.default_rng(5)
    scores = rng.uniform(size=(30, 4)) if graded else rng.integers(0, 2, (30, 4)).astype(float)
    race = Race.of(4, alpha=1e-9).after(scores[:13]).after(scores[13:])
    for j in range(4):
        rivals = [capital(scores[:, i] - scores[:, j]) for i in range(4) if i != j]
        assert race.evidence()[j] == pytest.approx(sum(rivals) / 3, rel=1e-12)
    assert (race.looks, race.units) == (2, 30)
    assert race.totals == pytest.approx(scores.sum(axis=0))


def test_what_speaks_for_a_tie_is_the_capital_of_a_bet_with_room() -> None:
    rng = np.random.default_rng(8)
    for scores in (rng.uniform(size=(30, 3)), rng.integers(0, 2, (30, 3)).astype(float)):
        race = Race.of(3, alpha=1e-9, within=0.1).after(scores)
        found = float(np.exp(race.near[2, 0]).mean())
        assert found == pytest.approx(capital(scores[:, 2] - scores[:, 0], 0.1), rel=1e-12)


def test_a_tie_is_named_from_rivals_over_alpha_on_and_not_before() -> None:
    race = Race.of(4, within=0.1)
    limit = math.log(3 / ALPHA)
    assert replace(race, near=np.full_like(race.near, limit + 1e-9)).ending() == "tie"
    assert replace(race, near=np.full_like(race.near, limit - 1e-9)).ending() is None
    near = np.full_like(race.near, limit + 1e-9)
    near[0, 3] = 0.0
    assert replace(race, near=near).ending() is None
    out = np.array([True, True, True, False])
    assert replace(race, near=near, live=out).ending() == "tie"


def test_what_does_not_matter_is_a_share_of_the_mean_also_in_groups() -> None:
    """Groups of 1 and 9 cases: a leader 2 points worse on average has no chance of a tie that grows with n."""
    groups = np.repeat(np.arange(400), [1, 9] * 200)
    rng = np.random.default_rng(9)
    first = (rng.uniform(size=groups.size) < 0.5).astype(float)
    scores = np.column_stack([first, np.where(np.arange(groups.size) % 50 == 0, 1 - first, first)])
    totals, sizes = unit_scores(scores, groups), unit_sizes(groups.size, groups)
    race = Race.of(2, alpha=1e-9, within=0.05).after(totals, sizes)
    d = totals[:, 0] - totals[:, 1]
    by_size = np.mean([np.prod(1 + bet * (d + 0.05 * sizes) / 1.05) for bet in BETS])
    assert float(np.exp(race.near[0, 1]).mean()) == pytest.approx(float(by_size), rel=1e-9)
    lax = Race.of(2, alpha=1e-9, within=0.05).after(totals)
    assert float(lax.near[0, 1].max()) > float(race.near[0, 1].max())


def test_a_fair_bet_keeps_the_capital_on_average() -> None:
    """Over all outcomes of three units without a difference, and at `within` for the bet with room."""
    outcomes = np.array(np.meshgrid(*[[-1.0, 0.0, 1.0]] * 3)).reshape(3, -1).T
    chances = np.prod(np.where(outcomes == 0, 0.6, 0.2), axis=1)
    assert sum(chances * [capital(each) for each in outcomes]) == pytest.approx(1.0, abs=1e-12)
    worse = np.prod(np.where(outcomes == 0, 0.6, np.where(outcomes < 0, 0.25, 0.15)), axis=1)
    assert sum(worse * [capital(each, 0.1) for each in outcomes]) == pytest.approx(1.0, abs=1e-12)


def chance_ever_dropped(cases: int) -> tuple[float, float]:
    """Chance that one of two equal candidates is ever dropped, by bettors and by a naive z test; all cases discordant."""
    ahead = np.arange(-cases, cases + 1)
    alive = {"bets": (ahead == 0).astype(float), "naive": (ahead == 0).astype(float)}
    for n in range(1, cases + 1):
        won = (n + ahead) / 2
        logs = np.array([won * np.log1p(bet) + (n - won) * np.log1p(-bet) for bet in BETS])
        out = {
            "bets": np.exp(np.minimum(logs, 50)).mean(axis=0) >= 1 / ALPHA,
            "naive": (ahead / math.sqrt(n) > 1.645) & (n % 20 == 0),
        }
        for name, now in alive.items():
            moved = (np.roll(now, 1) + np.roll(now, -1)) / 2
            alive[name] = np.where(out[name], 0.0, moved)
    return 1 - float(alive["bets"].sum()), 1 - float(alive["naive"].sum())


def test_an_equal_candidate_is_seldom_dropped_at_whatever_look() -> None:
    """By enumeration of 1,000 cases: looked at after every one, 3.4%; a z test every 20 cases 26.7%."""
    bets, naive = chance_ever_dropped(1000)
    assert bets <= ALPHA
    assert naive > 0.2


def test_the_worse_drop_out_and_the_last_one_stays() -> None:
    scores = np.random.default_rng(6).uniform(size=(400, 3)) < [0.9, 0.6, 0.3]
    race = Race.of(3)
    for start in range(0, 400, 20):
        race = race.after(scores[start : start + 20])
    assert race.live.tolist() == [True, False, False]
    assert race.ending() == "one left"
    assert race.leader() == 0
    assert 0 == race.dropped_by[0] < race.dropped_by[2] < race.dropped_by[1]


def test_a_candidate_that_dropped_out_is_not_read_any_more() -> None:
    race = Race.of(3).after([[1, 0, 1]] * 20)
    assert race.live.tolist() == [True, False, True]
    with_rest, without = race.after([[1.0, 1.0, 0.0]] * 5), race.after([[1.0, np.nan, 0.0]] * 5)
    assert with_rest.evidence().tolist() == without.evidence().tolist()
    assert with_rest.evidence()[1] == race.evidence()[1]
    assert with_rest.totals.tolist() == [25, 0, 20]


def test_equal_candidates_end_in_a_tie_when_enough_is_seen() -> None:
    scores = np.ones((20, 3))
    race = Race.of(3, within=0.05)
    while race.ending() is None and race.units < 1000:
        race = race.after(scores)
    assert race.ending() == "tie"
    assert race.live.all()
    assert race.near[0, 1].max() >= math.log(2 / ALPHA)
    never = Race.of(3, within=None)
    for _ in range(50):
        never = never.after(scores)
    assert never.ending() is None


def test_one_candidate_has_won_before_the_start() -> None:
    assert Race.of(1).ending() == "one left"
    assert Race.of(1).evidence().tolist() == [0.0]


def test_a_score_that_is_missing_says_nothing_about_its_pairs() -> None:
    whole = Race.of(3, alpha=1e-9).after([[1.0, 0.0, 1.0], [1.0, 1.0, 0.0], [1.0, np.nan, 0.0]])
    without = Race.of(2, alpha=1e-9).after([[1, 0], [1, 1]])
    assert whole.above[0, 1] == pytest.approx(without.above[0, 1])
    graded = Race.of(3, alpha=1e-9).after([[1.0, 0.0, 1.0], [1.0, 1.0, 0.0], [1.0, np.nan, 0.0], [0.5] * 3])
    assert graded.above == pytest.approx(whole.above)
    assert not np.isnan(whole.totals).any()


@given(arrays(float, (12, 3), elements=st.floats(0, 1)))
def test_graded_scores_in_any_blocks_give_the_same(scores: FloatArray) -> None:
    once, twice = (
        Race.of(3, alpha=1e-9).after(scores),
        Race.of(3, alpha=1e-9).after(scores[:5]).after(scores[5:]),
    )
    assert once.above == pytest.approx(twice.above, abs=1e-9)
    assert once.near == pytest.approx(twice.near, abs=1e-9)
    order = np.argsort(scores[:, 0])
    assert Race.of(3, alpha=1e-9).after(scores[order]).above == pytest.approx(once.above, abs=1e-9)


@given(arrays(float, (15, 3), elements=st.floats(0, 1)))
def test_somebody_is_always_left(scores: FloatArray) -> None:
    assert Race.of(3, alpha=0.9).after(scores).live.any()


@pytest.mark.parametrize("wrong", [(0, 0.05, 0.02), (2, 0.0, 0.02), (2, 0.05, 1.0), (2, 0.05, -0.1)])
def test_a_race_that_cannot_be_is_refused(wrong: tuple[int, float, float]) -> None:
    with pytest.raises(ValueError, match="alpha in"):
        Race.of(wrong[0], alpha=wrong[1], within=wrong[2])


def test_scores_outside_the_range_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        Race.of(2).after([[0.5, 1.2]])
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        confidence_sequence([0.5, 1.2])


def test_huge_evidence_does_not_overflow() -> None:
    race = Race.of(2, alpha=1e-200).after(np.tile([1.0, 0.0], (5000, 1)))
    assert np.isfinite(race.evidence()).all()


def edges(n: int, rate: float) -> tuple[int, int, int, int]:
    """Fewest and most successes of n whose interval holds the rate: of the sequence, and of Wilson's interval."""
    k = np.arange(n + 1.0)
    low, high = wilson(k, n)
    inside = np.flatnonzero((low <= rate) & (rate <= high))

    def holds(count: int) -> bool:
        ends = confidence_sequence([1.0] * count + [0.0] * (n - count))
        return ends[0] <= rate <= ends[1]

    middle = round(rate * n)
    first = bisect_left(range(middle), 1, key=lambda count: int(holds(count)))
    last = n - bisect_left(range(n - middle), 1, key=lambda missed: int(holds(n - missed)))
    return first, last, int(inside[0]), int(inside[-1])


@pytest.mark.parametrize("rate", [0.5, 0.9])
def test_the_sequence_covers_at_every_look_at_once_where_an_interval_for_one_look_does_not(
    rate: float,
) -> None:
    """By enumeration, 50 looks: the sequence ever misses in under 2%, Wilson's interval in over 30%."""
    chances = {"sequence": np.array([1.0]), "naive": np.array([1.0])}
    step = stats.binom.pmf(np.arange(21), 20, rate)
    for n in range(20, 1001, 20):
        first, last, low, high = edges(n, rate)
        k = np.arange(n + 1)
        for name, (least, most) in {"sequence": (first, last), "naive": (low, high)}.items():
            now = np.convolve(chances[name], step)
            chances[name] = np.where((k >= least) & (k <= most), now, 0.0)
    missed = {name: 1 - float(left.sum()) for name, left in chances.items()}
    assert missed["sequence"] <= 0.02
    assert missed["naive"] > 0.3


@given(arrays(float, st.integers(1, 40), elements=st.floats(0, 1)))
def test_the_sequence_holds_the_mean_and_mirrors(values: FloatArray) -> None:
    low, high = confidence_sequence(values)
    assert 0 <= low <= values.mean() + 1e-9
    assert values.mean() - 1e-9 <= high <= 1
    other = confidence_sequence(1 - values)
    assert (1 - other[1], 1 - other[0]) == pytest.approx((low, high), abs=1e-9)


def test_the_ends_are_where_the_capital_reaches_its_limit() -> None:
    values = np.random.default_rng(7).beta(5, 2, 60)
    low, high = confidence_sequence(values, 0.9)
    up = np.mean([np.prod(1 + bet * (values - low) / low) for bet in BETS])
    down = np.mean([np.prod(1 + bet * (high - values) / (1 - high)) for bet in BETS])
    assert (up, down) == pytest.approx((20.0, 20.0), rel=1e-6)


def test_groups_count_by_their_weight_and_missing_values_not_at_all() -> None:
    single = confidence_sequence([0.8, 0.6, np.nan, 1.0])
    assert single == confidence_sequence([0.8, 0.6, 1.0])
    assert confidence_sequence([0.8] * 30, weights=[2.0] * 30) == confidence_sequence([0.8] * 30)
    light = confidence_sequence([0.8] * 30, weights=[2.0] * 30, largest=6.0)
    assert light[0] < confidence_sequence([0.8] * 30)[0]
    assert confidence_sequence([]) == confidence_sequence([np.nan]) == (0.0, 1.0)
