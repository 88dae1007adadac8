"""What LiteLLM raises is read as what it is."""

import pytest

from passmuster.adapters.providers.litellm.errors import failure_of, headers_of
from passmuster.records.trial import FailureKind


class APIError(Exception):
    """Looks like an exception of LiteLLM."""

    def __init__(self, message: str, status: int | None = None, **more: object) -> None:
        super().__init__(message)
        self.status_code = status
        for name, value in more.items():
            setattr(self, name, value)


class Timeout(APIError):  # noqa: N818 - LiteLLM calls it so
    pass


class APIConnectionError(APIError):
    pass


class PaymentRequiredError(APIError):
    pass


class ConnectError(Exception):
    pass


class TransportError(Exception):
    pass


class RemoteProtocolError(TransportError):
    pass


def caused(problem: Exception, *causes: Exception) -> Exception:
    """Return a problem that other ones led to, the nearest first."""
    found = problem
    for cause in causes:
        found.__cause__ = cause
        found = cause
    return problem


@pytest.mark.parametrize(
    ("problem", "kind", "status"),
    [
        (APIError("no", 400), "bad_request", 400),
        (APIError("no", 401), "auth", 401),
        (APIError("no", 402), "quota", 402),
        (APIError("no", 403), "auth", 403),
        (APIError("no", 404), "bad_request", 404),
        (APIError("no", 429), "rate_limit", 429),
        (APIError("no", 429, code="insufficient_quota"), "quota", 429),
        (APIError("no", 429, body={"type": "insufficient_quota"}), "quota", 429),
        (APIError("no", 500), "server_error", 500),
        (APIError("no", 503), "server_error", 503),
        (Timeout("no", 408), "timeout", None),
        (PaymentRequiredError("no", 400), "quota", 400),
        (APIConnectionError("no", 500), "connection", None),
        (caused(APIError("no", 500), ConnectionRefusedError("refused")), "connection", None),
        (caused(APIError("no", 500), ValueError(), TimeoutError("slow")), "timeout", None),
        (caused(APIError("no", 500), RemoteProtocolError("cut")), "malformed", None),
        (caused(APIError("no", 500), TransportError("reset")), "connection", None),
        (caused(APIError("no", 400), ConnectionResetError()), "bad_request", 400),
        (APIError("no", 200), "internal", None),
        (KeyError("choices"), "internal", None),
    ],
)
def test_what_litellm_raises_has_a_kind(problem: Exception, kind: FailureKind, status: int | None) -> None:
    assert failure_of(problem)[:2] == (kind, status)


def test_the_message_says_once_what_was_wrong_beneath_litellm() -> None:
    text = "litellm.AuthenticationError: AuthenticationError: wrong key Original exception: all again"
    assert failure_of(APIError(text, 401))[2] == "wrong key"
    refused = caused(
        APIError("litellm.InternalServerError: no", 500), TransportError("outer"), ConnectionError("port 9")
    )
    assert failure_of(refused)[2] == "no (port 9)"
    assert failure_of(APIError("", 500))[2] == "APIError"


def test_headers_are_found_by_lower_case_name() -> None:
    assert headers_of({"llm_provider-Retry-After": 7, "X-A": "b"}) == {"retry-after": "7", "x-a": "b"}
    assert headers_of(None) == {}
    assert failure_of(ValueError("x")) == ("internal", None, "ValueError: x")
