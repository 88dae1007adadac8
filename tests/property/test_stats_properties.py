"""Laws that hold for every input."""

import math

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from passmuster.stats.classes import class_figures, confusion, confusion_macro_f1
from passmuster.stats.families import holm
from passmuster.stats.intervals import (
    binomial_p_greater,
    binomial_p_less,
    clopper_pearson,
    cluster_mean_interval,
    effective_sample,
    korn_graubard,
    mean_interval,
    mean_p_greater,
    mean_p_less,
    wilson,
)
from passmuster.stats.paired import (
    mcnemar_exact,
    mcnemar_mid_p,
    paired_mean_interval,
    paired_mean_p,
    tango_interval,
    tango_p_inferior,
    tango_p_noninferior,
)
from passmuster.stats.power import cases_to_pass
from passmuster.stats.quantiles import quantile, quantile_interval
from passmuster.stats.ratio import ratio_interval, ratio_p_below, ratio_sums

law = settings(deadline=None, max_examples=150)  # shared machines stall: no time limit per example

LEVELS = st.sampled_from([0.8, 0.9, 0.95, 0.99])
SLACK = 1e-9


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int]:
    n = draw(st.integers(1, 2000))
    return draw(st.integers(0, n)), n


@st.composite
def discordant(draw: st.DrawFn) -> tuple[int, int, int]:
    n = draw(st.integers(1, 1000))
    better = draw(st.integers(0, n))
    return better, draw(st.integers(0, n - better)), n


SCORES = st.lists(st.floats(0, 1, allow_subnormal=False), min_size=1, max_size=60)
TIMES = st.lists(st.floats(0, 1e4), min_size=5, max_size=400)


@law
@given(counts(), LEVELS)
def test_an_interval_of_a_rate_holds_the_rate(case: tuple[int, int], level: float) -> None:
    k, n = case
    for low, high in (wilson(k, n, level), clopper_pearson(k, n, level)):
        assert 0 <= low <= k / n + SLACK
        assert k / n - SLACK <= high <= 1


@law
@given(counts(), st.integers(2, 50))
def test_more_data_at_the_same_rate_never_widens_an_interval(case: tuple[int, int], factor: int) -> None:
    k, n = case
    for interval in (wilson, clopper_pearson):
        few, many = interval(k, n), interval(k * factor, n * factor)
        assert many[1] - many[0] <= few[1] - few[0] + SLACK


@law
@given(counts(), st.floats(0.01, 0.99))
def test_a_further_success_never_weakens_the_case_for_passing(case: tuple[int, int], bar: float) -> None:
    k, n = case
    assume(k < n)
    assert binomial_p_greater(k + 1, n, bar) <= binomial_p_greater(k, n, bar) + SLACK
    assert binomial_p_less(k + 1, n, bar) >= binomial_p_less(k, n, bar) - SLACK


@law
@given(counts(), st.floats(0.01, 0.99))
def test_success_and_failure_mirror(case: tuple[int, int], bar: float) -> None:
    k, n = case
    assert math.isclose(binomial_p_greater(k, n, bar), binomial_p_less(n - k, n, 1 - bar), abs_tol=SLACK)
    low, high = wilson(k, n)
    mirrored = wilson(n - k, n)
    assert math.isclose(low, 1 - mirrored[1], abs_tol=SLACK)
    assert math.isclose(high, 1 - mirrored[0], abs_tol=SLACK)


@law
@given(SCORES, LEVELS)
def test_the_interval_of_a_mean_holds_the_mean(scores: list[float], level: float) -> None:
    total, squares = math.fsum(scores), math.fsum(x * x for x in scores)
    low, high = mean_interval(total, squares, len(scores), level)
    assert 0 <= low <= total / len(scores) + SLACK
    assert total / len(scores) - SLACK <= high <= 1


@law
@given(SCORES, st.floats(0.01, 0.99))
def test_the_two_sides_of_a_mean_test_add_to_one(scores: list[float], limit: float) -> None:
    total, squares, n = math.fsum(scores), math.fsum(x * x for x in scores), len(scores)
    both = mean_p_greater(total, squares, n, limit) + mean_p_less(total, squares, n, limit)
    assert math.isclose(both, 1, abs_tol=SLACK)


@law
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30)), min_size=2, max_size=80), st.randoms())
def test_the_order_of_cases_changes_nothing_in_clusters(rows: list[tuple[bool, int]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis gives a random.Random
    found = []
    for order in (rows, shuffled):
        values, clusters = [float(value) for value, _ in order], [cluster for _, cluster in order]
        found.append([*korn_graubard(values, clusters), *cluster_mean_interval(values, clusters)])
    assert np.allclose(found[0], found[1], atol=1e-9)


@law
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30)), min_size=2, max_size=80))
def test_clusters_never_add_information(rows: list[tuple[bool, int]]) -> None:
    values, clusters = [float(value) for value, _ in rows], [cluster for _, cluster in rows]
    found = effective_sample(values, clusters)
    assert 0 <= found.size <= len(rows) + SLACK
    low, high = korn_graubard(values, clusters)
    plain = clopper_pearson(sum(values), len(values))
    assert low <= plain[0] + SLACK
    assert high >= plain[1] - SLACK


@law
@given(discordant(), LEVELS)
def test_a_paired_interval_holds_the_difference_and_swapping_flips_it(
    case: tuple[int, int, int], level: float
) -> None:
    b, c, n = case
    low, high = tango_interval(b, c, n, level)
    assert -1 <= low <= (b - c) / n + SLACK
    assert (b - c) / n - SLACK <= high <= 1
    swapped = tango_interval(c, b, n, level)
    assert math.isclose(low, -swapped[1], abs_tol=SLACK)
    assert math.isclose(high, -swapped[0], abs_tol=SLACK)


@law
@given(discordant(), st.floats(-0.2, 0.2))
def test_the_two_sides_of_a_margin_test_add_to_one_and_swap(
    case: tuple[int, int, int], margin: float
) -> None:
    b, c, n = case
    passing = tango_p_noninferior(b, c, n, margin)
    assert math.isclose(passing + tango_p_inferior(b, c, n, margin), 1, abs_tol=SLACK)
    assert math.isclose(passing, tango_p_inferior(c, b, n, -margin), abs_tol=1e-6)


@law
@given(discordant(), st.floats(0.0, 0.1), st.floats(0.0, 0.1))
def test_a_wider_margin_is_easier(case: tuple[int, int, int], margin: float, more: float) -> None:
    b, c, n = case
    assert tango_p_noninferior(b, c, n, margin + more) <= tango_p_noninferior(b, c, n, margin) + 1e-6


@law
@given(st.integers(0, 500), st.integers(0, 500))
def test_mcnemar_is_symmetric_and_mid_p_is_at_most_exact(better: int, worse: int) -> None:
    assert mcnemar_mid_p(better, worse) == mcnemar_mid_p(worse, better)
    assert 0 <= mcnemar_mid_p(better, worse) <= mcnemar_exact(better, worse) <= 1


@law
@given(st.lists(st.floats(-1, 1, allow_subnormal=False), min_size=2, max_size=50))
def test_swapping_the_candidates_flips_the_sign_of_a_mean_difference(values: list[float]) -> None:
    one, other = paired_mean_interval(values), paired_mean_interval([-value for value in values])
    assert one is not None
    assert other is not None
    assert np.allclose(one, (-other[1], -other[0]), atol=1e-9)
    assert one[0] - SLACK <= float(np.mean(values)) <= one[1] + SLACK
    p, mirrored = paired_mean_p(values), paired_mean_p([-value for value in values])
    assert p is not None
    assert mirrored is not None
    assert math.isclose(p, mirrored, abs_tol=SLACK)


@law
@given(TIMES, st.sampled_from([0.5, 0.9, 0.95, 0.99]), st.randoms())
def test_a_quantile_is_a_value_inside_its_interval_in_any_order(
    times: list[float], q: float, random: object
) -> None:
    value = quantile(times, q)
    low, high = quantile_interval(times, q)
    shuffled = list(times)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis gives a random.Random
    assert quantile(shuffled, q) == value
    if value is None:
        assert low is high is None
        return
    assert value in times
    assert low is None or low <= value
    assert high is None or value <= high


@law
@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12), st.randoms())
def test_holm_never_lowers_a_p_value_and_keeps_the_order(
    p_values: list[float | None], random: object
) -> None:
    places = list(range(len(p_values)))
    random.shuffle(places)  # type: ignore[attr-defined] # hypothesis gives a random.Random
    adjusted = holm(p_values)
    assert holm([p_values[place] for place in places]) == [adjusted[place] for place in places]
    known = sorted((p, a) for p, a in zip(p_values, adjusted, strict=True) if p is not None and a is not None)
    assert all(p <= a <= min(1.0, p * len(p_values)) + SLACK for p, a in known)
    assert [a for _, a in known] == sorted(a for _, a in known)
    assert [a is None for a in adjusted] == [p is None for p in p_values]


@law
@given(
    st.lists(st.tuples(st.floats(0.001, 10), st.booleans()), min_size=2, max_size=60),
    st.floats(0.1, 10),
)
def test_cost_per_success_scales_with_the_currency(rows: list[tuple[float, bool]], rate: float) -> None:
    costs, wins = np.array([cost for cost, _ in rows]), np.array([float(win) for _, win in rows])
    interval = ratio_interval(costs, wins)
    if interval is None:
        assert wins.sum() == 0
        return
    ratio = costs.sum() / wins.sum()
    assert interval[0] <= ratio * (1 + SLACK)
    assert interval[1] >= ratio * (1 - SLACK)
    scaled = ratio_interval(costs * rate, wins)
    assert scaled is not None
    assert np.allclose(np.log(scaled), np.log(interval) + math.log(rate), rtol=1e-6)
    p = [float(ratio_p_below(ratio * factor, ratio_sums(costs, wins))) for factor in (0.5, 1.0, 2.0)]
    assert p == sorted(p, reverse=True)


@law
@given(st.floats(0.05, 0.9), st.floats(0.03, 0.09), st.floats(0.005, 0.3))
def test_a_larger_lead_needs_fewer_cases(bar: float, lead: float, alpha: float) -> None:
    near, far = cases_to_pass(bar + lead / 2, bar, alpha), cases_to_pass(bar + lead, bar, alpha)
    assert near is not None
    assert far is not None
    assert far <= near


@law
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc?")), min_size=1, max_size=60))
def test_swapping_reference_and_answer_swaps_precision_and_recall(pairs: list[tuple[str, str]]) -> None:
    inside = [(truth, answer) for truth, answer in pairs if answer != "?"]
    one = class_figures(confusion(inside, "abc"))
    other = class_figures(confusion([(answer, truth) for truth, answer in inside], "abc"))
    assert [c.precision for c in one] == [c.recall for c in other]
    assert [c.f1 for c in one] == [c.f1 for c in other]
    value = confusion_macro_f1(confusion(pairs, "abc"))
    assert value is not None
    assert 0 <= value <= 1
