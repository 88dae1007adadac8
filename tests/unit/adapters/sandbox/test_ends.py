"""What is left of a program when somebody leaves before it has ended: nothing."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.adapters.sandbox.rooms import CLOSED, LIMITS, room

from passmuster.adapters.sandbox.opening import open_room
from passmuster.adapters.sandbox.sandbox import ProcessSandbox
from passmuster.records.program import Execution, Limits, Program

LONG = Limits(seconds=600.0)
RUNNER = """
import sys
from pathlib import Path
from passmuster.adapters.sandbox.opening import open_room
from passmuster.records.program import Limits, Program
words = ("sh", "-c", "echo $$ > " + sys.argv[1] + "; pwd >> " + sys.argv[1] + "; exec sleep 600")
open_room(Path("/"), "plain").run(Program(command=words, limits=Limits(seconds=600.0)))
"""


def comes(true: Callable[[], bool]) -> bool:
    """Wait until something is so, for a minute at most."""
    end = time.monotonic() + 60
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def is_gone(pid: int) -> bool:
    """Return whether there is no such process."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return False
    return True


@pytest.mark.parametrize("kind", [*CLOSED, "plain"])
def test_a_sandbox_that_is_stopped_ends_what_runs_and_starts_no_more(kind: str) -> None:
    opened = open_room(Path("/"), "plain") if kind == "plain" else room(kind)
    # one of its own: those of the other tests go on
    sandbox = ProcessSandbox(opened._launcher, Path("/"))
    ends: list[Execution] = []
    program = Program(command=("sleep", "600"), limits=LONG)
    thread = threading.Thread(target=lambda: ends.append(sandbox.run(program)), daemon=True)
    thread.start()
    assert comes(lambda: bool(sandbox._running))
    sandbox.stop()
    thread.join(60)
    assert [each.status for each in ends] == ["not_started"]
    assert sandbox.run(program).status == "not_started"


def test_without_a_room_nothing_stays_either_when_who_started_it_is_killed(tmp_path: Path) -> None:
    told = tmp_path / "told"
    runner = subprocess.Popen([sys.executable, "-c", RUNNER, str(told)])
    assert comes(lambda: told.exists() and len(told.read_text().split()) == 2)
    pid, folder = told.read_text().split()
    runner.send_signal(signal.SIGKILL)
    runner.wait()
    assert comes(lambda: is_gone(int(pid)))
    assert comes(lambda: not Path(folder).exists())


def test_without_a_room_the_user_s_other_processes_do_not_count() -> None:
    others = [subprocess.Popen(["sleep", "600"]) for _ in range(10)]
    try:
        source = "import resource\nprint(resource.getrlimit(resource.RLIMIT_NPROC)[0])"
        plain = open_room(Path("/"), "plain")
        most = plain.run(Program(command=("python3", "-c", source), limits=LIMITS)).stdout
        assert int(most) >= LIMITS.processes + len(others)
    finally:
        for each in others:
            each.kill()
            each.wait()
