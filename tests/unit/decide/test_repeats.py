from collections.abc import Sequence

import numpy as np
import pytest

from passmuster.decide.measured import Layout, Measured
from passmuster.decide.pricing.trial import TrialCost
from passmuster.decide.repeats import variance_report
from passmuster.decide.sheet import Sheet
from passmuster.records.candidate import Candidate
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.spread import VarianceReport
from passmuster.records.task import Success
from passmuster.records.trial import Failure, Reply, Trial, TrialKey
from passmuster.stats.variance import pass_all_k, pass_at_k

RULE = Success(metric="reward")


def repeated(table: Sequence[Sequence[float | str | None]], groups: Sequence[int] | None = None) -> Measured:
    """Lay out scores by case and repeat: None is a trial without a reply, a text a score failure."""
    repeats = len(table[0])
    layout = Layout(
        cases=len(table),
        repeats=repeats,
        binary={"reward": False},
        groups=None if groups is None else np.array(groups, dtype=np.int64),
    )
    sheet = Sheet(Candidate(name="a", provider="replay"), layout)
    free = TrialCost(0.0, 0.0, 0.0, 0.0, reviewed=False, basis="reported")
    for index, line in enumerate(table):
        for repeat, value in enumerate(line):
            outcome = Failure(kind="timeout", message="") if value is None else Reply(text="x")
            trial = Trial(
                key=TrialKey(str(index), "c", repeat), case_id=str(index), outcome=outcome, attempts=()
            )
            score = (
                ScoreFailure(kind=value, message="") if isinstance(value, str) else Score(value=value or 0)
            )
            sheet.enter(index * repeats + repeat, trial, {} if value is None else {"reward": score}, free)
    return sheet.measured()


def report(
    table: Sequence[Sequence[float | str | None]], groups: Sequence[int] | None = None
) -> VarianceReport:
    found = variance_report(repeated(table, groups), "reward", RULE)
    assert found is not None
    return found


def noisy(cases: int, repeats: int, seed: int = 1) -> list[list[float]]:
    rng = np.random.default_rng(seed)
    rates = rng.beta(1.0, 1.0, cases)
    return [[float(rng.random() < rate) for _ in range(repeats)] for rate in rates]


def test_pass_at_k_and_pass_all_k_are_means_over_cases() -> None:
    table = noisy(80, 4)
    found = report(table)
    assert list(found.pass_at) == list(found.pass_all) == ["1", "2", "3", "4"]
    counts = [int(sum(line)) for line in table]
    for k in range(1, 5):
        for estimates, figure in ((found.pass_at, pass_at_k), (found.pass_all, pass_all_k)):
            estimate = estimates[str(k)]
            assert estimate.value == pytest.approx(np.mean([figure(4, c, k) for c in counts]))
            assert estimate.low is not None
            assert estimate.high is not None
            assert estimate.low < (estimate.value or 0) < estimate.high
            assert estimate.n == 80
    assert found.pass_at["1"].value == found.pass_all["1"].value


def test_flips_are_pairs_of_repeats_that_end_differently() -> None:
    found = report([[1.0, 0.0], [1.0, 1.0], [0.0, 0.0], [0.0, 1.0]])
    assert found.flips.value == 0.5
    assert report([[1.0, 1.0]] * 5).flips.value == 0.0


def test_shares_of_the_variance_are_found_again_and_repeats_lower_the_error() -> None:
    found = report(noisy(2000, 5))
    # A rate drawn evenly from 0 to 1 has a variance of 1/12, and leaves 1/6 within a case.
    assert found.share_between == pytest.approx(1 / 3, abs=0.03)
    assert (
        found.errors["1"]
        > found.errors["3"]
        > found.errors["5"]
        > found.errors["10"]
        > found.errors["unlimited"]
    )
    assert found.errors["1"] == pytest.approx((0.25 / 2000) ** 0.5, rel=0.03)


def test_the_best_use_of_the_trials_is_said_with_and_without_further_cases() -> None:
    found = report(noisy(100, 4))
    assert found.best is not None
    assert (found.best.cases, found.best.repeats) == (100, 4)
    assert found.fresh is not None
    assert (found.fresh.cases, found.fresh.repeats) == (400, 1)
    assert found.fresh.standard_error < found.best.standard_error


def test_a_trial_without_a_reply_is_no_success_and_an_unknown_score_is_no_trial() -> None:
    found = report([[1.0, None], [1.0, "error"], [1.0, 1.0]])
    assert found.cases == 2
    assert found.pass_all["2"].value == 0.5
    assert found.pass_all["2"].n == 2
    assert found.pass_all["2"].n_missing == 1
    assert found.pass_at["1"].value == pytest.approx((0.5 + 1 + 1) / 3)


def test_groups_widen_the_intervals() -> None:
    table = sorted(noisy(100, 3), key=sum)
    alone, grouped = report(table), report(table, [i // 10 for i in range(100)])
    assert _width(grouped) > 1.5 * _width(alone)


def _width(found: VarianceReport) -> float:
    estimate = found.pass_all["3"]
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.high - estimate.low


def test_one_repeat_says_nothing() -> None:
    assert variance_report(repeated([[1.0], [0.0]]), "reward", RULE) is None
    assert variance_report(repeated([[1.0, "error"], ["error", 0.0]]), "reward", RULE) is None


def test_a_rule_on_a_metric_without_scores_says_nothing() -> None:
    measured = repeated([[1.0, 0.0], [1.0, 1.0]])
    assert variance_report(measured, "reward", Success(metric="another")) is None


def test_where_only_failures_were_repeated_there_is_no_variance_to_tell() -> None:
    found = report([[None, None], [1.0, None]])
    assert (found.between, found.best, found.fresh, found.errors) == (None, None, None, {})
    assert found.pass_all["2"].value == 0.0


def test_a_metric_that_never_varies_has_no_shares() -> None:
    found = report([[1.0, 1.0]] * 3)
    assert (found.between, found.within, found.share_between) == (0.0, 0.0, None)
    assert (found.errors, found.best, found.fresh) == ({}, None, None)  # an error of 0 would be a promise


def test_of_many_repeats_some_k_are_shown() -> None:
    assert list(report(noisy(20, 12)).pass_at) == ["1", "2", "3", "5", "10", "12"]
