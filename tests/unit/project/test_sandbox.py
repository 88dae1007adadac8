from pathlib import Path

import pytest

from passmuster.errors import ConfigurationError
from passmuster.project import sandbox
from passmuster.project.sandbox import open_sandbox
from passmuster.project.settings import ProjectSettings
from passmuster.project.validate import validate
from passmuster.project.yaml import read_yaml
from passmuster.records.program import Limits, Program

PROJECT = """
task: code
corpus: cases.jsonl
metrics: [exact_match]
candidates:
  - {name: a, provider: replay, path: a.jsonl}
"""


def settings_of(sandbox: str = "") -> ProjectSettings:
    """Return the settings of a project file with these settings of a sandbox."""
    return validate(read_yaml(PROJECT + sandbox, "passmuster.yaml", {}))


def test_what_the_file_says_is_used_unless_another_is_chosen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[tuple[Path, str, dict[str, object]]] = []
    monkeypatch.setattr(
        sandbox, "open_room", lambda folder, choice, **more: asked.append((folder, choice, more))
    )
    settings = settings_of("sandbox: {use: podman, image: mine, read: [tools], python: env/bin/python}\n")
    open_sandbox(settings, None, tmp_path)
    open_sandbox(settings, "docker", tmp_path)
    open_sandbox(settings_of(), None, tmp_path)
    assert [choice for _, choice, _ in asked] == ["podman", "docker", "auto"]
    assert asked[0][2] == {
        "image": "mine",
        "read": (tmp_path.resolve() / "tools",),
        "python": tmp_path / "env/bin/python",
    }


def test_files_that_programs_read_are_found_from_the_folder_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("here")
    plain = open_sandbox(settings_of(), "plain", tmp_path)
    program = Program(command=("cat", "inputs/a"), inputs={"a": "data.txt"}, limits=Limits(seconds=20))
    assert plain.run(program).stdout == "here"


def test_another_python_runs_answers(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no Python"):
        open_sandbox(settings_of("sandbox: {python: no/python}\n"), "plain", tmp_path)


@pytest.mark.parametrize("wrong", ["{use: vm}", "{network: true}", "{read: tools}", "on"])
def test_a_slip_in_the_settings_is_an_error(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="sandbox"):
        settings_of(f"sandbox: {wrong}\n")
