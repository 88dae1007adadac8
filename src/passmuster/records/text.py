"""The readable text of any input."""

import json
from collections.abc import Mapping

from passmuster.records.case import Conversation, Document, Image, Input, Message, Text
from passmuster.records.digest import canonical, digest
from passmuster.records.record import Json

IMAGE_DIGITS = 8
"""Digits of the digest that stands for an image given as data."""


def input_text(value: Input, *, instructions: bool = False) -> str:
    r"""Return what a person would read of an input: text, `name: value` lines, or the turns of a conversation.

    System text and tools are alike in most cases of a corpus, so they would make all cases look alike: they
    are left out unless `instructions` is set. An image stands as its address, or as a digest of its data.

    Example:
        >>> input_text({"subject": "Refund", "items": [1, 2]})
        'subject: Refund\nitems: [1,2]'
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, Conversation):
        return "\n".join(f"{name}: {_plain_text(item)}" for name, item in value.items())
    several = len(value.messages) > 1
    parts = [*(_document(document) for document in value.context)]
    parts += [_turn(message, with_role=several) for message in value.messages]
    if instructions:
        tools = [
            f"{tool.name}: {tool.description or ''} {_plain_text(dict(tool.parameters))}"
            for tool in value.tools
        ]
        parts = [value.system or "", *tools, *parts]
    return "\n".join(part for part in parts if part)


def written(value: Json) -> Json:
    """Return a value as a prompt says it: objects, lists, true, false and null as JSON, all else as it is.

    Example:
        >>> written(["é", True]), written("true"), written(None)
        ('["é", true]', 'true', 'null')
    """
    if isinstance(value, Mapping | list | tuple | bool) or value is None:
        return json.dumps(value, ensure_ascii=False)
    return value


def _plain_text(item: object) -> str:
    return item if isinstance(item, str) else canonical(item).decode("utf-8", "surrogatepass")


def _document(document: Document) -> str:
    return document.text if document.title is None else f"{document.title}\n{document.text}"


def _turn(message: Message, *, with_role: bool) -> str:
    content = message.content
    parts = [content] if isinstance(content, str) else [_part(part) for part in content]
    parts += [f"{call.name}({call.arguments})" for call in message.tool_calls]
    text = "\n".join(part for part in parts if part)
    return f"{message.role}: {text}" if with_role else text


def _part(part: Text | Image) -> str:
    if isinstance(part, Text):
        return part.text
    return f"[image {part.url or digest(part.data)[:IMAGE_DIGITS]}]"
