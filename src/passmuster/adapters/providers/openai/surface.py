"""The surfaces of OpenAI-compatible endpoints, by the parameter `api`: what is sent and how answers are read."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from passmuster.adapters.providers.openai.body import API, CHAT, USAGE_AT_THE_END, Form
from passmuster.adapters.providers.openai.completions import Continuation
from passmuster.adapters.providers.openai.embeddings import Vector
from passmuster.adapters.providers.openai.reply import Draft
from passmuster.adapters.providers.openai.responses import ResponseDraft
from passmuster.adapters.providers.openai.responses_body import responses_content
from passmuster.adapters.providers.openai.text import input_content, prompt_content
from passmuster.adapters.providers.wire.wire import Reader
from passmuster.errors import ConfigurationError
from passmuster.records.candidate import Candidate


class Surface(NamedTuple):
    """A kind of API: the name that chooses it, the form of its bodies, and what reads an answer."""

    api: str
    form: Form
    reader: Callable[[], Reader]


SURFACES: Mapping[str, Surface] = {
    surface.api: surface
    for surface in (
        Surface("chat", CHAT, Draft),
        Surface(
            "responses",
            # Like chat completions, what is asked is not kept on the other side unless somebody wants it.
            Form(content=responses_content, own=("model", "input", "instructions"), added={"store": False}),
            ResponseDraft,
        ),
        Surface(
            "completions",
            Form(content=prompt_content, own=("model", "prompt"), streamed=USAGE_AT_THE_END),
            Continuation,
        ),
        Surface("embeddings", Form(content=input_content, own=("model", "input"), streams=False), Vector),
    )
}


def surface_of(candidate: Candidate) -> Surface:
    """Return the surface that a candidate's parameter `api` names; chat completions where there is none.

    Raises:
        ConfigurationError: for another name.

    Example:
        >>> surface_of(Candidate(name="a", provider="openai", model="m", parameters={"api": "responses"})).api
        'responses'
    """
    named = candidate.parameters.get(API, "chat")
    surface = SURFACES.get(named) if isinstance(named, str) else None
    if surface is None:
        raise ConfigurationError(
            f"candidate {candidate.name!r}: api {named!r} is not known",
            hint=f"one of: {', '.join(SURFACES)}",
        )
    return surface
