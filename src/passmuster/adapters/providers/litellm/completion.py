"""Candidates that LiteLLM reaches: Bedrock, Vertex, and whatever else it speaks to (extra `litellm`)."""

import asyncio
import contextlib
import importlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from passmuster.adapters.providers.litellm.errors import failure_of, headers_of
from passmuster.adapters.providers.openai.body import BodyWriter
from passmuster.adapters.providers.openai.reply import Draft
from passmuster.adapters.providers.wire.call import Call, whole_usage
from passmuster.adapters.providers.wire.errors import Redactor, secret_values
from passmuster.adapters.providers.wire.limits import read_limits, retry_after
from passmuster.adapters.tokens import read_usage
from passmuster.errors import ConfigurationError, MissingExtraError
from passmuster.ports import Clock
from passmuster.records.candidate import Candidate
from passmuster.records.record import Json
from passmuster.records.trial import Exchange, Failure, Outcome, Reply, Request, Source, Usage

OFFLINE = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
}
"""What LiteLLM would fetch from the network by itself, told to come from the installed package."""
QUIET: Mapping[str, object] = {
    "telemetry": False,
    "suppress_debug_info": True,
    "disable_hf_tokenizer_download": True,
    "num_retries": 0,
}
UNTIL_CLOSED = 1.0
"""Seconds in which a stream has to let go of its connection."""
OWN_PARAMETERS = ("api_key", "timeout", "num_retries", "max_retries", "fallbacks")
"""What the project file sets elsewhere, or what would hide from the account how a call went."""


class LiteLLMProvider:
    """Asks one candidate through LiteLLM; one `ask` is one call, and LiteLLM repeats none by itself.

    Args:
        candidate: Its `model` is LiteLLM's (`bedrock/...`, `vertex_ai/...`), parameters are passed on as
            they are, `endpoint` is LiteLLM's `api_base`.
        api_key: None leaves it to LiteLLM, which reads the variables that it documents.
        clock: Where the times of attempts come from.
        timeout: Seconds for a whole attempt.
        headers: Sent beside LiteLLM's own.
        library: Stands in for the installed package.

    Raises:
        MissingExtraError: where LiteLLM is not installed.
        ConfigurationError: for a candidate without a model, or parameters that cannot be sent.
    """

    def __init__(
        self,
        candidate: Candidate,
        api_key: str | None,
        clock: Clock,
        timeout: float = 120.0,
        *,
        headers: Mapping[str, str] | None = None,
        library: Any = None,
    ) -> None:
        for name in OWN_PARAMETERS:
            if name in candidate.parameters:
                raise ConfigurationError(
                    f"candidate {candidate.name!r}: `{name}` is no parameter of a LiteLLM candidate",
                    hint="see docs/provider-litellm.md for where it is set",
                )
        self._simulated = candidate.simulated
        self._body = BodyWriter(candidate)
        self._priced = candidate.price is not None
        self._clock = clock
        self._timeout = timeout
        self._library = load_litellm() if library is None else library
        self._fixed: dict[str, Any] = {"num_retries": 0, "max_retries": 0, "timeout": timeout}
        if api_key and api_key.strip():
            self._fixed["api_key"] = api_key.strip()
        if candidate.endpoint:
            self._fixed["api_base"] = candidate.endpoint
        if headers:
            self._fixed["extra_headers"] = dict(headers)
        self._redact = Redactor([api_key and api_key.strip(), *secret_values(headers or {})])

    @property
    def source(self) -> Source:
        """Return `simulated` for a simulated candidate, else `measured`."""
        return "simulated" if self._simulated else "measured"

    async def ask(self, request: Request) -> Exchange:
        """Make one call and give back how it ended; only cancellation is raised."""
        call, spent = Call(self._clock.now()), _Spent()
        try:
            arguments = json.loads(self._body.write(request.conversation))
        except ValueError as problem:
            failure = Failure(kind="prompt", message=str(problem))
            return Exchange(failure, call.attempt(failure, None))
        outcome: Outcome
        try:
            async with asyncio.timeout(self._timeout):
                outcome = await self._call(arguments, call, spent)
        except TimeoutError:
            outcome = Failure(kind="timeout", message=f"no complete answer within {self._timeout:g} s")
        except Exception as problem:  # noqa: BLE001  # whatever LiteLLM raises is how this call ended
            outcome = self._failure(problem, call)
        call.ended = self._clock.now()
        if isinstance(outcome, Reply):
            spent.usage = whole_usage(spent.usage, request.conversation, outcome)
        attempt = replace(call.attempt(outcome, spent.usage), cost=spent.cost)
        return Exchange(outcome, attempt, limits=call.limits)

    async def close(self) -> None:
        """Do nothing: the connections are LiteLLM's, and it closes them when the process ends.

        `litellm.close_litellm_async_clients` would close those of everyone in this process, and LiteLLM would
        go on to take the closed ones out of its cache.
        """

    async def _call(self, arguments: dict[str, Any], call: Call, spent: "_Spent") -> Outcome:
        answer = await self._library.acompletion(**arguments, **self._fixed)
        draft = Draft()
        try:
            if self._body.stream:
                async for chunk in answer:
                    if draft.event(_as_json(chunk)):
                        call.piece(self._clock.now())
            else:
                draft.whole(_as_json(answer))
        finally:
            spent.usage = _usage(draft.reported)
            if self._body.stream:
                await _let_go(answer)
        hidden = _mapping(getattr(answer, "_hidden_params", None))
        call.limits = read_limits(headers_of(hidden.get("additional_headers")), self._clock.now())
        if not self._priced:
            spent.cost = _dollars(hidden.get("response_cost"), draft.reported)
        return draft.reply(self._redact.clean)

    def _failure(self, problem: Exception, call: Call) -> Failure:
        kind, status, message = failure_of(problem)
        call.status = status
        found = headers_of(
            getattr(problem, "litellm_response_headers", None)
            or getattr(getattr(problem, "response", None), "headers", None)
        )
        call.retry_after = retry_after(found, self._clock.now())
        call.limits = read_limits(found, self._clock.now())
        return Failure(kind=kind, message=self._redact.short(message))


def load_litellm() -> Any:
    """Return the package LiteLLM, told to fetch nothing by itself and to send nothing home.

    Raises:
        MissingExtraError: where it is not installed.
    """
    for name, value in OFFLINE.items():
        os.environ.setdefault(name, value)
    try:
        library = importlib.import_module("litellm")
    except ImportError as problem:
        raise MissingExtraError(
            f"the provider litellm needs the package LiteLLM: {problem}",
            hint="pip install passmuster[litellm]",
        ) from problem
    for name, setting in QUIET.items():
        setattr(library, name, setting)
    return library


@dataclass(slots=True)
class _Spent:
    """What a call has used so far, as LiteLLM tells it."""

    usage: Usage | None = None
    cost: float | None = None


async def _let_go(stream: Any) -> None:
    """Close a stream: one that is not read to its end would keep its connection, and the model at work."""
    if hasattr(stream, "aclose"):
        with contextlib.suppress(Exception):
            async with asyncio.timeout(UNTIL_CLOSED):
                await stream.aclose()


def _as_json(answer: Any) -> bytes:
    return json.dumps(answer.model_dump(), default=str).encode("ascii")


def _mapping(value: object) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _usage(raw: Json) -> Usage | None:
    """Return the tokens; LiteLLM counts those that were written to a cache as part of the prompt."""
    usage = read_usage(raw)
    if usage is None or usage.input is None or usage.cache_write is not None:
        return usage
    written = _mapping(raw).get("cache_creation_input_tokens")
    if type(written) is not int or not 0 < written <= usage.input:
        return usage
    return replace(usage, cache_write=written)


def _dollars(reported: Json, usage: Json) -> float | None:
    for value in (reported, _mapping(usage).get("cost")):
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e9:
            return float(value)
    return None
