"""Finds structured personal data in text: by form, and by check digit where there is one.

It finds mail addresses, telephone numbers, bank accounts (IBAN), payment cards, IP addresses, social security
numbers of the United States and keys of services. It does not find names or postal addresses: tag such cases.
"""

import ipaddress
import re
from collections.abc import Iterator

_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])")
_PHONE = re.compile(
    r"(?<![\w.+])(?:\+|00)[1-9]\d{0,2}[ ./-]?(?:\(\d{1,4}\)[ ./-]?)?\d{1,5}(?:[ ./-]?\d{2,5}){1,5}(?![\w])"
    r"|(?<![\w.+])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\w)"
)
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?!\w)")
_CARD = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w])")
_CARD_GROUPS = re.compile(r"(?<![\w.])(?=(\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}|\d{4}[ -]\d{6}[ -]\d{5})(?!\w))")
"""Looks ahead, so that groups of digits which stand before or behind a card number do not hide it."""
_ADDRESS = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)")
_SOCIAL_SECURITY = re.compile(r"(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_KEY = re.compile(r"(?<!\w)(?:sk-[A-Za-z0-9_-]{20,}|AKIA[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{36,})(?!\w)")


def has_personal_data(text: str) -> bool:
    """Return whether a text holds structured personal data.

    Example:
        >>> has_personal_data("card 4111 1111 1111 1111"), has_personal_data("order 4111 1111 1111 1112")
        (True, False)
    """
    if "@" in text and _MAIL.search(text):
        return True
    if any(pattern.search(text) for pattern in (_PHONE, _SOCIAL_SECURITY, _KEY)):
        return True
    if any(_is_iban(account) for found in _IBAN.finditer(text) for account in _beginnings(found.group())):
        return True
    if any(_is_card(found.group()) for found in _CARD.finditer(text)):
        return True
    if any(_is_card(found[1]) for found in _CARD_GROUPS.finditer(text)):
        return True
    return any(_is_address(found.group()) for found in _ADDRESS.finditer(text))


def _beginnings(text: str) -> Iterator[str]:
    """Yield a text, and what is left of it without its last words: a currency or a bank may follow an account."""
    while text:
        yield text
        text = text.rpartition(" ")[0]


def _is_iban(text: str) -> bool:
    """Check the remainder modulo 97 (ISO 13616)."""
    packed = text.replace(" ", "")
    if not 15 <= len(packed) <= 34:
        return False
    turned = packed[4:] + packed[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def _is_card(text: str) -> bool:
    """Check the last digit (Luhn, ISO/IEC 7812)."""
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_address(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_unspecified or address.is_loopback)
