"""What helps to test code that uses or extends passmuster: fakes, and suites that any adapter must pass."""

import asyncio
import heapq
import math
from collections.abc import Callable, Sequence
from itertools import count
from typing import get_args

from passmuster.metrics.conformance import HOSTILE_REFERENCES, HOSTILE_TEXTS, Suite, check_metric
from passmuster.ports import Provider
from passmuster.records.case import Case, Conversation, Message
from passmuster.records.trial import (
    Attempt,
    Exchange,
    Failure,
    FailureKind,
    Outcome,
    Reply,
    Request,
    Source,
    Usage,
)

__all__ = [
    "HOSTILE_REFERENCES",
    "HOSTILE_TEXTS",
    "FakeClock",
    "FakeProvider",
    "check_exchange",
    "check_metric",
    "check_provider",
    "text_request",
]

QUIET_TURNS = 25
"""Turns of the event loop without a new sleeper after which a fake clock takes everybody to be waiting."""


class FakeClock:
    """A clock whose time passes only when everybody waits for it; implements `ports.Clock`.

    With `auto` it jumps to the next sleeper as soon as the event loop has nothing else to do; without, the
    test moves it with `advance`. Work in threads is not waited for: use `advance` there.

    Example:
        >>> clock = FakeClock(start=100.0)
        >>> asyncio.run(clock.sleep(3600))
        >>> clock.now()
        3700.0
    """

    def __init__(self, start: float = 1_700_000_000.0, *, auto: bool = True) -> None:
        self._now = start
        self._auto = auto
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()
        self._quiet = 0
        self._watching = False

    def now(self) -> float:
        """Return the virtual time in seconds since the epoch."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until virtual time has passed; zero or less lets others run once."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), future))
        self._quiet = 0
        if self._auto and not self._watching:
            self._watching = True
            asyncio.get_running_loop().call_soon(self._watch)
        await future

    def advance(self, seconds: float) -> None:
        """Move time on and wake every sleeper whose time has come, in order."""
        end = self._now + seconds
        while self._sleepers and self._sleepers[0][0] <= end:
            moment, _, future = heapq.heappop(self._sleepers)
            self._now = max(self._now, moment)
            if not future.done():
                future.set_result(None)
        self._now = end

    def _watch(self) -> None:
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        if not self._sleepers:
            self._watching = False
            return
        self._quiet += 1
        if self._quiet > QUIET_TURNS:
            self._quiet = 0
            self.advance(max(0.0, self._sleepers[0][0] - self._now))
        asyncio.get_running_loop().call_soon(self._watch)


Scripted = Outcome | str | Exception
"""An outcome, the text of a reply, or an exception to raise: a provider that breaks."""


class FakeProvider:
    """Answers by a script, after a virtual delay; implements `ports.Provider`.

    Args:
        script: Outcomes in the order of the calls (the last one repeats), or a function of the request.
        clock: Where its times come from.
        delay: Seconds of each call, or a function of the request.
        usage: Tokens of each reply.
        source: What it says of its times.

    `asked` keeps every request in the order of arrival, `most_in_flight` the most calls open at once.

    Example:
        >>> provider = FakeProvider([Failure(kind="rate_limit", message="slow down"), "yes"])
        >>> request = Request(case=Case(id="1", input="a"), conversation=Conversation(messages=()))
        >>> [asyncio.run(provider.ask(request)).outcome for _ in range(2)][1].text
        'yes'
    """

    def __init__(
        self,
        script: Sequence[Scripted] | Callable[[Request], Scripted] = ("ok",),
        *,
        clock: FakeClock | None = None,
        delay: float | Callable[[Request], float] = 0.0,
        usage: Usage | None = None,
        source: Source = "measured",
    ) -> None:
        self._script = script
        self._clock = clock or FakeClock()
        self._delay = delay
        self._usage = usage
        self._source = source
        self.asked: list[Request] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.closed = False

    @property
    def source(self) -> Source:
        """Return what it was told to say."""
        return self._source

    async def ask(self, request: Request) -> Exchange:
        """Return the next outcome of the script, or raise it where it is an exception."""
        answer = self._next(request)
        self.asked.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        started = self._clock.now()
        try:
            await self._clock.sleep(self._delay(request) if callable(self._delay) else self._delay)
        finally:
            self.in_flight -= 1
        if isinstance(answer, Exception):
            raise answer
        seconds = self._clock.now() - started
        if isinstance(answer, Failure):
            failed = Attempt(started=started, seconds=seconds, error=answer.kind, message=answer.message)
            return Exchange(answer, failed)
        reply = Reply(text=answer) if isinstance(answer, str) else answer
        return Exchange(reply, Attempt(started=started, seconds=seconds, usage=self._usage))

    async def close(self) -> None:
        """Note that it was closed."""
        self.closed = True

    def _next(self, request: Request) -> Scripted:
        if callable(self._script):
            return self._script(request)
        return self._script[min(len(self.asked), len(self._script) - 1)]


async def check_provider(
    make_provider: Callable[[], Provider],
    *,
    request: Request | None = None,
    concurrent: int = 50,
    timeout: float = 30.0,  # noqa: ASYNC109 - the whole suite must end, whatever the provider does
) -> None:
    """Check that a provider keeps the promises of `ports.Provider`.

    It returns what it should for a usual request and for hostile text, many calls at once, a cancelled call
    and a second close; whether its answers are any good is not looked at.

    `request` is one that it can answer (else a plain text is asked), `concurrent` the calls at once, and
    `timeout` the seconds for all of it.

    Raises:
        AssertionError: saying which promise was broken.

    Example:
        >>> asyncio.run(check_provider(FakeProvider))
    """
    usual = request or text_request("What is the capital of France?")
    suite = Suite(subject=type(make_provider()).__name__)
    async with asyncio.timeout(timeout):
        provider = make_provider()
        suite.that(provider.source in get_args(Source), f"source is {provider.source!r}")
        try:
            check_exchange(await _ask(suite, provider, usual, "a usual request"), suite.subject)
            for name, text in HOSTILE_TEXTS.items():
                exchange = await _ask(suite, provider, text_request(text), name)
                check_exchange(exchange, f"{suite.subject}, asked {name}")
            await _check_many(suite, provider, usual, concurrent)
            await _check_cancel(suite, provider, usual)
        finally:
            await provider.close()
        for closed in (provider, make_provider()):
            try:
                await closed.close()
            except Exception as problem:
                message = f"{suite.subject}: close raised {problem!r} when called again, or without an ask"
                raise AssertionError(message) from problem


def text_request(text: str, repeat: int = 0) -> Request:
    """Return the request for a case of plain text without a prompt."""
    conversation = Conversation(messages=(Message(role="user", content=text),))
    return Request(case=Case(id="case", input=text), conversation=conversation, repeat=repeat)


def check_exchange(exchange: object, subject: str = "provider") -> None:
    """Check that an exchange is of the promised form.

    Raises:
        AssertionError: saying what is wrong with it.

    Example:
        >>> check_exchange(Exchange(Reply(text="yes"), Attempt(started=1.0, seconds=0.5)))
    """
    suite = Suite(subject=subject)
    if not isinstance(exchange, Exchange):
        raise AssertionError(f"{subject}: ask returned {exchange!r}, not an Exchange")  # noqa: TRY004 - a check
    outcome, attempt = exchange.outcome, exchange.attempt
    suite.that(isinstance(attempt, Attempt), f"attempt is {attempt!r}")
    if isinstance(outcome, Failure):
        suite.that(outcome.kind in get_args(FailureKind), f"failure kind is {outcome.kind!r}")
        suite.that(outcome.message, "a failure without message")
        suite.that(attempt.error == outcome.kind, f"attempt.error is {attempt.error!r}, not {outcome.kind!r}")
    else:
        suite.that(isinstance(outcome, Reply), f"outcome is {outcome!r}")
        suite.that(isinstance(outcome.text, str), f"text is {outcome.text!r}")
        suite.that(attempt.error is None, f"attempt.error is {attempt.error!r} beside a reply")
        for value in (outcome.confidence, *(outcome.probabilities or {}).values()):
            suite.that(value is None or 0 <= value <= 1, f"a confidence of {value!r}")
    _check_times(suite, attempt)
    _check_usage(suite, attempt.usage)


def _check_times(suite: Suite, attempt: Attempt) -> None:
    seconds, first = attempt.seconds, attempt.first_token
    suite.that(math.isfinite(attempt.started) and attempt.started > 0, f"started is {attempt.started!r}")
    suite.that(seconds is None or (math.isfinite(seconds) and seconds >= 0), f"seconds is {seconds!r}")
    if first is not None:
        suite.that(seconds is not None and 0 <= first <= seconds, f"first_token {first!r} of {seconds!r} s")
    for value in (attempt.retry_after, attempt.cost):
        suite.that(
            value is None or (math.isfinite(value) and value >= 0), f"retry_after or cost is {value!r}"
        )


def _check_usage(suite: Suite, usage: Usage | None) -> None:
    usage = usage or Usage()
    for value in (usage.input, usage.output, usage.cached, usage.reasoning):
        suite.that(value is None or value >= 0, f"usage is {usage!r}")
    for part, whole in ((usage.cached, usage.input), (usage.reasoning, usage.output)):
        suite.that(part is None or whole is None or part <= whole, f"usage has {part} of {whole} tokens")


async def _ask(suite: Suite, provider: Provider, request: Request, name: str) -> Exchange:
    try:
        return await provider.ask(request)
    except Exception as problem:
        message = f"{suite.subject}: ask raised {problem!r} when asked {name}; a failure is a value"
        raise AssertionError(message) from problem


async def _check_many(suite: Suite, provider: Provider, request: Request, number: int) -> None:
    name = f"{number} times at once"
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_ask(suite, provider, request, name)) for _ in range(number)]
    for task in tasks:
        check_exchange(task.result(), f"{suite.subject}, asked {name}")


async def _check_cancel(suite: Suite, provider: Provider, request: Request) -> None:
    for turns in (0, 1, 3, 10):
        task = asyncio.ensure_future(provider.ask(request))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        problem = None if task.cancelled() else task.exception()
        suite.that(problem is None, f"a cancelled ask ended with {problem!r}")
    exchange = await _ask(suite, provider, request, "after a cancelled call")
    check_exchange(exchange, f"{suite.subject}, after a cancelled call")
