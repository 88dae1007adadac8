"""The cost model of a project file: what it takes, and what it says of slips."""

from collections.abc import Callable

import pytest

from passmuster.project.load import Project
from passmuster.records.candidate import Infrastructure, Upkeep
from passmuster.records.task import CostModel, ProductionCall, Review

INCUMBENT = "incumbent: always\n"


def test_one_review_needs_no_list_and_several_stand_in_one(project: Callable[..., Project]) -> None:
    one = "cost: {review: {when: failed, minutes: 90 s, hourly: $40}}\n"
    assert project(INCUMBENT, INCUMBENT + one).task.cost == CostModel(
        review=(Review(when="failed", minutes=1.5, hourly=40.0),)
    )
    two = "cost:\n  review:\n    - {when: failed, minutes: 3, hourly: 40}\n    - {when: failure == 'timeout', minutes: 1, hourly: 60}\n"
    assert [each.when for each in project(INCUMBENT, INCUMBENT + two).task.cost.review] == [
        "failed",
        "failure == 'timeout'",
    ]


def test_calls_losses_and_the_peak_are_read(project: Callable[..., Project]) -> None:
    text = (
        "cost:\n  monthly_volume: 200000\n  peak: 900\n  silent_failure: 0.5 USD\n"
        "  calls:\n    - {name: guard, usd: 0.0002, share: 100 %}\n"
    )
    assert project(INCUMBENT, INCUMBENT + text).task.cost == CostModel(
        monthly_volume=200_000,
        peak=900.0,
        silent_failure=0.5,
        calls=(ProductionCall(name="guard", usd=0.0002, share=1.0),),
    )


def test_machines_and_upkeep_of_a_candidate_are_read_and_ask_nothing_again(
    project: Callable[..., Project],
) -> None:
    line = 'kind: constant, text: "yes"'
    more = (
        f"{line}, infrastructure: {{hourly: 2.10 USD, utilisation: 40 %, machines: 2}}, "
        "upkeep: {monthly: $100, once: $2400, months: 24, hours: 4, hourly: $75}"
    )
    candidate = project(line, more).candidates[0]
    assert candidate.infrastructure == Infrastructure(hourly=2.1, utilisation=0.4, machines=2)
    assert candidate.upkeep == Upkeep(monthly=100, once=2400, months=24, hours=4, hourly=75)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("review: {when: mood, minutes: 1, hourly: 1}", "passmuster.yaml:6:23: cost.review.when: 'mood'"),
        (
            "review: [{when: failed, minutes: 1, hourly: 1}, {when: mood, minutes: 1, hourly: 1}]",
            "passmuster.yaml:6:63: cost.review.when: 'mood'",
        ),
        ("review: {when: failed, minutes: soon, hourly: 1}", "passmuster.yaml:6:40"),
        ("review: {when: failed, minute: 1, hourly: 1}", "minute"),
        ("calls: [{name: guard}]", "6:16: the call 'guard' needs either `usd`, what one costs, or `scorer`"),
        ("calls: [{name: guard, usd: 1, scorer: a}]", "needs either `usd`"),
        ("calls: [{name: judge, scorer: jugde}]", "there is no scorer 'jugde'"),
        ("calls: [{name: a, usd: 1}, {name: a, usd: 2}]", "cost.calls has two called 'a'"),
        ("calls: [{name: a, usd: 1, share: 120 %}]", "must lie between 0 % and 100 %"),
        ("calls: [{name: a, usd: -1}]", "-1"),
        ("peak: 100", "cost.peak is the busiest hour of a volume that is not stated"),
        (
            "monthly_volume: 200000, peak: 10",
            "6:38: cost.peak is 10 tasks an hour, and 200,000 tasks a month are 274.0",
        ),
        ("silent_failure: much", "much"),
    ],
)
def test_a_slip_in_the_cost_model_is_told_with_its_place(
    slip: Callable[..., str], text: str, wanted: str
) -> None:
    assert wanted in slip(INCUMBENT, f"cost: {{{text}}}\n")


@pytest.mark.parametrize("text", ["utilisation: 0", "utilisation: 120 %", "machines: 0", "tasks_per_hour: 0"])
def test_machines_that_cannot_be_are_refused(slip: Callable[..., str], text: str) -> None:
    line = 'kind: constant, text: "yes"'
    assert "infrastructure" in slip(line, f"{line}, infrastructure: {{hourly: 1, {text}}}")


def test_hours_of_upkeep_that_cost_nothing_are_a_slip(slip: Callable[..., str]) -> None:
    line = 'kind: constant, text: "yes"'
    assert "has hours of work, and not what an hour costs" in slip(line, f"{line}, upkeep: {{hours: 10}}")


def test_a_bar_on_a_month_of_unknown_volume_is_a_slip(slip: Callable[..., str]) -> None:
    """Else it would be found out when the money is spent."""
    said = slip("exact_match: {at_least: 70 %}", "cost_per_month: {at_most: 100 USD}")

    assert "passmuster.yaml:5:3: there is a bar on cost_per_month, and no volume of a month is stated" in said


@pytest.mark.parametrize(("text", "place"), [("worth: 5", "6:8"), ("worth: {margin: 500 points}", "6:17")])
def test_a_margin_that_nobody_reaches_is_a_slip(slip: Callable[..., str], text: str, place: str) -> None:
    said = slip(INCUMBENT, f"{text}\n")

    assert f"passmuster.yaml:{place}: worth.margin is 5, which is 500 points" in said
