"""What swapping the sides tells of a pairwise judge."""

import numpy as np
import pytest
from scipy.stats import binom

from passmuster.decide.judging.calibrating.findings import ALPHA, position_findings
from passmuster.decide.judging.calibrating.positions import position_bias
from passmuster.decide.judging.calibrating.rows import Swapped


def orders(consistent: int = 0, first: int = 0, second: int = 0) -> list[Swapped]:
    """Return so many comparisons of each kind."""
    found: list[Swapped] = ["consistent"] * consistent
    found += ["first"] * first
    found += ["second"] * second
    return found


def test_the_test_is_the_mid_p_of_a_fair_coin_over_the_verdicts_that_changed() -> None:
    found = position_bias(orders(50, 14, 4))
    assert found is not None
    exact = 2 * binom.cdf(4, 18, 0.5) - binom.pmf(4, 18, 0.5)
    assert found.p == pytest.approx(exact)
    assert found.lean.value == pytest.approx(14 / 18)


def test_a_judge_that_is_as_often_moved_to_either_side_is_not_said_to_lean() -> None:
    found = position_bias(orders(30, 15, 15))
    assert [finding.kind for finding in position_findings(found)] == ["inconsistent"]


def test_a_lean_to_the_second_place_is_named_as_that() -> None:
    found = position_bias(orders(80, 0, 20))
    (finding,) = position_findings(found)
    assert finding.kind == "position"
    assert "20 went to the second place (100 %)" in finding.sentence


def test_few_comparisons_are_no_finding_and_none_no_bias() -> None:
    assert list(position_findings(position_bias(orders(0, 12)))) == []
    assert position_bias([]) is None


def test_verdicts_on_one_case_are_no_evidence_of_their_own() -> None:
    once = orders(20, 15, 5)
    cases = list(range(40))
    alone, copied = position_bias(once, cases), position_bias(once * 6, cases * 6)
    assert alone is not None
    assert copied is not None
    assert alone.p == position_bias(once).p  # type: ignore[union-attr]
    assert copied.p == pytest.approx(alone.p, abs=0.01)
    assert copied.method == "paired t, clustered by case"
    for one, six in ((alone.consistent, copied.consistent), (alone.lean, copied.lean)):
        assert one.low is not None
        assert six.low == pytest.approx(one.low, abs=0.06)


def test_a_judge_that_is_moved_by_cases_and_by_no_place_is_seldom_accused() -> None:
    """1,000 judges, each on 60 cases under six prompts that move with the case; more than 2 % at a true 1 %: 1 in 500."""
    rng = np.random.default_rng(11)
    cases = np.repeat(np.arange(60), 6).tolist()
    accused = naive = 0
    for _ in range(1000):
        lean = rng.beta(0.5, 0.5, 60)[cases]
        moved = np.where(rng.random(360) < lean, "first", "second")
        swapped: list[Swapped] = np.where(rng.random(360) < 0.5, "consistent", moved).tolist()
        by_case, one_by_one = position_bias(swapped, cases), position_bias(swapped)
        accused += by_case is not None and by_case.p < ALPHA
        naive += one_by_one is not None and one_by_one.p < ALPHA
    assert accused <= 20
    assert naive > 50
