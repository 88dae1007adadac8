"""What the process inside is given: its own program as text, and the job as JSON."""

import json
import sys
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple, TypeAlias

from passmuster.errors import ConfigurationError
from passmuster.records.program import Program
from passmuster.records.record import Json

Mode: TypeAlias = Literal["namespaces", "inside", "plain"]
INSIDE = Path(__file__).parent / "inside"
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/alternatives")
PAGE = 4096
"""Bytes by which a file in memory may be larger than what it holds."""
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime")


class Interpreter(NamedTuple):
    """A Python, what must be seen for it to run, and its flags."""

    path: str
    visible: tuple[str, ...]
    flags: tuple[str, ...]


def own_interpreter() -> Interpreter:
    """Return the Python that passmuster itself runs on, without the libraries installed beside it.

    So an answer finds the standard library alone, on every machine.
    """
    prefix = Path(sys.base_prefix).resolve()
    names = (f"python{sys.version_info[0]}.{sys.version_info[1]}", "python3", "python")
    found = next((prefix / "bin" / name for name in names if (prefix / "bin" / name).exists()), None)
    path = Path(sys.executable).resolve() if found is None else found
    return Interpreter(path=str(path), visible=(str(prefix),), flags=("-I", "-S", "-B"))


def other_interpreter(path: Path) -> Interpreter:
    """Return a Python that the user names, with the libraries installed for it.

    Raises:
        ConfigurationError: where there is none.
    """
    if not path.is_file():
        raise ConfigurationError(
            f"there is no Python at {path}", hint="`python` under `sandbox` is the path of one"
        )
    prefixes = [_prefix(path.absolute()), _prefix(path.resolve())]
    visible = tuple(dict.fromkeys(str(prefix) for prefix in prefixes if prefix != Path("/")))
    return Interpreter(path=str(path.absolute()), visible=visible, flags=("-I", "-B"))


def _prefix(path: Path) -> Path:
    """Return the folder that holds a Python and its libraries; `/bin/python3` belongs to the system, which is seen."""
    return path.parent.parent if path.parent.name == "bin" else path.parent


def visible_paths(interpreter: Interpreter, more: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the files and folders of this machine that a program may read, outermost first.

    Example:
        >>> paths = visible_paths(Interpreter("/opt/py/bin/python", ("/opt/py",), ()), ("/opt",))
        >>> "/opt" in paths, "/opt/py" in paths
        (True, False)
    """
    wanted = [path for path in (*SYSTEM, *SYSTEM_FILES) if Path(path).exists()]
    wanted += [path for path in (*interpreter.visible, *more) if path not in wanted]
    kept: list[str] = []
    for path in sorted(wanted, key=lambda text: (len(PurePosixPath(text).parts), wanted.index(text))):
        if not any(PurePosixPath(path).is_relative_to(above) and path != above for above in kept):
            kept.append(path)
    return tuple(kept)


@cache
def stage_source() -> str:
    """Return the program of the process inside as one text, to be run with `python -c`."""
    package = "passmuster.adapters.sandbox.inside"
    calls, room, stage = (
        (INSIDE / f"{name}.py").read_text(encoding="utf-8") for name in ("calls", "room", "stage")
    )
    return "\n".join(
        [
            "import sys, types",
            f"inside = sys.modules[{package!r}] = types.ModuleType({package!r})",
            "inside.calls = types.ModuleType('calls')",
            "inside.room = types.ModuleType('room')",
            "stage = types.ModuleType('stage')",
            f"exec({calls!r}, inside.calls.__dict__)",
            f"exec({room!r}, inside.room.__dict__)",
            f"exec({stage!r}, stage.__dict__)",
            "stage.main()",
        ]
    )


@cache
def harness_source(name: str) -> str:
    """Return the program of a harness."""
    return (INSIDE / f"{name}.py").read_text(encoding="utf-8")


def box_bytes(program: Program) -> int:
    """Return the size of the folder in which a program runs: what it may write, beside what it is given."""
    texts = [*program.files.values(), program.stdin, json.dumps(program.job)]
    if program.harness is not None:
        texts.append(harness_source(program.harness))
    given = sum(len(text.encode("utf-8", "surrogatepass")) + PAGE for text in texts)
    return program.limits.file_bytes + given


def job_of(
    program: Program, mode: Mode, interpreter: Interpreter, visible: tuple[str, ...]
) -> dict[str, Json]:
    """Return the job that the process inside reads; the paths of its inputs are absolute by now.

    Raises:
        ConfigurationError: for a file of the program whose name leads out of its folder.
    """
    for name in (*program.files, *program.inputs):
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts or "\0" in name:
            raise ConfigurationError(f"{name!r} is no name of a file inside the sandbox")
    limits = program.limits
    return {
        "mode": mode,
        "files": dict(program.files),
        "inputs": dict(program.inputs),
        "command": list(program.command),
        "stdin": program.stdin,
        "harness": None if program.harness is None else harness_source(program.harness),
        "job": program.job,
        "python": interpreter.path,
        "flags": list(interpreter.flags),
        "visible": [[path, path] for path in visible],
        "box_bytes": box_bytes(program),
        "limits": {
            "seconds": limits.seconds,
            "memory": limits.memory,
            "processes": limits.processes,
            "file_bytes": limits.file_bytes,
            "output_bytes": limits.output_bytes,
        },
    }
