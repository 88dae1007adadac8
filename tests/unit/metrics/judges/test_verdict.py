"""A verdict is read strictly: what is not exactly one says nothing about the reply."""

import json

import pytest

from passmuster.metrics.conformance import HOSTILE_TEXTS, TIRING_TEXTS
from passmuster.metrics.judges.rubric import Criterion, Rubric
from passmuster.metrics.judges.verdict import (
    JUDGE_OFF_SCALE,
    JUDGE_REFUSED,
    JUDGE_UNREADABLE,
    Preference,
    Verdict,
    read_preference,
    read_verdict,
)
from passmuster.metrics.two_steps import SCORER_FAILED
from passmuster.records.score import ScoreFailure
from passmuster.records.trial import Failure, Reply

RUBRIC = Rubric(
    criteria=(Criterion(name="tone", question="Is it polite?"), Criterion(name="form", question="In order?"))
)
GOOD = '{"reasons": "Rude but neat.", "values": {"tone": 1, "form": 5}}'


def read(text: str, finish_reason: str | None = None) -> Verdict | ScoreFailure:
    return read_verdict(Reply(text=text, finish_reason=finish_reason), RUBRIC)


def failed(text: str, finish_reason: str | None = None) -> ScoreFailure:
    found = read(text, finish_reason)
    assert isinstance(found, ScoreFailure), found
    return found


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"\n  {GOOD}\t\n",
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}```",
        f"```JSON \r\n{GOOD}\r\n```\n",
        GOOD.replace("1,", "1.0,"),
        json.dumps(json.loads(GOOD), indent=4),
    ],
)
def test_one_object_is_read_alone_or_in_one_fence(text: str) -> None:
    assert read(text) == Verdict(values={"tone": 1, "form": 5}, reasons="Rude but neat.")


def test_reasons_may_be_left_out_or_be_of_any_form() -> None:
    bare, listed = (
        read('{"values": {"tone": 1, "form": 5}}'),
        read(GOOD.replace('"Rude but neat."', '["Rude"]')),
    )

    assert isinstance(bare, Verdict)
    assert bare.reasons is None
    assert isinstance(listed, Verdict)
    assert listed.reasons == '["Rude"]'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the judge said nothing"),
        ("Tone: 5, form: 5", "not JSON"),
        (f"Here is my verdict: {GOOD}", "not JSON"),
        (f"{GOOD}\nI hope this helps.", "more text after the value"),
        (f"{GOOD}\n{GOOD}", "more text after the value"),
        (f"```json\n{GOOD}\n```\n```json\n{GOOD}\n```", "not JSON"),
        (f"<think>hm</think>{GOOD}", "not JSON"),
        (f"[{GOOD}]", "no object"),
        ("5", "no object"),
        ('{"tone": 1, "form": 5}', "there is no 'values'"),
        ('{"values": [1, 5]}', "`values` is no object"),
        ('{"values": {"tone": 1}}', "there is no 'form'"),
        ('{"values": {"tone": 1, "form": 5, "charm": 5}}', "'charm' was not asked for"),
        ('{"values": {"tone": 1, "form": 5}, "overall": 5}', "'overall' was not asked for"),
        ('{"values": {"tone": "1", "form": 5}}', "the value of 'tone' is no number"),
        ('{"values": {"tone": true, "form": 5}}', "the value of 'tone' is no number"),
        ('{"values": {"tone": null, "form": 5}}', "the value of 'tone' is no number"),
        ('{"values": {"tone": 1, "form": 5, "tone": 5}}', "it says 'tone' twice"),
        ('{"values": {"tone": 1, "form": 1}, "values": {"tone": 5, "form": 5}}', "it says 'values' twice"),
        ('{"values": {"Tone": 1, "form": 5}}', "there is no 'tone'"),
        ('{"values": {"tone": NaN, "form": 5}}', "NaN is no JSON number"),
    ],
)
def test_anything_else_is_unreadable_and_shows_what_came(text: str, told: str) -> None:
    found = failed(text)

    assert found.kind == JUDGE_UNREADABLE
    assert told in found.message
    assert text[:40] in found.message


@pytest.mark.parametrize("value", ["0", "6", "-1", "2.5", "1e300", "99999999999999999999"])
def test_a_value_off_the_scale_is_no_verdict_and_never_moved_onto_it(value: str) -> None:
    found = failed(f'{{"values": {{"tone": 3, "form": {value}}}}}')

    assert found.kind == JUDGE_OFF_SCALE
    assert "not a whole number from 1 to 5" in found.message


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I cannot judge this reply because it goes against my guidelines.",
    ],
)
def test_a_judge_that_declines_is_told_apart(text: str) -> None:
    assert failed(text).kind == JUDGE_REFUSED
    assert text in failed(text).message


def test_a_verdict_whose_reasons_sound_like_a_refusal_is_a_verdict() -> None:
    assert isinstance(read(GOOD.replace("Rude but neat.", "I'm sorry, but I can't help with that.")), Verdict)


def test_an_answer_that_a_filter_stopped_is_a_refusal_even_where_it_can_be_read() -> None:
    assert failed(GOOD, "content_filter").kind == JUDGE_REFUSED


def test_an_answer_that_was_cut_off_says_so() -> None:
    found = failed(GOOD[:-5], "length")

    assert found.kind == JUDGE_UNREADABLE
    assert "cut off at the judge's limit of tokens" in found.message


def test_a_judge_that_failed_says_nothing() -> None:
    found = read_verdict(Failure(kind="timeout", message="too late"), RUBRIC)

    assert found == ScoreFailure(kind=SCORER_FAILED, message="timeout: too late")


@pytest.mark.parametrize("text", [*HOSTILE_TEXTS.values(), *TIRING_TEXTS.values(), "```" + " " * 60_000])
def test_hostile_answers_are_failures_with_short_messages(text: str) -> None:
    for found in (failed(text), read_preference(Reply(text=text))):
        assert isinstance(found, ScoreFailure)
        assert found.kind in (JUDGE_UNREADABLE, JUDGE_REFUSED)
        assert len(found.message) < 2000


@pytest.mark.parametrize("said", ["first", "second", "tie"])
def test_a_preference_is_one_of_three_words(said: str) -> None:
    found = read_preference(Reply(text=f'{{"reasons": "Why not.", "better": "{said}"}}'))

    assert found == Preference(better=said, reasons="Why not.")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"better": "First"}', JUDGE_OFF_SCALE),
        ('{"better": "A"}', JUDGE_OFF_SCALE),
        ('{"better": "first, but hardly"}', JUDGE_OFF_SCALE),
        ('{"better": 1}', JUDGE_UNREADABLE),
        ('{"better": null}', JUDGE_UNREADABLE),
        ('{"winner": "first"}', JUDGE_UNREADABLE),
        ('{"better": "first", "better": "second"}', JUDGE_UNREADABLE),
        ("first", JUDGE_UNREADABLE),
    ],
)
def test_any_other_preference_is_none(text: str, kind: str) -> None:
    found = read_preference(Reply(text=text))

    assert isinstance(found, ScoreFailure)
    assert found.kind == kind


def test_a_tie_counts_only_where_it_was_allowed() -> None:
    found = read_preference(Reply(text='{"better": "tie"}'), ties=False)

    assert isinstance(found, ScoreFailure)
    assert found.kind == JUDGE_OFF_SCALE
