"""Structured personal data: what is found, what is left alone, and in which time."""

import gzip
import json
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.corpus.personal.identifiers import identifiers, wrong_numbers

from passmuster.corpus.personal.find import Span, find_personal, has_personal_data
from passmuster.corpus.personal.span import apart


def found(text: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in find_personal(text)]


def test_of_two_thousand_generated_identifiers_at_least_99_in_100_are_found_whole() -> None:
    missed: Counter[str] = Counter()
    examples = []
    for identifier, text in identifiers(2_000, seed=1):
        start = text.index(identifier.text)
        end = start + len(identifier.text.split("@db")[0] if identifier.kind == "key" else identifier.text)
        if not any(span.start <= start and end <= span.end for span in find_personal(text)):
            missed[identifier.kind] += 1
            examples.append(text)

    assert sum(missed.values()) <= 20, (missed, examples)
    assert max(missed.values(), default=0) <= 6, (missed, examples)


def test_of_two_thousand_numbers_whose_check_digits_are_wrong_none_is_taken_for_personal_data() -> None:
    assert [text for text in wrong_numbers(2_000, seed=2) if has_personal_data(text)] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电话13812345678,邮箱jo@x.com。", [("phone", "13812345678"), ("mail", "jo@x.com")]),
        ("+1 415 555 0132 415 555 0199", [("phone", "+1 415 555 0132"), ("phone", "415 555 0199")]),
        ("card 4111 1111 1111 1111 123", [("card", "4111 1111 1111 1111")]),
        ("Desk: 345-899-3560x4587", [("phone", "345-899-3560x4587")]),
        ("[2001:db8::1]:8080", [("ip", "2001:db8::1")]),
        ("https://jo:pa55word@host/x", [("key", "pa55word")]),
        ("-----BEGIN PRIVATE KEY-----\nabc\ncut off", [("key", "-----BEGIN PRIVATE KEY-----\nabc\ncut off")]),
        ("DE89370400440532013000.", [("iban", "DE89370400440532013000")]),
    ],
)
def test_a_span_is_the_identifier_and_nothing_beside_it(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "std::vector and a::b at 12:30:45",
        "sold 612 345 678 USD on 01-02-2024 10",
        "order 4155550132 is late",
        "1700000000000 ms since the epoch, 1700000000000000 us",
        "version 1.2.3.4",
        "DE88 3704 0044 0532 0130 00 is mistyped",
        "the token: authentication of a password: forgotten",
        "pages 12-34-5678 of 2019 2020",
        "between 10.5-12.5 and 3/4 of 1/2",
        "mail-b1c2d3f4g5h6@example.invalid and phone-b1c2d3f4g5h6, api_key=key-b1c2d3f4g5h6",
    ],
)
def test_what_is_nobodys_is_left_alone(text: str) -> None:
    assert found(text) == []


HOSTILE = (
    "a@", "1 ", "+1", "AB12 ", "1111 ", "1", "1.", "-", "eyJaaaaaaa.", "-----BEGIN PRIVATE KEY-----", "password: ",
    "a:", ":", "key-", "(", "(1) ", "00 1", "DE12 ", "http://a:", "call 12345678 ", "4111 1111 1111 1112 ",
    "key-b1c2d3f4g5h6 ", f"{'a' * 64}@", "@a.b.c.d.e.f.g.h.i1", "token ", "12-12-", "tel (", "1\u00a0", "x1@a.",
)  # fmt: skip


@pytest.mark.timeout(120)
@pytest.mark.parametrize("part", HOSTILE)
def test_a_megabyte_of_hostile_text_is_looked_through_in_seconds(part: str) -> None:
    find_personal(part * (1_000_000 // len(part)))


@given(st.text(alphabet="0123456789 +-.()@:/aDEx\n", max_size=60))
def test_spans_lie_in_the_text_in_order_and_apart(text: str) -> None:
    spans = find_personal(text)

    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=20))
def test_of_spans_that_overlap_the_first_stays(pairs: list[tuple[int, int]]) -> None:
    spans = [Span(start=start, end=end, kind="other") for start, end in pairs if start < end]
    kept = apart(spans)

    naive: list[Span] = []
    for span in spans:
        if all(span.end <= each.start or each.end <= span.start for each in naive):
            naive.append(span)
    assert kept == sorted(naive, key=lambda span: span.start)


@pytest.mark.data
def test_fourteen_thousand_questions_and_complaints_without_personal_data_hold_none(
    data_folder: Path,
) -> None:
    with gzip.open(data_folder / "intents_banking77" / "items.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["input"] for line in lines]
    complaints = (data_folder / "replay_complaints" / "items.jsonl").read_text(encoding="utf-8").splitlines()
    texts += [row.get("input") or row["prompt"] for row in map(json.loads, complaints)]

    assert len(texts) == 14_083
    assert [text for text in texts if has_personal_data(text)] == []


@pytest.mark.data
def test_the_recall_that_the_documentation_states_is_still_reached(data_folder: Path) -> None:
    program = Path(__file__).parents[4] / "benchmarks" / "personal_data.py"
    page = Path(__file__).parents[4] / "docs" / "corpus" / "clean.md"

    printed = subprocess.run(
        [sys.executable, str(program), str(data_folder)], capture_output=True, text=True, check=True
    ).stdout

    assert printed in page.read_text(encoding="utf-8")
