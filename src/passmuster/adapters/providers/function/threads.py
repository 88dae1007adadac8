"""Threads for functions that may never end: none of them holds up the others, the event loop or the exit."""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call of somebody else's code ended: its value, or what it raised, and when (the clock's time)."""

    value: object
    raised: BaseException | None
    at: float


_Job = tuple[Callable[[], Ended], Callable[[Ended], None]]


class Threads:
    """Runs work in daemon threads that are kept for the next call; as many as there are calls at once.

    Python joins the threads of its own executors when it exits, so that one hanging call would hold the exit
    up for ever; these are daemons.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._idle: list[SimpleQueue[_Job | None]] = []
        self._closed = False

    def run(self, work: Callable[[], Ended]) -> "asyncio.Future[Ended]":
        """Start work, which must not raise, and return the future of its end; it sees this context."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Ended] = loop.create_future()
        queue = self._idle.pop() if self._idle else self._start()
        context = contextvars.copy_context()

        def finish(ended: Ended) -> None:
            if not future.done():
                future.set_result(ended)
            if self._closed:
                queue.put(None)
            else:
                self._idle.append(queue)

        def done(ended: Ended) -> None:
            loop.call_soon_threadsafe(finish, ended)

        queue.put((lambda: context.run(work), done))
        return future

    def close(self) -> None:
        """Let the threads end, each after the work that it is at; may be called again."""
        self._closed = True
        while self._idle:
            self._idle.pop().put(None)

    def _start(self) -> "SimpleQueue[_Job | None]":
        self._closed = False
        queue: SimpleQueue[_Job | None] = SimpleQueue()
        threading.Thread(target=_serve, args=(queue,), name=self._name, daemon=True).start()
        return queue


def _serve(queue: "SimpleQueue[_Job | None]") -> None:
    while (job := queue.get()) is not None:
        work, done = job
        ended = work()
        try:
            done(ended)
        except (
            RuntimeError
        ):  # the loop that asked is closed: nobody waits any more, and nobody will ask again
            return
        del job, work, done, ended


def run_task(call: Coroutine[Any, Any, object], now: Callable[[], float]) -> "asyncio.Task[Ended]":
    """Run a coroutine as a task that never raises but when it is cancelled; not even `SystemExit` gets out."""

    async def guarded() -> Ended:
        try:
            return Ended(await call, None, now())
        except asyncio.CancelledError as problem:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return Ended(None, problem, now())
        except BaseException as problem:  # noqa: BLE001 - whatever somebody else's code raises is its failure
            return Ended(None, problem, now())

    return asyncio.get_running_loop().create_task(guarded())
