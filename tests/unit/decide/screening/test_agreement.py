"""Public columns against the own task: the planted order is found, few models get no verdict, many columns are corrected for."""

import numpy as np
import pytest
from tests.unit.decide.screening.worlds import answers, models, own, same_names, table

from passmuster.decide.screening.agreement import agreement_report, rank_agreement
from passmuster.decide.screening.own import OwnScores
from passmuster.decide.screening.regret import regret_of

LADDER = np.linspace(0.2, 0.9, 10)


def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def test_the_planted_order_is_recovered() -> None:
    found = rank_agreement(own(answers(LADDER, 2000, rng())), LADDER * 100)
    assert found.tau.value == 1.0
    assert found.rho.value == 1.0
    assert found.p == pytest.approx(2 / 3_628_800)
    reverse = rank_agreement(own(answers(LADDER, 2000, rng())), -LADDER)
    assert reverse.tau.value == -1.0


def test_less_is_better_turns_both_sides() -> None:
    costs = own(1 - answers(LADDER, 500, rng()))
    lower = OwnScores(names=costs.names, scores=costs.scores, metric="errors", direction="lower")
    found = rank_agreement(lower, LADDER)
    assert found.tau.value is not None
    assert found.tau.value > 0.9


def test_fewer_than_six_models_get_no_verdict_and_their_number_is_told() -> None:
    five = own(answers(LADDER[:5], 300, rng()))
    board = table(LADDER)
    report = agreement_report(five, [board], same_names(five.names, board))
    assert report.columns[0].status == "too few"
    assert report.best is None
    assert "at most 5 of your models" in report.sentence
    assert report.columns[0].overall.models == 5
    six = own(answers(LADDER[:6], 3000, rng()))
    assert agreement_report(six, [board], same_names(six.names, board)).columns[0].status == "agrees"


def test_the_best_of_many_columns_is_named_with_its_certainty_and_noise_is_not() -> None:
    draws = rng()
    scores = own(answers(LADDER, 600, draws))
    good = table(LADDER + draws.normal(0, 0.03, 10), "good")
    noise = [table(draws.random(10), f"noise {number}") for number in range(6)]
    report = agreement_report(scores, [*noise, good], same_names(scores.names, *noise, good))
    assert report.best == "good: score"
    assert report.columns[0].best_share is not None
    assert report.columns[0].best_share > 0.9
    assert "corrected for 7 columns" in report.sentence
    only = agreement_report(scores, noise, same_names(scores.names, *noise))
    assert only.best is None
    assert "None of 6 public columns" in only.sentence


def test_a_column_of_few_of_the_models_is_no_rival_for_the_best() -> None:
    scores = own(answers(np.linspace(0.2, 0.9, 16), 800, rng()))
    wide, narrow = table(np.linspace(0, 1, 16), "wide"), table(np.linspace(0, 1, 7), "narrow")
    report = agreement_report(
        scores, [narrow, wide], same_names(scores.names, wide) + same_names(scores.names[:7], narrow)
    )
    assert report.best == "wide: score"
    assert next(column for column in report.columns if column.table == "narrow").best_share is None


def test_a_saturated_top_is_told() -> None:
    draws = rng()
    true = np.concatenate([np.linspace(0.1, 0.6, 10), np.linspace(0.7, 0.9, 8)])
    public = np.concatenate([np.linspace(20, 70, 10), draws.permutation(np.linspace(85, 90, 8))])
    scores, board = own(answers(true, 1500, draws)), table(public, share=True)
    column = agreement_report(scores, [board], same_names(scores.names, board)).columns[0]
    assert column.above is not None
    assert column.above.agreement.models == 8
    assert (column.above.agreement.tau.value or 0) < (column.overall.tau.value or 0)
    assert "saturated" in column.sentence


def test_each_large_slice_has_an_agreement_of_its_own() -> None:
    scores = answers(LADDER, 400, rng())
    scores[:200] = answers(LADDER[::-1], 200, rng())
    whole = own(scores)
    parted = OwnScores(
        names=whole.names,
        scores=whole.scores,
        metric="exact_match",
        slices={"turned": np.arange(200), "straight": np.arange(200, 400)},
    )
    board = table(LADDER)
    column = agreement_report(parted, [board], same_names(parted.names, board)).columns[0]
    by_name = {part.name: part.agreement.tau.value or 0 for part in column.slices}
    assert by_name["turned"] < -0.7
    assert by_name["straight"] > 0.7


def test_the_regret_of_the_first_is_found_and_its_interval_holds_the_truth() -> None:
    true = np.array([0.7, 0.9, 0.6, 0.5, 0.4, 0.3])
    found = regret_of(own(answers(true, 1500, rng())), np.array([9.0, 8, 7, 6, 5, 4]))
    assert (found.first, found.best) == ("m0", "m1")
    assert found.regret.low is not None
    assert found.regret.high is not None
    assert 0 < found.regret.low <= 0.2 <= found.regret.high


def test_a_first_that_is_the_best_has_no_regret_and_may_still_be_short() -> None:
    found = regret_of(own(answers(LADDER[::-1], 300, rng())), np.arange(10.0)[::-1])
    assert found.first == found.best == "m0"
    assert found.regret.value == 0
    assert (found.regret.high or 0) >= 0


def test_the_luck_of_the_best_of_equals_is_told() -> None:
    draws = rng()
    equal = own(answers(np.full(20, 0.7), 100, draws))
    found = regret_of(equal, draws.random(20))
    assert found.luck > 0.03


def test_gaps_groups_and_weights_enter_the_means() -> None:
    scores = np.array([[1.0, 0.0], [0.0, np.nan], [1.0, 1.0], [1.0, 1.0]])
    some = OwnScores(
        names=("a", "b"),
        scores=scores,
        metric="m",
        weights=np.array([1.0, 2.0, 1.0, 0.0]),
        groups=[1, 1, 2, 3],
    )
    found = some.means()
    assert found.value.tolist() == [0.5, 0.5]
    assert found.units == 3
    wide = OwnScores(
        names=("a", "b"),
        scores=np.repeat(scores, 20, axis=0),
        metric="m",
        groups=np.repeat(np.arange(4), 20).tolist(),
    )
    alone = OwnScores(names=("a", "b"), scores=np.repeat(scores, 20, axis=0), metric="m")
    assert wide.means().covariance[0, 0] > 5 * alone.means().covariance[0, 0]


def test_a_world_of_noise_names_no_best_column_in_nineteen_of_twenty() -> None:
    # 60 repetitions: 5 % true alarms show more than 7 in about 2 of 100 such tests
    draws = np.random.default_rng(9)
    alarms = 0
    for _ in range(60):
        _, true = models(10, 0.0, draws)
        boards = [table(draws.random(10), f"b{number}") for number in range(8)]
        scores = own(answers(true, 100, draws))
        alarms += agreement_report(scores, boards, same_names(scores.names, *boards), None).best is not None
    assert alarms <= 7
