"""The stem of an English word: Porter 1980, "An algorithm for suffix stripping", as ROUGE is computed with it."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

LONGEST_WORD = 200
"""Longer words are no English; they stay as they are."""

IRREGULAR: Mapping[str, str] = MappingProxyType(
    {
        "sky": "sky",
        "skies": "sky",
        "dying": "die",
        "lying": "lie",
        "tying": "tie",
        "news": "news",
        "inning": "inning",
        "innings": "inning",
        "outing": "outing",
        "outings": "outing",
        "canning": "canning",
        "cannings": "canning",
        "howe": "howe",
        "proceed": "proceed",
        "exceed": "exceed",
        "succeed": "succeed",
    }
)


class _Rule(NamedTuple):
    suffix: str
    replacement: str
    met: Callable[[str], bool]
    """Whether it applies, by the stem before the suffix; the first rule whose suffix fits decides."""


def _always(_: str) -> bool:
    return True


def _over(least: int) -> Callable[[str], bool]:
    return lambda stem: _measure(stem) > least


def _rules(condition: Callable[[str], bool], pairs: str) -> list[_Rule]:
    return [
        _Rule(suffix, replacement, condition)
        for suffix, _, replacement in (pair.partition(":") for pair in pairs.split())
    ]


def _after_s_or_t(stem: str) -> bool:
    return _measure(stem) > 1 and stem[-1] in "st"


def _long_logi(stem: str) -> bool:
    # The l stands with the stem, so that geo and theo are treated as archaeo is.
    return _measure(stem + "l") > 0


_PLURAL = _rules(_always, "sses:ss ies:i ss:ss s:")
_MENDED = _rules(_always, "at:ate bl:ble iz:ize")
_STEP_2 = [
    *_rules(
        _over(0),
        "ational:ate tional:tion enci:ence anci:ance izer:ize bli:ble alli:al entli:ent eli:e ousli:ous "
        "ization:ize ation:ate ator:ate alism:al iveness:ive fulness:ful ousness:ous aliti:al iviti:ive "
        "biliti:ble fulli:ful",
    ),
    _Rule("logi", "log", _long_logi),
]
_STEP_3 = _rules(_over(0), "icate:ic ative: alize:al iciti:ic ical:ic ful: ness:")
_STEP_4 = [
    *_rules(_over(1), "al: ance: ence: er: ic: able: ible: ant: ement: ment: ent:"),
    _Rule("ion", "", _after_s_or_t),
    *_rules(_over(1), "ou: ism: ate: iti: ous: ive: ize:"),
]


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the stem of a word in lower case.

    With the extensions of NLTK, which the package rouge-score uses: irregular forms, y after a consonant only,
    short words in -ies and -ied.

    Example:
        >>> [stem(word) for word in ("relational", "flies", "dying", "happily", "controlled")]
        ['relat', 'fli', 'die', 'happili', 'control']
    """
    if word in IRREGULAR:
        return IRREGULAR[word]
    if not 2 < len(word) <= LONGEST_WORD:
        return word
    word = _without_y(_without_past(_without_plural(word)))
    if word.endswith("alli") and _measure(word[:-4]) > 0:
        word = word[:-2]
    word = _applied(_applied(_applied(word, _STEP_2), _STEP_3), _STEP_4)
    return _without_double_l(_without_e(word))


def _without_plural(word: str) -> str:
    return word[:-1] if word.endswith("ies") and len(word) == 4 else _applied(word, _PLURAL)


def _without_past(word: str) -> str:
    if word.endswith("ied"):
        return word[:-1] if len(word) == 4 else word[:-2]
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for suffix in ("ed", "ing"):
        found = word.removesuffix(suffix)
        if found != word and not all(_consonants(found)):
            return _mended(found)
    return word


def _mended(found: str) -> str:
    mended = _applied(found, _MENDED)
    if mended != found:
        return mended
    if _ends_double(found):
        return found if found[-1] in "lsz" else found[:-1]
    return found + "e" if _measure(found) == 1 and _ends_cvc(found) else found


def _without_y(word: str) -> str:
    rest = word[:-1]
    return rest + "i" if word.endswith("y") and len(rest) > 1 and _consonants(rest)[-1] else word


def _without_e(word: str) -> str:
    rest = word[:-1]
    if not word.endswith("e"):
        return word
    measure = _measure(rest)
    return rest if measure > 1 or (measure == 1 and not _ends_cvc(rest)) else word


def _without_double_l(word: str) -> str:
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word


def _applied(word: str, rules: Sequence[_Rule]) -> str:
    for suffix, replacement, met in rules:
        if word.endswith(suffix):
            rest = word[: len(word) - len(suffix)]
            return rest + replacement if met(rest) else word
    return word


def _consonants(word: str) -> list[bool]:
    """Return of each letter whether it is a consonant; y is one at the start and after a vowel."""
    found: list[bool] = []
    for letter in word:
        found.append(not found or not found[-1] if letter == "y" else letter not in "aeiou")
    return found


def _measure(word: str) -> int:
    """Return how many times a vowel is followed by a consonant."""
    flags = _consonants(word)
    return sum(not one and other for one, other in pairwise(flags))


def _ends_double(word: str) -> bool:
    return len(word) > 1 and word[-1] == word[-2] and _consonants(word)[-1]


def _ends_cvc(word: str) -> bool:
    flags = _consonants(word)
    if len(word) == 2:
        return flags == [False, True]
    return flags[-3:] == [True, False, True] and word[-1] not in "wxy"
