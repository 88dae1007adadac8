"""Sandboxes for tests: those of this machine that hold, each opened once."""

import json
import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from passmuster.adapters.sandbox.opening import IMAGE, open_room
from passmuster.adapters.sandbox.sandbox import ProcessSandbox
from passmuster.errors import ConfigurationError
from passmuster.records.program import Execution, Limits, Program

TEST_IMAGE = os.environ.get("PASSMUSTER_TEST_IMAGE")
"""An image with Python, of which containers are made; without one they are not tried."""
PRESENT = {
    "namespaces": True,
    "bubblewrap": shutil.which("bwrap") is not None and os.geteuid() != 0,
    "podman": TEST_IMAGE is not None and shutil.which("podman") is not None,
    "docker": TEST_IMAGE is not None and shutil.which("docker") is not None,
}
CLOSED = [kind for kind, present in PRESENT.items() if present]
"""The sandboxes that this machine may have; whether one holds is seen when it is opened."""
LIMITS = Limits(seconds=20.0, memory=300_000_000, processes=8, file_bytes=4_000_000, output_bytes=100_000)


@cache
def _opened(kind: str) -> ProcessSandbox | str:
    try:
        return open_room(Path("/"), kind, image=TEST_IMAGE or IMAGE)
    except ConfigurationError as error:
        return error.message


def room(kind: str) -> ProcessSandbox:
    """Return a sandbox, or skip the test where this machine has none of this kind that holds."""
    found = _opened(kind)
    if isinstance(found, str):
        assert "does not hold back" not in found
        pytest.skip(found)
    return found


def ran(sandbox: ProcessSandbox, source: str, limits: Limits = LIMITS) -> Execution:
    """Run Python as a program of its own."""
    return sandbox.run(Program(files={"main.py": source}, command=("python3", "main.py"), limits=limits))


def judged(sandbox: ProcessSandbox, code: str, *tests: str, limits: Limits = LIMITS) -> dict[str, Any]:
    """Run code with its tests; returns what the harness found, else how the run ended."""
    job = json.dumps({"code": code, "tests": tests})
    execution = sandbox.run(Program(harness="python_tests", job=job, limits=limits))
    found: dict[str, Any] = json.loads(execution.result or "{}")
    return found or {"outcome": execution.status, "reason": execution.reason}
