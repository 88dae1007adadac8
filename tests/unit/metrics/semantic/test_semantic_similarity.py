"""How close the meaning of an answer is to that of its reference."""

import json
from typing import Any

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.metric import Metric
from passmuster.metrics.registry import build_metric
from passmuster.metrics.semantic.semantic_similarity import MOST_REFERENCES, SemanticSimilarity, read_vector
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Failure, Outcome, Reply

METRIC = SemanticSimilarity(asks="embedder")
CASE = Case(id="1", input="What is it?", reference="a cat", stratum="animals", tags=("t",))


def asked(metric: SemanticSimilarity, case: Case, text: str) -> list[Any]:
    questions = metric.ask(case, Reply(text=text))
    assert isinstance(questions, tuple)
    return [each.input for each in questions]


def vectors(*numbers: list[float]) -> list[Outcome]:
    return [Reply(text=json.dumps(each)) for each in numbers]


def read(answers: list[Outcome], case: Case = CASE, text: str = "a dog") -> ScoreOutcome:
    return METRIC.read(case, Reply(text=text), answers)


def score(outcome: ScoreOutcome) -> Score:
    assert isinstance(outcome, Score)
    return outcome


def failure(outcome: object) -> ScoreFailure:
    assert isinstance(outcome, ScoreFailure)
    return outcome


def test_the_answer_and_each_reference_are_embedded() -> None:
    case = Case(id="1", input="", reference=["a cat", "a tomcat"])

    assert asked(METRIC, case, " a dog\n") == ["a dog", "a cat", "a tomcat"]


def test_a_question_belongs_where_its_case_belongs_so_that_egress_rules_bind_it() -> None:
    questions = METRIC.ask(CASE, Reply(text="a dog"))
    assert isinstance(questions, tuple)

    assert {(each.stratum, each.tags, each.reference) for each in questions} == {("animals", ("t",), None)}


def test_the_value_is_the_cosine_with_the_closest_reference() -> None:
    case = Case(id="1", input="", reference=["far", "near", "away"])
    found = score(read(vectors([1, 0], [0, 1], [0.8, 0.6], [-1, 0]), case))

    assert found.value == pytest.approx(0.8, abs=1e-12)
    assert found.details == {"cosine": found.value, "reference": "near"}


def test_equal_texts_score_one() -> None:
    assert score(read(vectors([0.1, 0.7, -0.3], [0.1, 0.7, -0.3]), text="a cat")).value == 1.0


def test_a_negative_cosine_counts_as_zero_and_is_told() -> None:
    found = score(read(vectors([1, 0], [-1, 0])))

    assert (found.value, found.details["cosine"]) == (0.0, -1.0)


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_an_empty_answer_is_wrong_without_asking(text: str) -> None:
    found = METRIC.ask(CASE, Reply(text=text))

    assert isinstance(found, Score)
    assert (found.value, found.details["unreadable"]) == (0.0, True)


def test_a_case_without_a_reference_is_not_asked_about() -> None:
    assert failure(METRIC.ask(Case(id="1", input=""), Reply(text="a"))).kind == "no_reference"
    assert (
        failure(METRIC.ask(Case(id="1", input="", reference=" "), Reply(text="a"))).kind == "wrong_reference"
    )


def test_a_long_text_is_cut_and_half_a_surrogate_pair_is_replaced() -> None:
    metric = SemanticSimilarity(asks="embedder", longest=3)

    assert asked(metric, Case(id="1", input="", reference="abcdef"), "x\ud800yz") == ["x?y", "abc"]


def test_of_many_references_the_first_ones_are_embedded() -> None:
    case = Case(id="1", input="", reference=[str(n) for n in range(50)])

    assert len(asked(METRIC, case, "a")) == 1 + MOST_REFERENCES


def test_before_anything_is_asked_there_is_no_score() -> None:
    assert failure(METRIC.score(CASE, Reply(text="a dog"))).kind == "not_scored"


def test_a_scorer_that_failed_gives_a_score_failure_that_says_why() -> None:
    found = failure(read([Reply(text="[1]"), Failure(kind="timeout", message="too late")]))

    assert (found.kind, found.message) == ("scorer_failed", "timeout: too late")


@pytest.mark.parametrize(
    "answers",
    [
        vectors([1, 2], [1]),
        vectors([1, 2]),
        vectors([0, 0], [1, 0]),
        [Reply(text="[1]"), Reply(text="no vector")],
        [Reply(text="[1]"), Reply(text="[NaN]")],
        [Reply(text="[1]"), Reply(text='["a"]')],
        [Reply(text="[1]"), Reply(text="[1e999]")],
        [Reply(text="[1]"), Reply(text="[]")],
        [Reply(text="[1]"), Reply(text="[" * 100_000)],
        [Reply(text="[1]"), Reply(text="1" + "0" * 400)],
    ],
)
def test_what_is_no_pair_of_vectors_is_a_score_failure(answers: list[Outcome]) -> None:
    assert failure(read(answers)).kind == "wrong_vector"


def test_a_vector_is_read_from_json() -> None:
    assert read_vector(Reply(text="[1, -2.5]")) == [1.0, -2.5]


def test_it_is_built_from_its_name() -> None:
    options = {"asks": "e", "extract": {"regex": "is (.+)"}}
    metric: Metric = build_metric(MetricSpec(name="close", kind="semantic_similarity", options=options))
    assert isinstance(metric, SemanticSimilarity)

    assert asked(metric, CASE, "It is a dog") == ["a dog", "a cat"]


def test_slips_in_its_options_are_told() -> None:
    with pytest.raises(ConfigurationError, match="needs the option 'asks'"):
        build_metric(MetricSpec(name="s", kind="semantic_similarity"))
    with pytest.raises(ConfigurationError, match="longest"):
        SemanticSimilarity(asks="e", longest=0)
