"""A pipeline or agent as a candidate: another provider, with the model calls that it makes on the way."""

import asyncio
from dataclasses import replace
from typing import Protocol

from passmuster.adapters.providers.pipeline.ledger import Account, Unattributed
from passmuster.adapters.providers.pipeline.link import Link, linked
from passmuster.ports import Clock, Provider
from passmuster.records.trial import Attempt, Exchange, Failure, Request, Source


class Recorder(Protocol):
    """Learns of the model calls that pipelines make, and under which trial."""

    @property
    def unattributed(self) -> Unattributed:
        """What was learned of and belongs to no trial."""

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: where that is not possible.
        """

    def begin(self, request: Request) -> tuple[Account, Link]:
        """Open the account of a trial, and say what its pipeline is to be told."""

    async def end(self, account: Account, *, lost: bool = False) -> tuple[Attempt, ...]:
        """Close the account of a trial and return its inner calls; those of a lost trial are counted as nobody's."""

    async def close(self) -> None:
        """Stop listening; may be called again."""


class PipelineProvider:
    """Asks another provider, and gives back its inner model calls beside the answer.

    The outer attempt has the times of the whole; tokens and money are those of the inner calls, so its own stay
    unknown. It closes the provider and the recorder that it is given.

    Args:
        provider: The pipeline itself: a function, a command, or anything else that can be asked.
        recorder: How its inner calls are learned of: a `RecordingProxy`, `SpanReceiver` or `SpanFile`.
        clock: Where the time of a trial that could not begin comes from.
    """

    def __init__(self, provider: Provider, recorder: Recorder, clock: Clock) -> None:
        self._provider = provider
        self._recorder = recorder
        self._clock = clock
        self._starting: asyncio.Task[None] | None = None

    @property
    def source(self) -> Source:
        """Return what the pipeline says of its times."""
        return self._provider.source

    @property
    def unattributed(self) -> Unattributed:
        """Model calls that belong to no trial, so far."""
        return self._recorder.unattributed

    async def ask(self, request: Request) -> Exchange:
        """Ask the pipeline once and give back how it ended; only cancellation is raised."""
        if self._starting is None:
            self._starting = asyncio.get_running_loop().create_task(self._recorder.start())
        try:
            await asyncio.shield(self._starting)
        except OSError as problem:
            message = f"the calls of the pipeline cannot be recorded: {problem}"
            failed = Attempt(started=self._clock.now(), seconds=0.0, error="internal", message=message)
            return Exchange(Failure(kind="internal", message=message), failed)
        account, link = self._recorder.begin(request)
        try:
            with linked(link):
                exchange = await self._provider.ask(request)
        except BaseException:  # a cancelled trial is stored nowhere
            await self._recorder.end(account, lost=True)
            raise
        inner = await self._recorder.end(account)
        outer = replace(exchange.attempt, usage=None, cost=None)
        return exchange._replace(attempt=outer, inner=(*exchange.inner, *inner))

    def remarks(self) -> tuple[str, ...]:
        """Return what a run should tell of the calls that are in no trial: its costs are incomplete then."""
        lost = self.unattributed
        cost = f" (${lost.cost:.4f})" if lost.cost else ""
        told = [
            f"{count:,} {what}"
            for count, what in (
                (lost.calls, f"of no trial{cost}"),
                (lost.late, "after their trial had ended"),
                (lost.refused, "refused or unreadable"),
            )
            if count
        ]
        return (
            (f"model calls outside its trials: {', '.join(told)}; its costs are incomplete",) if told else ()
        )

    async def close(self) -> None:
        """Close the pipeline, then the recorder; may be called again."""
        try:
            await self._provider.close()
        finally:
            if self._starting is not None:
                # A recorder that is closed while it starts would go on to listen.
                await asyncio.wait({self._starting})
            await self._recorder.close()
