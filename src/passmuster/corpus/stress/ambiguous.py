"""Inputs that leave something open: a needed part removed or doubled, demands that contradict one another."""

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from passmuster.corpus.stress.made import Made, Material
from passmuster.corpus.stress.main_text import last_user, main_field, main_text, with_main_text
from passmuster.records.case import Case, Conversation
from passmuster.stats.language.detect import language_of

_WORD = re.compile(r"\w+")
_SHARE = 0.3
"""Of the different words of a text, how many are taken out: those that fewest other inputs have."""

CONTRADICTIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "en": (
        ("Answer with one word only.", "Explain your answer in at least 200 words."),
        ("Answer in English only.", "Answer in French only."),
        ("Give exactly one answer.", "Give at least two different answers."),
        ("Do not use any of the given options.", "Choose one of the given options."),
    ),
    "de": (
        ("Antworte mit nur einem Wort.", "Begr\u00fcnde die Antwort in mindestens 200 W\u00f6rtern."),
        ("Gib genau eine Antwort.", "Gib mindestens zwei verschiedene Antworten."),
    ),
    "fr": (
        ("R\u00e9ponds en un seul mot.", "Explique ta r\u00e9ponse en au moins 200 mots."),
        ("Donne exactement une r\u00e9ponse.", "Donne au moins deux r\u00e9ponses diff\u00e9rentes."),
    ),
    "es": (
        ("Responde con una sola palabra.", "Explica tu respuesta en al menos 200 palabras."),
        ("Da exactamente una respuesta.", "Da al menos dos respuestas diferentes."),
    ),
    "it": (("Rispondi con una sola parola.", "Spiega la risposta in almeno 200 parole."),),
    "pt": (("Responda com uma s\u00f3 palavra.", "Explique a resposta em pelo menos 200 palavras."),),
    "nl": (("Antwoord met \u00e9\u00e9n woord.", "Leg je antwoord uit in minstens 200 woorden."),),
    "pl": (("Odpowiedz jednym s\u0142owem.", "Uzasadnij odpowied\u017a w co najmniej 200 s\u0142owach."),),
    "ru": (
        (
            "\u041e\u0442\u0432\u0435\u0442\u044c \u043e\u0434\u043d\u0438\u043c \u0441\u043b\u043e\u0432\u043e\u043c.",
            "\u041e\u0431\u044a\u044f\u0441\u043d\u0438 \u043e\u0442\u0432\u0435\u0442 \u043c\u0438\u043d\u0438\u043c\u0443\u043c \u0432 200 \u0441\u043b\u043e\u0432\u0430\u0445.",
        ),
    ),
    "zh": (
        (
            "\u53ea\u7528\u4e00\u4e2a\u8bcd\u56de\u7b54\u3002",
            "\u8bf7\u7528\u81f3\u5c11200\u5b57\u89e3\u91ca\u4f60\u7684\u56de\u7b54\u3002",
        ),
    ),
    "ja": (
        (
            "\u4e00\u8a9e\u3060\u3051\u3067\u7b54\u3048\u3066\u304f\u3060\u3055\u3044\u3002",
            "200\u5b57\u4ee5\u4e0a\u3067\u8aac\u660e\u3057\u3066\u304f\u3060\u3055\u3044\u3002",
        ),
    ),
}
"""Pairs of demands that nobody can meet together, by language; English where a language has none."""


def field_removed(case: Case, random: np.random.Generator, material: Material) -> Made | None:
    """Return the input without what it turns on: a field, a document, a turn, or the words that tell it apart."""
    value = case.input
    if isinstance(value, Mapping) and len(value) > 1:
        name = main_field(value) or next(iter(value))
        return Made({key: item for key, item in value.items() if key != name}, f"the field {name!r} removed")
    if isinstance(value, Conversation) and value.context:
        place = int(random.integers(len(value.context)))
        context = value.context[:place] + value.context[place + 1 :]
        label = value.context[place].title or value.context[place].id or f"number {place + 1}"
        return Made(replace(value, context=context), f"the document {label!r} removed")
    if isinstance(value, Conversation) and (place_of_last := last_user(value)):
        turn = value.messages[place_of_last - 1]
        if turn.role in {"user", "assistant"} and not turn.tool_calls:
            messages = value.messages[: place_of_last - 1] + value.messages[place_of_last:]
            return Made(replace(value, messages=messages), f"the turn before the last ({turn.role}) removed")
    return _telling_words_removed(case, material)


def _telling_words_removed(case: Case, material: Material) -> Made | None:
    text = main_text(case.input)
    words = sorted(
        {word.casefold() for word in _WORD.findall(text)},
        key=lambda word: (material.known.get(word, 0), word),
    )
    if len(words) < 3:
        return _middle_removed(case, text)
    gone = set(words[: max(1, round(_SHARE * len(words)))])
    left = _WORD.sub(lambda found: "" if found.group().casefold() in gone else found.group(), text)
    shown = ", ".join(sorted(gone)[:3])
    return Made(
        with_main_text(case.input, re.sub(r"[ \t]{2,}", " ", left).strip()),
        f"{len(gone)} words removed that fewest other inputs have, such as {shown}",
    )


def _middle_removed(case: Case, text: str) -> Made | None:
    third = len(text) // 3
    if not third:
        return None
    return Made(
        with_main_text(case.input, text[:third] + text[2 * third :]),
        f"the middle {third:,} of {len(text):,} characters removed",
    )


def field_doubled(case: Case, random: np.random.Generator, material: Material) -> Made | None:
    """Return the input with a second value of what it turns on, taken from another case."""
    other = _unlike(case, random, material)
    if other is None:
        return None
    text, second = main_text(case.input), main_text(other.input)
    value = case.input
    if isinstance(value, Mapping):
        name = main_field(value)
        if name is None:
            return None
        pair = [text, second] if random.random() < 0.5 else [second, text]
        return Made({**value, name: pair}, f"the field {name!r} has a second value, that of case {other.id}")
    first, last = (text, second) if random.random() < 0.5 else (second, text)
    where = "behind" if first == text else "before"
    return Made(
        with_main_text(value, f"{first.rstrip()}\n\n{last.lstrip()}"),
        f"the text of case {other.id} {where} its own",
    )


def _unlike(case: Case, random: np.random.Generator, material: Material) -> Case | None:
    """Return a case with another reference where there are some, else one with another text."""
    own = main_text(case.input)
    others = [other for other in material.others if main_text(other.input).strip() not in {"", own.strip()}]
    differing = [other for other in others if other.reference != case.reference] or others
    return differing[int(random.integers(len(differing)))] if differing else None


def conflicting_requirements(case: Case, random: np.random.Generator, material: Material) -> Made | None:
    """Return the input with two demands that contradict one another, in its own language."""
    del material
    text = main_text(case.input)
    if not text.strip():
        return None
    language = language_of(text)
    pairs = CONTRADICTIONS.get(language, CONTRADICTIONS["en"])
    first, second = pairs[int(random.integers(len(pairs)))]
    if random.random() < 0.5:
        first, second = second, first
    spread = random.random() < 0.5
    changed = f"{first}\n\n{text}\n\n{second}" if spread else f"{text}\n\n{first} {second}"
    return Made(with_main_text(case.input, changed), f"two demands that contradict: {first} {second}")
