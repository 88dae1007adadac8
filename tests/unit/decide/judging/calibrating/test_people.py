"""Agreement of a judge with people: by hand, against scikit-learn, and under a draw by verdicts."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from passmuster.decide.judging.calibrating.people import agreement
from passmuster.decide.judging.calibrating.rows import JudgedReply, Unit, beside

PASS_FAIL = Unit(bounds=(0.0, 1.0), binary=True)
GRADES = Unit(bounds=(1.0, 5.0))
PAIRS = Unit(bounds=(0.0, 1.0), pairwise=True)


def row(case: int, judge: float | None, human: float | None, **more: object) -> JudgedReply:
    known = {
        "candidate": "a",
        "case": str(case),
        "group": str(case),
        "stratum": f"{judge}",
        "drawn": human is not None,
    }
    return JudgedReply(value=judge, human=human, **{**known, **more})  # type: ignore[arg-type]


def table(both: int, judge_only: int, human_only: int, neither: int) -> list[JudgedReply]:
    """Return pass/fail rows: passed by both, by the judge only, by people only, by neither."""
    said = (
        [(1.0, 1.0)] * both + [(1.0, 0.0)] * judge_only + [(0.0, 1.0)] * human_only + [(0.0, 0.0)] * neither
    )
    return [row(case, judge, human) for case, (judge, human) in enumerate(said)]


def test_the_coefficients_of_a_table_are_those_of_the_books() -> None:
    found = agreement(beside(table(40, 10, 5, 45)), PASS_FAIL)
    assert found is not None
    assert found.kappa is not None
    assert found.ac1 is not None
    assert found.sensitivity is not None
    assert found.specificity is not None
    assert found.same.value == pytest.approx(0.85)
    assert found.kappa.value == pytest.approx(0.7)
    pi = (0.5 + 0.45) / 2
    assert found.ac1.value == pytest.approx((0.85 - 2 * pi * (1 - pi)) / (1 - 2 * pi * (1 - pi)))
    assert found.sensitivity.value == pytest.approx(40 / 45)
    assert found.specificity.value == pytest.approx(45 / 55)
    assert found.gap.value == pytest.approx(0.05)


def test_kappa_of_pairs_with_ties_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(5)
    human = rng.choice([0.0, 0.5, 1.0], 200)
    judge = np.where(rng.random(200) < 0.7, human, rng.choice([0.0, 0.5, 1.0], 200))
    rows = [
        row(case, one, other, stratum="") for case, (one, other) in enumerate(zip(judge, human, strict=True))
    ]
    found = agreement(beside(rows), PAIRS)
    assert found is not None
    assert found.kappa is not None
    assert found.kappa.value == pytest.approx(
        cohen_kappa_score((2 * judge).astype(int), (2 * human).astype(int))
    )
    assert found.sensitivity is None


def test_ratings_drawn_by_verdict_are_weighted_back_to_all_judged_replies() -> None:
    # 900 passed, 100 failed; of each ten are rated. The judge is right about 9 of 10 passes and 5 of 10 fails.
    rated = [row(case, 1.0, float(case < 9)) for case in range(10)]
    rated += [row(900 + case, 0.0, float(case >= 5)) for case in range(10)]
    others = [row(10 + case, 1.0, None) for case in range(890)] + [
        row(910 + case, 0.0, None) for case in range(90)
    ]
    found = agreement(beside(rated + others), PASS_FAIL)
    assert found is not None
    assert found.sensitivity is not None
    assert found.specificity is not None
    # Unweighted it would be 14 of 20, and 9 of 14.
    assert found.same.value == pytest.approx(0.9 * 0.9 + 0.1 * 0.5)
    assert found.sensitivity.value == pytest.approx(810 / 860)
    assert found.specificity.value == pytest.approx(50 / 140)


def test_a_reply_that_people_disagree_about_counts_in_both_by_their_shares() -> None:
    found = agreement(beside([row(1, 1.0, 0.5), row(2, 1.0, 1.0)]), PASS_FAIL)
    assert found is not None
    assert found.same.value == pytest.approx(0.75)


def test_grades_have_correlation_gap_and_distance_in_their_own_unit() -> None:
    human = [1.0, 2.0, 3.0, 4.0, 5.0]
    rows = [row(case, value + 0.5, value, stratum="") for case, value in enumerate(human)]
    found = agreement(beside(rows), GRADES)
    assert found is not None
    assert found.correlation.value == pytest.approx(1.0)
    assert found.gap.value == pytest.approx(0.5)
    assert found.apart.value == pytest.approx(0.5)
    assert found.kappa is None
    # No two differ in their distance: an interval would claim certainty.
    assert found.gap.low is None


def test_where_nothing_varies_there_is_no_correlation_and_no_certainty() -> None:
    found = agreement(beside([row(case, 1.0, 1.0) for case in range(30)]), PASS_FAIL)
    assert found is not None
    assert found.correlation.value is None
    assert found.kappa is not None
    assert found.kappa.value is None
    assert found.same.low is not None
    assert found.same.low < 0.95


def test_one_rating_says_nothing() -> None:
    assert agreement(beside([row(1, 1.0, 1.0), row(2, 1.0, None)]), PASS_FAIL) is None


def test_enough_drawn_ratings_put_those_aside_that_nobody_drew() -> None:
    picked = [row(case, 1.0, 0.0, drawn=False) for case in range(50)]
    drawn = [row(100 + case, 1.0, 1.0) for case in range(20)]
    assert len(beside(picked + drawn)) == 20
    assert len(beside(picked + drawn[:5])) == 55


def test_replies_to_one_case_are_no_evidence_of_their_own() -> None:
    rows = table(40, 10, 5, 45)
    copies = [replace(row, candidate=name) for name in "abcd" for row in rows]
    once, often = agreement(beside(rows), PASS_FAIL), agreement(beside(copies), PASS_FAIL)
    assert once is not None
    assert often is not None
    for one, four in (
        (once.same, often.same),
        (once.sensitivity, often.sensitivity),
        (once.specificity, often.specificity),
    ):
        assert one is not None
        assert four is not None
        assert one.low is not None
        assert one.high is not None
        assert four.low == pytest.approx(one.low, abs=0.04)
        assert four.high == pytest.approx(one.high, abs=0.04)
