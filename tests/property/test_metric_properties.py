"""What holds for any reply."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from passmuster.metrics.answers import Extract, Step, as_text, normalise, same
from passmuster.metrics.code.command_tests import CommandTests
from passmuster.metrics.code.python_tests import PythonTests
from passmuster.metrics.code.sql_result import SqlResult
from passmuster.metrics.endings.graceful_failure import GracefulFailure
from passmuster.metrics.extraction.citation_exists import CitationExists, occurs
from passmuster.metrics.extraction.fields import Fields
from passmuster.metrics.instructions.instructions import Instructions
from passmuster.metrics.instructions.options import Between, Count, Length, Mention, Quoted
from passmuster.metrics.json_text import find_json, parse_json
from passmuster.metrics.labels.f1_per_class import F1PerClass
from passmuster.metrics.metric import Metric
from passmuster.metrics.structure.function_call import FunctionCall
from passmuster.metrics.structure.json_schema import JsonSchema
from passmuster.metrics.structure.table import TableColumns
from passmuster.metrics.structure.xml_tags import XmlTags
from passmuster.metrics.summary.factual_precision import FactualPrecision
from passmuster.metrics.summary.key_points import KeyPoints, OmissionRate
from passmuster.metrics.summary.labels import Claim, LabelledReply
from passmuster.metrics.text.exact_match import ExactMatch
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case, KeyPoint
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply

law = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # shared machines stall

STEPS: list[Step] = ["case", "space", "punctuation", "accents", "articles", "quotes"]
EVERY_CONSTRAINT = Instructions(
    length=Length(words=Between(at_most=9), sentences=Between(at_least=1), paragraphs=Between(at_most=2)),
    count=Count(items=Between(at_most=3), headings=Between(at_most=0), highlights=Between(at_most=1)),
    language="en",
    casing="title",
    sections=("a",),
    contains=("x", Mention(text="b", at_most=2)),
    excludes=("c",),
    matches=("(a+)+$",),
    starts_with=("x",),
    ends_with=("x",),
    only_json=True,
    no_preamble=True,
    quoted=Quoted(at_least=0),
    normalise=tuple(STEPS),
)
METRICS: list[Metric] = [
    GracefulFailure(),
    ExactMatch(),
    ExactMatch(normalise=tuple(STEPS), extract=Extract(regex=r"(?i)answer: *(.*)", which="last")),
    F1PerClass(extract=Extract(json_path="$..*", which="last")),
    JsonSchema(schema={"type": "object", "patternProperties": {"^a": {"type": "string"}}}, fenced=True),
    JsonSchema(schema={"type": "object"}, repaired=True),
    XmlTags(required=("a",), among_words=True),
    TableColumns(form="csv", columns=("a",), fenced=True),
    TableColumns(form="markdown", among_words=True),
    FunctionCall(fenced=True, any_order=True),
    Fields(normalise={"a": ("case",)}, any_order=("b",)),
    EVERY_CONSTRAINT,
    replace(EVERY_CONSTRAINT, reading="loose"),
    CitationExists(field="a"),
    PythonTests(),
    CommandTests(file="a.sh", command=("sh", "a.sh")),
    SqlResult(database="a.sqlite"),
    CitationExists(cited=r"([0-9.]+)", pattern=r"([0-9.]+)"),
    FactualPrecision(
        labels=(
            LabelledReply(case="1", reply="NaN", claims=(Claim(text="NaN", supported=False, kind="none"),)),
        )
    ),
]

ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.sampled_from(
    ["NaN", "\ud800", "\u202e", "[" * 10_000]
)
SCALARS = (
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
)
JSON = st.recursive(
    st.none() | SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3) | st.just("a"), inner, max_size=4)
    ),
    max_leaves=10,
)
REPLIES = (
    ANY_TEXT | JSON.map(json.dumps) | JSON.map(lambda value: f"Here:\n```json\n{json.dumps(value)}\n```")
)
REFERENCES = st.none() | JSON | st.just(float("nan"))
STEP_LISTS = st.lists(st.sampled_from(STEPS), unique=True)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: f"{metric.name}")
@law
@given(REPLIES, ANY_TEXT, REFERENCES)
def test_any_reply_scores_between_0_and_1_or_fails_as_a_value(
    metric: Metric, reply: str, given_input: str, reference: Any
) -> None:
    outcome = metric.score(Case(id="1", input=given_input, reference=reference), Reply(text=reply))
    if isinstance(outcome, Score):
        assert 0 <= outcome.value <= 1
        assert outcome.value in (0, 1) or not metric.binary
        assert (outcome.answer or "").encode("utf-8") is not None
    else:
        assert isinstance(outcome, ScoreFailure)


@law
@given(REPLIES, st.lists(st.text() | ANY_TEXT, min_size=1, max_size=4), st.floats(0.01, 1))
def test_key_points_made_and_left_out_add_up_to_all(reply: str, points: list[str], threshold: float) -> None:
    case = Case(id="1", input="", key_points=tuple(KeyPoint(text=point) for point in points))
    made = KeyPoints(threshold=threshold).score(case, Reply(text=reply))
    left_out = OmissionRate(threshold=threshold).score(case, Reply(text=reply))
    assert isinstance(made, Score)
    assert isinstance(left_out, Score)
    assert 0 <= made.value <= 1
    assert made.value + left_out.value == pytest.approx(1)


@law
@given(SCALARS, STEP_LISTS)
def test_the_reference_itself_is_right(reference: Any, steps: list[Step]) -> None:
    case = Case(id="1", input="", reference=reference)
    for metric in (ExactMatch(normalise=tuple(steps)), F1PerClass(normalise=tuple(steps))):
        outcome = metric.score(case, Reply(text=as_text(reference)))
        assert isinstance(outcome, Score)
        assert outcome.value == 1
    labelled = F1PerClass(normalise=tuple(steps)).score(case, Reply(text=as_text(reference)))
    assert isinstance(labelled, Score)
    assert labelled.answer == labelled.details["reference"]


@law
@given(st.dictionaries(st.text(max_size=5), JSON, min_size=1), st.booleans())
@example({"a": None}, False)  # noqa: FBT003 - an example's arguments have no names
def test_the_reference_itself_has_every_field_right(reference: dict[str, Any], fenced: bool) -> None:  # noqa: FBT001 - hypothesis fills it
    text = json.dumps(reference)
    reply = Reply(text=f"Sure!\n```json\n{text}\n```" if fenced else text)
    outcome = Fields(any_order=tuple(reference)).score(Case(id="1", input="", reference=reference), reply)
    assert isinstance(outcome, Score)
    assert outcome.value == 1
    assert outcome.details["missing"] == outcome.details["invented"] == []


@law
@given(JSON, JSON, STEP_LISTS)
def test_meaning_the_same_is_symmetric(one: Any, other: Any, steps: Sequence[Step]) -> None:
    assert same(one, other, steps) == same(other, one, steps)
    assert same(one, one, steps)


@law
@given(st.text(), st.text(), STEP_LISTS)
def test_a_further_step_never_makes_equal_texts_differ(one: str, other: str, steps: list[Step]) -> None:
    if normalise(one, ()) == normalise(other, ()):
        assert normalise(one, steps) == normalise(other, steps)


@law
@given(JSON)
def test_json_is_read_back_as_it_was_written(value: Any) -> None:
    assert parse_json(json.dumps(value)) == value
    assert find_json(f"```\n{json.dumps(value, indent=1)}\n```") == value


@law
@given(ANY_TEXT)
def test_what_json_refuses_is_refused(text: str) -> None:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        assert isinstance(parse_json(text), Unreadable)


@law
@given(st.text(st.characters(categories=("L", "N")), min_size=1, max_size=9), st.text(), st.text())
def test_a_citation_between_blanks_occurs_and_one_inside_a_word_does_not(
    citation: str, before: str, after: str
) -> None:
    assert occurs(citation, f"{before} {citation} {after}")
    assert not occurs(citation, f"x{citation}")
