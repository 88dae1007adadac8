"""Programs that are run to score a reply, and how such a run ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.record import Record

ExecutionStatus: TypeAlias = Literal["exited", "timeout", "memory", "output", "signal", "not_started"]
Harness: TypeAlias = Literal["python_tests", "command_tests", "sql"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(Record):
    """What a program may use: seconds of wall time and of processor, bytes, processes.

    `memory` is that of all its processes together, `file_bytes` that of all files that it writes.
    """

    seconds: float = 10.0
    memory: int = 512_000_000
    processes: int = 16
    file_bytes: int = 16_000_000
    output_bytes: int = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Program(Record):
    """Files (name -> content) in an empty folder, and the command that is run there without network.

    `inputs` are files of this machine (name -> path), found there as `inputs/<name>`; they cannot be changed.
    With a `harness` the sandbox runs that instead of a command: it is given `job`, a JSON text, and what it
    finds comes back as the `result` of the execution.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    stdin: str = ""
    limits: Limits = field(default_factory=Limits)
    inputs: Mapping[str, str] = field(default_factory=dict)
    harness: Harness | None = None
    job: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution(Record):
    """How a run of a program ended; `exit_code` is None where it did not end by itself.

    `reason` names the limit or the signal that ended it. `result` is what the harness found, a JSON text; it
    comes on a way of its own, so nothing that a program prints gets there. None: the harness never got that far.
    """

    status: ExecutionStatus
    exit_code: int | None = None
    stdout: str = ""
    stderr: str = ""
    reason: str = ""
    result: str | None = None
