"""What the benchmarks measure with: a process as a whole, and the endpoint on a core of its own."""

import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
QUIET = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "DEEPEVAL_TELEMETRY_OPT_OUT": "YES",
    "PROMPTFOO_DISABLE_TELEMETRY": "1",
    "PROMPTFOO_DISABLE_UPDATE": "1",
    "PROMPTFOO_DISABLE_REMOTE_GENERATION": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "OPENAI_API_KEY": "x",
    "NO_PROXY": "127.0.0.1",
    "no_proxy": "127.0.0.1",
}
"""Nothing is looked up or reported on the network while it is measured."""

LIMIT = 1800.0
"""Seconds after which a process that hangs is killed."""


@dataclass(frozen=True)
class Used:
    """What a process took, from before it was made until it was gone.

    `begun` is a time of the monotonic clock. The peak memory is that of the largest process of the tree, and at
    least that of the benchmark itself (about 25 MB), which every child begins with.
    """

    begun: float
    wall: float
    cpu: float
    rss_mb: float
    exit: int
    output: str


def measured(words: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Used:
    """Run a command on the second core, and say what it took."""
    log = folder / ".output"
    with log.open("w", encoding="utf-8") as stream:
        begun = time.monotonic()
        process = subprocess.Popen(  # noqa: S603 - the benchmarks' own commands
            [*pinned(1), *words],
            cwd=folder,
            env={**os.environ, **QUIET, **(environment or {})},
            stdout=stream,
            stderr=stream,
            stdin=subprocess.DEVNULL,
        )
        limit = threading.Timer(LIMIT, process.kill)
        limit.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        limit.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return Used(
        begun=begun,
        wall=wall,
        cpu=used.ru_utime + used.ru_stime,
        rss_mb=used.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024),
        exit=process.returncode,
        output=log.read_text(encoding="utf-8", errors="replace"),
    )


def pinned(place: int) -> list[str]:
    """Return the words that keep a process on one of our cores, where there are two of them and the tool."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    enough = len(cores) > 1 and shutil.which("taskset") is not None
    return ["taskset", "-c", str(cores[place])] if enough else []


class Endpoint:
    """The endpoint in a process of its own, on the first core."""

    def __init__(self) -> None:
        words = [*pinned(0), sys.executable, str(HERE / "endpoint.py")]
        self._process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own file
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        self.base = self._process.stdout.readline().strip()

    def reset(self, delay: float) -> None:
        """Forget what it has seen, and answer after so many seconds from now on."""
        self._get(f"reset?delay={delay}")

    def seen(self) -> dict[str, float]:
        """Return what it has seen since the last reset."""
        return self._get("stats")

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.communicate()

    def _get(self, path: str) -> dict[str, float]:
        with urllib.request.urlopen(f"{self.base.removesuffix('/v1')}/{path}", timeout=30) as answer:  # noqa: S310 - loopback
            counts: dict[str, float] = json.loads(answer.read())
        return counts


def machine() -> str:
    """Say in a line what this was measured on."""
    return (
        f"Machine: {os.cpu_count()} cores ({_processor()}), {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; load {os.getloadavg()[0]:.1f} at the end."
    )


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def version(program: Path, package: str) -> str:
    """Return the version of a package in the environment that a program belongs to."""
    node = program.parent.parent / package / "package.json"
    if node.exists():
        return str(json.loads(node.read_text(encoding="utf-8"))["version"])
    folders = [str(path) for path in program.parent.parent.glob("lib/python*/site-packages")]
    found = importlib.metadata.distributions(name=package, path=folders)
    return next((distribution.version for distribution in found), "?")
