"""A training cut-off is a day, a month or a year, to its end."""

from datetime import UTC, datetime

import pytest

from passmuster.corpus.novelty import aged, cutoff_time
from passmuster.errors import UsageError
from passmuster.records.case import Case


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


def test_a_case_of_the_very_moment_is_newer_and_one_without_a_time_is_not() -> None:
    cases = [Case(id=str(n), input="x", time=time) for n, time in enumerate((1.0, 2.0, 3.0, None))]
    assert aged(cases, 2.0).tolist() == [False, True, True, False]
