from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from passmuster.project.load import load_project
from passmuster.project.schema import project_schema
from passmuster.project.yaml import read_yaml

ROOT = Path(__file__).parents[3]
FILES = sorted(
    [*ROOT.glob("examples/**/*.yaml"), *ROOT.glob("src/passmuster/project/templates/**/passmuster.yaml")]
)
PROJECTS = [path for path in FILES if path.name not in {"endpoints.yaml", "failure_modes.yaml"}]
ENVIRONMENT = {"PASSMUSTER_DATA": "data"}


def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(project_schema())


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(project_schema())


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_project_file_of_this_repository_is_valid(path: Path) -> None:
    data = read_yaml(path.read_text(encoding="utf-8"), str(path), ENVIRONMENT).data
    validator().validate(data)


def test_there_are_project_files_to_hold_against_it() -> None:
    assert len(PROJECTS) >= 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("task: routing", "tusk: routing"),
        ("incumbent: always", "incumbent: 3"),
        ("provider: replay", "provider: repaly"),
        ("at_least", "at_lest"),
        ("[exact_match]", "[exact_mtch]"),
        ("path: recorded.jsonl", "pth: recorded.jsonl"),
        ("incumbent: always", "worth: {margn: 1}"),
        ("incumbent: always", "gate: {fail_on: undecided}"),
        ("incumbent: always", "escalation: {signals: [confidense]}"),
        ("incumbent: always", "routing: {slices: color}"),
        ("incumbent: always", "leaderboards: {table: a.csv}"),
    ],
)
def test_an_editor_sees_the_slips(write: Callable[..., Path], old: str, new: str) -> None:
    text = (write() / "passmuster.yaml").read_text(encoding="utf-8")
    assert validator().is_valid(read_yaml(text, "", {}).data)
    assert not validator().is_valid(read_yaml(text.replace(old, new, 1), "", {}).data)


@pytest.mark.parametrize(
    "extra",
    [
        "prompt: recorded.jsonl",
        "prompts: [recorded.jsonl, {name: b, user: x}]",
        "worth: 3 points",
        "weights: {exact_match: 3, cost_per_success: {weight: 1}}",
        "success: exact_match",
        "success: {metric: exact_match, at_least: 0.5}",
        "cost: {review: {when: failed, minutes: 3, hourly: $40}, monthly_volume: 3}",
        "reports:",
        "gate: {edge: stratum a, slices: tag, investigate: 1 points, baseline_age: 90 d}",
        "escalation: {signals: [confidence, self_consistency]}",
        "escalation: {signals: {confidence: , votes: self_consistency, short: {kind: length}}}",
        "routing: {cascades: [always, recorded]}",
        "routing: {cascades: [[always, recorded]], margin: 2 points}",
        "leaderboards: table.csv",
        "leaderboards: [table.csv]",
        "leaderboards: {tables: table.csv, names: {recorded: a, always: }}",
    ],
)
def test_short_forms_are_valid_for_the_schema_and_for_the_tool(
    write: Callable[..., Path], extra: str
) -> None:
    folder = write()
    file = folder / "passmuster.yaml"
    text = f"{file.read_text(encoding='utf-8')}{extra}\n"
    file.write_text(text, encoding="utf-8")
    validator().validate(read_yaml(text, "", {}).data)
    load_project(folder, environment={})


def test_every_key_is_described() -> None:
    for name, definition in project_schema()["$defs"].items():
        inner = definition.get("anyOf", [definition])[-1] if "properties" not in definition else definition
        assert inner.get("description"), name


@pytest.mark.parametrize(
    "own",
    ["Brief", "Brief: {most: 3}", "mine.py:brief", "{name: brief, metric: brief}", "mine.py:B: {most: 3}"],
)
def test_an_editor_takes_a_metric_of_ones_own(write: Callable[..., Path], own: str) -> None:
    text = (
        (write() / "passmuster.yaml")
        .read_text(encoding="utf-8")
        .replace("[exact_match]", f"[exact_match, {own}]")
    )
    assert validator().is_valid(read_yaml(text, "", {}).data)
