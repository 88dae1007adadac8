import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.providers.wire.limits import read_limits, read_wait
from passmuster.records.trial import Limits

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("120ms", 0.12),
        ("1h2m3.5s", 3723.5),
        ("2m59.56s", 179.56),
        ("1d", 86_400.0),
        ("20", 20.0),
        ("0.5", 0.5),
        ("0", 0.0),
        ("1700000030", 30.0),
        ("1700000030.5", 30.5),
        ("1700000030000", 30.0),
        ("1699999990", 0.0),
        ("2023-11-14T22:13:30Z", 10.0),
        ("2023-11-14T22:13:30+00:00", 10.0),
        ("2023-11-14T22:13:30.500", 10.5),
        ("2023-11-14T22:13:00Z", 0.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("s", None),
        ("1x", None),
        ("-5", None),
        ("nan", None),
        ("1e400", None),
        ("99999999h", None),
        ("9" * 100, None),
    ],
)
def test_a_reset_is_read_in_every_form(text: str | None, seconds: float | None) -> None:
    found = read_wait(text, NOW)
    assert found == (None if seconds is None else pytest.approx(seconds, abs=1e-6))


def test_the_limits_of_openai_are_read() -> None:
    said = {
        "x-ratelimit-limit-requests": "600",
        "x-ratelimit-remaining-requests": "599",
        "x-ratelimit-reset-requests": "100ms",
        "x-ratelimit-limit-tokens": "150000",
        "x-ratelimit-remaining-tokens": "149984",
        "x-ratelimit-reset-tokens": "6m0s",
    }
    assert read_limits(said, NOW) == Limits(
        requests=600,
        requests_left=599,
        requests_reset=0.1,
        tokens=150_000,
        tokens_left=149_984,
        tokens_reset=360.0,
    )


def test_the_limits_of_anthropic_are_read() -> None:
    said = {
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2023-11-14T22:13:50Z",
        "anthropic-ratelimit-tokens-remaining": "39000",
    }
    assert read_limits(said, NOW) == Limits(
        requests=50, requests_left=0, requests_reset=30.0, tokens_left=39_000
    )


@pytest.mark.parametrize(
    "said", [{}, {"x-ratelimit-limit-requests": "many"}, {"x-ratelimit-remaining-tokens": "-1"}]
)
def test_headers_that_say_nothing_are_no_limits(said: dict[str, str]) -> None:
    assert read_limits(said, NOW) is None


def test_a_moment_without_a_zone_is_in_utc_wherever_this_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert read_wait("2023-11-14T22:13:30", NOW) == 10.0
    finally:
        monkeypatch.undo()
        time.tzset()


@given(st.text(max_size=40))
def test_whatever_a_header_holds_it_is_a_time_to_come_or_nothing(text: str) -> None:
    found = read_wait(text, NOW)
    assert found is None or 0 <= found <= 366 * 86_400
    read_limits({"x-ratelimit-limit-requests": text, "x-ratelimit-reset-tokens": text}, NOW)
