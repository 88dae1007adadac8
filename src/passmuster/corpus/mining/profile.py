"""What is usual among inputs, and what is unusual of one: its length, format, script, language and fields."""

import json
import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from passmuster.records.case import Input
from passmuster.records.proposal import Reason
from passmuster.records.text import input_text
from passmuster.stats.language.detect import UNKNOWN, language_of, script_of

FAR = 3.5
"""Robust standard deviations from which a length is unusual (Iglewicz and Hoaglin 1993, "How to detect and handle outliers")."""
RARE = 0.01
"""The share of inputs below which a form, a script, a language or a field is unusual."""
ALWAYS = 0.95
"""The share of inputs from which a field is expected."""
FEWEST = 50
"""Inputs from which anything is said of what is usual."""

_NORMAL = 1.4826
"""The standard deviation of a normal distribution in median absolute deviations."""
_LEAST_SPREAD = 0.15
"""Of the logarithm of lengths: inputs from one template still differ by their names."""
_READ = 4_000
"""Characters of a text by which its format is told."""

_MARKUP = re.compile(r"<(?:!doctype|/?[a-z][a-z0-9:-]{0,30})(?:\s[^<>]{0,300})?/?>", flags=re.IGNORECASE)
_CODE = re.compile(
    r"^\s{0,40}(?:def |class |import |from \w+ import|function\b|public |private |#include|SELECT\b|INSERT INTO|package )"
    r"|[;{}]\s*$",
    flags=re.MULTILINE,
)
_PACKED = re.compile(r"[A-Za-z0-9+/=_-]{120,}+")
_LINK = re.compile(r"\s*https?://\S+\s*\Z")
_ROW = re.compile(r"^[^\n]*(?:\|[^\n|]*\||\t[^\n\t]*\t)[^\n]*$", flags=re.MULTILINE)


def format_of(text: str) -> str:
    """Return what a text is written in: JSON, markup, code, a table, packed data, a link, nothing, or prose.

    Example:
        >>> format_of('{"a": [1]}'), format_of("<p>Hi</p><br/>"), format_of("Where is my card?"), format_of(" ")
        ('JSON', 'markup', 'prose', 'nothing')
    """
    head = text[:_READ].strip()
    if not head:
        return "nothing"
    if head[0] in "{[" and _is_json(text, head):
        return "JSON"
    tests = (
        ("a link", _LINK.match(head) is not None),
        ("markup", len(_MARKUP.findall(head)) >= 2),
        ("packed data", _PACKED.search(head) is not None),
        ("a table", len(_ROW.findall(head)) >= 3),
        ("code", len(_CODE.findall(head)) >= 3),
    )
    return next((name for name, held in tests if held), "prose")


def _is_json(text: str, head: str) -> bool:
    if len(text) > _READ:  # too long to be read to its end for this
        return re.match(r'[\[{]\s*(?:["\[{\]}\d-]|true|false|null)', head) is not None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


class Profile:
    """What is usual among inputs.

    Args:
        inputs: Are gone through once; a few numbers each are kept.

    Example:
        >>> profile = Profile([f"Where is card number {n} of mine?" for n in range(60)])
        >>> [reason.kind for reason in profile.unusual("Where is my card? " * 200)]
        ['length']
        >>> list(profile.unusual("Where is card number 7000 of mine?"))
        []
    """

    def __init__(self, inputs: Iterable[Input]) -> None:
        self.n = 0
        """Inputs it was made of."""
        self._lengths: list[int] = []
        self._traits: dict[str, Counter[str]] = {name: Counter() for name in ("format", "script", "language")}
        self._with_fields = 0
        self._fields: Counter[str] = Counter()
        self._empty: Counter[str] = Counter()
        self._doubled: Counter[tuple[str, str]] = Counter()
        for value in inputs:
            self._add(value)
        self._lengths.sort()
        logs = [math.log1p(length) for length in self._lengths]
        self._middle = _median(logs)
        spread = _median(sorted(abs(each - self._middle) for each in logs))
        self._spread = max(spread * _NORMAL, _LEAST_SPREAD)

    def _add(self, value: Input) -> None:
        text = input_text(value)
        self.n += 1
        self._lengths.append(len(text))
        for name, word in _traits(text).items():
            self._traits[name][word] += 1
        if isinstance(value, Mapping):
            self._with_fields += 1
            self._fields.update(value.keys())
            self._empty.update(name for name, item in value.items() if _is_empty(item))
            self._doubled.update(_twins(value))

    def unusual(self, value: Input) -> Iterator[Reason]:
        """Yield what is unusual of an input, with its number: robust deviations, or bits (log2 of one in how many)."""
        if self.n < FEWEST:
            return
        text = input_text(value)
        yield from self._length(len(text))
        for name, word in _traits(text).items():
            told = self._traits[name].total() - self._traits[name][UNKNOWN]
            share = self._traits[name][word] / max(told, 1)
            if told >= FEWEST and share < RARE and word != UNKNOWN:
                words = _TRAIT_WORDS[name].format(word=word, share=_percent(share))
                yield Reason(kind=name, words=words, value=_bits(share, self.n))
        if isinstance(value, Mapping) and self._with_fields >= FEWEST:
            yield from self._unusual_fields(value)

    def _length(self, length: int) -> Iterator[Reason]:
        far = (math.log1p(length) - self._middle) / self._spread
        if abs(far) > FAR:
            half, most = self._lengths[self.n // 2], self._lengths[min(int(0.99 * self.n), self.n - 1)]
            below = bisect_right(self._lengths, length) / self.n
            usual = f"half of the inputs have at most {half:,} and 99% at most {most:,}"
            if far < 0:
                usual = f"half of the inputs have more than {half:,}, and {_percent(below)} so few"
            yield Reason(kind="length", words=f"{length:,} characters, where {usual}", value=abs(far))

    def _unusual_fields(self, value: Mapping[str, object]) -> Iterator[Reason]:
        n = self._with_fields
        for name, count in self._fields.items():
            if count >= ALWAYS * n and name not in value:
                words = f"the field {name!r} is missing, which {_percent(count / n)} of the inputs have"
                yield Reason(kind="missing_field", words=words, value=count / n)
        for name, item in value.items():
            share, empty = self._fields[name] / n, self._empty[name] / n
            if share < RARE:
                words = f"the field {name!r}, which {_percent(share)} of the inputs have"
                yield Reason(kind="extra_field", words=words, value=_bits(share, n))
            elif _is_empty(item) and empty < RARE:
                words = f"the field {name!r} is empty, as in {_percent(empty)} of the inputs"
                yield Reason(kind="missing_field", words=words, value=1 - empty)
        for pair in _twins(value):
            share = self._doubled[pair] / n
            if share < RARE:
                words = f"the fields {pair[0]!r} and {pair[1]!r} hold the same, as in {_percent(share)} of the inputs"
                yield Reason(kind="doubled_field", words=words, value=_bits(share, n))


_TRAIT_WORDS = {
    "format": "looks like {word}, as {share} of the inputs do",
    "script": "in {word} letters, as {share} of the inputs are",
    "language": "its language is {word}, as that of {share} of the inputs",
}


def _traits(text: str) -> dict[str, str]:
    found = {"format": format_of(text)}
    if found["format"] in {"prose", "a table"}:
        surely = text.count(" ") >= _FEWEST_BLANKS
        found |= {"script": script_of(text), "language": language_of(text) if surely else UNKNOWN}
    return found


def _twins(value: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield pairs of fields that hold the same text, or whose names differ by case and blanks only."""
    names = sorted(value)[:_MOST_FIELDS]
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            first, second = value[one], value[other]
            same = isinstance(first, str) and first == second and len(first.strip()) > 3
            if same or _folded(one) == _folded(other):
                yield one, other


_MOST_FIELDS = 40
_FEWEST_BLANKS = 7
"""Blanks that a text must have for its language to be told: in a short one a word may be of another."""


def _folded(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _is_empty(item: object) -> bool:
    return item is None or item in ("", [], {}) or (isinstance(item, str) and not item.strip())


def _median(values: list[float]) -> float:
    return values[len(values) // 2] if values else 0.0


def _percent(share: float) -> str:
    if not share:
        return "none"
    return f"{share:.0%}" if share == 1 or share >= 0.1 else f"{share:.1%}"


def _bits(share: float, n: int) -> float:
    return -math.log2(max(share, 1 / (2 * n)))
