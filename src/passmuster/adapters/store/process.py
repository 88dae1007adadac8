"""Which process this is, and whether another one is still alive."""

import os
import socket
import sys
from functools import cache
from pathlib import Path

_PROC = Path("/proc")
_UNKNOWN = "-"


def this_process() -> str:
    """Return what names this process among all that ever were: machine, process id and when it started."""
    pid = os.getpid()
    return f"{_machine()} {pid} {_started(pid) or _UNKNOWN}"


def lives(process: str) -> bool | None:
    """Return whether the process with this name (from `this_process`) is alive; None where that cannot be seen.

    It cannot for a process of another machine or container, nor on Windows.

    Example:
        >>> lives(this_process())
        True
        >>> lives("elsewhere 1 2") is None
        True
    """
    machine, _, rest = process.partition(" ")
    pid, _, started = rest.partition(" ")
    if machine != _machine() or not pid.isdecimal():
        return None
    if process == this_process():
        return True
    if sys.platform == "win32":
        return None
    if not _exists(int(pid)):
        return False
    # An id is given anew after a while, so when it started is looked at where that is known.
    return started in {_UNKNOWN, _started(int(pid)) or started}


@cache
def _machine() -> str:
    # Two containers may have one name and one kernel, and their process ids mean different things.
    return f"{socket.gethostname()}/{_text('sys/kernel/random/boot_id')}/{_namespace()}".replace(" ", "_")


def _text(name: str) -> str:
    try:
        return (_PROC / name).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""


def _namespace() -> str:
    try:
        return str((_PROC / "self/ns/pid").readlink())
    except OSError:
        return ""


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # it is somebody else's
    # A dead child that nobody has waited for is still listed.
    return _status(pid)[:1] not in (["Z"], ["X"])


def _started(pid: int) -> str | None:
    """Return when a process started, in the kernel's own count; None where /proc does not say."""
    fields = _status(pid)
    return fields[19] if len(fields) > 19 else None


def _status(pid: int) -> list[str]:
    # The name of the program stands in brackets and may hold spaces and brackets itself.
    return _text(f"{pid}/stat").rpartition(")")[2].split()
