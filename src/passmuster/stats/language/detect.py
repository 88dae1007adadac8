"""Which language and script a text is in: told by its letters and by words that are frequent in a language.

It is small and quick, knows some fifty languages, and says `und` (undetermined, ISO 639-2) rather than guess. It is made to
see that traffic changes, not to label a single text.
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from functools import cache

from passmuster.stats.language.words import FREQUENT, LETTERS, ONE_LANGUAGE, SCRIPTS, WRITTEN_IN

UNKNOWN = "und"
"""What a text is in of which nothing can be said."""

LOOKED_AT = 2_000
"""Characters of a text that are looked at, from its beginning."""

_STARTS = [start for start, _, _ in SCRIPTS]
_NOT_LATIN = {name for names in WRITTEN_IN.values() for name in names}
_LATIN = tuple(name for name in FREQUENT if name not in _NOT_LATIN)
_WORD = re.compile(r"[^\s\d.,;:!?()\[\]{}\"\u00ab\u00bb\u201c-\u201e\u2026/\\|<>@#*+=_-]+")
"""Not `\\w+`: the vowel signs of Indian scripts are no letters to it, and would part words."""

_SURE = 1.0
"""Votes from which, of languages with as many, the one that is listed first is named."""

_LETTER_VOTE = 0.5
_LETTER_VOTES_MOST = 3.0
_KANA_SHARE = 0.05
"""Japanese mixes kana with Han characters; Chinese has none."""


def script_of(text: str) -> str:
    """Return the script that most letters of a text are in, such as `Latin` or `Han`; `none` without letters.

    Kana and Han together are `Japanese`. Two or more scripts with at least a fifth of the letters each are `mixed`.

    Example:
        >>> script_of("Grüße!"), script_of("привет"), script_of("カードを失くしました"), script_of("42?")
        ('Latin', 'Cyrillic', 'Japanese', 'none')
    """
    counts = _scripts(text)
    total = counts.total()
    if not total:
        return "none"
    if counts["Kana"] and counts["Kana"] + counts["Han"] > total / 2 and counts["Kana"] > total * _KANA_SHARE:
        return "Japanese"
    large = [name for name, count in counts.items() if count >= total / 5]
    return "mixed" if len(large) > 1 else counts.most_common(1)[0][0]


def language_of(text: str) -> str:
    """Return the ISO 639-1 code of a text's language, or `und`.

    Example:
        >>> language_of("Where is my card?"), language_of("Wo ist meine Karte?"), language_of("OK 42")
        ('en', 'de', 'und')
    """
    text = text[:LOOKED_AT]
    script = _main_script(text)
    if script == "Latin":
        return _by_words(text, _LATIN)
    if script in WRITTEN_IN:
        return _by_words(text, WRITTEN_IN[script])
    return ONE_LANGUAGE.get(script, UNKNOWN)


def _main_script(text: str) -> str:
    if text.isascii():
        return "Latin" if any(map(str.isalpha, text)) else "none"
    counts = _scripts(text)
    if counts["Kana"] > counts.total() * _KANA_SHARE and counts["Kana"] + counts["Han"] > counts.total() / 2:
        return "Kana"
    return counts.most_common(1)[0][0] if counts else "none"


def _scripts(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for character, count in Counter(text[:LOOKED_AT]).items():
        if character.isalpha():
            point = ord(character)
            place = bisect_right(_STARTS, point) - 1
            known = place >= 0 and point <= SCRIPTS[place][1]
            found[SCRIPTS[place][2] if known else "other"] += count
    return found


@cache
def _votes(languages: tuple[str, ...]) -> dict[str, tuple[tuple[str, float], ...]]:
    """Return what each word says: a vote for every language that it is frequent in, shared among these."""
    speaks: defaultdict[str, list[str]] = defaultdict(list)
    for name in languages:
        for word in dict.fromkeys(FREQUENT[name].split()):
            speaks[word].append(name)
    return {word: tuple((name, 1 / len(names)) for name in names) for word, names in speaks.items()}


@cache
def _letter_votes(languages: tuple[str, ...]) -> dict[str, tuple[tuple[str, float], ...]]:
    speaks: defaultdict[str, list[str]] = defaultdict(list)
    for name in languages:
        for letter in LETTERS.get(name, ""):
            speaks[letter].append(name)
    return {
        letter: tuple((name, _LETTER_VOTE / len(names)) for name in names) for letter, names in speaks.items()
    }


def _by_words(text: str, languages: tuple[str, ...]) -> str:
    """Return the language with the most votes; `und` where there are none, or two have as few."""
    folded = text.casefold().replace("\u2019", "'")
    votes, letters = _votes(languages), _letter_votes(languages)
    found: defaultdict[str, float] = defaultdict(float)
    for word in _WORD.findall(folded):
        for name, vote in votes.get(word, ()):
            found[name] += vote
    if not folded.isascii():
        marks: defaultdict[str, float] = defaultdict(float)
        for letter in folded:
            for name, vote in letters.get(letter, ()):
                marks[name] += vote
        for name, vote in marks.items():
            found[name] += min(vote, _LETTER_VOTES_MOST)
    ranked = sorted(found.items(), key=lambda each: (-each[1], languages.index(each[0])))
    if not ranked or (len(ranked) > 1 and ranked[0][1] <= ranked[1][1] and ranked[0][1] < _SURE):
        return UNKNOWN
    return ranked[0][0]
