"""Dates, numbers and sums of money as people write them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from passmuster.metrics.extraction.dates import read_date
from passmuster.metrics.extraction.money import read_money, read_number


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-05",
        "2026/3/5",
        "20260305",
        "2026-03-05T10:00:00Z",
        "05.03.2026",
        "5 March 2026",
        "March 5th, 2026",
        "5 MAR 26",
        "05-Mar-2026",
        "05/MAR/2026",
        "Thursday, 5 March 2026",
        "5. März 2026",
        "le 5 mars 2026",
        "5 de marzo de 2026",
        "(5 March 2026)",
        "5 March 2026 8:13:39 PM",
        "5 March 2026 at 10:00",
        "5. Mrz 2026",
    ],
)
def test_a_day_is_read_in_many_spellings(text: str) -> None:
    assert read_date(text) == date(2026, 3, 5)


@pytest.mark.parametrize(
    ("text", "first", "day"),
    [
        ("3/4/2026", None, None),
        ("3/4/2026", "day", date(2026, 4, 3)),
        ("3/4/2026", "month", date(2026, 3, 4)),
        ("13/4/2026", None, date(2026, 4, 13)),
        ("13/4/2026", "month", date(2026, 4, 13)),
        ("4/4/2026", None, date(2026, 4, 4)),
        ("25032018", None, date(2018, 3, 25)),
        ("1/1/69", None, date(1969, 1, 1)),
        ("1/1/68", None, date(2068, 1, 1)),
    ],
)
def test_what_could_be_two_days_is_none_unless_told_which(text: str, first: Any, day: date | None) -> None:
    assert read_date(text, first) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "May 2026",
        "2026",
        "30 February 2026",
        "2026-13-01",
        "5 Mayhem 2026",
        "5 May 6 June 2026",
        "on Friday",
        "5 May 20266",
        "201811",
        "2018111",
    ],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,200.50", "1200.50"),
        ("1.200,50", "1200.50"),
        ("1 200,50", "1200.50"),
        ("1'200.50", "1200.50"),
        ("12,34,567", "1234567"),
        ("1,5", "1.5"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("\u22125", "-5"),
        ("1e3", "1000"),
        ("1,23,45", None),
        ("1..2", None),
        ("12 EUR", None),
        ("", None),
        ("9" * 300, None),
    ],
)
def test_a_number_is_read_with_any_signs(text: str, number: str | None) -> None:
    assert read_number(text) == (None if number is None else Decimal(number))


def test_thousands_begin_with_no_nought() -> None:
    assert read_number("0.125", decimal=",") == read_number("0,125", decimal=",") == Decimal("0.125")


@pytest.mark.parametrize(
    "value", [None, True, [1], float("nan"), float("inf"), pytest.param(10**5000, id="5,000 digits")]
)
def test_what_is_no_number_is_none(value: Any) -> None:
    assert read_number(value) is None


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("RM 9.00", "9", "MYR"),
        ("RM9.00", "9", "MYR"),
        ("12.50€", "12.50", "EUR"),
        ("-$5", "-5", "USD"),
        ("(1,200.00)", "-1200", None),
        ("CHF 1'200.\u2013", "1200", "CHF"),
        ("5 m EUR", "5000000", "EUR"),
        ("30 pounds sterling", "30", "GBP"),
        ("1e3", "1000", None),
        ("USD 5 USD", "5", "USD"),
        ("Rs. 1,200/-", "1200", "INR"),
        ("-fr. 12.50", "-12.50", "CHF"),
    ],
)
def test_a_sum_is_read_with_its_currency(text: str, amount: str, currency: str | None) -> None:
    found = read_money(text)
    assert found is not None
    assert found.amount == Decimal(amount)
    assert (currency in found.currencies) if currency else not found.currencies


@pytest.mark.parametrize(
    "text",
    [
        "",
        "USD",
        "12 apples",
        "5 USD EUR",
        "five euros",
        {"currency": "EUR"},
        {"amount": 5, "currency": "shells"},
    ],
)
def test_what_is_no_sum_is_none(text: Any) -> None:
    assert read_money(text) is None
