"""Prompt templates: Jinja2 in a sandbox.

Blocks take no line of their own (`trim_blocks`, `lstrip_blocks`); objects, lists, true, false and null are written
as JSON.
"""

import difflib
import json
import re
from collections.abc import Mapping
from typing import Any

import jinja2
from jinja2 import meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from passmuster.errors import Place, PromptError
from passmuster.records.record import Json
from passmuster.records.text import written


class Template:
    """A template that has been read; `name` stands for it in errors.

    Raises:
        PromptError: with name and line, where the syntax is wrong.

    Example:
        >>> Template("{{ input | upper }}!", "loud (user)").filled({"input": "yes"})
        'YES!'
    """

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        try:
            self._variables = meta.find_undeclared_variables(_ENVIRONMENT.parse(text))
            self._template = _ENVIRONMENT.from_string(text)
        except jinja2.TemplateSyntaxError as error:
            message = f"the template cannot be read: {error.message}"
            raise PromptError(message, place=Place(name, error.lineno)) from None

    def mentions(self, variable: str) -> bool:
        """Return whether it speaks of a variable."""
        return variable in self._variables

    def filled(self, variables: Mapping[str, Any]) -> str:
        """Return its text with these variables.

        Raises:
            PromptError: where it names something that is not among them, or an expression fails.
        """
        try:
            return self._template.render(variables)
        except Exception as error:  # a template may fail in any way that an expression can
            place = Place(self._name, _line(error))
            if isinstance(error, jinja2.UndefinedError):
                raise _missing(error, place, variables) from error
            raise PromptError(f"the template failed: {error}", place=place) from error


def _line(error: BaseException) -> int | None:
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _missing(error: jinja2.UndefinedError, place: Place, variables: Mapping[str, Any]) -> PromptError:
    quoted = re.findall(r"'([^']*)'", error.message or "")
    name = quoted[-1] if quoted else ""
    close = difflib.get_close_matches(name, variables, n=1, cutoff=0.5)
    known = ", ".join(sorted(variables)) or "nothing"
    hint = f"did you mean '{close[0]}'? " if close else ""
    return PromptError(f"{error.message}", place=place, hint=f"{hint}This case has: {known}")


def _json(value: Json, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # a model is sent text, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=written,
        cache_size=0,
    )
    # Jinja's own filter escapes for HTML, which a model would read as it stands.
    environment.filters["tojson"] = _json
    return environment


_ENVIRONMENT = _environment()
