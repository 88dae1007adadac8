"""Inputs in other letters: another script, right-to-left, several mixed, and letters that only look alike."""

import re

import numpy as np

from passmuster.corpus.stress.made import Made, Material
from passmuster.corpus.stress.main_text import main_text, with_main_text
from passmuster.records.case import Case

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_CYRILLIC = "\u0430\u0431\u0446\u0434\u0435\u0444\u0433\u0445\u0438\u0439\u043a\u043b\u043c\u043d\u043e\u043f\u049b\u0440\u0441\u0442\u0443\u0432\u045e\u043a\u044b\u0437"
_GREEK = "\u03b1\u03b2\u03ba\u03b4\u03b5\u03c6\u03b3\u03b7\u03b9\u03b6\u03ba\u03bb\u03bc\u03bd\u03bf\u03c0\u03ba\u03c1\u03c3\u03c4\u03c5\u03b2\u03c9\u03be\u03c5\u03b6"
_HEBREW = "\u05d0\u05d1\u05e6\u05d3\u05d0\u05e4\u05d2\u05d4\u05d9\u05d9\u05e7\u05dc\u05de\u05e0\u05d5\u05e4\u05e7\u05e8\u05e1\u05ea\u05d5\u05d5\u05d5\u05e7\u05d9\u05d6"
_ARABIC = "\u0627\u0628\u0643\u062f\u0627\u0641\u063a\u0647\u064a\u062c\u0643\u0644\u0645\u0646\u0648\u0628\u0642\u0631\u0633\u062a\u0648\u0641\u0648\u0643\u064a\u0632"
_RUSSIAN = "\u0430\u0431\u0432\u0433\u0434\u0435\u0451\u0436\u0437\u0438\u0439\u043a\u043b\u043c\u043d\u043e\u043f\u0440\u0441\u0442\u0443\u0444\u0445\u0446\u0447\u0448\u0449\u044a\u044b\u044c\u044d\u044e\u044f"
_ROMANISED = (
    *("a", "b", "v", "g", "d", "e", "yo", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t"),
    *("u", "f", "kh", "ts", "ch", "sh", "shch", "-", "y", "'", "e", "yu", "ya"),
)
_BACK = dict(zip(_RUSSIAN, _ROMANISED, strict=True))
_TWINS = str.maketrans(
    "aceopxyABCEHKMOPTX",
    "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0410\u0412\u0421\u0415\u041d\u041a\u041c\u041e\u0420\u0422\u0425",
)
"""Latin letters and Cyrillic ones that look the same (Unicode Technical Standard 39)."""

_WIDE = {number: number + 0xFEE0 for number in range(0x21, 0x7F)}


def _table(letters: str) -> dict[int, str]:
    lower = dict(zip(map(ord, _LATIN), letters, strict=True))
    return lower | {ord(chr(number).upper()): letter.upper() for number, letter in lower.items()}


_SCRIPTS = {"Cyrillic": _table(_CYRILLIC), "Greek": _table(_GREEK)}
_RIGHT_TO_LEFT = {"Hebrew": _table(_HEBREW), "Arabic": _table(_ARABIC)}
_EMBED, _OVERRIDE, _POP = "\u202b", "\u202e", "\u202c"


def _made(case: Case, text: str, change: str) -> Made | None:
    return None if text == main_text(case.input) else Made(with_main_text(case.input, text), change)


def other_script(case: Case, random: np.random.Generator, material: Material) -> Made | None:
    """Return the input with its Latin letters in Cyrillic or Greek ones, or its Cyrillic ones in Latin."""
    del material
    text = main_text(case.input)
    if any("\u0400" <= character <= "\u04ff" for character in text):
        latin = "".join(_BACK.get(character.lower(), character) for character in text)
        return _made(case, latin, "its Cyrillic letters in Latin ones")
    name = list(_SCRIPTS)[int(random.integers(len(_SCRIPTS)))]
    return _made(case, text.translate(_SCRIPTS[name]), f"its Latin letters in {name} ones")


def wide_letters(case: Case, random: np.random.Generator, material: Material) -> Made | None:
    """Return the input in fullwidth letters and digits, as East Asian keyboards write them."""
    del random, material
    text = main_text(case.input)
    return _made(case, text.translate(_WIDE), "ASCII characters in their fullwidth form")


def look_alikes(case: Case, random: np.random.Generator, material: Material) -> Made | None:
    """Return the input with some Latin letters replaced by Cyrillic ones that look the same."""
    del material
    words = re.split(r"(\s+)", main_text(case.input))
    fit = [place for place, word in enumerate(words) if word.translate(_TWINS) != word]
    if not fit:
        return None
    count = max(1, len(fit) // 3)
    for place in random.choice(fit, size=count, replace=False):
        words[int(place)] = words[int(place)].translate(_TWINS)
    return _made(
        case, "".join(words), f"letters of {count} words replaced by Cyrillic ones that look the same"
    )


def right_to_left(case: Case, random: np.random.Generator, material: Material) -> Made | None:
    """Return the input in Hebrew or Arabic letters, or between marks that turn its direction."""
    del material
    text = main_text(case.input)
    if not text.strip():
        return None
    if random.random() < 0.5:
        name = list(_RIGHT_TO_LEFT)[int(random.integers(len(_RIGHT_TO_LEFT)))]
        turned = text.translate(_RIGHT_TO_LEFT[name])
        if turned != text:
            return _made(case, turned, f"its Latin letters in {name} ones, read from right to left")
    mark = (_EMBED, _OVERRIDE)[int(random.integers(2))]
    return _made(case, f"{mark}{text}{_POP}", f"between marks that turn its direction (U+{ord(mark):04X})")


def mixed_scripts(case: Case, random: np.random.Generator, material: Material) -> Made | None:
    """Return the input with every other run of words in another script, some of it right-to-left."""
    del material
    words = re.split(r"(\s+)", main_text(case.input))
    tables = [*_SCRIPTS.values(), *_RIGHT_TO_LEFT.values()]
    fit = [place for place, word in enumerate(words) if word.translate(tables[0]) != word]
    if not fit:
        return None
    count = max(1, len(fit) // 2)
    for place in random.choice(fit, size=count, replace=False):
        words[int(place)] = words[int(place)].translate(tables[int(random.integers(len(tables)))])
    return _made(
        case, "".join(words), f"{count} of {len(fit)} words in Cyrillic, Greek, Hebrew or Arabic letters"
    )
