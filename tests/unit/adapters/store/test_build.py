from typing import Any

import pytest

from passmuster.adapters.store.build import build
from passmuster.records.candidate import Candidate, Cap, Egress, Prompt
from passmuster.records.case import Conversation, Image, Message, Text, ToolCall
from passmuster.records.digest import plain
from passmuster.records.run import Lag, RunEnd


@pytest.mark.parametrize(
    "record",
    [
        Candidate(name="a", provider="p"),
        Candidate(name="a", provider="p", prompt=Prompt(name="q"), cap=Cap(budget=1.0), egress=Egress()),
        Candidate(name="a", provider="p", egress=Egress(strata=("x", "y")), parameters={"a": [1, {"b": 2}]}),
        Conversation(messages=(Message(role="user", content="text"),)),
        Message(role="user", content=(Text(text="a"), Image(url="u"), Image(), Text(text=""))),
        Message(role="assistant", tool_calls=(ToolCall(name="f", arguments="{}"),)),
    ],
)
def test_a_record_is_built_as_it_was(record: Any) -> None:
    assert build(type(record), plain(record)) == record


def test_what_is_ready_is_taken_as_it_is() -> None:
    lag = Lag(p50=0.1, p99=0.2, longest=0.3)
    data = {"ended": 1.0, "status": "complete", "asked": 1, "reused": 0, "failed": 0, "spend": None}

    assert build(RunEnd, data, run="r", lag=lag).lag is lag


@pytest.mark.parametrize("data", [[], "text", None, 3])
def test_other_data_than_an_object_is_refused(data: object) -> None:
    with pytest.raises(TypeError, match="expected a JSON object"):
        build(Prompt, data)


@pytest.mark.parametrize("data", [{"name": "a", "unknown": 1}, {}, {"name": "a", "prompt": 3}])
def test_a_field_too_many_or_too_few_or_of_another_shape_is_refused(data: object) -> None:
    with pytest.raises(TypeError):
        build(Candidate, data)


def test_a_part_that_is_neither_text_nor_image_is_refused() -> None:
    with pytest.raises(TypeError, match="dict"):
        build(Message, {"role": "user", "content": [{"sound": "x"}]})
