"""Where a key or a value stands in a JSON text, so that an error can name the column."""

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

Step: TypeAlias = str | int

_DECODER = json.JSONDecoder()


class _Entry(NamedTuple):
    key: Step
    key_at: int
    value_at: int


def locate(text: str, path: Sequence[Step], *, key: bool = False) -> int:
    """Return the offset of the value at `path` (or of its key).

    Args:
        text: A valid JSON text.
        path: Keys and indices from the outermost value inwards; a step that does not exist is passed over,
            because validators put words of their own between them.
        key: Whether to return where the last key begins instead of where its value does.

    Example:
        >>> locate('{"a": [1, {"b": 2}]}', ["a", 1, "b"])
        16
        >>> locate('{"a": [1, {"b": 2}]}', ["a", 1, "b"], key=True)
        11
    """
    at = key_at = _after_blanks(text, 0)
    for step in path:
        entry = next((entry for entry in _entries(text, at) if entry.key == step), None)
        if entry is None:
            continue
        at, key_at = entry.value_at, entry.key_at
    return key_at if key else at


def _entries(text: str, start: int) -> Iterator[_Entry]:
    opener = text[start : start + 1]
    if opener not in {"{", "["}:
        return
    position, index = _after_blanks(text, start + 1), 0
    while text[position] not in "}]":
        key: Step = index
        key_at = position
        if opener == "{":
            key, position = _DECODER.raw_decode(text, position)
            position = _after_blanks(text, _after_blanks(text, position) + 1)
        yield _Entry(key, key_at, position)
        _, position = _DECODER.raw_decode(text, position)
        position = _after_blanks(text, position)
        if text[position] == ",":
            position = _after_blanks(text, position + 1)
        index += 1


def _after_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position
