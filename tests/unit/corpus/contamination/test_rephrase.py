"""Rephrased cases are known by their parent, and what is plainly none is dropped."""

import pytest

from passmuster.corpus.contamination.rephrase import (
    can_be_rephrased,
    pairs,
    rephrase_case,
    rephrased,
    wrong_with,
)
from passmuster.records.case import Case, Conversation, Message
from passmuster.records.text import input_text

ONE = Case(
    id="1",
    input="Please send 20 EUR to my sister in Rome today",
    reference="pay",
    stratum="s",
    time=1.0,
    weight=3.0,
)
GOOD = "Today I would like my sister, who lives in Rome, to get 20 EUR"


def test_a_pair_is_an_original_with_its_rephrasing() -> None:
    new = rephrased(ONE, GOOD, "model")
    assert pairs([ONE, new]) == [(ONE, new)]
    assert pairs([new]) == []
    assert pairs([ONE, Case(id="2", input="x", parent="1", transform="cut")]) == []


def test_a_rephrased_case_is_synthetic_and_says_by_whom_and_of_what() -> None:
    new = rephrased(ONE, f" {GOOD}\n", "model")
    assert (new.input, new.origin, new.generator, new.parent, new.transform) == (
        GOOD,
        "synthetic",
        "model",
        "1",
        "rephrase",
    )
    assert (new.reference, new.stratum, new.time, new.weight) == ("pay", "s", None, None)


def test_the_longest_field_is_rephrased_and_the_others_stay() -> None:
    fields = Case(id="1", input={"city": "Rome", "text": "Where in the city is the station?", "n": 3})
    new = rephrased(fields, "How do I find the station?", "model")
    assert new.input == {"city": "Rome", "text": "How do I find the station?", "n": 3}
    assert "Where in the city is the station?" in input_text(rephrase_case(fields).input)


def test_conversations_and_very_short_texts_are_not_rephrased() -> None:
    spoken = Conversation(messages=(Message(role="user", content="one two three four five six"),))
    assert not can_be_rephrased(Case(id="1", input=spoken))
    assert not can_be_rephrased(Case(id="1", input="too short"))
    assert not can_be_rephrased(rephrased(ONE, GOOD, "model"))
    assert can_be_rephrased(ONE)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (GOOD, None),
        ("Today I would like my sister in Rome to get 30 EUR", "the numbers differ"),
        ("Send money", "the length differs"),
        ("Please send 20 EUR to my sister in Rome today!", "it is nearly the original"),
        (GOOD * 4, "the length differs"),
    ],
)
def test_what_is_plainly_no_rephrasing_is_told(text: str, wrong: str | None) -> None:
    assert wrong_with(ONE, rephrased(ONE, text, "model")) == wrong
