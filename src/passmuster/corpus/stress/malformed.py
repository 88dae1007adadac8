"""Inputs that broke on their way: cut off, wrongly decoded, wrongly nested, empty."""

import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from passmuster.corpus.stress.made import Made, Material
from passmuster.corpus.stress.main_text import last_user, main_text, with_main_text
from passmuster.records.case import Case, Conversation, Message
from passmuster.records.digest import plain

_FEWEST = 8
"""Characters that a text needs so that a part of it is a part."""

_LOST = "\ufffd"


def cut_off(case: Case, random: np.random.Generator, material: Material) -> Made | None:
    """Return the input with the end of its text missing, in the middle of a word where it can be."""
    del material
    text = main_text(case.input)
    if len(text) < _FEWEST:
        return None
    place = int(len(text) * (0.3 + 0.4 * random.random()))
    inside = [
        near for near in range(place, min(place + 12, len(text))) if text[near - 1 : near + 1].isalnum()
    ]
    place = inside[0] if inside else place
    return Made(
        with_main_text(case.input, text[:place]),
        f"cut off after {place:,} of {len(text):,} characters",
    )


def broken_encoding(case: Case, random: np.random.Generator, material: Material) -> Made | None:
    """Return the input as it looks when UTF-8 is read as Windows-1252, or some bytes are lost."""
    del material
    text = main_text(case.input)
    if not text.strip():
        return None
    foreign = sum(not character.isascii() for character in text)
    if foreign:
        mangled = text.encode("utf-8", "replace").decode("cp1252", "replace")
        return Made(
            with_main_text(case.input, mangled),
            f"UTF-8 read as Windows-1252: {foreign:,} characters are wrong",
        )
    places = [place for place, character in enumerate(text) if character.isalpha()]
    if not places:
        return None
    count = max(1, len(places) // 20)
    characters = list(text)
    for place in random.choice(places, size=count, replace=False):
        characters[int(place)] = _LOST
    return Made(with_main_text(case.input, "".join(characters)), f"{count:,} characters lost to U+FFFD")


def wrong_nesting(case: Case, random: np.random.Generator, material: Material) -> Made | None:
    """Return the input one level too deep: fields in a field, turns in a turn, a text in JSON in JSON."""
    del material
    value = case.input
    if isinstance(value, Conversation):
        place = last_user(value)
        if place is None:
            return None
        inner = json.dumps(plain(value.messages), ensure_ascii=False)
        kept = tuple(message for message in value.messages[:place] if message.role == "system")
        return Made(
            replace(value, messages=(*kept, Message(role="user", content=inner))),
            f"{len(value.messages)} turns as JSON in one turn",
        )
    if isinstance(value, Mapping):
        names = list(value)
        outer = names[int(random.integers(len(names)))]
        rest = {name: item for name, item in value.items() if name != outer}
        return Made({outer: {outer: value[outer], **rest}}, f"all {len(names)} fields stand inside {outer!r}")
    if not value.strip():
        return None
    inner = json.dumps({"input": value}, ensure_ascii=False)
    return Made(
        json.dumps({"input": [inner]}, ensure_ascii=False)[: -1 if random.random() < 0.5 else None],
        "JSON in a list in JSON, the text at the bottom",
    )


def empty(case: Case, random: np.random.Generator, material: Material) -> Made | None:
    """Return the input with nothing in it, or nothing but blanks."""
    del material
    blank = ("", " ", "\n\n", "\u00a0\t ")[int(random.integers(4))]
    what = f"white space ({len(blank)})" if blank else "nothing"
    value = case.input
    if isinstance(value, Mapping):
        fields = {name: blank if isinstance(item, str) else None for name, item in value.items()}
        return Made(fields, f"{what} in each of {len(fields)} fields")
    if not main_text(value).strip():
        return None
    return Made(with_main_text(value, blank), f"{what} in place of {len(main_text(value)):,} characters")
