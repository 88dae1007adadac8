"""Regression cases are a hard gate, by failure mode."""

import pytest
from tests.unit.decide.gate.two_versions import RULE, laid

from passmuster.decide.gate.again import Again
from passmuster.decide.gate.modes import NO_MODE, mode_checks, unguarded
from passmuster.records.case import Case
from passmuster.records.failure_mode import FailureMode
from passmuster.records.gate import Level

MODES = (
    FailureMode(name="wrong-refund", severity="critical", link="https://tickets/1"),
    FailureMode(name="typo", severity="low"),
    FailureMode(name="nobody-wrote-a-case", severity="high"),
)


def _cases(*modes: str | None) -> list[Case]:
    return [
        Case(id=str(place), input=str(place), category="regression", mode=mode)
        for place, mode in enumerate(modes)
    ]


@pytest.mark.parametrize(
    ("stored", "fresh", "level"),
    [
        ("+", None, "pass"),
        ("-", None, "block"),
        ("f", None, "block"),
        (" ", None, "undecided"),
        ("?", None, "undecided"),
        ("-", (False, True, False), "block"),
        ("-", (True, True, False), "investigate"),
        ("-", (True, None, False), "block"),
        ("?", (True, True, None), "pass"),
        ("?", (False, False, None), "block"),
        ("?", (None, None, None), "undecided"),
    ],
)
def test_a_regression_case_blocks_where_it_fails_for_good(
    stored: str, fresh: tuple[bool | None, ...] | None, level: Level
) -> None:
    """A case that failed, and of which too few fresh answers are known, has failed."""
    again = None if fresh is None else Again(new={"0": fresh})
    (check,) = mode_checks([laid("+", stored, _cases("typo"))], RULE, again, MODES)
    assert check.level == level
    assert bool(check.failed) == (level == "block")
    assert bool(check.untested) == (level == "undecided")


def test_one_case_that_fails_blocks_though_the_old_version_failed_it_too() -> None:
    (check,) = mode_checks([laid("-++", "-++", _cases("typo", "typo", "typo"))], RULE)
    assert (check.level, check.failed, check.cases) == ("block", ("0",), 3)


def test_severity_and_link_are_shown_and_the_gravest_comes_first() -> None:
    part = laid("+++", "--+", _cases("typo", "wrong-refund", None))
    found = mode_checks([part], RULE, modes=MODES)
    assert [(check.mode, check.severity, check.link) for check in found] == [
        ("wrong-refund", "critical", "https://tickets/1"), ("typo", "low", None), (NO_MODE, None, None)
    ]  # fmt: skip
    assert unguarded(found, MODES) == ["no regression case guards 1 failure mode: nobody-wrote-a-case (high)"]
    assert unguarded(found, ()) == []


def test_cases_of_other_categories_are_none_of_them() -> None:
    assert mode_checks([laid("++", "--")], RULE, modes=MODES) == ()
