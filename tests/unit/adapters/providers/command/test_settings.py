"""A command is looked at before the run, sees no secrets of ours, and is another one once its files change."""

import os
from pathlib import Path
from typing import Any

import pytest
from tests.unit.adapters.providers.command.programs import CANDIDATE

from passmuster.adapters.providers.command.provider import CommandProvider
from passmuster.adapters.providers.command.settings import (
    Command,
    command_environment,
    command_files,
    command_identity,
)
from passmuster.errors import ConfigurationError
from passmuster.testing import FakeClock


class TestSettings:
    def test_our_secrets_are_passed_on_only_by_name(self) -> None:
        ours = {"PATH": "/bin", "OPENAI_API_KEY": "k", "OTHER_KEY": "o"}

        seen = command_environment(ours, withheld=["OPENAI_API_KEY", "OTHER_KEY"], named=["OTHER_KEY"])

        assert seen == {"PATH": "/bin", "OTHER_KEY": "o", "PYTHONUNBUFFERED": "1"}

    @pytest.mark.parametrize(
        ("words", "settings", "told"),
        [
            ((), {}, "the command is empty"),
            (("no-such-program",), {}, "no program 'no-such-program'"),
            (("./missing.sh",), {}, "no program './missing.sh'"),
            (("sh", "a\0b"), {}, "NUL"),
            (("sh",), {"answer": "text"}, "JSON lines"),
        ],
    )
    def test_a_command_that_cannot_work_is_told_before_the_run(
        self, tmp_path: Path, words: tuple[str, ...], settings: dict[str, Any], told: str
    ) -> None:
        made = Command(words=words, folder=tmp_path, environment=dict(os.environ), **settings)

        with pytest.raises(ConfigurationError, match=told):
            CommandProvider(CANDIDATE, made, FakeClock())

    def test_the_files_of_the_project_that_it_names_are_its_identity(self, tmp_path: Path) -> None:
        outside = tmp_path / "outside.py"
        outside.write_text("x")
        folder = tmp_path / "project"
        (folder / "eval").mkdir(parents=True)
        run, conf = folder / "eval" / "run.py", folder / "conf.yaml"
        run.write_text("x = 1")
        conf.write_text("a: 1")
        words = ["python", "eval/run.py", "--config=conf.yaml", "../outside.py", "missing.py", "eval", ""]

        assert command_files(words, folder) == [run, conf]
        before = command_identity(words, folder, {"style": "short"})
        run.write_text("x = 2")
        after = command_identity(words, folder, {"style": "short"})

        assert before["command"] == words
        assert before["style"] == "short"
        assert isinstance(before["files"], dict)
        assert isinstance(after["files"], dict)
        assert list(before["files"]) == ["eval/run.py", "conf.yaml"]
        assert before["files"]["conf.yaml"] == after["files"]["conf.yaml"]
        assert before["files"]["eval/run.py"] != after["files"]["eval/run.py"]

    def test_a_parameter_of_its_name_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="'files' is taken"):
            command_identity(["sh"], tmp_path, {"files": 1})


def test_neither_secrets_nor_the_environment_are_shown_with_a_command() -> None:
    told = repr(
        Command(words=("run",), folder=Path(), environment={"KEY": "secret-1"}, secrets=("secret-2",))
    )

    assert "run" in told
    assert "secret-" not in told
