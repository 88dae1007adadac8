"""What no single class of the settings can see: names that refer to one another, limits and their units, files."""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path as FilePath

from passmuster.decide.slice_rule import SliceRule
from passmuster.errors import ConfigurationError
from passmuster.metrics.judges.ready.library import ready
from passmuster.metrics.metric import UNIT, Metric
from passmuster.project.attributes import requirements_of
from passmuster.project.bars import bars_of, slices_of
from passmuster.project.case_checks import CHECKS
from passmuster.project.costs import costs_of
from passmuster.project.escalation_policy import escalation_of
from passmuster.project.failing import ending_patterns, severities, with_endings
from passmuster.project.gate_policy import gate_of
from passmuster.project.own_metrics import open_metric
from passmuster.project.roles import refuse_sanity_metrics
from passmuster.project.routing_policy import routing_of
from passmuster.project.rubrics import is_rubric_file, read_rubric
from passmuster.project.settings import MetricSettings, ProjectSettings, SuccessSettings
from passmuster.project.validate import closest, located
from passmuster.project.weights import choose_of, dimensions_of
from passmuster.project.yaml import Document, Path
from passmuster.records.record import Json
from passmuster.records.score import Direction
from passmuster.records.task import OPERATIONAL, MetricSpec, Stakes, Success, Task

_WRITTEN_OUT = "A prompt is named by its file: put this text into one, such as prompt.j2."


class Files:
    """Finds the files that a project names: relative to the folder of its file."""

    def __init__(self, document: Document, folder: FilePath) -> None:
        self.folder = folder
        self._document = document

    def existing(self, name: str, path: Path, what: str) -> FilePath:
        """Return the file or folder.

        Raises:
            ConfigurationError: where there is none, with the closest name beside it.
        """
        found = self.folder / FilePath(name).expanduser()
        try:
            exists = found.exists()
        except (OSError, ValueError):
            exists = False
        if not exists:
            raise ConfigurationError(
                f"{what} {self._document.shown(path, name)} does not exist (looked in {self.folder})",
                place=self._document.value(path),
                hint=_WRITTEN_OUT if "{{" in name else self._beside(found),
            )
        return found

    def text(self, name: str, path: Path, what: str) -> str:
        """Return the text of a file.

        Raises:
            ConfigurationError: where it is missing, or no UTF-8 text.
        """
        found = self.existing(name, path, what)
        try:
            return found.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            shown = self._document.shown(path, name)
            raise ConfigurationError(
                f"{what} {shown} cannot be read: {error}", place=self._document.value(path)
            ) from None

    @staticmethod
    def _beside(wanted: FilePath) -> str | None:
        try:
            names = [entry.name for entry in wanted.parent.iterdir()]
        except (OSError, ValueError):
            return None
        hint = closest(wanted.name, names)
        return hint if hint and hint.startswith("Did") else None


def task_of(settings: ProjectSettings, document: Document, files: Files, candidates: Sequence[str]) -> Task:
    """Return the task of the settings, with everything in it checked against everything else.

    Raises:
        ConfigurationError: with the place of the slip and the closest valid name.
    """
    specs = _specs(settings, document, files)
    names = [spec.name for spec in specs]
    refuse_sanity_metrics(settings, specs, document)
    _refuse_unknown_candidates(settings, document, candidates)
    if settings.success is not None:
        _known_metric(settings.success.metric, names, document, ("success",))
    _check_split(settings, document)
    endings = ending_patterns(settings, document)

    def side(spec: MetricSpec) -> Direction:
        return "higher" if spec.kind == CHECKS else _opened(spec, specs, document, files).direction

    def bounds(spec: MetricSpec) -> tuple[float, float]:
        return UNIT if spec.kind == CHECKS else _opened(spec, specs, document, files).bounds

    return Task(
        name=settings.task,
        metrics=with_endings(specs, endings),
        bars=bars_of(settings, specs, document, (side, bounds)),
        slices=slices_of(settings, document),
        success=None if settings.success is None else _success(settings.success),
        cost=costs_of(settings, document),
        incumbent=settings.incumbent,
        finalists=settings.finalists,
        margin=_margin(settings, document),
        repeats=settings.repeats,
        alpha=settings.alpha,
        severity=severities(settings, document),
        endings=endings,
        stakes=_stakes(settings, document),
        purpose=settings.purpose,
        owner=settings.owner,
        requires=requirements_of(settings, document),
        weights=dimensions_of(settings, specs, document, side),
        choose=choose_of(settings, document),
        gate=gate_of(settings, document),
        escalation=(escalation := escalation_of(settings, document, names, candidates)),
        routing=routing_of(settings, document, names, candidates, escalation),
    )


def _opened(spec: MetricSpec, specs: Sequence[MetricSpec], document: Document, files: Files) -> Metric:
    """Return a metric, a user's own one too, to tell which of its values are good, and how far they reach."""
    path: Path = ("metrics", list(specs).index(spec))
    with located(document, path):
        return open_metric(spec, files.folder, document.value(path))


def _margin(settings: ProjectSettings, document: Document) -> float:
    margin = settings.worth.margin
    if not 0 <= margin < 1:
        at: Path = ("worth", "margin") if ("worth", "margin") in document.values else ("worth",)
        raise ConfigurationError(
            f"worth.margin is {margin:g}, which is {margin * 100:g} points: nobody adds so many",
            place=document.value(at),
            hint="Write points of the first metric, such as `5 points` or 0.05.",
        )
    return margin


def _success(stated: SuccessSettings) -> Success:
    least = 1.0 if stated.at_least is None and stated.at_most is None else stated.at_least
    return Success(metric=stated.metric, at_least=least, at_most=stated.at_most)


def refuse_duplicates(names: Sequence[str], document: Document, key: str) -> None:
    """Raise a ConfigurationError at the second of two entries of the list `key` with the same name."""
    counts = Counter(names)
    for index, name in enumerate(names):
        if counts[name] > 1 and name in names[:index]:
            first = names.index(name) + 1
            at: Path = (key, index, "name") if (key, index, "name") in document.values else (key, index)
            raise ConfigurationError(
                f"{key}[{index + 1}] has the same name as {key}[{first}]: {document.shown(at, name)}",
                place=document.value(at),
                hint="Give each a `name:` of its own.",
            )


def _specs(settings: ProjectSettings, document: Document, files: Files) -> tuple[MetricSpec, ...]:
    refuse_duplicates([metric.name for metric in settings.metrics], document, "metrics")
    specs = []
    for index, metric in enumerate(settings.metrics):
        path: Path = ("metrics", index)
        if metric.name in OPERATIONAL:
            raise ConfigurationError(
                f"the name {metric.name!r} is taken: it is measured for every task",
                place=document.value(path),
                hint="Leave it out here; a bar on it needs no metric.",
            )
        specs.append(_spec(metric, path, document, files))
    return tuple(specs)


def _spec(metric: MetricSettings, path: Path, document: Document, files: Files) -> MetricSpec:
    options: dict[str, Json] = dict(metric.options)
    for option, (kinds, read) in FROM_FILES.items():
        name = options.get(option)
        if metric.metric in kinds and isinstance(name, str):
            places = ((*path, option), (*path, metric.name, option))
            at = next((found for found in places if found in document.values), path)
            options[option] = read(name, at, document, files)
    return MetricSpec(name=metric.name, kind=metric.metric, options=options, role=metric.role)


def _schema(name: str, path: Path, document: Document, files: Files) -> Json:
    try:
        return json.loads(files.text(name, path, "the JSON Schema"))
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"the JSON Schema {document.shown(path, name)} is no JSON: {error}", place=document.value(path)
        ) from None


def _labels(name: str, path: Path, document: Document, files: Files) -> Json:
    made = []
    for number, line in enumerate(files.text(name, path, "the file of labels").splitlines(), 1):
        if not line.strip():
            continue
        try:
            made.append(json.loads(line))
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(
                f"line {number} of the labels {document.shown(path, name)} is no JSON: {error}",
                place=document.value(path),
                hint='Each line is an object such as {"case": "7", "reply": "...", "claims": [...]}.',
            ) from None
    return made


def _rubric(name: str, path: Path, document: Document, files: Files) -> Json:
    if is_rubric_file(name):
        return read_rubric(files.text(name, path, "the rubric"), str(files.folder / name))
    with located(document, path):
        ready(name)
    return name


FROM_FILES: Mapping[str, tuple[frozenset[str], Callable[[str, Path, Document, Files], Json]]] = {
    "schema": (frozenset({"json_schema"}), _schema),
    "rubric": (frozenset({"judge", "pairwise"}), _rubric),
    "labels": (frozenset({"factual_precision", "key_points", "omission_rate"}), _labels),
}
"""Options of metrics that a project file may give as the path of a file, and who reads it."""


def _known_metric(name: str, metrics: Sequence[str], document: Document, path: Path) -> None:
    if name not in metrics:
        at = (*path, "metric") if (*path, "metric") in document.values else path
        raise ConfigurationError(
            f"the task has no metric {document.shown(at, name)}",
            place=document.value(at),
            hint=closest(name, metrics),
        )


def _refuse_unknown_candidates(
    settings: ProjectSettings, document: Document, candidates: Sequence[str]
) -> None:
    named: list[tuple[str, Path]] = [(name, ("finalists", i)) for i, name in enumerate(settings.finalists)]
    if settings.incumbent is not None:
        named.insert(0, (settings.incumbent, ("incumbent",)))
    for name, path in named:
        if name not in candidates:
            what = "the incumbent" if path == ("incumbent",) else "the finalist"
            raise ConfigurationError(
                f"{what} {document.shown(path, name)} is no candidate",
                place=document.value(path),
                hint=closest(name, candidates),
            )


def _check_split(settings: ProjectSettings, document: Document) -> None:
    split = settings.corpus.split
    if split is None:
        return
    shares: Mapping[str, float] = {"train": split.train, "eval": split.eval, "holdout": split.holdout}
    total = sum(shares.values())
    if any(value < 0 for value in shares.values()) or not math.isclose(total, 1.0, abs_tol=1e-6):
        told = ", ".join(f"{name} {value:.0%}" for name, value in shares.items())
        raise ConfigurationError(
            f"the shares of a split must sum to 100 %, and none be below 0: {told} is {total:.0%}",
            place=document.value(("corpus", "split")),
        )
    if split.eval == 0 and settings.corpus.use == "eval":
        raise ConfigurationError(
            "nothing is left to score: the share of eval is 0",
            place=document.value(("corpus", "split")),
            hint="Give eval a share, or write `use: all`.",
        )


def _stakes(settings: ProjectSettings, document: Document) -> Stakes | None:
    stated = settings.stakes
    if stated is None or stated.level != "high":
        return None
    if stated.within <= 0:
        message = "stakes.within: no rating is so new; say how old one may be, such as 30 d"
        raise ConfigurationError(message, place=document.value(("stakes", "within")))
    for place, rule in enumerate(stated.slices):
        with located(document, ("stakes", "slices", place)):
            SliceRule(rule)
    return Stakes(within=stated.within, ratings=stated.ratings, slices=stated.slices)
