"""Programs that are run to score a reply, and how such a run ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.record import Record

ExecutionStatus: TypeAlias = Literal["exited", "timeout", "memory", "output", "signal", "not_started"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(Record):
    """What a program may use: seconds of wall time and of processor, bytes, processes."""

    seconds: float = 10.0
    memory: int = 512_000_000
    processes: int = 16
    file_bytes: int = 16_000_000
    output_bytes: int = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Program(Record):
    """Files (name -> content) in an empty folder, and the command that is run there without network."""

    files: Mapping[str, str]
    command: tuple[str, ...]
    stdin: str = ""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution(Record):
    """How a run of a program ended; `exit_code` is None where it did not end by itself."""

    status: ExecutionStatus
    exit_code: int | None = None
    stdout: str = ""
    stderr: str = ""
