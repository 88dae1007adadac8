"""Opens a sandbox: the first way to close a room that is there and holds, or the one that was asked for."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from passmuster.adapters.sandbox.jobs import Interpreter, other_interpreter, own_interpreter, visible_paths
from passmuster.adapters.sandbox.launchers import PROGRAMS, Kind, Launcher
from passmuster.adapters.sandbox.probe import leak
from passmuster.adapters.sandbox.sandbox import ProcessSandbox
from passmuster.errors import ConfigurationError

IMAGE = "python:3.11-slim"
"""The image that a container is made of; it is never fetched."""


def kinds() -> tuple[Kind, ...]:
    """Return the ways in the order in which they are tried.

    Bubblewrap started by root cannot limit the number of processes, so root's own namespaces come first.
    """
    if os.name == "posix" and os.geteuid() == 0:
        return ("namespaces", "bubblewrap", "podman", "docker")
    return ("bubblewrap", "namespaces", "podman", "docker")


def open_room(
    folder: Path,
    choice: str = "auto",
    *,
    python: Path | None = None,
    read: tuple[Path, ...] = (),
    image: str = IMAGE,
) -> ProcessSandbox:
    """Return a sandbox whose room was tried and is closed, or the one that is none where `plain` was asked for.

    Args:
        folder: What the paths of a program's inputs are relative to.
        choice: `auto`, or one way: `namespaces`, `bubblewrap`, `podman`, `docker`, `plain`.
        python: The Python that runs answers, with what is installed for it; default: our own, with nothing.
        read: Files and folders of this machine that programs may read besides those of the system.
        image: What containers are made of.

    Raises:
        ConfigurationError: where no way holds, with what is wrong with each.
    """
    known = (*kinds(), "plain")
    if choice not in ("auto", *known):
        raise ConfigurationError(f"there is no sandbox {choice!r}", hint=f"one of auto, {', '.join(known)}")
    absent = next((path for path in read if not path.exists()), None)
    if absent is not None:
        raise ConfigurationError(f"sandbox: {absent} cannot be read inside: it does not exist")
    interpreter = own_interpreter() if python is None else other_interpreter(python)
    visible = visible_paths(interpreter, tuple(str(path) for path in read))
    if choice == "plain":
        return ProcessSandbox(Launcher("plain", interpreter, visible), folder)
    wrong: dict[str, str] = {}
    for kind in kinds():
        if choice in {"auto", kind}:
            sandbox = ProcessSandbox(Launcher(kind, interpreter, visible, image), folder)
            problem = _problem(kind, sandbox, interpreter)
            if problem is None:
                return sandbox
            wrong[kind] = problem
    raise _none(wrong)


def _problem(kind: Kind, sandbox: ProcessSandbox, interpreter: Interpreter) -> str | None:
    program = PROGRAMS.get(kind)
    if program is not None and shutil.which(program) is None:
        return f"there is no program {program}"
    path = "python3" if kind in {"podman", "docker"} else interpreter.path
    return leak(sandbox, (path, "-I", "-S", "-B"))


def _none(wrong: Mapping[str, str]) -> ConfigurationError:
    listed = "; ".join(f"{kind}: {problem}" for kind, problem in wrong.items())
    return ConfigurationError(
        f"code that models wrote cannot be run apart from this machine here ({listed})",
        hint="install bubblewrap or podman; `--sandbox plain` runs it as you, with your network and your files",
    )
