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

    Three forms are known: a conversation for each side, of which the last turn of the model is the reply; a list of the
    replies of all turns, as JSON; and one column for each way in which it may end, 1 where it did. What is not there,
    or not in such a form, is left out.

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
    for side, columns in _SIDES.items():
        text = _last_reply(row.get(columns.conversation), row.get(columns.response))
        if text is not None:
            found[side] = text
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


def _last_reply(conversation: Json, response: Json) -> str | None:
    turns = _list(conversation)
    if turns is not None:
        said = [
            _content(turn.get("content"))
            for turn in turns
            if isinstance(turn, Mapping) and turn.get("role") in _MODEL
        ]
        return said[-1] if said else None
    replies = _list(response)
    if replies is None:
        return response if isinstance(response, str) else None
    return replies[-1] if replies and isinstance(replies[-1], str) else None


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
