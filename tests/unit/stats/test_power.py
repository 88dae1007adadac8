import time

import numpy as np
import pytest
from scipy import stats

from passmuster.stats.power import (
    _search,
    cases_to_fail,
    cases_to_fail_mean,
    cases_to_pass,
    cases_to_pass_mean,
)


def smallest_by_trying(rate: float, bar: float, alpha: float, power: float, most: int = 3000) -> int | None:
    n = np.arange(1, most)
    critical = stats.binom.isf(alpha, n, bar) + 1
    hits = np.flatnonzero(stats.binom.sf(critical - 1, n, rate) >= power)
    return int(n[hits[0]]) if hits.size else None


def test_the_smallest_n_is_that_of_trying_all() -> None:
    rng = np.random.default_rng(1)
    for _ in range(150):
        bar = float(rng.uniform(0.02, 0.97))
        rate = float(min(1.0, bar + rng.uniform(0.03, 0.3)))
        alpha = float(rng.choice([0.05, 0.05 / 14, 0.01]))
        expected = smallest_by_trying(rate, bar, alpha, 0.8)
        found = cases_to_pass(rate, bar, alpha)
        assert found == expected or (expected is None and found is not None and found >= 3000)


def test_failing_mirrors_passing() -> None:
    n = cases_to_fail(0.80, 0.85)
    assert n is not None
    critical = stats.binom.ppf(0.05, np.arange(1, 2000), 0.85) - 1
    powers = stats.binom.cdf(critical, np.arange(1, 2000), 0.80)
    assert n == int(np.flatnonzero(powers >= 0.8)[0]) + 1


def test_p95_needs_59_when_no_request_is_ever_late() -> None:
    assert cases_to_pass(1.0, 0.95) == 59
    assert cases_to_pass(1.0, 0.99) == 299


@pytest.mark.parametrize(
    ("rate", "bar"), [(0.85, 0.85), (0.8, 0.85), (1.0, 1.0), (0.850001, 0.85), (0.5, 0.5)]
)
def test_what_can_never_be_shown_needs_no_number(rate: float, bar: float) -> None:
    assert cases_to_pass(rate, bar) is None
    assert cases_to_fail(1 - rate, 1 - bar) is None


def test_a_search_that_ends_beyond_ten_million_says_so() -> None:
    assert cases_to_pass(0.5004, 0.5) == pytest.approx(((1.6449 + 0.8416) * 0.5 / 0.0004) ** 2, rel=0.001)
    assert cases_to_pass(0.50039, 0.5) is None


@pytest.mark.parametrize("start", [0.0, 3.0, 400.0])
def test_the_search_finds_the_same_from_a_bad_start(start: float) -> None:
    assert _search(0.9, 0.85, 0.05, 0.8, start) == 281


def test_a_bar_of_zero_is_passed_by_one_success() -> None:
    assert cases_to_pass(1.0, 0.0) == 1
    assert cases_to_pass(0.1, 0.0) == 16


def test_the_search_takes_milliseconds() -> None:
    best = min(_seconds(0.86, 0.85) for _ in range(5))
    assert best < 0.02


def _seconds(rate: float, bar: float) -> float:
    start = time.perf_counter()
    cases_to_pass(rate, bar)
    return time.perf_counter() - start


def test_means_need_about_the_textbook_number() -> None:
    n = cases_to_pass_mean(0.80, 0.10, 0.75)
    assert n is not None
    assert n > ((1.6449 + 0.8416) * 0.10 / 0.05) ** 2
    assert cases_to_pass_mean(0.505, 0.4, 0.5) == pytest.approx(((1.6449 + 0.8416) * 80) ** 2, rel=0.01)


def test_means_mirror_too() -> None:
    assert cases_to_fail_mean(0.70, 0.25, 0.75) == cases_to_pass_mean(0.30, 0.25, 0.25)
    assert cases_to_pass_mean(0.7, 0.2, 0.7) is None
    assert cases_to_pass_mean(0.7 + 1e-7, 0.2, 0.7) is None
