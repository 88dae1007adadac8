"""Loads the adapter of a provider only where a project has a candidate of it: each brings libraries of its own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passmuster.ports import Clock, Provider
from passmuster.records.candidate import Candidate, Price
from passmuster.records.record import Json, Record

if TYPE_CHECKING:
    from passmuster.adapters.providers.anthropic.messages import AnthropicProvider
    from passmuster.adapters.providers.command.provider import CommandProvider
    from passmuster.adapters.providers.command.settings import Command
    from passmuster.adapters.providers.function.provider import CallableProvider, FunctionLimits
    from passmuster.adapters.providers.http_json.provider import HttpJsonProvider
    from passmuster.adapters.providers.litellm.completion import LiteLLMProvider
    from passmuster.adapters.providers.openai.compatible import OpenAIProvider
    from passmuster.adapters.providers.sentence_transformers.provider import SentenceTransformersProvider
    from passmuster.adapters.providers.wire.call import Timeouts
    from passmuster.adapters.providers.wire.wire import Connection


def openai() -> "type[OpenAIProvider]":
    """Return the provider of OpenAI-compatible endpoints."""
    from passmuster.adapters.providers.openai.compatible import OpenAIProvider

    return OpenAIProvider


def anthropic() -> "type[AnthropicProvider]":
    """Return the provider of Anthropic's Messages API."""
    from passmuster.adapters.providers.anthropic.messages import AnthropicProvider

    return AnthropicProvider


def http() -> "type[HttpJsonProvider]":
    """Return the provider of any JSON over HTTP."""
    from passmuster.adapters.providers.http_json.provider import HttpJsonProvider

    return HttpJsonProvider


def litellm() -> "type[LiteLLMProvider]":
    """Return the provider of whatever LiteLLM reaches."""
    from passmuster.adapters.providers.litellm.completion import LiteLLMProvider

    return LiteLLMProvider


def sentence_transformers() -> "type[SentenceTransformersProvider]":
    """Return the provider of embeddings by a model on this machine."""
    from passmuster.adapters.providers.sentence_transformers.provider import SentenceTransformersProvider

    return SentenceTransformersProvider


def python() -> "type[CallableProvider]":
    """Return the provider of Python functions."""
    from passmuster.adapters.providers.function.provider import CallableProvider

    return CallableProvider


def command() -> "type[CommandProvider]":
    """Return the provider of programs."""
    from passmuster.adapters.providers.command.provider import CommandProvider

    return CommandProvider


def command_record() -> "type[Command]":
    """Return the record that says how a program is run."""
    from passmuster.adapters.providers.command.settings import Command

    return Command


def command_environment(
    environment: Mapping[str, str], withheld: Iterable[str], named: Iterable[str]
) -> dict[str, str]:
    """Return the environment of a program: ours without what is withheld, but for what is named."""
    from passmuster.adapters.providers.command.settings import command_environment as environment_of

    return environment_of(environment, withheld, named)


def function_limits(secrets: tuple[str, ...]) -> "FunctionLimits":
    """Return how functions are run; no reply of theirs holds one of these secrets."""
    from passmuster.adapters.providers.function.provider import FunctionLimits

    return FunctionLimits(secrets=secrets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls(Record):
    """The model calls of a pipeline: what each costs, and how many a trial may make."""

    price_of: Callable[[str], Price | None]
    most_calls: int = 1_000


def through_proxy(
    provider: Provider,
    clock: Clock,
    calls: Calls,
    openai: tuple[str, str | None],
    anthropic: tuple[str, str | None] | None,
    options: Mapping[str, Any],
) -> Provider:
    """Return a pipeline whose model calls go through a proxy of ours; addresses come with their keys.

    Raises:
        ConfigurationError: for an address that cannot be used.
    """
    from passmuster.adapters.providers.pipeline.ledger import Ledger
    from passmuster.adapters.providers.pipeline.provider import PipelineProvider
    from passmuster.adapters.providers.proxy.proxy import RecordingProxy, Upstream

    other = None
    if anthropic is not None:
        other = Upstream(base_url=anthropic[0], api_key=anthropic[1], kind="anthropic")
    ledger = Ledger(calls.price_of, most_calls=calls.most_calls)
    proxy = RecordingProxy(ledger, clock, Upstream(base_url=openai[0], api_key=openai[1]), other, **options)
    return PipelineProvider(provider, proxy, clock)


def with_spans(provider: Provider, clock: Clock, calls: Calls, path: Path | None, settle: float) -> Provider:
    """Return a pipeline whose model calls are told in OpenTelemetry spans: in a file, or sent to us."""
    from passmuster.adapters.providers.otel.recorder import SpanFile, SpanReceiver
    from passmuster.adapters.providers.pipeline.ledger import Ledger
    from passmuster.adapters.providers.pipeline.provider import PipelineProvider

    ledger = Ledger(calls.price_of, most_calls=calls.most_calls)
    recorder = SpanReceiver(ledger, settle=settle) if path is None else SpanFile(path, ledger, settle=settle)
    return PipelineProvider(provider, recorder, clock)


def baseline_options() -> "Mapping[str, type[Record]]":
    """Return what each kind of baseline takes."""
    from passmuster.adapters.providers.baselines.opening import OPTIONS

    return OPTIONS


def open_baseline(candidate: Candidate, clock: Clock, labels: Path | None = None) -> Provider:
    """Return the provider of a baseline; `labels` is the file of a second person's answers.

    Raises:
        ConfigurationError: for options that its kind does not take.
        RecordingError: for a file of labels that cannot be read.
    """
    from passmuster.adapters.providers.baselines.manual import read_labels
    from passmuster.adapters.providers.baselines.opening import open_baseline as opened

    return opened(candidate, clock) if labels is None else opened(candidate, clock, read_labels(labels))


def wire() -> "tuple[type[Connection], type[Timeouts]]":
    """Return the records that say how an endpoint is reached."""
    from passmuster.adapters.providers.wire.call import Timeouts
    from passmuster.adapters.providers.wire.wire import Connection

    return Connection, Timeouts


def http_parameters(form: Mapping[str, Json], parameters: Mapping[str, Json]) -> dict[str, Json]:
    """Return the parameters of a candidate behind JSON over HTTP: its `body`, `reply` and `stream` among them.

    Raises:
        ConfigurationError: for a path that cannot be read, or a parameter of the form's name.
    """
    from passmuster.adapters.providers.http_json.provider import HttpForm, form_parameters
    from passmuster.adapters.providers.http_json.reply import ReplyPaths

    reply = form["reply"]
    paths = ReplyPaths(**reply) if isinstance(reply, dict) else None
    if paths is None:
        message = "reply is no mapping of paths"
        raise TypeError(message)
    return form_parameters(
        HttpForm(body=form["body"], reply=paths, stream=bool(form.get("stream"))), parameters
    )


def function_parameters(
    reference: str, paths: Iterable[Path], parameters: Mapping[str, Json]
) -> dict[str, Json]:
    """Return the parameters of a candidate that is a function: its source is among them.

    Raises:
        ConfigurationError: for a file that cannot be read, or a parameter of a name that is taken.
    """
    from passmuster.adapters.providers.function.provider import function_identity

    return function_identity(reference, paths, parameters)


def command_parameters(
    words: tuple[str, ...], folder: Path, parameters: Mapping[str, Json], files: Iterable[Path]
) -> dict[str, Json]:
    """Return the parameters of a candidate that is a program: its files are among them.

    Raises:
        ConfigurationError: for a file that cannot be read, or a parameter of a name that is taken.
    """
    from passmuster.adapters.providers.command.settings import command_identity

    return command_identity(words, folder, parameters, files)
