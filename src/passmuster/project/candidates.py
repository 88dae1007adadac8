"""From settings to candidates: what decides an answer goes into a candidate's identity, the rest beside it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path as FilePath
from typing import Literal

from passmuster.adapters.providers import late
from passmuster.adapters.providers.replay.provider import recording_digest
from passmuster.corpus.contamination.cutoff import cutoff_time
from passmuster.errors import ConfigurationError
from passmuster.ports import PriceBook
from passmuster.project.attributes import attributes_of
from passmuster.project.checks import Files, refuse_duplicates
from passmuster.project.entries import (
    Asked,
    BaselineSettings,
    EgressSettings,
    Entry,
    ManualSettings,
    PriceSettings,
    ReplaySettings,
    SentenceTransformersSettings,
)
from passmuster.project.expectations import expected_of
from passmuster.project.few_shot import Shots
from passmuster.project.identity import asked
from passmuster.project.machines import infrastructure_of, upkeep_of
from passmuster.project.prompts import Variant, read_variants
from passmuster.project.settings import ProjectSettings
from passmuster.project.validate import closest, located
from passmuster.project.yaml import Document, Path
from passmuster.records.candidate import Candidate, Egress, Kind, ManualProcess, Price, Prompt
from passmuster.records.case import Case, case_digest
from passmuster.records.digest import digest
from passmuster.records.record import Json
from passmuster.workflows.report_names import candidate_file

FITTED_KINDS = frozenset({"logistic_regression", "naive_bayes", "decision_tree"})
"""Baselines that learn from the train split; a constant does where no text is given for it."""
REASONING = re.compile(
    r"(^|/)(o1|o3|o4|gpt-5|deepseek-reasoner)|thinking|(^|[-/_])r1($|[-:_])", re.IGNORECASE
)
"""Model names of which `reasoning: auto` says that they bill reasoning tokens."""


def is_reasoning(model: str | None) -> bool:
    """Return whether a model of this name bills reasoning tokens, as far as its name tells.

    Example:
        >>> is_reasoning("o3-mini"), is_reasoning("deepseek-r1"), is_reasoning("gpt-4o")
        (True, True, False)
    """
    return bool(model and REASONING.search(model))


class Candidates:
    """Makes the candidates of a project; reads the prompts and the recordings that they name.

    Args:
        settings: The project.
        document: Its file.
        files: The files that it names.
        key: Where they are listed; `scorers` are given no prompt.
    """

    def __init__(
        self,
        settings: ProjectSettings,
        document: Document,
        files: Files,
        key: Literal["candidates", "scorers"] = "candidates",
    ) -> None:
        if key == "scorers":
            _refuse_prompts(settings, document)
            settings = replace(settings, candidates=settings.scorers, prompt=(), prompts=())
        self._key = key
        self._settings = settings
        self._document = document
        self._files = files
        self._recordings: dict[FilePath, str] = {}
        self._price_files: dict[FilePath, PriceBook] = {}
        refuse_duplicates([entry.name for entry in settings.candidates], document, key)
        self._prompts = self._listed_prompts()
        self.variants = [
            (index, name, prompt)
            for index, entry in enumerate(settings.candidates)
            for name, prompt in self._variants(entry, index)
        ]
        self.names = [name for _, name, _ in self.variants]
        refuse_duplicates(self.names, document, key)
        self._refuse_shared_files()
        self._attributes = {
            entry.name: attributes_of(entry.attributes, document, (key, index, "attributes"))
            for index, entry in enumerate(settings.candidates)
        }
        metrics = [metric.name for metric in settings.metrics]
        self._expected = {
            entry.name: expected_of(entry.expected, metrics, document, (key, index, "expected"))
            for index, entry in enumerate(getattr(settings, key))
        }

    def build(
        self,
        train: Callable[[], Sequence[Case]],
        prices: PriceBook,
        cards: Callable[[FilePath], PriceBook],
        shots: Shots,
    ) -> list[tuple[Candidate, Entry, Path]]:
        """Return each candidate with the settings and the place that it comes from.

        Args:
            train: Gives the cases that fitted baselines learn from; called only where there is one.
            prices: Finds list prices.
            cards: Opens a file of price cards.
            shots: Draws the few-shot cases of prompts.
        """
        self._cards, self._shots = cards, shots
        built = []
        for index, name, prompt in self.variants:
            entry = self._settings.candidates[index]
            path: Path = (self._key, index)
            built.append((self._candidate(entry, name, prompt, path, train, prices), entry, path))
        return built

    def _listed_prompts(self) -> list[Variant]:
        """Return the variants of the project, which all candidates have that bring none of their own."""
        settings, document = self._settings, self._document
        if settings.prompt and settings.prompts:
            raise ConfigurationError(
                "there is both `prompt` and `prompts`",
                place=document.key(("prompts",)),
                hint="Put all variants into one list.",
            )
        key: Path = ("prompts" if settings.prompts else "prompt",)
        return read_variants(settings.prompt or settings.prompts, key, document, self._files)

    def _refuse_shared_files(self) -> None:
        """Refuse two candidates whose reports would be one file, also where upper and lower case are the same."""
        seen: dict[str, str] = {}
        for index, name, _ in self.variants:
            path = self._at((self._key, index), "name")
            file, shown = candidate_file(name).casefold(), self._document.shown(path, name)
            if file in seen:
                raise ConfigurationError(
                    f"the reports of {seen[file]} and {shown} would be one file",
                    place=self._document.value(path),
                    hint="In the names of files all but letters, digits and `._-` becomes `-`. Give one another "
                    "`name:`; nothing is asked again for that.",
                )
            seen[file] = shown

    def _variants(self, entry: Entry, index: int) -> list[tuple[str, Variant | None]]:
        if isinstance(entry, BaselineSettings | ManualSettings | SentenceTransformersSettings):
            return [(entry.name, None)]
        own = read_variants(entry.prompt, (self._key, index, "prompt"), self._document, self._files)
        if isinstance(entry, ReplaySettings):
            self._refuse_parameters(entry, own)
        prompts = own or self._prompts
        if isinstance(entry, ReplaySettings) and not own and len(prompts) > 1:
            return [(entry.name, None)]
        if len(prompts) <= 1:
            return [(entry.name, prompts[0] if prompts else None)]
        return [(f"{entry.name}/{prompt.name}", prompt) for prompt in prompts]

    def _refuse_parameters(self, entry: Entry, own: Sequence[Variant]) -> None:
        for variant in own:
            if variant.settings.parameters:
                raise ConfigurationError(
                    f"the recorded candidate {entry.name!r} has `parameters` in a prompt: it was asked before",
                    place=self._document.value((*variant.path, "parameters")),
                    hint="Name the recordings of each setting as candidates of their own.",
                )

    def _at(self, path: Path, key: str) -> Path:
        return (*path, key) if (*path, key) in self._document.values else path

    def _candidate(
        self,
        entry: Entry,
        name: str,
        variant: Variant | None,
        path: Path,
        train: Callable[[], Sequence[Case]],
        prices: PriceBook,
    ) -> Candidate:
        blank = self._blank(entry, name, variant)
        if isinstance(entry, BaselineSettings):
            self._refuse_unknown_options(entry, path)
            return _baseline(blank, entry, train)
        if isinstance(entry, ManualSettings):
            return self._manual(blank, entry, path)
        if isinstance(entry, SentenceTransformersSettings):
            return _local(blank, entry)
        if isinstance(entry, ReplaySettings):
            built = self._replay(blank, entry, path)
            model: str | None = entry.model or entry.select or entry.name
        else:
            with located(self._document, path):
                built = asked(blank, _with_parameters(entry, variant), self._files.folder)
            model = entry.model
        reasoning = is_reasoning(model) if entry.reasoning == "auto" else entry.reasoning
        return replace(
            built,
            reasoning=reasoning,
            infrastructure=infrastructure_of(entry.infrastructure),
            egress=_egress(entry.egress),
            training_cutoff=self._cutoff(entry.training_cutoff, (*path, "training_cutoff")),
            price=self._price(entry.prices, replace(built, model=model), path, prices),
        )

    def _blank(self, entry: Entry, name: str, variant: Variant | None) -> Candidate:
        """Return what a candidate of any kind has."""
        return Candidate(
            name=name,
            provider=entry.provider,
            prompt=None if variant is None else self._prompt(entry, variant),
            base=_base(entry, name, variant),
            concurrency=entry.concurrency,
            simulated=entry.simulated,
            attributes=self._attributes.get(entry.name, {}),
            upkeep=upkeep_of(entry.upkeep),
            expected=self._expected.get(entry.name, {}),
        )

    def _prompt(self, entry: Entry, variant: Variant) -> Prompt:
        """Return a prompt with the cases that it shows: those that this candidate may receive."""
        if variant.settings.few_shot is None:
            return variant.prompt
        egress = _egress(getattr(entry, "egress", None))
        shown = self._shots.of(variant.settings.few_shot, (*variant.path, "few_shot"), egress)
        return replace(variant.prompt, examples=shown)

    def _cutoff(self, stated: str | int | None, path: Path) -> str | None:
        if stated is None:
            return None
        with located(self._document, path):
            cutoff_time(str(stated))
        return str(stated)

    def _refuse_unknown_options(self, entry: BaselineSettings, path: Path) -> None:
        known = [field.name for field in fields(late.baseline_options()[entry.kind])]  # type: ignore[arg-type]  # every record is a dataclass
        for name in entry.options:
            if name not in known:
                raise ConfigurationError(
                    f"the baseline {entry.kind} has no option {name!r}",
                    place=self._document.key((*path, name)),
                    hint=closest(name, known),
                )

    def _replay(self, blank: Candidate, entry: ReplaySettings, path: Path) -> Candidate:
        recording = self._recording(entry.path, (*path, "path"))
        select = entry.name if entry.select is None else entry.select
        kind: Kind = "baseline" if entry.baseline else "llm"
        parameters: dict[str, Json] = {"recording": recording, "select": select}
        return replace(blank, kind=kind, model=entry.model, parameters=parameters)

    def _recording(self, name: str, path: Path) -> str:
        found = self._files.existing(name, path, "the recording")
        if found not in self._recordings:
            with located(self._document, path):
                self._recordings[found] = recording_digest(found)
        return self._recordings[found]

    def _manual(self, blank: Candidate, entry: ManualSettings, path: Path) -> Candidate:
        parameters: dict[str, Json] = {"kind": "manual"}
        if entry.labels is not None:
            parameters["labels"] = self._recording(entry.labels, (*path, "labels"))
        process = ManualProcess(
            minutes=entry.minutes,
            hourly=entry.hourly,
            turnaround=entry.turnaround,
            error_rate=entry.error_rate,
        )
        return replace(blank, kind="manual", parameters=parameters, manual=process)

    def _price(
        self, settings: PriceSettings, candidate: Candidate, path: Path, prices: PriceBook
    ) -> Price | None:
        if settings.book == "unknown":
            return None
        if settings.book == "auto":
            return prices.find(candidate)
        if settings.file is not None:
            found = self._files.existing(settings.file, (*path, "prices", "file"), "the file of price cards")
            with located(self._document, path):
                return self._price_files.setdefault(found, self._cards(found)).find(candidate)
        if settings.input is None or settings.output is None:
            raise ConfigurationError(
                "prices need both `input` and `output`, in US dollars per million tokens",
                place=self._document.value((*path, "prices")),
                hint="Or write `prices: auto` or `prices: unknown`.",
            )
        return Price(
            input=settings.input,
            output=settings.output,
            cached=settings.cached,
            cache_write=settings.cache_write,
            reasoning=settings.reasoning,
        )


def _refuse_prompts(settings: ProjectSettings, document: Document) -> None:
    for index, entry in enumerate(settings.scorers):
        if getattr(entry, "prompt", ()):
            raise ConfigurationError(
                f"the scorer {entry.name!r} has a prompt",
                place=document.key(("scorers", index, "prompt")),
                hint="What it is asked comes from the metric; leave the prompt out.",
            )


def _baseline(blank: Candidate, entry: BaselineSettings, train: Callable[[], Sequence[Case]]) -> Candidate:
    parameters: Mapping[str, Json] = {"kind": entry.kind, **entry.options}
    fitted = entry.kind in FITTED_KINDS or (entry.kind == "constant" and entry.options.get("text") is None)
    return replace(
        blank,
        kind="baseline",
        parameters=parameters,
        fitted_on=_train_digest(train()) if fitted else None,
        infrastructure=infrastructure_of(entry.infrastructure),
    )


def _local(blank: Candidate, entry: SentenceTransformersSettings) -> Candidate:
    """Return a model on this machine; another device gives other last digits, so it is part of the identity."""
    parameters: dict[str, Json] = {"device": entry.device}
    if entry.revision is not None:
        parameters["revision"] = entry.revision
    return replace(
        blank,
        model=entry.model,
        parameters=parameters,
        price=Price(input=0.0, output=0.0),
        infrastructure=infrastructure_of(entry.infrastructure),
    )


def _train_digest(train: Sequence[Case]) -> str:
    return digest(sorted([case_digest(case), digest(case.reference)] for case in train))


def _with_parameters(entry: Asked, variant: Variant | None) -> Asked:
    """Return an entry with the parameters of a variant over its own."""
    if variant is None or not variant.settings.parameters:
        return entry
    return replace(entry, parameters={**entry.parameters, **variant.settings.parameters})


def _base(entry: Entry, name: str, variant: Variant | None) -> str | None:
    """Return what a candidate is a variant of; recordings with a model and a prompt of their own are of that model."""
    if variant is None:
        return None
    if isinstance(entry, ReplaySettings):
        return entry.model if entry.prompt else None
    return entry.name if name != entry.name else None


def _egress(settings: EgressSettings | None) -> Egress | None:
    if settings is None:
        return None
    return Egress(personal_data=settings.personal_data, strata=settings.strata)
