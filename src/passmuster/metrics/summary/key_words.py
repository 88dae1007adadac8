"""Is a point made in a text? Told from its words: they must stand close together."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from passmuster.stats.language.detect import language_of
from passmuster.stats.language.words import FREQUENT

LONGEST_TEXT = 200_000
"""Characters of a reply that are read."""

MOST_WORDS = 200
"""Words of a point that are looked for."""

MOST_PLACES = 500
"""Places of one word that are looked at, the first ones: a word that stands nearly everywhere tells little."""

PASSAGE = 60
"""Words of a passage; one for a long point has three times as many words as the point."""

STEM = 6
"""Letters of a word that count: what follows is mostly an ending."""

_WORD = re.compile(r"[^\W_]+(?:[.,'\u2019][^\W_]+)*")
_APOSTROPHE = re.compile("['\u2019]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the words of a text stand: each word's places, in order."""

    of: Mapping[str, Sequence[int]]


def places_of(text: str) -> Places:
    """Return where the words of a text stand; of a long text, of its first 200,000 characters."""
    found: dict[str, list[int]] = {}
    for place, match in enumerate(_WORD.finditer(text[:LONGEST_TEXT])):
        own = found.setdefault(_key(match.group()), [])
        if len(own) < MOST_PLACES:
            own.append(place)
    return Places(of=found)


def key_words(text: str, language: str | None = None) -> tuple[str, ...]:
    """Return the words of a point that tell it from others: all but the commonest of its language, each once.

    Where these are all that there is, they count. A word counts by its first six letters, without case. `language`
    is an ISO 639-1 code; None: told from the text, which must not be short for that.

    Example:
        >>> key_words("The helicopters cost $400 million each.")
        ('helico', 'cost', '400', 'millio', 'each')
    """
    text = text[:LONGEST_TEXT]
    common = {_key(word) for word in FREQUENT.get(language or language_of(text), "").split()}
    every = tuple(dict.fromkeys(_key(match.group()) for match in _WORD.finditer(text)))
    telling = tuple(word for word in every if word not in common)
    return (telling or every)[:MOST_WORDS]


def share_found(words: Sequence[str], places: Places) -> float:
    """Return the largest share of these words that stands in one passage of a text.

    It is 0 where a number among them is nowhere in the text: "400 million" is not made by "500 million".

    Example:
        >>> words = key_words("The helicopters cost $400 million each.")
        >>> share_found(words, places_of("Each helicopter will cost 400 million dollars."))
        1.0
        >>> share_found(words, places_of("Each helicopter will cost 500 million dollars."))
        0.0
    """
    if not words or any(_is_number(word) and word not in places.of for word in words):
        return 0.0
    length = max(PASSAGE, 3 * len(words))
    hits = sorted((place, word) for word in words for place in places.of.get(word, ()))
    inside: dict[str, int] = {}
    start = best = 0
    for place, word in hits:
        inside[word] = inside.get(word, 0) + 1
        while hits[start][0] <= place - length:
            gone = hits[start][1]
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            start += 1
        best = max(best, len(inside))
    return best / len(words)


def _is_number(word: str) -> bool:
    return word[0].isdigit()


def _key(word: str) -> str:
    pieces = _APOSTROPHE.split(word.casefold())
    if _is_number(word):
        return "".join(piece for piece in pieces if piece != "s").replace(",", "")
    folded = max(pieces, key=len)  # company's, l'avion
    if len(folded) > 3 and folded.endswith("s"):
        folded = folded[:-1]
    return folded[:STEM]
