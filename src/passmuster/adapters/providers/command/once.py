"""A process for a single request: JSON in, its whole output out."""

import asyncio
import json
from collections.abc import Mapping

from passmuster.adapters.providers.command.process import Fault, Process, parse_line
from passmuster.adapters.providers.command.settings import Command
from passmuster.adapters.providers.wire.errors import Redactor
from passmuster.records.record import Json


class Once:
    """Runs the command once; it ends with exit code 0 and an answer, or it is a fault."""

    def __init__(self, command: Command, redact: Redactor) -> None:
        self._command = command
        self._redact = redact
        self._lines: list[bytes] = []
        self._held = 0
        self._process: Process | None = None
        self._ended: asyncio.Future[Fault] = asyncio.get_running_loop().create_future()

    async def run(
        self, asked: Mapping[str, Json], variables: Mapping[str, str], seconds: float
    ) -> object | Fault:
        """Return what it answered, an object or text, within these seconds; cancelled, it is killed.

        Raises:
            TypeError: where the request is no JSON data.
        """
        line = json.dumps({"id": "1", **asked}).encode("ascii") + b"\n"
        try:
            self._process = await Process.open(self._command, self, variables)
        except (OSError, ValueError) as problem:
            return Fault("connection", f"{self._command.words[0]!r} cannot be started: {problem}")
        try:
            self._process.write(line, last=True)
            await asyncio.wait({self._ended}, timeout=seconds)
        finally:
            if not self._ended.done():
                self._process.kill(Fault("timeout", f"no answer within {seconds:g} s"))
        return self._answer(self._process)

    async def close(self) -> None:
        """End the process and wait until it is gone."""
        if self._process is not None:
            self._process.kill(Fault("internal", "the provider was closed"))
            await self._process.gone()

    def line(self, data: bytes) -> None:
        """Keep a line, up to the longest output."""
        self._lines.append(data)
        self._held += len(data) + 1
        if self._held > self._command.longest and self._process is not None:
            self._process.kill(Fault("malformed", f"it wrote more than {self._command.longest} bytes"))

    def ended(self, fault: Fault) -> None:
        """Take note of its end."""
        if not self._ended.done():
            self._ended.set_result(fault)

    def _answer(self, process: Process) -> object | Fault:
        fault = self._ended.result()
        if process.code != 0 or fault.kind != "connection":
            said = process.last_words(self._redact)
            return Fault(fault.kind, f"{fault.message}; stderr: {said}") if said else fault
        output = b"\n".join([*self._lines, process.rest()])
        if self._command.answer == "text":
            return output.decode("utf-8", "replace").removesuffix("\n")
        body = parse_line(output)
        if body is None:
            shown = self._redact.clean(output[:2_000].decode("utf-8", "replace")).strip()[:80]
            return Fault("malformed", f"it wrote no JSON object: {shown!r}")
        body.pop("id", None)
        return body
