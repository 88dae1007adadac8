"""What the simulator really did, to hold against what a client says it saw."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic_core import PydanticSerializationError, to_json

from passmuster.errors import UsageError
from passmuster.records.record import Record

CLIENT_LEFT = 499


@dataclass(frozen=True, slots=True, kw_only=True)
class Served(Record):
    """One request. Moments are in seconds since the epoch, by a clock that never runs backwards.

    `seconds` and `first_token` are drawn: of the simulated reply, before any time scale. `received` is when
    the request was there, `first_byte` when the first byte of content was written (a stream's first
    token), `last_byte` when the last one was, None where it never was; `ended` is None in the line that
    says that a request began. `pieces` are the moments of a stream's tokens. `late` is by how many real
    seconds the worst piece missed its moment.

    `status` 499 is a client that left before the end (`left`), None an answer without a status, as after
    a reset or at the end of the simulator. `fault` is what was done to the call on purpose; `limited` a
    refusal because of a rate limit, `retry_after` in how many real seconds it was told to come again.
    `turn` says which of the recordings was served, `trial` and `attempt` what the client said in
    `X-Passmuster-Trial` and `X-Passmuster-Attempt`; without the latter attempts are counted. `number`
    counts the requests of one start of the simulator, which `server` names.
    """

    model: str
    digest: str
    status: int | None
    seconds: float = 0.0
    first_token: float | None = None
    turn: int | None = None
    number: int = 0
    server: str = ""
    surface: str = ""
    repeat: str | None = None
    trial: str | None = None
    attempt: int | None = None
    streamed: bool = False
    received: float = 0.0
    first_byte: float | None = None
    last_byte: float | None = None
    ended: float | None = None
    late: float = 0.0
    fault: str | None = None
    limited: bool = False
    retry_after: float | None = None
    reported: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    complete: bool = False
    left: bool = False
    pieces: tuple[float, ...] = ()


class TruthLog:
    """Keeps what was served: in memory (`keep`), and in a JSONL file where a path is given.

    With `begun` a line is written, too, when a request comes: what has no other line was open when the
    simulator was killed. With `pieces` the moment of each token of a stream is kept.
    """

    def __init__(
        self, path: Path | None = None, *, keep: bool = True, begun: bool = False, pieces: bool = False
    ) -> None:
        self.served: list[Served] = []
        self.begun = 0
        self.ended = 0
        self._path = path
        self._keep = keep
        self.keeps_pieces = pieces
        self.tells_begun = begun and path is not None
        self._file: BinaryIO | None = None
        self._over: asyncio.Event | None = None

    def open(self) -> None:
        """Open the file for appending.

        Raises:
            UsageError: where it cannot be written.
        """
        if self._path is None:
            return
        try:
            self._file = self._path.open("ab", buffering=0)
        except OSError as problem:
            raise UsageError(f"{self._path} cannot be written: {problem.strerror}") from None

    def begin(self, served: Served) -> None:
        """Say that a request has come; its line is in the file when this returns."""
        self._write(served)

    def note(self, served: Served) -> None:
        """Add one request that is over; its line is in the file when this returns."""
        self.ended += 1
        if self._over is not None:
            self._over.set()
        if self._keep:
            self.served.append(served)
        self._write(served)

    async def idle(self) -> None:
        """Wait until as many requests have ended as have begun."""
        while self.ended < self.begun:
            self._over = self._over or asyncio.Event()
            self._over.clear()
            await self._over.wait()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, served: Served) -> None:
        if self._file is not None:
            self._file.write(_line(served))


def _line(served: Served) -> bytes:
    try:
        return to_json(served) + b"\n"
    except PydanticSerializationError:  # half a surrogate pair in a name
        return json.dumps(asdict(served)).encode("ascii") + b"\n"


def read_truth(path: Path) -> list[Served]:
    """Return the requests of a file in the order in which they ended; those that never did come last.

    A last line that a kill cut short is left out.
    """
    found: dict[object, Served] = {}
    with path.open(encoding="utf-8") as lines:
        for served in _parsed(lines):
            found.pop((served.server, served.number), None)
            found[served.server, served.number] = served
    return sorted(found.values(), key=lambda served: served.ended is None)


def _parsed(lines: Iterable[str]) -> Iterable[Served]:
    for line in lines:
        if line.endswith("\n"):
            data = json.loads(line)
            yield Served(**data | {"pieces": tuple(data.get("pieces", ()))})
