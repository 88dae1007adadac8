"""Rubrics in files of a project."""

import json
from collections.abc import Sequence
from dataclasses import replace

from pydantic import TypeAdapter, ValidationError

from passmuster.errors import ConfigurationError, Place
from passmuster.metrics.judges.judge import rubric_of
from passmuster.metrics.judges.rubric import Rubric
from passmuster.project.validate import explain, located
from passmuster.project.yaml import Document, read_yaml
from passmuster.records.record import Json

SUFFIXES = (".yaml", ".yml", ".json")


def is_rubric_file(name: str) -> bool:
    """Return whether an option `rubric` names a file; else it is the name of a ready one.

    Example:
        >>> is_rubric_file("eval/tone.yaml"), is_rubric_file("helpfulness")
        (True, False)
    """
    return name.endswith(SUFFIXES)


def read_rubric(text: str, path: str) -> Json:
    """Return the data of a rubric's file, checked.

    Args:
        text: What the file holds: YAML, or JSON where its name ends so.
        path: Its name, for errors.

    Raises:
        ConfigurationError: for a slip in the file, with its place.

    Example:
        >>> read_rubric('criteria: {tone: "Is it polite?"}', "tone.yaml")
        {'criteria': [{'name': 'tone', 'question': 'Is it polite?'}]}
    """
    document = _json(text, path) if path.endswith(".json") else read_yaml(text, path, {})
    if not isinstance(document.data, dict):
        raise ConfigurationError(
            "a rubric is an object with `criteria`",
            place=document.value(()),
            hint='For example: criteria: {tone: "Is it polite?"}',
        )
    text = json.dumps(rubric_of(document.data))
    try:
        with located(document, ()):
            TypeAdapter(Rubric).validate_json(text, strict=True)
    except ValidationError as error:
        raise explain(document, error, Rubric) from None
    data: Json = json.loads(text)
    return data


def _json(text: str, path: str) -> Document:
    try:
        data = json.loads(text, object_pairs_hook=_once)
        return replace(_places(text, path), data=data)
    except json.JSONDecodeError as error:
        place = Place(path, error.lineno, error.colno)
        raise ConfigurationError(f"the rubric is no JSON: {error.msg}", place=place) from None
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"the rubric is no JSON: {error}", place=Place(path)) from None


def _places(text: str, path: str) -> Document:
    """Return the places of the keys and values: nearly all JSON is YAML, which knows them; of the rest none."""
    try:
        return read_yaml(text, path, {})
    except ConfigurationError:
        return Document(path=path, data=None)


def _once(pairs: Sequence[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"the key {twice!r} stands twice in one object"
        raise ValueError(message)
    return made
