"""Opens what candidates need of the outside world: keys, recordings, labels, train cases."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from passmuster.adapters.providers.baselines.manual import read_labels
from passmuster.adapters.providers.baselines.opening import open_baseline
from passmuster.adapters.providers.openai_compatible import OpenAIProvider
from passmuster.adapters.providers.replay import Recording
from passmuster.errors import ConfigurationError, MissingSecretError
from passmuster.metrics.function import function_metric
from passmuster.metrics.metric import Metric
from passmuster.metrics.registry import build_metric
from passmuster.ports import Clock, Fittable, Provider
from passmuster.project.candidates import Entry
from passmuster.project.checks import Files
from passmuster.project.plugins import is_plugin, load_function
from passmuster.project.settings import OPENAI_KEY, ManualSettings, OpenAISettings, ReplaySettings
from passmuster.project.validate import closest, located
from passmuster.project.yaml import Document, Path
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.task import MetricSpec

_FUNCTION_OPTIONS = ("version", "direction", "binary")


class Opener:
    """Opens the providers of a project; a recording that several candidates share is read once."""

    def __init__(
        self, document: Document, files: Files, environment: Mapping[str, str], clock: Clock
    ) -> None:
        self._document = document
        self._files = files
        self._environment = environment
        self._clock = clock
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
        if isinstance(entry, OpenAISettings):
            return OpenAIProvider(candidate, self._key(entry, path), self._clock, entry.timeout)
        if isinstance(entry, ReplaySettings):
            return self._replay(candidate, entry, path)
        if isinstance(entry, ManualSettings):
            found = self._files.existing(entry.labels or "", (*path, "labels"), "the file of labels")
            return open_baseline(candidate, self._clock, read_labels(found))
        return open_baseline(candidate, self._clock)

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

    def _key(self, entry: OpenAISettings, path: Path) -> str | None:
        variable = entry.api_key_env
        if variable is None:
            if urlsplit(entry.base_url).hostname != "api.openai.com":
                return None
            variable = OPENAI_KEY
        key = self._environment.get(variable, "").strip()
        if not key:
            at = (*path, "api_key_env") if (*path, "api_key_env") in self._document.values else path
            raise MissingSecretError(
                f"the candidate {entry.name!r} needs a key, and the environment variable {variable} is not set",
                place=self._document.value(at),
                hint=f"export {variable}=...   (another variable: `api_key_env: NAME`)",
            )
        return key


def open_metrics(specs: Sequence[MetricSpec], document: Document, files: Files) -> tuple[Metric, ...]:
    """Return the metrics of a task: built-in ones, and functions from the project folder.

    Raises:
        ConfigurationError: for an unknown metric or option, or a function that cannot be loaded.
    """
    metrics: list[Metric] = []
    for index, spec in enumerate(specs):
        path: Path = ("metrics", index)
        with located(document, path):
            if is_plugin(spec.kind):
                metrics.append(_function(spec, document, path, files))
            else:
                metrics.append(build_metric(spec))
    return tuple(metrics)


def _function(spec: MetricSpec, document: Document, path: Path, files: Files) -> Metric:
    for name in spec.options:
        if name not in _FUNCTION_OPTIONS:
            raise ConfigurationError(
                f"a metric from a file has no option {name!r}", hint=closest(name, _FUNCTION_OPTIONS)
            )
    version, direction = spec.options.get("version", 1), spec.options.get("direction", "higher")
    binary = spec.options.get("binary")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ConfigurationError(f"version: expected a whole number from 1, found {version!r}")
    if direction not in {"higher", "lower"}:
        raise ConfigurationError(f"direction: {direction!r} is neither higher nor lower")
    if binary is not None and not isinstance(binary, bool):
        raise ConfigurationError(f"binary: expected true or false, found {binary!r}")
    function = load_function(spec.kind, files.folder, document.value(path))
    return function_metric(
        spec.name,
        function,
        version,
        direction="lower" if direction == "lower" else "higher",
        binary=binary,
    )
