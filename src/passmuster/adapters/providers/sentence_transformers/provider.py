"""Embeddings by a model on this machine, through the package sentence-transformers (extra `embeddings`)."""

import asyncio
import importlib
import json
import math
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, TypeAlias

from passmuster.adapters.providers.openai.text import conversation_text
from passmuster.errors import MissingExtraError
from passmuster.ports import Clock
from passmuster.records.candidate import Candidate
from passmuster.records.trial import Attempt, Exchange, Failure, Reply, Request, Source

Encoder: TypeAlias = Callable[[str], Sequence[float]]
"""From a text to its vector."""


class SentenceTransformersProvider:
    """Answers with the vector of what is asked, as JSON text, like any embeddings endpoint.

    The model is loaded for the first text. Texts are embedded one by one: in a batch, a vector would depend in its
    last digits on the texts beside it.

    Args:
        candidate: Its `model` is a name or a folder; `revision` and `device` among its parameters are passed on.
        clock: Where the times of attempts come from.
        encoder: Stands in for the package in tests.

    Raises:
        MissingExtraError: where the package is not installed.
    """

    def __init__(self, candidate: Candidate, clock: Clock, *, encoder: Encoder | None = None) -> None:
        self._candidate = candidate
        self._clock = clock
        self._package: Any = _package() if encoder is None else None
        self._encoder = encoder
        self._lock = Lock()

    @property
    def source(self) -> Source:
        """Where its times come from: they are measured, but for a simulated candidate."""
        return "simulated" if self._candidate.simulated else "measured"

    async def ask(self, request: Request) -> Exchange:
        """Embed what is asked, in a thread; only cancellation is raised."""
        return await asyncio.to_thread(self._embed, request)

    async def close(self) -> None:
        """Let go of the model."""
        self._encoder = None if self._package is not None else self._encoder

    def _embed(self, request: Request) -> Exchange:
        with self._lock:
            started = self._clock.now()
            try:
                encoder = self._loaded()
                started = self._clock.now()
                text = conversation_text(request.conversation)
                numbers = [float(number) for number in encoder(text)]
            except Exception as problem:  # noqa: BLE001 - the package may raise anything; it becomes a value
                return self._failed(started, f"{type(problem).__name__}: {problem}")
            seconds = self._clock.now() - started
        if not numbers or not all(map(math.isfinite, numbers)):
            return self._failed(started, "the model gave no vector of finite numbers")
        reply = Reply(text=json.dumps(numbers, separators=(",", ":")), model=self._candidate.model)
        return Exchange(reply, Attempt(started=started, seconds=seconds, cost=0.0))

    def _failed(self, started: float, message: str) -> Exchange:
        seconds = self._clock.now() - started
        attempt = Attempt(started=started, seconds=seconds, error="internal", message=message, cost=0.0)
        return Exchange(Failure(kind="internal", message=message), attempt)

    def _loaded(self) -> Encoder:
        if self._encoder is None:
            parameters = self._candidate.parameters
            model = self._package.SentenceTransformer(
                self._candidate.model,
                revision=parameters.get("revision"),
                device=parameters.get("device", "cpu"),
            )

            def encode(text: str) -> Sequence[float]:
                found: Sequence[float] = model.encode(text, show_progress_bar=False)
                return found

            self._encoder = encode
        return self._encoder


def _package() -> Any:
    try:
        return importlib.import_module("sentence_transformers")
    except ImportError as problem:
        raise MissingExtraError(
            f"the provider sentence_transformers needs a package: {problem}",
            hint="pip install passmuster[embeddings]",
        ) from problem
