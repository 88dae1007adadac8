"""Candidates stand side by side: each has a name, and a report file, of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from passmuster.errors import ConfigurationError
from passmuster.project.load import load_project

Write = Callable[..., Path]

FILE = """\
task: routing
corpus: cases.jsonl
metrics: [exact_match]
candidates:
  - {{name: '{0}', provider: replay, path: recorded.jsonl}}
  - {{name: '{1}', provider: replay, path: recorded.jsonl{2}}}
"""


def refused(folder: Path, **environment: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        load_project(folder, environment=environment)
    return caught.value


@pytest.mark.parametrize(("one", "other"), [("a/b", "a-b"), ("a b", "a: b"), ("Small", "small")])
def test_two_candidates_have_no_report_file_in_common(write: Write, one: str, other: str) -> None:
    error = refused(write(FILE.format(one, other, "")))
    assert error.exit_code == 2
    assert str(error.place).endswith("passmuster.yaml:6:12")
    assert error.message == f"the reports of '{one}' and '{other}' would be one file"


def test_a_variant_and_a_candidate_have_no_report_file_in_common(write: Write) -> None:
    variants = ", prompt: [{name: terse, user: x}, {name: long, user: y}]"
    error = refused(write(FILE.format("small-long", "small", variants)))
    assert error.message == "the reports of 'small-long' and 'small/long' would be one file"


def test_a_name_from_the_environment_is_not_shown(write: Write) -> None:
    error = refused(write(FILE.format("small", "${NAME}", "")), NAME="Small")
    assert error.message == "the reports of 'small' and '${NAME}' would be one file"


def test_names_in_other_scripts_stand_side_by_side(write: Write) -> None:
    project = load_project(write(FILE.format("通义", "混元", "")), environment={})
    assert [candidate.name for candidate in project.candidates] == ["通义", "混元"]
