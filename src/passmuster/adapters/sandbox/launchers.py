"""The four ways to close a room, each as the command that starts the process inside."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from passmuster.adapters.sandbox.jobs import Interpreter, Mode, box_bytes, stage_source
from passmuster.records.program import Program

Kind: TypeAlias = Literal["namespaces", "bubblewrap", "podman", "docker", "plain"]
PROGRAMS: Mapping[str, str] = {"bubblewrap": "bwrap", "podman": "podman", "docker": "docker"}
CONTAINER_MEMORY = 128_000_000
"""Bytes that a container gets beyond those of the program, for the process inside that watches it."""


class Launcher(NamedTuple):
    """A way to close a room, with the Python that runs inside and what it may read of this machine."""

    kind: Kind
    interpreter: Interpreter
    visible: tuple[str, ...]
    image: str = ""

    @property
    def mode(self) -> Mode:
        """Return what the process inside has left to do itself."""
        if self.kind in {"namespaces", "plain"}:
            return "namespaces" if self.kind == "namespaces" else "plain"
        return "inside"

    def words(self, program: Program, name: str) -> list[str]:
        """Return the command that starts the process inside; `name` is that of a container."""
        if self.kind == "bubblewrap":
            return self._bubblewrap(program)
        if self.kind in {"docker", "podman"}:
            return self._container(program, name)
        return [sys.executable, "-I", "-S", "-B", "-c", stage_source()]

    def _bubblewrap(self, program: Program) -> list[str]:
        size = program.limits.file_bytes
        words = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
        words += ["--as-pid-1"]  # bubblewrap's own process inside could be looked into
        words += ["--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev"]
        for path in self.visible:
            link = Path(path).is_symlink()
            words += ["--symlink", os.readlink(path), path] if link else ["--ro-bind", path, path]  # noqa: PTH115 - as it stands, relative
        for folder, most in (("/tmp", size), ("/box", box_bytes(program)), ("/dev/shm", size)):  # noqa: S108 - inside the sandbox
            words += ["--size", str(most), "--tmpfs", folder]
        for name, source in program.inputs.items():
            words += ["--ro-bind", source, f"/box/inputs/{name}"]
        words += ["--remount-ro", "/", "--chdir", "/"]
        return [*words, self.interpreter.path, "-I", "-S", "-B", "-c", stage_source()]

    def _container(self, program: Program, name: str) -> list[str]:
        limits = program.limits
        options = "rw,nosuid,nodev,exec,mode=1777,size="
        words = [self.kind, "run", "--rm", "--interactive", "--pull", "never", "--name", name]
        words += ["--network", "none", "--read-only", "--cap-drop", "ALL"]
        words += ["--security-opt", "no-new-privileges", "--user", "65534:65534", "--ipc", "none"]
        words += ["--ulimit", "nofile=256:256", "--ulimit", "nproc=4096:4096", "--ulimit", "core=0:0"]
        words += ["--pids-limit", str(limits.processes + 2)]
        words += ["--memory", str(limits.memory + CONTAINER_MEMORY)]
        words += ["--memory-swap", str(limits.memory + CONTAINER_MEMORY)]
        words += ["--tmpfs", f"/box:{options}{box_bytes(program)}"]
        words += ["--tmpfs", f"/tmp:{options}{limits.file_bytes}", "--workdir", "/"]  # noqa: S108 - inside
        for each, source in program.inputs.items():
            words += ["--volume", f"{source}:/box/inputs/{each}:ro"]
        return [*words, self.image, "python3", "-I", "-S", "-B", "-c", stage_source()]

    def end(self, name: str) -> list[str] | None:
        """Return the command that ends a container whose client was killed; None where none is left behind."""
        return [self.kind, "rm", "--force", name] if self.kind in {"docker", "podman"} else None
