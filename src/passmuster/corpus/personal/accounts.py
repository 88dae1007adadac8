"""Account and card numbers: by form and check digit."""

import re
from collections.abc import Iterator

from passmuster.corpus.personal.span import LETTERS, Span

IBAN_LENGTHS = {
    **dict.fromkeys(("NO",), 15),
    **dict.fromkeys(("BE",), 16),
    **dict.fromkeys(("DK", "FK", "FO", "FI", "GL", "NL", "SD"), 18),
    **dict.fromkeys(("MK", "SI"), 19),
    **dict.fromkeys(("AT", "BA", "EE", "KZ", "LT", "LU", "MN", "XK"), 20),
    **dict.fromkeys(("CH", "HR", "LI", "LV"), 21),
    **dict.fromkeys(("BG", "BH", "CR", "DE", "GB", "GE", "IE", "ME", "RS", "VA"), 22),
    **dict.fromkeys(("AE", "GI", "IL", "IQ", "OM", "SO", "TL"), 23),
    **dict.fromkeys(("AD", "CZ", "ES", "MD", "PK", "RO", "SA", "SE", "SK", "TN", "VG"), 24),
    **dict.fromkeys(("LY", "PT", "ST"), 25),
    **dict.fromkeys(("IS", "TR"), 26),
    **dict.fromkeys(("BI", "DJ", "FR", "GR", "IT", "MC", "MR", "SM"), 27),
    **dict.fromkeys(("AL", "AZ", "BY", "CY", "DO", "GT", "HN", "HU", "LB", "NI", "PL", "SV"), 28),
    **dict.fromkeys(("BR", "EG", "PS", "QA", "UA"), 29),
    **dict.fromkeys(("JO", "KW", "MU", "YE"), 30),
    **dict.fromkeys(("MT", "SC"), 31),
    **dict.fromkeys(("LC",), 32),
    **dict.fromkeys(("RU",), 33),
}
"""Characters of an IBAN by country (SWIFT, IBAN registry)."""

_IBAN_START = re.compile(r"(?<![^\W_])[A-Za-z]{2}[0-9]{2}(?=[ \u00a0-]?[A-Za-z0-9])", flags=re.ASCII)
_UNBROKEN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}(?![A-Za-z0-9_])")
_CARD = re.compile(rf"(?<![{LETTERS}.+])\d{{12,19}}+(?![{LETTERS}])(?!\.\d)")
_CARD_GROUPS = re.compile(
    rf"(?<![{LETTERS}.+])"
    r"(?=(\d{4}([ \u00a0-])\d{4}\2\d{4}(?:\2\d{4})?\2\d{1,4}"
    r"|\d{4}([ \u00a0-])\d{4}\3\d{4}\3\d{4}"
    r"|\d{4}([ \u00a0-])\d{6}\4\d{4,5}|\d{6}[ \u00a0-]\d{13})"
    rf"(?![{LETTERS}]))"
)
"""Looks ahead, so that groups of digits which stand before or behind a card number do not hide it."""
_FOURS = re.compile(r"\d{4}(?:[ \u00a0-]\d{4}){3}(?!\d)")
"""The usual card, where a security code behind it looks like a fifth group."""
_ISSUED = re.compile(r"[2-689]|1800")
"""How a payment card begins (ISO/IEC 7812); with 1 begin times in milliseconds, with 0 and 7 no cards."""
_SHORT = re.compile(r"50|5[6-8]|6[037]")
"""How one of twelve digits begins."""


def accounts(text: str) -> Iterator[tuple[Span, bool]]:
    """Yield each span that has the form of a bank account, and whether its check digits are right.

    Example:
        >>> [right for _, right in accounts("DE89 3704 0044 0532 0130 00 or DE88370400440532013000")]
        [True, False]
    """
    for found in _IBAN_START.finditer(text):
        start = found.start()
        length = IBAN_LENGTHS.get(found.group()[:2].upper())
        end = _fixed(text, start, length) if length else None
        if end is None and (other := _UNBROKEN.match(text, start)):
            if is_iban(other.group()):
                yield Span(start=start, end=other.end(), kind="iban"), True
        elif end is not None:
            yield Span(start=start, end=end, kind="iban"), is_iban(text[start:end])


def _fixed(text: str, start: int, length: int) -> int | None:
    """Return where an account of so many characters ends: unbroken, or in groups of four."""
    position, taken = start, 0
    broken = text[start + 4 : start + 5] in {" ", "\u00a0", "-"}
    while taken < length:
        if broken and taken and taken % 4 == 0:
            if text[position : position + 1] not in {" ", "\u00a0", "-"}:
                return None
            position += 1
        character = text[position : position + 1]
        if not (character.isascii() and character.isalnum()):
            return None
        position, taken = position + 1, taken + 1
    after = text[position : position + 1]
    return None if after == "_" or (after.isascii() and after.isalnum()) else position


def is_iban(text: str) -> bool:
    """Return whether the remainder modulo 97 is right (ISO 13616), blanks and hyphens aside.

    Example:
        >>> is_iban("GB29 NWBK 6016 1331 9268 19"), is_iban("GB28 NWBK 6016 1331 9268 19")
        (True, False)
    """
    packed = re.sub(r"[ \u00a0-]", "", text)
    if not 15 <= len(packed) <= 34 or not (packed.isascii() and packed.isalnum()):
        return False
    turned = packed[4:] + packed[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def cards(text: str) -> Iterator[tuple[Span, bool]]:
    """Yield each span that has the form of a payment card, and whether its last digit is right.

    Example:
        >>> [right for _, right in cards("4111 1111 1111 1111, 4111111111111112")]
        [True, False]
    """
    for found in (*_CARD_GROUPS.finditer(text), *_CARD.finditer(text)):
        start = found.start()
        written = found[1] if found.re is _CARD_GROUPS else found.group()
        if not is_card(written) and (shorter := _FOURS.match(written)) and is_card(shorter.group()):
            written = shorter.group()
        if _issued(written) or (is_card(written) and "card" in text[max(0, start - 30) : start].lower()):
            yield Span(start=start, end=start + len(written), kind="card"), is_card(written)


def is_card(text: str) -> bool:
    """Return whether the last digit is right (Luhn, ISO/IEC 7812) and the digits are not all the same.

    Example:
        >>> is_card("378282246310005"), is_card("0000 0000 0000 0000")
        (True, False)
    """
    digits = [int(character) for character in text if character.isdecimal()]
    if len(set(digits)) == 1:
        return False
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _issued(text: str) -> bool:
    packed = "".join(str(int(character)) for character in text if character.isdecimal())
    return (_SHORT if len(packed) == 12 else _ISSUED).match(packed) is not None
