"""A judge that must be independent is no kin of the candidates."""

import pytest
from tests.unit.project.conftest import Write

from passmuster.errors import ConfigurationError
from passmuster.project.load import Project, load_project

URL = 'base_url: "http://127.0.0.1:9/v1"'
TEXT = f"""\
task: tickets
corpus: cases.jsonl
metrics:
  - exact_match
  - name: quality
    metric: judge
    asks: [large, other]
    independent: true
candidates:
  - {{name: small, provider: openai, model: gpt-4o-mini, {URL}}}
  - {{name: always, provider: baseline, kind: constant, text: "yes"}}
scorers:
  - {{name: large, provider: openai, model: claude-opus-4-1, {URL}}}
  - {{name: other, provider: openai, model: mistral-large, {URL}}}
"""


def project(write: Write, *changes: tuple[str, str]) -> Project:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return load_project(write(text), environment={})


def test_a_judge_of_another_family_is_independent(write: Write) -> None:
    assert len(project(write).metrics()) == 2


def test_one_judge_of_a_panel_that_is_kin_is_enough_to_refuse_it_with_the_place(write: Write) -> None:
    with pytest.raises(ConfigurationError) as caught:
        project(write, ("mistral-large", "openrouter/openai/gpt-4.1")).metrics()

    assert "passmuster.yaml:8:18: the judge of 'quality' must be independent" in str(caught.value)
    assert "small is of the same family as other (OpenAI GPT)" in str(caught.value)


def test_the_place_is_found_where_options_stand_under_the_name(write: Write) -> None:
    written = "  - name: quality\n    metric: judge\n    asks: [large, other]\n    independent: true"
    short = "  - pairwise:\n      asks: [large, other]\n      independent: true"
    with pytest.raises(ConfigurationError, match=r"passmuster\.yaml:7:20: the judge of 'pairwise'"):
        project(write, ("mistral-large", "gpt-4o-mini"), (written, short)).metrics()


def test_without_independent_kin_may_judge(write: Write) -> None:
    assert project(write, ("mistral-large", "gpt-4o"), ("    independent: true\n", "")).metrics()
