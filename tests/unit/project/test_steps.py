"""Programs go by all that is run."""

import os
from pathlib import Path

from passmuster.project.settings import SandboxSettings
from passmuster.project.steps import ProgramKeys
from passmuster.records.digest import digest
from passmuster.records.program import Program

PLAIN = Program(files={"a.py": "1"}, command=("python", "a.py"))
WITH_FILE = Program(command=("x",), inputs={"data": "data.sqlite"})


def test_a_program_without_files_of_this_machine_goes_by_its_digest(tmp_path: Path) -> None:
    assert ProgramKeys(tmp_path).of(PLAIN) == digest(PLAIN)


def test_what_a_program_finds_around_it_is_part_of_it(tmp_path: Path) -> None:
    assert SandboxSettings(use="podman").around == {}
    around = [
        SandboxSettings(**said).around
        for said in ({}, {"python": "env/bin/python"}, {"read": ("/opt/ghc",)}, {"image": "mine"})
    ]
    assert len({ProgramKeys(tmp_path, each).of(PLAIN) for each in around}) == 4


def test_another_content_of_a_file_is_another_program(tmp_path: Path) -> None:
    keys, path = ProgramKeys(tmp_path), tmp_path / "data.sqlite"
    missing = keys.of(WITH_FILE)
    path.write_bytes(b"one")
    first = keys.of(WITH_FILE)
    path.write_bytes(b"two")
    os.utime(path, ns=(1, 1))
    second = keys.of(WITH_FILE)

    assert len({missing, first, second}) == 3
    path.write_bytes(b"one")
    os.utime(path, ns=(2, 2))
    assert keys.of(WITH_FILE) == first == ProgramKeys(tmp_path).of(WITH_FILE)
