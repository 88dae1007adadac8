"""The bars of a project file: what each is on, about which cases, and its limit in the metric's own unit."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from passmuster.decide.phrases import is_ratio
from passmuster.decide.slice_rule import SliceRule
from passmuster.errors import ConfigurationError
from passmuster.metrics.metric import UNIT
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
    of_metric: tuple[Callable[[MetricSpec], Direction], Callable[[MetricSpec], tuple[float, float]]],
) -> tuple[Bar, ...]:
    """Return the bars of a project, one for each limit.

    Args:
        settings: Of the project.
        specs: The task's metrics.
        document: The project file, for places.
        of_metric: Return whether more of a metric is better, and its bounds; asked where a bar says a margin only, and
            where a limit is no share.

    Raises:
        ConfigurationError: for a bar on what the task does not have or what is for sanity only, without a limit, with a
            wrong unit, on a slice that cannot be read, or against an incumbent that nobody named.
    """
    made: list[Bar] = []
    direction, bounds = of_metric
    for name, bars in settings.bars.items():
        _known(name, specs, document)
        for index, bar in enumerate(bars):
            path: Path = ("bars", name, index)
            path = path if path in document.values else ("bars", name)
            side, reach = _side(specs, name, direction), _reach(specs, name, bounds)
            made += _Writer(settings, document, name, path, side, reach).bars(bar)
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


def _reach(
    specs: Sequence[MetricSpec], name: str, bounds: Callable[[MetricSpec], tuple[float, float]]
) -> Callable[[], tuple[float, float]]:
    """Return what says between which values a metric or an operational figure lies."""
    spec = next((spec for spec in specs if spec.name == name), None)
    endless = name.startswith(("latency_", "first_token_", "cost_", "corpus_age"))
    return lambda: (0.0, math.inf if endless else 1.0) if spec is None else bounds(spec)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the bars of one entry, whose place is `path`."""

    settings: ProjectSettings
    document: Document
    name: str
    path: Path
    side: Callable[[], Direction]
    reach: Callable[[], tuple[float, float]]

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
        lower = self.name in OPERATIONAL and self.name != "corpus_coverage"
        if lower and bar.at_least is not None and not (bar.versus is not None and is_ratio(self.name)):
            hint = f"Write `at_most`: less of {self.name} is better."
            raise self._error(("at_least",), "has a limit from below", hint)
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
        self._refuse_out_of_reach(bar, key, limit, value, path)
        if key == "margin" and value < 0:
            hint = "Write it without the sign, or `at_least: 1 point` for one that must be better."
            raise self._error(
                path[len(self.path) :], f"has a margin below 0: {self.document.shown(path, limit)}", hint
            )
        if bar.versus is not None and key != "margin" and is_ratio(self.name) and value <= 0:
            hint = "Write how many times the incumbent's, such as {versus: incumbent, at_most: 1.1}."
            raise self._error(path[len(self.path) :], "is a ratio, which must be above 0", hint)
        return value

    def _refuse_out_of_reach(
        self, bar: BarSettings, key: str, limit: float | str | None, value: float, path: Path
    ) -> None:
        """Refuse a limit that no value could meet, or miss: mostly a 74 where 74 % was meant."""
        if 0 <= value < 1 or (bar.versus is not None and key != "margin"):
            return
        at = path[len(self.path) :]
        shown = self.document.shown(path, limit) if isinstance(limit, str) else f"{value:g}"
        low, high = self.reach()
        if bar.versus is None and not low <= value <= high:
            hint = "Write a share, such as 0.74 or 74 %." if (low, high) == UNIT else None
            raise self._error(
                at, f"has the limit {shown}, and its values lie between {low:g} and {high:g}", hint
            )
        # A ratio of `150 %` is meant as it stands, a bare 10 beside a ratio hardly ever.
        wide = isinstance(limit, float) if is_ratio(self.name) else value >= high - low
        if bar.versus is not None and value >= 1 and wide:
            hint = f"Write `{'10 %' if is_ratio(self.name) else '2 points'}`; {value:g} is {value:.0%}."
            raise self._error(at, f"has a margin of {shown}, which is as good as none", hint)
