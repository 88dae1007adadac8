"""Telling whether a value that was read out is the right one, by the kind of its field."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from passmuster.metrics.answers import Step, as_text, normalise, same
from passmuster.metrics.extraction.dates import read_date
from passmuster.metrics.extraction.money import Money, read_money, read_number
from passmuster.metrics.extraction.rules import FieldRule
from passmuster.records.record import Json

LONGEST = 2000
"""Characters; longer texts are similar only where they are the same."""


def absent(value: Json) -> bool:
    """Return whether nothing is there: null, white space, an empty list or object.

    Example:
        >>> absent(" "), absent([]), absent(0)
        (True, True, False)
    """
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, dict | list | tuple) and not value)


def difference(rule: FieldRule, answer: Json, reference: Json) -> str | None:
    """Return why one value is not the other, in a word or two; None where it is.

    What cannot be read as its kind is right only where both are the same text. Swapping the two changes nothing
    of whether they differ.

    Example:
        >>> rule = FieldRule(kind="money", tolerance=0.05)
        >>> difference(rule, "EUR 12.02", 12), difference(rule, "12 EUR", "USD 12"), difference(rule, "dear", 12)
        (None, 'another currency', 'no amount')
    """
    if rule.kind == "string":
        return None if _similar(rule, answer, reference) else "another text"
    # with decimal: "," the text 1.200 is not the number 1.2
    as_read = rule.decimal == "." or isinstance(answer, str) == isinstance(reference, str)
    if as_read and same(answer, reference, rule.normalise):
        return None
    if rule.kind == "number":
        return _numbers(rule, answer, reference)
    if rule.kind == "date":
        return _dates(rule, answer, reference)
    if rule.kind == "money":
        return _sums(rule, answer, reference)
    return "another value"


def _similar(rule: FieldRule, answer: Json, reference: Json) -> bool:
    texts = isinstance(answer, str) and isinstance(reference, str)
    if not texts and same(answer, reference, rule.normalise):
        return True
    if isinstance(answer, dict | list) or isinstance(reference, dict | list):
        return False
    one, other = (_normalised(as_text(value), rule.normalise) for value in (answer, reference))
    if one == other:
        return True
    if rule.similarity is None or max(len(one), len(other)) > LONGEST:
        return False
    return Levenshtein.normalized_similarity(one, other, score_cutoff=rule.similarity) >= rule.similarity


def _normalised(text: str, steps: tuple[Step, ...]) -> str:
    return normalise(text, steps) if not steps or len(text) > LONGEST else _kept(text, steps)


@lru_cache(maxsize=2048)
def _kept(text: str, steps: tuple[Step, ...]) -> str:
    """Return a text as `normalise` does; in lists each item is compared with hundreds."""
    return normalise(text, steps)


def _numbers(rule: FieldRule, answer: Json, reference: Json) -> str | None:
    one, other = read_number(answer, rule.decimal), read_number(reference, rule.decimal)
    if one is None or other is None:
        return "no number" if one is None else "the reference is no number"
    return None if _near(rule, one, other) else "another number"


def _near(rule: FieldRule, one: Decimal, other: Decimal) -> bool:
    gap, greater = abs(one - other), max(abs(one), abs(other))
    return gap <= Decimal(str(rule.tolerance)) or gap <= Decimal(str(rule.relative)) * greater


def _dates(rule: FieldRule, answer: Json, reference: Json) -> str | None:
    one, other = _date(rule, answer), _date(rule, reference)
    if one is None or other is None:
        return "no date" if one is None else "the reference is no date"
    return None if one == other else "another date"


def _date(rule: FieldRule, value: Json) -> date | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**8:
        value = str(value)
    return read_date(value, rule.first) if isinstance(value, str) else None


def _sums(rule: FieldRule, answer: Json, reference: Json) -> str | None:
    one, other = read_money(answer, rule.decimal), read_money(reference, rule.decimal)
    if one is None or other is None:
        return "no amount" if one is None else "the reference is no amount"
    if not _near(rule, one.amount, other.amount):
        return "another amount"
    return None if _one_currency(one, other) else "another currency"


def _one_currency(one: Money, other: Money) -> bool:
    """Return whether two sums may be in one currency; nothing said fits any."""
    return not one.currencies or not other.currencies or bool(one.currencies & other.currencies)
