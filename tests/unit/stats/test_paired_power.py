import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_confint

from passmuster.stats.paired import mcnemar_mid_p, tango_p_noninferior
from passmuster.stats.paired_power import (
    cases_from_pilot,
    discordance_interval,
    mcnemar_power,
    noninferiority_cases,
    paired_cases,
    paired_mean_cases,
    smallest_gap,
    smallest_margin,
    unpaired_cases,
)

GAPS = [(0.02, 0.05, 979), (0.02, 0.10, 1960), (0.02, 0.20, 3923), (0.02, 0.30, 5885)]
GAPS += [(0.03, 0.05, 434), (0.03, 0.10, 870), (0.03, 0.20, 1742), (0.03, 0.30, 2614)]
GAPS += [(0.05, 0.10, 312), (0.05, 0.20, 626), (0.05, 0.30, 940), (0.10, 0.20, 155), (0.10, 0.30, 234)]


@pytest.mark.parametrize(("gap", "discordance", "expected"), GAPS)
def test_pairs_that_show_a_gap(gap: float, discordance: float, expected: int) -> None:
    assert paired_cases(gap, discordance) == expected
    assert paired_cases(-gap, discordance) == expected


def brute_power(n: int, gap: float, discordance: float) -> float:
    """The power by all counts of discordant cases and all their divisions, with scipy's distributions."""
    power = 0.0
    for m in range(1, n + 1):
        better = np.arange(m + 1.0)
        rejects = mcnemar_mid_p(better, m - better) <= 0.05
        chance = stats.binom.pmf(better, m, (1 + gap / discordance) / 2)[rejects].sum()
        power += float(stats.binom.pmf(m, n, discordance) * chance)
    return power


@pytest.mark.parametrize(
    ("n", "gap", "discordance"),
    [(1, 0.1, 0.2), (5, 0.02, 0.1), (40, 0.2, 0.2), (312, 0.05, 0.1), (300, 0.0, 0.1)],
)
def test_the_power_is_that_of_enumerating_everything(n: int, gap: float, discordance: float) -> None:
    assert mcnemar_power(n, gap, discordance) == pytest.approx(brute_power(n, gap, discordance), abs=1e-10)


def test_no_discordance_at_all_has_no_power_to_speak_of() -> None:
    assert mcnemar_power(0, 0.1, 0.2) == 0.0
    with pytest.raises(ValueError, match="gap"):
        mcnemar_power(10, 0.3, 0.2)


@pytest.mark.parametrize(("gap", "discordance", "n"), GAPS)
def test_the_formula_gives_80_percent_power_in_the_test_that_is_used(
    gap: float, discordance: float, n: int
) -> None:
    """By enumeration; .80 to .81, at 5% discordance, where the counts are small, up to .824."""
    assert 0.80 <= mcnemar_power(n, gap, discordance) <= 0.825


def test_1960_pairs_give_80_percent_power() -> None:
    assert mcnemar_power(1960, 0.02, 0.10) == pytest.approx(0.802, abs=0.001)


def test_pairs_taken_as_two_samples_would_ask_for_too_many() -> None:
    """The naive number, of two independent samples: at 5% discordance nearly five times too many."""
    naive, paired = unpaired_cases(0.85, 0.87), paired_cases(0.02, 0.05)
    assert (naive, paired) == (4724, 979)
    assert mcnemar_power(4724, 0.02, 0.05) > 0.999


@pytest.mark.parametrize(("gap", "n"), [(0.02, 4724), (0.03, 2036), (0.05, 686), (0.10, 141)])
def test_unpaired_cases_by_arm(gap: float, n: int) -> None:
    assert unpaired_cases(0.85, 0.85 + gap) == unpaired_cases(0.85 + gap, 0.85) == n


def test_unpaired_cases_are_about_those_of_statsmodels() -> None:
    """Its effect size is Cohen's h, an approximation of the same."""
    effect = 2 * (np.arcsin(np.sqrt(0.87)) - np.arcsin(np.sqrt(0.85)))
    expected = NormalIndPower().solve_power(effect, power=0.8, alpha=0.05)
    assert unpaired_cases(0.85, 0.87) == pytest.approx(expected, rel=0.01)
    assert unpaired_cases(0.5, 0.5) is None


@pytest.mark.parametrize(("gap", "discordance"), [(0.05, 0.05), (0.1, 0.05), (0.0, 0.2), (1e-6, 0.2)])
def test_a_gap_that_cannot_be_or_be_shown_needs_no_number(gap: float, discordance: float) -> None:
    assert paired_cases(gap, discordance) is None


def test_mean_scores_need_what_a_t_test_needs() -> None:
    n = paired_mean_cases(0.05, 0.30)
    assert n == 283
    power = stats.nct.sf(stats.t.ppf(0.975, n - 1), n - 1, 0.05 / 0.30 * np.sqrt(n))
    assert power == pytest.approx(0.80, abs=0.005)
    assert paired_mean_cases(0.0, 0.3) is None
    assert paired_mean_cases(0.1, 0.0) is None


MARGINS = [(0.02, 0.05, 773), (0.02, 0.10, 1546), (0.02, 0.20, 3092), (0.02, 0.30, 4637)]
MARGINS += [(0.05, 0.05, 124), (0.05, 0.10, 248), (0.05, 0.20, 495), (0.05, 0.30, 742)]


@pytest.mark.parametrize(("margin", "discordance", "expected"), MARGINS)
def test_pairs_that_show_not_worse(margin: float, discordance: float, expected: int) -> None:
    assert noninferiority_cases(margin, discordance) == expected


def score_power(n: int, margin: float, discordance: float) -> float:
    """The power of the score test at no difference, over all counts that are not next to impossible."""
    total = np.arange(n + 1.0)
    chance = stats.binom.pmf(total, n, discordance)
    power = 0.0
    for m, weight in zip(total, chance, strict=True):
        if weight > 1e-10:
            better = np.arange(m + 1)
            passes = tango_p_noninferior(better, m - better, n, margin) <= 0.05
            power += float(weight * stats.binom.pmf(better, m, 0.5)[passes].sum())
    return power


@pytest.mark.parametrize(("margin", "discordance", "n"), MARGINS)
def test_not_worse_is_shown_with_about_80_percent_power(margin: float, discordance: float, n: int) -> None:
    """By enumeration. The formula is of Wald's test; the score test, which keeps its level, has .77 to .80.

    At 5% discordance and a margin as large, where 6 of 124 cases differ, it has .714.
    """
    least = 0.71 if discordance == margin == 0.05 else 0.77
    assert least <= score_power(n, margin, discordance) <= 0.80


def test_not_worse_depends_on_the_true_difference() -> None:
    assert noninferiority_cases(0.05, 0.1, difference=-0.05) is None
    better, equal = noninferiority_cases(0.05, 0.1, difference=0.02), noninferiority_cases(0.05, 0.1)
    assert better is not None
    assert equal is not None
    assert better < equal


@pytest.mark.parametrize(("gap", "discordance", "n"), GAPS)
def test_the_smallest_gap_inverts_the_number_of_pairs(gap: float, discordance: float, n: int) -> None:
    found = smallest_gap(n, discordance)
    assert found is not None
    assert found <= gap
    assert found == pytest.approx(gap, rel=0.005)


@pytest.mark.parametrize(("margin", "discordance", "n"), MARGINS)
def test_the_smallest_margin_inverts_it_too(margin: float, discordance: float, n: int) -> None:
    found = smallest_margin(n, discordance)
    assert found is not None
    assert found <= margin
    assert found == pytest.approx(margin, rel=0.005)


def test_too_few_cases_show_nothing() -> None:
    assert smallest_gap(5, 0.1) is None
    assert smallest_gap(0, 0.1) is None
    assert smallest_margin(0, 0.1) is None


def test_what_a_pilot_says_has_the_interval_of_statsmodels() -> None:
    value, low, high = discordance_interval(7, 50)
    assert (low, high) == pytest.approx(proportion_confint(7, 50, method="wilson"), abs=1e-12)
    assert value == 8 / 52


def test_a_pilot_without_discordant_cases_still_asks_for_cases() -> None:
    value, low, high = cases_from_pilot(0.02, 0, 50)
    assert value is None  # 1 of 52 differ, so two candidates cannot differ by 2 points
    assert low is None
    assert high == paired_cases(0.02, discordance_interval(0, 50)[2])
