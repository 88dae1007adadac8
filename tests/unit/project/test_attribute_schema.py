"""An editor allows what a project file may declare and require, and sees the slips in it."""

import jsonschema
import pytest

from passmuster.project.schema import project_schema
from passmuster.project.yaml import read_yaml

FILE = """\
task: t
corpus: cases.jsonl
metrics: [exact_match]
purpose: Sorts.
owner: support
requires: REQUIRES
candidates:
  - {name: a, provider: baseline, kind: constant, text: x, attributes: ATTRIBUTES}
"""


def valid(attributes: str = "{region: eu}", requires: str = "{region: eu}") -> bool:
    text = FILE.replace("ATTRIBUTES", attributes).replace("REQUIRES", requires)
    return jsonschema.Draft202012Validator(project_schema()).is_valid(read_yaml(text, "", {}).data)


@pytest.mark.parametrize(
    "written",
    [
        "{region: eu}",
        "{region: [eu, ch], context: 128000}",
        "{self_hosted: true}",
        "{region: {value: eu, source: c, date: 2026-01-01}}",
    ],
)
def test_a_declaration_is_a_value_or_says_more(written: str) -> None:
    assert valid(attributes=written)


@pytest.mark.parametrize(
    "written", ["{region: {source: c}}", "{region: {value: eu, sorce: c}}", "eu", "{region: [[eu]]}"]
)
def test_a_slip_in_a_declaration_is_seen(written: str) -> None:
    assert not valid(attributes=written)


@pytest.mark.parametrize(
    "written",
    [
        "{region: [eu]}",
        "{self_hosted: true}",
        "{end_of_life: {after: 2027-06-01}}",
        "{data_retention: {at_most: 30 d}}",
    ],
)
def test_a_requirement_is_a_value_a_list_or_a_limit(written: str) -> None:
    assert valid(requires=written)


@pytest.mark.parametrize("written", ["{end_of_life: {afer: 2027-06-01}}", "[region]"])
def test_a_slip_in_a_requirement_is_seen(written: str) -> None:
    assert not valid(requires=written)
