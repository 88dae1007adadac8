"""Simulated endpoints of a project: `endpoints.yaml` says what each model is made to do."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from passmuster.adapters.simulator.answers import prompt_digest
from passmuster.adapters.simulator.models import build_model
from passmuster.adapters.simulator.profiles import EndpointProfile
from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.thread import SimulatorThread
from passmuster.errors import ConfigurationError
from passmuster.project.validate import closest
from passmuster.project.yaml import Document, read_yaml, shorten
from passmuster.records.candidate import Prompt
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.runner.prompt import render


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints(Record):
    """The models that one simulated endpoint serves.

    `port` is on loopback. Equal seeds give equal answers and times. `time_scale` is real seconds per
    simulated second.
    """

    models: tuple[EndpointProfile, ...]
    port: int = 0
    seed: int = 0
    time_scale: float = 1.0


_ADAPTER: TypeAdapter[Endpoints] = TypeAdapter(Endpoints)


def read_endpoints(path: Path) -> Endpoints:
    """Read a file of simulated endpoints.

    Raises:
        ConfigurationError: for the first slip, with file, line and column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read the simulated endpoints {path.name!r}: {error}") from error
    document = read_yaml(text, str(path), {})
    try:
        return _ADAPTER.validate_json(json.dumps(document.data))
    except ValidationError as error:
        raise _slip(document, error) from None


def references(cases: Sequence[Case], prompts: Iterable[Prompt | None]) -> dict[str, Json]:
    """Return the reference of every conversation that these prompts make of the cases."""
    return {prompt_digest(render(prompt, case)): case.reference for prompt in set(prompts) for case in cases}


@contextmanager
def simulated(endpoints: Endpoints, known: dict[str, Json]) -> Iterator[Simulator]:
    """Serve the models on loopback for as long as the block lasts.

    Args:
        endpoints: What is served.
        known: The reference of each conversation, by `references`.

    Raises:
        UsageError: where the port is taken.
    """
    models = [build_model(profile, references=known, recordings={}) for profile in endpoints.models]
    simulator = Simulator(models, endpoints.seed, time_scale=endpoints.time_scale)
    with SimulatorThread(simulator, endpoints.port) as serving:
        yield serving


def _slip(document: Document, error: ValidationError) -> ConfigurationError:
    found = _first_of_the_named_kind(error)
    if found["type"] == "literal_error":
        return _unknown_kind(document, error, found)
    path = _in_file(document, found["loc"])
    told = ".".join(str(step + 1) if isinstance(step, int) else step for step in path) or "the file"
    if found["type"] in {"unexpected_keyword_argument", "extra_forbidden"}:
        key = str(found["loc"][-1])
        parent = path[:-1] if path and path[-1] == key else path
        return ConfigurationError(f"the key {key!r} is unknown here", place=document.key((*parent, key)))
    if found["type"] == "missing":
        message = f"{told}: the key {found['loc'][-1]!r} is missing"
    else:
        message = f"{told}: {found['msg'].lower()}, found {shorten(found['input'])}"
    return ConfigurationError(message, place=document.value(path))


def _first_of_the_named_kind(error: ValidationError) -> ErrorDetails:
    """Return the first error of the alternative that the file names by `kind`."""
    found = error.errors(include_url=False)
    kinds = [each for each in found if each["type"] == "literal_error"]
    others = {each["loc"][:-1] for each in kinds}
    meant = [each for each in found if not any(each["loc"][: len(other)] == other for other in others)]
    return (meant or kinds or found)[0]


def _unknown_kind(document: Document, error: ValidationError, found: ErrorDetails) -> ConfigurationError:
    path = _in_file(document, found["loc"])
    same = [each for each in error.errors() if _in_file(document, each["loc"]) == path]
    valid = [str(each["ctx"]["expected"]).strip("'") for each in same if each["type"] == "literal_error"]
    message = f"the kind {shorten(found['input'])} is unknown"
    return ConfigurationError(message, place=document.value(path), hint=closest(str(found["input"]), valid))


def _in_file(document: Document, location: tuple[str | int, ...]) -> tuple[str | int, ...]:
    path: tuple[str | int, ...] = ()
    for step in location:
        if (*path, step) in document.values:
            path = (*path, step)
    return path
