"""The noise floor: how often results flip with no change at all."""

import numpy as np
import pytest
from tests.unit.decide.gate.two_versions import RULE, cases_of, laid, measured, signs, wavering

from passmuster.decide.gate.again import Again
from passmuster.decide.gate.floor import noise_floor
from passmuster.stats.intervals import wilson


def _ids(number: int) -> list[str]:
    return [case.id for case in cases_of(number)]


def test_a_version_that_was_asked_once_has_no_floor() -> None:
    main = laid("++--", "++++")
    assert noise_floor(main.old, main.new, RULE, _ids(4)) is None
    assert noise_floor(main.old, main.new, RULE, _ids(4), Again()) is None


def test_the_sample_that_was_asked_once_more_tells_it() -> None:
    old = "+" * 100
    twice = {str(place): (place >= 8,) for place in range(80)}
    found = noise_floor(measured(old), measured("-" * 20 + "+" * 80), RULE, _ids(100), Again(twice=twice))
    assert found is not None
    assert found.cases == 80
    assert found.flip_rate.value == pytest.approx(0.1)
    assert (found.flip_rate.low, found.flip_rate.high) == pytest.approx(wilson(8, 80))
    assert found.churn.value == pytest.approx(0.2 - 0.1)
    assert found.churn.low is not None
    assert found.churn.low < 0.1 - 0.05


def test_stored_repeats_come_first_and_every_pair_of_them_counts() -> None:
    old = measured(["+++-", "+-+-", "++--"])
    found = noise_floor(old, measured("++++"), RULE, _ids(4), Again(twice={"0": (False,)}))
    assert found is not None
    assert found.flip_rate.value == pytest.approx((0 + 2 / 3 + 2 / 3 + 0) / 4)
    assert found.churn.value == pytest.approx((0 + 1 / 3 + 1 / 3 + 1) / 4 - 1 / 3)
    assert "repeats of 4 cases" in found.source


def test_a_repeat_that_nobody_can_judge_is_left_out() -> None:
    found = noise_floor(measured(["++", "?-"]), measured("++"), RULE, _ids(2))
    assert found is not None
    assert (found.cases, found.flip_rate.value) == (1, 1.0)


def test_two_equal_models_have_no_churn_beyond_the_floor() -> None:
    """200 pairs of equal models, seed 7: each 95% interval misses 0 in fewer than 10 of 100 but by a chance of 0.1%."""
    generator, missed = np.random.default_rng(7), 0
    for _ in range(200):
        chance = wavering(generator, 300)
        old, new, more = (signs(generator.random(300) < chance) for _ in range(3))
        twice = {str(place): (more[place] == "+",) for place in range(100)}
        found = noise_floor(measured(old), measured(new), RULE, _ids(300), Again(twice=twice))
        assert found is not None
        assert found.churn.low is not None
        assert found.churn.high is not None
        missed += not found.churn.low <= 0 <= found.churn.high
    assert missed <= 20
