"""The first process inside: runs the program under its limits, watches it, and says how it ended.

It reads a job from stdin and writes one JSON object to stdout, which the program does not hold: it has pipes of
its own, and this process cannot be looked into.
"""

import contextlib
import json
import os
import resource
import secrets
import selectors
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any, NoReturn

from passmuster.adapters.sandbox.inside import calls, room

JOB, RESULT = 3, 4
"""The descriptors by which a harness gets its job and gives back its result."""
PERIOD = 0.02
"""Seconds between two looks at what the program uses."""
AFTERWARDS = 0.2
"""Seconds in which the output of a program that has ended must be read: a child of its own may hold it open."""
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
}


class Watched:
    """A running program: its process, what it has written, and why it was ended."""

    def __init__(self, job: dict[str, Any], child: int, pipes: dict[int, str]) -> None:
        self.limits = job["limits"]
        self.plain = job["mode"] == "plain"
        self.child = child
        self.output: dict[str, bytearray] = {name: bytearray() for name in pipes.values()}
        self.status: str | None = None
        self.reason = ""
        self.ended: int | None = None
        self._selector = selectors.DefaultSelector()
        for pipe, name in pipes.items():
            os.set_blocking(pipe, False)
            self._selector.register(pipe, selectors.EVENT_READ, name)

    def watch(self) -> None:
        """Wait for its end, and end it where it passes a limit."""
        deadline = time.monotonic() + self.limits["seconds"]
        until = None
        while until is None or (self._selector.get_map() and time.monotonic() < until):
            self._read()
            if until is None and self._reap():
                until = time.monotonic() + AFTERWARDS
            elif until is None and time.monotonic() > deadline:
                self._end("timeout", f"it ran for more than {self.limits['seconds']:g} s")
            elif until is None:
                self._check_memory()
            if self.status is not None:
                return

    def _end(self, status: str, reason: str) -> None:
        self.status, self.reason = status, reason
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.child, signal.SIGKILL)

    def _read(self) -> None:
        for key, _ in self._selector.select(PERIOD):
            try:
                data = os.read(key.fd, 65_536)
            except BlockingIOError:
                continue
            if not data:
                self._selector.unregister(key.fd)
            held = self.output[key.data]
            most = self.limits["output_bytes"] * (8 if key.data == "result" else 1)
            fitting = data[: most - len(held)]
            held += fitting
            if len(fitting) < len(data):
                self._end("output", f"it wrote more than {most:,} bytes")

    def _reap(self) -> bool:
        """Return whether it has ended; orphans of its own are reaped on the way."""
        while self.ended is None:
            try:
                pid, status = os.waitpid(self.child if self.plain else -1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            if pid == self.child:
                self.ended = os.waitstatus_to_exitcode(status)
        return self.ended is not None

    def _check_memory(self) -> None:
        most = self.limits["memory"]
        pids = list(self._pids())
        if sum(map(_resident, pids)) > most and sum(map(_proportional, pids)) > most:
            self._end("memory", f"it used more than {most:,} bytes of memory")

    def _pids(self) -> Iterator[int]:
        """Yield its processes: inside all but our own, without namespaces those of its session."""
        own = os.getpid()
        try:
            names = os.listdir("/proc")
        except OSError:
            return
        for name in names:
            if name.isdigit() and int(name) not in {1, own} and (not self.plain or self._ours(name)):
                yield int(name)

    def _ours(self, name: str) -> bool:
        with contextlib.suppress(OSError):
            return os.getsid(int(name)) == self.child
        return False


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{pid}/statm", "rb") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
    return 0


def _proportional(pid: int) -> int:
    """Return what a process uses where shared pages are counted once."""
    with contextlib.suppress(OSError, ValueError), open(f"/proc/{pid}/smaps_rollup", "rb") as file:
        return sum(int(line.split()[1]) * 1024 for line in file if line.startswith(b"Pss:"))
    return _resident(pid)


def furnish_box(job: dict[str, Any], box: str, user: int | None) -> None:
    """Write the files of the job; without a room of its own also copies of its inputs."""
    for name, source in job["inputs"].items() if job["mode"] == "plain" else ():
        os.makedirs(os.path.join(box, "inputs"), exist_ok=True)
        shutil.copyfile(source, os.path.join(box, "inputs", name))
    files = dict(job["files"])
    if job["harness"] is not None:
        files[".harness.py"] = job["harness"]
    for name, text in files.items():
        path = os.path.join(box, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text.encode("utf-8", "surrogatepass"))
    if user is not None:
        for folder, _, names in os.walk(box):
            if os.path.basename(folder) != "inputs":
                for path in (folder, *(os.path.join(folder, name) for name in names)):
                    os.chown(path, user, user)


def tasks() -> int | None:
    """Return how many threads this user has on this machine, None where the system does not tell."""
    found, user = 0, os.getuid()
    try:
        names = os.listdir("/proc")
    except OSError:
        return None
    for name in filter(str.isdigit, names):
        with contextlib.suppress(OSError):
            if os.stat(f"/proc/{name}").st_uid == user:
                found += len(os.listdir(f"/proc/{name}/task"))
    return found


def become(job: dict[str, Any], box: str, user: int | None) -> None:
    """Take the limits and the user of the program; nothing can be taken back."""
    os.setsid()
    os.chdir(box)
    limits = job["limits"]
    seconds = int(limits["seconds"]) + 1
    bounds = {
        resource.RLIMIT_CPU: (seconds, seconds + 1),
        resource.RLIMIT_FSIZE: (limits["file_bytes"], limits["file_bytes"]),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NOFILE: (256, 256),
        resource.RLIMIT_DATA: (limits["memory"], limits["memory"]),
    }
    # Those of this user in this namespace; the stage itself, and who waits for it, are two or three of them.
    others = tasks() if job["mode"] == "plain" else 0 if user is not None else 3
    if limits["processes"] is not None and others is not None:
        most = limits["processes"] + others
        bounds[resource.RLIMIT_NPROC] = (most, most)
    for which, bound in bounds.items():
        resource.setrlimit(which, bound)
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    if sys.platform == "linux":
        # after the change of user, which would undo it: who watches is not outlived, also without namespaces
        room.LIBC.prctl(room.PR_SET_PDEATHSIG, room.KILL)
        room.LIBC.prctl(room.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if job["mode"] != "plain":
            room.done(calls.take_away(room.LIBC), "seccomp")


def start(job: dict[str, Any], box: str, user: int | None, nonce: str) -> tuple[int, dict[int, str]]:
    """Start the program; returns its process and the pipes it writes to."""
    asked = tempfile.TemporaryFile(dir=box)  # noqa: SIM115 - the child gets it
    given = job["stdin"].encode("utf-8", "surrogatepass")
    asked.write(given if job["harness"] is None else json.dumps([nonce, job["job"]]).encode("ascii"))
    asked.seek(0)
    pipes = {name: os.pipe() for name in ("stdout", "stderr", "result")}
    child = os.fork()
    if child == 0:
        try:
            _run(job, (asked.fileno(), pipes), box, user)
        except BaseException as error:
            os.write(2, f"cannot start: {error}\n".encode("utf-8", "replace"))
        os._exit(126)
    asked.close()
    for _, end in pipes.values():
        os.close(end)
    return child, {begin: name for name, (begin, _) in pipes.items()}


def _run(
    job: dict[str, Any], ends: tuple[int, dict[str, tuple[int, int]]], box: str, user: int | None
) -> NoReturn:
    asked, pipes = ends
    kept = {name: os.dup(end) for name, (_, end) in pipes.items()}
    empty = os.open("/dev/null", os.O_RDONLY)
    stdin, harnessed = os.dup(asked), job["harness"] is not None
    for source, target in (
        (empty if harnessed else stdin, 0),
        (kept["stdout"], 1),
        (kept["stderr"], 2),
    ):
        # above the descriptors that are set here, so that none is overwritten before it is copied
        os.dup2(_high(source), target)
    words = list(job["command"])
    if harnessed:
        for source, target in ((stdin, JOB), (kept["result"], RESULT)):
            os.dup2(_high(source), target)
        words = [job["python"], *job["flags"], ".harness.py"]
    os.closerange(5 if harnessed else 3, 256)
    become(job, box, user)
    os.execvpe(words[0], words, {**ENVIRONMENT, "HOME": box})  # noqa: S606 - what this is for


def _high(descriptor: int) -> int:
    """Return a copy of a descriptor with a number from 100 on."""
    import fcntl

    return fcntl.fcntl(descriptor, fcntl.F_DUPFD, 100)


def told(watched: Watched, nonce: str) -> dict[str, Any]:
    """Return how it ended, as an execution."""
    status, reason, code = watched.status, watched.reason, watched.ended
    if status is None and code is not None and code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        status, reason = ("timeout" if name == "SIGXCPU" else "signal"), f"it was ended by {name}"
    texts = {name: bytes(held).decode("utf-8", "replace") for name, held in watched.output.items()}
    lines = [line for line in texts.pop("result").splitlines() if line.startswith(nonce)]
    return {
        "status": status or "exited",
        "exit_code": code if status is None else None,
        "reason": reason,
        "result": lines[0][len(nonce) :] if lines else None,
        **texts,
    }


def main() -> None:
    """Read the job, close the room, run the program, and say how it ended."""
    job = json.loads(sys.stdin.buffer.read())
    linux, plain = sys.platform == "linux", job["mode"] == "plain"
    if plain:
        # leaves by `finally`, so that no folder and no process stays
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if linux:
        room.LIBC.prctl(room.PR_SET_PDEATHSIG, signal.SIGTERM if plain else room.KILL)
    user = room.leave(job) if job["mode"] == "namespaces" else None
    if linux:
        room.LIBC.prctl(room.PR_SET_DUMPABLE, 0)
    box = tempfile.mkdtemp(prefix="passmuster-") if plain else "/box"
    child = None
    try:
        furnish_box(job, box, user)
        nonce = secrets.token_hex(16)
        child, pipes = start(job, box, user, nonce)
        watched = Watched(job, child, pipes)
        watched.watch()
    finally:
        if child is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child, signal.SIGKILL)
        if plain:
            shutil.rmtree(box, ignore_errors=True)
    # Whoever else may write to this pipe does not know what our own line begins with.
    sys.stdout.write(f"\n{job['seal']}{json.dumps(told(watched, nonce))}\n")
    sys.stdout.flush()
    os._exit(0)
