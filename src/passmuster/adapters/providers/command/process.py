"""A process in a group of its own: lines out, the last words of its stderr, and an end that leaves nobody behind."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol, cast

from passmuster.adapters.providers.command.settings import Command
from passmuster.adapters.providers.wire.errors import KEY_LIKE, REDACTED, Redactor
from passmuster.records.trial import FailureKind

LAST_WORDS = 8_192
"""Bytes kept of what a process wrote to its stderr."""
QUOTED = 160
"""Characters of it that a failure quotes."""
AFTER_EXIT = 0.5
"""Seconds in which the output of a process that has ended must be read: a child of its own may hold it open."""
UNTIL_GONE = 5.0
"""Seconds to wait for a killed process."""


class Fault(NamedTuple):
    """Why a process is of no more use."""

    kind: FailureKind
    message: str


class Reader(Protocol):
    """Is told what a process does."""

    def line(self, data: bytes) -> None:
        """Take a whole line of its stdout."""

    def ended(self, fault: Fault) -> None:
        """Take note that it has ended, or is of no more use; told once."""


class Process(asyncio.SubprocessProtocol):
    """A running process; `open` starts one.

    A line longer than `command.longest` ends it. `code` is its exit code, None while it runs.
    """

    def __init__(self, command: Command, reader: Reader) -> None:
        self._command = command
        self._reader = reader
        self._transport: asyncio.SubprocessTransport | None = None
        self._output: list[bytes] = []
        self._held = 0
        self._errors = b""
        self._fault: Fault | None = None
        self._gone = asyncio.Event()
        self.code: int | None = None

    @classmethod
    async def open(cls, command: Command, reader: Reader, more: Mapping[str, str]) -> "Process":
        """Start the command with these environment variables besides its own.

        Raises:
            OSError: where it cannot be started.
        """
        process = cls(command, reader)
        await asyncio.get_running_loop().subprocess_exec(
            lambda: process,
            *command.words,
            cwd=command.folder,
            env={**command.environment, **more},
            start_new_session=True,  # its own group: killed with all its children
        )
        return process

    def write(self, data: bytes, *, last: bool = False) -> None:
        """Write to its stdin; `last` closes it."""
        pipe = self._pipe(0)
        if pipe is not None and not pipe.is_closing():
            pipe.write(data)
            if last and pipe.can_write_eof():
                pipe.write_eof()

    def kill(self, fault: Fault) -> None:
        """End it and all processes of its group now; what it says later is not heard."""
        self._tell(fault)
        transport = self._transport
        if transport is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(transport.get_pid(), signal.SIGKILL)
        if self.code is not None:
            transport.close()
            return
        # To close the transport of a process that runs would reap it behind the back of asyncio's own watcher.
        for fd in range(3):
            pipe = self._pipe(fd)
            if pipe is not None:
                pipe.close()

    async def gone(self) -> None:
        """Wait until a killed process is gone; not for ever."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(UNTIL_GONE):
                await self._gone.wait()

    def last_words(self, redact: Redactor) -> str:
        """Return the end of what it wrote to its stderr, without secrets."""
        text = KEY_LIKE.sub(REDACTED, redact.clean(self._errors.decode("utf-8", "replace")))
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return " | ".join(lines[-3:])[-QUOTED:]

    def rest(self) -> bytes:
        """Return what it wrote after the last whole line."""
        return b"".join(self._output)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take note of the transport."""
        self._transport = cast("asyncio.SubprocessTransport", transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Cut its stdout into lines, and keep the end of its stderr."""
        if fd == 2:
            self._errors = (self._errors + data)[-LAST_WORDS:]
            return
        *lines, rest = data.split(b"\n")
        for line in lines:
            self._output.append(line)
            whole, self._output, self._held = b"".join(self._output), [], 0
            if self._fault is None:
                self._reader.line(whole)
        if self._fault is None:
            self._output.append(rest)
            self._held += len(rest)
            if self._held > self._command.longest:
                self.kill(Fault("malformed", f"it wrote a line longer than {self._command.longest} bytes"))

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """See the end of its stdout, which is its end, and of its stdin, where it is kept alive."""
        del exc
        if fd == 1 and self.code is not None:
            self._end()
        elif fd != 2 and self.code is None and self._command.keep_alive:
            self._later(self._closed, ("stdin", "stdout")[fd])

    def process_exited(self) -> None:
        """See its end; what it wrote before may still be on its way."""
        self.code = self._transport.get_returncode() if self._transport is not None else None
        self._gone.set()
        if self._fault is None:
            self._later(self._end)
        elif self._transport is not None:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """See that all is read."""
        del exc
        self._end()

    def _closed(self, name: str) -> None:
        if self.code is None:
            self.kill(Fault("connection", f"it closed its {name}"))

    def _end(self) -> None:
        self.kill(Fault("connection", f"the program {_ending(self.code)}"))

    def _later(self, call: Callable[..., None], *arguments: str) -> None:
        if self._fault is None:
            asyncio.get_running_loop().call_later(AFTER_EXIT, call, *arguments)

    def _tell(self, fault: Fault) -> None:
        if self._fault is None:
            self._fault = fault
            self._reader.ended(fault)

    def _pipe(self, fd: int) -> asyncio.WriteTransport | None:
        if self._transport is None:
            return None
        return cast("asyncio.WriteTransport | None", self._transport.get_pipe_transport(fd))


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return f"was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"was ended by signal {-code}"
    return f"ended with exit code {code}"


def parse_line(data: bytes) -> dict[str, object] | None:
    """Return the JSON object of a line, None where it is none.

    Example:
        >>> parse_line(b'{"id": "1"}'), parse_line(b"loading ...")
        ({'id': '1'}, None)
    """
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
