"""The installed command in a project, and a simulator in a process of its own that logs the truth."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from passmuster.adapters.simulator.truth import Served, read_truth

COMMAND = Path(sys.executable).parent / "passmuster"
LONG = 120.0
"""Seconds after which something hangs."""


class Endpoint:
    """A simulator that runs elsewhere, and the log of what it really did."""

    def __init__(self, base_url: str, truth: Path) -> None:
        self.base_url = base_url
        self._path = truth
        self._begun = 0
        self._ended = 0
        self._at = 0

    @property
    def begun(self) -> int:
        """How many requests have come."""
        self._look()
        return self._begun

    @property
    def open(self) -> int:
        """How many requests are being answered."""
        self._look()
        return self._begun - self._ended

    def truth(self) -> list[Served]:
        """Return all requests, in the order in which they came."""
        return sorted(read_truth(self._path), key=lambda served: served.number)

    def trials(self, model: str | None = None) -> list[str]:
        """Return the trials that were asked for, of one model or of all, in the order in which they came."""
        found = [served for served in self.truth() if model in {None, served.model}]
        return [f"{served.model} {served.trial} {served.repeat}" for served in found]

    def _look(self) -> None:
        with self._path.open("rb") as file:
            file.seek(self._at)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._at += len(whole)
        begun = whole.count(b'"ended":null')
        self._begun += begun
        self._ended += whole.count(b"\n") - begun


@contextmanager
def simulator(folder: Path, *models: str) -> Iterator[Endpoint]:
    """Serve models (the lines of an endpoints file) for as long as the block lasts."""
    file, truth = folder / "endpoints.yaml", folder / "truth.jsonl"
    file.write_text("seed: 5\nendpoints:\n" + "".join(f"  - {model}\n" for model in models), encoding="utf-8")
    arguments = ["simulate", "--endpoints", str(file), "--port", "0", "--truth", str(truth), "--json"]
    with subprocess.Popen(
        [COMMAND, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        try:
            told = ""
            while not told.rstrip().endswith("}"):
                line = server.stdout.readline()
                assert line, "the simulator did not start"
                told += line
            yield Endpoint(json.loads(told)["base_url"], truth)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=LONG)


def project(folder: Path, cases: int, *candidates: str, more: str = "") -> Path:
    """Write a project with so many cases whose answer is "yes", and these candidates (lines of its file)."""
    folder.mkdir(exist_ok=True)
    rows = [{"id": f"{n:05}", "input": f"question {n}", "reference": "yes"} for n in range(cases)]
    (folder / "cases.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    written = "".join(f"  - {candidate}\n" for candidate in candidates)
    (folder / "passmuster.yaml").write_text(
        f"task: trouble\ncorpus: cases.jsonl\nmetrics: [exact_match]\n{more}candidates:\n{written}",
        encoding="utf-8",
    )
    return folder


def environment(**more: str) -> dict[str, str]:
    """Return the environment without anybody's keys."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    return {**kept, **more}


def passmuster(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; `more` are variables of its environment."""
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
    )


def start(folder: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """Start the command; its output is to be read with `communicate`."""
    return subprocess.Popen(
        [COMMAND, *arguments],
        cwd=folder,
        env=environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(arguments: Sequence[str], done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return what a verb said as JSON."""
    assert done.stdout, f"{arguments}: {done.stderr}"
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def run(folder: Path, *arguments: str, code: int = 0, **more: str) -> dict[str, Any]:
    """Run `passmuster run` to its end and return how it ended."""
    done = passmuster(folder, "run", "--json", *arguments, **more)
    assert done.returncode == code, done.stderr
    return ended(arguments, done)


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """Return rows of the store."""
    file = folder / ".passmuster" / "store.db"
    if not file.exists():
        return []
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(sql).fetchall()


def stored(folder: Path) -> list[str]:
    """Return the ids of the cases that have a trial, a row a trial."""
    if not rows(folder, "SELECT 1 FROM sqlite_master WHERE name = 'trials'"):
        return []
    return [str(name) for (name,) in rows(folder, "SELECT case_id FROM trials")]


def is_whole(folder: Path) -> bool:
    """Return whether the store passes SQLite's own check."""
    return rows(folder, "PRAGMA integrity_check") == [("ok",)]


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait until something has happened."""
    end = time.monotonic() + LONG
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)
