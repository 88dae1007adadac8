"""A Python function as a candidate: plain or async, from the project folder or from anywhere."""

import asyncio
import hashlib
import inspect
import traceback
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from passmuster.adapters.providers.function.reply import Answered, read_answer
from passmuster.adapters.providers.function.request import FunctionRequest, check_parameters, function_request
from passmuster.adapters.providers.function.threads import Ended, Threads, run_task
from passmuster.adapters.providers.wire.errors import Redactor, UnreadableError
from passmuster.errors import ConfigurationError, Place
from passmuster.ports import Clock
from passmuster.records.candidate import Candidate
from passmuster.records.digest import DIGEST_LENGTH
from passmuster.records.record import Json, Record
from passmuster.records.trial import Attempt, Exchange, Failure, FailureKind, Request, Source

OWN_PARAMETERS = ("function", "source")
"""Parameters of the candidate that stand for the function's identity; the function is not told them."""
UNTIL_CANCELLED = 1.0
"""Seconds that an async function has to end once the provider is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionLimits(Record):
    """How a function is run; nothing in here decides what it answers.

    `threads` are the calls of a plain function at once (None: the candidate's concurrency), `abandoned` how
    many calls that outlived their time, or were cancelled, may still be running before no more are started,
    `secrets` texts that never get into a reply or message.
    """

    threads: int | None = None
    abandoned: int = 32
    secrets: tuple[str, ...] = field(default=(), repr=False)


def source_digest(*paths: Path) -> str:
    """Return the digest of the content of files: 32 hexadecimal digits, the same wherever the files lie.

    Raises:
        ConfigurationError: where a file cannot be read.
    """
    content = hashlib.sha256()
    for path in paths:
        try:
            data = path.read_bytes()
        except OSError as problem:
            message = f"{path.name} cannot be read: {problem.strerror}"
            raise ConfigurationError(message, place=Place(str(path))) from None
        content.update(len(data).to_bytes(8, "big") + data)
    return content.hexdigest()[:DIGEST_LENGTH]


def function_identity(
    reference: str, paths: Iterable[Path], parameters: Mapping[str, Json]
) -> dict[str, Json]:
    """Return the parameters of a candidate that is a function, its source among them.

    `reference` is `path.py:function`; of `paths` the first is its file, the others files that it reads or
    imports. A changed file makes another candidate, so that it is asked again.

    Raises:
        ConfigurationError: for a parameter by one of these names, or a file that cannot be read.
    """
    taken = next((name for name in OWN_PARAMETERS if name in parameters), None)
    if taken is not None:
        message = f"parameters: {taken!r} is taken: it stands for the function itself"
        raise ConfigurationError(message, hint="give the parameter another name")
    return {**parameters, "function": reference, "source": source_digest(*paths)}


class CallableProvider:
    """Asks a Python function; one `ask` is one call of it.

    A plain function runs in a thread of its own, an async one in the event loop. A thread cannot be stopped:
    one whose time is up is left behind, and counted.

    Args:
        candidate: Its model and parameters are told to the function.
        function: Takes a `FunctionRequest`; returns text, a mapping (see `docs/provider-python.md`), a
            `Reply` or a `Failure`.
        clock: Where the times of attempts come from.
        timeout: Seconds for a call.
        limits: How it is run.

    Raises:
        ConfigurationError: for parameters that are no JSON data.

    Example:
        >>> from passmuster.testing import FakeClock, text_request
        >>> candidate = Candidate(name="a", provider="python")
        >>> provider = CallableProvider(candidate, lambda request: request.input.upper(), FakeClock())
        >>> asyncio.run(provider.ask(text_request("hello"))).outcome.text
        'HELLO'
    """

    def __init__(
        self,
        candidate: Candidate,
        function: Callable[[FunctionRequest], object],
        clock: Clock,
        timeout: float = 120.0,
        *,
        limits: FunctionLimits | None = None,
    ) -> None:
        check_parameters(candidate)
        limits = limits or FunctionLimits()
        self._candidate = candidate
        self._function = function
        self._clock = clock
        self._timeout = timeout
        self._async = _is_async(function)
        self._file = _file_of(function)
        self._redact = Redactor(limits.secrets)
        threads = limits.threads or candidate.concurrency
        self._slots = asyncio.Semaphore(threads)
        self._most_left = limits.abandoned
        self._left: set[asyncio.Future[Ended]] = set()
        self._threads = Threads(f"passmuster-{candidate.name[:40]}")

    @property
    def source(self) -> Source:
        """Return `simulated` for a simulated candidate, else `measured`."""
        return "simulated" if self._candidate.simulated else "measured"

    @property
    def abandoned(self) -> int:
        """How many calls outlived their time and are still running."""
        return len(self._left)

    async def ask(self, request: Request) -> Exchange:
        """Call the function once and give back how it ended; only cancellation is raised."""
        try:
            asked = function_request(request, self._candidate, OWN_PARAMETERS)
        except ValueError as problem:
            return self._failed("prompt", str(problem), self._clock.now(), 0.0)
        if self._async:
            return await self._call(asked)
        # Waiting for a thread is no time of the function: the clock starts with its call.
        async with self._slots:
            return await self._call(asked)

    async def close(self) -> None:
        """Stop what is still running, as far as it can be stopped; may be called again."""
        self._threads.close()
        tasks = {future for future in self._left if isinstance(future, asyncio.Task) and not future.done()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=UNTIL_CANCELLED)

    async def _call(self, asked: FunctionRequest) -> Exchange:
        started = self._clock.now()
        if len(self._left) >= self._most_left:
            message = f"{len(self._left)} calls of the function run on past their time; no more are started"
            return self._failed("internal", message, started, 0.0)
        future = self._start(asked)
        try:
            done, _ = await asyncio.wait({future}, timeout=self._timeout)
        finally:
            if not future.done():
                self._leave(future)
        if done and not future.cancelled():
            return self._account(future.result(), started)
        message = f"no answer within {self._timeout:g} s"
        return self._failed("timeout", message, started, max(0.0, self._clock.now() - started))

    def _start(self, asked: FunctionRequest) -> "asyncio.Future[Ended]":
        if self._async:
            call = cast("Callable[[FunctionRequest], Coroutine[Any, Any, object]]", self._function)
            return run_task(_await(call, asked), self._clock.now)
        return self._threads.run(lambda: self._run(asked))

    def _run(self, asked: FunctionRequest) -> Ended:
        try:
            value = self._function(asked)
            if inspect.isawaitable(value):
                # A plain function that hands on a coroutine: it is run here, in a loop of this thread.
                value = asyncio.run(_until(value))
        except BaseException as problem:  # noqa: BLE001 - whatever the function raises is its failure
            return Ended(None, problem, self._clock.now())
        return Ended(value, None, self._clock.now())

    def _leave(self, future: "asyncio.Future[Ended]") -> None:
        self._left.add(future)
        future.add_done_callback(self._left.discard)
        if isinstance(future, asyncio.Task):
            future.cancel()

    def _account(self, ended: Ended, started: float) -> Exchange:
        seconds = max(0.0, ended.at - started)
        if ended.raised is not None:
            return self._failed("internal", self._told(ended.raised), started, seconds)
        try:
            answered = read_answer(ended.value, self._redact.clean)
        except UnreadableError as problem:
            return self._failed(problem.kind, str(problem), started, seconds)
        except Exception as problem:  # noqa: BLE001 - a mapping of the user's own class may raise anything
            return self._failed("malformed", self._told(problem), started, seconds)
        return exchange_of(answered, started, seconds)

    def _failed(self, kind: FailureKind, message: str, started: float, seconds: float) -> Exchange:
        failure = Failure(kind=kind, message=self._redact.short(message) or kind)
        return exchange_of(Answered(outcome=failure), started, seconds)

    def _told(self, problem: BaseException) -> str:
        line = None
        for frame in traceback.extract_tb(problem.__traceback__):
            if frame.filename == self._file:
                line = frame.lineno
        at = f"{Path(self._file).name}:{line}: " if line and self._file else ""
        try:
            said = str(problem)[:100_000]
        except Exception:  # noqa: BLE001 - an exception of the user's own class that cannot be shown
            said = "(it cannot be shown)"
        return f"{at}{type(problem).__name__}: {said}" if said else f"{at}{type(problem).__name__}"


def exchange_of(answered: Answered, started: float, seconds: float) -> Exchange:
    """Return what was answered with the account of the call."""
    failure = answered.outcome if isinstance(answered.outcome, Failure) else None
    attempt = Attempt(
        started=started,
        seconds=seconds,
        error=None if failure is None else failure.kind,
        message=None if failure is None else failure.message,
        usage=answered.usage,
        cost=answered.cost,
    )
    return Exchange(answered.outcome, attempt)


async def _await(
    call: Callable[[FunctionRequest], Coroutine[Any, Any, object]], asked: FunctionRequest
) -> object:
    return await call(asked)


async def _until(value: Any) -> object:
    return await value


def _is_async(function: Callable[..., object]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(_call_method(function))


def _file_of(function: Callable[..., object]) -> str | None:
    found = inspect.unwrap(function)
    found = getattr(found, "func", found)  # functools.partial
    code = getattr(found, "__code__", None) or getattr(_call_method(found), "__code__", None)
    return getattr(code, "co_filename", None)


def _call_method(found: object) -> object:
    return vars(type(found)).get("__call__")
