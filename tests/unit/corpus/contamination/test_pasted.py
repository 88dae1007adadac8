"""A prompt that holds a scored case is found, however the case was pasted into it."""

import pytest

from passmuster.corpus.contamination.passages import Passage
from passmuster.corpus.contamination.pasted import pasted
from passmuster.records.case import Case, Conversation, Message

LONG = "the parcel that I ordered two weeks ago has still not come and nobody answers the phone when I call"
CASES = [
    Case(id="long", input=LONG),
    Case(id="short", input="my card was stolen"),
    Case(id="word", input="refund"),
    Case(id="talk", input=Conversation(messages=(Message(role="user", content=f"hello, {LONG[5:]}"),))),
]


def found(text: str, cases: list[Case] = CASES) -> list[str]:
    return [copied.case for copied in pasted([Passage("0", text)], cases)]


@pytest.mark.parametrize(
    ("prompt", "held"),
    [
        ("Sort the message: {{ input }}", []),
        (f"Sort it. For example: {LONG.upper()}! -> delivery", ["long", "talk"]),
        (f"So: {' '.join(LONG.split()[2:16])}", ["long", "talk"]),
        (f"So: {' '.join(LONG.split()[2:14])}", []),
        ("Input: My card was stolen.\nAnswer: card", ["short"]),
        ("When somebody says that my card was stolen, answer: card", []),
        ("refund", []),
    ],
    ids=[
        "none",
        "whole",
        "thirteen words and more",
        "twelve words",
        "a line",
        "within a sentence",
        "one word",
    ],
)
def test_a_pasted_case_is_found(prompt: str, held: list[str]) -> None:
    assert found(prompt) == held


def test_what_many_cases_have_is_no_copy() -> None:
    footer = (
        "this message and everything attached to it is meant for the person it was sent to and nobody else"
    )
    cases = [Case(id=str(n), input=f"question number {n} of mine\n{footer}") for n in range(40)]

    assert found(f"Leave out the footer: {footer}", cases) == []
    assert found(f"Leave out the footer: {footer}", cases[:2]) == ["0", "1"]
