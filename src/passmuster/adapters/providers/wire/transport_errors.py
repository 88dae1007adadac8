"""What goes wrong between a request and its answer, apart from what the answer says."""


class HttpError(Exception):
    """A request has no answer that can be read."""


class NotSentError(HttpError):
    """The endpoint has not seen the request, and will not bill it."""


class ConnectError(NotSentError):
    """There is no connection to `host`; `problem` says why."""

    def __init__(self, host: str, port: int, problem: OSError) -> None:
        super().__init__(f"{host}:{port}: {problem}")
        self.host = host
        self.port = port
        self.problem = problem


class ConnectTimeoutError(NotSentError):
    """There was no connection in time."""


class ProxyRefusedError(NotSentError):
    """The proxy makes no connection to the endpoint."""


class LostConnectionError(HttpError):
    """The connection broke before the answer began; the request may have been read, and billed."""


class CutOffError(HttpError):
    """The connection broke in the middle of the answer."""


class TimedOutError(HttpError):
    """What was expected of the answer did not come in time; the message says what."""


class InvalidAnswerError(HttpError):
    """What came is no answer of HTTP/1.1, or one that unpacks to nothing."""
