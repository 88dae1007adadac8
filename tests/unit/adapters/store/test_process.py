import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from passmuster.adapters.store import process
from passmuster.adapters.store.process import lives, this_process

SLEEPER = "print(__import__('passmuster.adapters.store.process', fromlist=['x']).this_process(), flush=True); input()"


@pytest.fixture
def other() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Another process with its name."""
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None
        yield started.stdout.readline().strip(), started
        started.kill()


@pytest.fixture
def without_proc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A system that has no /proc."""
    monkeypatch.setattr(process, "_PROC", tmp_path)
    process._machine.cache_clear()
    yield
    process._machine.cache_clear()


def ended(name: str) -> bool:
    deadline = time.monotonic() + 30
    while lives(name) is not False and time.monotonic() < deadline:
        time.sleep(0.01)
    return lives(name) is False


def test_this_process_lives() -> None:
    assert lives(this_process()) is True


def test_another_process_lives_until_it_ends(other: tuple[str, subprocess.Popen[str]]) -> None:
    name, child = other
    assert lives(name) is True

    child.kill()
    child.wait()
    assert lives(name) is False


def test_a_dead_child_that_nobody_has_waited_for_does_not_live(
    other: tuple[str, subprocess.Popen[str]],
) -> None:
    name, child = other
    child.kill()

    assert ended(name)
    os.kill(child.pid, 0)  # it is still listed


def test_a_process_id_that_was_given_anew_is_another_process(
    other: tuple[str, subprocess.Popen[str]],
) -> None:
    machine, pid, started = other[0].split(" ")

    assert lives(f"{machine} {pid} {int(started) - 1}") is False


def test_of_another_machine_nothing_is_known() -> None:
    _, pid, started = this_process().split(" ")

    assert lives(f"elsewhere {pid} {started}") is None


@pytest.mark.parametrize("name", ["", "a", "{0}", "{0} x y", "{0}  "])
def test_of_a_name_that_was_edited_by_hand_nothing_is_known(name: str) -> None:
    assert lives(name.format(this_process().split(" ")[0])) is None


def test_an_id_that_no_process_can_have_does_not_live() -> None:
    machine = this_process().split(" ")[0]

    assert lives(f"{machine} {2**70} 1") is False
    assert lives(f"{machine} {2**22 + 1} 1") is False


@pytest.mark.usefixtures("without_proc")
def test_without_proc_a_process_lives_as_long_as_its_id(other: tuple[str, subprocess.Popen[str]]) -> None:
    _, child = other
    machine = this_process().split(" ")[0]
    assert this_process().endswith(" -")
    assert lives(this_process()) is True
    assert lives(f"{machine} {child.pid} -") is True

    child.kill()
    child.wait()
    assert lives(f"{machine} {child.pid} -") is False


def test_a_process_of_another_user_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(pid: int, signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuses)
    machine = this_process().split(" ")[0]

    assert lives(f"{machine} {2**22 + 1} -") is True


def test_on_windows_a_process_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"{this_process().split(' ')[0]} 1 1"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(os, "kill", None)  # it would end the process there

    assert lives(name) is None
