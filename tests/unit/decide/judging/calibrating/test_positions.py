"""What swapping the sides tells of a pairwise judge."""

import pytest
from scipy.stats import binom

from passmuster.decide.judging.calibrating.findings import position_findings
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
