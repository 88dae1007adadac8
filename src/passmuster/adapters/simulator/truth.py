"""What the simulator really did, to hold against what a client says it saw."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from passmuster.records.record import Record

CLIENT_LEFT = 499


@dataclass(frozen=True, slots=True, kw_only=True)
class Served(Record):
    """One request: `seconds` and `first_token` as simulated, before any time scale.

    `turn` says which of the recordings was served; `status` 499 is a client that left before the end.
    """

    model: str
    digest: str
    status: int
    seconds: float = 0.0
    first_token: float | None = None
    turn: int | None = None


class TruthLog:
    """Keeps what was served in memory, and in a JSONL file where a path is given."""

    def __init__(self, path: Path | None = None) -> None:
        self.served: list[Served] = []
        self._path = path
        self._file: TextIO | None = None

    def open(self) -> None:
        """Open the file for appending."""
        if self._path is not None:
            self._file = self._path.open("a", encoding="utf-8", buffering=1)

    def note(self, served: Served) -> None:
        """Add one request; its line is in the file when this returns."""
        self.served.append(served)
        if self._file is not None:
            self._file.write(json.dumps(asdict(served)) + "\n")

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
