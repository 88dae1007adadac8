import numpy as np
import pytest
from scipy import optimize, stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.contingency_tables import mcnemar

from passmuster.stats.arrays import FloatArray
from passmuster.stats.paired import (
    mcnemar_exact,
    mcnemar_mid_p,
    mcnemar_mid_p_worse,
    paired_mean_interval,
    paired_mean_p,
    tango_interval,
    tango_p_inferior,
    tango_p_noninferior,
)

COUNTS = [(0, 1), (1, 0), (3, 3), (9, 1), (2, 14), (40, 61), (300, 250)]


@pytest.mark.parametrize(("better", "worse"), COUNTS)
def test_the_exact_test_equals_statsmodels(better: int, worse: int) -> None:
    expected = mcnemar([[5, better], [worse, 7]], exact=True).pvalue
    assert mcnemar_exact(better, worse) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("better", "worse"), COUNTS)
def test_mid_p_is_the_exact_one_less_the_probability_of_the_counts(better: int, worse: int) -> None:
    small, total = min(better, worse), better + worse
    expected = 2 * stats.binom.cdf(small, total, 0.5) - stats.binom.pmf(small, total, 0.5)
    assert mcnemar_mid_p(better, worse) == pytest.approx(expected, abs=1e-12)


def test_without_discordant_cases_nothing_differs() -> None:
    assert mcnemar_exact(0, 0) == mcnemar_mid_p(0, 0) == 1.0


def test_arrays_give_what_numbers_give() -> None:
    better, worse = (np.array(side, dtype=float) for side in zip(*COUNTS, strict=True))
    assert mcnemar_exact(better, worse).tolist() == [mcnemar_exact(b, c) for b, c in COUNTS]
    assert mcnemar_mid_p(better, worse).tolist() == [mcnemar_mid_p(b, c) for b, c in COUNTS]
    assert tango_p_noninferior(better, worse, 600, 0.03).tolist() == [
        tango_p_noninferior(b, c, 600, 0.03) for b, c in COUNTS
    ]


def test_negative_counts_and_more_discordant_cases_than_cases_are_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        mcnemar_exact(-1, 4)
    with pytest.raises(ValueError, match="at most n"):
        tango_interval(6, 5, 10)


def rejections(n: int) -> tuple[FloatArray, FloatArray]:
    """Chance that mid-p and exact reject at 5%, given m = 0..n discordant cases under no difference."""
    mid, exact = np.zeros(n + 1), np.zeros(n + 1)
    for m in range(n + 1):
        b = np.arange(m + 1.0)
        chance = stats.binom.pmf(b, m, 0.5)
        mid[m] = chance[mcnemar_mid_p(b, m - b) <= 0.05].sum()
        exact[m] = chance[mcnemar_exact(b, m - b) <= 0.05].sum()
    return mid, exact


def false_alarms(n: int, rates: FloatArray) -> tuple[FloatArray, FloatArray]:
    mid, exact = rejections(n)
    chance = stats.binom.pmf(np.arange(n + 1)[None, :], n, rates[:, None])
    return chance @ mid, chance @ exact


def asymptotic_false_alarms(n: int, rates: FloatArray) -> FloatArray:
    """Chance that (b - c)^2 / (b + c) exceeds the chi-square quantile under no difference."""
    rejects = np.zeros(n + 1)
    for m in range(1, n + 1):
        b = np.arange(m + 1.0)
        rejects[m] = stats.binom.pmf(b, m, 0.5)[(2 * b - m) ** 2 / m > stats.chi2.ppf(0.95, 1)].sum()
    return np.asarray(stats.binom.pmf(np.arange(n + 1)[None, :], n, rates[:, None]) @ rejects)


def test_mid_p_keeps_its_level_at_usual_discordances() -> None:
    rates = np.arange(0.02, 0.5001, 0.005)
    mid, exact = false_alarms(100, rates)
    assert mid.max() <= 0.05
    assert exact.max() < 0.037
    assert np.all(mid >= exact)
    assert asymptotic_false_alarms(100, rates).max() > 0.053  # the naive chi-square test, no correction


def test_the_most_that_mid_p_exceeds_its_level_is_known() -> None:
    mid, _ = false_alarms(100, np.linspace(0.001, 1.0, 1000))
    assert mid.max() == pytest.approx(0.0569, abs=0.0001)


@pytest.mark.parametrize(
    ("discordance", "mid_p", "exact"), [(0.1, 0.041, 0.022), (0.2, 0.046, 0.029), (0.3, 0.045, 0.031)]
)
def test_false_alarm_rates_of_the_two_tests(discordance: float, mid_p: float, exact: float) -> None:
    found = false_alarms(100, np.array([discordance]))
    assert (float(found[0][0]), float(found[1][0])) == pytest.approx((mid_p, exact), abs=0.0006)


def test_tango_reproduces_the_published_example() -> None:
    """Airway reactivity, 21 children: 1 and 7 discordant (Fagerland, Lydersen and Laake 2014)."""
    assert tango_interval(1, 7, 21) == pytest.approx((-0.517, -0.026), abs=0.0005)


def score_by_root(b: int, c: int, n: int, delta: float) -> float:
    """The score statistic with the restricted likelihood equation solved numerically."""

    def slope(worse: float) -> float:
        return b / (worse + delta) + c / worse - 2 * (n - b - c) / (1 - 2 * worse - delta)

    span = (max(0.0, -delta) + 1e-9, (1 - delta) / 2 - 1e-9)
    q = optimize.brentq(slope, *span, xtol=1e-16, rtol=1e-15)
    return float((b - c - n * delta) / np.sqrt(n * (2 * q + delta * (1 - delta))))


@pytest.mark.parametrize(("b", "c", "n"), [(12, 5, 100), (1, 7, 21), (40, 44, 300), (3, 2, 50)])
@pytest.mark.parametrize("margin", [0.02, 0.05, -0.03])
def test_the_score_test_equals_the_root_of_the_likelihood_equation(
    b: int, c: int, n: int, margin: float
) -> None:
    expected = stats.norm.sf(score_by_root(b, c, n, -margin))
    assert tango_p_noninferior(b, c, n, margin) == pytest.approx(expected, abs=1e-12)
    assert tango_p_inferior(b, c, n, margin) == pytest.approx(1 - expected, abs=1e-12)


def test_tango_without_margin_is_mcnemars_score_test() -> None:
    assert tango_p_noninferior(30, 18, 200, 0.0) == pytest.approx(stats.norm.sf(12 / np.sqrt(48)), abs=1e-12)


def test_the_interval_ends_where_the_test_turns() -> None:
    low, high = tango_interval(12, 5, 100, level=0.9)
    assert tango_p_noninferior(12, 5, 100, -low) == pytest.approx(0.05, abs=1e-9)
    assert tango_p_inferior(12, 5, 100, -high) == pytest.approx(0.05, abs=1e-9)


def test_no_discordance_gives_z2_over_n_plus_z2() -> None:
    z2 = stats.norm.ppf(0.975) ** 2
    assert tango_interval(0, 0, 30) == pytest.approx((-z2 / (30 + z2), z2 / (30 + z2)), abs=1e-12)


def test_extreme_and_empty_pairs_stay_in_range() -> None:
    assert tango_interval(0, 0, 0) == (-1.0, 1.0)
    assert tango_p_noninferior(0, 0, 0, 0.05) == 1.0
    assert tango_p_noninferior(0, 0, 40, 0.0) == 0.5
    low, high = tango_interval(20, 0, 20)
    assert 0.6 < low < 1.0
    assert high == pytest.approx(1.0)


def boundary_type_one(n: int, discordance: float, margin: float) -> tuple[float, float]:
    """Exact chance that the score test and Wald's pass a candidate that is worse by just the margin."""
    b, c = (grid.ravel() for grid in np.meshgrid(np.arange(n + 1.0), np.arange(n + 1.0)))
    b, c = b[b + c <= n], c[b + c <= n]
    rates = [(discordance - margin) / 2, (discordance + margin) / 2, 1 - discordance]
    chance = stats.multinomial.pmf(np.stack([b, c, n - b - c], axis=1), n, rates)
    d = (b - c) / n
    error = np.sqrt(np.maximum((b + c) / n - d * d, 0) / n)
    wald = (d + margin) > 1.6449 * error
    return float(chance[tango_p_noninferior(b, c, n, margin) <= 0.05].sum()), float(chance[wald].sum())


@pytest.mark.parametrize(
    ("discordance", "score", "wald"), [(0.05, 0.039, 0.100), (0.1, 0.043, 0.062), (0.2, 0.048, 0.057)]
)
def test_the_score_test_keeps_its_level_where_wald_fails(
    discordance: float, score: float, wald: float
) -> None:
    found = boundary_type_one(100, discordance, 0.03)
    assert found == pytest.approx((score, wald), abs=0.002)
    assert found[0] <= 0.051 < found[1]


@pytest.mark.parametrize("n", [50, 100])
@pytest.mark.parametrize(("gap", "discordance"), [(0.0, 0.1), (0.05, 0.1), (0.05, 0.2), (0.1, 0.3)])
def test_tangos_interval_covers_95_percent(n: int, gap: float, discordance: float) -> None:
    """By enumeration: .951 to .962; Wald's .935 to .952."""
    found = coverage(n, gap, discordance)
    assert 0.95 <= found[0] <= 0.963
    if (n, gap, discordance) == (50, 0.05, 0.1):
        assert found[1] < 0.94


def coverage(n: int, gap: float, discordance: float) -> tuple[float, float]:
    """Chance that Tango's and Wald's interval hold the true difference."""
    b, c = (grid.ravel() for grid in np.meshgrid(np.arange(n + 1.0), np.arange(n + 1.0)))
    b, c = b[b + c <= n], c[b + c <= n]
    rates = [(discordance + gap) / 2, (discordance - gap) / 2, 1 - discordance]
    chance = stats.multinomial.pmf(np.stack([b, c, n - b - c], axis=1), n, rates)
    low, high = tango_interval(b, c, n)
    d = (b - c) / n
    half = 1.959964 * np.sqrt(np.maximum((b + c) / n - d * d, 0) / n)
    return float(chance[(low <= gap) & (gap <= high)].sum()), float(chance[np.abs(d - gap) <= half].sum())


def test_the_paired_mean_is_the_t_test() -> None:
    differences = np.random.default_rng(2).normal(0.05, 0.2, 40)
    expected = stats.ttest_1samp(differences, 0.0)
    interval = expected.confidence_interval(0.95)
    assert paired_mean_interval(differences) == pytest.approx((interval.low, interval.high), abs=1e-12)
    assert paired_mean_p(differences) == pytest.approx(expected.pvalue, abs=1e-12)
    for side in ("greater", "less"):
        one = stats.ttest_1samp(differences, -0.02, alternative=side).pvalue
        found = paired_mean_p(differences, -0.02, "greater" if side == "greater" else "less")
        assert found == pytest.approx(one, abs=1e-12)


def test_clustered_differences_use_cr1() -> None:
    rng = np.random.default_rng(8)
    clusters = np.repeat(np.arange(30), rng.integers(1, 6, 30))
    values = rng.normal(0.1, 0.1, 30)[clusters] + rng.normal(0, 0.1, clusters.size)
    fit = OLS(values, np.ones_like(values)).fit(
        cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False}
    )
    error = float(fit.bse[0]) * np.sqrt(30 / 29)
    half = stats.t.ppf(0.975, 29) * error
    found = paired_mean_interval(values, clusters=clusters)
    assert found == pytest.approx((values.mean() - half, values.mean() + half), abs=1e-12)
    p = 2 * stats.t.sf(abs(values.mean()) / error, 29)
    assert paired_mean_p(values, clusters=clusters) == pytest.approx(p, abs=1e-12)


def test_equal_candidates_are_not_shown_to_be_equal() -> None:
    interval = paired_mean_interval([0.0] * 30)
    assert interval is not None
    assert interval[0] < -0.05
    assert interval[1] > 0.05
    assert paired_mean_p([0.0] * 30) == 1.0
    p = paired_mean_p([0.0] * 30, -0.02, "greater")
    assert p is not None
    assert p > 0.05


def test_one_pair_or_one_cluster_gives_nothing() -> None:
    assert paired_mean_interval([0.2]) is None
    assert paired_mean_p([0.2]) is None
    assert paired_mean_interval([]) is None
    assert paired_mean_p([0.2, 0.4], clusters=["a", "a"]) is None


@pytest.mark.parametrize(("better", "worse"), [*COUNTS, (0, 0)])
def test_the_one_sided_mid_p_counts_half_of_what_was_seen(better: int, worse: int) -> None:
    fair = stats.binom(better + worse, 0.5)
    expected = fair.cdf(better) - fair.pmf(better) / 2
    assert mcnemar_mid_p_worse(better, worse) == pytest.approx(expected, abs=1e-12)
    both = mcnemar_mid_p_worse(better, worse) + mcnemar_mid_p_worse(worse, better)
    assert both == pytest.approx(1.0, abs=1e-12)


def test_counts_of_cases_are_not_negative() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        mcnemar_mid_p_worse(-1, 3)
