"""Every setting of simulated endpoints stands on their page, and every example of it is served."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from aiohttp import ClientError, ClientSession

from passmuster.adapters.simulator.profiles import EndpointProfile
from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.truth import Served
from passmuster.cli.simulate import command
from passmuster.project.load import load_project
from passmuster.project.simulation import endpoint_models

PAGE = (Path(__file__).parents[2] / "docs" / "simulate.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def records(annotation: Any) -> Iterator[type]:
    """Yield the records in an annotation, and those in their fields."""
    if is_dataclass(annotation):
        assert isinstance(annotation, type)
        yield annotation
        for inner in get_type_hints(annotation).values():
            yield from records(inner)
    elif get_origin(annotation) is not None or isinstance(annotation, UnionType):
        for inner in get_args(annotation):
            yield from records(inner)


SETTINGS = sorted({field.name for record in records(EndpointProfile) for field in fields(record)})


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_is_explained_or_shown(setting: str) -> None:
    assert re.search(rf"`{setting}\b|\b{setting}: ", PAGE)


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_stands_in_an_example(setting: str) -> None:
    in_text = {"path", "select", "speed", "citation", "cached", "report", "truth"}
    assert setting in in_text or any(re.search(rf"\b{setting}: ", example) for example in EXAMPLES)


@pytest.mark.parametrize("field", [field.name for field in fields(Served)])
def test_a_field_of_the_truth_is_explained(field: str) -> None:
    assert f"`{field}`" in PAGE


@pytest.mark.parametrize(
    "option", [opt for each in command.params for opt in each.opts if opt.startswith("--")]
)
def test_an_option_is_explained(option: str) -> None:
    everywhere = {"--project", "--json", "--quiet", "--no-color"}
    assert option in everywhere or f"`{option} " in PAGE


@pytest.mark.parametrize("example", EXAMPLES)
async def test_an_example_is_served(example: str, tmp_path: Path) -> None:
    (tmp_path / "endpoints.yaml").write_text(example, encoding="utf-8")
    (tmp_path / "cases.jsonl").write_text('{"id": "1", "input": "Hi", "reference": "yes"}\n')
    (tmp_path / "passmuster.yaml").write_text(
        "task: t\ncorpus: cases.jsonl\nmetrics: [exact_match]\ncandidates:\n"
        '  - {name: a, provider: openai, model: m, base_url: "http://127.0.0.1:1/v1"}\n'
    )
    served = endpoint_models(tmp_path / "endpoints.yaml", load_project(tmp_path, environment={}), {})
    async with Simulator(served.models, served.seed, time_scale=0) as simulator, ClientSession() as web:
        for name in served.names:
            body = {"model": name, "messages": [{"role": "user", "content": "Hi"}]}
            statuses = set()
            for _ in range(20):
                with suppress(ClientError):  # planned resets and cuts
                    async with web.post(f"{simulator.base_url}/chat/completions", json=body) as response:
                        statuses.add(response.status)
            assert 200 in statuses, name
