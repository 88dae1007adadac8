"""Times in all usual spellings."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.ingest.spellings.moments import moment

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "value",
    [
        NOON,
        int(NOON),
        int(NOON) * 1_000,
        int(NOON) * 1_000_000,
        int(NOON) * 1_000_000_000,
        str(int(NOON)),
        str(int(NOON) * 1_000),
        "2025-03-01T12:00:00Z",
        "2025-03-01T12:00:00.000Z",
        "2025-03-01T12:00:00.000000000Z",
        "2025-03-01 12:00:00",
        "2025-03-01 12:00",
        "2025-03-01 12:00:00,000",
        "2025/03/01 12:00:00",
        "2025-03-01T13:00:00+01:00",
        "2025-03-01T13:00:00+0100",
        "2025-03-01 13:00:00+01",
        "2025-03-01 12:00:00 UTC",
        "2025-03-01 12:00:00 +0000 UTC",
        "2025-03-01T04:30:00-07:30",
        "2025-03-01 12:00:00 PM",
        "2025-03-01 12:00:00 pm UTC",
        "2025-03-01 14:00:00 +0200 CEST",
        "01.03.2025 12:00",
        "1.3.2025, 12:00:00",
        "01/Mar/2025:12:00:00 +0000",
        "[01/Mar/2025:13:00:00 +0100]",
        "Sat, 01 Mar 2025 12:00:00 GMT",
        "Sat, 01 Mar 2025 14:00:00 +0200",
        "Sat, 01 Mar 2025 13:00:00 +0100 (CET)",
        "Sat, 01 Mar 2025 04:00:00 PST",
        "1 Mar 2025 12:00",
        " 2025-03-01T12:00:00Z ",
        datetime(2025, 3, 1, 12, tzinfo=UTC),
        datetime(2025, 3, 1, 12),  # noqa: DTZ001  # databases give such; it is UTC
        datetime(2025, 3, 1, 13, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_one_moment_is_read_in_every_spelling(value: object) -> None:
    assert moment(value) == NOON


def test_a_day_begins_at_midnight() -> None:
    assert moment("2025-03-01") == moment(date(2025, 3, 1)) == NOON - 12 * 3600


@pytest.mark.parametrize("unit", [1, 1_000, 1_000_000, 1_000_000_000])
@pytest.mark.parametrize("year", [1980, 1999, 2025, 2099])
def test_the_size_of_a_number_says_what_it_counts(unit: int, year: int) -> None:
    seconds = datetime(year, 1, 1, tzinfo=UTC).timestamp()
    assert moment(int(seconds) * unit) == seconds


def test_parts_of_a_second_are_kept() -> None:
    assert moment(1740830400123) == moment("2025-03-01T12:00:00.123Z") == 1740830400.123


@pytest.mark.parametrize(
    "value",
    [
        None, True, "", "soon", "02/03/2025", "2025-13-01", "2025-02-30", "2025-03-01T25:00:00", 12, 0, -5, 3600.5,
        float("nan"), float("inf"), 10**400, "9" * 70, [1], {"a": 1}, "2025", "12:00", "1969-12-31", "99999-01-01",
        "9999-12-31", "2100-01-01T00:00:00Z", "2025-03-01 12:00 PST", "2025-03-01 12:00 IST", "2025-03-01 13:00 PM",
        "2025-03-01 0:30 AM", "1 Mar 2025 10:00 PM", "Sat, 01 Mar 2025 12:00:00 CEST",
    ],
)  # fmt: skip
def test_what_is_no_time_or_more_than_one_is_none(value: object) -> None:
    assert moment(value) is None


@given(st.text(max_size=70) | st.floats() | st.integers())
def test_nothing_makes_it_fail(value: object) -> None:
    found = moment(value)
    assert found is None or found >= 0


def test_hours_of_a_clock_with_two_halves() -> None:
    assert moment("2025-03-01 12:30 AM") == NOON - 11.5 * 3600
    assert moment("2025-03-01 1:30:15.5 p.m.") == NOON + 1.5 * 3600 + 15.5


@given(st.datetimes(datetime(1980, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # bounds are naive
def test_iso_times_are_read_as_python_reads_them(value: datetime) -> None:
    assert moment(value.isoformat()) == pytest.approx(value.timestamp(), abs=1e-5)
