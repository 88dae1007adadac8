"""A program that is kept alive: requests in and answers out, each by its id, several at once where it can."""

import asyncio
import json
from collections.abc import Mapping

from passmuster.adapters.providers.command.process import Fault, Process, parse_line
from passmuster.adapters.providers.command.settings import Command
from passmuster.adapters.providers.wire.errors import Redactor
from passmuster.records.record import Json

Said = Mapping[str, object] | Fault
"""The object that the program answered, or why it cannot answer any more."""


class Worker:
    """One program; `opened` ends when it can be asked, or with the fault that keeps it from that.

    `promised` are the requests that it will be given then.

    Args:
        command: What is started.
        redact: Takes secrets out of what it said.
        variables: Environment variables besides the command's own.
    """

    def __init__(self, command: Command, redact: Redactor, variables: Mapping[str, str]) -> None:
        self._command = command
        self._redact = redact
        self._waiting: dict[str, asyncio.Future[Said]] = {}
        self._forgotten: set[str] = set()
        self._process: Process | None = None
        self._ready: asyncio.Future[Fault | None] = asyncio.get_running_loop().create_future()
        self.fault: Fault | None = None
        self.promised = 0
        self.opened = asyncio.get_running_loop().create_task(self._open(variables))

    @property
    def load(self) -> int:
        """How many requests it is at, those that nobody waits for and those that wait for its start included."""
        return len(self._waiting) + len(self._forgotten) + self.promised

    def put(self, key: str, asked: Mapping[str, Json]) -> "asyncio.Future[Said]":
        """Give it a request and return the future of what it says to it.

        Raises:
            TypeError: where the request is no JSON data.
        """
        line = json.dumps({"id": key, **asked}).encode("ascii") + b"\n"
        future: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        if self._process is None or self.fault is not None:
            future.set_result(self.fault or Fault("internal", "the program is closed"))
            return future
        self._waiting[key] = future
        self._process.write(line)
        return future

    def forget(self, key: str, fault: Fault) -> None:
        """Wait no more for an answer; a program that is at nothing else is ended: it may hang."""
        if self._waiting.pop(key, None) is None:
            return
        self._forgotten.add(key)
        if len(self._forgotten) >= self._command.in_flight:
            self.kill(fault)

    def kill(self, fault: Fault) -> None:
        """End the program; whoever waits is told why."""
        if self._process is not None:
            self._process.kill(fault)
        elif self.fault is None:
            self.ended(fault)

    async def close(self) -> None:
        """End the program and wait until it is gone."""
        self.kill(Fault("internal", "the provider was closed"))
        self.opened.cancel()
        await asyncio.wait({self.opened})
        if self._process is not None:
            self.kill(Fault("internal", "the provider was closed"))
            await self._process.gone()

    def line(self, data: bytes) -> None:
        """Take a line: an answer, or the end of a program that says something else."""
        if not data.strip():
            return
        body = parse_line(data)
        if not self._ready.done() and body is not None and body.get("ready") is True:
            self._ready.set_result(None)
            return
        key = str(body.pop("id", None)) if body is not None else ""
        if body is not None and key in self._forgotten:
            self._forgotten.discard(key)
        elif body is not None and key in self._waiting:
            future = self._waiting.pop(key)
            if not future.done():
                future.set_result(body)
        else:
            what = "no JSON object" if body is None else "no answer to a request"
            shown = self._redact.clean(data[:2_000].decode("utf-8", "replace")).strip()[:80]
            hint = "stdout is for answers, other words go to stderr"
            self.kill(Fault("malformed", f"it wrote {what}: {shown!r} ({hint})"))

    def ended(self, fault: Fault) -> None:
        """Tell everyone who waits why there will be no answer, with the program's last words."""
        if self.fault is None:  # what is said of a program that was closed while it started is no news
            said = self._process.last_words(self._redact) if self._process is not None else ""
            self.fault = Fault(fault.kind, f"{fault.message}; stderr: {said}") if said else fault
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_result(self.fault)
        if not self._ready.done():
            self._ready.set_result(self.fault)

    async def _open(self, variables: Mapping[str, str]) -> Fault | None:
        try:
            self._process = await Process.open(self._command, self, variables)
        except (OSError, ValueError) as problem:
            self.ended(Fault("connection", f"{self._command.words[0]!r} cannot be started: {problem}"))
            return self.fault
        if not self._command.ready:
            return self.fault
        await asyncio.wait({self._ready}, timeout=self._command.start_timeout)
        if not self._ready.done():
            limit = f"{self._command.start_timeout:g} s"
            self.kill(Fault("timeout", f'it did not say {{"ready": true}} within {limit}'))
        return self.fault
