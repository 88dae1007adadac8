"""exact_match and f1_per_class."""

from typing import Any

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import Extract, Step
from passmuster.metrics.labels.f1_per_class import F1PerClass
from passmuster.metrics.text.exact_match import ExactMatch
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply


def scored(metric: ExactMatch | F1PerClass, text: str, reference: Any) -> Score:
    outcome = metric.score(Case(id="1", input="q", reference=reference), Reply(text=text))
    assert isinstance(outcome, Score)
    return outcome


def failed(metric: ExactMatch | F1PerClass, reference: Any) -> str:
    outcome = metric.score(Case(id="1", input="q", reference=reference), Reply(text="a"))
    assert isinstance(outcome, ScoreFailure)
    return outcome.kind


@pytest.mark.parametrize(
    ("text", "reference", "value"),
    [
        ("mortgage", "mortgage", 1),
        ("  mortgage\n", "mortgage", 1),
        ("Mortgage", "mortgage", 0),
        ("mort gage", "mortgage", 0),
        ("", "mortgage", 0),
        ("", "", 1),
        ("12.0", 12, 1),
        ("1_2", 12, 0),
        ("12 apples", 12, 0),
        ("9007199254740993", 9007199254740992, 0),
        ("True", True, 1),
        ("1", True, 0),
        ("nan", float("nan"), 0),
        ("b", ["a", "b"], 1),
        ("c", ["a", "b"], 0),
    ],
)
def test_by_default_only_white_space_around_an_answer_does_not_count(
    text: str, reference: Any, value: int
) -> None:
    assert scored(ExactMatch(), text, reference).value == value


@pytest.mark.parametrize(("text", "reference"), [("A.", "A"), ("a", "A"), ("THE", "the"), ('"A"', "a")])
def test_a_step_that_would_leave_nothing_does_not_undo_the_others(text: str, reference: str) -> None:
    steps: tuple[Step, ...] = ("case", "punctuation", "articles", "quotes")
    assert scored(ExactMatch(normalise=steps), text, reference).value == 1


@pytest.mark.parametrize(
    ("step", "text", "reference"),
    [
        ("case", "STRASSE", "straße"),
        ("space", "a \n\t b", "a b"),
        ("punctuation", "«yes».", "yes"),
        ("accents", "Café", "Cafe"),
        ("articles", "The answer", "answer"),
    ],
)
def test_each_normalisation_forgives_one_thing_that_the_default_does_not(
    step: Any, text: str, reference: str
) -> None:
    assert scored(ExactMatch(), text, reference).value == 0
    assert scored(ExactMatch(normalise=(step,)), text, reference).value == 1


def test_an_answer_of_punctuation_alone_is_not_normalised_into_any_other() -> None:
    assert scored(ExactMatch(normalise=("punctuation",)), "???", "!!!").value == 0


@pytest.mark.parametrize(
    ("extract", "answer"),
    [
        (Extract(regex=r"\b([A-D])\b"), "B"),
        (Extract(regex=r"\b([A-D])\b", which="last"), "C"),
        (Extract(regex=r"no, (?P<rest>it) is (?P<answer>\w)"), "C"),
        (Extract(regex="[A-D]"), "B"),
        (Extract(regex=r"never (\w)|is (\w)"), "B"),
    ],
)
def test_a_pattern_reads_the_answer_out_of_a_longer_reply(extract: Extract, answer: str) -> None:
    assert scored(ExactMatch(extract=extract), "It is B or no, it is C", "?").answer == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"answer": "B"}', "B"),
        ('Sure:\n```json\n{"answer": 3}\n```\nDone.', "3"),
        ('{"answer": true}', "true"),
        ('{"other": 1}', None),
        ("[1, 2]", None),
        ("3", None),
        ("B", None),
        ('```json\n{"answer": ', None),
    ],
)
def test_a_json_path_reads_the_answer_out_of_json_also_in_a_fence(text: str, answer: str | None) -> None:
    metric = ExactMatch(extract=Extract(json_path="$.answer"))
    assert scored(metric, text, "?").answer == answer


def test_a_reply_without_a_readable_answer_is_wrong_and_not_missing() -> None:
    score = scored(ExactMatch(extract=Extract(regex="answer: (.+)")), "I cannot say", "B")
    assert (score.value, score.answer, score.details["unreadable"]) == (0, None, True)


@pytest.mark.parametrize("metric", [ExactMatch(), F1PerClass()])
def test_a_case_without_reference_is_a_failure_and_no_zero(metric: ExactMatch | F1PerClass) -> None:
    assert failed(metric, None) == failed(metric, []) == "no_reference"


@pytest.mark.parametrize("metric", [ExactMatch(), F1PerClass()])
def test_an_object_as_reference_is_a_failure(metric: ExactMatch | F1PerClass) -> None:
    assert failed(metric, {"a": 1}) == failed(metric, [["a"]]) == "wrong_reference"


def test_classes_are_counted_by_normalised_labels_on_both_sides() -> None:
    metric = F1PerClass(normalise=("case",))
    wrong = scored(metric, "Loan", "Card")
    assert (wrong.answer, wrong.details["reference"], wrong.value) == ("loan", "card", 0)
    assert metric.label(Case(id="1", input="q", reference="Card")) == "card"
    assert metric.label(Case(id="1", input="q")) is None


def test_of_several_right_labels_the_one_that_was_answered_is_the_reference() -> None:
    assert scored(F1PerClass(), "b", ["a", "b"]).details["reference"] == "b"
    assert scored(F1PerClass(), "c", ["a", "b"]).details["reference"] == "a"


def test_an_unreadable_label_still_says_which_one_was_right() -> None:
    score = scored(F1PerClass(extract=Extract(regex="label: (.+)")), "?", "a")
    assert (score.answer, score.details["reference"]) == (None, "a")


def test_a_whole_essay_is_no_label() -> None:
    assert failed(F1PerClass(), "x" * 501) == "wrong_reference"


def test_what_a_score_keeps_of_a_long_answer_is_short_and_valid_unicode() -> None:
    answer = scored(ExactMatch(), "\ud800" + "x" * 1_000_000, "x").answer
    assert answer is not None
    assert len(answer) < 600
    assert answer.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "value"),
    [('"Paris"', 1), ("\u00abParis\u00bb", 1), (" `Paris` ", 1), ("'Par'is'", 0), ("''", 0)],
)
def test_quotation_marks_around_the_whole_need_not_count(text: str, value: int) -> None:
    assert scored(ExactMatch(normalise=("quotes",)), text, "Paris").value == value
    assert scored(ExactMatch(), text, "Paris").value == 0


def test_an_answer_is_read_from_json_that_had_to_be_mended_where_that_is_asked() -> None:
    text = 'Sure! {"reasoning": "two\nlines", "answer": "Paris",}'

    mended = ExactMatch(extract=Extract(json_path="$.answer", repaired=True))
    assert scored(mended, text, "Paris").value == 1
    assert scored(mended, "I do not know", "Paris").details["unreadable"] is True
    assert (
        scored(ExactMatch(extract=Extract(json_path="$.answer")), text, "Paris").details["unreadable"] is True
    )


def test_a_pattern_has_nothing_to_mend() -> None:
    with pytest.raises(ConfigurationError, match="repaired is for a json_path"):
        Extract(regex="a", repaired=True)
