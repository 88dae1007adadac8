import math

import numpy as np
import pytest

from passmuster.stats.arrays import FloatArray
from passmuster.stats.judged.corrected import corrected
from passmuster.stats.judged.differences import corrected_difference

NAN = math.nan
BOUNDS = (0.0, 1.0)


def of_side(total: int, rated: slice, share: float, seed: int) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    truth = (rng.random(total) < share).astype(np.float64)
    judged = np.where(rng.random(total) < 0.85, truth, 1 - truth)
    human = np.full(total, NAN)
    human[rated] = truth[rated]
    return judged, human


def test_it_is_the_difference_of_the_two_corrected_values() -> None:
    a, b = of_side(500, slice(0, 60), 0.8, 1), of_side(500, slice(100, 160), 0.6, 2)
    found = corrected_difference(*a, *b, bounds=BOUNDS)
    one, other = corrected(*a, bounds=BOUNDS), corrected(*b, bounds=BOUNDS)
    assert one is not None
    assert other is not None
    assert found.value == pytest.approx(one.value - other.value)
    assert found.n == 120
    assert found.n_missing == 380


def test_ratings_of_different_cases_add_their_variances() -> None:
    a, b = of_side(4000, slice(0, 60), 0.8, 1), of_side(4000, slice(100, 160), 0.6, 2)
    found = corrected_difference(*a, *b, bounds=BOUNDS)
    one, other = corrected(*a, bounds=BOUNDS), corrected(*b, bounds=BOUNDS)
    assert one is not None
    assert other is not None
    assert found.low is not None
    assert found.high is not None
    half = (found.high - found.low) / 2
    assert half == pytest.approx(2 * math.hypot(one.error, other.error), rel=0.05)


def test_candidates_that_answer_alike_differ_less_when_the_same_cases_are_rated() -> None:
    rng = np.random.default_rng(4)
    judged, human = of_side(1000, slice(0, 100), 0.7, 3)
    other = np.where(rng.random(1000) < 0.05, 1 - judged, judged)
    near = np.where(rng.random(1000) < 0.05, 1 - human, human)
    apart = np.full(1000, NAN)
    apart[200:300] = (rng.random(100) < 0.7).astype(float)
    same = corrected_difference(judged, human, other, near, bounds=BOUNDS)
    else_where = corrected_difference(judged, human, other, apart, bounds=BOUNDS)
    assert same.low is not None
    assert same.high is not None
    assert else_where.low is not None
    assert else_where.high is not None
    assert same.high - same.low < 0.6 * (else_where.high - else_where.low)


def test_sides_that_are_the_same_differ_by_nothing_but_not_with_certainty() -> None:
    side = of_side(500, slice(0, 60), 0.8, 1)
    found = corrected_difference(*side, *side, bounds=BOUNDS)
    assert found.value == 0
    assert found.low is not None
    assert found.high is not None
    assert -0.05 < found.low < 0 < found.high < 0.05
    assert found.p == 1


def test_one_against_the_other_is_the_other_way_round() -> None:
    a, b = of_side(500, slice(0, 60), 0.8, 1), of_side(500, slice(30, 90), 0.6, 2)
    there, back = corrected_difference(*a, *b, bounds=(1, 3)), corrected_difference(*b, *a, bounds=(1, 3))
    assert there.value is None or there.value == -(back.value or 0)


def test_a_scale_is_its_own_unit() -> None:
    a, b = of_side(500, slice(0, 60), 0.8, 1), of_side(500, slice(30, 90), 0.6, 2)
    ones = corrected_difference(*a, *b, bounds=BOUNDS)
    fours = corrected_difference(*(1 + 4 * each for each in (*a, *b)), bounds=(1, 5))
    assert ones.value is not None
    assert ones.low is not None
    assert [fours.value, fours.low, fours.p] == pytest.approx([4 * ones.value, 4 * ones.low, ones.p])


def test_without_ratings_of_one_side_there_is_no_difference() -> None:
    a = of_side(500, slice(0, 60), 0.8, 1)
    found = corrected_difference(*a, a[0], np.full(500, NAN), bounds=BOUNDS)
    assert found.value is None
    assert found.low is None
    assert "too few ratings" in found.method


def test_cases_that_come_in_fours_are_worth_a_quarter() -> None:
    a, b = of_side(300, slice(0, 60), 0.8, 1), of_side(300, slice(30, 90), 0.6, 2)
    four = np.repeat(np.arange(300), 4)
    plain = corrected_difference(*a, *b, bounds=BOUNDS)
    grouped = corrected_difference(*(each[four] for each in (*a, *b)), bounds=BOUNDS, groups=four)
    assert plain.low is not None
    assert plain.high is not None
    assert grouped.low is not None
    assert grouped.high is not None
    assert grouped.high - grouped.low == pytest.approx(plain.high - plain.low, rel=0.06)
