"""Whether a piece of text holds a value, however it is written there."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from passmuster.metrics.answers import as_text, normalise
from passmuster.metrics.extraction.money import CODES, read_money, read_number
from passmuster.metrics.extraction.rules import FieldRule
from passmuster.metrics.extraction.values import absent, difference
from passmuster.records.record import Json

MOST = 2000
"""Numbers, sums, dates or occurrences in one text that a value is compared with."""

NUMBER = re.compile(
    r"(?<![0-9.,])-?[0-9]{1,40}(?:[.,' \u00a0\u202f\u2019][0-9]{2,3}){0,20}(?:[.,][0-9]{1,20})?(?!\d)"
)
BEFORE = re.compile(r"(?:(?<![^\W_])[A-Z]{1,3}\$?|[€£$¥₹₩₺]) ?$")
BEHIND = re.compile(
    r" ?(?:(?:thousand|million|billion|bn|mn|[kmb])\b)?"
    r" ?(?:[A-Z]{3}\b|[€£$¥₹₩₺]|(?:US )?[Dd]ollars?\b|[Ee]uros?\b|[Pp]ounds?(?: sterling)?\b|[Yy]en\b)?"
)
_NAME = r"[^\W\d_]{3,12}\.?"
DATE = re.compile(
    r"(?<![\w.])(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\.?(?: of| de)?[ /-]{_NAME},?(?: de)?[ /-](?:\d{{4}}|\d{{2}})|\d{{8}}"
    rf"|{_NAME} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})(?!\d)"
)

NO_BLANKS = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]"
)
"""Letters of scripts that set no blanks between words: Thai to Khmer, Japanese, Chinese, and Korean with its particles."""


def holds(text: str, value: Json, rule: FieldRule) -> bool:
    """Return whether a text holds a value: a number, sum or date in any spelling, anything else word for word.

    Words are compared without case, whatever the white space between them, and whole: `cat` is not in `cattle`. At
    most 2,000 numbers, sums or dates of a text are looked at; numbers in words are not read. Of a list or an object it
    must hold every value.

    Example:
        >>> holds("The fee of EUR 1,200 is due on May 5, 2026.", "2026-05-05", FieldRule(kind="date"))
        True
    """
    return all(_holds(text, each, own) for each, own in single_values(value, rule))


def single_values(value: Json, rule: FieldRule) -> Iterator[tuple[Json, FieldRule]]:
    """Yield the values that a list or an object holds, each with its rule; anything else is one.

    Example:
        >>> [each for each, _ in single_values(["a", None, "b"], FieldRule(kind="list", of="string"))]
        ['a', 'b']
    """
    if isinstance(value, list | tuple):
        item = rule.item if rule.kind == "list" else rule
        for each in value:
            if not absent(each):
                yield from single_values(each, item)
    elif rule.kind == "nested" and isinstance(value, Mapping):
        for name, part in rule.parts.items():
            if not absent(value.get(name)):
                yield from single_values(value.get(name), part)
    elif rule.kind == "list":
        yield from single_values(value, rule.item)
    else:
        yield value, rule


def _holds(text: str, value: Json, rule: FieldRule) -> bool:
    if rule.kind in {"number", "money", "date"}:
        found = {"number": _numbers, "money": _sums, "date": _dates}[rule.kind](text)
        return any(difference(rule, each, value) is None for each in islice(found, MOST))
    return holds_words(text, as_text(value), rule)


def sizes(value: Json) -> int:
    """Return how many values something holds.

    Example:
        >>> sizes([1, {"a": "x", "b": [2, 3]}])
        4
    """
    if isinstance(value, Mapping):
        return sum(map(sizes, value.values()))
    return sum(map(sizes, value)) if isinstance(value, list | tuple) else 1


def holds_words(text: str, words: str, rule: FieldRule) -> bool:
    """Return whether a text holds words, whole and in this order."""
    steps = (*rule.normalise, "case", "space")
    one, other = f" {normalise(text, steps)} ", normalise(words, steps)
    place = one.find(other) if other else -1
    for _ in range(MOST):
        if place < 0:
            return False
        if not (_joined(one, place) or _joined(one, place + len(other))):
            return True
        place = one.find(other, place + 1)
    return False


def _joined(text: str, place: int) -> bool:
    """Return whether a word runs on over this place."""
    around = text[place - 1 : place + 1]
    return around.isalnum() and NO_BLANKS.search(around) is None


def _numbers(text: str) -> Iterator[str]:
    # what follows a letter is part of a name, as in A4; before money it may be a currency
    for match in NUMBER.finditer(text):
        if not text[max(0, match.start() - 1) : match.start()].isalnum():
            yield from _apart(match[0])


def _apart(number: str) -> list[str]:
    """Return the numbers between blanks where all together are none: `2025 300`, and the columns of a table."""
    return [number] if read_number(number) is not None else number.split()


def _dates(text: str) -> Iterator[str]:
    return (match[0] for match in DATE.finditer(" ".join(text.split())))  # a date may run on over lines


def _sums(text: str) -> Iterator[str]:
    for match in NUMBER.finditer(text):
        before = BEFORE.search(text, max(0, match.start() - 5), match.start())
        behind = BEHIND.match(text, match.end())
        numbers = _apart(match[0])
        for place, number in enumerate(numbers):
            left = before[0] if before and place == 0 else ""
            right = behind[0] if behind and place == len(numbers) - 1 else ""
            whole = f"{left}{number}{right}".strip()
            money = read_money(whole)
            named = money is not None and (not money.currencies or money.currencies & CODES)
            yield whole if named else number
