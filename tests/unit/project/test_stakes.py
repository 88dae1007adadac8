"""High stakes in the project file."""

from collections.abc import Callable

import pytest

from passmuster.project.load import Project
from passmuster.records.task import Stakes

Slip = Callable[..., str]


@pytest.mark.parametrize(
    ("text", "stakes"),
    [
        ("stakes: high", Stakes()),
        ("stakes: usual", None),
        ("stakes: {level: usual, ratings: 5}", None),
        ("stakes: {ratings: 5}", Stakes(ratings=5)),
        (
            "stakes: {level: high, within: 7 d, ratings: 40, slices: [\"category == 'edge'\"]}",
            Stakes(within=7 * 86400.0, ratings=40, slices=("category == 'edge'",)),
        ),
    ],
)
def test_they_reach_the_task(project: Callable[..., Project], text: str, stakes: Stakes | None) -> None:
    assert project("incumbent:", f"{text}\nincumbent:").task.stakes == stakes


def test_without_them_the_task_has_none(project: Callable[..., Project]) -> None:
    assert project().task.stakes is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stakes: hihg", "stakes"),
        ("stakes: {within: 0 d}", "no rating is so new"),
        ("stakes: {within: soon}", "within"),
        ("stakes: {ratings: 0}", "ratings"),
        ("stakes: {slices: ['colour == 1']}", "is not known of a case"),
        ("stakes: {slice: [a]}", "Did you mean 'slices'?"),
    ],
)
def test_slips_have_their_place(slip: Slip, text: str, message: str) -> None:
    found = slip("incumbent:", f"{text}\nincumbent:")
    assert found.startswith("passmuster.yaml:6:")
    assert message in found
