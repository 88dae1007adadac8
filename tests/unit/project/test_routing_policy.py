"""The key `routing`: what is said, what is usual, and every slip with its place."""

from collections.abc import Callable

import pytest

from passmuster.project.load import Project
from passmuster.records.routing_policy import RoutingPolicy

Slip = Callable[..., str]
Load = Callable[..., Project]
BAR = "  exact_match: {at_least: 70 %}\n"


def loaded(project: Load, text: str, more: str = "") -> RoutingPolicy:
    return project(BAR, f"{BAR}{more}routing:\n{text}").task.routing


def test_without_a_word_everything_is_found_out(project: Load) -> None:
    assert project().task.routing == RoutingPolicy(margin=0.02)


def test_all_that_can_be_said(project: Load) -> None:
    found = loaded(
        project,
        "  slices: stratum\n  cascades: [[always, recorded]]\n  signal: mean_logprob\n  metric: exact_match\n  margin: 3 points\n",
    )
    assert found == RoutingPolicy(
        slices="stratum",
        cascades=(("always", "recorded"),),
        signal="mean_logprob",
        metric="exact_match",
        margin=0.03,
    )


def test_one_cascade_needs_no_list_of_lists(project: Load) -> None:
    assert loaded(project, "  cascades: [always, recorded]\n").cascades == (("always", "recorded"),)


def test_a_signal_may_be_one_of_the_key_escalation(project: Load) -> None:
    more = "escalation:\n  signals: {said: {kind: stated, json_path: $.sure}}\n"
    assert loaded(project, "  signal: said\n", more).signal == "said"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("  cascades: [[always, recoded]]\n", "there is no candidate 'recoded'"),
        ("  cascades: [[always]]\n", "a cascade has 2 or 3 candidates, this one 1"),
        ("  cascades: [[always, always]]\n", "a cascade asks no candidate twice"),
        ("  signal: confidense\n", "there is no signal 'confidense'"),
        ("  signal: self_consistency\n", "takes further calls"),
        ("  metric: exact_mach\n", "there is no metric 'exact_mach'"),
        ("  margin: 0\n", "must be above 0 and below 1"),
        ("  slices: strata\n", "routing.slices"),
        ("  slice: stratum\n", "the key 'slice' is unknown"),
    ],
)
def test_a_slip_is_told_with_its_place(slip: Slip, text: str, told: str) -> None:
    said = slip(BAR, f"{BAR}routing:\n{text}")
    assert told in said
    assert "passmuster.yaml:" in said
