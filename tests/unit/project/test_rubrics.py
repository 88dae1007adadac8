"""Rubrics of a project: ready ones by name, files, and what is wrong in them told with the place."""

import json

import pytest
from tests.unit.project.conftest import Write

from passmuster.errors import ConfigurationError
from passmuster.metrics.judges.judge import RubricJudge
from passmuster.metrics.judges.ready.library import READY
from passmuster.project.judges import judges_of
from passmuster.project.load import Project, load_project
from passmuster.project.rubrics import read_rubric
from passmuster.workflows.scoring import unsettled

TEXT = """\
task: tickets
corpus: cases.jsonl
metrics:
  - {name: quality, metric: judge, asks: model, rubric: RUBRIC}
candidates:
  - {name: small, provider: openai, model: llama-3, base_url: "http://127.0.0.1:9/v1"}
scorers:
  - {name: model, provider: openai, model: gpt-4o, base_url: "http://127.0.0.1:9/v1"}
"""
TONE = 'criteria:\n  - {name: tone, question: "Is it polite?", anchors: {1: Rude., 5: Kind.}}\n'


def project(write: Write, rubric: str, **files: str) -> Project:
    return load_project(write(TEXT.replace("RUBRIC", rubric), **files), environment={})


def judge(opened: Project) -> RubricJudge:
    found = unsettled(opened.metrics()[0])
    assert isinstance(found, RubricJudge)
    return found


def slip(write: Write, rubric: str, **files: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        project(write, rubric, **files).metrics()
    return caught.value


def test_a_ready_rubric_is_named(write: Write) -> None:
    assert judge(project(write, "safety")).rubric == READY["safety"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tone.yaml", TONE),
        (
            "tone.yml",
            "criteria: [{name: tone, question: 'Is it polite?', anchors: {'1': Rude., '5': Kind.}}]",
        ),
        (
            "tone.json",
            json.dumps(
                {
                    "criteria": [
                        {"name": "tone", "question": "Is it polite?", "anchors": {"1": "Rude.", "5": "Kind."}}
                    ]
                }
            ),
        ),
    ],
)
def test_a_file_holds_a_rubric(write: Write, name: str, text: str) -> None:
    (criterion,) = judge(project(write, name, **{name: text})).rubric.criteria

    assert (criterion.name, criterion.question) == ("tone", "Is it polite?")
    assert criterion.anchors == {"1": "Rude.", "5": "Kind."}


def test_another_text_in_the_file_is_another_version_of_the_judge(write: Write) -> None:
    versions = set()
    for text in (TONE, TONE.replace("polite", "friendly")):
        (found,) = judges_of(project(write, "tone.yaml", **{"tone.yaml": text}))
        versions.add(found.version)

    assert len(versions) == 2


@pytest.mark.parametrize(
    ("rubric", "text", "told"),
    [
        ("helpfulnes", "", "passmuster.yaml:4:57: there is no ready rubric 'helpfulnes'"),
        ("none.yaml", "", "passmuster.yaml:4:57: the rubric 'none.yaml' does not exist"),
        (
            "tone.yaml",
            "criteria:\n  - {name: tone, qquestion: a}\n",
            "tone.yaml:2:18: in criteria[1]: the key 'qquestion'",
        ),
        ("tone.yaml", "criteria: {tone: x}\nhigh: 0\n", "tone.yaml:1:1: a scale runs from"),
        ("tone.yaml", "criteria: {tone: x}\nhigh: many\n", "tone.yaml:2:7: high: expected a whole number"),
        ("tone.yaml", "- tone\n", "tone.yaml:1:1: a rubric is an object"),
        ("tone.yaml", "criteria: [", "tone.yaml:1:12: this is no YAML"),
        ("tone.json", '{"criteria":\n oops}', "tone.json:2:2: the rubric is no JSON"),
        ("tone.json", "[" * 100_000, "tone.json"),
        ("tone.json", "5", "tone.json:1:1: a rubric is an object"),
        (
            "tone.json",
            '{"criteria": {"tone": "Polite?"},\n "low": "1"}',
            "tone.json:2:9: low: expected a whole number",
        ),
        (
            "tone.json",
            '{"low": 1,\n "low": 0, "criteria": {"tone": "Polite?"}}',
            "the key 'low' stands twice",
        ),
        ("tone.json", '{"criteria": {"tone": "Polite?", "tone": "Kind?"}}', "the key 'tone' stands twice"),
    ],
)
def test_a_slip_is_told_with_its_place(write: Write, rubric: str, text: str, told: str) -> None:
    files = {rubric: text} if text else {}

    assert told in str(slip(write, rubric, **files)).replace("\\", "/")


def test_a_rubric_of_names_and_questions_is_written_out() -> None:
    assert read_rubric('{"criteria": {"tone": "Polite?"}}', "a.json") == {
        "criteria": [{"name": "tone", "question": "Polite?"}]
    }


def test_criteria_written_as_an_object_are_asked_in_their_order_and_another_order_is_another_judge(
    write: Write,
) -> None:
    one, other = '{criteria: {tone: "Polite?", aim: "Met?"}}', '{criteria: {aim: "Met?", tone: "Polite?"}}'
    opened = project(write, one)
    assert [each.name for each in judge(opened).rubric.criteria] == ["tone", "aim"]
    (version,) = [each.version for each in judges_of(opened)]
    assert [each.version for each in judges_of(project(write, one))] == [version]
    assert [each.version for each in judges_of(project(write, other))] != [version]
    in_a_file = project(write, "tone.yaml", **{"tone.yaml": one[1:-1]})
    assert [each.name for each in judge(in_a_file).rubric.criteria] == ["tone", "aim"]
