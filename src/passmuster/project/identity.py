"""What decides the answers of a candidate that is asked, and how: one function per provider."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path

from passmuster.adapters.providers import late
from passmuster.project.entries import (
    AnthropicSettings,
    Asked,
    CommandSettings,
    HttpReplySettings,
    HttpSettings,
    LiteLLMSettings,
    OpenAISettings,
    PipelineSettings,
    PythonSettings,
    RateLimitSettings,
)
from passmuster.records.candidate import Candidate, Cap, RateLimit
from passmuster.records.record import Json
from passmuster.runner.retry import RetryPolicy


def asked(blank: Candidate, entry: Asked, folder: Path) -> Candidate:
    """Return the candidate of an entry: its identity, and how fast and at what cost it may be asked.

    Args:
        blank: Its name, provider, prompt and load.
        entry: As the project file has it.
        folder: The project folder, where files are looked for.

    Raises:
        ConfigurationError: for a parameter whose name is taken, or a file that cannot be read.
    """
    built = _IDENTITIES[type(entry)](blank, entry, folder)
    cap = Cap(budget=entry.budget, per_call=entry.most_per_call)
    return replace(
        built,
        model=entry.model,
        rate_limit=_rate_limit(entry.rate_limit),
        patience=_patience(entry),
        pipeline=_is_pipeline(entry),
        cap=None if cap == Cap() else cap,
    )


def _openai(blank: Candidate, entry: OpenAISettings, folder: Path) -> Candidate:
    del folder
    # The first surface has no word of its own, so that candidates of earlier stores keep their digests.
    parameters = entry.parameters if entry.api == "chat" else {**entry.parameters, "api": entry.api}
    return replace(blank, endpoint=entry.base_url.rstrip("/"), parameters=parameters)


def _anthropic(blank: Candidate, entry: AnthropicSettings, folder: Path) -> Candidate:
    del folder
    return replace(blank, endpoint=entry.base_url.rstrip("/"), parameters=entry.parameters)


def _http(blank: Candidate, entry: HttpSettings, folder: Path) -> Candidate:
    del folder
    form: dict[str, Json] = {"body": entry.body, "reply": _stated(entry.reply), "stream": entry.stream}
    return replace(blank, endpoint=entry.url, parameters=late.http_parameters(form, entry.parameters))


def _litellm(blank: Candidate, entry: LiteLLMSettings, folder: Path) -> Candidate:
    del folder
    return replace(blank, endpoint=entry.base_url, parameters=entry.parameters)


def _python(blank: Candidate, entry: PythonSettings, folder: Path) -> Candidate:
    paths = [folder / entry.function.rpartition(":")[0], *(folder / name for name in entry.files)]
    parameters = late.function_parameters(entry.function, paths, entry.parameters)
    return replace(blank, endpoint=_inner_endpoint(entry.pipeline), parameters=parameters)


def _command(blank: Candidate, entry: CommandSettings, folder: Path) -> Candidate:
    files = [folder / name for name in entry.files]
    parameters = late.command_parameters(entry.command, folder, entry.parameters, files)
    return replace(blank, endpoint=_inner_endpoint(entry.pipeline), parameters=parameters)


def _patience(entry: Asked) -> float | None:
    """Return the stated time of a trial, or one that leaves room for two calls; None is the engine's own."""
    if entry.trial_timeout is not None:
        return entry.trial_timeout
    return 2 * entry.timeout if 2 * entry.timeout > RetryPolicy().trial else None


def _is_pipeline(entry: Asked) -> bool:
    return isinstance(entry, PythonSettings | CommandSettings | HttpSettings) and entry.pipeline is not None


def _inner_endpoint(pipeline: PipelineSettings | None) -> str | None:
    """Return where a pipeline's own calls go, as far as we pass them on: another place may answer otherwise."""
    if pipeline is None or pipeline.record != "proxy":
        return None
    return " ".join(filter(None, (pipeline.base_url.rstrip("/"), pipeline.anthropic_url)))


def _stated(reply: HttpReplySettings) -> dict[str, Json]:
    found = {each.name: getattr(reply, each.name) for each in fields(reply)}
    return {name: path for name, path in found.items() if path is not None}


def _rate_limit(settings: RateLimitSettings | None) -> RateLimit | None:
    if settings is None:
        return None
    return RateLimit(
        requests_per_minute=settings.requests_per_minute, tokens_per_minute=settings.tokens_per_minute
    )


_IDENTITIES: Mapping[type[Asked], Callable[..., Candidate]] = {
    OpenAISettings: _openai,
    AnthropicSettings: _anthropic,
    HttpSettings: _http,
    LiteLLMSettings: _litellm,
    PythonSettings: _python,
    CommandSettings: _command,
}
