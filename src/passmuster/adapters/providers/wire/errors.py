"""What went wrong at an endpoint: its kind, and few words about it that hold no secret."""

import json
import os
import re
import ssl
from collections.abc import Iterable, Mapping

from pydantic_core import from_json

from passmuster.adapters.providers.wire.limits import read_wait
from passmuster.adapters.providers.wire.transport_errors import (
    ConnectError,
    ConnectTimeoutError,
    CutOffError,
    InvalidAnswerError,
    NotSentError,
    TimedOutError,
)
from passmuster.records.record import Json
from passmuster.records.trial import FailureKind

MESSAGE_LENGTH = 300
SHORTEST_SECRET = 8
"""Shorter keys are stand-ins such as `none`; replacing them would spoil honest text."""
REDACTED = "[redacted]"
KEY_LIKE = re.compile(r"\b(?:sk|pk|rk|xai|gsk)-[A-Za-z0-9_\-]{12,}|(?i:bearer)\s+[A-Za-z0-9_\-.=+/]{12,}")
SECRET_NAME = re.compile(r"(?i)auth|key|token|secret|cookie|password|signature|\bsig\b|\bcode\b")
QUOTA_CODES = frozenset(
    {
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
        "access_terminated",
        "credit_limit_reached",
        "insufficient_balance",
        "insufficient_credits",
        "payment_required",
    }
)
"""Codes and types of errors that say that the account has nothing left: waiting does not help."""
BROKEN_OFF = frozenset({"abort", "error", "insufficient_system_resource"})
"""Finish reasons by which vLLM, SGLang, DeepSeek and others say that the server gave up an answer half-way."""
RATE_CODES = frozenset({"rate_limit_exceeded", "rate_limit_error", "too_many_requests", "RESOURCE_EXHAUSTED"})


class UnreadableError(Exception):
    """An answer that ends the call: of the wrong form, or saying itself that it failed."""

    def __init__(self, message: str, kind: FailureKind = "malformed") -> None:
        super().__init__(message)
        self.kind = kind


class Redactor:
    """Takes secrets out of texts that are kept.

    Example:
        >>> Redactor(["my-secret-key"]).short("no such key: my-secret-key")
        'no such key: [redacted]'
    """

    def __init__(self, secrets: Iterable[str | None]) -> None:
        long = {secret for secret in secrets if secret and len(secret) >= SHORTEST_SECRET}
        self._secrets = sorted(long, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """Return the text with every known secret replaced, in a form that UTF-8 can hold."""
        if not text.isascii():
            text = whole_characters(text)
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, REDACTED)
        return text

    def short(self, text: str) -> str:
        """Return a message of at most 300 characters, without secrets and what looks like one."""
        text = KEY_LIKE.sub(REDACTED, self.clean(text)).strip()
        return text if len(text) <= MESSAGE_LENGTH else text[: MESSAGE_LENGTH - 1] + "…"


def secret_values(named: Mapping[str, str]) -> list[str]:
    """Return the values of headers or of a query whose name says that they hold a secret.

    Example:
        >>> secret_values({"Authorization": "Bearer abc", "X-Title": "an evaluation"})
        ['Bearer abc', 'abc']
    """
    found: list[str] = []
    for name, value in named.items():
        if SECRET_NAME.search(name):
            found += dict.fromkeys((value, value.rpartition(" ")[2]))
    return found


def whole_characters(text: str) -> str:
    r"""Return the text with split surrogate pairs joined and lone surrogates replaced: UTF-8 can hold it.

    Example:
        >>> whole_characters("\ud83d\ude00 \ud800") == "😀 \ufffd"
        True
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def parse_object(data: bytes) -> dict[str, Json]:
    """Return the JSON object that these bytes hold.

    Raises:
        UnreadableError: where they hold none; the message shows how they begin.
    """
    try:
        body = _parsed(data)
    except (ValueError, RecursionError) as problem:
        start = data[:120].decode("utf-8", "replace")
        message = f"the answer is no JSON: {start!r}" if data.strip() else "the answer is empty"
        raise UnreadableError(message) from problem
    if not isinstance(body, dict):
        message = f"the answer is no JSON object but {type(body).__name__}"
        raise UnreadableError(message)
    return body


def _parsed(data: bytes) -> Json:
    try:
        return from_json(data)
    except ValueError:
        # It takes neither a byte order mark nor half of a surrogate pair, and there are endpoints that send them.
        return json.loads(data.decode().removeprefix("\ufeff"))


def kind_of_status(status: int) -> FailureKind:
    """Return what an HTTP status other than 2xx means; a redirect is a wrong address, so a bad request."""
    named: dict[int, FailureKind] = {
        401: "auth",
        402: "quota",
        403: "auth",
        408: "timeout",
        429: "rate_limit",
        501: "bad_request",  # what the server was not built or started for it will not do a second time either
    }
    if status in named:
        return named[status]
    return "server_error" if status >= 500 else "bad_request"


def kind_of_error(status: int, error: Json) -> FailureKind:
    """Return what a status means together with the `error` member of its body.

    Example:
        >>> kind_of_error(429, {"message": "You exceeded your current quota", "code": "insufficient_quota"})
        'quota'
    """
    kind = kind_of_status(status)
    if kind in {"rate_limit", "auth", "bad_request"} and isinstance(error, dict):
        codes = [error.get(name) for name in ("code", "type", "status")]
        if any(isinstance(code, str) and code.lower() in QUOTA_CODES for code in codes):
            return "quota"
    return kind


def error_text(error: Json) -> str:
    """Return what the `error` member of a body says, in whatever form it comes."""
    if not isinstance(error, dict):
        return str(error)
    message = error.get("message") or error.get("detail") or error.get("type") or json.dumps(error)[:1000]
    code = error.get("code")
    return f"{message} ({code})" if isinstance(code, str) and code else str(message)


def error_in_answer(error: Json) -> UnreadableError:
    """Return the failure for an error that came with status 200, or in the middle of a stream."""
    kind: FailureKind = "server_error"
    named = [error.get(name) for name in ("code", "status", "type")] if isinstance(error, dict) else []
    for code in named:
        status = int(code) if isinstance(code, str) and code.isascii() and code.isdigit() else code
        if isinstance(status, int) and 400 <= status <= 599:
            kind = kind_of_error(status, error)
            break
        if isinstance(code, str) and code.lower() in QUOTA_CODES:
            kind = "quota"
            break
        if isinstance(code, str) and code in RATE_CODES:
            kind = "rate_limit"
            break
    return UnreadableError(f"error in the answer: {error_text(error)}", kind)


def check_finish(reason: str | None) -> None:
    """Refuse an answer that the server broke off: what there is of it is not what the model had to say.

    Raises:
        UnreadableError: of kind `server_error`, for a finish reason that says so.
    """
    if reason in BROKEN_OFF:
        raise UnreadableError(f"the server broke the answer off (finish reason {reason!r})", "server_error")


def refusal_of(status: int, body: bytes) -> tuple[FailureKind, str]:
    """Return kind and message for a status that is no success, from the first bytes of its body.

    Example:
        >>> refusal_of(404, b'[{"error": {"code": 404, "message": "no such model"}}]')
        ('bad_request', 'HTTP 404: no such model')
    """
    text = body.decode("utf-8", "replace")
    error = _error_in(text)
    if error is None:
        return kind_of_status(status), f"HTTP {status}: {text}" if text.strip() else f"HTTP {status}"
    return kind_of_error(status, error), f"HTTP {status}: {error_text(error)}"


def wait_in(body: bytes) -> float | None:
    """Return the seconds to wait that the body of an error names: Google's APIs have no header for it.

    Example:
        >>> wait_in(b'{"error": {"details": [{"@type": "x/google.rpc.RetryInfo", "retryDelay": "3.5s"}]}}')
        3.5
    """
    error = _error_in(body.decode("utf-8", "replace"))
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details if isinstance(details, list) else []:
        if isinstance(detail, dict) and isinstance(detail.get("retryDelay"), str):
            return read_wait(detail["retryDelay"], 0.0)
    return None


def _error_in(text: str) -> Json:
    """Return the error that a body holds, None where it is no JSON."""
    try:
        parsed: Json = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(parsed, list) and parsed:
        # Gemini's OpenAI-compatible surface puts its error into a list.
        parsed = parsed[0]
    return (parsed.get("error") or parsed) if isinstance(parsed, dict) else parsed


def failure_of(problem: Exception) -> tuple[FailureKind, str]:
    """Return kind and message for a call that brought no answer that can be read."""
    match problem:
        case UnreadableError():
            return problem.kind, str(problem)
        case CutOffError():
            return "malformed", f"the answer was cut off: {problem}"
        case InvalidAnswerError():
            return "malformed", f"the answer is no valid HTTP: {problem}"
        case ConnectTimeoutError() | TimedOutError():
            return "timeout", str(problem)
        case NotSentError():
            return "connection", _no_connection(problem) if isinstance(problem, ConnectError) else str(
                problem
            )
    return "connection", f"the connection broke: {problem or type(problem).__name__}"


def _no_connection(failed: ConnectError) -> str:
    problem, place = failed.problem, f"{failed.host}:{failed.port}"
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"the certificate of {failed.host} is not valid: {problem.verify_message}"
    if isinstance(problem, ssl.SSLError):
        return f"no TLS with {place} (certificate or protocol): {problem}"
    # asyncio says which call failed; errors of looking up a name have numbers of their own, below 0.
    number = problem.errno or 0
    reason = os.strerror(number) if number > 0 else problem.strerror or str(problem)
    return f"cannot connect to {place}: {reason}"
