"""The installed command at a terminal of its own: what it shows is read, and keys are pressed."""

import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.served import COMMAND, LONG, environment

CLEARED = "\x1b[H\x1b[2J\x1b[3J"


class Terminal:
    """A pseudo-terminal with the command at its other end."""

    def __init__(self, process: subprocess.Popen[bytes], file: int) -> None:
        self.process = process
        self.output = ""
        self._file = file

    @property
    def shown(self) -> str:
        """What is on the screen now, with the line ends of a text."""
        return self.output.rpartition(CLEARED)[2].replace("\r\n", "\n")

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        os.write(self._file, "".join(keys).encode())

    def wait(self, pattern: str) -> str:
        """Wait until the screen shows what matches, and return the screen."""
        end = time.monotonic() + LONG
        while not re.search(pattern, self.shown):
            assert time.monotonic() < end, f"never shown: {pattern}\n{self.output[-3000:]}"
            assert self._read(0.2) or self.process.poll() is None, f"ended: {self.output[-3000:]}"
        return self.shown

    def end(self) -> int:
        """Wait for the end of the command, and return its exit code."""
        end = time.monotonic() + LONG
        while self.process.poll() is None:
            assert time.monotonic() < end, f"it does not end\n{self.output[-3000:]}"
            self._read(0.2)
        while self._read(0.0):
            pass
        return self.process.returncode

    def kill(self) -> None:
        """Kill the command as no program can prevent."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=LONG)

    def _read(self, seconds: float) -> bool:
        if not select.select([self._file], [], [], seconds)[0]:
            return False
        try:
            raw = os.read(self._file, 65536)
        except OSError:
            return False
        self.output += raw.decode("utf-8", "replace")
        return bool(raw)


@contextmanager
def terminal(
    folder: Path, *arguments: str, columns: int = 80, lines: int = 24, stdout: int | None = None, **more: str
) -> Iterator[Terminal]:
    """Start the command at a terminal of this size; `more` are variables of its environment."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (lines, columns))
    before = termios.tcgetattr(theirs)
    process = subprocess.Popen(
        [COMMAND, *arguments],
        cwd=folder,
        env=environment(**{"TERM": "xterm", "LC_ALL": "C.UTF-8", **more}),
        stdin=theirs,
        stdout=theirs if stdout is None else stdout,
        stderr=theirs,
        start_new_session=True,
    )
    try:
        yield Terminal(process, ours)
        if process.returncode is not None and process.returncode >= 0:
            assert termios.tcgetattr(theirs) == before, "the terminal was not left as it was"
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(timeout=LONG)
        os.close(theirs)
        os.close(ours)
