"""Digests: stores and reports of every version depend on them, so they never change."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.records.candidate import Candidate, Price, Prompt, candidate_digest
from passmuster.records.case import (
    Case,
    Conversation,
    Document,
    Image,
    Message,
    Text,
    Tool,
    ToolCall,
    case_digest,
)
from passmuster.records.digest import canonical, digest, plain
from passmuster.records.record import Record

CONVERSATION = Conversation(
    messages=(
        Message(
            role="user",
            content=(
                Text(text="Look"),
                Image(url="https://a.example/b.png"),
                Image(data="aGk=", media_type="image/png"),
            ),
        ),
        Message(role="assistant", tool_calls=(ToolCall(name="f", arguments="{}", id="t1"),)),
        Message(role="tool", content="42", tool_call_id="t1"),
    ),
    system="s",
    tools=(Tool(name="f", description="d", parameters={"type": "object"}),),
    context=(Document(text="d", id="1", title="t"),),
)
EVERY_FIELD = Case(
    id="7", input="q", reference=False, category="edge", stratum="s", group="g", tags=("b", "a")
)
FIELDS = Case(
    id="x",
    input={"b": [1, 2.5, True, None, {"z": "y", "a": -0.0}], "a": ""},
    reference={"k": [1e300, 10**30]},
)

# What version 0.1.0 wrote: (case, digest of its input, digest of all of it).
GOLDEN = [
    (Case(id="1", input="a"), "ffa9249c5ce3d27c3885c7cc757356bb", "c68fa13de71b088adc7cdcceba018091"),
    (
        Case(id="\u2028", input='"\\\n\t\x00\x1f\x7f é 日本 \U0001f600 </script>'),
        "af1bc96873be5b927bee0aff5f277f86",
        "1873386e09bb153ded0fa596d141958d",
    ),
    (Case(id="1", input="\ud800"), "f3a65109c7a851429a63c81c75c84801", "250fff296a21f51f09572d6bc3480ff8"),
    (FIELDS, "9ac939c70d558c08ff3d75c9b6dbc2e4", "6c1e83bd5c0d87cc35955ba8410220e8"),
    (EVERY_FIELD, "bf24729d769f7510e9646237310c2d0d", "a42f9918eb7d0310b25525613f5d4370"),
    (
        Case(id="c", input=CONVERSATION),
        "a88e12dca31256900779c679f991f85f",
        "d502727cd5b37506afdc583f226846c4",
    ),
    (
        Case(id="1", input="a", reference=0),
        "ffa9249c5ce3d27c3885c7cc757356bb",
        "922ca71917bfb1f0459dd5252ba089db",
    ),
    (
        Case(id="1", input=Conversation(messages=())),
        "5f716d15b9c9df2934075a6508fa5eef",
        "4eea8238a9ebcca1d434001cf66a7396",
    ),
]


@pytest.mark.parametrize(("case", "of_input", "of_all"), GOLDEN)
def test_the_digests_of_a_case_are_those_of_the_first_version(case: Case, of_input: str, of_all: str) -> None:
    assert (case_digest(case), digest(case)) == (of_input, of_all)


def test_the_digest_of_a_candidate_is_that_of_the_first_version() -> None:
    candidate = Candidate(
        name="m",
        provider="openai",
        model="gpt",
        endpoint="http://x",
        prompt=Prompt(name="p", user="{{ input }}"),
        parameters={"temperature": 0, "stop": ["a"]},
        price=Price(input=1, output=2.0),
    )
    assert candidate_digest(candidate) == "1b70ccfdc4bda05dcbf1e82af09f43c0"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
CASES = st.builds(
    Case,
    id=st.text(),
    input=st.text(st.characters()) | st.dictionaries(st.text(), JSON, max_size=3) | st.just(CONVERSATION),
    reference=JSON,
    category=st.sampled_from(["typical", "edge"]),
    stratum=st.none() | st.text(),
    tags=st.lists(st.text(), max_size=2).map(tuple),
)


def by_the_book(value: Any) -> Any:
    """Return plain data in the obvious way: every field looked up anew, nothing skipped."""
    if isinstance(value, Record):
        kept = {}
        for field in fields(value):  # type: ignore[arg-type]  # every subclass of Record is a dataclass
            held = getattr(value, field.name)
            default = field.default
            if default is MISSING and field.default_factory is not MISSING:
                default = field.default_factory()
            if default is MISSING or type(held) is not type(default) or held != default:
                kept[field.name] = by_the_book(held)
        return kept
    if isinstance(value, Mapping):
        return {str(key): by_the_book(item) for key, item in value.items()}
    return [by_the_book(item) for item in value] if isinstance(value, list | tuple) else value


@given(CASES | JSON)
def test_the_text_behind_a_digest_is_sorted_json_without_defaults(value: Case | Any) -> None:
    text = json.dumps(
        by_the_book(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    assert canonical(value) == text.encode("utf-8", "surrogatepass")
    assert plain(value) == by_the_book(value)


@given(CASES)
def test_the_digest_of_an_input_is_that_of_an_object_which_holds_it(case: Case) -> None:
    whole = hashlib.sha256(canonical({"input": case.input})).hexdigest()
    assert case_digest(case) == whole[:32]


@pytest.mark.parametrize(
    "value", [float("nan"), [float("inf")], Case(id="1", input="a", reference=float("nan"))]
)
def test_what_json_has_no_word_for_has_no_digest(value: object) -> None:
    with pytest.raises(ValueError, match="Out of range"):
        digest(value)


@pytest.mark.parametrize("value", [b"a", {1, 2}, Case(id="1", input={"a": b"a"})])
def test_what_is_no_json_is_refused_by_its_type(value: object) -> None:
    with pytest.raises(TypeError, match=r"digest of a (bytes|set)"):
        digest(value)
