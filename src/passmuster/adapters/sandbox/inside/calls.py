"""Takes system calls away from a program: those by which it would get new rights, or memory that nobody counts.

In a user namespace of its own a program could mount file systems of any size, and reach much of the kernel that
is for root alone. What it holds in memory files, segments of System V or rings belongs to no process and no limit.
"""

import ctypes
import errno
import platform
import struct
from collections.abc import Mapping, Sequence
from typing import Any

PR_SET_SECCOMP, FILTER = 22, 2
LOAD, EQUAL, GREATER_OR_EQUAL, ANY_OF, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT = 0, 4, 16
ALLOW, FAIL, KILL = 0x7FFF0000, 0x00050000, 0x80000000
NAMESPACES = 0x7E020000
"""The flags of clone(2) that make a namespace of any kind."""
OTHER_ABI = 0x40000000
"""From here on a number of x86_64 is one of x32."""

CLONE = {"x86_64": 56, "aarch64": 220, "riscv64": 220}
CLONE3 = 435
"""Its flags lie in memory, so a filter cannot see them; the C library takes clone(2) where there is none."""
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7, "riscv64": 0xC00000F3}
NEWER = {"io_uring_setup": 425, "memfd_secret": 447}
GENERIC = {
    "unshare": 97,
    "setns": 268,
    "memfd_create": 279,
    "shmget": 194,
    "msgget": 186,
    "add_key": 217,
    "request_key": 218,
    "keyctl": 219,
    "bpf": 280,
    "userfaultfd": 282,
    "perf_event_open": 241,
}
TAKEN: Mapping[str, Mapping[str, int]] = {
    "x86_64": {
        "unshare": 272,
        "setns": 308,
        "memfd_create": 319,
        "shmget": 29,
        "msgget": 68,
        "add_key": 248,
        "request_key": 249,
        "keyctl": 250,
        "bpf": 321,
        "userfaultfd": 323,
        "perf_event_open": 298,
    },
    "aarch64": GENERIC,
    "riscv64": GENERIC,
}


class Filter(ctypes.Structure):
    """`struct sock_fprog` of seccomp(2)."""

    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def rules(machine: str) -> Sequence[tuple[int, int, int, int]]:
    """Return the filter of a machine: operation, how far to jump where it holds and where not, value."""
    refuse = (RETURN, 0, 0, FAIL | errno.EPERM)
    found = [
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER_AT),
        (GREATER_OR_EQUAL, 0, 1, OTHER_ABI),
        (RETURN, 0, 0, KILL),
        (EQUAL, 0, 1, CLONE3),
        (RETURN, 0, 0, FAIL | errno.ENOSYS),
    ]
    for number in (*TAKEN[machine].values(), *NEWER.values()):
        found += [(EQUAL, 0, 1, number), refuse]
    return [
        *found,
        (EQUAL, 0, 3, CLONE[machine]),
        (LOAD, 0, 0, FIRST_ARGUMENT_AT),
        (ANY_OF, 0, 1, NAMESPACES),
        refuse,
        (RETURN, 0, 0, ALLOW),
    ]


def take_away(libc: Any) -> int:
    """Set the filter for this process and all that it starts, for good; returns 0, or what prctl(2) returns.

    On machines whose numbers are not known here nothing is taken away: the probe sees what is left open.
    """
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        return 0
    packed = [struct.pack("=HBBI", *rule) for rule in rules(machine)]
    program = Filter(len(packed), b"".join(packed))
    result: int = libc.prctl(PR_SET_SECCOMP, FILTER, ctypes.byref(program), 0, 0)
    return result
