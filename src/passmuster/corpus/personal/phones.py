"""Telephone numbers: international form, the national forms of many countries, and by the words before them."""

import re
from collections.abc import Iterator

from passmuster.corpus.personal.span import LETTERS, Span

MOST_DIGITS = 15
"""Digits of a number with its country code, at most (ITU-T E.164)."""

_MOST_AMERICAN = 11
"""Digits of one in North America, and in Russia."""
FEWEST_DIGITS = 7
FEWEST_LOCAL = 6
"""Digits of one that is announced by a word."""
MOST_NATIONAL = 13

_GAP = r"[ .\-/\u00a0\u2010-\u2013]"
_TWO = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98"
_CODE = re.compile(
    rf"[17]|(?:{_TWO.replace(' ', '|')})|2[1-9]\d|3[578]\d|42[013]|5[09]\d|6[7-9]\d|8[0578]\d|9[679]\d"
)
"""Calling codes of countries (ITU-T E.164)."""

_END = rf"(?:(?=x\d)|(?![{LETTERS}]))"
_EXTENSION = re.compile(
    r" ?(?:x|ext\.?|extension|durchwahl|\u0434\u043e\u0431\.?) ?\d{1,6}(?!\d)", flags=re.IGNORECASE
)

_INTERNATIONAL = re.compile(
    rf"(?<![{LETTERS}+.])(?:\+ ?|00(?=[1-9 (]) ?)\(?\d{{1,14}}+(?:\)?{_GAP}{{0,2}}\(?\d{{1,12}}+){{0,8}}"
)
_NATIONAL = re.compile(
    rf"(?<![{LETTERS}.+\-/])(?<!\d,)(?:"
    rf"(?:1{_GAP})?(?:\(\d{{3}}\) ?|\d{{3}}(?P<a>[ .\-\u2011\u00a0]))\d{{3}}[ .\-\u2011\u00a0]\d{{4}}"  # NANP
    rf"|\(?0\d{{1,5}}\)?(?:{_GAP}{{1,2}}\d{{2,8}}){{1,5}}|\(0\d{{1,5}}\)\d{{5,8}}"  # with a trunk prefix
    r"|0[1-9]\d{7,9}"
    r"|\(\d{2,5}\) ?\d{2,5}(?:[ .\-\u2011]\d{2,5}){0,3}"  # an area code in brackets
    r"|8[ -]?\(?\d{3}\)?[ -]?\d{3}[ -]\d{2}[ -]?\d{2}"  # Russia, Kazakhstan
    r"|[6-9]\d{4}[ -]\d{5}"  # India
    r"|1[3-9]\d[ -]\d{4}[ -]\d{4}"  # China
    r"|[1-9]\d[ -]\d{4,5}[ -]\d{4}"  # Mexico, Brazil
    r"|[4-9]\d{2}(?P<b>[ .-])\d{2}(?P=b)\d{2}(?P=b)\d{2}"  # Spain
    r"|[4-9]\d{2} \d{2} \d{3}"  # Norway
    r"|[4-9]\d{2}(?P<c>[ -])\d{3}(?P=c)\d{3}"  # Poland, Spain, Portugal, Czechia
    r"|[1-9]\d \d{3} \d{2} \d{2}"  # Poland
    r"|[2-9]\d-\d{2}-\d{2}-\d{2}"  # Denmark, Norway
    r"|3\d{2}[ -]\d{6,7}"  # Italy
    rf"){_END}(?![.\-/]\d)"
)
_ANY = re.compile(
    rf"(?<![{LETTERS}.+\-/])(?<!\d,)\(?\d{{1,14}}+(?:\)?{_GAP}{{1,2}}\(?\d{{1,12}}+){{0,7}}{_END}"
)
_BEFORE = re.compile(
    r"(?<![a-z])(?:phones?|tel|teleph\w{2,4}|telef\w{2,4}|t\u00e9l\w{0,8}|fon|fono|mobiles?|mobil\w{0,6}|m\u00f3vil|cell\w{0,6}|celular"
    r"|handy\w{0,8}|fax|call|callback|ring|dial|sms|texte?|whatsapp|viber|signal|hotline|reach|tlf|puh|desk|answer\w{0,3}"
    r"|numer\w{0,2} telefonu|\u0442\u0435\u043b\w{0,8}|\u0437\u0432\u043e\u043d\w{0,4}"
    r"|\u7535\u8bdd|\u96fb\u8a71|\u624b\u673a|\u624b\u6a5f|\u643a\u5e2f|\uc804\ud654|\ud734\ub300\ud3f0)"
    r"(?P<between>(?:[^\d\n]{0,24}\n?))$",
    flags=re.IGNORECASE,
)
_OTHER_NUMBER = re.compile(
    r"order|invoice|case|ticket|ref|claim|account|policy|\bids?\b|extension|about|page|step|time|version|line \b",
    flags=re.IGNORECASE,
)
_DATE = re.compile(
    r"(?<!\d)(?:\d{1,2}(?P<d>[./\- ])\d{1,2}(?P=d)(?:19|20)\d{2}|(?:19|20)\d{2}(?P<e>[./\- ])[01]?\d(?P=e)[0-3]?\d)(?!\d)"
)
_MONEY_BEHIND = re.compile(
    r"\s?(?:[€$£¥₹%]|(?-i:[A-Z]{3})\b|(?:euro|dollar|pound|rows|units|people|million)s?\b)", re.IGNORECASE
)
_MONEY_BEFORE = re.compile(r"(?:[€$£¥₹#]|\b[A-Z]{3}) ?$")

_BEHIND = re.compile(r"(?: |-|, | \()(?:office|fax|mobile|cell|home|work|phone|tel)\b", flags=re.IGNORECASE)


def phones(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the telephone numbers among the digits from `start` to `end` of a text; some may overlap.

    Example:
        >>> [text[span.start : span.end] for text in ["Call +49 (0)30 123456 now"] for span in phones(text, 5, 21)]
        ['+49 (0)30 123456']
    """
    for begin, until in _numbers(text, max(start - 3, 0), min(end + 3, len(text))):
        more = _EXTENSION.match(text, until)
        yield Span(start=begin, end=until if more is None else more.end(), kind="phone")


def _numbers(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    for found in _INTERNATIONAL.finditer(text, first, last):
        if (until := _international(found)) is not None:
            yield found.start(), until
    national = [found.span() for found in _NATIONAL.finditer(text, first, last) if _plausible(text, found)]
    for found in _ANY.finditer(text, first, last):
        digits = sum(character.isdecimal() for character in found.group())
        if FEWEST_LOCAL <= digits <= MOST_NATIONAL and _announced(text, *found.span()):
            national.append(found.span())
    yield from sorted(national, key=lambda span: span[0] - span[1])


def _international(found: re.Match[str]) -> int | None:
    """Return where a number in international form ends, None where it is none.

    Groups of digits behind it that are too many for one number, or a single digit, are none of it.
    """
    groups = [(group.end(), len(group.group())) for group in re.finditer(r"\d+", found.group())]
    packed = "".join(character for character in found.group() if character.isdecimal())
    number = packed if found.group().startswith("+") else packed[2:]
    if not _CODE.match(number):
        return None
    digits, most = len(number), _MOST_AMERICAN if number[0] in "17" else MOST_DIGITS
    while len(groups) > 1 and (digits > most or (groups[-1][1] == 1 and len(groups) > 2)):
        digits -= groups.pop()[1]
    return found.start() + groups[-1][0] if FEWEST_DIGITS <= digits <= most else None


def _plausible(text: str, found: re.Match[str]) -> bool:
    number = found.group()
    digits = sum(character.isdecimal() for character in number)
    if not FEWEST_DIGITS <= digits <= MOST_NATIONAL or _DATE.search(number):
        return False
    if number.lstrip("(").startswith("0") and digits < 8 + (")" not in number and "/" not in number):
        return False
    return not (
        _MONEY_BEHIND.match(text, found.end())
        or _MONEY_BEFORE.search(text, max(0, found.start() - 5), found.start())
    )


def _announced(text: str, start: int, end: int) -> bool:
    """Return whether the words before or behind say that it is a telephone number, and it is no date."""
    if _DATE.search(text[start:end]):
        return False
    before = _BEFORE.search(text[max(0, start - 44) : start])
    if before is None:
        return _BEHIND.match(text, end) is not None
    return not _OTHER_NUMBER.search(before["between"])
