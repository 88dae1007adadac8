import dataclasses
import json
import os
import stat
from pathlib import Path

import pytest
from tests.unit.adapters.sandbox.rooms import LIMITS, judged

from passmuster.adapters.sandbox import opening
from passmuster.adapters.sandbox.jobs import (
    Interpreter,
    job_of,
    other_interpreter,
    own_interpreter,
    stage_source,
    visible_paths,
)
from passmuster.adapters.sandbox.launchers import Launcher
from passmuster.adapters.sandbox.opening import kinds, open_room
from passmuster.adapters.sandbox.probe import leak
from passmuster.errors import ConfigurationError
from passmuster.records.program import Execution, Program

NOWHERE = Interpreter(path="/nowhere/python", visible=(), flags=())


class Pretended:
    """A sandbox whose program is said to have ended so."""

    def __init__(self, execution: Execution) -> None:
        self.execution = execution

    def run(self, program: Program) -> Execution:
        """Return it."""
        return self.execution


def program_of(folder: Path, name: str, text: str) -> None:
    """Put a program of the shell into a folder."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)


def test_a_way_out_that_is_open_is_why_a_sandbox_is_none() -> None:
    found = Execution(status="exited", exit_code=0, stdout='["files", "network"]')
    assert leak(Pretended(found), ("python3",)) == "it does not hold back: files, network"
    assert leak(Pretended(Execution(status="exited", exit_code=0, stdout="[]")), ("python3",)) is None


@pytest.mark.parametrize(
    ("execution", "said"),
    [
        (
            Execution(status="not_started", reason="unshare: Operation not permitted"),
            "Operation not permitted",
        ),
        (Execution(status="exited", exit_code=1, stderr="no module named json"), "no module named json"),
        (Execution(status="timeout", reason=""), "timeout"),
        (Execution(status="exited", exit_code=0, stdout="hello"), "hello"),
    ],
)
def test_a_sandbox_that_cannot_tell_is_none(execution: Execution, said: str) -> None:
    assert said in str(leak(Pretended(execution), ("python3",)))


def test_plain_is_seen_through_by_the_probe() -> None:
    plain = open_room(Path("/"), "plain")
    python = own_interpreter()
    # It is asked for the memory limit alone: the rest of the probe would do outside what it is to do inside.
    source = "try:\n    bytearray(1 << 34)\nexcept MemoryError:\n    print('held')\n"
    found = plain.run(Program(command=(python.path, *python.flags, "-c", source), limits=LIMITS))
    assert found.stdout == "held\n"
    seen = plain.run(Program(command=("/bin/ls", str(Path(__file__).parent)), limits=LIMITS))
    assert Path(__file__).name in seen.stdout


def test_plain_is_never_taken_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "leak", lambda *_: "it does not hold back: network")
    with pytest.raises(ConfigurationError) as error:
        open_room(Path("/"))
    assert all(kind in error.value.message for kind in kinds())
    assert "plain" not in kinds()
    assert "--sandbox plain" in str(error.value.hint)


def test_one_that_was_asked_for_and_does_not_hold_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ConfigurationError, match=r"podman: there is no program podman\)"):
        open_room(Path("/"), "podman")


def test_an_unknown_one_is_an_error_that_lists_them() -> None:
    with pytest.raises(ConfigurationError, match="there is no sandbox 'vm'") as error:
        open_room(Path("/"), "vm")
    assert "bubblewrap" in str(error.value.hint)


def test_a_python_or_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no Python"):
        open_room(tmp_path, "plain", python=tmp_path / "python")
    with pytest.raises(ConfigurationError, match="does not exist"):
        open_room(tmp_path, "plain", read=(tmp_path / "opt",))


def test_a_plain_run_leaves_no_folder_and_keeps_inputs_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data.txt").write_text("as it was")
    plain = open_room(tmp_path, "plain")
    command = ("/bin/sh", "-c", "pwd; cat inputs/data.txt; echo changed > inputs/data.txt")
    found = plain.run(Program(command=command, inputs={"data.txt": "data.txt"}, limits=LIMITS))
    folder, text = found.stdout.splitlines()
    assert (text, (tmp_path / "data.txt").read_text()) == ("as it was", "as it was")
    assert not Path(folder).exists()


def test_code_is_judged_the_same_without_a_room() -> None:
    plain = open_room(Path("/"), "plain")
    assert judged(plain, "def f(x): return x", "assert f(1) == 1")["outcome"] == "passed"
    assert judged(plain, "def f(x): return x", "assert f(1) == 2")["outcome"] == "wrong"


def test_an_input_that_is_not_there_keeps_a_program_from_starting(tmp_path: Path) -> None:
    found = open_room(tmp_path, "plain").run(Program(command=("true",), inputs={"a": "absent"}))
    assert (found.status, str(tmp_path / "absent") in found.reason) == ("not_started", True)
    assert found.stderr == found.reason


def test_a_program_that_is_not_there_is_no_failure_of_the_sandbox() -> None:
    found = open_room(Path("/"), "plain").run(Program(command=("no-such-program",), limits=LIMITS))
    assert (found.status, found.exit_code, "no-such-program" in found.stderr) == ("exited", 126, True)


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "", "a\0b"])
def test_a_file_cannot_be_put_outside(name: str) -> None:
    with pytest.raises(ConfigurationError, match="no name of a file"):
        job_of(Program(files={name: "x"}), "plain", NOWHERE, ())


def test_what_is_seen_inside_is_the_system_and_what_was_named(tmp_path: Path) -> None:
    paths = visible_paths(NOWHERE, (str(tmp_path),))
    assert "/usr" in paths
    assert str(tmp_path) in paths
    assert not {"/", str(Path.home()), "/etc", "/var", "/tmp"} & set(paths)  # noqa: S108 - none of them


@pytest.mark.parametrize(
    ("place", "seen"), [("env/bin/python", "env"), ("tools/python", "tools"), ("python", "")]
)
def test_a_python_that_is_named_shows_its_own_folder_and_no_more(
    tmp_path: Path, place: str, seen: str
) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    assert other_interpreter(path).visible == (str(tmp_path / seen),)


@pytest.mark.skipif(not Path("/bin/sh").exists(), reason="there is no /bin/sh")
def test_a_program_of_the_system_does_not_show_the_whole_machine() -> None:
    assert "/" not in other_interpreter(Path("/bin/sh")).visible


def test_a_container_gets_no_network_no_rights_and_the_limits(tmp_path: Path) -> None:
    launcher = Launcher("docker", NOWHERE, (), "image")
    words = launcher.words(Program(inputs={"db": "/data/db"}, limits=LIMITS), "name")
    text = " ".join(words[: words.index("image")])
    for part in (
        "--network none",
        "--read-only",
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        "--pull never",
        "--user 65534:65534",
        f"--pids-limit {LIMITS.processes + 2}",
        "--volume /data/db:/box/inputs/db:ro",
        "--rm",
    ):
        assert part in text
    assert words[words.index("image") + 1 :][:1] == ["python3"]
    assert launcher.end("name") == ["docker", "rm", "--force", "name"]


def test_a_client_that_says_no_is_why_nothing_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program_of(tmp_path, "podman", "cat >/dev/null\necho 'image not known' >&2\nexit 125")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(ConfigurationError, match="podman: it does not start: image not known"):
        open_room(tmp_path, "podman")


def test_what_runs_inside_needs_nothing_but_the_standard_library() -> None:
    assert "import passmuster" not in stage_source().replace("passmuster.adapters.sandbox.inside", "")
    assert len(stage_source()) < 100_000  # one argument of a command has 128 kB


def test_what_is_written_up_to_the_limit_is_not_too_much() -> None:
    plain, limits = open_room(Path("/"), "plain"), dataclasses.replace(LIMITS, output_bytes=1_000)
    ends = [
        plain.run(Program(command=("head", "-c", str(size), "/dev/zero"), limits=limits)).status
        for size in (1_000, 1_001)
    ]
    assert ends == ["exited", "output"]


def test_a_job_is_plain_json_whatever_the_text(tmp_path: Path) -> None:
    job = job_of(Program(files={"a": "\ud800"}, stdin="\udcff"), "plain", NOWHERE, ())
    assert json.loads(json.dumps(job).encode("ascii"))["files"] == {"a": "\ud800"}
