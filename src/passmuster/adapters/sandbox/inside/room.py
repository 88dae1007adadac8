"""Closes the room: namespaces without network, and a root of its own in which nothing else can be written.

Linux 5.14 or newer. Started by root it needs no user namespace and runs the program as a user that nobody is;
started by anybody else it makes one. Whatever cannot be done ends the process with the reason on stderr: there is
no weaker second way.
"""

import ctypes
import os
import stat
import sys
from typing import Any, NoReturn

LIBC = ctypes.CDLL(None, use_errno=True)

NEW_MOUNTS, NEW_NAMES, NEW_IPC, NEW_USERS, NEW_PIDS, NEW_NETWORK = (
    0x00020000,
    0x04000000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 8, 4096, 16384, 1 << 18
DETACH = 2
MOUNT_SETATTR = 442
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41, "ppc64le": 203, "s390x": 217}
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
KILL = 9
NOBODY = 1_000_000_000
"""Started by root, a program runs as the user with this number and its process's own added: nobody else is it."""
INSIDE = 1000
"""The user that a program is, inside a user namespace."""
DEVICES = ("null", "zero", "full", "random", "urandom")


class Attributes(ctypes.Structure):
    """`struct mount_attr` of mount_setattr(2)."""

    _fields_ = [
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("users", ctypes.c_uint64),
    ]


def stop(what: str) -> NoReturn:
    """End the process: the room cannot be closed."""
    number = ctypes.get_errno()
    sys.stderr.write(f"{what}: {os.strerror(number)}\n" if number else f"{what}\n")
    sys.stderr.flush()
    os._exit(125)


def done(result: int, what: str) -> None:
    """End the process where a call of the system failed."""
    if result != 0:
        stop(what)


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount something somewhere."""
    name = None if kind is None else kind.encode()
    result = LIBC.mount(
        os.fsencode(source), os.fsencode(target), name, ctypes.c_ulong(flags), options.encode()
    )
    done(result, f"mount {target}")


def closed(target: str, attributes: int) -> None:
    """Add attributes to a mount and to all below it."""
    wanted = Attributes(set=attributes)
    result = LIBC.syscall(
        MOUNT_SETATTR, -100, os.fsencode(target), 0x8000, ctypes.byref(wanted), ctypes.sizeof(wanted)
    )
    done(result, f"mount_setattr {target} (it needs Linux 5.12)")


def pivot_root(new: str, old: str) -> None:
    """Change the root; the C library has no function for it."""
    number = PIVOT_ROOT.get(os.uname().machine)
    if number is None:
        ctypes.set_errno(0)
        stop(f"pivot_root: not known on {os.uname().machine}")
    done(LIBC.syscall(number, os.fsencode(new), os.fsencode(old)), "pivot_root")


def leave(job: dict[str, Any]) -> int | None:
    """Move into namespaces of our own; returns, in a process that is the first there, the user of the program.

    None where the program is the same user, who has no rights there.
    """
    user, group = os.geteuid(), os.getegid()
    alone = NEW_MOUNTS | NEW_NAMES | NEW_IPC | NEW_PIDS | NEW_NETWORK
    if user == 0:
        done(LIBC.unshare(alone), "unshare as root (inside a container that forbids it?)")
    else:
        done(LIBC.unshare(alone | NEW_USERS), "unshare (are user namespaces allowed?)")
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{INSIDE} {user} 1")
        _write("/proc/self/gid_map", f"{INSIDE} {group} 1")
    stranger = NOBODY + os.getpid() if user == 0 else None
    first = os.fork()
    if first:
        _, status = os.waitpid(first, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    LIBC.prctl(PR_SET_PDEATHSIG, KILL)
    furnish(job)
    return stranger


def _write(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
    except OSError as error:
        ctypes.set_errno(error.errno or 0)
        stop(f"write {path}")


def furnish(job: dict[str, Any]) -> None:
    """Make the root: what may be read, bound read-only; /box and /tmp in memory; no way back."""
    size = int(job["limits"]["file_bytes"])
    mount("none", "/", None, RECURSIVE | PRIVATE)
    mount("tmpfs", "/tmp", "tmpfs", NO_SUID | NO_DEVICES, "mode=755,size=1m")  # noqa: S108 - in our own namespace
    os.mkdir("/tmp/old")  # noqa: S108 - in our own namespace
    os.mkdir("/tmp/new")  # noqa: S108 - in our own namespace
    pivot_root("/tmp", "/tmp/old")  # noqa: S108 - see above
    os.chdir("/")
    mount("tmpfs", "/new", "tmpfs", NO_SUID | NO_DEVICES, "mode=755,size=4m")
    for source, target in job["visible"]:
        bound(source, target, READ_ONLY | NO_SUID | NO_DEVICES)
    for folder in ("/new/box", "/new/tmp", "/new/dev", "/new/proc"):
        os.makedirs(folder, exist_ok=True)
    mount("tmpfs", "/new/dev", "tmpfs", NO_SUID, "mode=755,size=1m")
    for name in DEVICES:
        bound(f"/dev/{name}", f"/dev/{name}", NO_SUID)
    os.symlink("/proc/self/fd", "/new/dev/fd")
    os.mkdir("/new/dev/shm")
    for folder, most in (("box", job["box_bytes"]), ("tmp", size), ("dev/shm", size)):
        options = f"mode=1777,size={most},nr_inodes=4096"
        mount("tmpfs", f"/new/{folder}", "tmpfs", NO_SUID | NO_DEVICES, options)
    for name, source in job["inputs"].items():
        bound(source, f"/box/inputs/{name}", READ_ONLY | NO_SUID | NO_DEVICES | NO_EXEC)
    mount("proc", "/new/proc", "proc", NO_SUID | NO_DEVICES | NO_EXEC)
    shut()


def shut() -> None:
    """Leave the old root for good, and let nobody write in the new one."""
    os.chdir("/new")
    pivot_root(".", ".")
    done(LIBC.umount2(b".", DETACH), "umount the old root")
    os.chdir("/")
    wanted = Attributes(set=READ_ONLY)
    done(
        LIBC.syscall(MOUNT_SETATTR, -100, b"/", 0, ctypes.byref(wanted), ctypes.sizeof(wanted)),
        "mount_setattr /",
    )


def bound(source: str, target: str, attributes: int) -> None:
    """Show a file or folder of the old root in the new one; a link is made again."""
    old, new = f"/old{source}", f"/new{target}"
    os.makedirs(os.path.dirname(new), exist_ok=True)
    try:
        mode = os.lstat(old).st_mode
    except OSError as error:
        ctypes.set_errno(error.errno or 0)
        stop(f"look at {source}")
    if os.path.lexists(new):
        return
    if stat.S_ISLNK(mode):
        os.symlink(os.readlink(old), new)
        return
    if stat.S_ISDIR(mode):
        os.mkdir(new)
    else:
        os.close(os.open(new, os.O_CREAT | os.O_WRONLY, 0o644))
    mount(old, new, None, BIND | RECURSIVE)
    closed(new, attributes)
