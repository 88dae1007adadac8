"""Choices in the form of arenas (LMSYS, LMArena): two conversations or replies, and which of them won."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from passmuster.records.record import Json


class _Side(NamedTuple):
    conversation: str
    response: str
    won: str


_SIDES = {
    "first": _Side("conversation_a", "response_a", "winner_model_a"),
    "second": _Side("conversation_b", "response_b", "winner_model_b"),
}
_TIE = "winner_tie"
_MODEL = ("assistant", "model")
_TRUE = frozenset({"1", "1.0", "true"})
_NAMES = {
    "case": ("question_id", "id"),
    "rater": ("judge", "judge_hash", "user"),
    "time": ("tstamp", "timestamp"),
}


def choice_columns(row: Mapping[str, Json]) -> dict[str, Json] | None:
    """Return a row of an arena with the columns of a choice, as `passmuster rate import` reads them.

    Three forms are known: a conversation for each side, of which the last turn of the model is the reply (with a column
    `turn`, that turn of it); a list of the replies of all turns, as JSON, equally long on both sides and in `prompt`;
    and one column for each way in which it may end, 1 where it did. What is not there, or not in such a form, is left
    out. A half of a surrogate pair, which such lists hold where a text was cut, is replaced by U+FFFD.

    Args:
        row: A row as it stands in the file.

    Returns:
        The row's choice; None where it is not of an arena (it names no two models).

    Example:
        >>> said = choice_columns({"question_id": "7", "model_a": "x", "model_b": "y", "winner": "tie (bothbad)",
        ...     "conversation_a": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]})
        >>> said
        {'case': '7', 'first_by': 'x', 'second_by': 'y', 'first': 'Hello', 'choice': 'tie'}
    """
    if not all(isinstance(row.get(name), str) for name in ("model_a", "model_b")):
        return None
    found: dict[str, Json] = {}
    for field, names in _NAMES.items():
        value = next((row[name] for name in names if row.get(name) not in (None, "")), None)
        if value is not None:
            found[field] = value
    found |= {"first_by": row["model_a"], "second_by": row["model_b"]}
    listed = _lists_of_turns(row)
    for side, columns in _SIDES.items():
        text = _said(row.get(columns.conversation), row.get("turn"))
        if text is None:
            text = _last_of(row.get(columns.response), listed=listed)
        if text is not None:
            found[side] = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    chosen = _chosen(row)
    return found if chosen is None else {**found, "choice": chosen}


def _chosen(row: Mapping[str, Json]) -> str | None:
    winner = row.get("winner")
    if isinstance(winner, str) and winner.strip():
        word = winner.strip().casefold()
        known = {"model_a": "first", "model_b": "second"}
        return "tie" if word.startswith("tie") or word in {"both_bad", "bothbad"} else known.get(word)
    ends = [side for side, columns in _SIDES.items() if _is_true(row.get(columns.won))]
    ends += ["tie"] if _is_true(row.get(_TIE)) else []
    return ends[0] if len(ends) == 1 else None


def _is_true(value: Json) -> bool:
    return str(value).strip().casefold() in _TRUE


def _said(conversation: Json, turn: Json) -> str | None:
    """Return what the model said in a turn of a conversation, counted from 1; in the last one where it has no such."""
    said = [
        _content(each.get("content"))
        for each in _list(conversation) or ()
        if isinstance(each, Mapping) and each.get("role") in _MODEL
    ]
    place = int(str(turn)) if str(turn).isdecimal() and len(str(turn)) < 5 else len(said)
    return said[min(max(place, 1), len(said)) - 1] if said else None


def _lists_of_turns(row: Mapping[str, Json]) -> bool:
    """Return whether replies stand as lists, one a turn: a reply may itself be a list."""
    columns = [columns.response for columns in _SIDES.values()]
    columns += ["prompt"] if "prompt" in row else []
    found = [_list(row.get(name)) for name in columns]
    turns = {0 if each is None else len(each) for each in found}
    return len(turns) == 1 and 0 not in turns and all(_are_texts(each) for each in found)


def _are_texts(found: list[Json] | None) -> bool:
    return found is not None and all(each is None or isinstance(each, str) for each in found)


def _last_of(response: Json, *, listed: bool) -> str | None:
    if not listed:
        return response if isinstance(response, str) else None
    last = (_list(response) or [None])[-1]
    return last if isinstance(last, str) else ""  # null: the model gave nothing, and that is what was shown


def _content(content: Json) -> str | None:
    """Return the text of a turn, which may be a list of parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [
        part.get("text") for part in parts if isinstance(part, Mapping) and part.get("type", "text") == "text"
    ]
    known = [text for text in texts if isinstance(text, str)]
    return "\n".join(known) if known else None


def _list(value: Json) -> list[Json] | None:
    """Return a list, also where it stands as JSON in a text."""
    if isinstance(value, list):
        return value
    if not isinstance(value, str) or not value.lstrip().startswith("["):
        return None
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None
