"""Candidates behind any endpoint that takes JSON and answers with JSON, or with events that hold JSON."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from passmuster.adapters.providers.http_json.reply import JsonReader, ReplyPaths
from passmuster.adapters.providers.http_json.template import Template, request_variables
from passmuster.adapters.providers.wire.address import http_url
from passmuster.adapters.providers.wire.wire import Connection, Endpoint, Wire
from passmuster.errors import ConfigurationError
from passmuster.ports import Clock
from passmuster.records.candidate import Candidate
from passmuster.records.digest import plain
from passmuster.records.record import Json, Record
from passmuster.records.trial import Exchange, Request, Source

PLACE = re.compile(r"\{\{-?\s*api_key\s*-?\}\}")
"""The place of the key in a header."""
FORM = "form"
"""The parameter of a candidate that holds its form; all others are what templates see as `parameters`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpForm(Record):
    """What an endpoint is sent and how its answer is read: all of it is part of the candidate's identity.

    `body` is JSON whose strings are templates. With `stream` the answer is taken for server-sent events, each
    read by the paths of `reply`, as far as its content type does not say that it is JSON.
    """

    body: Json
    reply: ReplyPaths
    stream: bool = False


def form_parameters(form: HttpForm, parameters: Mapping[str, Json]) -> dict[str, Json]:
    """Return the parameters of a candidate with this form: what `HttpJsonProvider` reads, and the digest covers.

    Raises:
        ConfigurationError: where a parameter has the form's own name.

    Example:
        >>> form = HttpForm(body={"q": "{{ prompt }}"}, reply=ReplyPaths(text="$.answer"))
        >>> form_parameters(form, {"k": 3})
        {'k': 3, 'form': {'body': {'q': '{{ prompt }}'}, 'reply': {'text': '$.answer'}}}
    """
    if FORM in parameters:
        raise ConfigurationError(f"`{FORM}` is no parameter: the name is taken")
    return {**parameters, FORM: plain(form)}


class HttpJsonProvider:
    """Asks one candidate over HTTP and JSON; one `ask` is one request, and nothing is retried here.

    Args:
        candidate: Its endpoint is the whole address, its parameters are those of `form_parameters`.
        api_key: Sent as bearer token, unless a header of the connection has a place for it: `{{ api_key }}`.
        clock: Where the times of attempts come from.
        connection: How the endpoint is reached: extra headers (they win), time-outs, limits.

    Raises:
        ConfigurationError: for a candidate that cannot be asked: no usable address, form, template or header.
    """

    def __init__(
        self, candidate: Candidate, api_key: str | None, clock: Clock, *, connection: Connection | None = None
    ) -> None:
        connection = connection or Connection()
        address = connection.base_url or candidate.endpoint
        if not address:
            raise ConfigurationError(
                f"candidate {candidate.name!r} has no address", hint="say where to ask with `url:`"
            )
        self._form = _form(candidate)
        self._body = Template(self._form.body, "body")
        self._parameters = {name: item for name, item in candidate.parameters.items() if name != FORM}
        self._model = candidate.model
        key = (api_key or "").strip()
        headers, placed = _with_key(connection.headers, key)
        own = {"Authorization": f"Bearer {key}"} if key and not placed else {}
        endpoint = Endpoint(
            url=http_url(address), headers=own, streams=self._form.stream, simulated=candidate.simulated
        )
        secrets = (*connection.secrets, *([key] if key else []))
        self._wire = Wire(endpoint, clock, replace(connection, headers=headers, secrets=secrets))

    @property
    def source(self) -> Source:
        """Return `simulated` for a simulated candidate, else `measured`."""
        return self._wire.source

    async def ask(self, request: Request) -> Exchange:
        """Send one request and give back how it ended; only cancellation is raised."""
        try:
            value = self._body.render(request_variables(request, self._parameters, self._model))
            body = json.dumps(value, allow_nan=False).encode("ascii")
        except (ValueError, RecursionError) as problem:
            return self._wire.unsent(str(problem))
        reader = JsonReader(self._form.reply)
        outcome, attempt, inner, limits = await self._wire.ask(request, body, reader)
        return Exchange(outcome, replace(attempt, cost=reader.cost()), inner, limits)

    async def close(self) -> None:
        """Close the connections; may be called again."""
        await self._wire.close()


def _form(candidate: Candidate) -> HttpForm:
    try:
        text = json.dumps(plain(candidate.parameters.get(FORM)), allow_nan=False)
        return TypeAdapter(HttpForm).validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise ConfigurationError(
            f"candidate {candidate.name!r}: {where}: {first['msg']}", hint="see docs/provider-http.md"
        ) from None
    except (TypeError, ValueError) as problem:
        raise ConfigurationError(f"candidate {candidate.name!r}: {problem}") from problem


def _with_key(headers: Mapping[str, str], key: str) -> tuple[dict[str, str], bool]:
    """Return the headers with the key in its place, and whether there was a place for it."""
    filled: dict[str, str] = {}
    for name, value in headers.items():
        if "{{" in PLACE.sub("", value):  # the value itself may hold a secret, so it is not told
            raise ConfigurationError(
                f"header {name!r}: only `{{{{ api_key }}}}` stands for something in a header",
                hint="what is in the environment is written ${NAME}",
            )
        filled[name] = PLACE.sub(lambda _: key, value)
    return filled, filled != dict(headers)
