"""Files of simulated endpoints, read with an error that names place and cause of every slip."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import InitErrorDetails

from passmuster.adapters.simulator.profiles import Answers, EndpointProfile, Latency, Seconds
from passmuster.errors import ConfigurationError, UsageError
from passmuster.project import yaml
from passmuster.project.validate import closest, explain
from passmuster.records.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints(Record):
    """A file of simulated endpoints."""

    endpoints: tuple[EndpointProfile, ...]
    seed: int = 0


def _kinds(union: object) -> dict[str, type[Record]]:
    """Return the classes of a union by the kinds that they go by."""
    return {kind: each for each in get_args(union) for kind in get_args(get_type_hints(each)["kind"])}


SHAPES: Mapping[str, Mapping[str, type[Record]]] = {
    "answers": _kinds(Answers),
    "latency": _kinds(Latency),
    "first_token": _kinds(Seconds),
    "gap": _kinds(Seconds),
}
"""The keys of an endpoint whose mapping says with `kind` of which class it is."""
CLASSES = {each.__name__ for kinds in SHAPES.values() for each in kinds.values()}


def read_endpoints(path: Path, environment: Mapping[str, str]) -> tuple[Endpoints, yaml.Document]:
    """Return the endpoints of a file, with its data and their places.

    Raises:
        UsageError: where the file cannot be read.
        ConfigurationError: for a slip in it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    document = yaml.read_yaml(text, str(path), environment)
    meant = dict(_shapes(document, document.data, ()))
    try:
        return TypeAdapter(Endpoints).validate_json(json.dumps(document.data)), document
    except ValidationError as error:
        raise explain(document, _without_others(error, meant), Endpoints) from None


def _shapes(document: yaml.Document, data: yaml.Data, at: yaml.Path) -> Iterator[tuple[yaml.Path, str]]:
    """Yield where which class is meant.

    Raises:
        ConfigurationError: for a kind, or a key of a kind, that there is not.
    """
    items: Iterator[tuple[str | int, yaml.Data]] = iter(())
    if isinstance(data, dict):
        items = iter(data.items())
    elif isinstance(data, list):
        items = iter(enumerate(data))
    for key, value in items:
        place = (*at, key)
        if isinstance(key, str) and key in SHAPES and isinstance(value, dict) and "kind" in value:
            yield place, _shape(document, value, place, SHAPES[key])
        yield from _shapes(document, value, place)


def _shape(
    document: yaml.Document, value: Mapping[str, yaml.Data], at: yaml.Path, kinds: Mapping[str, type[Record]]
) -> str:
    kind = value["kind"]
    shape = kinds.get(kind) if isinstance(kind, str) else None
    if shape is None:
        shown = document.shown((*at, "kind"), kind)
        raise ConfigurationError(
            f"{_label(at)}: the kind {shown} is unknown",
            place=document.value((*at, "kind")),
            hint=closest(str(kind), kinds),
        )
    known = {field.name for field in fields(shape)}  # type: ignore[arg-type]  # every subclass is a dataclass
    for key in value:
        if key not in known:
            raise ConfigurationError(
                f"in {_label(at)}: the key {key!r} is unknown",
                place=document.key((*at, key)),
                hint=closest(key, known),
            )
    return shape.__name__


def _without_others(error: ValidationError, meant: Mapping[yaml.Path, str]) -> ValidationError:
    """Return the error without what only says that a mapping is not of the other kinds."""
    kept: list[InitErrorDetails] = []
    for found in error.errors(include_url=False):
        at: yaml.Path = ()
        other = False
        for step in found["loc"]:
            if isinstance(step, str) and step in CLASSES:
                other = other or meant.get(at, step) != step
            else:
                at = (*at, step)
        if not other:
            kept.append(
                {"type": str(found["type"]), "loc": at, "input": found["input"], "ctx": found.get("ctx", {})}
            )
    return ValidationError.from_exception_data(error.title, kept) if kept else error


def _label(at: yaml.Path) -> str:
    text = ""
    for step in at:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text
