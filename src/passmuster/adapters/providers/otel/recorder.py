"""Recorders that learn of a pipeline's model calls from its OpenTelemetry spans: sent to us, or in a file."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

from passmuster.adapters.otlp.nesting import wrappers
from passmuster.adapters.providers.otel.protobuf import ProtobufError, read_request
from passmuster.adapters.providers.otel.spans import Span, read_spans
from passmuster.adapters.providers.pipeline.ledger import Account, Ledger, Unattributed
from passmuster.adapters.providers.pipeline.link import Link
from passmuster.adapters.providers.wire.errors import Redactor
from passmuster.records.record import Json
from passmuster.records.trial import Attempt, Request

BODY_LIMIT = 64 * 1024 * 1024
MOST_SPANS = 100_000
"""Spans kept of one trial."""
LOOK_EVERY = 0.02
"""Seconds between two looks into a file for spans that are not there yet."""


class _Call(NamedTuple):
    attempt: Attempt
    asked: str | None


@dataclass(slots=True)
class _Trace:
    parents: dict[str, str] = field(default_factory=dict)
    calls: dict[str, _Call] = field(default_factory=dict)


class SpanRecorder:
    """What both recorders share: spans are sorted by trial, and a trial waits for those that are on their way.

    Args:
        ledger: Where calls are noted.
        settle: Seconds that a trial waits, after its answer, for the span that all others are part of.
        secrets: Texts that never get into a message.
    """

    def __init__(self, ledger: Ledger, *, settle: float = 2.0, secrets: tuple[str, ...] = ()) -> None:
        self._ledger = ledger
        self._settle = settle
        self._redact = Redactor(secrets)
        self._traces: dict[str, _Trace] = {}

    @property
    def unattributed(self) -> Unattributed:
        """Model calls in spans that belong to no trial."""
        return self._ledger.unattributed

    def begin(self, request: Request) -> tuple[Account, Link]:
        """Open the account of a trial and return it with what its pipeline is told."""
        account = self._ledger.begin(request)
        self._traces[account.trace] = _Trace()
        variables = self._variables()
        own = {"TRACEPARENT": account.traceparent, **variables}
        return account, Link(traceparent=account.traceparent, variables=own, shared=variables)

    async def end(self, account: Account, *, lost: bool = False) -> tuple[Attempt, ...]:
        """Wait for the spans of a trial, close its account and return its model calls.

        A call inside another one is the same call, seen by two instrumentations: the inner one counts.
        """
        try:
            if not lost:
                await self._wait(account)
        except asyncio.CancelledError:
            lost = True
            raise
        finally:
            trace = self._traces.pop(account.trace)
            outer = wrappers(trace.calls, trace.parents)
            for name, call in trace.calls.items():
                if name not in outer:
                    self._ledger.note(account, call.attempt, call.asked)
            noted = self._ledger.end(account, lost=lost)
        return noted

    def take(self, body: Json) -> None:
        """Sort the spans of an OTLP request in its JSON form."""
        for span in read_spans(body, self._redact):
            account = self._ledger.by_trace(span.trace)
            if account is not None:
                self._keep(account, span)
            elif span.call is not None and self._ledger.is_past(span.trace):
                self._ledger.note_late(f"a span of {span.call.model or 'a model'} after its trial had ended")
            elif span.call is not None:
                self._ledger.note(None, span.call, span.asked)

    def _keep(self, account: Account, span: Span) -> None:
        trace = self._traces[account.trace]
        if len(trace.parents) >= MOST_SPANS:
            self._ledger.note_refused("more spans than are kept of a trial")
            return
        trace.parents[span.span] = span.parent
        if span.call is not None:
            trace.calls[span.span] = _Call(span.call, span.asked)
        if span.parent == account.span:
            account.root_seen.set()

    async def _wait(self, account: Account) -> None:
        try:
            async with asyncio.timeout(self._settle):
                await account.root_seen.wait()
        except TimeoutError:
            return

    def _variables(self) -> Mapping[str, str]:
        return {}


class SpanReceiver(SpanRecorder):
    """Listens for OTLP over HTTP, as JSON or protobuf, on loopback; `pipeline_provider.Recorder`."""

    def __init__(self, ledger: Ledger, *, settle: float = 2.0, secrets: tuple[str, ...] = ()) -> None:
        super().__init__(ledger, settle=settle, secrets=secrets)
        self._runner: web.AppRunner | None = None
        self.endpoint = ""

    async def start(self) -> None:
        """Listen on a free port of this machine; the address cannot be guessed."""
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_post(f"/{self._ledger.shared}/v1/traces", self._receive)
        self._runner = runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}/{self._ledger.shared}/v1/traces"

    async def close(self) -> None:
        """Stop listening; may be called again."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        data = await request.read()
        try:
            binary = request.content_type == "application/x-protobuf"
            self.take(read_request(data) if binary else json.loads(data))
        except (ProtobufError, ValueError, RecursionError) as problem:
            self._ledger.note_refused(f"spans that cannot be read: {str(problem)[:100]}")
            return web.json_response({"message": f"these spans cannot be read: {problem}"}, status=400)
        if binary:
            return web.Response(body=b"", content_type="application/x-protobuf")
        return web.json_response({})

    def _variables(self) -> Mapping[str, str]:
        return {
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": self.endpoint,
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",  # the one that all SDKs have
            "OTEL_BSP_SCHEDULE_DELAY": "200",  # milliseconds; by default spans are held back for 5 s
        }


class SpanFile(SpanRecorder):
    """Reads spans that a pipeline appends to a file, an OTLP request in JSON a line; `pipeline_provider.Recorder`.

    What the file holds at the start is passed over. A line longer than 64 MB is counted as refused.
    """

    def __init__(
        self, path: Path, ledger: Ledger, *, settle: float = 2.0, secrets: tuple[str, ...] = ()
    ) -> None:
        super().__init__(ledger, settle=settle, secrets=secrets)
        self._path = path
        self._at = 0
        self._skipping = False

    async def start(self) -> None:
        """Take note of where the file ends now."""
        self._at = self._path.stat().st_size if self._path.exists() else 0

    async def close(self) -> None:
        """Let go of nothing."""

    def look(self) -> None:
        """Read what has been appended since the last look, up to the last whole line."""
        try:
            with self._path.open("rb") as file:
                if file.seek(0, 2) < self._at:
                    self._at = 0  # the file was begun anew
                file.seek(self._at)
                data = file.read(BODY_LIMIT)
        except OSError:
            return
        end = data.rfind(b"\n") + 1
        if not end and len(data) >= BODY_LIMIT:
            self._at += len(data)
            self._skipping = True
            return
        self._at += end
        for line in data[:end].split(b"\n")[:-1]:
            self._line(line)

    def _line(self, line: bytes) -> None:
        skipped, self._skipping = self._skipping, False
        if skipped:
            self._ledger.note_refused(f"a line of spans of more than {BODY_LIMIT} bytes")
            return
        if not line.strip():
            return
        try:
            self.take(json.loads(line))
        except (ValueError, RecursionError) as problem:
            self._ledger.note_refused(f"spans that cannot be read: {str(problem)[:100]}")

    async def _wait(self, account: Account) -> None:
        try:
            async with asyncio.timeout(self._settle):
                self.look()
                while not account.root_seen.is_set():
                    await asyncio.sleep(LOOK_EVERY)
                    self.look()
        except TimeoutError:
            return
