"""What an agent did is read from any provider alike, and a slip is told with its place."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.adapters.providers.function.functions import ask

from passmuster.adapters.providers.http_json.reply import JsonReader, ReplyPaths
from passmuster.adapters.providers.replay.provider import Recording
from passmuster.adapters.providers.wire.errors import UnreadableError
from passmuster.adapters.providers.wire.steps import LARGEST_STATE, MOST_STEPS, read_state, read_steps
from passmuster.errors import RecordingError
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case, Conversation, Message, Text, ToolCall
from passmuster.records.record import Json
from passmuster.records.trial import Failure, Reply, Request
from passmuster.testing import FakeClock

CALL = {"id": "1", "function": {"name": "cancel", "arguments": '{"order": "A7"}'}}
GIVEN: list[dict[str, Any]] = [
    {"role": "developer", "content": [{"type": "text", "text": "Be brief."}, {"type": "file", "id": "f"}]},
    {"role": "assistant", "content": None, "tool_calls": [CALL], "refusal": None},
    {"role": "tool", "tool_call_id": "1", "content": {"ok": True}},
]
READ = (
    Message(role="system", content='Be brief.\n{"type": "file", "id": "f"}'),
    Message(role="assistant", tool_calls=(ToolCall(name="cancel", arguments='{"order": "A7"}', id="1"),)),
    Message(role="tool", content='{"ok": true}', tool_call_id="1"),
)
STATE = {"orders": {"A7": "cancelled"}, "seen": [1, None, 2.5]}
WHOLE = Reply(text="Done.", steps=READ, state=STATE)
REQUEST = Request(case=Case(id="1", input="x"), conversation=Conversation(messages=()))


async def replayed(path: Path) -> object:
    provider = Recording.read(path).provider(Candidate(name="any", provider="replay"), FakeClock())
    return (await provider.ask(REQUEST)).outcome


async def test_a_function_says_what_it_did_and_what_it_left() -> None:
    answer = {"text": "Done.", "steps": GIVEN, "state": STATE}

    assert (await ask(lambda _: answer)).outcome == WHOLE
    assert (await ask(lambda _: WHOLE)).outcome == WHOLE


def test_an_address_does() -> None:
    reader = JsonReader(ReplyPaths(text="$.said", steps="$.trace", state="$.left"))
    reader.whole(json.dumps({"said": "Done.", "trace": GIVEN, "left": STATE}).encode())

    assert reader.reply(str) == WHOLE


async def test_a_recording_does(tmp_path: Path) -> None:
    path = tmp_path / "recorded.jsonl"
    row = {"id": "1", "output": "Done.", "steps": GIVEN, "state": STATE, "tool_calls": [CALL]}
    path.write_text(json.dumps(row))

    expected = Reply(text="Done.", steps=READ, state=STATE, tool_calls=READ[1].tool_calls)
    assert await replayed(path) == expected


async def test_a_recording_in_csv_does_as_json_text(tmp_path: Path) -> None:
    path = tmp_path / "recorded.csv"
    cells = [json.dumps(value).replace('"', '""') for value in (GIVEN, STATE)]
    path.write_text(f'id,output,steps,state\n1,Done.,"{cells[0]}","{cells[1]}"\n')

    assert await replayed(path) == WHOLE


@pytest.mark.parametrize("state", [STATE, "sent", [1]])
async def test_a_recording_may_hold_them_as_json_text_as_an_export_does(tmp_path: Path, state: Json) -> None:
    path = tmp_path / "recorded.jsonl"
    texts = {"steps": json.dumps(GIVEN), "state": json.dumps(state), "tool_calls": json.dumps([CALL])}
    path.write_text(json.dumps({"id": "1", "output": "Done."} | texts))

    expected = Reply(text="Done.", steps=READ, state=state, tool_calls=READ[1].tool_calls)
    assert await replayed(path) == expected


@pytest.mark.parametrize("state", ["north", "12", "[a", '"'])
async def test_a_recorded_state_that_is_no_json_stays_a_text(tmp_path: Path, state: str) -> None:
    path = tmp_path / "recorded.jsonl"
    path.write_text(json.dumps({"id": "1", "output": "Done.", "state": state}))

    assert await replayed(path) == Reply(text="Done.", state=state)


@pytest.mark.parametrize("other", [7, "north", [1, 2]])
async def test_a_column_of_that_name_that_holds_something_else_is_ignored(tmp_path: Path, other: Any) -> None:
    path = tmp_path / "recorded.jsonl"
    path.write_text(json.dumps({"id": "1", "output": "Done.", "steps": other, "tool_calls": other}))

    assert await replayed(path) == Reply(text="Done.")


def test_a_recorded_step_that_is_none_is_an_error_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "recorded.jsonl"
    path.write_text(json.dumps({"id": "1", "output": "Done.", "steps": [{"role": "queen"}]}))

    with pytest.raises(RecordingError, match=r"jsonl:1:\d+.*steps\[0\]: 'queen' is no role") as caught:
        Recording.read(path)
    assert caught.value.place is not None


NO_STEPS: dict[str, tuple[object, str]] = {
    "a text": ("look_up", "steps is a str, not a list of messages"),
    "a text inside": (["look_up"], r"steps\[0\] is a str, not a message"),
    "no role": ([{"content": "a"}], r"steps\[0\]: 'None' is no role: system, user, assistant, tool"),
    "calls that are text": ([{"role": "ai", "tool_calls": "f"}], r"tool_calls is a str, not a list"),
    "a call without a name": ([{"role": "ai", "tool_calls": [{"id": "1"}]}], "what is no tool call"),
    "too many": ([{"role": "ai"}] * (MOST_STEPS + 1), "at most 10000 are kept"),
}


@pytest.mark.parametrize(("value", "message"), NO_STEPS.values(), ids=list(NO_STEPS))
async def test_what_are_no_steps_is_told(value: object, message: str) -> None:
    with pytest.raises(UnreadableError, match=message):
        read_steps(value, str)
    answered = await ask(lambda _: {"text": "a", "steps": value})
    assert isinstance(answered.outcome, Failure)
    assert answered.outcome.kind == "malformed"


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, "a" * LARGEST_STATE, object()])
def test_what_is_no_state_is_told(value: object) -> None:
    with pytest.raises(UnreadableError, match=r"state (is no JSON|has \d+ characters)"):
        read_state(value, str)


@pytest.mark.parametrize("levels", [90, 100_000])
def test_a_state_that_is_too_deep_is_told(levels: int) -> None:
    deep: list[Any] = []
    for _ in range(levels):
        deep = [deep]
    with pytest.raises(UnreadableError, match="state is no JSON"):
        read_state(deep, str)


def test_secrets_are_taken_out_of_steps_and_state() -> None:
    def clean(text: str) -> str:
        return text.replace("sk-1", "[redacted]")

    call = {"name": "f", "arguments": {"key": "sk-1"}}
    steps = read_steps([{"role": "ai", "content": "sk-1", "tool_calls": [call]}], clean)

    assert "sk-1" not in repr((steps, read_state({"sk-1": ["sk-1"]}, clean)))


def test_content_that_no_one_can_read_does_not_break_the_rest() -> None:
    steps = read_steps([{"role": "ai", "content": [Text(text="a"), {1, 2}]}], str)

    assert steps == (Message(role="assistant", content="a\n<set>"),)


class Unwritable:
    def __str__(self) -> str:
        raise ValueError

    __repr__ = __str__


def nested(levels: int) -> Any:
    value: Any = "end"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("value", [nested(100_000), Unwritable()], ids=["deep", "unwritable"])
@pytest.mark.parametrize(
    "message",
    [
        lambda value: {"role": value},
        lambda value: {"role": "assistant", "tool_calls": [value]},
        lambda value: {"role": "tool", "tool_call_id": value},
    ],
    ids=["role", "call", "id"],
)
def test_what_cannot_be_written_down_is_unreadable_and_raises_nothing_else(
    value: Any, message: Callable[[Any], Any]
) -> None:
    with pytest.raises(UnreadableError, match=r"steps\[0\]"):
        read_steps([message(value)], str)


def test_a_call_in_the_old_form_is_a_call() -> None:
    said = {"role": "assistant", "content": None, "function_call": {"name": "find", "arguments": "{}"}}

    steps = read_steps([said, {"role": "function", "name": "find", "content": "A7"}], str)

    assert steps is not None
    assert steps[0].tool_calls == (ToolCall(name="find", arguments="{}"),)
    assert steps[1].role == "tool"
