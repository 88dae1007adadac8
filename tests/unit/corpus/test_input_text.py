"""The readable text of an input."""

from passmuster.corpus.text import input_text
from passmuster.records.case import Conversation, Document, Image, Message, Text, Tool, ToolCall

CONVERSATION = Conversation(
    system="Be kind.",
    messages=(
        Message(role="user", content=(Text(text="Look:"), Image(url="https://a.example/b.png"))),
        Message(role="assistant", tool_calls=(ToolCall(name="find", arguments='{"q": 1}'),)),
    ),
    tools=(Tool(name="find", description="Finds."),),
    context=(Document(text="All about it.", title="Title"),),
)


def test_text_stays_as_it_is_and_fields_become_lines() -> None:
    assert input_text("a\nb") == "a\nb"
    assert input_text({"a": "x", "b": None, "c": {"d": 1}}) == 'a: x\nb: null\nc: {"d":1}'


def test_a_single_message_is_its_text() -> None:
    assert input_text(Conversation(messages=(Message(role="user", content="Hi"),))) == "Hi"


def test_a_conversation_is_its_context_and_its_turns_without_instructions() -> None:
    assert input_text(CONVERSATION) == (
        'Title\nAll about it.\nuser: Look:\n[image https://a.example/b.png]\nassistant: find({"q": 1})'
    )


def test_instructions_are_there_when_asked_for() -> None:
    text = input_text(CONVERSATION, instructions=True)
    assert text.startswith("Be kind.\nfind: Finds. {}\nTitle")


def test_different_image_data_give_different_texts() -> None:
    texts = {
        input_text(Conversation(messages=(Message(role="user", content=(Image(data=data),)),)))
        for data in "ab"
    }
    assert len(texts) == 2
