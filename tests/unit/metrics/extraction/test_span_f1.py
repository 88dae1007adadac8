"""span_f1."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passmuster.metrics.extraction.mentions import Keys
from passmuster.metrics.extraction.span_f1 import MOST_SPANS, SpanF1
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply

TEXT = "We will be 9 people on May 5th, at 8."
SPANS = st.lists(
    st.tuples(st.integers(0, 36), st.integers(1, 12)).map(lambda s: (s[0], min(37, s[0] + s[1])))
)


def scored(metric: SpanF1, answer: Any, reference: Any) -> Score:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    outcome = metric.score(Case(id="1", input=TEXT, reference=reference), Reply(text=text))
    assert isinstance(outcome, Score)
    return outcome


def naive(answer: set[int], reference: set[int]) -> float:
    whole = len(answer) + len(reference)
    return 2 * len(answer & reference) / whole if whole else 1.0


@settings(deadline=None)
@given(SPANS, SPANS)
def test_characters_and_tokens_count_as_in_sets_of_them(
    answer: list[tuple[int, int]], reference: list[tuple[int, int]]
) -> None:
    tokens = [match.span() for match in re.finditer(r"\w+|[^\w\s]", TEXT)]
    letters = [
        {place for start, end in spans for place in range(start, end)} for spans in (answer, reference)
    ]
    touched = [
        {number for number, (start, end) in enumerate(tokens) if places & set(range(start, end))}
        for places in letters
    ]
    assert scored(SpanF1(), answer, reference).value == pytest.approx(naive(*letters), abs=1e-9)
    assert scored(SpanF1(unit="token"), answer, reference).value == pytest.approx(naive(*touched), abs=1e-9)


@settings(deadline=None)
@given(SPANS, SPANS, st.sampled_from(["character", "token", "span"]))
def test_swapping_answer_and_reference_swaps_precision_and_recall(
    answer: list[tuple[int, int]], reference: list[tuple[int, int]], unit: Any
) -> None:
    one = scored(SpanF1(unit=unit), answer, reference).details["counts"]
    other = scored(SpanF1(unit=unit), reference, answer).details["counts"]
    assert {k: [v[0], v[2], v[1]] for k, v in one.items()} == other  # type: ignore[attr-defined]


def test_a_span_counts_where_both_bounds_are_right() -> None:
    score = scored(SpanF1(unit="span"), [[11, 19], [23, 27]], [[11, 19], [23, 30]])
    assert score.details["counts"] == {"span": [1, 2, 2]}


def test_texts_are_looked_for_in_the_input_each_where_the_last_one_ended() -> None:
    assert scored(SpanF1(), ["9 people", "May 5th"], [[11, 19], [23, 30]]).value == 1
    assert scored(SpanF1(unit="span"), ["e", "e"], [[1, 2], [9, 10]]).value == 1


def test_labels_are_counted_apart() -> None:
    answer = [{"slot": "people", "start": 11, "end": 19}, {"slot": "time", "text": "May 5th"}]
    reference = [{"slot": "people", "start": 11, "end": 19}, {"slot": "date", "start": 23, "end": 30}]
    score = scored(SpanF1(unit="span", keys=Keys(label="slot")), answer, reference)
    assert score.details["counts"] == {"people": [1, 1, 1], "date": [0, 0, 1], "time": [0, 1, 0]}


def test_what_is_not_in_the_input_is_invented_and_lowers_precision() -> None:
    score = scored(SpanF1(unit="span"), ["9 people", "tomorrow", [0, 99], 7], ["9 people"])
    assert score.details["counts"] == {"span": [1, 1, 1], "(others)": [0, 3, 0]}
    assert score.details["invented"] == ["tomorrow", "[0,99]", "no entity: 7"]


@pytest.mark.parametrize("reply", ["", "none", "3", json.dumps(["x"] * (MOST_SPANS + 1))])
def test_a_reply_that_cannot_be_read_marks_nothing(reply: str) -> None:
    score = scored(SpanF1(unit="span"), reply, ["9 people"])
    assert (score.value, score.details["counts"], score.details["unreadable"]) == (
        0,
        {"span": [0, 0, 1]},
        True,
    )


@pytest.mark.parametrize(
    ("reference", "kind"), [(None, "no_reference"), ("x", "wrong_reference"), ([[0, 99]], "wrong_reference")]
)
def test_the_reference_marks_spans_of_the_input(reference: Any, kind: str) -> None:
    outcome = SpanF1().score(Case(id="1", input=TEXT, reference=reference), Reply(text="[]"))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == kind


def test_one_text_may_have_two_labels() -> None:
    both = {"party": ["9 people"], "number": ["9 people"]}
    assert scored(SpanF1(), {"number": ["9 people"], "party": ["9 people"]}, both).value == 1
