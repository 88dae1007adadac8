"""A training cut-off is a day, a month or a year, to its end."""

from datetime import UTC, datetime

import pytest

from passmuster.corpus.contamination.cutoff import cutoff_time
from passmuster.errors import UsageError


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("2024-06-30", (2024, 7, 1)),
        ("2024-06", (2024, 7, 1)),
        ("2023-12", (2024, 1, 1)),
        ("2024", (2025, 1, 1)),
    ],
)
def test_a_cut_off_ends_with_its_last_day(text: str, after: tuple[int, int, int]) -> None:
    assert cutoff_time(text) == datetime(*after, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "24-06",
        "2024-13",
        "2024-00",
        "2024-02-30",
        "2024-6",
        "2024-06-30-01",
        "9999-12-31",
        "\uff12\uff10\uff12\uff14",
    ],
)
def test_anything_else_is_refused_with_how_to_write_it(text: str) -> None:
    with pytest.raises(UsageError, match="2024-06-30"):
        cutoff_time(text)
