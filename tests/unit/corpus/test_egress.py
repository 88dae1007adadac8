"""What may be sent to whom."""

import pytest

from passmuster.corpus.egress import holds_personal_data, may_receive
from passmuster.corpus.personal.find import has_personal_data
from passmuster.records.candidate import Egress
from passmuster.records.case import Case, Conversation, Message

CLOSED = Egress(personal_data=False)

PERSONAL = [
    "Write to jo.doe+x@mail.example.co.uk please",
    "Call +49 30 1234567 today",
    "Call 0049 (30) 123 45 67",
    "My number is (415) 555-0132.",
    "IBAN DE89 3704 0044 0532 0130 00",
    "GB29NWBK60161331926819 is my account",
    "card 4111-1111-1111-1111",
    "card 378282246310005",
    "from 203.0.113.77 at noon",
    "SSN 078-05-1120",
    "key sk-abcdefghijklmnopqrstuvwx1234",
    "AKIAIOSFODNN7EXAMPLE",
]
BESIDE = [
    "card 4111 1111 1111 1111 12/26",
    "4111-1111-1111-1111 123",
    "2 4111 1111 1111 1111",
    "on 2026 11 21 4111 1111 1111 1111",
    "BE68 5390 0754 7034 EUR",
    "BE68 5390 0754 7034 BIC GKCCBEBB",
]
HARMLESS = [
    "",
    "Order 4111 1111 1111 1112 is late",
    "GB28NWBK60161331926819 has a wrong check digit",
    "version 1.2.3.4000",
    "on 2026-11-21 at 10:15",
    "0000 0000 0000 0000",
    "127.0.0.1 is this machine",
    "me@home",
    "sections 12-34-5678",
    "1,234,567 rows in 12.5 s",
    "The clause 3.4.5 says 100 000 USD",
]


@pytest.mark.parametrize("text", [*PERSONAL, *BESIDE])
def test_structured_personal_data_is_found(text: str) -> None:
    assert has_personal_data(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_a_little_like_it_is_not(text: str) -> None:
    assert not has_personal_data(text)


def test_a_long_text_is_searched_in_reasonable_time() -> None:
    for text in (
        "a@" * 100_000,
        "1 " * 100_000,
        "+1" * 100_000,
        "AB12 " * 50_000,
        "1111 " * 50_000,
        "1" * 200_000,
        "1." * 100_000,
        "-" * 200_000,
    ):
        has_personal_data(text)


def test_without_rules_everything_may_be_sent() -> None:
    assert may_receive(None, Case(id="1", input=PERSONAL[0]))
    assert may_receive(Egress(), Case(id="1", input=PERSONAL[0]))


def test_a_tag_of_a_person_counts_more_than_the_look_of_the_text() -> None:
    assert holds_personal_data(Case(id="1", input="Ms Miller of Bonn", tags=("personal_data",)))
    assert not holds_personal_data(Case(id="1", input=PERSONAL[0], tags=("no_personal_data",)))


@pytest.mark.parametrize(
    "given",
    [
        {"body": "hello", "from": "jo@example.com"},
        {"nested": {"list": ["x", "jo@example.com"]}},
        Conversation(messages=(Message(role="user", content="I am jo@example.com"),)),
        Conversation(messages=(), system="You talk to jo@example.com"),
    ],
)
def test_every_part_of_an_input_is_looked_at(given: object) -> None:
    assert not may_receive(CLOSED, Case(id="1", input=given))  # type: ignore[arg-type]  # all forms of input


def test_only_the_strata_that_are_named_may_be_sent() -> None:
    rules = Egress(strata=("public", "press"))
    assert may_receive(rules, Case(id="1", input="x", stratum="press"))
    assert not may_receive(rules, Case(id="1", input="x", stratum="legal"))
    assert not may_receive(rules, Case(id="1", input="x"))


@pytest.mark.parametrize("before", ["", "see:\n", "see:\t"])
@pytest.mark.parametrize("text", PERSONAL)
def test_it_is_found_in_fields_and_conversations_wherever_a_line_begins(text: str, before: str) -> None:
    said = Conversation(messages=(Message(role="user", content=before + text),))

    assert holds_personal_data(Case(id="1", input={"note": {"parts": [before + text]}}))
    assert holds_personal_data(Case(id="1", input=said))


def test_a_number_in_a_field_is_looked_at_too() -> None:
    assert holds_personal_data(Case(id="1", input={"card": 4111111111111111}))
    assert not holds_personal_data(Case(id="1", input={"card": 4111111111111112, "paid": True}))
