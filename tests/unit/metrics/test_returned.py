"""Nothing that a user's code gives back can break a run, and another process tells it in the same words."""

from typing import Any

import pytest

from passmuster.metrics.function import function_metric
from passmuster.metrics.returned import wrong_in
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply


class Mute:
    """A value that cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError


class Stubborn(float):
    """A number that is none."""

    def __float__(self) -> float:
        raise RuntimeError


def nested(depth: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


def failure_of(returned: Any) -> ScoreFailure:
    outcome = function_metric("mine", lambda _case, _reply: returned).score(
        Case(id="1", input=""), Reply(text="")
    )
    assert isinstance(outcome, ScoreFailure)
    return outcome


@pytest.mark.parametrize(
    ("returned", "kind"),
    [
        (10**5000, "wrong_type"),
        (Mute(), "wrong_type"),
        (Stubborn(1), "wrong_type"),
        (nested(100_000), "wrong_type"),
        (Score(value=1.0, details={"a": Mute()}), "wrong_details"),
        (Score(value=1.0, details={"a": nested(100_000)}), "wrong_details"),
        (Score(value=1.0, answer=Mute()), "wrong_details"),  # type: ignore[arg-type]  # on purpose
    ],
    ids=["a long number", "mute", "stubborn", "deep", "mute details", "deep details", "mute answer"],
)
def test_a_value_that_cannot_be_told_is_a_failure_too(returned: Any, kind: str) -> None:
    assert failure_of(returned).kind == kind


@pytest.mark.parametrize(("kind", "message"), [(None, "why"), ("", "why"), ("mine", 3), ("mine", None)])
def test_a_failure_without_words_is_told(kind: Any, message: Any) -> None:
    outcome = failure_of(ScoreFailure(kind=kind, message=message))
    assert outcome.kind == "wrong_type"
    assert "metric mine returned a ScoreFailure" in outcome.message


def test_a_failure_of_a_users_own_kind_is_kept() -> None:
    assert failure_of(ScoreFailure(kind="no_letter", message="")).kind == "no_letter"


def test_no_message_holds_what_another_process_would_tell_otherwise() -> None:
    """Where an object lies, and in which order a set is, differs from process to process."""
    names: Any = {"one", "two", "three"}
    told = [
        failure_of(object()).message,
        failure_of(names).message,
        failure_of(Score(value=1.0, details={"a": names})).message,
        failure_of(Score(value=1.0, details=names)).message,
        failure_of(Score(value=1.0, answer=names)).message,
        failure_of(ScoreFailure(kind=names, message="")).message,
    ]
    assert not [each for each in told if "0x" in each or "one" in each]
    assert (
        told[0]
        == "metric mine returned a value of the type object: not true, false, a finite number or a Score"
    )
    assert told[2] == "metric mine: answer and details must be JSON: cannot take the digest of a set"


@pytest.mark.parametrize("summary", ["parts", "counts"])
def test_the_name_of_a_part_is_a_text(summary: Any) -> None:
    details: Any = {summary: {1: 0.5 if summary == "parts" else [1, 1, 1]}}
    assert (
        wrong_in(Score(value=1.0, details=details), summary)
        == f"details[{summary!r}] has the name 1, not a text"
    )
