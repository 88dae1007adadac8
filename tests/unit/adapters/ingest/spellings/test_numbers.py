"""Numbers given as text, and the unit in which they count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.ingest.spellings.numbers import duration, number, unit_of, whole


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (7, 7.0), ("7", 7.0), (" 7.5 ", 7.5), ("1e-3", 0.001), ("1,234,567", 1234567.0), ("$0.0125", 0.0125), (".5", 0.5),
        ("-2", -2.0), ("", None), ("1,5", None), ("12 34", None), ("NaN", None), (float("nan"), None), ("inf", None),
        (True, None), (None, None), ("€0.01", None), ("£3", None), (10**400, None), ("1" * 80, None), ([1], None), ("0x10", None),
    ],
)  # fmt: skip
def test_numbers_are_read_and_everything_else_is_none(value: object, found: float | None) -> None:
    assert number(value) == found


@given(st.text(max_size=80))
def test_no_text_makes_it_fail(text: str) -> None:
    number(text)
    whole(text)
    duration(text, 1.0)


@pytest.mark.parametrize(
    ("value", "unit", "found"),
    [
        (1500, 0.001, 1.5), ("1500", 0.001, 1.5), ("1.5s", 0.001, 1.5), ("350 ms", 1.0, 0.35), ("20us", 1.0, 2e-5),
        ("00:01:30", 1.0, 90.0), ("0:00:00.250", 1.0, 0.25), (-1, 1.0, None), ("5 parsecs", 1.0, None), (None, 1.0, None),
    ],
)  # fmt: skip
def test_durations_become_seconds(value: object, unit: float, found: float | None) -> None:
    assert duration(value, unit) == (None if found is None else pytest.approx(found))


@pytest.mark.parametrize(
    ("column", "sample", "unit"),
    [
        ("latency_ms", [1, 2], 1e-3),
        ("latencyMs", [], 1e-3),
        ("duration_s", [5000], 1.0),
        ("latency_seconds", [5000], 1.0),
        ("latency", [800, 950, None, "1200"], 1e-3),
        ("latency", [0.4, 2.1, 30], 1.0),
        ("latency", [], 1.0),
        ("took_us", [1], 1e-6),
    ],
)
def test_a_unit_is_told_by_the_name_else_by_how_long_calls_take(
    column: str, sample: list[object], unit: float
) -> None:
    assert unit_of(column, sample) == unit
