"""Numbers and sums of money in the ways that people write them."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal, TypeAlias

from passmuster.records.record import Json, Record

Mark: TypeAlias = Literal[".", ","]

LONGEST = 200
"""Characters; a longer text is no number."""

PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
GROUPED = re.compile(r"([+-]?)([0-9][0-9.,' \u00a0\u202f\u2009\u2019_]*)")
SIGNS = str.maketrans(
    {"\u2212": "-", "\u2013": "-", "\u2019": "'", "\u00a0": " ", "\u202f": " ", "\u2009": " "}
)
MONEY = re.compile(r"(-?)((?i:rs|s?fr|kr)\.|[^\d+(),.-]*?) *([+-]?[0-9][0-9.,' _]*?) *([^\d]*)")

MULTIPLIERS = {"k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "bn": 9, "b": 9, "billion": 9}
DOLLARS = frozenset({"USD", "AUD", "CAD", "NZD", "SGD", "HKD", "TWD", "MXN"})
CURRENCIES: dict[str, frozenset[str]] = {
    "€": frozenset({"EUR"}), "EURO": frozenset({"EUR"}), "EUROS": frozenset({"EUR"}),
    "£": frozenset({"GBP"}), "POUND": frozenset({"GBP"}), "POUNDS": frozenset({"GBP"}),
    "POUNDS STERLING": frozenset({"GBP"}), "$": DOLLARS, "DOLLAR": DOLLARS, "DOLLARS": DOLLARS,
    "US$": frozenset({"USD"}), "US DOLLARS": frozenset({"USD"}), "US DOLLAR": frozenset({"USD"}),
    "A$": frozenset({"AUD"}), "C$": frozenset({"CAD"}), "S$": frozenset({"SGD"}), "HK$": frozenset({"HKD"}),
    "NZ$": frozenset({"NZD"}), "R$": frozenset({"BRL"}), "¥": frozenset({"JPY", "CNY"}), "YEN": frozenset({"JPY"}),
    "₹": frozenset({"INR"}), "RS": frozenset({"INR"}), "RM": frozenset({"MYR"}), "₩": frozenset({"KRW"}),
    "FR": frozenset({"CHF"}), "SFR": frozenset({"CHF"}), "ZŁ": frozenset({"PLN"}), "₺": frozenset({"TRY"}),
    "KR": frozenset({"SEK", "NOK", "DKK"}), "RMB": frozenset({"CNY"}),
}  # fmt: skip
"""What a sign or a word can stand for; three letters stand for themselves."""

_CODES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP "
    "CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF "
    "IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD "
    "MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB "
    "RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU "
    "UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG"
)
CODES = frozenset(_CODES.split())
"""The currencies of ISO 4217; in running text other three letters before a number are a word: DUE 500."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money(Record):
    """A sum, and the currencies that it may be in: none where nothing is said."""

    amount: Decimal
    currencies: frozenset[str] = frozenset()


def read_number(value: Json, decimal: Mark = ".") -> Decimal | None:
    """Return the number that a JSON value is or writes; None where it is none.

    Thousands may be set apart by a comma, a dot, a blank, an apostrophe or an underscore. Of two different signs
    the last is the decimal one, one that occurs twice sets thousands apart, and one before exactly three digits is
    what `decimal` says, but for 0,500: thousands begin with no 0.

    Example:
        >>> [str(read_number(text)) for text in ("1,200.50", "1.200,50", "1,200", "1,5", "1 200 000")]
        ['1200.50', '1200.50', '1200', '1.5', '1200000']
        >>> str(read_number("1.200", decimal=",")), read_number("12 EUR")
        ('1200', None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        text = str(value).strip().translate(SIGNS)
    except ValueError:  # an integer of more digits than Python writes
        return None
    if len(text) > LONGEST:
        return None
    if not isinstance(value, str) or (PLAIN.fullmatch(text) and not _doubtful(text, decimal)):
        return _decimal(text)
    found = GROUPED.fullmatch(text)
    return None if found is None else _grouped(found[1], found[2], decimal)


def _doubtful(text: str, decimal: Mark) -> bool:
    return decimal == "," and re.fullmatch(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}", text) is not None


def _grouped(sign: str, digits: str, decimal: Mark) -> Decimal | None:
    marks = [letter for letter in digits if letter in ".,"]
    last = marks[-1] if marks else ""
    single = len(marks) == 1
    split = bool(last) and marks.count(last) == 1
    if split and single and re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}", digits):  # 0,500 is no 500
        split = last == decimal
    whole, _, rest = digits.rpartition(last) if split else (digits, "", "")
    if (split and not rest.isdecimal()) or not _is_grouped(whole):
        return None
    clean = re.sub(r"\D", "", whole)
    return _decimal(f"{sign}{clean}.{rest}" if rest else f"{sign}{clean}")


def _is_grouped(whole: str) -> bool:
    """Return whether digits are written in one piece, or in groups with one sign between them; 12,34,567 too."""
    if whole.isdecimal():
        return True
    signs = set(re.sub(r"[0-9]", "", whole))
    head, *groups = re.split(r"[^0-9]", whole)
    return (
        len(signs) == 1
        and 1 <= len(head) <= 3
        and len(groups[-1]) == 3
        and {len(g) for g in groups} <= {2, 3}
    )


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < LONGEST * 2 else None


def read_money(value: Json, decimal: Mark = ".") -> Money | None:
    """Return the sum of money that a JSON value is or writes; None where it is none.

    A number is a sum without a currency; an object has `amount` (or `value`) and `currency`. In a text the currency
    stands before or behind the number as a sign, a word or a code; `million` and the like multiply, and
    brackets around all are a minus.

    Example:
        >>> read_money("US$ 1,500.00")
        Money(amount=Decimal('1500.00'), currencies=frozenset({'USD'}))
    """
    if isinstance(value, dict):
        return _from_object(value, decimal)
    number = read_number(value, decimal)
    if number is not None or not isinstance(value, str):
        return None if number is None else Money(amount=number)
    text = value.strip().translate(SIGNS)
    if len(text) > LONGEST:
        return None
    text = re.sub(r"(?:/-|\.-|,-|--)$", "", text)
    negative = text.startswith("(") and text.endswith(")")
    found = MONEY.fullmatch(text[1:-1] if negative else text)
    amount = None if found is None else read_number(found[3].strip(), decimal)
    if found is None or amount is None:
        return None
    tail, _, rest = found[4].strip().partition(" ")
    power = MULTIPLIERS.get(tail.casefold())
    currency = _currency(found[2], found[4] if power is None else rest)
    if currency is None:
        return None
    minus = negative != bool(found[1])
    return Money(amount=(-amount if minus else amount).scaleb(power or 0), currencies=currency)


def _from_object(value: dict[str, Json], decimal: Mark) -> Money | None:
    number = read_number(value.get("amount", value.get("value")), decimal)
    named = value.get("currency")
    currency = _currency(named, "") if isinstance(named, str) else frozenset[str]()
    return None if number is None or currency is None else Money(amount=number, currencies=currency)


def _currency(before: str, behind: str) -> frozenset[str] | None:
    """Return the currencies that are named before or behind a number; None where it is something else."""
    named = [part for part in (before.strip(" .").upper(), behind.strip(" .").upper()) if part]
    if not named:
        return frozenset()
    found = [_codes(part) for part in named]
    if any(codes is None for codes in found):
        return None
    return frozenset.intersection(*(codes for codes in found if codes is not None)) or None


def _codes(name: str) -> frozenset[str] | None:
    if name in CURRENCIES:
        return CURRENCIES[name]
    return frozenset({name}) if len(name) == 3 and name.isascii() and name.isalpha() else None
