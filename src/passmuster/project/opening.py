"""Opens what candidates need of the outside world: keys, recordings, labels, train cases."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from passmuster.adapters.providers import late
from passmuster.adapters.providers.replay.provider import Recording
from passmuster.errors import MissingSecretError, Place
from passmuster.metrics.checks import Checks
from passmuster.metrics.metric import Metric
from passmuster.ports import Clock, Fittable, Provider
from passmuster.project.case_checks import CHECKS, opened_checks, with_defaults
from passmuster.project.checks import Files
from passmuster.project.entries import (
    ANTHROPIC_KEY,
    ANTHROPIC_URL,
    OPENAI_KEY,
    OPENAI_URL,
    AnthropicSettings,
    BaselineSettings,
    CommandSettings,
    Entry,
    HttpSettings,
    LiteLLMSettings,
    ManualSettings,
    OpenAISettings,
    PipelineSettings,
    PythonSettings,
    ReplaySettings,
    SentenceTransformersSettings,
)
from passmuster.project.own_metrics import open_metric
from passmuster.project.plugins import load_function
from passmuster.project.validate import located
from passmuster.project.yaml import Data, Document, Path
from passmuster.records.candidate import Candidate, Price
from passmuster.records.case import Case
from passmuster.records.task import MetricSpec

if TYPE_CHECKING:
    from passmuster.adapters.providers.command.settings import Command
    from passmuster.adapters.providers.wire.wire import Connection

SECRET_ENDINGS = ("_KEY", "_TOKEN", "_SECRET", "_PASSWORD")
"""Names of variables with these endings are not passed on to programs, unless the project file names them."""

SHORTEST_SECRET = 8
"""Characters from which a value is taken out of replies: a shorter one would tear harmless text apart."""


class Opener:
    """Opens the providers of a project; a recording that several candidates share is read once."""

    def __init__(
        self,
        document: Document,
        files: Files,
        environment: Mapping[str, str],
        clock: Clock,
        price_of: Callable[[str], Price | None],
    ) -> None:
        self._document = document
        self._files = files
        self._environment = environment
        self._clock = clock
        self._price_of = price_of
        self._recordings: dict[str, Recording] = {}

    def open(
        self, candidate: Candidate, entry: Entry, path: Path, train: Callable[[], Sequence[Case]]
    ) -> Provider:
        """Return the provider of a candidate, fitted where it learns.

        Raises:
            MissingSecretError: where the variable that holds its key is not set.
            ConfigurationError: for options that its provider does not take, and where there is nothing to
                learn from.
            RecordingError: where its recording is wrong.
        """
        with located(self._document, path):
            provider = self._opened(candidate, entry, path)
            if candidate.fitted_on is not None and isinstance(provider, Fittable):
                provider.fit(train())
        return provider

    def _opened(self, candidate: Candidate, entry: Entry, path: Path) -> Provider:
        if isinstance(entry, ReplaySettings):
            return self._replay(candidate, entry, path)
        if isinstance(entry, ManualSettings):
            found = self._files.existing(entry.labels or "", (*path, "labels"), "the file of labels")
            return late.open_baseline(candidate, self._clock, found)
        if isinstance(entry, BaselineSettings):
            return late.open_baseline(candidate, self._clock)
        if isinstance(entry, SentenceTransformersSettings):
            return late.sentence_transformers()(candidate, self._clock)
        if isinstance(entry, PythonSettings | CommandSettings):
            opened = self._local(candidate, entry, path)
        else:
            opened = self._remote(candidate, entry, path)
        if isinstance(entry, PythonSettings | CommandSettings | HttpSettings) and entry.pipeline is not None:
            return self._recorded(opened, entry.name, entry.pipeline, (*path, "pipeline"))
        return opened

    def _recorded(self, provider: Provider, name: str, settings: PipelineSettings, path: Path) -> Provider:
        """Return a provider that also learns of the model calls which this one makes."""
        key = self._secret(name, settings.api_key_env, (*path, "api_key_env"))
        other = self._secret(name, settings.anthropic_key_env, (*path, "anthropic_key_env"))
        if settings.record == "proxy":
            return late.through_proxy(
                provider,
                self._clock,
                late.Calls(price_of=self._price_of, most_calls=settings.most_calls),
                openai=(settings.base_url, key),
                anthropic=None if settings.anthropic_url is None else (settings.anthropic_url, other),
                options={"timeout": settings.call_timeout, "ask_usage": settings.ask_usage},
            )
        spans = None if settings.spans_file is None else self._files.folder / settings.spans_file
        calls = late.Calls(price_of=self._price_of, most_calls=settings.most_calls)
        return late.with_spans(provider, self._clock, calls, spans, settings.settle)

    def _remote(
        self,
        candidate: Candidate,
        entry: OpenAISettings | AnthropicSettings | HttpSettings | LiteLLMSettings,
        path: Path,
    ) -> Provider:
        key = self._key(entry, path)
        if isinstance(entry, LiteLLMSettings):
            return late.litellm()(candidate, key, self._clock, entry.timeout, headers=entry.headers)
        connection = self._connection(entry, path)
        if isinstance(entry, OpenAISettings):
            return late.openai()(candidate, key, self._clock, connection=connection)
        if isinstance(entry, AnthropicSettings):
            return late.anthropic()(candidate, key, self._clock, connection=connection)
        return late.http()(candidate, key, self._clock, connection=connection)

    def _connection(
        self, entry: OpenAISettings | AnthropicSettings | HttpSettings, path: Path
    ) -> "Connection":
        connection, timeouts = late.wire()
        ca_file = None
        if entry.ca_file is not None:
            ca_file = self._files.existing(entry.ca_file, (*path, "ca_file"), "the file of certificates")
        filled = [
            value
            for name, value in entry.headers.items()
            if (*path, "headers", name) in self._document.written
        ]
        return connection(
            headers=entry.headers,
            # What came from the environment is kept out of replies and messages, whatever the header is called.
            secrets=tuple(value for value in filled if len(value) >= SHORTEST_SECRET),
            ca_file=ca_file,
            timeouts=timeouts(
                connect=entry.timeouts.connect,
                first_token=entry.timeouts.first_token,
                between_tokens=entry.timeouts.between_tokens,
                attempt=entry.timeout,
            ),
        )

    def _local(self, candidate: Candidate, entry: PythonSettings | CommandSettings, path: Path) -> Provider:
        if isinstance(entry, PythonSettings):
            place = self._document.value((*path, "function"))
            function = load_function(entry.function, self._files.folder, place)
            return late.python()(
                candidate,
                function,
                self._clock,
                entry.timeout,
                limits=late.function_limits(_to_redact(self._secrets())),
            )
        return late.command()(candidate, self._command(entry), self._clock, entry.timeout)

    def _command(self, entry: CommandSettings) -> "Command":
        return late.command_record()(
            words=entry.command,
            folder=self._files.folder,
            keep_alive=entry.keep_alive,
            answer=entry.answer,
            processes=entry.processes,
            in_flight=entry.in_flight,
            ready=entry.ready,
            start_timeout=entry.start_timeout,
            secrets=_to_redact(self._secrets()),
            environment=late.command_environment(self._environment, self._secrets(), entry.environment),
        )

    def _secrets(self) -> dict[str, str]:
        return _secrets(self._document, self._environment)

    def _replay(self, candidate: Candidate, entry: ReplaySettings, path: Path) -> Provider:
        if entry.path not in self._recordings:
            found = self._files.existing(entry.path, (*path, "path"), "the recording")
            self._recordings[entry.path] = Recording.read(found)
        parameters = dict(candidate.parameters)
        if entry.select is None:
            # The name is in the identity as `select`, but only a stated one must stand in the file.
            parameters.pop("select")
        asked = replace(candidate, name=entry.name, parameters=parameters)
        return self._recordings[entry.path].provider(asked, self._clock)

    def _key(
        self, entry: OpenAISettings | AnthropicSettings | HttpSettings | LiteLLMSettings, path: Path
    ) -> str | None:
        return self._secret(entry.name, entry.api_key_env or _own_key(entry), (*path, "api_key_env"))

    def _secret(self, name: str, variable: str | None, path: Path) -> str | None:
        if variable is None:
            return None
        key = self._environment.get(variable, "").strip()
        if not key:
            at = path if path in self._document.values else path[:-1]
            raise MissingSecretError(
                f"the candidate {name!r} needs a key, and the environment variable {variable} is not set",
                place=self._document.value(at),
                hint=f"export {variable}=...   (another variable: `{path[-1]}: NAME`)",
            )
        return key


def secret_values(document: Document, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values that nothing of a project may hold which is written down."""
    return _to_redact(_secrets(document, environment))


def _secrets(document: Document, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that look like secrets, or that the project file names for a key."""
    named = set(_key_variables(document.data))
    return {
        name: value
        for name, value in environment.items()
        if value and (name.endswith(SECRET_ENDINGS) or name in named)
    }


def _key_variables(data: Data) -> Iterator[str]:
    """Yield the variables that a project file names for a key, wherever it does."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key.endswith("key_env") and isinstance(value, str):
                yield value
            yield from _key_variables(value)
    elif isinstance(data, list):
        for item in data:
            yield from _key_variables(item)


def _to_redact(secrets: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values that no reply may hold."""
    return tuple(value for value in secrets.values() if len(value) >= SHORTEST_SECRET)


def _own_key(entry: OpenAISettings | AnthropicSettings | HttpSettings | LiteLLMSettings) -> str | None:
    """Return the variable that a company's own endpoint takes its key from; others may need none."""
    own = {OPENAI_URL: OPENAI_KEY, ANTHROPIC_URL: ANTHROPIC_KEY}
    hosts = {urlsplit(address).hostname: variable for address, variable in own.items()}
    if isinstance(entry, OpenAISettings | AnthropicSettings):
        return hosts.get(urlsplit(entry.base_url).hostname)
    return None


def open_metrics(specs: Sequence[MetricSpec], document: Document, files: Files) -> tuple[Metric, ...]:
    """Return the metrics of a task: built-in ones, and those that users bring.

    Raises:
        ConfigurationError: for an unknown metric or option, or what cannot be loaded.
    """
    opened: dict[int, Metric] = {}
    for index, spec in enumerate(specs):
        if spec.kind != CHECKS:
            with located(document, ("metrics", index)):
                opened[index] = open_metric(spec, files.folder, document.value(("metrics", index)))
    # `checks` last: what scores the cases without checks depends on what the others are
    for index, spec in enumerate(with_defaults(specs, opened)):
        if index not in opened:
            with located(document, ("metrics", index)):
                place, own = document.value(("metrics", index)), "otherwise" in specs[index].options
                opened[index] = _open_checks(spec, files, place, {each.kind for each in specs}, own=own)
    return tuple(opened[index] for index in range(len(specs)))


def _open_checks(spec: MetricSpec, files: Files, place: Place, named: Iterable[str], *, own: bool) -> Metric:
    """Return the metric `checks`; what the project file itself says for cases without checks is verified."""
    metric = open_metric(spec, files.folder, place)
    if isinstance(metric, Checks):
        metric = opened_checks(metric, files.folder, place, named)
        if own:
            metric.verify()
    return metric
