"""Whatever a reply or a model says, claims and the companions of quality give a value in bounds or a failure, and the same again."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.metrics.judges.prompt import sections_of
from passmuster.metrics.metric import Metric
from passmuster.metrics.quality.forbidden_phrases import ForbiddenPhrases
from passmuster.metrics.quality.layout import Layout
from passmuster.metrics.quality.length import Length
from passmuster.metrics.quality.readability import Readability
from passmuster.metrics.quotes import Quotable, folded, pieces_of
from passmuster.metrics.summary.claims import Claims
from passmuster.metrics.two_steps import Asked
from passmuster.records.case import Case, Conversation
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply

MARKS = st.sampled_from(
    [
        "[[[ TEXT 0a\n",
        "\nTEXT 0a ]]]",
        "**",
        "`",
        "```\n",
        "\n\n",
        "- ",
        "# ",
        ". ",
        " ",
        "\u2019",
        "Paid",
        "\ud800",
    ]
)
TEXTS = st.lists(st.text(max_size=12) | MARKS, max_size=12).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 4) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["claims", "number", "quote", "claim", "verdict", "reason"]), inner)
    ),
    max_leaves=12,
)
CASE = Case(id="1", input="It rained. Paid.")
COMPANIONS: list[Metric] = [
    Length(),
    Readability(),
    Readability(formula="flesch"),
    Layout(),
    ForbiddenPhrases(phrases=("paid",), patterns=("P[a-z]+",)),
]


def text_of(question: object) -> str:
    case = question.question if isinstance(question, Asked) else question
    assert isinstance(case, Case)
    assert isinstance(case.input, Conversation)
    return str(case.input.messages[0].content)


@given(TEXTS)
def test_a_question_holds_the_reply_and_no_section_of_its_making(text: str) -> None:
    found = Claims(asks="judge").ask(CASE, Reply(text=text))
    if isinstance(found, ScoreFailure):
        assert found.kind == "not_applicable"
        return
    assert isinstance(found, tuple)
    clean = text.encode("utf-8", "replace").decode("utf-8")
    assert sections_of(text_of(found[0])) == {"TEXT": clean}


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=4), JSON)
def test_whatever_a_model_answers_there_is_a_question_a_score_or_a_failure(
    text: str, quotes: list[str], answer: Any
) -> None:
    metric, reply = Claims(asks="judge"), Reply(text=f"Paid. {text}")
    rows = [{"quote": quote, "claim": "c"} for quote in ["Paid", *quotes]]
    first = Reply(text=json.dumps({"claims": rows}))
    for given_answers in ([Reply(text=json.dumps(answer))], [first], [first, Reply(text=json.dumps(answer))]):
        found = metric.read(CASE, reply, given_answers)
        if isinstance(found, Score):
            assert 0 <= found.value <= 1
        else:
            assert isinstance(found, tuple | ScoreFailure)


@given(TEXTS, st.data())
def test_any_stretch_of_a_text_is_found_in_it_and_lies_in_its_bounds(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    found = Quotable(text).find(text[start:end])
    if not text[start:end].strip():
        assert found is None
        return
    assert found is not None
    assert 0 <= found.start < found.end <= len(text)
    assert folded(text[found.start : found.end]) == folded(text[start:end])


@given(TEXTS, st.integers(1, 40))
def test_pieces_are_in_order_and_hold_every_word(text: str, longest: int) -> None:
    pieces = pieces_of(text, longest)
    assert all(one.end <= other.start for one, other in pairwise(pieces))
    kept = "".join(text[piece.start : piece.end] for piece in pieces)
    assert "".join(kept.split()) == "".join(text.split())
    assert all(0 < piece.end - piece.start <= longest for piece in pieces)


@pytest.mark.parametrize("metric", COMPANIONS, ids=lambda metric: metric.name)
@given(text=TEXTS)
def test_a_companion_gives_a_value_in_bounds_or_says_that_it_does_not_apply(
    metric: Metric, text: str
) -> None:
    found = metric.score(CASE, Reply(text=text))
    if isinstance(found, ScoreFailure):
        assert found.kind == "not_applicable"
        return
    low, high = metric.bounds
    assert low <= found.value <= high
    assert metric.score(CASE, Reply(text=text)) == found


@given(TEXTS)
def test_a_phrase_is_found_wherever_it_stands_as_words(text: str) -> None:
    metric = ForbiddenPhrases(phrases=("late  fee",), filler=())
    assert metric.score(CASE, Reply(text=f"{text} Late **fee** {text}")).value == 0
