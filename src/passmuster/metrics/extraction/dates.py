"""Calendar dates in the ways that people write them."""

import re
from datetime import date
from functools import lru_cache
from typing import Literal, TypeAlias

First: TypeAlias = Literal["day", "month"]

LONGEST = 100
"""Characters; a longer text is no date."""

PIVOT = 69
"""Two digits from here on are of the last century, as POSIX has it: 68 is 2068, 69 is 1969."""

# January in English, German, French, Spanish, Italian, Portuguese and Dutch, and so on; from three letters on.
MONTHS = (
    "january januar janvier enero gennaio janeiro januari jänner",
    "february februar février febrero febbraio fevereiro februari fevrier",
    "march märz mars marzo março maart maerz marco mrz",
    "april avril abril aprile",
    "may mai mayo maggio maio mei",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho",
    "august août agosto augustus aout",
    "september septembre septiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember décembre diciembre dicembre dezembro decembre",
)
FILLERS = frozenset(
    {"st", "nd", "rd", "th", "of", "the", "de", "del", "le", "el", "er", "den", "am", "il", "do", "at", "um"}
)
WEEKDAYS = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?")

CLOCK = r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?: ?[AaPp]\.?[Mm]\.?)?(?: ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?)?"
YEAR_FIRST = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})" + CLOCK, re.ASCII)
YEAR_LAST = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})" + CLOCK, re.ASCII)
WORDS = re.compile(r"\d{1,4}|[^\W\d_]+")
WRITTEN = re.compile(r"[\w\s.,'/()-]+")


def read_date(text: str, first: First | None = None) -> date | None:
    """Return the day that a text names; None where it names none, or could name two.

    Read are ISO dates, numbers with the year last, and names of months in seven languages, with the hour behind
    them or not. With dots the day comes first; with other signs `first` says what does, and without it 3/4/2026 is
    no date while 13/4/2026 is one.

    Example:
        >>> read_date("Friday, 3rd of April 2026"), read_date("3/4/2026"), read_date("3/4/2026", "month")
        (datetime.date(2026, 4, 3), None, datetime.date(2026, 3, 4))
    """
    text = text.strip(" \t\r\n()[]")
    return None if len(text) > LONGEST else _read(text, first)


@lru_cache(maxsize=2048)
def _read(text: str, first: First | None) -> date | None:
    """Read a short text; in lists each date is compared with hundreds."""
    found = YEAR_FIRST.fullmatch(text)
    if found is not None:
        day = _day(int(found[1]), int(found[3]), int(found[4]))
        if found[2]:
            return day
        if len(found[3]) + len(found[4]) < len("0325"):  # 201811 may be a month, or a day of 2011
            return None
        return day if day or len(text) != len("25032018") else _compact(text, first)
    found = YEAR_LAST.fullmatch(text)
    if found is not None:
        order: First | None = "day" if found[2] == "." else first
        return _numeric(int(found[1]), int(found[3]), _year(found[4]), order)
    return _spoken(re.sub(CLOCK + r"$", "", text, count=1))


def _numeric(one: int, other: int, year: int, first: First | None) -> date | None:
    readings = {"day": _day(year, other, one), "month": _day(year, one, other)}
    if first is not None and readings[first] is not None:
        return readings[first]
    possible = {reading for reading in readings.values() if reading is not None}
    return possible.pop() if len(possible) == 1 else None


def _compact(digits: str, first: First | None) -> date | None:
    """Read eight digits that are no year, month and day: the year is last."""
    return _numeric(int(digits[:2]), int(digits[2:4]), int(digits[4:]), first)


def _spoken(text: str) -> date | None:
    """Read one month's name, one day and one year, in any order."""
    if WRITTEN.fullmatch(text) is None:
        return None
    numbers, months = [], []
    for word in WORDS.findall(text.casefold()):
        if word.isdecimal():
            numbers.append(word)
        elif word not in FILLERS and WEEKDAYS.fullmatch(word) is None:
            months.append(_month(word))
    if len(months) != 1 or months[0] is None or len(numbers) != 2:
        return None
    day, year = numbers if len(numbers[0]) <= 2 else reversed(numbers)
    return _day(_year(year), months[0], int(day)) if len(day) <= 2 and len(year) in {2, 4} else None


def _month(word: str) -> int | None:
    found = {
        number
        for number, names in enumerate(MONTHS, start=1)
        if any(name.startswith(word) for name in names.split())
    }
    return found.pop() if len(found) == 1 and len(word) >= 3 else None


def _year(digits: str) -> int:
    return int(digits) + (0 if len(digits) == 4 else 1900 if int(digits) >= PIVOT else 2000)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
