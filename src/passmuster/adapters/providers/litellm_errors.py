"""What LiteLLM raises, as kinds of failure."""

import re
from collections.abc import Mapping

from passmuster.adapters.providers.wire_errors import UnreadableError, kind_of_error
from passmuster.records.trial import FailureKind

NAMED: Mapping[str, FailureKind] = {
    "Timeout": "timeout",
    "APIConnectionError": "connection",
    "APIResponseValidationError": "malformed",
    "JSONSchemaValidationError": "malformed",
    "BudgetExceededError": "quota",
    "PaymentRequiredError": "quota",
}
"""Exceptions whose class says more than the status that LiteLLM gives them."""
PREFIX = "llm_provider-"
"""LiteLLM puts this before the headers of the endpoint's own answer."""
OWN_NAME = re.compile(r"^(?:litellm\.\w+: )+")


def failure_of(problem: Exception) -> tuple[FailureKind, int | None, str]:
    """Return kind, HTTP status (None where there was no answer) and message of what LiteLLM raised.

    What is neither an exception of LiteLLM nor one with a status is a fault inside it: `internal`.
    """
    if isinstance(problem, UnreadableError):
        return problem.kind, None, str(problem)
    text = OWN_NAME.sub("", str(problem)) or type(problem).__name__
    status = getattr(problem, "status_code", None)
    for each in type(problem).__mro__:
        if each.__name__ in NAMED:
            kind = NAMED[each.__name__]
            return kind, None if kind in {"connection", "timeout"} else _status(status), text
    code = _status(status)
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


def _status(value: object) -> int | None:
    return value if type(value) is int and 400 <= value <= 599 else None
