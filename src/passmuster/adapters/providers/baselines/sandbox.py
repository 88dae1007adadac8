"""Users' templates and expressions over a case, in Jinja2's sandbox."""

from collections.abc import Mapping

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from passmuster.adapters.providers.baselines.patterns import Pattern
from passmuster.records.case import Case, Conversation
from passmuster.records.text import input_text


def variables(case: Case) -> dict[str, object]:
    """Return what a template may use: `text`, `input`, `fields`, `context`, and every named field by its name.

    The case's id and reference are not among them.
    """
    given = case.input
    named = dict(given) if isinstance(given, Mapping) else {}
    text = input_text(given)
    context = [document.text for document in given.context] if isinstance(given, Conversation) else []
    return {**named, "text": text, "input": text, "fields": named, "context": context}


def contains(text: object, *parts: str) -> bool:
    """Return whether any of the parts occurs in the text, upper and lower case being the same.

    Example:
        >>> contains("Invoice No. 7", "invoice", "bill")
        True
    """
    folded = str(text).casefold()
    return any(part.casefold() in folded for part in parts)


def lower(text: object) -> str:
    """Return the text in lower case."""
    return str(text).lower()


def environment() -> ImmutableSandboxedEnvironment:
    """Return the sandbox: a missing name is an error, and `contains`, `lower` and `matches` are functions."""
    sandbox = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    compiled: dict[str, Pattern] = {}

    def matches(text: object, pattern: str) -> bool:
        if pattern not in compiled:
            compiled[pattern] = Pattern(pattern, "matches")
        return compiled[pattern].find(str(text)) is not None

    sandbox.globals.update(contains=contains, lower=lower, matches=matches)
    return sandbox
