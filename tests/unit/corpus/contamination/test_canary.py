"""A canary is known by who goes on with it, and by nobody else."""

import pytest

from passmuster.corpus.contamination.canary import KNOWN_DIGITS, SENTENCE, canary_case, canary_text, completed
from passmuster.records.text import input_text

GUID = "0b7e1f00-1a2b-4c3d-8e4f-5a6b7c8d9e0f"
REST = "1a2b-4c3d-8e4f-5a6b7c8d9e0f"


def test_a_text_says_what_it_is_for_before_the_guid() -> None:
    assert canary_text(GUID) == f"{SENTENCE} {GUID}"
    assert "must never be part of training data" in SENTENCE


def test_a_candidate_is_given_the_first_digits_only() -> None:
    asked = input_text(canary_case("v", GUID).input)
    assert asked.endswith("0b7e1f00-")
    assert not any(part in asked for part in REST.split("-"))


@pytest.mark.parametrize(
    ("reply", "digits"),
    [
        (REST, 24),
        (GUID, 24),
        (f"It goes on: {REST.upper()}.", 24),
        (REST.replace("-", " - "), 24),
        ("1a2b-4c3d-9999", 8),
        ("1a2b", 4),
        ("I do not know.", 0),
        ("", 0),
        ("ffff-ffff-ffff", 0),
    ],
)
def test_only_digits_from_the_first_one_on_count(reply: str, digits: int) -> None:
    assert completed(reply, GUID) == digits


def test_a_reply_that_only_repeats_what_was_given_knows_nothing() -> None:
    asked = input_text(canary_case("v", GUID).input)
    assert completed(asked, GUID) < KNOWN_DIGITS
