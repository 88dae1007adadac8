"""Pseudonyms: the same identifier, the same name, in every part of a case."""

import json

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.corpus.personal.identifiers import identifiers

from passmuster.corpus.personal.find import find_personal, has_personal_data
from passmuster.corpus.personal.pseudonyms import Pseudonyms, normal
from passmuster.records.case import Case, Conversation, Document, Image, Message, Text, Tool, ToolCall
from passmuster.records.digest import canonical
from passmuster.records.traffic import TrafficRecord

MAIL = "jo@example.com"
NAMES = Pseudonyms(b"0123456789abcdef")
OWN = NAMES.name(MAIL, "mail")


def test_every_part_of_a_case_gets_the_same_pseudonym() -> None:
    conversation = Conversation(
        system=f"You help {MAIL}",
        messages=(
            Message(role="user", content=(Text(text=f"I am {MAIL}"), Image(url=f"https://x/{MAIL}"))),
            Message(
                role="assistant",
                content=f"Hello {MAIL}",
                tool_calls=(ToolCall(name="find", arguments=json.dumps({"who": MAIL}), id=MAIL),),
            ),
            Message(role="tool", content=MAIL, tool_call_id=MAIL),
        ),
        tools=(Tool(name="find", description=f"of {MAIL}", parameters={"default": [MAIL]}),),
        context=(Document(text=f"by {MAIL}", id=MAIL, title=MAIL),),
    )
    case = Case(
        id=MAIL,
        input=conversation,
        reference={"to": [MAIL, {MAIL: "x"}]},
        stratum=MAIL,
        group=MAIL,
        tags=(MAIL, "vip"),
        parent=MAIL,
        feedback=MAIL,
        mode=MAIL,
        generator=MAIL,
        transform=MAIL,
    )

    clean = canonical(NAMES.case(case)).decode()

    assert MAIL not in clean
    assert clean.count(OWN) == canonical(case).decode().count(MAIL)
    assert NAMES.case(NAMES.case(case)) == NAMES.case(case)


def test_every_part_of_a_record_of_traffic_gets_it() -> None:
    record = TrafficRecord(
        id=MAIL, input=MAIL, output=MAIL, user=MAIL, session=MAIL, error=MAIL, tags=(MAIL,), reference=MAIL,
        columns={MAIL: MAIL}, tool_calls=(ToolCall(name="x", arguments=f'{{"to": "{MAIL}"}}'),),
    )  # fmt: skip

    assert MAIL not in canonical(NAMES.record(record)).decode()


def test_nothing_else_changes() -> None:
    case = Case(
        id="1", input={"question": "Where?", "n": [1, 2.5, None, True]}, reference={"a": 1}, tags=("b",)
    )

    assert NAMES.case(case) == case


def test_the_ways_to_write_an_identifier_share_a_pseudonym() -> None:
    for kind, ways in (
        ("mail", ["Jo@Example.COM", "jo@example.com"]),
        ("iban", ["DE89 3704 0044 0532 0130 00", "de89370400440532013000"]),
        ("card", ["4111-1111-1111-1111", "4111 1111 1111 1111"]),
        ("phone", ["+49 (0)30 123456", "0049 30 12 34 56", "+4930123456"]),
        ("ip", ["2001:DB8:0:0::1", "2001:db8::1"]),
    ):
        assert len({NAMES.name(way, kind) for way in ways}) == 1  # type: ignore[arg-type]  # kinds as words
    assert NAMES.name("+4930123456", "phone") != NAMES.name("+4930123457", "phone")
    assert normal("999.1.2.3", "ip") == "999.1.2.3"


def test_another_key_gives_other_pseudonyms() -> None:
    assert Pseudonyms(b"fedcba9876543210").name(MAIL, "mail") != OWN


def test_a_number_and_a_field_that_says_what_it_holds_are_understood() -> None:
    fields = {
        "card": 4111111111111111,
        "password": "hunter2x",
        "phone": "467 3395",
        "order": 4111111111111112,
    }

    clean = NAMES.input(fields)

    assert isinstance(clean, dict)
    assert [str(clean[name]).split("-")[0] for name in ("card", "password", "phone")] == [
        "card",
        "key",
        "phone",
    ]
    assert clean["order"] == 4111111111111112


def test_two_fields_that_get_one_name_are_both_kept() -> None:
    assert list(NAMES.value({MAIL: 1, MAIL.upper(): 2})) == [OWN, f"{OWN} (2)"]  # type: ignore[call-overload]


def test_arguments_that_hold_nothing_stay_as_the_model_wrote_them() -> None:
    call = ToolCall(name="x", arguments='{ "a" :1}')
    broken = ToolCall(name="x", arguments='{"to": "jo@example.com')
    case = Case(id="1", input=Conversation(messages=(Message(role="assistant", tool_calls=(call, broken)),)))

    found = NAMES.case(case).input

    assert isinstance(found, Conversation)
    assert found.messages[0].tool_calls[0] == call
    assert found.messages[0].tool_calls[1].arguments == f'{{"to": "{OWN}'


def test_a_pseudonym_is_never_found_again_among_two_thousand_texts() -> None:
    names = Pseudonyms(b"0123456789abcdef")
    once = [names.text(text) for _, text in identifiers(2_000, seed=3)]

    assert [text for text in once if has_personal_data(text)] == []
    assert [names.text(text) for text in once] == once
    assert sum(names.counts.values()) >= 1_980


def test_ten_thousand_identifiers_get_as_many_pseudonyms() -> None:
    assert len({NAMES.name(f"jo{number}@example.com", "mail") for number in range(10_000)}) == 10_000


@given(st.text(alphabet="0123456789 +-.()@:/aDEx\n=", max_size=50))
def test_what_was_clean_stays_as_it_is(text: str) -> None:
    clean = NAMES.text(text)

    assert NAMES.text(clean) == clean
    assert find_personal(text) or clean == text
