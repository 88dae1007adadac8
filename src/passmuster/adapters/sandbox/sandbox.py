"""A sandbox: runs one program at a time in a room of its own, which is empty again afterwards."""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

from passmuster.adapters.sandbox.jobs import job_of
from passmuster.adapters.sandbox.launchers import PROGRAMS, Launcher
from passmuster.records.program import Execution, Program

STARTING = 30.0
"""Seconds that closing the room may take, beside those of the program."""
ENDING = 2.0
"""Seconds that the process which watches has to end what it watches, before it is killed."""
QUOTED = 300


class ProcessSandbox:
    """Runs programs in processes of their own; safe to call from many threads.

    Paths of inputs are relative to `folder`.
    """

    def __init__(self, launcher: Launcher, folder: Path) -> None:
        self._launcher = launcher
        self._folder = folder
        self._lock = threading.Lock()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stopped = False

    @property
    def name(self) -> str:
        """How the room is closed: `namespaces`, `bubblewrap`, `podman`, `docker`, or `plain`, which is not."""
        return self._launcher.kind

    def run(self, program: Program) -> Execution:
        """Run a program and return how it ended; a room that cannot be closed is `not_started`."""
        launcher = self._launcher
        inputs = {name: (self._folder / path).resolve() for name, path in program.inputs.items()}
        absent = next((path for path in inputs.values() if not path.is_file()), None)
        if absent is not None:
            return _not_started(f"there is no file {absent}")
        program = replace(program, inputs={name: str(path) for name, path in inputs.items()})
        seal = secrets.token_hex(16)
        job = job_of(program, launcher.mode, launcher.interpreter, launcher.visible)
        job["seal"] = seal
        container = f"passmuster-{secrets.token_hex(8)}"
        if launcher.kind in {"docker", "podman"}:
            job.update(python="python3", limits={**_mapping(job["limits"]), "processes": None})
        words = launcher.words(program, container)
        if launcher.kind in PROGRAMS and shutil.which(words[0]) is None:
            return _not_started(f"there is no program {words[0]}")
        try:
            done = self._ended(words, container, json.dumps(job).encode("ascii"), program.limits.seconds)
        except OSError as error:
            return _not_started(f"{words[0]} cannot be started: {error}")
        if done is None:
            return Execution(status="timeout", reason="the sandbox itself did not end in time")
        return _read(done, seal)

    def stop(self) -> None:
        """End all programs that run, for one who waits no longer; none is started after it."""
        with self._lock:
            self._stopped = True
            running = dict(self._running)
        for container, process in running.items():
            process.terminate()
            self._sweep(container)

    def _ended(
        self, words: list[str], container: str, given: bytes, seconds: float
    ) -> "subprocess.CompletedProcess[bytes] | None":
        """Run the process that watches, and return what it wrote; None where it had to be ended."""
        with self._lock:
            if self._stopped:
                raise InterruptedError("the sandbox was stopped")
            process = subprocess.Popen(  # noqa: S603 - the sandbox's own command; what is untrusted runs inside
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={"PATH": os.environ.get("PATH", os.defpath), **_client_variables(self._launcher.kind)},
                start_new_session=True,
            )
            self._running[container] = process
        try:
            output, said = process.communicate(given, timeout=seconds + STARTING)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if process.poll() is None:
                self._end(process, container)
            with self._lock:
                del self._running[container]
        return subprocess.CompletedProcess(words, process.returncode, output, said)

    def _end(self, process: "subprocess.Popen[bytes]", container: str) -> None:
        with process:
            process.terminate()
            try:
                process.wait(ENDING)
            except subprocess.TimeoutExpired:
                process.kill()
        self._sweep(container)

    def _sweep(self, container: str) -> None:
        words = self._launcher.end(container)
        if words is not None:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(words, capture_output=True, timeout=STARTING, check=False)  # noqa: S603 - see above


def _not_started(reason: str) -> Execution:
    return Execution(status="not_started", reason=reason, stderr=reason)


def _mapping(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}


def _client_variables(kind: str) -> dict[str, str]:
    """Return what the clients of containers need to find their service; nothing of it gets inside."""
    if kind not in {"docker", "podman"}:
        return {}
    names = ("HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST", "DOCKER_CONTEXT", "CONTAINER_HOST")
    return {name: os.environ[name] for name in names if name in os.environ}


def _read(done: "subprocess.CompletedProcess[bytes]", seal: str) -> Execution:
    """Read what the process inside tells: the one line that begins with the secret which it was given."""
    lines = [line for line in done.stdout.split(b"\n") if line.startswith(seal.encode("ascii"))]
    try:
        return Execution(**json.loads(lines[0][len(seal) :]))
    except (ValueError, TypeError, IndexError):
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[-QUOTED:]
        reason = said or f"the process inside ended with exit code {done.returncode} and said nothing"
        return _not_started(reason)
