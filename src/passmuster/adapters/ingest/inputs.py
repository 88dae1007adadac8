"""The three shapes of an input: text, named fields, a conversation."""

import json
import math
import re
from collections.abc import Iterator
from functools import cache

from pydantic import TypeAdapter, ValidationError

from passmuster.adapters.files.closest import did_you_mean
from passmuster.adapters.files.locate import Step
from passmuster.adapters.files.rows import Row
from passmuster.errors import CorpusError
from passmuster.records.case import Conversation, Image, Input
from passmuster.records.json_kind import kind_of
from passmuster.records.record import Json

_UNKNOWN_KEY = {"extra_forbidden", "unexpected_keyword_argument"}
_SUSPECT = re.compile(r"[\\0-9](?:u[dD]|[eE]|[0-9]{299})")
"""What a JSON text must hold for half a surrogate pair, or a number beyond all bounds, to be in it.

One set of first characters, because every text is looked through: branches of their own are tried at each character.
"""

_KEYS = ("messages", "system", "tools", "context")


@cache
def _conversation() -> TypeAdapter[Conversation]:
    return TypeAdapter(Conversation)


def read_input(row: Row, column: str, value: Json) -> Input:
    """Return an input from its JSON value: text, an object of named fields, or one with `messages`.

    Raises:
        CorpusError: for any other value, with the place of what is wrong in it.
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, dict) or not value:
        found = "an empty object" if value == {} else kind_of(value)
        raise CorpusError(
            f"input: expected text, named fields or a conversation, found {found}",
            place=row.place(column),
            hint="see docs/cases.md for the three shapes",
        )
    return _read_conversation(row, column, value) if "messages" in value else value


def _read_conversation(row: Row, column: str, value: dict[str, Json]) -> Conversation:
    try:
        conversation = _conversation().validate_json(json.dumps(value))
    except ValidationError as error:
        raise _explained(row, column, error) from None
    if not (conversation.messages or conversation.system or conversation.context):
        raise CorpusError("input: the conversation is empty", place=row.place(column, "messages"))
    for index, message in enumerate(conversation.messages):
        parts = message.content if isinstance(message.content, tuple) else ()
        for position, part in enumerate(parts):
            if isinstance(part, Image) and not _complete(part):
                raise CorpusError(
                    "input: an image needs either `url`, or `data` with `media_type`",
                    place=row.place(column, "messages", index, "content", position),
                )
    return conversation


def _complete(image: Image) -> bool:
    if image.url is not None:
        return image.data is None
    return image.data is not None and image.media_type is not None


def _explained(row: Row, column: str, error: ValidationError) -> CorpusError:
    # A union reports every arm that failed; the one that got furthest is the one that was meant.
    details = max(
        error.errors(include_url=False),
        key=lambda item: (len(item["loc"]), item["type"] not in _UNKNOWN_KEY),
    )
    steps: list[Step] = [column, *details["loc"]]
    unknown = details["type"] in _UNKNOWN_KEY
    name = ".".join(str(step) for step in details["loc"] if not _is_word_of_validator(step))
    hint = "see docs/cases.md for the shape of a conversation"
    if unknown and len(details["loc"]) == 1:
        hint = did_you_mean(str(details["loc"][0]), _KEYS)
    message = "there is no such key" if unknown else details["msg"]
    return CorpusError(f"input.{name}: {message}", place=row.place(*steps, key=unknown), hint=hint)


def _is_word_of_validator(step: Step) -> bool:
    return isinstance(step, str) and ("[" in step or step in {"str", "Text", "Image"})


def refuse_unsayable(row: Row) -> None:
    """Raise for what JSON has no word for, or UTF-8 no bytes: infinities and halves of surrogate pairs.

    Raises:
        CorpusError: with the place.
    """
    if row.format == "csv" or _SUSPECT.search(row.text) is None:
        return
    for steps, value in _leaves(row.values, ()):
        if isinstance(value, float) and not math.isfinite(value):
            raise CorpusError("the number is too large", place=row.place(*steps))
        if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
            raise CorpusError(
                "the text holds half of a surrogate pair, which is no character",
                place=row.place(*steps),
                hint="the text was cut in the middle of a character; cut it elsewhere or replace that half",
            )


def _leaves(value: Json, steps: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Json]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*steps, key), key
            yield from _leaves(item, (*steps, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*steps, index))
    else:
        yield steps, value
