"""A file is validated for the kinds of candidates that it has, as it would be for all kinds."""

import json
from dataclasses import asdict

import pytest
from pydantic import TypeAdapter

from passmuster.errors import ConfigurationError
from passmuster.project.entries import CANDIDATE_CLASSES
from passmuster.project.forms import expand
from passmuster.project.settings import ProjectSettings
from passmuster.project.validate import validate
from passmuster.project.yaml import Document, read_yaml

CANDIDATES = {
    "openai": "model: m",
    "anthropic": "model: m",
    "http": "url: 'http://a/', body: {}, reply: {text: $.a}",
    "litellm": "model: m",
    "sentence_transformers": "model: m",
    "python": "function: 'a.py:f'",
    "command": "command: [a]",
    "replay": "path: a.jsonl",
    "baseline": "kind: constant",
    "manual": "kind: manual, minutes: 1, hourly: 1",
}


def document(candidates: str) -> Document:
    text = f"task: t\ncorpus: cases.jsonl\nmetrics: [exact_match]\ncandidates: [{candidates}]\n"
    return read_yaml(text, "passmuster.yaml", {})


def entry(kind: str) -> str:
    provider = "baseline" if kind == "manual" else kind
    return f"{{name: {kind}, provider: {provider}, {CANDIDATES[kind]}}}"


@pytest.mark.parametrize("kind", CANDIDATE_CLASSES)
def test_each_kind_is_read_alone_and_beside_all_others(kind: str) -> None:
    (alone,) = validate(document(entry(kind))).candidates
    among = {each.name: each for each in validate(document(", ".join(map(entry, CANDIDATES)))).candidates}
    assert type(alone) is CANDIDATE_CLASSES[kind]
    assert among[kind] == alone


def test_a_file_needs_a_candidate() -> None:
    with pytest.raises(ConfigurationError, match="must have at least one entry"):
        validate(document(""))


@pytest.mark.parametrize("given", ["{name: a, provider: opnai}", "{name: a}", "a"])
def test_what_is_of_no_kind_is_told_even_beside_what_is(given: str) -> None:
    for candidates in (given, f"{entry('openai')}, {given}"):
        with pytest.raises(ConfigurationError, match=r"provider|expected a mapping"):
            validate(document(candidates))


def test_all_else_is_as_the_settings_say() -> None:
    read = document(entry("openai"))
    assert isinstance(read.data, dict)
    found = validate(read)
    whole = TypeAdapter(ProjectSettings).validate_json(json.dumps(expand(read.data)))
    assert isinstance(found, ProjectSettings)
    assert asdict(found) == asdict(whole)
