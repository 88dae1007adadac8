import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.stats.intervals import clopper_pearson, korn_graubard
from passmuster.stats.tail import rate_bounds, simultaneous_level, tail_mean, tail_mean_interval

SCORES = st.lists(st.floats(0, 1), min_size=2, max_size=40)


@given(SCORES, st.integers(1, 10))
def test_the_worst_share_of_whole_cases_is_their_mean(values: list[float], count: int) -> None:
    count = min(count, len(values))
    expected = float(np.mean(sorted(values)[:count]))
    assert float(tail_mean(values, count / len(values))) == pytest.approx(expected, abs=1e-9)


@given(SCORES, st.floats(0.01, 1))
def test_the_tail_lies_below_the_mean_and_weights_count_as_copies(values: list[float], share: float) -> None:
    assert min(values) - 1e-9 <= float(tail_mean(values, share)) <= float(np.mean(values)) + 1e-9
    twice = float(tail_mean([*values, *values], share))
    assert float(tail_mean(values, share, [2.0] * len(values))) == pytest.approx(twice, abs=1e-9)


def test_the_share_must_be_one() -> None:
    for share in (0.0, 1.1):
        with pytest.raises(ValueError, match="lies in"):
            tail_mean([0, 1], share)


def test_the_bootstrap_is_the_same_whether_equal_scores_are_told_apart_or_not() -> None:
    """The spread of 1,000 draws by two ways of drawing them: equal but for a few percent."""
    values = np.repeat([0.0, 0.25, 0.5, 0.75, 1.0], [20, 30, 40, 50, 60])
    quick = tail_mean_interval(values, 0.1, np.random.default_rng(1))
    slow = tail_mean_interval(values, 0.1, np.random.default_rng(2), weights=np.ones(200))
    assert quick is not None
    assert slow is not None
    assert quick.value == slow.value
    assert (quick.low, quick.high) == pytest.approx((slow.low, slow.high), abs=0.02)


def test_whole_groups_are_drawn_where_cases_are_grouped() -> None:
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(20), 10)
    values = np.clip(rng.uniform(0, 1, 20)[groups] + rng.normal(0, 0.02, 200), 0, 1)
    alone = tail_mean_interval(values, 0.1, np.random.default_rng(1))
    grouped = tail_mean_interval(values, 0.1, np.random.default_rng(1), clusters=groups)
    assert alone is not None
    assert grouped is not None
    assert grouped.high - grouped.low > 2 * (alone.high - alone.low)


def test_resamples_of_many_different_scores_are_not_held_at_once() -> None:
    scores = np.linspace(0, 1, 20_000)
    scores[:10] = 0.5  # a score that occurs twice, as in real ones
    tracemalloc.start()
    found = tail_mean_interval(scores, 0.1, np.random.default_rng(1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found is not None
    assert peak < 300e6  # all of them take 800 MB, and 8 GB of 200,000 cases


def test_one_case_has_no_tail() -> None:
    assert tail_mean_interval([1.0], 0.1, np.random.default_rng(1)) is None


def test_bounds_are_exact_and_those_of_the_effective_sample() -> None:
    values = [1] * 40 + [0] * 10
    assert rate_bounds(values) == clopper_pearson(40.0, 50)
    groups = np.arange(50) // 5
    assert rate_bounds(values, clusters=groups) == korn_graubard(values, groups)
    heavy = rate_bounds(values, weights=[9.0] * 5 + [1.0] * 45)
    plain = rate_bounds(values)
    assert heavy[1] - heavy[0] > plain[1] - plain[0]
    assert rate_bounds([]) == (0.0, 1.0)


def test_all_slices_lie_in_their_bounds_together_in_19_of_20() -> None:
    """2,000 draws of eight slices; at a true 5% more than 6.6% come with a chance below 0.1%."""
    rng = np.random.default_rng(8)
    level, missed = simultaneous_level(8), 0
    rates = np.linspace(0.55, 0.95, 8)
    for _ in range(2000):
        hits = rng.binomial(40, rates).astype(np.float64)
        low, high = clopper_pearson(hits, np.full(8, 40.0), level)
        missed += bool(np.any((rates < low) | (rates > high)))
    assert missed / 2000 <= 0.066
