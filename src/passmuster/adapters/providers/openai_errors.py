"""What went wrong at an endpoint: its kind, and few words about it that hold no secret."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime

import aiohttp

from passmuster.records.record import Json
from passmuster.records.trial import FailureKind

MESSAGE_LENGTH = 300
SHORTEST_SECRET = 8
"""Shorter keys are stand-ins such as `none`; replacing them would spoil honest text."""
REDACTED = "[redacted]"
KEY_LIKE = re.compile(r"\b(?:sk|pk|rk|xai|gsk)-[A-Za-z0-9_\-]{12,}|(?i:bearer)\s+[A-Za-z0-9_\-.=+/]{12,}")
SECRET_HEADER = re.compile(r"(?i)auth|key|token|secret|cookie|password")


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
        """Return the text with every known secret replaced."""
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, REDACTED)
        return text

    def short(self, text: str) -> str:
        """Return a message of at most 300 characters, without secrets and what looks like one."""
        text = KEY_LIKE.sub(REDACTED, self.clean(whole_characters(text))).strip()
        return text if len(text) <= MESSAGE_LENGTH else text[: MESSAGE_LENGTH - 1] + "…"


def header_secrets(headers: Mapping[str, str]) -> list[str]:
    """Return the values of headers whose name says that they hold a secret."""
    return [value for name, value in headers.items() if SECRET_HEADER.search(name)]


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


def kind_of_status(status: int) -> FailureKind:
    """Return what an HTTP status other than 2xx means; a redirect is a wrong address, so a bad request."""
    named: dict[int, FailureKind] = {401: "auth", 403: "auth", 408: "timeout", 429: "rate_limit"}
    if status in named:
        return named[status]
    return "server_error" if status >= 500 else "bad_request"


def error_text(error: Json) -> str:
    """Return what the `error` member of a body says, in whatever form it comes."""
    if not isinstance(error, dict):
        return str(error)
    message = error.get("message") or error.get("detail") or error.get("type") or json.dumps(error)[:1000]
    code = error.get("code")
    return f"{message} ({code})" if isinstance(code, str) and code else str(message)


def error_in_answer(error: Json) -> UnreadableError:
    """Return the failure for an error that came with status 200, or in the middle of a stream."""
    code = error.get("code", error.get("status")) if isinstance(error, dict) else None
    kind: FailureKind = "server_error"
    if isinstance(code, int) and 400 <= code <= 599:
        kind = kind_of_status(code)
    elif isinstance(code, str) and code in {"rate_limit_exceeded", "insufficient_quota"}:
        kind = "rate_limit"
    return UnreadableError(f"error in the answer: {error_text(error)}", kind)


def refusal_text(status: int, body: bytes) -> str:
    """Return the message for a status that is no success, from the first bytes of its body."""
    text = body.decode("utf-8", "replace")
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return f"HTTP {status}: {text}" if text.strip() else f"HTTP {status}"
    if isinstance(parsed, dict):
        parsed = parsed.get("error") or parsed
    return f"HTTP {status}: {error_text(parsed)}"


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that the endpoint asks to wait, from seconds, milliseconds or an HTTP date.

    Example:
        >>> retry_after({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}, now=20.0)
        40.0
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None or value is None:
        return seconds
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def failure_of(problem: Exception) -> tuple[FailureKind, str]:
    """Return kind and message for what the HTTP client raised."""
    if isinstance(problem, UnreadableError):
        return problem.kind, str(problem)
    if isinstance(problem, aiohttp.ClientPayloadError):
        return "malformed", f"the answer was cut off: {problem}"
    if isinstance(problem, aiohttp.ClientHttpProxyError):
        return "connection", f"the proxy refused: HTTP {problem.status} {problem.message}"
    if isinstance(problem, aiohttp.ClientResponseError):
        return "malformed", f"the answer is no valid HTTP: {problem.message}"
    return "connection", _broken_connection(problem)


def _broken_connection(problem: Exception) -> str:
    if isinstance(problem, aiohttp.ClientConnectorCertificateError):
        return f"the certificate of {problem.host} is not valid: {problem.certificate_error}"
    if isinstance(problem, aiohttp.ClientConnectorError):
        reason = problem.os_error.strerror or str(problem.os_error)
        return f"cannot connect to {problem.host}:{problem.port}: {reason}"
    return f"the connection broke: {problem or type(problem).__name__}"
