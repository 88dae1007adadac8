"""What is encrypted comes back equal, and nothing else is taken for it."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.seal import payload
from passmuster.adapters.seal.payload import pack, unpack
from passmuster.errors import SealError
from passmuster.records.case import Case, Conversation, Document, Image, Message, Text, Tool, ToolCall
from passmuster.records.record import Json
from passmuster.records.seal import Holdout

TEXT = st.text(max_size=20)
JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
PARTS = st.builds(Text, text=TEXT) | st.builds(Image, url=TEXT, media_type=st.none() | TEXT)
MESSAGES = st.builds(
    Message,
    role=st.sampled_from(["user", "assistant"]),
    content=TEXT | st.lists(PARTS, max_size=3).map(tuple),
    tool_calls=st.lists(st.builds(ToolCall, name=TEXT, arguments=TEXT), max_size=2).map(tuple),
)
CONVERSATIONS = st.builds(
    Conversation,
    messages=st.lists(MESSAGES, max_size=3).map(tuple),
    system=st.none() | TEXT,
    tools=st.lists(
        st.builds(Tool, name=TEXT, parameters=st.dictionaries(TEXT, JSON, max_size=2)), max_size=2
    ).map(tuple),
    context=st.lists(st.builds(Document, text=TEXT), max_size=2).map(tuple),
)
CASES = st.builds(
    Case,
    id=TEXT,
    input=TEXT | st.dictionaries(TEXT, JSON, max_size=3) | CONVERSATIONS,
    reference=JSON,
    stratum=st.none() | TEXT,
    group=st.none() | TEXT,
    tags=st.lists(TEXT, max_size=2).map(tuple),
    origin=st.sampled_from(["production", "prior_system", "expert", "synthetic"]),
    category=st.sampled_from(["typical", "edge", "adversarial", "regression"]),
    weight=st.none() | st.floats(0.1, 9),
    time=st.none() | st.floats(0, 2e9),
    expect=st.none() | st.sampled_from(["answer", "refusal"]),
)


def holdout(*cases: Case) -> Holdout:
    return Holdout(cases=cases, salt="0a" * 32, gram_key="0b" * 32, split_seed=7, source="0c" * 32)


@given(st.lists(CASES, max_size=4, unique_by=lambda case: case.id))
def test_every_case_comes_back_equal(cases: list[Case]) -> None:
    given_ = holdout(*sorted(cases, key=lambda case: case.id))

    assert unpack(pack(given_)) == given_


def test_order_and_time_leave_no_trace() -> None:
    cases = [Case(id=str(number), input="x") for number in range(5)]

    assert pack(holdout(*cases)) == pack(holdout(*cases[::-1]))


def test_what_was_not_known_stays_unknown() -> None:
    given_ = Holdout(cases=(), salt="00", gram_key="11")

    assert unpack(pack(given_)) == given_


def test_no_representation_shows_a_case() -> None:
    assert "secret" not in repr(holdout(Case(id="secret", input="secret")))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no gzip",
        gzip.compress(b"no JSON", mtime=0),
        gzip.compress(b"[]", mtime=0),
        gzip.compress(b"{}", mtime=0),
        gzip.compress(b"[" * 100_000, mtime=0),
        pack(holdout())[:-3],
        pack(holdout()) + b"x",
        gzip.compress(json.dumps({"format": 2}).encode(), mtime=0),
        gzip.compress(pack(holdout()), mtime=0),
    ],
)
def test_anything_else_is_refused_without_a_word_of_it(content: bytes) -> None:
    with pytest.raises(SealError):
        unpack(content)


def test_a_case_with_a_field_that_there_is_not_is_refused_and_not_quoted() -> None:
    values = json.loads(gzip.decompress(pack(holdout(Case(id="1", input="top secret")))))
    values["cases"][0]["case"]["colour"] = "red"

    with pytest.raises(SealError) as raised:
        unpack(gzip.compress(json.dumps(values).encode(), mtime=0))
    assert "secret" not in str(raised.value)
    assert raised.value.__suppress_context__


def test_what_unpacks_to_more_than_any_holdout_is_stopped_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payload, "LARGEST", 1_000)

    with pytest.raises(SealError, match="larger"):
        unpack(gzip.compress(b" " * 1_000_000, mtime=0))
