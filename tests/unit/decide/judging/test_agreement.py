import math

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from passmuster.decide.judging.agreement import score_agreement, verdict_agreement

NAN = math.nan


def replies(n: int, seed: int = 3) -> tuple[list[float], list[float]]:
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < 0.8
    said = np.where(rng.random(n) < 0.85, truth, ~truth)
    return said.astype(float).tolist(), truth.astype(float).tolist()


def test_the_figures_of_verdicts_are_the_known_ones() -> None:
    said, people = replies(400)
    found = verdict_agreement(said, people)
    assert found["raw agreement"].value == pytest.approx(np.mean(np.equal(said, people)))
    assert found["kappa"].value == pytest.approx(cohen_kappa_score(said, people))
    passed = [a for a, b in zip(said, people, strict=True) if b == 1]
    assert found["sensitivity"].value == pytest.approx(np.mean(passed))
    assert found["sensitivity"].n + found["specificity"].n == 400
    for each in found.values():
        assert each.value is not None
        assert each.low is not None
        assert each.high is not None
        assert each.low < each.value < each.high


def test_ac1_stays_where_kappa_falls() -> None:
    said, people = [1.0] * 95 + [0.0] * 3 + [1.0] * 2, [1.0] * 95 + [1.0] * 3 + [0.0] * 2
    found = verdict_agreement(said, people)
    assert (found["kappa"].value or 0) < 0
    assert (found["AC1"].value or 0) > 0.9


def test_replies_without_a_rating_or_a_value_or_a_majority_are_left_out() -> None:
    said, people = replies(100)
    found = verdict_agreement([*said, 1, NAN, 1], [*people, NAN, 1, 0.5])
    whole = verdict_agreement(said, people)
    assert {name: each.value for name, each in found.items()} == {n: e.value for n, e in whole.items()}
    assert {each.n_missing for each in found.values()} == {2}


def test_where_people_failed_nothing_there_is_no_specificity() -> None:
    found = verdict_agreement([1, 0, 1], [1, 1, 1])
    assert found["specificity"].value is None
    assert found["specificity"].note == "no such reply is rated"


def test_copies_are_no_new_replies() -> None:
    said, people = replies(100)
    fours = np.repeat(np.arange(100), 4)
    plain = verdict_agreement(said, people)
    grouped = verdict_agreement(np.asarray(said)[fours], np.asarray(people)[fours], groups=fours)
    for name, each in plain.items():
        other = grouped[name]
        assert other.value == pytest.approx(each.value), name
        assert each.low is not None
        assert each.high is not None
        assert other.low is not None
        assert other.high is not None
        assert other.high - other.low == pytest.approx(each.high - each.low, rel=0.25), name


def test_a_kind_metric_orders_as_people_do_and_has_a_gap() -> None:
    people = np.arange(100) % 5 + 1.0
    found = score_agreement(people + 0.5, people)
    assert found["Spearman"].value == pytest.approx(1)
    assert found["mean gap"].value == pytest.approx(0.5)
    assert (found["alpha"].value or 0) < 0.95


def test_two_units_have_no_gap() -> None:
    found = score_agreement([0.1, 0.2, 0.4, 0.3, 0.5], [1, 2, 3, 4, 5], same_unit=False)
    assert list(found) == ["Pearson", "Spearman", "Kendall's tau-b"]


def test_the_same_ratings_always_give_the_same_interval() -> None:
    assert verdict_agreement(*replies(60)) == verdict_agreement(*replies(60))
