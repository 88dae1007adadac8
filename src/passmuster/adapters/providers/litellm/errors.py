"""What LiteLLM raises, as kinds of failure."""

import re
from collections.abc import Iterator, Mapping

from passmuster.adapters.providers.wire.errors import UnreadableError, kind_of_error
from passmuster.records.trial import FailureKind

NAMED: Mapping[str, FailureKind] = {
    "Timeout": "timeout",
    "APIResponseValidationError": "malformed",
    "JSONSchemaValidationError": "malformed",
    "BudgetExceededError": "quota",
    "PaymentRequiredError": "quota",
}
"""Exceptions whose class says more than the status that LiteLLM gives them."""
NO_ANSWER: Mapping[str, FailureKind] = {
    "TimeoutError": "timeout",
    "TimeoutException": "timeout",
    "ConnectionError": "connection",
    "gaierror": "connection",
    "ClientConnectionError": "connection",
    "ClientPayloadError": "malformed",
    "PayloadEncodingError": "malformed",
    "RemoteProtocolError": "malformed",
    "TransportError": "connection",
    "APIConnectionError": "connection",
}
"""Classes, of LiteLLM or of the HTTP clients beneath it, that say that no whole answer came."""
PREFIX = "llm_provider-"
"""LiteLLM puts this before the headers of the endpoint's own answer."""
OWN_NAME = re.compile(r"^(?:(?:litellm\.)?\w*(?:Error|Timeout): )+")
REPEATED = " Original exception: "
"""After these words LiteLLM says all of it a second time."""
LONGEST_CHAIN = 10


def failure_of(problem: Exception) -> tuple[FailureKind, int | None, str]:
    """Return kind, HTTP status (None where there was no answer) and message of what LiteLLM raised.

    LiteLLM gives every problem a status, as if the endpoint had answered: where a connection failed beneath it,
    that counts. What is neither an exception of LiteLLM nor one with a status is a fault inside it: `internal`.
    """
    if isinstance(problem, UnreadableError):
        return problem.kind, None, str(problem)
    text = OWN_NAME.sub("", str(problem)).partition(REPEATED)[0] or type(problem).__name__
    code = _status(getattr(problem, "status_code", None))
    kind = _named(problem, NAMED)
    if kind is not None:
        return kind, None if kind == "timeout" else code, text
    if code is None or code >= 500:
        for beneath in _chain(problem):
            kind = _named(beneath, NO_ANSWER)
            if kind is not None:
                return kind, None, text if beneath is problem else f"{text} ({beneath})"
    if code is None:
        return "internal", None, f"{type(problem).__name__}: {text}"
    error = {"code": getattr(problem, "code", None), "type": getattr(problem, "type", None)}
    body = getattr(problem, "body", None)
    return kind_of_error(code, {**error, **body} if isinstance(body, dict) else error), code, text


def headers_of(found: object) -> dict[str, str]:
    """Return headers by lower-case name, without the words that LiteLLM puts before them."""
    if not isinstance(found, Mapping):
        return {}
    return {str(name).lower().removeprefix(PREFIX): str(value) for name, value in found.items()}


def _named(problem: BaseException, kinds: Mapping[str, FailureKind]) -> FailureKind | None:
    return next((kinds[each.__name__] for each in type(problem).__mro__ if each.__name__ in kinds), None)


def _chain(problem: BaseException) -> Iterator[BaseException]:
    """Yield what led to a problem, the root first."""
    chain: list[BaseException] = []
    found: BaseException | None = problem
    while found is not None and len(chain) < LONGEST_CHAIN:
        chain.append(found)
        found = found.__cause__ or found.__context__
    yield from reversed(chain)


def _status(value: object) -> int | None:
    return value if type(value) is int and 400 <= value <= 599 else None
