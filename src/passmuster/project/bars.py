"""The bars of a project file: what each is on, about which cases, and its limit in the metric's own unit."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from passmuster.decide.phrases import is_ratio
from passmuster.decide.slice_rule import SliceRule
from passmuster.errors import ConfigurationError
from passmuster.project import quantities
from passmuster.project.settings import BarSettings, ProjectSettings
from passmuster.project.validate import closest, located
from passmuster.project.yaml import Document, Path
from passmuster.records.score import Direction
from passmuster.records.task import CORPUS_BARS, OPERATIONAL, Bar, MetricSpec

_NAME = re.compile(r"[\w\- ]+")
_EITHER = "Write exactly one of the two, such as {at_least: 0.9}."
_VERSUS = "Write one limit, such as {versus: incumbent, margin: 2 points}: not worse by more than that."


def slices_of(settings: ProjectSettings, document: Document) -> dict[str, str]:
    """Return the named slices of a project.

    Raises:
        ConfigurationError: for an expression that cannot be read.
    """
    for name, rule in settings.slices.items():
        with located(document, ("slices", name)):
            SliceRule(rule, "slices")
    return dict(settings.slices)


def bars_of(
    settings: ProjectSettings,
    specs: Sequence[MetricSpec],
    document: Document,
    direction: Callable[[MetricSpec], Direction],
) -> tuple[Bar, ...]:
    """Return the bars of a project, one for each limit.

    Args:
        settings: Of the project.
        specs: The task's metrics.
        document: The project file, for places.
        direction: Returns whether more of a metric is better; asked where a bar says a margin only.

    Raises:
        ConfigurationError: for a bar on what the task does not have or what is for sanity only, without a limit, with a
            wrong unit, on a slice that cannot be read, or against an incumbent that nobody named.
    """
    made: list[Bar] = []
    for name, bars in settings.bars.items():
        _known(name, specs, document)
        for index, bar in enumerate(bars):
            path: Path = ("bars", name, index)
            path = path if path in document.values else ("bars", name)
            made += _Writer(settings, document, name, path, _side(specs, name, direction)).bars(bar)
    return tuple(made)


def _known(name: str, specs: Sequence[MetricSpec], document: Document) -> None:
    metrics = [spec.name for spec in specs]
    if name not in metrics and name not in OPERATIONAL:
        raise ConfigurationError(
            f"there is a bar on {name!r}, but the task has no such metric",
            place=document.key(("bars", name)),
            hint=closest(name, [*metrics, *OPERATIONAL]),
        )
    if any(spec.name == name and spec.role == "sanity" for spec in specs):
        raise ConfigurationError(
            f"there is a bar on {name!r}, which is for sanity only: it is shown, and no part of a verdict",
            place=document.key(("bars", name)),
            hint="Take the bar out, or `role: sanity` of the metric.",
        )


def _side(
    specs: Sequence[MetricSpec], name: str, direction: Callable[[MetricSpec], Direction]
) -> Callable[[], Direction]:
    """Return what says on which side of the incumbent a margin is; no operational figure is better where it is higher."""
    spec = next((spec for spec in specs if spec.name == name), None)
    return lambda: "lower" if spec is None else direction(spec)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the bars of one entry, whose place is `path`."""

    settings: ProjectSettings
    document: Document
    name: str
    path: Path
    side: Callable[[], Direction]

    def bars(self, bar: BarSettings) -> Iterator[Bar]:
        """Yield a bar for the limit of an entry, and one for that of each of its slices."""
        self._refuse(bar)
        key = next(key for key, value in self._limits(bar).items() if value is not None)
        limit = self._limits(bar)[key]
        if bar.slice is not None:
            self._check_slice(bar.slice, (*self.path, "slice"))
        yield self._bar(bar, key, limit, (*self.path, key), bar.slice)
        for name, other in bar.slices.items():
            self._check_slice(name, (*self.path, "slices", name))
            yield self._bar(bar, key, other, (*self.path, "slices", name), name)

    @staticmethod
    def _limits(bar: BarSettings) -> Mapping[str, float | str | None]:
        return {"at_least": bar.at_least, "at_most": bar.at_most, "margin": bar.margin}

    def _refuse(self, bar: BarSettings) -> None:
        stated = [key for key, value in self._limits(bar).items() if value is not None]
        if bar.versus is None and "margin" in stated:
            raise self._error(("margin",), "has a margin, but says not over whom", "Add `versus: incumbent`.")
        if len(stated) != 1:
            told = f"both {' and '.join(stated)}" if stated else "no limit"
            raise self._error((), f"has {told}", _EITHER if bar.versus is None else _VERSUS)
        if bar.versus is not None and self.settings.incumbent is None:
            hint = "Add `incumbent: ...` with the name of the candidate in production today."
            raise self._error(("versus",), "is held against an incumbent, and none is named", hint)
        if bar.versus is not None and self.name == "cost_per_month":
            hint = "Take cost_per_task, or a limit in US dollars: part of a month's cost does not grow with the cases."
            raise self._error(("versus",), "cannot be held against the incumbent", hint)
        if bar.slice is not None and bar.each is not None:
            raise self._error(
                ("each",), "has both slice and each", "Write a bar of its own for each of the two."
            )
        about = [key for key in ("slice", "each", "versus") if getattr(bar, key) is not None]
        about += ["slices"] if bar.slices else []
        if self.name in CORPUS_BARS and about:
            raise self._error((about[0],), f"is one on all cases, and takes no {about[0]}", None)

    def _error(self, key: Path, told: str, hint: str | None) -> ConfigurationError:
        path = (*self.path, *key)
        path = path if path in self.document.values else self.path
        return ConfigurationError(
            f"the bar on {self.name!r} {told}", place=self.document.value(path), hint=hint
        )

    def _check_slice(self, rule: str, path: Path) -> None:
        if rule in self.settings.slices:
            return
        at = self.document.key(path) if path[-2:-1] == ("slices",) else self.document.value(path)
        try:
            SliceRule(rule, f"bars.{self.name}")
        except ConfigurationError as error:
            if not _NAME.fullmatch(rule):
                raise ConfigurationError(error.message, place=at, hint=error.hint) from error
            hint = closest(rule, self.settings.slices) or "Name it: `slices: {edge: \"category == 'edge'\"}`."
            message = f"the bar on {self.name!r}: there is no slice {rule!r}"
            raise ConfigurationError(message, place=at, hint=hint) from None

    def _bar(
        self, bar: BarSettings, key: str, limit: float | str | None, path: Path, about: str | None
    ) -> Bar:
        value = self._value(bar, key, limit, path)
        upper = key == "at_most" or (key == "margin" and self.side() == "lower")
        if key == "margin":
            value = 1 + value if is_ratio(self.name) else value if upper else -value
        return Bar(
            metric=self.name,
            at_least=None if upper else value,
            at_most=value if upper else None,
            slice=about,
            versus=bar.versus,
            each=bar.each if about is None else None,
        )

    def _value(self, bar: BarSettings, key: str, limit: float | str | None, path: Path) -> float:
        try:
            value = quantities.limit(self.name, limit) if bar.versus is None else quantities.share(limit)
        except ValueError as error:
            told = str(error).replace(repr(limit), self.document.shown(path, limit))
            message = f"the bar on {self.name!r}: {told}"
            raise ConfigurationError(message, place=self.document.value(path)) from None
        if key == "margin" and value < 0:
            hint = "Write it without the sign, or `at_least: 1 point` for one that must be better."
            raise self._error(
                path[len(self.path) :], f"has a margin below 0: {self.document.shown(path, limit)}", hint
            )
        if bar.versus is not None and key != "margin" and is_ratio(self.name) and value <= 0:
            hint = "Write how many times the incumbent's, such as {versus: incumbent, at_most: 1.1}."
            raise self._error(path[len(self.path) :], "is a ratio, which must be above 0", hint)
        return value
