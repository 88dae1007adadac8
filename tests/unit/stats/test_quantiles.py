import numpy as np
import pytest
from scipy import stats

from passmuster.stats.quantiles import (
    measurable,
    quantile,
    quantile_interval,
    quantile_p_above,
    quantile_p_below,
    smallest_n,
)


def test_the_smallest_samples_that_could_pass_a_limit() -> None:
    assert [smallest_n(q) for q in (0.5, 0.9, 0.95, 0.99)] == [5, 29, 59, 299]
    assert smallest_n(0.05) == smallest_n(0.95)


def test_at_the_smallest_sample_a_limit_can_just_be_passed() -> None:
    for q in (0.5, 0.9, 0.95, 0.99):
        n = smallest_n(q)
        assert quantile_p_below(0, n, q) <= 0.05 < quantile_p_below(0, n - 1, q)


@pytest.mark.parametrize("q", [0.0, 1.0, 1.5])
def test_a_quantile_outside_0_and_1_is_refused(q: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        smallest_n(q)


def test_a_quantile_is_the_value_of_rank_floor_qn_plus_1() -> None:
    values = np.random.default_rng(0).permutation(np.arange(1.0, 1001.0))
    assert [quantile(values, q) for q in (0.5, 0.95, 0.99)] == [501.0, 951.0, 991.0]
    assert quantile(np.arange(1, 101), 0.29) == 30.0


def test_too_few_values_give_none_not_a_number() -> None:
    assert quantile(range(58), 0.95) is None
    assert quantile(range(59), 0.95) == 56.0
    assert quantile(range(298), 0.99) is None
    assert quantile([], 0.5) is None
    assert quantile_interval(range(58), 0.95) == (None, None)
    assert not measurable(4, 0.5)


def test_between_59_and_71_values_p95_has_no_upper_bound() -> None:
    low, high = quantile_interval(range(71), 0.95)
    assert low is not None
    assert high is None
    assert quantile_interval(range(72), 0.95)[1] == 71.0


def ranks(n: int, q: float) -> tuple[int, int]:
    low, high = quantile_interval(np.arange(1, n + 1), q)
    return 0 if low is None else int(low), n + 1 if high is None else int(high)


@pytest.mark.parametrize("q", [0.5, 0.95, 0.99])
def test_ranks_are_the_binomial_quantiles(q: float) -> None:
    for n in (299, 300, 512, 1000, 20_000):
        expected = (int(stats.binom.ppf(0.025, n, q)), int(stats.binom.ppf(0.975, n, q)) + 1)
        assert ranks(n, q) == expected


@pytest.mark.parametrize(("n", "q"), [(n, q) for q in (0.5, 0.95, 0.99) for n in (72, 100, 200, 368, 1000)])
def test_the_interval_covers_at_least_95_percent_exactly(n: int, q: float) -> None:
    """P(l <= B <= u - 1) for B ~ Binomial(n, q) is the coverage for any continuous distribution."""
    if not measurable(n, q):
        assert quantile_interval(range(n), q) == (None, None)
        return
    low, high = ranks(n, q)
    coverage = stats.binom.cdf(high - 1, n, q) - stats.binom.cdf(low - 1, n, q)
    assert coverage >= 0.95


def test_coverage_of_p95_is_as_published() -> None:
    found = []
    for n in (100, 200, 1000):
        low, high = ranks(n, 0.95)
        found.append(stats.binom.cdf(high - 1, n, 0.95) - stats.binom.cdf(low - 1, n, 0.95))
    assert found == pytest.approx([0.983, 0.967, 0.958], abs=0.001)


def test_a_limit_is_tested_by_the_count_over_it() -> None:
    assert quantile_p_below(30.0, 1000, 0.95) == pytest.approx(stats.binom.cdf(30, 1000, 0.05), abs=1e-12)
    assert quantile_p_above(70.0, 1000, 0.95) == pytest.approx(stats.binom.sf(69, 1000, 0.05), abs=1e-12)
    assert quantile_p_below(np.array([30.0, 50.0]), 1000, 0.95)[0] < 0.05
