"""What the errors of Anthropic's Messages API mean."""

import json
from collections.abc import Mapping

from passmuster.adapters.providers.wire.errors import UnreadableError, kind_of_status
from passmuster.records.record import Json
from passmuster.records.trial import FailureKind

KINDS: Mapping[str, FailureKind] = {
    "invalid_request_error": "bad_request",
    "authentication_error": "auth",
    "permission_error": "auth",
    "billing_error": "quota",
    "not_found_error": "bad_request",
    "request_too_large": "bad_request",
    "rate_limit_error": "rate_limit",
    "timeout_error": "server_error",
    "api_error": "server_error",
    "overloaded_error": "server_error",
}
"""What each type of error means; one that is not listed is a server error."""
NO_MONEY = ("credit balance is too low", "specified api usage limits")
"""Where these words stand in a message the account has nothing left, whatever the error's type says."""


def kind_of_error(error: Json, status: int | None = None) -> FailureKind:
    """Return the kind of failure for the `error` member of a body, or for the status where it says nothing.

    Example:
        >>> kind_of_error({"type": "overloaded_error", "message": "Overloaded"})
        'server_error'
        >>> kind_of_error({"type": "invalid_request_error", "message": "Your credit balance is too low"}, 400)
        'quota'
    """
    text = error_text(error).lower()
    if any(words in text for words in NO_MONEY):
        return "quota"
    named = error.get("type") if isinstance(error, dict) else None
    if isinstance(named, str) and named in KINDS:
        return KINDS[named]
    return "server_error" if status is None else kind_of_status(status)


def error_text(error: Json) -> str:
    """Return what the `error` member of a body says, in whatever form it comes."""
    if not isinstance(error, dict):
        return "no reason given" if error is None else str(error)
    message, named = error.get("message"), error.get("type")
    if isinstance(message, str) and message:
        return f"{message} ({named})" if isinstance(named, str) and named else message
    return str(named or error.get("detail") or "no reason given")


def error_in_answer(error: Json) -> UnreadableError:
    """Return the failure for an error that came with status 200, or in the middle of a stream."""
    return UnreadableError(f"error in the answer: {error_text(error)}", kind_of_error(error))


def refusal_of(status: int, body: bytes) -> tuple[FailureKind, str]:
    """Return kind and message for a status that is no success, from the first bytes of its body."""
    text = body.decode("utf-8", "replace")
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        return kind_of_status(status), f"HTTP {status}: {text}" if text.strip() else f"HTTP {status}"
    error = parsed.get("error") or parsed
    return kind_of_error(error, status), f"HTTP {status}: {error_text(error)}"
