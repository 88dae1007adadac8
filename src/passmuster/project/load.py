"""A project: its file, and all that the file names, opened when it is asked for."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path

from passmuster.adapters.clock import MonotonicClock
from passmuster.adapters.ingest.rating_logs import RatingFolder
from passmuster.adapters.prices.file_prices import FilePrices
from passmuster.adapters.prices.genai import GenaiPrices
from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.corpus.egress import may_receive
from passmuster.corpus.keys import Joined
from passmuster.errors import ConfigurationError, Place, UsageError
from passmuster.metrics.checks import Checks
from passmuster.metrics.metric import Metric
from passmuster.metrics.two_steps import AskingMetric, ComparingMetric, scorers_of
from passmuster.ports import Clock, PriceBook, Provider
from passmuster.project import yaml
from passmuster.project.candidates import Candidates
from passmuster.project.case_checks import verify_checks
from passmuster.project.checks import Files, task_of
from passmuster.project.corpora import Cases, read_corpus
from passmuster.project.entries import Entry, ManualSettings
from passmuster.project.few_shot import Shots
from passmuster.project.independence import refuse_kin
from passmuster.project.opening import Opener, open_metrics
from passmuster.project.prompts import Variant
from passmuster.project.settings import ProjectSettings
from passmuster.project.steps import ProgramKeys, StoredSteps
from passmuster.project.validate import located, validate
from passmuster.records.candidate import Candidate, Price, Prompt, candidate_digest
from passmuster.records.case import Case
from passmuster.records.corpus import CorpusVersion
from passmuster.records.task import Task
from passmuster.runner.bounds import is_free
from passmuster.workflows.scoring import settled, unsettled

FILE_NAME = "passmuster.yaml"


class Project:
    """A project file, checked as a whole; corpus, metrics and providers are opened on demand.

    Args:
        document: The file's data with its places.
        environment: Where keys come from.
        clock: Where times come from.
        prices: Finds list prices.

    Raises:
        ConfigurationError: for any slip that the file itself shows.
    """

    def __init__(
        self,
        document: yaml.Document,
        environment: Mapping[str, str],
        clock: Clock | None = None,
        prices: PriceBook | None = None,
    ) -> None:
        self.document = document
        self.path = Path(document.path)
        self.folder = self.path.parent
        self.settings: ProjectSettings = validate(document)
        self.clock: Clock = clock or MonotonicClock()
        self.prices: PriceBook = prices or GenaiPrices(self.clock)
        self._environment = environment
        self._files = Files(document, self.folder)
        self._candidates = Candidates(self.settings, document, self._files)
        self._scorers = Candidates(self.settings, document, self._files, "scorers")
        self.task: Task = task_of(self.settings, document, self._files, self._candidates.names)

    @property
    def reports_dir(self) -> Path:
        """The folder of reports; it may not exist yet."""
        if self.settings.reports is not None:
            return self.folder / self.settings.reports
        return self.folder / ("eval/reports" if (self.folder / "eval").is_dir() else "reports")

    @property
    def ratings(self) -> RatingFolder:
        """What people said of replies, and what waits to be rated: files beside the cases."""
        corpus = self.folder / self.settings.corpus.path
        return RatingFolder(corpus if corpus.is_dir() else corpus.parent)

    @property
    def store_path(self) -> Path:
        """The file of the store; it may not exist yet."""
        return self.folder / (self.settings.store or ".passmuster/store.db")

    @cached_property
    def _cases(self) -> Cases:
        return read_corpus(self.settings.corpus, self.document, self._files)

    @cached_property
    def _built(self) -> list[tuple[Candidate, Entry, yaml.Path]]:
        return self._candidates.build(self._train, self.prices, self._cards, self._shots)

    @cached_property
    def _shots(self) -> Shots:
        return Shots(self.document, lambda: self._cases)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The candidates, in the order of the file; each LLM once per prompt."""
        return tuple(candidate for candidate, _, _ in self._built)

    def entry_of(self, name: str) -> Entry:
        """Return what the file says of a candidate.

        Raises:
            UsageError: where the project has none of this name.
        """
        for candidate, entry, _ in self._built:
            if candidate.name == name:
                return entry
        raise UsageError(f"there is no candidate {name!r}")

    @cached_property
    def _built_scorers(self) -> list[tuple[Candidate, Entry, yaml.Path]]:
        return self._scorers.build(self._train, self.prices, self._cards, self._shots)

    @property
    def scorers(self) -> tuple[Candidate, ...]:
        """The models that metrics ask, in the order of the file."""
        return tuple(candidate for candidate, _, _ in self._built_scorers)

    def scorer(self, name: str) -> Candidate:
        """Return a scorer by its name.

        Raises:
            ConfigurationError: where the project has none of this name.
        """
        self._steps.scorer(name)
        return next(scorer for scorer in self.scorers if scorer.name == name)

    def may_ask(self, scorer: str, question: Case) -> bool:
        """Return whether a scorer may be sent a question.

        Raises:
            ConfigurationError: where the project has no scorer of this name.
        """
        return may_receive(self.scorer(scorer).egress, question)

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that it was opened with."""
        return self._environment

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The prompts that candidates are given, each once, without the few-shot cases that they show."""
        found = [variant.prompt for variant in self.variants]
        return tuple(prompt for place, prompt in enumerate(found) if prompt not in found[:place])

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The prompt variants as the file has them; several candidates may share one."""
        return tuple(variant for _, _, variant in self._candidates.variants if variant is not None)

    def held_back(self) -> Sequence[Case]:
        """Return the cases that no prompt may show: eval, the pools, and a holdout that lies open."""
        return Joined(self._cases.version.cases, self._cases.aside)

    def learned(self) -> Sequence[Case]:
        """Return the train cases; none where the corpus has no train split."""
        return self._cases.train

    @property
    def asked(self) -> tuple[Candidate, ...]:
        """The candidates that answer cases: all but people whose figures are only stated."""
        return tuple(candidate for candidate, entry, _ in self._built if not _stated(entry))

    @property
    def priced(self) -> bool:
        """Whether any candidate is paid for by the call, or may be."""
        return any(not is_free(candidate) for candidate in self.asked)

    def corpus(self) -> CorpusVersion:
        """Return the cases to score.

        Raises:
            CorpusError: where a file of cases is wrong.
            ConfigurationError: for a case with a check that no metric can be made for.
        """
        return self._checked

    @cached_property
    def _checked(self) -> CorpusVersion:
        version = self._cases.version
        own = (
            [case for case in version.cases if case.checks] if isinstance(version.cases, tuple | list) else []
        )
        if own:
            for metric in self.metrics():
                if isinstance(metric, Checks):
                    verify_checks(own, metric.metric_of)
        return version

    @cached_property
    def _metrics(self) -> tuple[Metric, ...]:
        opened = open_metrics(self.task.metrics, self.document, self._files)
        for index, metric in enumerate(opened):
            if isinstance(metric, AskingMetric | ComparingMetric):
                with located(self.document, ("metrics", index)):
                    for scorer in scorers_of(metric):
                        self._steps.scorer(scorer)
                    if isinstance(metric, ComparingMetric) and metric.against is not None:
                        self._steps.candidate(metric.against)
        refuse_kin(opened, self.document, self.scorer, lambda: self.candidates)
        return tuple(settled(metric, self._steps.kept) for metric in opened)

    @cached_property
    def _steps(self) -> StoredSteps:
        scorers = self.scorers
        return StoredSteps(
            partial(SqliteStore, self.store_path),
            lambda: {scorer.name: candidate_digest(scorer) for scorer in scorers},
            lambda: {candidate.name: candidate_digest(candidate) for candidate in self.candidates},
            ProgramKeys(self.folder, self.settings.sandbox.around),
            self.may_ask,
        )

    @property
    def program_keys(self) -> ProgramKeys:
        """What names programs that metrics run."""
        return self._steps.keys

    def metrics(self) -> tuple[Metric, ...]:
        """Return the task's metrics; those of two steps look up in the store what lies between.

        Raises:
            ConfigurationError: for an unknown metric or option, or a function that cannot be loaded.
        """
        return self._metrics

    @property
    def scores_in_two_steps(self) -> bool:
        """Whether any metric needs something asked or run before it can score, which `score` does."""
        return any(unsettled(metric) is not metric for metric in self.metrics())

    def providers(
        self, only: Sequence[str] = (), asked_as: Callable[[Candidate], Candidate] | None = None
    ) -> dict[str, Provider]:
        """Open the providers of these candidates (all where none is named), by candidate digest.

        Fitted baselines have learned from the train split. The caller closes them.

        Args:
            only: Names of candidates.
            asked_as: Returns the candidate with another prompt or other parameters, to be asked something else.

        Raises:
            MissingSecretError: where a key is not set.
            ConfigurationError: for options that a provider does not take.
        """
        chosen = [
            (candidate if asked_as is None else asked_as(candidate), entry, path)
            for candidate, entry, path in self._built
            if not _stated(entry) and (not only or candidate.name in only)
        ]
        return self._opened(chosen)

    def scorer_providers(self, only: Sequence[str] = ()) -> dict[str, Provider]:
        """Open the providers of these scorers (all where none is named), as `providers` does.

        Raises:
            MissingSecretError: where a key is not set.
            ConfigurationError: for options that a provider does not take.
        """
        return self._opened([each for each in self._built_scorers if not only or each[0].name in only])

    def _opened(self, chosen: Iterable[tuple[Candidate, Entry, yaml.Path]]) -> dict[str, Provider]:
        opener = Opener(self.document, self._files, self._environment, self.clock, self.price_of)
        return {
            candidate_digest(candidate): opener.open(candidate, entry, path, self._train)
            for candidate, entry, path in chosen
        }

    def store(self) -> SqliteStore:
        """Open the store; use it in a `with` block.

        Raises:
            StoreError: where it cannot be opened.
        """
        return SqliteStore(self.store_path)

    def price_of(self, model: str) -> Price | None:
        """Return the price of a model that a pipeline asks: that of a candidate with this model, else its list price."""
        for candidate in self.candidates:
            if candidate.model == model and candidate.price is not None:
                return candidate.price
        return self.prices.find(Candidate(name=model, provider="openai", model=model))

    def _cards(self, path: Path) -> PriceBook:
        return FilePrices(path, self.clock)

    def _train(self) -> Sequence[Case]:
        train = self._cases.train
        if not train:
            raise ConfigurationError(
                "a fitted baseline needs train cases, and this corpus has none",
                place=self.document.value(("corpus",)),
                hint="Give the file a split (corpus: {path: cases.jsonl, split: {}}) or the folder a train.jsonl; "
                "`use: all` leaves none.",
            )
        return train


def _stated(entry: Entry) -> bool:
    return isinstance(entry, ManualSettings) and entry.labels is None


def load_project(
    path: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    prices: PriceBook | None = None,
) -> Project:
    """Read a project file.

    Args:
        path: The file, or its folder; default: passmuster.yaml in the current folder.
        environment: What fills `${VAR}`, and where keys come from; default: the process's own.
        clock: Where times come from; default: the real clock.
        prices: Finds list prices; default: the price cards that are installed.

    Raises:
        UsageError: where there is no such file.
        ConfigurationError: for any slip in it, with file, line and column.
    """
    found = _file(Path() if path is None else path)
    variables = os.environ if environment is None else environment
    try:
        text = found.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{found} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line = before.count(b"\n") + 1
        raise ConfigurationError("the file is no UTF-8 text", place=Place(str(found), line)) from None
    return Project(yaml.read_yaml(text, str(found), variables), variables, clock, prices)


def open_project(path: str | Path | None = None) -> Project:
    """Open a project: a file, a folder with a passmuster.yaml, or the current folder.

    Raises:
        UsageError: where there is no such file.
        ConfigurationError: for a slip in it, with file, line and column.
    """
    return load_project(None if path is None else Path(path))


def _file(path: Path) -> Path:
    found = path / FILE_NAME if path.is_dir() else path
    if not found.is_file():
        where = "this folder" if path == Path() else str(path)
        raise UsageError(
            f"there is no {FILE_NAME} in {where}" if path.is_dir() else f"there is no file {path}",
            hint="Make a project that works: passmuster init. Or name the file: --project FILE.",
        )
    return found
