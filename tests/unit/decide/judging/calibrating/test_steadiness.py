"""The same asked again, and the same said at greater length."""

import numpy as np
import pytest

from passmuster.decide.judging.calibrating.findings import noise_findings, padding_findings
from passmuster.decide.judging.calibrating.rows import Unit
from passmuster.decide.judging.calibrating.steadiness import Padded, Twice, padding_shift, steadiness

PASS_FAIL = Unit(bounds=(0.0, 1.0), binary=True)
GRADES = Unit(bounds=(1.0, 5.0))


def test_the_deviation_is_that_of_one_judgement_not_of_two() -> None:
    rng = np.random.default_rng(0)
    said = rng.normal(0, 0.7, (20_000, 2))
    found = steadiness([Twice(str(n), one, other) for n, (one, other) in enumerate(said.tolist())])
    assert found is not None
    # 20,000 pairs: the standard error of the deviation is 0.7 / sqrt(40,000) = 0.0035.
    assert found.deviation == pytest.approx(0.7, abs=0.014)


def test_an_answer_that_cannot_be_read_is_counted_apart() -> None:
    found = steadiness([Twice("1", 1.0, 1.0), Twice("2", 1.0, None)])
    assert found is not None
    assert (found.n, found.unread, found.same.value) == (1, 1, 1.0)
    assert steadiness([Twice("1", None, 1.0)]) is None


def test_a_judge_that_changes_its_mind_is_said_to_be_noisy_and_a_steady_one_is_not() -> None:
    noisy = [Twice(str(n), 1.0, float(n % 3 > 0)) for n in range(60)]
    (finding,) = noise_findings(steadiness(noisy), PASS_FAIL)
    assert "20 of 60 replies" in finding.sentence
    steady = [Twice(str(n), 1.0, float(n != 7)) for n in range(60)]
    assert list(noise_findings(steadiness(steady), PASS_FAIL)) == []


def test_grades_that_move_by_little_are_no_noise() -> None:
    little = [Twice(str(n), 4.0, 4.0 + 0.2 * (n % 2)) for n in range(60)]
    assert list(noise_findings(steadiness(little), GRADES)) == []
    much = [Twice(str(n), 4.0, 4.0 - (n % 2)) for n in range(60)]
    assert [each.kind for each in noise_findings(steadiness(much), GRADES)] == ["noise"]


def test_padding_that_is_rewarded_is_a_fault_and_padding_that_costs_is_told() -> None:
    up = [Padded(str(n), 3.0, 3.0 + (n % 2), 100, 300) for n in range(30)]
    down = [Padded(str(n), 3.0, 3.0 - (n % 2), 100, 300) for n in range(30)]
    (better,) = padding_findings(padding_shift(up, GRADES), GRADES)
    (worse,) = padding_findings(padding_shift(down, GRADES), GRADES)
    assert (better.severity, worse.severity) == ("fault", "note")
    assert "at 3.0 times the length is judged better (+0.50 on 30 replies)" in better.sentence


def test_the_shift_of_passes_is_told_in_points_and_what_cannot_be_read_is_no_shift() -> None:
    probe = [Padded(str(n), 0.0, float(n < 12), 100, 300) for n in range(30)]
    found = padding_shift([*probe, Padded("x", 0.0, None, 100, 300)], PASS_FAIL)
    assert found is not None
    assert (found.n, found.unread) == (30, 1)
    (finding,) = padding_findings(found, PASS_FAIL)
    assert "+40 points of pass rate" in finding.sentence
    assert padding_shift([Padded("x", None, 1.0, 1, 2)], PASS_FAIL) is None
