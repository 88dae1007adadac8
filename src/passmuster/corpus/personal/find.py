"""Finds structured personal data in text: by form, and by check digit where there is one.

It finds mail addresses, telephone numbers, bank accounts (IBAN), payment cards, IP addresses, social security
numbers of the United States, and keys, tokens and passwords of services. It does not find names or postal
addresses: tag such cases, or use a model that does. The time it takes grows with the length of the text, whatever
the text is: patterns repeat a bounded number of times or never go back.
"""

import ipaddress
import re
from collections.abc import Iterator
from itertools import chain

from passmuster.corpus.personal.accounts import accounts, cards
from passmuster.corpus.personal.phones import phones
from passmuster.corpus.personal.secrets import secrets
from passmuster.corpus.personal.span import LETTERS, PersonalKind, Span, apart

__all__ = ["PersonalKind", "Span", "find_personal", "has_personal_data"]

RESERVED_DOMAIN = "example.invalid"
"""The domain of mail pseudonyms, which nobody can have (RFC 2606)."""

_LOCAL = re.compile(rf"[{LETTERS}.+%'-]{{0,64}}+\Z")
_DOMAIN = re.compile(
    rf"(?:[{LETTERS}][{LETTERS}-]{{0,62}}+\.){{1,8}}(?:xn--[A-Za-z0-9-]{{1,59}}|[A-Za-z\u00c0-\u024f\u0370-\u052f]{{2,24}})(?![{LETTERS}-])"
)
_NUMBERS = re.compile(r"\d++(?:[ .\-/()\u00a0\u2010-\u2013]{1,3}+\d++)*+")
_QUAD = re.compile(rf"(?<![{LETTERS}.])(?<!ersion )(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?![.]?[{LETTERS}])")
_HEXES = re.compile(rf"(?<![{LETTERS}:.])[0-9A-Fa-f:]{{2,39}}+(?:\.\d{{1,3}}){{0,3}}(?![{LETTERS}:])")
_SOCIAL_SECURITY = re.compile(
    rf"(?<![{LETTERS}-])(?!000|666)\d{{3}}-(?!00)\d{{2}}-(?!0000)\d{{4}}(?![{LETTERS}-])"
)
PSEUDONYM = re.compile(
    rf"(?<![{LETTERS}-])(?:mail-(?:[b-z]\d){{6}}@example\.invalid"
    rf"|(?:phone|iban|card|ip|ssn|key|person|place|other)-(?:[b-z]\d){{6}})(?![{LETTERS}-])"
)
"""What stands for an identifier that was replaced; it is never found again."""
FEWEST_DIGITS = 6
MOST_LOCAL = 64
"""Characters before the @ (RFC 5321)."""


def find_personal(text: str) -> list[Span]:
    """Return where structured personal data stands in a text, by place; no two spans overlap.

    Numbers with the form of a card or an account whose check digits are wrong are nothing, also no telephone
    numbers; nor are pseudonyms.

    Example:
        >>> [(span.kind, span.start) for span in find_personal("jo@example.com, card 4111 1111 1111 1111")]
        [('mail', 0), ('card', 21)]
    """
    if not text:
        return []
    nothing: set[tuple[int, int]] = set()
    return [span for span in apart(_candidates(text, nothing)) if (span.start, span.end) not in nothing]


def has_personal_data(text: str) -> bool:
    """Return whether a text holds structured personal data.

    Example:
        >>> has_personal_data("card 4111 1111 1111 1111"), has_personal_data("order 4111 1111 1111 1112")
        (True, False)
    """
    return bool(find_personal(text))


def _candidates(text: str, nothing: set[tuple[int, int]]) -> Iterator[Span]:
    """Yield what was found, the surest first; what only looks like it is added to `nothing`."""
    if "-" in text:
        for found in PSEUDONYM.finditer(text):
            nothing.add(found.span())
            yield Span(start=found.start(), end=found.end(), kind="other")
    yield from secrets(text)
    yield from _mails(text)
    runs = [found.span() for found in _NUMBERS.finditer(text) if found.end() - found.start() >= FEWEST_DIGITS]
    for span, right in chain(accounts(text), cards(text) if runs else ()):
        if not right:
            nothing.add((span.start, span.end))
        yield span
    yield from _addresses(text)
    for start, end in runs:
        yield from (
            Span(start=found.start(), end=found.end(), kind="ssn")
            for found in _SOCIAL_SECURITY.finditer(text, start, min(end + 1, len(text)))
        )
        yield from phones(text, start, end)


def _mails(text: str) -> Iterator[Span]:
    """Yield mail addresses: what stands before and behind each @."""
    at = text.find("@")
    while at >= 0:
        local = _LOCAL.search(text, max(0, at - MOST_LOCAL), at)
        domain = _DOMAIN.match(text, at + 1)
        if local and domain and (name := local.group().lstrip(".%'-")):
            yield Span(start=at - len(name), end=domain.end(), kind="mail")
        at = text.find("@", at + 1)


def _addresses(text: str) -> Iterator[Span]:
    for pattern, mark in ((_QUAD, "."), (_HEXES, ":")):
        if text.count(mark) > 1:
            for found in pattern.finditer(text):
                if _is_address(written := found.group().rstrip(":")):
                    yield Span(start=found.start(), end=found.start() + len(written), kind="ip")


def _is_address(text: str) -> bool:
    """Return whether a text is an address of one machine; `::` between two words of a program is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    short = address.version == 6 and (text.count(":") < 3 or not any(map(str.isdecimal, text)))
    return not (short or address.is_unspecified or address.is_loopback)
