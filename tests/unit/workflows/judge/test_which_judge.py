"""Judges beside people, by the decision code of models."""

from collections.abc import Callable

import pytest

from passmuster.errors import UsageError
from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.score import Score, ScoreFailure
from passmuster.workflows.judge.which import Bench, Judging, RatedReply, Said, WhichWish, which_judge

REPLIES = 200
NOW = "2026-01-01T00:00:00Z"


def bench(*, weights: bool = False) -> Bench:
    """Return replies of which people pass every other one, two to a case."""
    replies = tuple(
        RatedReply(
            name=f"r{n}",
            text="a reply",
            value=float(n % 2),
            group=f"case {n // 2}",
            weight=(3.0 if n % 2 else 1.0) if weights else None,
        )
        for n in range(REPLIES)
    )
    return Bench(metric="safe", answers="passes", replies=replies)


def judging(
    name: str,
    right: Callable[[int], bool],
    *,
    cost: float | None = 0.01,
    free: bool = False,
    unreadable: int = 0,
    again: bool = False,
) -> Judging:
    """Return a judge that is right where it is said to be, and gives no verdict on the first replies."""
    said = {}
    for n in range(REPLIES):
        value = float(n % 2) if right(n) else 1 - float(n % 2)
        outcome = (
            Score(value=value) if n >= unreadable else ScoreFailure(kind="judge_unreadable", message="?")
        )
        said[f"r{n}"] = Said(outcome=outcome, cost=cost, seconds=0.5, again=value if again else None)
    return Judging(name=name, said=said, free=free)


def row(found: Comparison, name: str) -> CandidateReport:
    return next(each for each in found.candidates if each.name == name)


def test_the_cheapest_judge_that_is_good_enough_is_chosen_not_the_best() -> None:
    judges = [
        judging("large", lambda n: n % 50 > 0, cost=0.05),
        judging("small", lambda n: n % 10 > 0, cost=0.01),
        judging("rule", lambda n: n % 3 > 0, free=True),
    ]
    found, _ = which_judge(bench(), judges, WhichWish(at_least=0.8), generated=NOW)

    assert found.decision.chosen == "small"
    assert row(found, "large").verdict.status == "pass"
    assert row(found, "rule").verdict.status == "fail"
    assert row(found, "small").metrics["agreement"].value == pytest.approx(0.9)
    assert row(found, "small").cost.per_task.value == pytest.approx(0.01)
    assert row(found, "rule").cost.per_task.value == 0.0


def test_a_verdict_that_cannot_be_read_is_no_wrong_one_and_counts_against_a_bar() -> None:
    judges = [judging("mumbles", lambda _: True, unreadable=60)]
    found, _ = which_judge(bench(), judges, WhichWish(at_least=0.8), generated=NOW)

    mumbles = row(found, "mumbles")
    assert mumbles.metrics["agreement"].value == 1.0
    assert (mumbles.metrics["agreement"].n, mumbles.failures.score_failures) == (140, {"agreement": 60})
    assert mumbles.verdict.status == "undecided"


def test_replies_to_one_case_are_a_cluster() -> None:
    found, _ = which_judge(bench(), [judging("pairs", lambda n: n // 2 % 5 > 0)], WhichWish(), generated=NOW)
    figure = row(found, "pairs").metrics["agreement"]

    assert figure.low is not None
    assert figure.high is not None
    assert figure.high - figure.low > 1.3 * 2 * 1.96 * (0.8 * 0.2 / REPLIES) ** 0.5


def test_replies_that_were_drawn_more_often_than_they_occur_count_less() -> None:
    judges = [judging("lenient", lambda n: n % 2 == 1)]
    plain, _ = which_judge(bench(), judges, WhichWish(), generated=NOW)
    weighted, _ = which_judge(bench(weights=True), judges, WhichWish(), generated=NOW)

    assert row(plain, "lenient").metrics["agreement"].value == pytest.approx(0.5)
    assert row(weighted, "lenient").metrics["agreement"].value == pytest.approx(0.75)


def test_an_unknown_cost_never_wins() -> None:
    judges = [judging("stated", lambda _: True), judging("unknown", lambda _: True, cost=None)]
    found, _ = which_judge(bench(), judges, WhichWish(), generated=NOW)
    assert found.decision.chosen == "stated"


def test_a_bar_on_cost_and_one_on_steadiness_hold_as_well() -> None:
    judges = [
        judging("steady", lambda _: True, cost=0.02, again=True),
        judging("dear", lambda _: True, cost=0.2, again=True),
    ]
    wish = WhichWish(cost_at_most=0.1, steady_at_least=0.9)
    found, _ = which_judge(bench(), judges, wish, generated=NOW)

    assert (row(found, "steady").verdict.status, row(found, "dear").verdict.status) == ("pass", "fail")
    assert row(found, "steady").metrics["steadiness"].value == 1.0


def test_a_bar_that_whoever_always_says_the_same_would_meet_is_told() -> None:
    replies = tuple(
        RatedReply(name=f"r{n}", text="", value=float(n % 20 > 0), group=str(n)) for n in range(REPLIES)
    )
    skewed = Bench(metric="safe", answers="passes", replies=replies)
    said = {f"r{n}": Said(outcome=Score(value=1.0)) for n in range(REPLIES)}
    found, _ = which_judge(skewed, [Judging(name="yes", said=said, free=True)], WhichWish(), generated=NOW)
    fair, _ = which_judge(bench(), [judging("j", lambda _: True)], WhichWish(), generated=NOW)

    assert "always said 1 would come to 0.95" in found.decision.warnings[0]
    assert not any("always said" in warning for warning in fair.decision.warnings)


def test_on_a_scale_judges_are_compared_by_their_distance_from_people() -> None:
    replies = tuple(
        RatedReply(name=f"r{n}", text="", value=float(1 + n % 5), group=str(n)) for n in range(REPLIES)
    )
    graded = Bench(metric="quality", answers="grades", replies=replies, bounds=(1.0, 5.0))
    near = {each.name: Said(outcome=Score(value=min(5.0, each.value + 1))) for each in replies}
    middle = {each.name: Said(outcome=Score(value=3.0)) for each in replies}
    judges = [Judging(name="near", said=near), Judging(name="middle", said=middle, free=True)]
    found, _ = which_judge(graded, judges, WhichWish(at_least=0.75), generated=NOW)

    assert row(found, "near").metrics["closeness"].value == pytest.approx(0.8)
    assert row(found, "middle").metrics["closeness"].value == pytest.approx(0.7)
    assert found.decision.chosen == "near"


def test_of_two_replies_a_tie_is_no_agreement_where_people_prefer_one() -> None:
    replies = tuple(RatedReply(name=f"r{n}", text="", value=1.0, group=str(n)) for n in range(REPLIES))
    pairs = Bench(metric="better", answers="prefers", replies=replies)
    ties = {each.name: Said(outcome=Score(value=0.5)) for each in replies}
    found, _ = which_judge(pairs, [Judging(name="ties", said=ties)], WhichWish(), generated=NOW)

    assert row(found, "ties").metrics["agreement"].value == 0.0
    assert row(found, "ties").metrics["closeness"].value == 0.5


def test_the_difference_to_the_judge_in_use_is_paired() -> None:
    judges = [judging("new", lambda n: n % 10 > 0), judging("old", lambda n: n % 5 > 0)]
    found, _ = which_judge(bench(), judges, WhichWish(incumbent="old"), generated=NOW)
    difference = row(found, "new").versus_incumbent["agreement"]

    assert difference.value == pytest.approx(0.1)
    assert (difference.better, difference.worse) == (20, 0)


@pytest.mark.parametrize(
    ("judges", "wish", "told"),
    [
        ([], WhichWish(), "no judges"),
        ([judging("a", bool), judging("a", bool)], WhichWish(), "two judges have one name"),
        ([judging("a", bool)], WhichWish(incumbent="b"), "no judge is called 'b'"),
        ([judging("a", bool)], WhichWish(steady_at_least=0.9), "no judge was asked twice"),
    ],
)
def test_what_cannot_be_compared_is_refused(judges: list[Judging], wish: WhichWish, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        which_judge(bench(), judges, wish, generated=NOW)


def test_where_nobody_rated_nothing_is_compared() -> None:
    nothing = Bench(metric="safe", answers="passes", replies=())
    with pytest.raises(UsageError, match="nobody has rated"):
        which_judge(nothing, [judging("a", bool)], WhichWish(), generated=NOW)
