"""entity_f1."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB2, Tokens

from passmuster.errors import ConfigurationError
from passmuster.metrics.extraction.entity_f1 import EntityF1
from passmuster.metrics.extraction.mentions import Keys
from passmuster.metrics.extraction.tags import entities
from passmuster.metrics.registry import build_metric
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply

BIO = st.sampled_from(["O", "B-a", "I-a", "B-b", "I-b"])
BIOES = st.sampled_from(["O", *(f"{prefix}-{kind}" for prefix in "BIES" for kind in "ab")])


def scored(metric: EntityF1, answer: Any, reference: Any, given_input: str = "") -> Score:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    outcome = metric.score(Case(id="1", input=given_input, reference=reference), Reply(text=text))
    assert isinstance(outcome, Score)
    return outcome


@settings(deadline=None)
@given(st.lists(BIOES, max_size=12))
def test_tags_are_read_as_seqeval_reads_them(tags: list[str]) -> None:
    ours = [(entity.label, entity.start, entity.end - 1) for entity in entities(tags) if entity.end]
    assert ours == get_entities(tags)


@settings(deadline=None)
@given(st.lists(BIO, max_size=12))
def test_strict_tags_are_read_as_seqevals_strict_mode_reads_them(tags: list[str]) -> None:
    ours = [(entity.label, entity.start, entity.end) for entity in entities(tags, "strict")]
    assert ours == [(entity.tag, entity.start, entity.end) for entity in Tokens(tags, IOB2).entities]


@settings(deadline=None)
@given(st.lists(st.lists(st.tuples(BIO, BIO), min_size=1, max_size=8), min_size=1, max_size=5), st.booleans())
def test_the_sums_over_sentences_give_the_f1_of_seqeval(
    sentences: list[list[tuple[str, str]]],
    strict: bool,  # noqa: FBT001 - hypothesis fills it
) -> None:
    references = [[one for one, _ in sentence] for sentence in sentences]
    answers = [[other for _, other in sentence] for sentence in sentences]
    metric = EntityF1(scheme="strict" if strict else "conll")
    sums = [0.0, 0.0, 0.0]
    for answer, reference in zip(answers, references, strict=True):
        for triple in scored(metric, answer, reference).details["counts"].values():  # type: ignore[attr-defined]
            sums = [total + value for total, value in zip(sums, triple, strict=True)]
    right, answered, expected = sums
    told = {"mode": "strict", "scheme": IOB2} if strict else {}
    oracle = [
        score(references, answers, zero_division=0, **told)
        for score in (precision_score, recall_score, f1_score)
    ]
    precision, recall = right / (answered or 1), right / (expected or 1)
    f1 = 2 * right / ((answered + expected) or 1)
    assert [precision, recall, f1] == pytest.approx(oracle, abs=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        '["B-per", "I-per", "O"]',
        '[["Ada", "B-per"], ["Byron", "I-per"], ["slept", "O"]]',
        "B-per I-per O",
        "Ada B-per\nByron I-per\nslept O\n",
        "```\nAda B-per\nByron I-per\nslept O\n```",
    ],
)
def test_tags_may_be_json_or_lines_or_words(text: str) -> None:
    assert scored(EntityF1(), text, ["B-per", "I-per", "O"]).value == 1


def test_another_number_of_tags_cannot_be_read_and_answers_nothing() -> None:
    score = scored(EntityF1(), ["B-per"], ["B-per", "O"])
    assert (score.value, score.details["counts"]) == (0, {"per": [0, 0, 1.0]})
    assert score.details["reason"] == "1 tags for 2 tokens"


@pytest.mark.parametrize(
    "answer",
    [
        {"per": ["Ada"], "loc": ["Rome", "Oslo"]},
        [{"label": "per", "text": "Ada"}, {"label": "loc", "text": "Rome"}, {"label": "loc", "text": "Oslo"}],
        [["Ada", "per"], ["Rome", "loc"], ["Oslo", "loc"]],
    ],
)
def test_entities_may_be_objects_pairs_or_lists_by_label(answer: Any) -> None:
    assert scored(EntityF1(), answer, {"loc": ["Oslo", "Rome"], "per": "Ada"}).value == 1


def test_spans_count_where_the_reference_gives_them() -> None:
    reference = [{"slot": "date", "text": "5 May", "start": 3, "end": 8}]
    metric = EntityF1(keys=Keys(label="slot"))
    assert scored(metric, [{"slot": "date", "start": 3, "end": 8}], reference).value == 1
    assert scored(metric, [[3, 8, "date"]], reference).value == 1
    assert scored(metric, [[0, 5, "date"]], reference).value == 0
    textual = scored(metric, [{"slot": "date", "text": "5 May"}], reference)
    assert textual.details["counts"] == {"date": [0, 0, 1], "(others)": [0, 1, 0]}
    by_text = EntityF1(keys=Keys(label="slot"), by="text")
    assert scored(by_text, [{"slot": "date", "text": "5 May"}], reference).value == 1
    assert scored(by_text, [[3, 8, "date"]], reference, "on 5 May").value == 1


@pytest.mark.parametrize(
    ("mode", "value"), [("exact", 0), ("partial", pytest.approx(2 * 0.5 / 3)), ("type", pytest.approx(2 / 3))]
)
def test_an_overlap_counts_nothing_a_half_or_a_whole(mode: Any, value: Any) -> None:
    reference = [[0, 10, "a"]]
    assert scored(EntityF1(mode=mode), [[5, 15, "a"], [8, 9, "b"]], reference).value == value


def test_entities_that_only_touch_do_not_overlap() -> None:
    assert scored(EntityF1(mode="type"), [[10, 15, "a"], [0, 2, "a"]], [[2, 10, "a"]]).value == 0


def test_entities_are_paired_so_that_the_most_is_right() -> None:
    # taken in order, the first would take the place of the second
    score = scored(EntityF1(mode="type"), [[0, 10, "a"], [0, 3, "a"]], [[0, 4, "a"], [5, 9, "a"]])
    assert score.details["counts"] == {"a": [2, 2, 2]}


def test_an_entity_that_is_named_twice_counts_twice_unless_told_otherwise() -> None:
    answer, reference = {"a": ["x", "x"]}, {"a": ["x"]}
    assert scored(EntityF1(), answer, reference).details["counts"] == {"a": [1, 2, 1]}
    assert scored(EntityF1(distinct=True), answer, reference).value == 1


def test_what_is_wrong_is_said_with_the_reason() -> None:
    score = scored(EntityF1(), {"a": ["Bay of Kiel", "Rome", "x"]}, {"a": ["Kiel", "y"], "b": ["Rome"]})
    assert score.details["wrong"] == [
        {"answer": "a: Bay of Kiel", "reference": "a: Kiel", "why": "other bounds"},
        {"answer": "a: Rome", "reference": "b: Rome", "why": "another label"},
    ]
    assert (score.details["missed"], score.details["invented"]) == (["a: y"], ["a: x"])


def test_labels_that_are_not_named_are_counted_together() -> None:
    score = scored(EntityF1(labels=("a",)), {"a": ["x"], "zz": ["q"], "yy": ["r"]}, {"a": ["x"]})
    assert score.details["counts"] == {"a": [1, 1, 1], "(others)": [0, 2, 0]}


def test_normalising_holds_for_texts_and_labels() -> None:
    assert scored(EntityF1(normalise=("case",)), {"PER": ["ada"]}, {"per": ["Ada"]}).value == 1
    assert scored(EntityF1(), {"PER": ["ada"]}, {"per": ["Ada"]}).value == 0


def test_an_entity_that_cannot_be_read_is_a_wrong_one() -> None:
    for item in (1, {"text": "x"}, [1, 2], [5, 2, "a"], {"label": "a", "start": 1}, ["x"], None):
        score = scored(EntityF1(), [["Ada", "a"], item], {"a": ["Ada"]})
        assert score.details["counts"] == {"a": [1, 1, 1], "(others)": [0, 1, 0]}
        assert score.details["malformed"]


@pytest.mark.parametrize("reply", ["", "no JSON", "3", '"x"'])
def test_a_reply_that_cannot_be_read_answers_nothing(reply: str) -> None:
    score = scored(EntityF1(), reply, {"a": ["x"]})
    assert (score.value, score.details["counts"], score.details["unreadable"]) == (0, {"a": [0, 0, 1]}, True)


@pytest.mark.parametrize(("answer", "reference"), [(["B-per", "O"], ["O", "O"]), ([[0, 3, "per"]], [])])
def test_an_entity_where_there_are_none_counts_for_its_label(answer: Any, reference: Any) -> None:
    assert scored(EntityF1(), answer, reference).details["counts"] == {"per": [0, 1, 0]}


def test_no_entities_where_there_are_none_is_right() -> None:
    assert scored(EntityF1(), "{}", {}).value == 1
    assert scored(EntityF1(), ["O", "O"], ["O", "O"]).value == 1


@pytest.mark.parametrize(
    ("reference", "kind"), [(None, "no_reference"), ("x", "wrong_reference"), ([3], "wrong_reference")]
)
def test_the_reference_lists_entities_or_tags(reference: Any, kind: str) -> None:
    outcome = EntityF1().score(Case(id="1", input="", reference=reference), Reply(text="{}"))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == kind


def test_the_answer_may_stand_somewhere_in_the_reply() -> None:
    options = {"extract": {"json_path": "$.found"}, "keys": {"label": "type"}}
    metric = build_metric(MetricSpec(name="e", kind="entity_f1", options=options))
    assert isinstance(metric, EntityF1)
    assert scored(metric, {"found": [{"type": "a", "text": "x"}]}, {"a": ["x"]}).value == 1


def test_there_must_be_labels_where_they_are_named() -> None:
    with pytest.raises(ConfigurationError, match="no labels"):
        EntityF1(labels=())


def test_two_labels_that_are_not_named_are_not_one() -> None:
    case = Case(id="1", input="", reference={"place": ["Ada"]})
    outcome = EntityF1(labels=("person",)).score(case, Reply(text='{"firm": ["Ada"]}'))
    assert isinstance(outcome, ScoreFailure)
    assert (outcome.kind, "'place' is none of the labels person" in outcome.message) == (
        "wrong_reference",
        True,
    )


def test_tags_may_stand_in_a_fence() -> None:
    for reply in ("```\nB-a O O\n```", "  ```text\nAda B-a\nslept O\nthere O\n```"):
        assert scored(EntityF1(), reply, ["B-a", "O", "O"]).value == 1
