import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.project import quantities


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5 s", 1.5),
        ("800 ms", 0.8),
        ("2 min", 120),
        ("1h", 3600),
        ("1 day", 86400),
        (1.5, 1.5),
        (".5 s", 0.5),
    ],
)
def test_times_are_read_as_seconds(text: object, value: float) -> None:
    assert quantities.seconds(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.002 USD", 0.002),
        ("$0.002", 0.002),
        ("USD 40", 40),
        ("40 usd", 40),
        ("5 cents", 0.05),
        (3, 3),
        ("1_000 USD", 1000),
    ],
)
def test_amounts_are_read_as_us_dollars(text: object, value: float) -> None:
    assert quantities.dollars(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("1 %", 0.01), ("5 points", 0.05), ("7%", 0.07), ("-2 points", -0.02), (0.74, 0.74), ("0.3", 0.3)],
)
def test_shares_are_read_as_fractions_of_one(text: object, value: float) -> None:
    assert quantities.share(text) == value


@pytest.mark.parametrize(
    "text", ["", "s", "1.5 parsecs", "$3 USD", "1 EUR", "1,5 s", "1e999", "nan", True, None, [1]]
)
def test_anything_else_is_refused_and_the_forms_are_named(text: object) -> None:
    with pytest.raises(ValueError, match="write seconds"):
        quantities.seconds(text)
    with pytest.raises(ValueError, match="write US dollars"):
        quantities.dollars(text)


def test_time_and_money_are_never_below_zero() -> None:
    with pytest.raises(ValueError, match="below zero"):
        quantities.seconds("-1 s")
    with pytest.raises(ValueError, match="below zero"):
        quantities.dollars(-0.1)


def test_a_limit_takes_the_unit_of_its_metric() -> None:
    assert quantities.limit("first_token_p95", "200 ms") == 0.2
    assert quantities.limit("cost_per_task", "1 cent") == 0.01
    with pytest.raises(ValueError, match="is not a share"):
        quantities.limit("exact_match", "3 s")


@given(st.integers(0, 1000))
def test_percent_is_the_nearest_fraction(percent: int) -> None:
    assert quantities.share(f"{percent} %") == percent / 100


@given(st.one_of(st.text(), st.floats(), st.booleans(), st.none(), st.integers()))
def test_no_value_gives_another_exception_than_value_error(value: object) -> None:
    for read in (quantities.seconds, quantities.dollars, quantities.share, quantities.minutes):
        assert "write" in complaint(read, value)


def complaint(read: Callable[[object], float], value: object) -> str:
    try:
        number = read(value)
    except ValueError as error:
        return str(error)
    return "write" if math.isfinite(number) else "no finite number"
