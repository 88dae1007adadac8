"""The key `gate`: what is said, and every slip with its place."""

from collections.abc import Callable

import pytest

from passmuster.project.load import Project

Slip = Callable[..., str]
Load = Callable[..., Project]
BAR = "  exact_match: {at_least: 70 %}\n"


def test_levels_in_every_form(project: Load) -> None:
    found = project(
        BAR, f"{BAR}gate: {{investigate: 1 points, block: 0.03, latency: 150 %, cost: 0.1}}\n"
    ).task.gate
    assert (found.investigate, found.block, found.latency, found.cost) == (0.01, 0.03, 1.5, 0.1)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("{block: 5}", "6:15", "gate.block is 5, and must be above 0 and below 1"),
        ("{latency: 20}", "6:17", "gate.latency is 20: a rise to 21 times as much"),
        ("{latency: 20}", "6:17", "Write `20 %` or 0.2; if it is meant, `2000 %`."),
        ("{cost: 1}", "6:14", "gate.cost is 1: a rise to 2 times as much"),
        ("{latency: 0}", "6:17", "must be above 0"),
        ("{investigate: 6 points}", "6:21", "is above gate.block"),
        ("{sustained: 6}", "6:19", "no rise lasts so long"),
        ("{edge: billing}", "6:14", "there is no slice 'billing'"),
        ("{baseline_age: 0}", "6:22", "how old one may be"),
        ("{investgate: 1 %}", "6:8", "Did you mean 'investigate'?"),
    ],
)
def test_a_slip_is_told_with_its_place(slip: Slip, text: str, place: str, message: str) -> None:
    told = slip(BAR, f"{BAR}gate: {text}\n")
    assert message in told
    assert f"passmuster.yaml:{place}" in told
