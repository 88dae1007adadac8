"""A command as a candidate: a program that is kept alive and answers line by line, or a process per request."""

import asyncio
from collections.abc import Mapping
from itertools import count

from passmuster.adapters.providers.command.once import Once
from passmuster.adapters.providers.command.process import Fault
from passmuster.adapters.providers.command.settings import OWN_PARAMETERS, Command
from passmuster.adapters.providers.command.worker import Worker
from passmuster.adapters.providers.function.provider import exchange_of
from passmuster.adapters.providers.function.reply import Answered, read_answer
from passmuster.adapters.providers.function.request import check_parameters, function_request
from passmuster.adapters.providers.pipeline.link import current_link
from passmuster.adapters.providers.wire.errors import Redactor, UnreadableError
from passmuster.ports import Clock
from passmuster.records.candidate import Candidate
from passmuster.records.record import Json
from passmuster.records.trial import Exchange, Failure, Request, Source


class CommandProvider:
    """Asks a program by JSON lines on its stdin and stdout, or a process per request.

    Args:
        candidate: Its model and parameters are told to the program.
        command: The program and how it is run.
        clock: Where the times of attempts come from.
        timeout: Seconds for an answer.

    Raises:
        ConfigurationError: for a program that is not there, settings that do not fit together, or parameters
            that are no JSON data.

    Example:
        >>> import os
        >>> from pathlib import Path
        >>> from passmuster.testing import FakeClock, text_request
        >>> script = "read line; echo yes"
        >>> words = ("sh", "-c", script)
        >>> command = Command(words=words, folder=Path(), keep_alive=False, answer="text", environment=os.environ)
        >>> async def example() -> str:
        ...     provider = CommandProvider(Candidate(name="a", provider="command"), command, FakeClock())
        ...     return (await provider.ask(text_request("Hi"))).outcome.text
        >>> asyncio.run(example())
        'yes'
    """

    def __init__(self, candidate: Candidate, command: Command, clock: Clock, timeout: float = 120.0) -> None:
        command.check(candidate.name)
        check_parameters(candidate)
        self._candidate = candidate
        self._command = command
        self._clock = clock
        self._timeout = timeout
        self._redact = Redactor(command.secrets)
        kept = command.keep_alive
        self._processes = command.processes or (1 if kept else candidate.concurrency)
        self._slots = asyncio.Semaphore(self._processes * (command.in_flight if kept else 1))
        self._workers: list[Worker] = []
        self._running: set[Once] = set()
        self._keys = count(1)
        self._closing: set[asyncio.Task[None]] = set()
        self._faults = 0
        self._last = Fault("internal", "")
        self._reached = False

    @property
    def source(self) -> Source:
        """Return `simulated` for a simulated candidate, else `measured`."""
        return "simulated" if self._candidate.simulated else "measured"

    async def ask(self, request: Request) -> Exchange:
        """Ask the program once and give back how it ended; only cancellation is raised."""
        try:
            asked = function_request(request, self._candidate, OWN_PARAMETERS).data()
        except ValueError as problem:
            return self._failed(Fault("prompt", str(problem)), self._clock.now(), 0.0)
        # Waiting for a free program is no time of the program: the clock starts when it is asked.
        async with self._slots:
            if self._command.keep_alive:
                return await self._ask_kept(asked)
            return await self._ask_once(asked)

    async def close(self) -> None:
        """End all processes with their children, and wait until they are gone; may be called again."""
        workers, self._workers = self._workers, []
        for worker in workers:
            self._end(worker)
        for once in self._running:
            self._end(once)
        if self._closing:
            await asyncio.wait(self._closing)

    async def _ask_once(self, asked: Mapping[str, Json]) -> Exchange:
        link = current_link()
        once = Once(self._command, self._redact)
        self._running.add(once)
        started = self._clock.now()
        try:
            said = await once.run(asked, link.variables if link else {}, self._timeout)
        finally:
            self._running.discard(once)
            self._end(once)
        return self._account(said, started)

    async def _ask_kept(self, asked: Mapping[str, Json]) -> Exchange:
        now = self._clock.now()
        worker = self._free_worker()
        if worker is None:
            return self._failed(self._given_up(), now, 0.0)
        worker.promised += 1
        try:
            await asyncio.wait({worker.opened})
        finally:
            worker.promised -= 1
        started = self._clock.now()
        if worker.fault is not None:
            return self._lost(worker, worker.fault, now)
        key = str(next(self._keys))
        future = worker.put(key, asked)
        late = Fault("timeout", f"no answer within {self._timeout:g} s (does it flush its stdout?)")
        try:
            await asyncio.wait({future}, timeout=self._timeout)
        finally:
            if not future.done():
                worker.forget(key, late)
        if not future.done():
            return self._lost(worker, late, started)
        said = future.result()
        if isinstance(said, Fault):
            return self._lost(worker, said, started)
        self._faults, self._reached = 0, True
        return self._account(said, started)

    def _free_worker(self) -> Worker | None:
        """Return an idle program, a new one, or the least busy one; None where no more are started."""
        for worker in [worker for worker in self._workers if worker.fault is not None]:
            self._drop(worker)
        least = min(self._workers, key=lambda worker: worker.load, default=None)
        if least is not None and (least.load == 0 or len(self._workers) >= self._processes):
            return least
        if self._faults > self._command.restarts:
            return least
        link = current_link()
        worker = Worker(self._command, self._redact, link.shared if link else {})
        self._workers.append(worker)
        return worker

    def _drop(self, worker: Worker) -> None:
        self._workers.remove(worker)
        self._end(worker)

    def _end(self, running: Worker | Once) -> None:
        """See that a process is gone, without waiting for it here."""
        task = asyncio.get_running_loop().create_task(running.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _lost(self, worker: Worker, fault: Fault, started: float) -> Exchange:
        if worker.fault is not None and worker in self._workers:
            self._drop(worker)
            self._faults += 1
            self._last = fault
        return self._failed(fault, started, max(0.0, self._clock.now() - started))

    def _given_up(self) -> Fault:
        text = (
            f"the program failed {self._faults} times in a row and is not started again: {self._last.message}"
        )
        # One that never answered is as good as an address where nobody is.
        return Fault("internal" if self._reached else "connection", text)

    def _account(self, said: object, started: float) -> Exchange:
        seconds = max(0.0, self._clock.now() - started)
        if isinstance(said, Fault):
            return self._failed(said, started, seconds)
        try:
            return exchange_of(read_answer(said, self._redact.clean), started, seconds)
        except UnreadableError as problem:
            return self._failed(Fault(problem.kind, str(problem)), started, seconds)

    def _failed(self, fault: Fault, started: float, seconds: float) -> Exchange:
        failure = Failure(kind=fault.kind, message=self._redact.short(fault.message) or fault.kind)
        return exchange_of(Answered(outcome=failure), started, seconds)
