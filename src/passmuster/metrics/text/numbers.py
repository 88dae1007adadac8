"""Numbers among words, in the ways that people write them."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal

from passmuster.metrics.extraction.money import Mark, read_number
from passmuster.records.record import Record

DIGITS = Context(prec=60)
"""More than a double holds, so that no rounding of ours decides."""

PERCENT = frozenset({"%", "percent", "pct"})

UNIT_WORD = r"[^\W\d_]{1,40}"
"""What is read as a word after a number."""

_ARABIC = {"\u066b": ".", "\u066c": ","}
_MARKS = {".": "[,'\u2019_\u00a0\u202f\u2009]", ",": "[.'\u2019_\u00a0\u202f\u2009]"}
"""What may stand between two numbers that were read as one, by the decimal mark."""
_LETTERS = "A-Za-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0370-\u052f\u1e00-\u1fff"
"""Letters of which words with digits are made; scripts without blanks between words set a number right after one."""

_FOUND = re.compile(
    rf"""
    (?P<sign>(?<![{_LETTERS}0-9_)\]%.])[-+\u2212])? (?:[$€£¥₹](?P<inner>[-\u2212])?)?
    (?:(?<![{_LETTERS}0-9])(?<![0-9][.,'\u2019_])|(?<=\b[A-Z]{{3}}))   # A7 and A1.5 are no numbers, USD12 holds one
    (?P<digits>(?:(?<![\w.])\.)?[0-9][0-9.,'\u2019_\u00a0\u202f\u2009]*+)
    (?P<exponent>[eE][+-]?[0-9]{{1,3}}(?!\w))?
    (?:[ \u00a0\u202f]?(?P<unit>%|{UNIT_WORD}))?
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Record):
    """A number that a text holds, with the word or the % after it."""

    value: Decimal
    unit: str = ""


def numbers_in(text: str, decimal: Mark = ".") -> Iterator[Number]:
    """Yield the numbers of a text in their order; digits that belong to a word (A7) or a version (1.2.3) are none.

    Thousands may be set apart by a comma, a dot, an apostrophe, an underscore or a narrow blank, and a sign
    of money may stand before; a minus counts where no word, number or bracket ends right before it.

    Digits of any script are read.

    Example:
        >>> [str(each.value) for each in numbers_in("From -$1,200.50 to 1.2e3, that is 10-20% of A7.")]
        ['-1200.50', '1.2E+3', '10', '20']
    """
    for found in _FOUND.finditer(text if text.isascii() else "".join(map(_digit, text))):
        negative = "-" in (found["sign"], found["inner"]) or "\u2212" in (found["sign"], found["inner"])
        pieces = list(_pieces(found["digits"].rstrip(".,'\u2019_\u00a0\u202f\u2009"), decimal))
        for place, piece in enumerate(pieces):
            last = place == len(pieces) - 1
            value = piece.scaleb(int(found["exponent"][1:]), DIGITS) if last and found["exponent"] else piece
            yield Number(
                value=-value if negative and not place else value, unit=(found["unit"] or "") if last else ""
            )


def _digit(letter: str) -> str:
    value = unicodedata.decimal(letter, None)
    return _ARABIC.get(letter, letter) if value is None else str(value)


def _pieces(digits: str, decimal: Mark) -> Iterator[Decimal]:
    whole = read_number(_whole(digits), decimal)
    if whole is not None:
        yield whole
        return
    for piece in re.split(_MARKS[decimal], digits):
        value = read_number(_whole(piece), decimal) if piece else None
        if value is not None:
            yield value


def _whole(digits: str) -> str:
    return f"0{digits}" if digits.startswith(".") else digits


def scaled(number: Number, units: Mapping[str, float], *, percent: bool) -> Decimal:
    """Return the value of a number times what its unit stands for; `percent` makes 50% a half.

    Example:
        >>> str(scaled(Number(value=Decimal(3), unit="km"), {"km": 1000}, percent=False))
        '3000'
    """
    unit = number.unit.casefold()
    if percent and unit in PERCENT:
        return number.value.scaleb(-2, DIGITS)
    factor = units.get(number.unit, units.get(unit))
    return number.value if factor is None else DIGITS.multiply(number.value, Decimal(str(factor)))
