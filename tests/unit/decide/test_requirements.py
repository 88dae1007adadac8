import pytest

from passmuster.decide.requirements import (
    attribute_cautions,
    excluded,
    requirement_checks,
    undeclared,
    value_text,
)
from passmuster.records.candidate import Attribute, Candidate
from passmuster.records.record import Json
from passmuster.records.requirement import RequirementStatus
from passmuster.records.task import Requirement

TODAY = "2026-11-22"


def candidate(**values: Json) -> Candidate:
    return Candidate(
        name="a",
        provider="openai",
        attributes={
            name: Attribute(value=value, source="contract", date=TODAY) for name, value in values.items()
        },
    )


def status(declared: Json, requirement: Requirement, today: str = TODAY) -> RequirementStatus:
    found = requirement_checks(candidate(**{requirement.attribute: declared}), (requirement,), today)
    return found[0].status


@pytest.mark.parametrize(
    ("declared", "allowed", "expected"),
    [
        ("eu", ("eu",), "meets"),
        (" EU ", ("eu",), "meets"),
        ("us", ("eu", "ch"), "misses"),
        (["eu", "ch"], ("eu", "ch"), "meets"),
        (["eu", "us"], ("eu", "ch"), "misses"),
        ([], ("eu",), "undeclared"),
        (" ", ("eu",), "undeclared"),
        ("cafe\u0301", ("caf\u00e9",), "meets"),
        (False, (False,), "meets"),
        (True, (False,), "misses"),
        (0, (False,), "misses"),
        ("false", (False,), "misses"),
        (1, (1.0,), "meets"),
        (None, ("eu",), "undeclared"),
    ],
)
def test_a_value_is_one_of_those_that_are_allowed(
    declared: Json, allowed: tuple[Json, ...], expected: RequirementStatus
) -> None:
    assert status(declared, Requirement(attribute="key", one_of=allowed)) == expected


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("2027-06-02", "meets"),
        ("2027-06-01", "misses"),
        ("2027-01-01", "misses"),
        ("none", "meets"),
        ("soon", "undeclared"),
        (7, "undeclared"),
    ],
)
def test_a_day_is_after_the_one_asked_for(declared: Json, expected: RequirementStatus) -> None:
    assert status(declared, Requirement(attribute="end_of_life", after="2027-06-01")) == expected


def test_a_day_that_has_passed_is_never_enough() -> None:
    asked = Requirement(attribute="end_of_life", after="2025-01-01")
    assert status("2026-06-01", asked) == "misses"
    assert status("2026-06-01", asked, today="2026-05-01") == "meets"


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("2026-05-05", "meets"),
        ("2026-05-05T10:00:00Z", "meets"),
        ("2025-12-31", "misses"),
        ("none", "undeclared"),
        ("2026-05-05 or so", "undeclared"),
    ],
)
def test_a_day_under_a_key_of_ones_own_may_lie_in_the_past(
    declared: Json, expected: RequirementStatus
) -> None:
    assert status(declared, Requirement(attribute="audited", after="2026-01-01")) == expected


@pytest.mark.parametrize(
    ("declared", "expected"),
    [(0.0, "meets"), (86400.0, "meets"), (86401.0, "misses"), (True, "undeclared"), ("x", "undeclared")],
)
def test_an_amount_is_at_most_the_one_asked_for(declared: Json, expected: RequirementStatus) -> None:
    assert status(declared, Requirement(attribute="data_retention", at_most=86400.0)) == expected


def test_what_is_not_declared_is_named_and_excludes_nobody() -> None:
    asked = (
        Requirement(attribute="region", one_of=("eu",)),
        Requirement(attribute="licence", one_of=("MIT",)),
    )
    found = requirement_checks(candidate(region="eu"), asked, TODAY)
    assert undeclared(found) == ("licence",)
    assert not excluded(found)
    assert found[1].note == "not declared: add licence to its attributes"


def test_a_check_says_where_and_when_the_value_was_read() -> None:
    (found,) = requirement_checks(
        candidate(region="us"), (Requirement(attribute="region", one_of=("eu",)),), TODAY
    )
    assert excluded([found])
    assert (found.requirement, found.value, found.source, found.date) == (
        "region is eu",
        "us",
        "contract",
        TODAY,
    )


def test_several_values_are_declared() -> None:
    asked = (Requirement(attribute="region", one_of=("eu",)),)
    assert (
        requirement_checks(candidate(region=["eu", "us"]), asked, TODAY)[0].note == "eu and us are declared"
    )


def test_a_declaration_that_was_read_tomorrow_is_warned_about() -> None:
    early = Candidate(
        name="a", provider="openai", attributes={"region": Attribute(value="eu", date="2026-11-24")}
    )
    assert attribute_cautions([early], TODAY) == (
        "a: read on a day that has not come, look again: region (2026-11-24).",
    )


def test_a_long_value_is_cut() -> None:
    assert len(value_text("licence", "x" * 500)) == 60


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-22", "a reached its end of life on 2026-11-22."),
        ("2026-11-23", "a reaches its end of life on 2026-11-23, in 1 day."),
        ("2027-02-20", "a reaches its end of life on 2027-02-20, in 90 days."),
    ],
)
def test_an_end_of_life_that_is_near_or_past_is_warned_about(day: str, said: str) -> None:
    assert attribute_cautions([candidate(end_of_life=day)], TODAY) == (said,)


@pytest.mark.parametrize("day", ["2027-02-21", "none", "some day", 3])
def test_one_that_is_far_or_unknown_is_not(day: Json) -> None:
    assert attribute_cautions([candidate(end_of_life=day)], TODAY) == ()


def test_what_was_read_long_ago_is_warned_about_once_a_candidate() -> None:
    old = Candidate(
        name="a",
        provider="openai",
        attributes={
            "region": Attribute(value="eu", date="2026-05-25"),
            "licence": Attribute(value="MIT", date="2024-01-01"),
            "self_hosted": Attribute(value=True, date="2026-05-26"),
            "odd": Attribute(value="x", date="long ago"),
        },
    )
    assert attribute_cautions([old], TODAY) == (
        "a: read more than 180 days ago, look again: region (2026-05-25) and licence (2024-01-01).",
    )
