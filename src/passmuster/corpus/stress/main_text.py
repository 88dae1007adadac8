"""The text that carries an input: changing it keeps the form of the input, and everything beside it."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from passmuster.records.case import Conversation, Input, Message, Text

Change = Callable[[str], str]


def main_text(value: Input) -> str:
    """Return the text itself, the longest text of named fields, or what the last user message says.

    Example:
        >>> main_text({"subject": "Refund", "body": "I want my money back"})
        'I want my money back'
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Conversation):
        place = last_user(value)
        return "" if place is None else _said(value.messages[place])
    name = main_field(value)
    return "" if name is None else str(value[name])


def with_main_text(value: Input, text: str) -> Input:
    """Return an input with another main text, the same in all else; one that has none stays as it is.

    Example:
        >>> with_main_text({"subject": "Refund", "body": "I want my money back"}, "?")
        {'subject': 'Refund', 'body': '?'}
    """
    if isinstance(value, str):
        return text
    if isinstance(value, Conversation):
        place = last_user(value)
        if place is None:
            return value
        messages = list(value.messages)
        messages[place] = _saying(messages[place], text)
        return replace(value, messages=tuple(messages))
    name = main_field(value)
    return value if name is None else {**value, name: text}


def main_field(fields: Mapping[str, object]) -> str | None:
    """Return the name of the field with the longest text, None where no field is a text."""
    texts = {name: len(item) for name, item in fields.items() if isinstance(item, str)}
    return max(texts, key=lambda name: texts[name]) if texts else None


def last_user(value: Conversation) -> int | None:
    """Return the place of the last message of the user that holds a text, None where there is none."""
    places = [
        place
        for place, message in enumerate(value.messages)
        if message.role == "user" and _said(message).strip()
    ]
    return places[-1] if places else None


def _said(message: Message) -> str:
    if isinstance(message.content, str):
        return message.content
    texts = [part.text for part in message.content if isinstance(part, Text)]
    return max(texts, key=len, default="")


def _saying(message: Message, text: str) -> Message:
    if isinstance(message.content, str):
        return replace(message, content=text)
    said, parts = _said(message), list(message.content)
    place = next(
        (place for place, part in enumerate(parts) if isinstance(part, Text) and part.text == said), None
    )
    if place is not None:
        parts[place] = Text(text=text)
    return replace(message, content=tuple(parts))
