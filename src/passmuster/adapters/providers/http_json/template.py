"""The body of a request to any endpoint: JSON whose strings are templates over the case and the conversation."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from passmuster.adapters.providers.openai.chat import chat_content
from passmuster.errors import ConfigurationError
from passmuster.records.case import Case, Conversation, Text
from passmuster.records.digest import plain
from passmuster.records.record import Json
from passmuster.records.text import input_text
from passmuster.records.trial import Request

Rendered = Callable[[Mapping[str, Json]], Json]


class Template:
    """JSON with Jinja2 templates for strings, rendered in the sandbox; keys are taken as they are.

    A string that is nothing but one `{{ expression }}` keeps the type of its value: a number stays a number, a
    list a list. In any other string lists, objects, true, false and null are written as JSON. A name that is
    not there is an error.

    Raises:
        ConfigurationError: for a template that cannot be read; `name` is how the message calls the whole.

    Example:
        >>> Template({"n": "{{ n }}", "text": "n={{ n }}"}, "body").render({"n": 3})
        {'n': 3, 'text': 'n=3'}
    """

    def __init__(self, value: Json, name: str) -> None:
        self._render = _compile(value, name)

    def render(self, variables: Mapping[str, Json]) -> Json:
        """Return the JSON with every template rendered.

        Raises:
            ValueError: where a template fails, or gives what JSON cannot hold; it says which.
        """
        return self._render(variables)


def request_variables(request: Request, parameters: Mapping[str, Json], model: str | None) -> dict[str, Json]:
    """Return what the templates of a request may use.

    Every named field of the case by its name, and beside them `fields` (all of them), `input` (the text of
    the case), `prompt` (the last text of the user), `system`, `messages` (as chat completions take them, the
    system text first) and `tools`, `parameters` and `model`. Id and reference of the case are not among them.

    Raises:
        ValueError: where a message holds an image without content.
    """
    case, conversation = request.case, request.conversation
    named, chat = _fields(case), chat_content(conversation)
    return {
        "input": input_text(case.input),
        **named,
        "fields": named,
        "prompt": _last_text(conversation),
        "system": conversation.system or "",
        "messages": chat["messages"],
        "tools": chat.get("tools", []),
        "parameters": plain(parameters),
        "model": model or "",
    }


def _fields(case: Case) -> dict[str, Json]:
    if not isinstance(case.input, Mapping):
        return {}
    return {str(name): plain(value) for name, value in case.input.items()}


def _last_text(conversation: Conversation) -> str:
    for message in reversed(conversation.messages):
        if message.role == "user":
            content = message.content
            if isinstance(content, str):
                return content
            return "".join(part.text for part in content if isinstance(part, Text))
    return ""


def _compile(value: Json, place: str) -> Rendered:
    if isinstance(value, Mapping):
        members = {str(key): _compile(item, f"{place}.{key}") for key, item in value.items()}
        return lambda variables: {key: render(variables) for key, render in members.items()}
    if isinstance(value, list | tuple):
        items = [_compile(item, f"{place}[{index}]") for index, item in enumerate(value)]
        return lambda variables: [render(variables) for render in items]
    if isinstance(value, str):
        return _compile_text(value, place)
    return lambda _: value


def _compile_text(text: str, place: str) -> Rendered:
    try:
        expression = _lone_expression(text)
        if expression is None:
            render: Callable[..., Any] = _ENVIRONMENT.from_string(text).render
        else:
            render = _ENVIRONMENT.compile_expression(expression, undefined_to_none=False)
    except jinja2.TemplateSyntaxError as error:
        message = f"{place}: the template {text!r} cannot be read: {error.message}"
        raise ConfigurationError(message) from error

    def rendered(variables: Mapping[str, Json]) -> Json:
        try:
            found = render(variables)
            if isinstance(found, jinja2.Undefined):
                str(found)  # a strict one says here what is missing
            json.dumps(found, allow_nan=False)
        except Exception as error:
            message = f"{place}: the template {text!r} failed: {error}"
            raise ValueError(message) from error
        return found

    return rendered


def _lone_expression(text: str) -> str | None:
    """Return the expression of a string that is nothing but `{{ expression }}`, else None."""
    text = text.strip()
    body = _ENVIRONMENT.parse(text).body
    alone = len(body) == 1 and isinstance(body[0], nodes.Output) and len(body[0].nodes) == 1
    if not alone or not text.startswith("{{") or not text.endswith("}}"):
        return None
    return text.removeprefix("{{").removesuffix("}}").removeprefix("-").removesuffix("-")


def _shown(value: Json) -> Json:
    if isinstance(value, Mapping | list | tuple | bool) or value is None:
        return _json(value)
    return value


def _json(value: Json, indent: int | None = None) -> str:
    return json.dumps(plain(value), ensure_ascii=False, indent=indent)


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # an endpoint is sent text, not HTML
        finalize=_shown,
        cache_size=0,
    )
    # Jinja's own filter escapes for HTML, which an endpoint would read as it stands.
    environment.filters["tojson"] = _json
    return environment


_ENVIRONMENT = _environment()
