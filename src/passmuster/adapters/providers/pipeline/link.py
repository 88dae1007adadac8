"""Where the inner calls of a pipeline go, so that each is noted under the trial that it belongs to.

It is a context variable: set around one `ask`, seen by every provider that is asked inside it, and by no other
trial that runs at the same time.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from urllib.parse import quote_from_bytes

from passmuster.records.record import Record
from passmuster.records.trial import Request

LONGEST_ID = 2000
"""Characters of a case's id that are sent to a simulator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Record):
    """What a pipeline is told for one trial.

    `base_url` is an OpenAI-compatible address of this trial alone, `traceparent` the parent of its spans (W3C
    Trace Context). `variables` are environment variables for a process that is started for this trial alone,
    `shared` those for one that serves many trials.
    """

    base_url: str | None = None
    traceparent: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    shared: Mapping[str, str] = field(default_factory=dict)


_LINK: ContextVar[Link | None] = ContextVar("passmuster_link", default=None)


def current_link() -> Link | None:
    """Return the link of the trial that is being asked, None outside a pipeline."""
    return _LINK.get()


@contextmanager
def linked(link: Link) -> Iterator[None]:
    """Make a link the current one for as long as the `with` block lasts.

    Example:
        >>> with linked(Link(traceparent="00-1-2-01")):
        ...     link_headers(loopback=False)
        {'traceparent': '00-1-2-01'}
    """
    token = _LINK.set(link)
    try:
        yield
    finally:
        _LINK.reset(token)


def link_headers(*, loopback: bool) -> dict[str, str]:
    """Return the HTTP headers that tell a pipeline behind HTTP about its trial; {} outside a pipeline.

    The address for inner calls is of use on this machine only, so it is told to no other.
    """
    link = _LINK.get()
    headers: dict[str, str] = {}
    if link is not None and link.traceparent:
        headers["traceparent"] = link.traceparent
    if link is not None and link.base_url and loopback:
        headers["X-Passmuster-Base-Url"] = link.base_url
    return headers


def correlation_headers(request: Request) -> dict[str, str]:
    """Return the HTTP headers by which a simulator knows the trial: it serves the recording of this repeat."""
    return {"X-Passmuster-Repeat": str(request.repeat), "X-Passmuster-Trial": _quoted(request.case.id)}


def _quoted(name: str) -> str:
    plain = name.isascii() and name.isalnum()
    quoted = name if plain else quote_from_bytes(name.encode("utf-8", "surrogatepass"), safe="")
    return quoted[:LONGEST_ID]
