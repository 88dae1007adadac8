"""Tries whether a room is closed: a program inside looks for ways out, and says which it found."""

import json
import sys
from typing import Protocol

from passmuster.records.program import Execution, Limits, Program

LIMITS = Limits(seconds=20.0, memory=200_000_000, processes=6, file_bytes=1_000_000, output_bytes=100_000)

PROBE = """
import json, os, socket, time
open_ways = []
def tried(name, act):
    try:
        act()
    except OSError:
        return
    open_ways.append(name)
def connect():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as each:
        each.connect(("192.0.2.1", 9))
def many():
    for _ in range(40):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
def big():
    with open("big", "wb") as file:
        for _ in range(64):
            file.write(bytes(100_000))
for folder in ("/", "/usr", "/etc", "/var", "/srv", "/opt"):
    tried("files", lambda: os.open(folder + "/.passmuster", os.O_CREAT | os.O_EXCL | os.O_WRONLY))
tried("network", connect)
if any(name != "lo" for _, name in socket.if_nameindex()):
    open_ways.append("network")
if len([name for name in os.listdir("/proc") if name.isdigit()]) > 16:
    open_ways.append("other processes")
tried("size of files", big)
try:
    bytearray(1 << 34)
    open_ways.append("memory")
except MemoryError:
    pass
tried("number of processes", many)
def own_room():
    import ctypes
    if ctypes.CDLL(None).unshare(0x10000000) != 0:
        raise PermissionError
tried("namespaces of its own", own_room)
print(json.dumps(sorted(set(open_ways))))
"""


class Runs(Protocol):
    """What is probed."""

    def run(self, program: Program) -> Execution:
        """Run a program."""


def leak(sandbox: Runs, python: tuple[str, ...]) -> str | None:
    """Return why this is no sandbox: it cannot start, or a way out of it is open; None where it is one.

    Args:
        sandbox: What is probed.
        python: The Python inside, with its flags.
    """
    if sys.platform != "linux":
        return "it needs Linux"
    execution = sandbox.run(Program(command=(*python, "-c", PROBE), limits=LIMITS))
    if execution.status != "exited" or execution.exit_code != 0:
        said = execution.reason or execution.stderr.strip()[-200:] or execution.status
        return f"it does not start: {said}"
    try:
        ways = json.loads(execution.stdout)
    except ValueError:
        return f"what runs inside says nothing that can be read: {execution.stdout[:100]!r}"
    return f"it does not hold back: {', '.join(ways)}" if ways else None
