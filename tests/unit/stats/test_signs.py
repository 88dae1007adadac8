"""The test by signs of differences."""

from itertools import product

import numpy as np
import pytest

from passmuster.stats.paired import mcnemar_mid_p
from passmuster.stats.signs import sign_flip_p


@pytest.mark.parametrize(
    "differences", [[-3, -3, 1], [-2, 1, 1, -1, 3], [2, 2, 2], [-1, 1], [-5], [0, -1, 0, -2]]
)
def test_it_is_the_share_of_all_signs_that_leave_a_smaller_sum(differences: list[int]) -> None:
    sizes = [abs(each) for each in differences if each]
    sums = [sum(sign * size for sign, size in zip(signs, sizes, strict=True)) for signs in product((-1, 1), repeat=len(sizes))]  # fmt: skip
    own = sum(differences)
    expected = (
        sum(each < own for each in sums) / len(sums) + sum(each == own for each in sums) / len(sums) / 2
    )
    assert sign_flip_p(differences) == pytest.approx(expected)


@pytest.mark.parametrize(("better", "worse"), [(0, 1), (1, 9), (4, 4), (3, 12)])
def test_of_single_flips_it_is_mcnemars(better: int, worse: int) -> None:
    found = sign_flip_p([1] * better + [-1] * worse)
    assert found == pytest.approx(mcnemar_mid_p(better, worse) / 2)


def test_the_cases_of_a_group_turn_together() -> None:
    assert sign_flip_p([-1] * 6) == pytest.approx(2**-7)
    assert sign_flip_p([-1] * 6, [0, 0, 0, 1, 1, 1]) == pytest.approx(2**-3)


def test_what_is_unknown_is_left_out_and_nothing_is_no_evidence() -> None:
    assert sign_flip_p([-1, np.nan, -1]) == sign_flip_p([-1, -1])
    assert sign_flip_p([np.nan, 0.0]) is None
    assert sign_flip_p([1, -1, np.nan], [0, 0, 1]) is None


def test_many_differences_take_the_normal_form_that_the_exact_one_comes_to() -> None:
    generator = np.random.default_rng(2)
    few = generator.choice([-3, -2, -1, 1, 2, 3], 700, p=[0.2, 0.2, 0.15, 0.15, 0.15, 0.15])
    exact = sign_flip_p(few)
    z = few.sum() / np.sqrt((few**2).sum())
    many = sign_flip_p(np.tile(few, 20))
    assert exact is not None
    assert many is not None
    assert many < exact < 0.2
    assert sign_flip_p(np.concatenate([few, -few] * 10)) == pytest.approx(0.5)
    assert abs(z) < 4
